"""What the tables of kills and terms say of a run."""

from __future__ import annotations

import argparse
import signal
from collections import Counter

import pytest

from benchmarks import kills, table, terms
from benchmarks.interruptions import CHATS, Plan, Report
from tests.e2e.evidence import Rows, Words
from tests.e2e.ledger import Account
from tests.e2e.weather import Fate

CALM = Account(200, 200, lost=0, silent=0, undelivered=0, repeated=7, disordered=0, other=0)


def report(plan: Plan, missing: tuple[int, ...] = (90, 80), told: Account = CALM) -> Report:
    words = Words(Counter({"answered": 200, "gave_up": 3}), maybe_twice=4)
    return Report(
        plan, told, missing, (0.5, 1.25), (0, 0), {Fate.DONE_THEN_RESET: 5, Fate.RESET: 9}, Rows(frozenset(range(200)), 200, 0, "ok"), words
    )


@pytest.mark.parametrize(
    ("plan", "missing", "live", "bound"),
    [
        (Plan("polling", times=2), (90, 80), 2, 2 * CHATS + 5),
        (Plan("polling", times=2), (90, 0), 1, CHATS + 5),
        (Plan("webhook", signal.SIGTERM, times=2), (90, 80), 2, 5),
    ],
)
def test_a_kill_with_nothing_missing_excuses_nothing(plan: Plan, missing: tuple[int, ...], live: int, bound: int) -> None:
    assert (report(plan, missing).live, report(plan, missing).bound) == (live, bound)


def test_the_table_of_kills() -> None:
    cells = kills.cells(report(Plan("polling", times=2, faults=0.1)))
    figures = {"arm": "ours, polling, faults", "updates": 200, "live": "2/2", "missing": "85.0", "lost": 0, "settled": 200, "bound": 85, "gave_up": 3}

    assert cells | figures == cells


def test_the_table_of_terms() -> None:
    cells = terms.cells(report(Plan("webhook", signal.SIGTERM, times=2)))

    assert cells | {"way": "webhook", "repeated": 7, "longest end": "1.25 s", "exit codes": "2 x 0"} == cells


def test_each_figure_stands_under_its_name() -> None:
    cells = {"arm": "ours", "updates": 2000, "maybe_twice": 4}

    assert table.header(cells) == f"{'arm':<26}  updates  maybe_twice"
    assert table.row(cells) == f"{'ours':<26}     2000            4"


@pytest.mark.parametrize(
    ("way", "faults", "expected"),
    [(None, False, [("polling", 0.0), ("webhook", 0.0)]), ("webhook", True, [("webhook", kills.FAULTS)])],
)
def test_plans(way: str | None, faults: bool, expected: list[tuple[str, float]]) -> None:
    options = argparse.Namespace(way=way, faults=faults, kills=2, per_kill=100, seed=1, stock=False)

    assert [(plan.way, plan.faults) for plan in kills.plans(options)] == expected
