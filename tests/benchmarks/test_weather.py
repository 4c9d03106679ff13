"""Faults come as often as asked for, the same for the same seed; and the limit of a chat is its own."""

from __future__ import annotations

from tests.e2e.weather import FAULTS, TAKEN, Fate, Verdict, Weather


def test_fair_weather_takes_everything() -> None:
    weather = Weather()

    assert all(weather.verdict(1, now_s=0.0) == TAKEN for _ in range(100))


def test_faults_are_as_likely_as_said_and_of_every_kind() -> None:
    weather = Weather(probability=0.1, seed=7)
    for _ in range(10_000):
        weather.verdict(1, now_s=0.0)

    assert 900 < sum(weather.drawn[fault] for fault in FAULTS) < 1100
    assert all(weather.drawn[fault] > 150 for fault in FAULTS)


def test_the_same_seed_draws_the_same() -> None:
    first, second, other = Weather(0.5, seed=1), Weather(0.5, seed=1), Weather(0.5, seed=2)
    drawn = [[weather.verdict(1, now_s=0.0).fate for _ in range(100)] for weather in (first, second, other)]

    assert drawn[0] == drawn[1] != drawn[2]


def test_a_chat_is_limited_by_itself() -> None:
    weather = Weather(every_s=1.0)

    assert weather.verdict(1, now_s=5.0) == TAKEN
    refused = weather.verdict(1, now_s=5.9)
    assert refused.fate is Fate.TOO_MANY
    assert 1 <= refused.retry_after <= 3
    assert weather.verdict(2, now_s=5.9) == TAKEN
    assert weather.verdict(1, now_s=6.0) == TAKEN


def test_a_fault_does_not_use_up_the_limit() -> None:
    weather = Weather(probability=1.0, every_s=1.0)

    assert weather.verdict(1, now_s=5.0) != TAKEN
    assert weather.verdict(1, now_s=5.1).fate in FAULTS
    assert isinstance(weather.verdict(1, now_s=5.2), Verdict)
