"""Signatures and checks: missing, void, too old, or of a day to come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from bot.audit.findings import Weight
from bot.audit.signatures import signature_findings
from bot.knowledge.loader import read_draft
from bot.knowledge.signing import content_hash, shared_hash
from tests.kitchen import DANGERS, ENTRIES, write_kitchen

BREAD = "entries/bread.yaml"
NUMBERS = "anywhere: {name: Anywhere, emergency: a, nurse: b, poison: c, listen: d}\nregions:\n  uk: {name: UK, emergency: '1'}\n"
SHARED = "idioms: [killing me]\n"


def kinds(folder: Path, today: date, *layers: Mapping[str, str]) -> dict[str, int]:
    """How many findings of each kind there are, the unsigned left out."""
    write_kitchen(folder, *layers)
    found = [finding.kind for finding in signature_findings(read_draft(folder), today)]
    return {kind: found.count(kind) for kind in found if kind != "unsigned"}


def signed_on(folder: Path, day: str) -> dict[str, str]:
    entry = next(entry for entry, _ in read_draft(write_kitchen(folder)).entries if entry.id == "stale-bread")
    return {BREAD: ENTRIES[BREAD] + f"  reviewed: {{by: A, role: cook, date: {day}, hash: {content_hash(entry)}}}\n"}


DAYS = [
    ("2025-05-31", date(2026, 5, 31), {}),
    ("2025-05-31", date(2026, 6, 1), {"overdue": 1}),
    ("2025-05-31", date(2027, 1, 1), {"overdue": 1}),
    ("2024-02-29", date(2025, 2, 28), {}),
    ("2024-02-29", date(2025, 3, 1), {"overdue": 1}),
    ("2025-12-31", date(2026, 1, 1), {}),
    ("2026-01-02", date(2026, 1, 1), {}),  # somewhere it is tomorrow
    ("2026-01-03", date(2026, 1, 1), {"ahead": 1}),
]


@pytest.mark.parametrize(("day", "today", "kind"), DAYS)
def test_a_signature_lasts_for_a_year(day: str, today: date, kind: dict[str, int], tmp_path: Path) -> None:
    assert kinds(tmp_path, today, signed_on(tmp_path, day)) == kind


@pytest.mark.parametrize(("day", "today", "kind"), DAYS)
def test_so_does_a_check_of_the_facts(day: str, today: date, kind: dict[str, int], tmp_path: Path) -> None:
    assert kinds(tmp_path, today, {BREAD: ENTRIES[BREAD] + f"  checked: {{by: A, date: {day}}}\n"}) == kind


@pytest.mark.parametrize(("day", "today", "kind"), [*DAYS, ("soon", date(2026, 1, 1), {}), ("[]", date(2026, 1, 1), {})])
def test_so_do_phone_numbers(day: str, today: date, kind: dict[str, int], tmp_path: Path) -> None:
    """What is no day at all is refused already."""
    assert kinds(tmp_path, today, {"numbers.yaml": f"checked: {day}\n{NUMBERS}"}) == kind


def test_all_that_can_be_signed_is_named_until_it_is(tmp_path: Path) -> None:
    flags = {"red_flags.yaml": SHARED + DANGERS["red_flags.yaml"]}
    draft = read_draft(write_kitchen(tmp_path, DANGERS, flags))
    unsigned = list(signature_findings(draft, date(2026, 1, 1)))

    assert {(finding.kind, finding.weight) for finding in unsigned} == {("unsigned", Weight.NOTE)}
    assert len(unsigned) == 5 + 4 + 1
    assert "`napebot review shared`" in unsigned[-1].problem.what

    assert draft.red_flags is not None
    line = f"reviewed: {{by: A, role: cook, date: 2026-01-01, hash: {shared_hash(draft.red_flags)}}}\n"
    write_kitchen(tmp_path, {"red_flags.yaml": SHARED + line + DANGERS["red_flags.yaml"]})
    assert len(list(signature_findings(read_draft(tmp_path), date(2026, 1, 1)))) == 5 + 4


def test_what_is_void_is_not_unsigned_as_well(tmp_path: Path) -> None:
    write_kitchen(tmp_path, {BREAD: ENTRIES[BREAD] + "  reviewed: {by: A, role: cook, date: 2026-01-01, hash: 0123456789abcdef}\n"})
    found = [(finding.kind, finding.problem.what) for finding in signature_findings(read_draft(tmp_path), date(2026, 1, 1))]

    assert [kind for kind, _ in found].count("voided") == 1
    assert not [what for kind, what in found if kind == "unsigned" and "'stale-bread'" in what]


def test_flags_that_cannot_be_read_are_not_judged(tmp_path: Path) -> None:
    assert kinds(tmp_path, date(2026, 1, 1), {"red_flags.yaml": "7\n"}) == {}
