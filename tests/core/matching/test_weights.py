"""Learning: what speaks for a class, what speaks against it, and the same every time."""

from collections.abc import Iterator

import numpy as np
import pytest

from bot.core.content import Synonyms
from bot.core.language import Language
from bot.core.matching.features import STEM, FeatureMaker, Features
from bot.core.matching.weights import Sample, Weights, learn
from tests.core.builders import tokens_of

ICE, PILLOW = 0, 1


@pytest.fixture
def maker(english: Language) -> FeatureMaker:
    return FeatureMaker(english, Synonyms({}, frozenset()))


def features_of(text: str, maker: FeatureMaker) -> Features:
    return maker.features(maker.words(tokens_of(text)))


def samples(maker: FeatureMaker, *contrasts: tuple[str, int]) -> Iterator[Sample]:
    for text, label in (("ice for my neck", ICE), ("cold pack on the neck", ICE), ("which pillow for my neck", PILLOW), ("soft pillow", PILLOW)):
        yield Sample(features_of(text, maker), label)
    for text, label in contrasts:
        yield Sample(features_of(text, maker), label, contrast=True)


def scores(text: str, maker: FeatureMaker, weights: Weights) -> list[float]:
    columns, values = weights.vector(features_of(text, maker))
    return [float(score) for score in values @ weights.matrix[columns]]


def test_a_sentence_scores_highest_for_its_own_class(maker: FeatureMaker) -> None:
    weights = learn(samples(maker), 2)

    assert scores("ice for my neck", maker, weights)[ICE] > scores("ice for my neck", maker, weights)[PILLOW]
    assert scores("a pillow", maker, weights)[PILLOW] > scores("a pillow", maker, weights)[ICE]


def test_two_lessons_agree_to_the_last_bit(maker: FeatureMaker) -> None:
    one, two = (learn(samples(maker, ("ice cream", ICE)), 2) for _ in range(2))

    assert one.columns == two.columns
    assert np.array_equal(one.matrix, two.matrix)
    assert np.array_equal(one.rarity, two.rarity)


def test_a_contrast_speaks_against_its_class_and_against_no_other(maker: FeatureMaker) -> None:
    without, taught = learn(samples(maker), 2), learn(samples(maker, ("ice for my drink", ICE)), 2)

    assert scores("ice for my drink", maker, taught)[ICE] < scores("ice for my drink", maker, without)[ICE]
    drink = taught.matrix[taught.columns[STEM + "drink"]]
    assert drink[ICE] < 0
    assert drink[PILLOW] == 0


def test_a_rare_word_tells_more_than_a_common_one(maker: FeatureMaker) -> None:
    weights = learn(samples(maker), 2)

    assert weights.rarity[weights.columns[STEM + "ice"]] > weights.rarity[weights.columns[STEM + "neck"]]
    assert weights.unknown_rarity > max(weights.rarity)


@pytest.mark.parametrize("text", ["ice", "ice for my neck", "which pillow for my neck", "pillow pillow"])
def test_a_message_of_known_words_has_length_one(text: str, maker: FeatureMaker) -> None:
    _, values = learn(samples(maker), 2).vector(features_of(text, maker))

    assert float(values @ values) == pytest.approx(1.0)


def test_unknown_words_take_their_share(maker: FeatureMaker) -> None:
    weights = learn(samples(maker), 2)
    lengths = [
        float(values @ values) for _, values in (weights.vector(features_of("ice" + " zorp glim krat"[:more], maker)) for more in (0, 5, 10, 15))
    ]

    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > lengths[1] > lengths[2] > lengths[3]


def test_a_message_of_unknown_words_scores_nothing(maker: FeatureMaker) -> None:
    assert scores("zorp", maker, learn(samples(maker), 2)) == [0.0, 0.0]


def test_nothing_is_learned_from_nothing(maker: FeatureMaker) -> None:
    assert scores("ice", maker, learn([], 2)) == [0.0, 0.0]
