"""The sentences that judge are tried on what will serve, and each that fails is named where it stands."""

from pathlib import Path

import pytest

from bot.core.model import Ambiguous, Answered, NoMatch, Notice, Outcome, SmallTalk, Turn, Withheld
from bot.core.snapshot import Snapshot
from bot.errors import KnowledgeError, Problem
from bot.knowledge import trial
from bot.knowledge.checks import try_sentences
from bot.knowledge.loader import load_snapshot, read_draft
from tests.knowledge.folders import GOOD, RELIEF, write_folder

FLAGS = "red_flags.yaml"


OTHERS = ("see-a-doctor",)


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(KnowledgeError) as refusal:
        load_snapshot(folder)
    return refusal.value.problems


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("[i have chest pain]", "[i have a stiff neck]", "13:16", "should raise it live ('chest'), but stays silent"),
        ("[i have chest pain]", "[i have chest pain, is chest pain a disease]", "13:35", "should raise it live ('chest'), but is soft"),
        ("[my neck is stiff]", "[my neck is stiff, i have chest pain now]", "14:35", "should not raise it live ('chest'), but is live"),
        ("    silent_on: [my neck is stiff]", "    soft_on: [i have chest pain]", "14:15", "should raise it softly ('chest'), but is live"),
    ],
    ids=["silent and should fire", "soft and should fire", "fires and should be silent", "live and should be soft"],
)
def test_a_flag_that_does_something_else_is_named(old: str, new: str, at: str, words: str, tmp_path: Path) -> None:
    assert GOOD[FLAGS].count(old) == 1
    found = problems_of(write_folder(tmp_path, {FLAGS: GOOD[FLAGS].replace(old, new)}))

    assert [f"{each.file}:{each.line}:{each.column}" for each in found] == [f"{FLAGS}:{at}"], found
    assert words in found[0].what


def test_what_is_silent_may_be_answered_softly(tmp_path: Path) -> None:
    """A question about a danger, without one."""
    silent = GOOD[FLAGS].replace("[my neck is stiff]", "[is chest pain a disease]") + "    soft_on: [is chest pain a bad disease]\n"

    assert load_snapshot(write_folder(tmp_path, {FLAGS: silent})).version


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Answered(("ice-or-heat",)), {"misses"}),
        (Answered(("see-a-doctor", "ice-or-heat")), {"misses"}),
        (Answered(OTHERS, also=("ice-or-heat",)), set()),
        (Answered(OTHERS), {"hits"}),
        (Ambiguous(("see-a-doctor", "ice-or-heat")), set()),
        (Ambiguous(OTHERS), {"hits"}),
        (Withheld(("ice-or-heat",)), set()),
        (Withheld(()), {"hits"}),
        (SmallTalk("good-luck"), {"hits"}),
        (NoMatch(), {"hits"}),
    ],
    ids=str,
)
def test_a_hit_is_reached_and_a_miss_not_answered(outcome: Outcome, expected: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the matcher makes of a sentence; an offer is enough for a hit, and is none of a miss's business."""
    snapshot = load_snapshot(write_folder(tmp_path, {FLAGS: "flags: []\n"}))
    monkeypatch.setattr(trial, "respond", lambda said, snapshot, context: Turn(None, outcome, Notice("x"), context))
    found = try_sentences(snapshot, read_draft(tmp_path).places())

    lines = {10: "hits", 11: "misses"}
    assert {lines[problem.line] for problem in found} == expected
    assert all(problem.file == RELIEF and problem.what for problem in found)


def test_a_sentence_that_leads_elsewhere_refuses_the_folder(tmp_path: Path) -> None:
    found = problems_of(write_folder(tmp_path, {RELIEF: GOOD[RELIEF].replace("[should i put ice on my cramped neck]", "[zebra crossing]")}))

    assert [(problem.file, problem.line, problem.column) for problem in found] == [(RELIEF, 10, 12)]
    assert "does not lead to 'ice-or-heat'" in found[0].what


def test_an_alarm_that_hides_a_hit_is_named(tmp_path: Path) -> None:
    hidden = GOOD[RELIEF].replace("[should i put ice on my cramped neck]", "[chest pain and ice]")

    assert "it raises 'chest'" in problems_of(write_folder(tmp_path, {RELIEF: hidden}))[0].what


def test_trying_can_be_left_out(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, {RELIEF: GOOD[RELIEF].replace("[should i put ice on my cramped neck]", "[zebra crossing]")})

    assert load_snapshot(folder, try_sentences=False).version


def test_a_snapshot_alone_can_be_tried_too(tmp_path: Path) -> None:
    """Then the files are named, without a line."""
    folder = write_folder(
        tmp_path,
        {
            RELIEF: GOOD[RELIEF].replace("[should i put ice on my cramped neck]", "[zebra crossing]"),
            FLAGS: GOOD[FLAGS].replace("[i have chest pain]", "[zebra crossing]"),
        },
    )
    snapshot: Snapshot = load_snapshot(folder, try_sentences=False)

    assert [(problem.file, problem.line) for problem in try_sentences(snapshot)] == [("entries", 1), (FLAGS, 1)]
