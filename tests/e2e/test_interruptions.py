"""Short runs of what `benchmarks.kills`, `.terms` and `.floods` measure: a bot that is killed, told to end, or flooded, in the midst of its work."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from benchmarks import floods
from benchmarks.interruptions import WAYS, Plan, Report, Way, run

OTHERS_WAIT_S = 10.0
"""Far above the figure, which `benchmarks.floods` measures, and below what a lane that waits for the flood would take: a busy machine passes."""


def nothing_is_lost(report: Report) -> None:
    """Every question was answered, in its order; and what an answer leaves behind, it left once."""
    told, rows, gave_up = report.account, report.rows, report.words.settlements["gave_up"]
    assert report.live == report.plan.times, "the interruption hit a process that had nothing to lose"
    assert (told.lost, told.undelivered, told.disordered) == (0, 0, 0)
    assert told.silent <= gave_up
    assert told.repeated <= report.bound
    assert (len(rows.settled), rows.integrity) == (told.asked, "ok")
    assert told.asked - gave_up <= rows.counted <= told.asked, "an answer that was given up is not counted; any other is, once"


@pytest.mark.parametrize("way", WAYS)
def test_killed_at_work_it_loses_nothing(way: Way, tmp_path: Path, cache: Path) -> None:
    report = run(Plan(way, signal.SIGKILL, times=2, per_time=60), tmp_path, cache)

    nothing_is_lost(report)
    assert report.account.silent == 0


@pytest.mark.parametrize("way", WAYS)
def test_killed_on_a_bad_line_it_loses_nothing(way: Way, tmp_path: Path, cache: Path) -> None:
    report = run(Plan(way, signal.SIGKILL, times=1, per_time=80, faults=0.1, seed=3), tmp_path, cache)

    assert len(report.drawn) > 3, "hardly a fault was met"
    nothing_is_lost(report)


@pytest.mark.parametrize("way", WAYS)
def test_told_to_end_it_finishes_what_is_in_flight(way: Way, tmp_path: Path, cache: Path) -> None:
    report = run(Plan(way, signal.SIGTERM, times=1, per_time=60), tmp_path, cache)

    nothing_is_lost(report)
    assert report.account.repeated == 0
    assert report.codes == (0,)
    assert report.ends_s[0] < 10


@pytest.mark.parametrize("way", WAYS)
def test_a_flood_of_one_keeps_no_other_waiting(way: Way, tmp_path: Path, cache: Path) -> None:
    report = floods.run(floods.Plan(way, seconds=3.0, every_s=1.0, drain_s=10.0 if way == "polling" else 0.0), tmp_path, cache)

    assert (report.others.lost, report.others.silent, report.others.undelivered, report.others.repeated) == (0, 0, 0, 0)
    assert report.wait_s(0.99) < OTHERS_WAIT_S
    assert report.unsettled == 0
    if way == "polling":  # By webhook Telegram brings one message of a chat at a time: there the flood waits.
        assert report.alarm_after_s is not None
        assert report.alarm_after_s < OTHERS_WAIT_S
        assert report.flood_kept == 0
