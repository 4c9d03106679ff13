"""Learning: what speaks for a class, what speaks against it, and the same every time."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from bot.core.content import Synonyms
from bot.core.language import Language
from bot.core.matching import weights as weights_module
from bot.core.matching.features import PAIR, PIECE, STEM, FeatureMaker, distinct
from bot.core.matching.weights import MEANING_SHARE, Sample, Weights, learn
from bot.core.vectors import Floats, key_of
from tests.core.builders import all_of, tokens_of

ICE, PILLOW, NONE = 0, 1, 2
CLASSES, TOPICAL = 3, 3
NOTHING = np.zeros(2, np.float32)
COLD = np.array([MEANING_SHARE, 0], np.float32)
SOFT = np.array([0, MEANING_SHARE], np.float32)

TAUGHT = (
    ("ice for my neck", (ICE,), COLD),
    ("cold pack on the neck", (ICE,), COLD),
    ("which pillow for my neck", (PILLOW,), SOFT),
    ("soft pillow", (PILLOW,), SOFT),
    ("cheap flights", (NONE,), NOTHING),
)


@pytest.fixture
def maker(english: Language) -> FeatureMaker:
    return FeatureMaker(english, Synonyms({}, frozenset()))


def names_of(text: str, maker: FeatureMaker) -> list[str]:
    words = maker.words(tokens_of(text))
    return [name for place in distinct(words) for name in maker.of_word(words[place])] + list(maker.between(words))


def sample(
    maker: FeatureMaker,
    text: str,
    labels: tuple[int, ...],
    vector: Floats = NOTHING,
    *,
    contrast: bool = False,
    weight: float = 1.0,
) -> Sample:
    return Sample(names_of(text, maker), vector, labels, ours=labels != (NONE,), contrast=contrast, weight=weight)


def samples(maker: FeatureMaker, *more: Sample) -> Iterator[Sample]:
    yield from (sample(maker, text, labels, vector) for text, labels, vector in TAUGHT)
    yield from more


def taught(maker: FeatureMaker, *more: Sample) -> Weights:
    return learn(samples(maker, *more), CLASSES, 2)


def scores(text: str, maker: FeatureMaker, weights: Weights, vector: Floats = NOTHING) -> list[float]:
    rows, square = weights.rows(names_of(text, maker))
    scaled = rows.sum(0) / (square**0.5 or 1.0) + vector @ weights.meaning
    return [float(score) for score in scaled]


def best(found: Sequence[float]) -> int:
    return max(range(CLASSES), key=lambda column: found[column])


# --- what is learned ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "labels", "vector"), TAUGHT, ids=[text for text, _, _ in TAUGHT])
def test_a_sentence_scores_highest_for_its_own_class(text: str, labels: tuple[int, ...], vector: Floats, maker: FeatureMaker) -> None:
    assert best(scores(text, maker, taught(maker), vector)) == labels[0]


@pytest.mark.parametrize(("text", "label"), [("a pillow", PILLOW), ("ice", ICE), ("flights", NONE)])
def test_a_word_speaks_for_the_class_that_uses_it(text: str, label: int, maker: FeatureMaker) -> None:
    assert best(scores(text, maker, taught(maker))) == label


@pytest.mark.parametrize(("vector", "label"), [(COLD, ICE), (SOFT, PILLOW)], ids=["cold", "soft"])
def test_what_words_mean_speaks_where_words_do_not(vector: Floats, label: int, maker: FeatureMaker) -> None:
    assert best(scores("zorp", maker, taught(maker), vector)) == label


def test_a_question_is_told_from_what_is_none_whatever_the_class(maker: FeatureMaker) -> None:
    weights = taught(maker)

    for text, labels, vector in TAUGHT:
        assert (scores(text, maker, weights, vector)[TOPICAL] > 0) is (labels != (NONE,)), text


def test_two_lessons_agree_to_the_last_bit(maker: FeatureMaker) -> None:
    one, two = (taught(maker, sample(maker, "ice cream", (ICE,), contrast=True), sample(maker, "ice or pillow", (ICE, PILLOW))) for _ in range(2))

    for field in ("keys", "rarity", "matrix", "meaning", "centres"):
        assert getattr(one, field).tobytes() == getattr(two, field).tobytes(), field
    assert one.unknown_rarity == two.unknown_rarity


def test_a_contrast_speaks_against_its_class_and_for_every_other(maker: FeatureMaker) -> None:
    said = "ice for my drink"
    without, told = taught(maker), taught(maker, sample(maker, said, (ICE,), contrast=True))
    before, after = scores(said, maker, without), scores(said, maker, told)

    assert best(before) == ICE
    assert after[ICE] < before[ICE]
    drink, _ = told.rows([STEM + "drink"])
    assert drink[0, ICE] < 0 < drink[0, PILLOW]
    assert drink[0, TOPICAL] == 0, "a contrast may be a question all the same"


def test_a_sure_contrast_is_no_end_of_numbers(maker: FeatureMaker) -> None:
    """Where one class is all but certain, and that is what must not be, the step stays within bounds."""
    again = [sample(maker, "ice", (ICE,), weight=2.0) for _ in range(40)]

    weights = taught(maker, *again, sample(maker, "ice", (ICE,), contrast=True, weight=2.0))

    assert np.isfinite(all_of(weights.matrix)).all()
    assert np.isfinite(weights.meaning).all()


def test_what_is_known_well_enough_teaches_no_more(maker: FeatureMaker) -> None:
    """Said hundreds of times, a sentence is certain, and no more certain for that."""
    often, oftener = (taught(maker, *[sample(maker, "warm towel", (PILLOW,), weight=2.0)] * times) for times in (300, 600))
    once, twice = (scores("warm towel", maker, weights)[PILLOW] for weights in (often, oftener))

    assert once == pytest.approx(twice, rel=0.1)


@pytest.mark.parametrize(
    ("labels", "shares"),
    [
        pytest.param((ICE, PILLOW), (0.6, 0.4), id="two"),
        pytest.param((PILLOW, ICE), (0.4, 0.6), id="the other first"),
        pytest.param((PILLOW, ICE, NONE), (0.2, 0.6, 0.2), id="three"),
    ],
)
def test_a_message_that_several_answer_is_shared(labels: tuple[int, ...], shares: tuple[float, ...], maker: FeatureMaker) -> None:
    """The best has the larger share, the others divide the rest."""
    weights = learn([sample(maker, "neck", labels)], CLASSES, 2)
    found = np.array(scores("neck", maker, weights)[:CLASSES])

    chances = np.exp(found) / np.exp(found).sum()
    assert chances[: len(shares)] == pytest.approx(shares, abs=0.06)


def test_a_weightier_sentence_teaches_more(maker: FeatureMaker) -> None:
    """As when it is said more often."""
    light, heavy = (taught(maker, sample(maker, "warm towel", (PILLOW,), weight=weight)) for weight in (0.1, 2.0))

    assert scores("towel", maker, heavy)[PILLOW] > scores("towel", maker, light)[PILLOW]


def test_the_centre_of_a_class_is_where_its_sentences_are(maker: FeatureMaker) -> None:
    """Contrasts are no sentences of it; a class of which nothing means anything has no centre."""
    weights = taught(maker, sample(maker, "ice cream", (ICE,), SOFT, contrast=True))

    assert weights.centres.T.tolist() == [[1, 0], [0, 1], [0, 0]]


# --- rarity ---------------------------------------------------------------------------------------------------------


def test_a_rare_word_tells_more_than_a_common_one(maker: FeatureMaker) -> None:
    weights = taught(maker)
    ice, neck = weights.rarity_of(STEM + "ice"), weights.rarity_of(STEM + "neck")

    assert ice is not None
    assert neck is not None
    assert ice > neck
    assert weights.unknown_rarity > max(weights.rarity)
    assert weights.rarity_of(STEM + "zorp") is None


def test_a_word_counts_once_a_sentence(maker: FeatureMaker) -> None:
    """However often a feature stands in it; two words may share a piece."""
    twice, once = (learn([Sample(names, NOTHING, (ICE,), ours=True)], CLASSES, 2) for names in ([PIECE + "ing"] * 2, [PIECE + "ing"]))

    assert twice.rarity_of(PIECE + "ing") == once.rarity_of(PIECE + "ing")


# --- reading what was learned ---------------------------------------------------------------------------------------


def test_every_name_has_a_row_and_unknown_ones_add_nothing(maker: FeatureMaker) -> None:
    weights = taught(maker)
    rows, square = weights.rows([STEM + "ice", STEM + "zorp", PAIR + "soft pillow"])
    alone, its_square = weights.rows([STEM + "ice"])
    pair, pair_square = weights.rows([PAIR + "soft pillow"])

    assert rows.shape == (3, CLASSES + 1)
    assert np.array_equal(rows, [alone[0], np.zeros(CLASSES + 1), pair[0]])
    assert square == pytest.approx(its_square + pair_square)


@pytest.mark.parametrize("names", [[], [STEM + "zorp"]], ids=["nothing", "unknown"])
def test_what_nobody_taught_scores_nothing(names: list[str], maker: FeatureMaker) -> None:
    rows, square = taught(maker).rows(names)

    assert (rows.shape, square) == ((len(names), CLASSES + 1), 0.0)
    assert not rows.any()


def test_keys_are_in_order_and_none_stands_twice(maker: FeatureMaker) -> None:
    weights = taught(maker)

    assert (np.diff(weights.keys.astype(np.int64)) > 0).all()
    assert len(weights.keys) == len(weights.rarity) == weights.matrix.shape[0]


def test_of_two_features_with_one_key_the_first_is_kept() -> None:
    """Rare, and no harm: one of some ten thousand is read as another."""
    one, two = STEM + "plumless", STEM + "buckeroo"
    weights = learn([Sample([one], COLD, (ICE,), ours=True), Sample([two], SOFT, (PILLOW,), ours=True)], CLASSES, 2)

    assert weights.keys.tolist() == [key_of(one)] == [key_of(two)]
    first = all_of(weights.matrix)[0]
    assert float(first[ICE]) > float(first[PILLOW])


# --- nothing to learn from ------------------------------------------------------------------------------------------


def test_nothing_is_learned_from_nothing(maker: FeatureMaker) -> None:
    assert scores("ice", maker, learn([], CLASSES, 2)) == [0.0] * (CLASSES + 1)


def test_a_sentence_without_features_teaches_no_word(maker: FeatureMaker) -> None:
    weights = learn([Sample([], COLD, (ICE,), ours=True)], CLASSES, 2)

    assert len(weights.keys) == 0
    assert best(scores("zorp", maker, weights, COLD)) == ICE


def test_a_language_without_vectors_teaches_by_words(maker: FeatureMaker) -> None:
    none = np.zeros(0, np.float32)
    weights = learn((Sample(names_of(text, maker), none, labels, ours=True) for text, labels, _ in TAUGHT), CLASSES, 0)

    assert weights.meaning.shape == (0, CLASSES + 1)
    assert weights.centres.shape == (0, CLASSES)
    assert best(scores("ice", maker, weights, none)) == ICE


def test_a_few_rows_at_once_are_as_good_as_all(maker: FeatureMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = taught(maker)
    monkeypatch.setattr(weights_module, "_ROWS_AT_ONCE", 3)

    assert np.array_equal(all_of(taught(maker).matrix), all_of(whole.matrix))


# --- what would become of a sentence, had it not taught ---------------------------------------------------------------


MORE = (("ice pack", ICE), ("cold pack for a neck", ICE), ("put ice on it", ICE), ("a pillow that is soft", PILLOW), ("two pillows", PILLOW))


def judged(maker: FeatureMaker, text: str, place: int, *beside: tuple[str, int]) -> tuple[int, float]:
    """Return rival and margin of *text* as one of the class at *place*, learned beside TAUGHT and more."""
    more = [Sample(names_of(said, maker), NOTHING, (of,), ours=True) for said, of in (*MORE, *beside)]
    weights = taught(maker, *more, Sample(names_of(text, maker), NOTHING, (place,), ours=True, judged=True))
    assert weights.rivals.shape == weights.margins.shape == (1,)
    return int(weights.rivals[0]), float(weights.margins[0])


def test_a_sentence_like_those_of_another_class_would_be_lost(maker: FeatureMaker) -> None:
    rival, margin = judged(maker, "ice or a cold pack for the neck", PILLOW)

    assert rival == ICE
    assert margin < 0


def test_a_sentence_like_the_others_of_its_class_would_stay(maker: FeatureMaker) -> None:
    _, margin = judged(maker, "ice or a cold pack for the neck", ICE)

    assert margin > 0


def test_each_further_sentence_like_it_keeps_it_safer(maker: FeatureMaker) -> None:
    alone = judged(maker, "feathers or foam", PILLOW)[1]
    helped = judged(maker, "feathers or foam", PILLOW, ("foam or latex", PILLOW), ("goose feathers", PILLOW))[1]

    assert helped > alone


def test_what_it_would_be_is_what_learning_without_it_says(maker: FeatureMaker) -> None:
    rest = [Sample(names_of(said, maker), NOTHING, (of,), ours=True) for said, of in MORE]
    told = (("ice or a cold pack for the neck", PILLOW), ("soft pillow for the neck", PILLOW), ("cold pack", ICE))
    for text, place in told:
        rival, margin = judged(maker, text, place)
        without = scores(text, maker, taught(maker, *rest))[:CLASSES]

        assert (best(without) == place) == (margin > 0), text
        assert margin > 0 or rival == best(without), text


def test_only_what_is_to_be_judged_is(maker: FeatureMaker) -> None:
    weights = taught(maker)

    assert (weights.rivals.shape, weights.margins.shape) == ((0,), (0,))


def test_to_be_judged_changes_nothing_that_is_learned(maker: FeatureMaker) -> None:
    plain, watched = (taught(maker, Sample(names_of("cold feet", maker), COLD, (ICE,), ours=True, judged=judging)) for judging in (False, True))

    assert np.array_equal(all_of(plain.matrix), all_of(watched.matrix))
    assert np.array_equal(plain.meaning, watched.meaning)


def test_of_one_class_nothing_can_be_taken(maker: FeatureMaker) -> None:
    weights = learn([Sample(names_of("ice", maker), COLD, (0,), ours=True, judged=True)], 1, 2)

    assert weights.rivals.tolist() == [0]
    assert weights.margins.tolist() == [np.inf]
