"""How sure the signals make us: rising with what speaks for an entry, falling with what speaks against."""

import dataclasses

import pytest

from bot.core.matching.signals import NAMES, OURS, RIGHT, Signals

USUAL = Signals(score=0.5, margin=0.2, other=0.1, explained=0.6, unknown=0.2, words=6, subject=True, elsewhere=False)


def changed(**signals: float | bool) -> Signals:
    return dataclasses.replace(USUAL, **signals)  # type: ignore[arg-type]


def test_every_coefficient_has_a_name_and_a_signal() -> None:
    assert len(NAMES) == len(OURS) == len(RIGHT) == len(USUAL.values)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        pytest.param(changed(score=0.1), changed(score=0.9), id="a higher score"),
        pytest.param(changed(other=0.9), changed(other=0.0), id="less like small talk"),
        pytest.param(changed(unknown=0.8), changed(unknown=0.0), id="fewer unknown words"),
        pytest.param(changed(subject=False), USUAL, id="the subject named"),
        pytest.param(changed(elsewhere=True), USUAL, id="nothing else named"),
        pytest.param(changed(subject=False, elsewhere=True), changed(subject=False), id="nothing else named, nor the subject"),
    ],
)
def test_a_message_is_more_likely_ours_with(less: Signals, more: Signals) -> None:
    assert less.ours < more.ours


@pytest.mark.parametrize(
    ("less", "more"),
    [
        pytest.param(changed(score=0.1), changed(score=0.9), id="a higher score"),
        pytest.param(changed(margin=-0.3), changed(margin=0.5), id="a wider margin"),
        pytest.param(changed(unknown=0.8), changed(unknown=0.0), id="fewer unknown words"),
    ],
)
def test_an_entry_is_more_likely_right_with(less: Signals, more: Signals) -> None:
    assert less.right < more.right


@pytest.mark.parametrize(
    ("signals", "named"),
    [
        (changed(), {"subject"}),
        (changed(elsewhere=True), {"subject", "both"}),
        (changed(subject=False, elsewhere=True), {"elsewhere"}),
        (changed(subject=False), set()),
    ],
    ids=["subject", "both", "elsewhere", "neither"],
)
def test_what_is_named_counts_in_one_way(signals: Signals, named: set[str]) -> None:
    values = dict(zip(NAMES, signals.values, strict=True))

    assert {name for name in ("subject", "both", "elsewhere") if values[name]} == named


def test_confidence_needs_both() -> None:
    assert USUAL.confidence == USUAL.ours * USUAL.right


@pytest.mark.parametrize("extreme", [-20.0, -1.0, 0.0, 1.0, 20.0], ids=str)
def test_a_chance_stays_between_none_and_certain(extreme: float) -> None:
    signals = changed(score=extreme, margin=extreme, other=-extreme, words=10_000)

    assert 0.0 <= signals.confidence <= 1.0


def test_beyond_eight_words_length_tells_nothing() -> None:
    assert changed(words=8).values == changed(words=800).values != changed(words=4).values
