"""What of single entries is worth a second look, up to its very bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.audit.entries import GRADE_LIMIT, entry_findings, reading_grades
from bot.audit.findings import Finding, Weight
from bot.audit.reading_grade import grade
from bot.knowledge.loader import read_draft

NOTE, LINE, OWN = "Ask if it stays.", "Shout in danger.", "Keep it warm and dry."
TOPIC = f"name: Toast\nemergency_line: {LINE}\ntiers:\n  self_care: {{full: ['Ask.', '{NOTE}'], short: [Ask.]}}\n"
MESSAGES = f"notes:\n  own: {{full: ['{OWN}'], short: [Warm.]}}\n"
PLAIN = "See it and eat it. "
GOOD = "answer: It is good.\n  tests: {hits: [toast it]}\n  sources: [{name: A, title: B, url: 'https://example.org/'}]\n"


def found(folder: Path, entry: str, asks: int = 20, topic: str = TOPIC) -> list[Finding]:
    """What is found in a folder with this one entry."""
    phrasings = "".join(f"    - toast number {number}\n" for number in range(asks))
    files = {"entries/a.yaml": f"- id: toast\n  title: Toast\n  asks:\n{phrasings}  {entry}", "topic.yaml": topic, "messages.yaml": MESSAGES}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return list(entry_findings(read_draft(folder)))


def kinds(findings: list[Finding]) -> dict[str, Weight]:
    return {finding.kind: finding.weight for finding in findings}


@pytest.mark.parametrize(("asks", "weight"), [(1, Weight.WARNING), (7, Weight.WARNING), (8, Weight.NOTE), (19, Weight.NOTE), (20, None)])
def test_ways_to_ask_are_few(asks: int, weight: Weight | None, tmp_path: Path) -> None:
    assert kinds(found(tmp_path, GOOD, asks)).get("too-few") == weight


def test_one_phrasing_is_one(tmp_path: Path) -> None:
    (few,) = found(tmp_path, GOOD, 1)

    assert "has 1 phrasing;" in few.problem.what


@pytest.mark.parametrize(("length", "kind"), [(250, {}), (251, {"too-long": Weight.WARNING})])
def test_an_opening_is_long(length: int, kind: dict[str, Weight], tmp_path: Path) -> None:
    opening = (PLAIN * 20)[: length - 2] + "o."

    assert kinds(found(tmp_path, f"answer: |\n    {opening}\n\n    And more of it.\n{GOOD.partition(chr(10))[2]}")) == kind


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize(("note", "ends"), [("", f"{NOTE}\n\n{LINE}"), ("  note: own\n", f"{OWN}\n\n{LINE}")], ids=["of the tier", "its own"])
def test_a_reply_is_long_with_its_longest_note(note: str, ends: str, over: int, tmp_path: Path) -> None:
    room = 900 - len(f"See.\n\n\n\n{ends}") + over
    more = (PLAIN * 60)[: room - 2] + "o."

    findings = found(tmp_path, f"answer: See.\n  more: {more}\n{note}{GOOD.partition(chr(10))[2]}")

    assert [finding.problem.what.split(",")[0] for finding in findings] == (["answer"] if over else [])
    assert all(f"have {900 + over} characters" in finding.problem.what for finding in findings)


def test_where_the_topic_cannot_be_read_no_note_counts(tmp_path: Path) -> None:
    assert kinds(found(tmp_path, GOOD, topic="- 7\n")) == {}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("Undertake considerable refrigeration.", set()),  # three words tell nothing
        ("Undertake considerable refrigeration. See it, eat it, and go on as you did.", set()),
        ("Undertake considerable refrigeration, facilitating satisfactory gelatinisation characteristics everywhere around it.", {"hard-to-read"}),
        ("See " + "it and " * 11 + "it go.", set()),
        ("See " + "it and " * 12 + "it.", {"long-sentence"}),
        ("• See " + "it and • " * 11 + "it go.", set()),  # bullets are no words
        ("See " + "it and " * 11 + "1.5 cups go.", {"long-sentence"}),  # a decimal point ends nothing
        ("See " + "it and " * 11 + "it.\n\n    It is on and on.", set()),
    ],
)
def test_an_answer_is_hard_to_read(answer: str, kind: set[str], tmp_path: Path) -> None:
    assert set(kinds(found(tmp_path, f"answer: |\n    {answer}\n{GOOD.partition(chr(10))[2]}"))) == kind


def test_the_grade_is_of_answer_and_long_part(tmp_path: Path) -> None:
    found(tmp_path, f"answer: See it and eat it now.\n  more: Then go on as you did.\n{GOOD.partition(chr(10))[2]}")

    assert reading_grades(read_draft(tmp_path)) == {"toast": grade("See it and eat it now.\n\nThen go on as you did.")}
    assert grade("See it.") < GRADE_LIMIT


@pytest.mark.parametrize(
    ("entry", "at"),
    [
        ("answer: It is good.\n  tests: {hits: [toast it]}\n", "toast\n  title"),
        (f"{GOOD}  unsourced: true\n", "true\n"),
        ("answer: It is good.\n  tests: {hits: [toast it]}\n  unsourced: true\n", "true\n"),
    ],
    ids=["no sources", "sources, but not for all", "none, and said so"],
)
def test_what_nobody_can_look_up_is_named_once(entry: str, at: str, tmp_path: Path) -> None:
    (unsourced,) = found(tmp_path, entry)

    line = (tmp_path / "entries" / "a.yaml").read_text(encoding="utf-8").split(at)[0].count("\n") + 1
    assert (unsourced.kind, unsourced.weight, unsourced.problem.line) == ("unsourced", Weight.NOTE, line)
