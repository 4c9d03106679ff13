"""Words become features: the same for teaching and for answering."""

import pytest

from bot.core.content import Synonyms
from bot.core.language import Language
from bot.core.matching.features import AFTER, MEANING, PAIR, PIECE, STEM, VALUE_BY_KIND, FeatureMaker, Word, distinct
from bot.core.speller import Speller
from tests.core.builders import tokens_of

NO_SYNONYMS = Synonyms({}, frozenset())
SYNONYMS = Synonyms({"crick": "spasm", "charley horse": "spasm", "horse": "animal", "back of the head": "head base"}, frozenset())


def words_of(text: str, maker: FeatureMaker) -> tuple[Word, ...]:
    return maker.words(tokens_of(text))


def between(text: str, english: Language, kind: str, synonyms: Synonyms = NO_SYNONYMS) -> list[str]:
    maker = FeatureMaker(english, synonyms)
    return [name[len(kind) :] for name in maker.between(words_of(text, maker)) if name.startswith(kind)]


# --- one word -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "names"),
    [
        pytest.param("ice", ["wice", "c<ic", "cice", "cce>", "c<ice", "cice>", "c<ice>"], id="a stem and its pieces"),
        pytest.param("spasms", ["wspasm", "c<sp", "cspa", "cpas", "casm"], id="a stem, and pieces of the word itself"),
        pytest.param("the", ["wthe"], id="a word that says little has no pieces"),
        pytest.param("7", ["w7", "c<7>"], id="a number"),
    ],
)
def test_a_word_has_a_stem_and_pieces(said: str, names: list[str], english: Language) -> None:
    maker = FeatureMaker(english, NO_SYNONYMS)
    (word,) = words_of(said, maker)

    assert list(maker.of_word(word))[: len(names)] == names


@pytest.mark.parametrize("said", ["ice", "banana", "ab" * 100], ids=["short", "of equal pieces", "very long"])
def test_no_piece_counts_twice(said: str, english: Language) -> None:
    maker = FeatureMaker(english, NO_SYNONYMS)
    (word,) = words_of(said, maker)
    names = maker.of_word(word)

    assert len(set(names)) == len(names)
    assert {name[0] for name in names} == {STEM, PIECE}
    assert {len(name) - 1 for name in names[1:]} == {3, 4, 5}


def test_a_repaired_word_is_read_as_what_was_meant(english: Language) -> None:
    maker = FeatureMaker(english, NO_SYNONYMS)
    repaired, left = maker.words(tokens_of("spasmms hurts"), Speller({"spasms": 3, "hurts": 1}))

    assert repaired == Word("spasmms", "spasms", "spasm")
    assert left == Word("hurts", "hurts", "hurt")
    assert maker.of_word(repaired) == maker.of_word(*words_of("spasms", maker))


def test_every_kind_of_feature_has_a_value() -> None:
    assert set(VALUE_BY_KIND) == {STEM, MEANING, PAIR, PIECE, AFTER}
    assert VALUE_BY_KIND[STEM] == max(VALUE_BY_KIND.values())


# --- words together -------------------------------------------------------------------------------------------------


def test_pairs_know_the_beginning_and_the_end(english: Language) -> None:
    assert between("my neck hurts", english, PAIR) == ["^ my", "my neck", "neck hurt", "hurt $"]


def test_a_pair_said_twice_counts_once(english: Language) -> None:
    assert between("ice ice ice", english, PAIR) == ["^ ice", "ice ice", "ice $"]


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
        pytest.param("a horse with a crick", ["anim", "spasm"], id="two"),
        pytest.param("nothing", [], id="none"),
    ],
)
def test_a_lay_phrase_has_the_meaning_of_the_plain_word(text: str, meanings: list[str], english: Language) -> None:
    assert between(text, english, MEANING, SYNONYMS) == meanings


def test_no_words_have_no_features(english: Language) -> None:
    assert FeatureMaker(english, SYNONYMS).between(()) == {}


def test_every_feature_knows_the_word_that_brought_it(english: Language) -> None:
    maker = FeatureMaker(english, SYNONYMS)
    words = words_of("warm towel for a charley horse", maker)

    places = maker.between(words)

    assert places[PAIR + "^ warm"] == 0
    assert places[PAIR + "warm towel"] == 1
    assert places[MEANING + "spasm"] == 4
    assert places[PAIR + "hors $"] == 5
    assert set(places.values()) == set(range(len(words)))


@pytest.mark.parametrize(
    ("said", "places"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("my neck hurts", [0, 1, 2], id="all"),
        pytest.param("ice on ice", [0, 1], id="the first of two"),
        pytest.param("spasms and a spasm", [0, 1, 2], id="by stem"),
    ],
)
def test_each_stem_counts_once(said: str, places: list[int], english: Language) -> None:
    assert list(distinct(words_of(said, FeatureMaker(english, NO_SYNONYMS)))) == places
