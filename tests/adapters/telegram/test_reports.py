"""Admins hear of errors: each kind once an hour, without anybody's words."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from bot.adapters.telegram.reports import QUIET_S, Reports, gathered
from bot.redact import Redacting
from tests.adapters.telegram.conftest import TOKEN

_log = logging.getLogger("bot.somewhere")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reports(clock: Clock) -> Iterator[Reports]:
    reports = Reports(clock)
    with gathered(reports):
        yield reports


def test_an_error_is_due_at_once_and_then_not_for_an_hour(reports: Reports, clock: Clock) -> None:
    _log.error("update %d failed: %s", 17, "KeyError at bot/x.py:3 in f")
    first = reports.due()
    reports.told(first)
    _log.error("update %d failed: %s", 18, "KeyError at bot/x.py:3 in f")
    clock.now += QUIET_S - 1
    soon = reports.due()
    _log.error("update %d failed: %s", 19, "KeyError at bot/x.py:3 in f")
    clock.now += 1
    later = reports.due()
    reports.told(later)
    clock.now += QUIET_S
    silent = reports.due()

    assert [(report.what, report.count) for report in first] == [("bot.somewhere: update 17 failed: KeyError at bot/x.py:3 in f", 1)]
    assert soon == silent == ()
    assert [(report.what, report.count) for report in later] == [("bot.somewhere: update 19 failed: KeyError at bot/x.py:3 in f", 2)]


def test_what_reached_nobody_is_told_an_hour_later(reports: Reports, clock: Clock) -> None:
    _log.error("odd")
    first = reports.due()
    soon = reports.due()
    clock.now += QUIET_S
    later = reports.due()

    assert soon == ()
    assert [report.count for report in first + later] == [1, 1]


def test_each_kind_is_told_by_itself(reports: Reports) -> None:
    for origin in ("KeyError at bot/x.py:3 in f", "ValueError at bot/x.py:3 in f", "KeyError at bot/x.py:4 in f", "KeyError at bot/x.py:3 in f"):
        _log.error("update %d failed: %s", 1, origin)
    logging.getLogger("bot.elsewhere").error("update %d failed: %s", 1, "KeyError at bot/x.py:3 in f")

    assert [report.count for report in reports.due()] == [1, 1, 2, 1]


def test_of_arguments_there_is_no_end_and_they_make_no_kind(reports: Reports) -> None:
    for number in range(1_000):
        _log.error("knowledge: %s", f"entries/{chr(0x4E00 + number)}.yaml: odd")

    assert [(report.what[-5:], report.count) for report in reports.due()] == [(": odd", 1_000)]


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING])
def test_what_is_no_error_is_not_told(reports: Reports, level: int) -> None:
    _log.log(level, "as usual")

    assert reports.due() == ()


def test_neither_the_token_nor_what_libraries_carry_is_told(reports: Reports) -> None:
    _log.error("https://api.telegram.org/bot%s/getMe", TOKEN)
    logging.getLogger("telegram.ext").error("Update %s", {"text": "my neck"})
    try:
        raise ValueError("my neck")
    except ValueError:
        _log.exception("a fault")
    told = " ".join(report.what for report in reports.due())

    assert "a fault" in told
    assert "<token>" in told
    assert TOKEN not in told
    assert "my neck" not in told


def test_it_reads_the_same_where_another_handler_has_redacted_before(clock: Clock) -> None:
    root, before = logging.getLogger(), logging.NullHandler()
    before.addFilter(Redacting())
    root.addHandler(before)
    reports = Reports(clock)
    try:
        with gathered(reports):
            for number in (1, 2):
                _log.error("update %d failed", number)
    finally:
        root.removeHandler(before)

    assert [report.count for report in reports.due()] == [2]


def test_kinds_without_end_take_no_room_without_end(reports: Reports) -> None:
    for number in range(1_000):
        _log.error(f"kind {number}")
    kept = reports.due()
    for number in range(1_000):
        _log.error(f"other kind {number}")
    reports.told(kept)

    assert len(kept) == len(reports.due()) == 100


def test_a_long_line_is_cut(reports: Reports) -> None:
    _log.error("word " * 1_000)

    assert len(reports.due()[0].what) == 300


def test_afterwards_it_hears_nothing(clock: Clock) -> None:
    reports = Reports(clock)
    with gathered(reports):
        pass
    _log.error("later")

    assert reports.due() == ()
