"""Words become features: the same for teaching and for answering."""

import pytest

from bot.core.content import Synonyms
from bot.core.language import Language
from bot.core.matching.features import MEANING, PAIR, PIECE, STEM, FeatureMaker
from bot.core.speller import Speller
from tests.core.builders import tokens_of

NO_SYNONYMS = Synonyms({}, frozenset())
SYNONYMS = Synonyms({"crick": "spasm", "charley horse": "spasm", "horse": "animal", "back of the head": "head base"}, frozenset())


def names(text: str, english: Language, kind: str, synonyms: Synonyms = NO_SYNONYMS) -> list[str]:
    maker = FeatureMaker(english, synonyms)
    return [name[len(kind) :] for name in maker.features(maker.words(tokens_of(text))) if name.startswith(kind)]


def test_each_stem_counts_once(english: Language) -> None:
    assert names("spasms and spasm and spasming", english, STEM) == ["spasm", "and"]


def test_pairs_know_the_beginning_and_the_end(english: Language) -> None:
    assert names("my neck hurts", english, PAIR) == ["^ my", "my neck", "neck hurt", "hurt $"]


def test_pieces_are_cut_from_words_that_say_something(english: Language) -> None:
    assert names("the ice", english, PIECE) == ["<ic", "ice", "ce>", "<ice", "ice>", "<ice>"]


def test_a_very_long_word_is_cut_like_any_other(english: Language) -> None:
    maker = FeatureMaker(english, NO_SYNONYMS)
    long = "ab" * 100

    once, again = (maker.features(maker.words(tokens_of(long))) for _ in range(2))

    assert once == again
    assert sum(name.startswith(PIECE) for name in once) > 3


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        pytest.param("a crick today", ["spasm"], id="one word"),
        pytest.param("a charley horse", ["spasm"], id="the longest phrase wins"),
        pytest.param("my horse", ["anim"], id="a part of it alone"),
        pytest.param("charley is here", [], id="the beginning of one alone"),
        pytest.param("cricks", ["spasm"], id="by stem"),
        pytest.param("a spasm", ["spasm"], id="the plain word itself"),
        pytest.param("the back of the heads hurts", ["head_base"], id="a phrase for a phrase"),
        pytest.param("crick or charley horse", ["spasm"], id="once"),
        pytest.param("nothing", [], id="none"),
    ],
)
def test_a_lay_phrase_has_the_meaning_of_the_plain_word(text: str, meanings: list[str], english: Language) -> None:
    assert names(text, english, MEANING, SYNONYMS) == meanings


def test_no_words_have_no_features(english: Language) -> None:
    assert FeatureMaker(english, SYNONYMS).features(()) == {}


def test_a_repaired_word_is_read_as_what_was_meant(english: Language) -> None:
    maker = FeatureMaker(english, NO_SYNONYMS)

    (word,) = maker.words(tokens_of("spasmms"), Speller({"spasms": 3}))

    assert (word.said, word.meant, word.stem) == ("spasmms", "spasms", "spasm")


def test_every_feature_knows_the_word_that_brought_it(english: Language) -> None:
    maker = FeatureMaker(english, SYNONYMS)
    words = maker.words(tokens_of("warm towel for a charley horse"))

    features = maker.features(words)

    assert features[STEM + "towel"] == 1
    assert features[MEANING + "spasm"] == 4
    assert features[PAIR + "hors $"] == 5
    assert set(features.values()) <= set(range(len(words)))
