"""The two numbers: dangers that are caught, and harmless sentences that alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bot.audit.safety import Safety, harmless_of, measure, silenced
from bot.core.content import Tier
from bot.core.model import Alert, FlagHit
from bot.core.text import NormalText
from bot.core.triage.engine import Triage
from bot.knowledge.loader import load_snapshot, read_draft
from bot.knowledge.trial import try_sentences
from tests.kitchen import DANGERS, ENTRIES, write_kitchen

EGGS, BREAD, FLAGS = "entries/eggs.yaml", "entries/bread.yaml", "red_flags.yaml"
GAS = "i smell gas when i fry eggs"


def measured(folder: Path, *layers: Mapping[str, str]) -> Safety:
    write_kitchen(folder, DANGERS, *layers)
    draft, snapshot = read_draft(folder), load_snapshot(folder, try_sentences=False)
    return measure(draft, snapshot, try_sentences(snapshot, draft.places()))


def figures(of: Safety) -> tuple[int, int, int, int]:
    return of.dangers, of.caught, of.harmless, of.alarmed


def test_a_good_kitchen_catches_all_and_alarms_at_nothing(tmp_path: Path) -> None:
    """Ways to ask, one sentence each of hits and misses, and one that a flag is silent on."""
    assert figures(measured(tmp_path)) == (4, 4, 40 + 1 + 1 + 1, 0)


@pytest.mark.parametrize(
    ("layer", "file"),
    [
        ({EGGS: ENTRIES[EGGS].replace("    - how do i fry an egg\n", f"    - {GAS}\n")}, EGGS),
        ({EGGS: ENTRIES[EGGS].replace("hits: [how long to boil eggs]", f"hits: [{GAS}]")}, EGGS),
        ({EGGS: ENTRIES[EGGS].replace("misses: [how do i knead dough]", f"misses: [{GAS}]")}, EGGS),
        ({"none.yaml": f"- {GAS}\n"}, "none.yaml"),
    ],
    ids=["asks", "hits", "misses", "none"],
)
def test_what_must_not_alarm_is_named_when_it_does(layer: Mapping[str, str], file: str, tmp_path: Path) -> None:
    of = measured(tmp_path, layer)

    (finding,) = of.findings
    assert of.alarmed == 1
    assert (finding.kind, finding.entries, finding.problem.file) == ("alarmed", ("gas",), file)
    assert (tmp_path / file).read_text(encoding="utf-8").splitlines()[finding.problem.line - 1][finding.problem.column - 1 :].startswith(GAS)
    assert "under `fires_on` of 'gas'" in finding.problem.what


@pytest.mark.parametrize(
    "meant",
    [
        {FLAGS: DANGERS[FLAGS].replace("fires_on: [i smell gas]", f"fires_on: [i smell gas, '{GAS.upper()}!']")},
        {"examples_danger.yaml": f"gas:\n  emergency:\n    - {GAS}\n", "examples_harmless.yaml": "- the gas bill came\n"},
    ],
    ids=["fires_on", "examples of danger"],
)
def test_what_an_author_calls_a_danger_is_no_false_alarm(meant: Mapping[str, str], tmp_path: Path) -> None:
    write_kitchen(tmp_path, DANGERS, {"none.yaml": f"- {GAS}\n"})
    assert GAS in [each.said for each in harmless_of(read_draft(tmp_path))]

    write_kitchen(tmp_path, meant)
    assert GAS not in [each.said for each in harmless_of(read_draft(tmp_path))]


@pytest.mark.parametrize(("said", "alarmed"), [("my burn has blistered", 0), ("i have a deep cut", 1)], ids=["soon", "today"])
def test_only_what_interrupts_is_an_alarm(said: str, alarmed: int, tmp_path: Path) -> None:
    assert measured(tmp_path, {"none.yaml": f"- {said} again\n"}).alarmed == alarmed


def test_a_silenced_flag_and_a_false_alarm_count_without_being_tried_again(tmp_path: Path) -> None:
    flags = DANGERS[FLAGS].replace("fires_on: [i smell gas]", "fires_on: [smoke in the hall, i smell gas]")
    flags = flags.replace("silent_on: [how long do i boil an egg]", "silent_on: [the smell of gas is gas]")
    write_kitchen(tmp_path, DANGERS, {FLAGS: flags})
    draft, snapshot = read_draft(tmp_path), load_snapshot(tmp_path, try_sentences=False)
    untrue = try_sentences(snapshot, draft.places())
    steps: list[None] = []

    of = measure(draft, snapshot, untrue, lambda: steps.append(None))

    assert figures(of) == (5, 4, 43, 1)
    assert of.findings == ()
    assert len(untrue) == 2
    assert ["smoke" in problem.what for problem in silenced(draft, untrue)] == [True]
    assert len(steps) == len(harmless_of(draft))


class Uneasy:
    """A triage that likens everything to a danger."""

    def examine(self, _: NormalText) -> Alert:
        return Alert((FlagHit("odd", Tier.EMERGENCY, False, ()),), False)


def test_what_is_only_like_danger_is_cured_by_examples(tmp_path: Path) -> None:
    """A flag by likeness has no sentences of its own to write it under."""
    odd = "flags:\n  - {id: odd, tier: emergency, why: It may be anything., by_likeness: true}\n"
    write_kitchen(tmp_path, DANGERS, {FLAGS: odd})
    draft, snapshot = read_draft(tmp_path), load_snapshot(tmp_path, try_sentences=False)

    of = measure(draft, replace(snapshot, triage=cast("Triage", Uneasy())))

    assert of.alarmed == of.harmless == 42
    assert all("examples_harmless.yaml" in finding.problem.what and "fires_on" not in finding.problem.what for finding in of.findings)


def test_flags_that_cannot_be_read_have_no_sentences(tmp_path: Path) -> None:
    draft = read_draft(write_kitchen(tmp_path, {FLAGS: "7\n"}))

    assert len(harmless_of(draft)) == 42
    assert silenced(draft, draft.problems) == frozenset()
