"""The whole of a check: what is told when something cannot be read, and how far it has got."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.audit.findings import Weight
from bot.audit.report import audit
from tests.kitchen import DANGERS, ENTRIES, write_kitchen

TODAY = date(2026, 1, 1)
BREAD = "entries/bread.yaml"


def test_what_can_be_told_beside_a_problem_is_told(tmp_path: Path) -> None:
    told = audit(write_kitchen(tmp_path, DANGERS, {BREAD: "- id: Bread\n"}), TODAY)

    assert {problem.file for problem in told.problems} == {BREAD}
    assert {finding.problem.file for finding in told.of(Weight.NOTE)} == {"entries/eggs.yaml", "red_flags.yaml"}
    assert (told.snapshot, told.safety, told.counts.entries) == (None, None, 3)
    assert told.reading is not None


def test_the_heaviest_comes_first_then_by_place(tmp_path: Path) -> None:
    told = audit(write_kitchen(tmp_path, DANGERS, {BREAD: ENTRIES[BREAD] + "  note: cold\n  more: " + "So it is. " * 90 + "\n"}), TODAY)

    assert [(-finding.weight, finding.problem) for finding in told.findings] == sorted(
        (-finding.weight, finding.problem) for finding in told.findings
    )
    assert {finding.weight for finding in told.findings} == set(Weight)


def test_the_folder_fails_for_problems_and_strictly_for_what_nobody_answers_for(tmp_path: Path) -> None:
    good = audit(write_kitchen(tmp_path, DANGERS), TODAY)
    assert (good.fails(strict=False), good.fails(strict=True)) == (False, True)

    bad = audit(write_kitchen(tmp_path, {BREAD: "7\n"}), TODAY)
    assert (bad.fails(strict=False), bad.fails(strict=True)) == (True, True)


def test_a_folder_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    (problem,) = audit(tmp_path / "nowhere", TODAY).of(Weight.PROBLEM)

    assert problem.kind == "unreadable"
    assert "nowhere" in problem.problem.what


def test_each_part_says_how_far_it_is(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []

    audit(write_kitchen(tmp_path, DANGERS), TODAY, progress=lambda *step: seen.append(step))

    whats = list(dict.fromkeys(what for what, _, _ in seen))
    assert whats == ["reading and learning", "trying sentences", "looking for alarms", "leaving out phrasings"]
    for what, count in (("looking for alarms", 42), ("leaving out phrasings", 40)):
        assert [(done, of) for each, done, of in seen if each == what] == [(done, count) for done in range(1, count + 1)]
