"""What a check says of the knowledge that ships."""

from __future__ import annotations

import re
from datetime import date

import pytest

from bot.audit.findings import Weight
from bot.audit.report import Audit, audit
from bot.core.snapshot import Snapshot
from bot.folders import SetFolders, cache_folder
from tests.conftest import ROOT

LOOKED_UP = re.compile(r"^checked: *(\S+)", re.MULTILINE)


@pytest.fixture(scope="module")
def told(snapshot: Snapshot) -> Audit:
    """By what `snapshot` has learned already, on the day its phone numbers were looked up: what is overdue is for `napebot check` to say."""
    looked_up = LOOKED_UP.search((ROOT / "knowledge" / "numbers.yaml").read_text(encoding="utf-8"))
    assert looked_up
    return audit(ROOT / "knowledge", date.fromisoformat(looked_up[1]), cache_folder(SetFolders()))


def test_it_has_no_problems(told: Audit) -> None:
    assert told.problems == ()


def test_every_danger_is_caught_and_hardly_anything_else(told: Audit) -> None:
    assert told.safety is not None
    assert told.safety.caught == told.safety.dangers > 250
    assert told.safety.harmless > 4_000
    assert told.safety.alarmed <= 0.01 * told.safety.harmless


def test_its_warnings_can_be_read_in_one_sitting(told: Audit) -> None:
    """Length, reading, signatures and dates give none."""
    warnings = told.of(Weight.WARNING)

    assert {finding.kind for finding in warnings} <= {"stolen", "neighbours", "alarmed"}
    assert len(warnings) < 100
