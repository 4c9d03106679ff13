"""How sure the signals make us: rising with what speaks for an entry, falling with what speaks against."""

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.matching.signals import FOLLOWING, NAMED, NAMES, PLAIN, Calibration, Measured, Signals, values_of

USUAL = Measured(
    scores=[3.0, 1.5, 0.5],
    worded=[2.0, 1.0, 0.5],
    near=[0.7, 0.4, -0.2],
    explained=[0.8, 0.5, 0.1],
    other=-0.5,
    topical=2.0,
    unknown=0.2,
    words=6,
    subject=True,
    elsewhere=False,
)
ALL = pytest.mark.parametrize("calibration", [NAMED, PLAIN, FOLLOWING], ids=lambda calibration: calibration.name)
WHERE_NAMED = pytest.mark.parametrize("calibration", [NAMED, FOLLOWING], ids=lambda calibration: calibration.name)


def weighing(*, ours: Mapping[str, float] | None = None, right: Mapping[str, float] | None = None) -> Calibration:
    """A calibration that weighs only what is named."""

    def coefficients(weights: Mapping[str, float] | None) -> tuple[float, ...]:
        return tuple((weights or {}).get(name, 0.0) for name in NAMES)

    return Calibration("made up", coefficients(ours), coefficients(right), answer_if_ours=0.5, answer_if_right=0.5, offer_if_ours=0.3)


def first(calibration: Calibration, **measured: object) -> Signals:
    """The signals of the first entry, with some of what was measured replaced."""
    changed: Measured = dataclasses.replace(USUAL, **measured)  # type: ignore[arg-type]
    return changed.signals(calibration, 1.5)[0]


def scoring(score: float) -> dict[str, object]:
    return {"scores": [score, 1.5, 0.5]}


# --- the calibrations that ship -------------------------------------------------------------------------------------


@ALL
def test_every_coefficient_has_a_name(calibration: Calibration) -> None:
    assert len(NAMES) == len(set(NAMES)) == len(calibration.ours) == len(calibration.right)


@ALL
def test_more_is_asked_of_an_answer_than_of_an_offer(calibration: Calibration) -> None:
    assert 0 < calibration.offer_if_ours <= calibration.answer_if_ours < 1
    assert 0 < calibration.answer_if_right < 1


@ALL
def test_a_higher_score_makes_surer(calibration: Calibration) -> None:
    low, high = (first(calibration, **scoring(score)) for score in (1.6, 5.0))

    assert low.ours < high.ours
    assert low.right < high.right


@ALL
def test_of_two_equal_entries_neither_is_as_surely_right_as_one_alone(calibration: Calibration) -> None:
    rivalled, alone = (USUAL.signals(calibration, beyond)[0] for beyond in (3.0, -2.0))

    assert rivalled.right < alone.right
    assert (rivalled.margin, alone.margin) == (0.0, 5.0)


@WHERE_NAMED
def test_naming_the_subject_makes_surer_that_it_is_ours(calibration: Calibration) -> None:
    neither, other, subject = (
        first(calibration, subject=subject, elsewhere=elsewhere).ours for subject, elsewhere in ((False, False), (False, True), (True, False))
    )

    assert other < neither < subject


@ALL
@given(
    number=st.floats(-1e6, 1e6, width=32),
    scores=st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=5),
    words=st.integers(1, 10_000),
)
def test_a_chance_stays_between_none_and_certain(number: float, scores: list[float], words: int, calibration: Calibration) -> None:
    some = [number] * len(scores)
    measured = Measured(scores, some, some, some, number, -number, number, words, subject=False, elsewhere=True)

    for signals in measured.signals(calibration, number):
        assert 0.0 <= signals.confidence <= min(signals.ours, signals.right) <= 1.0


# --- how signals become chances -------------------------------------------------------------------------------------


@pytest.mark.parametrize("chance", ["ours", "right"])
@pytest.mark.parametrize(
    ("name", "less", "more"),
    [
        pytest.param("score", scoring(1.0), scoring(2.0), id="score"),
        pytest.param("worded", {}, {"worded": [2.5, 1.0, 0.5]}, id="what words have earned"),
        pytest.param("near", {}, {"near": [0.9, 0.4, -0.2]}, id="nearness"),
        pytest.param("margin", scoring(1.0), scoring(2.0), id="margin"),
        pytest.param("other", {}, {"other": 0.5}, id="no question"),
        pytest.param("topical", {}, {"topical": 3.0}, id="topical"),
        pytest.param("explained", {}, {"explained": [0.9, 0.5, 0.1]}, id="explained"),
        pytest.param("unknown", {}, {"unknown": 0.4}, id="unknown words"),
        pytest.param("length", {}, {"words": 8}, id="length"),
        pytest.param("subject", {"subject": False}, {}, id="the subject"),
        pytest.param("elsewhere", {"subject": False}, {"subject": False, "elsewhere": True}, id="something else"),
        pytest.param("both", {}, {"elsewhere": True}, id="both"),
    ],
)
def test_each_signal_counts_by_its_coefficient(name: str, less: dict[str, object], more: dict[str, object], chance: str) -> None:
    up, down = (weighing(**{chance: {name: weight}}) for weight in (1.0, -1.0))

    assert getattr(first(up, **less), chance) < getattr(first(up, **more), chance)
    assert getattr(first(down, **less), chance) > getattr(first(down, **more), chance)
    assert {getattr(first(each, **more), other) for each in (up, down) for other in {"ours", "right"} - {chance}} == {0.5}


def test_a_chance_is_the_logistic_of_the_sum() -> None:
    signals = first(weighing(ours={"bias": -1.0, "score": 0.5}, right={"bias": 2.0, "margin": -1.0}))

    assert signals.ours == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert signals.right == pytest.approx(1 / (1 + math.exp(-0.5)))
    assert signals.confidence == signals.ours * signals.right


def test_every_entry_has_its_own_signals() -> None:
    """The margin of the first is to the best other one, that of the others to the first."""
    calibration = weighing(right={"margin": 1.0})
    signals = USUAL.signals(calibration, beyond=1.0)

    assert [each.score for each in signals] == USUAL.scores
    assert [each.worded for each in signals] == USUAL.worded
    assert [each.near for each in signals] == USUAL.near
    assert [each.explained for each in signals] == USUAL.explained
    assert [each.margin for each in signals] == [2.0, -1.5, -2.5]
    assert {(each.other, each.topical, each.unknown, each.words) for each in signals} == {(-0.5, 2.0, 0.2, 6)}
    assert {each.calibration for each in signals} == {calibration}
    assert [each.right for each in signals] == sorted((each.right for each in signals), reverse=True)


# --- their values, for fitting --------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", [False, True], ids=["no subject", "subject"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["nothing else", "something else"])
@pytest.mark.parametrize("words", [1, 8, 200])
@ALL
def test_the_values_that_are_fitted_on_are_those_that_judge(calibration: Calibration, words: int, elsewhere: bool, subject: bool) -> None:
    measured = dataclasses.replace(USUAL, words=words, subject=subject, elsewhere=elsewhere)

    for signals in measured.signals(calibration, 1.5):
        (chances,) = calibration.chances(np.array([values_of(signals)]))
        assert chances.tolist() == pytest.approx([signals.ours, signals.right])


@pytest.mark.parametrize(
    ("measured", "named"),
    [
        ({}, {"subject"}),
        ({"elsewhere": True}, {"subject", "both"}),
        ({"subject": False, "elsewhere": True}, {"elsewhere"}),
        ({"subject": False}, set()),
    ],
    ids=["subject", "both", "elsewhere", "neither"],
)
def test_what_is_named_counts_in_one_way(measured: dict[str, object], named: set[str]) -> None:
    values = dict(zip(NAMES, values_of(first(PLAIN, **measured)), strict=True))

    assert {name for name in ("subject", "both", "elsewhere") if values[name]} == named


def test_beyond_eight_words_length_tells_nothing() -> None:
    four, eight, many = (values_of(first(PLAIN, words=words)) for words in (4, 8, 800))

    assert eight == many != four
