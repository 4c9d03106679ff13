"""Every line of the lists in `tests/cases` is tried on the knowledge that ships."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core import compose
from bot.core.act import act
from bot.core.action import Action, ChooseRegion, CopyNumber, More, NotHappening, NotThis, ShowEntry, ShowNumbers, Sources, Topics
from bot.core.model import Advice, Alarm, Alert, Answered, Context, Reply, choices_of
from bot.core.snapshot import Snapshot
from bot.knowledge.document import Plain
from bot.knowledge.strict_yaml import parse_yaml
from tests.core.builders import NOON, say

CASES = Path(__file__).parents[1] / "cases"
GETS = {"Answered": "answer", "Ambiguous": "offer", "SmallTalk": "chat", "NoMatch": "unknown", "Withheld": "alarm"}


@dataclass(frozen=True)
class Step:
    """One turn of a conversation, and what is expected of it."""

    say: str | None = None
    pick: str = ""
    wait: int = 1
    get: str = ""
    entries: tuple[str, ...] = ()
    reach: frozenset[str] = frozenset()
    hide: frozenset[str] = frozenset()
    tier: str = ""
    form: str = ""
    note: str = ""
    reminds: tuple[str, ...] | None = None
    calls: frozenset[str] = frozenset()
    buttons: frozenset[str] | None = None


def read_step(plain: Plain) -> Step:
    """Return *plain* as a step; a key there is not, is an error."""
    assert isinstance(plain, dict)
    read: Mapping[str, Callable[[Any], Any]] = {"entries": tuple, "reach": frozenset, "hide": frozenset, "wait": int}
    read = {**read, "reminds": tuple, "calls": frozenset, "buttons": frozenset}
    return Step(**{key: read.get(key, str)(value) for key, value in plain.items()})


def read_cases(name: str) -> Mapping[str, Plain]:
    """Return the cases of one file, by id."""
    plain = parse_yaml((CASES / name).read_bytes(), name).plain
    assert isinstance(plain, dict)
    assert plain
    return plain


SEEDS = read_cases("seed-questions.yaml")
CONVERSATIONS = read_cases("conversations.yaml")


def action_of(pick: str) -> Action:
    """Return the action that *pick* writes as a verb and an id."""
    verb, *names = pick.split(" ")
    verbs: Mapping[str, Callable[..., Action]] = {
        "show": ShowEntry,
        "not": NotThis,
        "sources": Sources,
        "topics": Topics,
        "regions": ChooseRegion,
        "numbers": ShowNumbers,
        "over": NotHappening,
    }
    return verbs[verb](*names)


def tier_of(alert: Alert | None) -> tuple[str, str]:
    """Return the tier and the form of what triage found."""
    return (alert.tier.key, "live" if alert.live else "soft") if alert else ("none", "")


def check_reply(step: Step, reply: Reply, got: str, snapshot: Snapshot) -> None:
    """What holds of a reply, however it came about."""
    answered = tuple(part.entry_id for part in reply.parts) if isinstance(reply, Advice) else ()
    reached = {*answered, *(choice.action.entry_id for choice in choices_of(reply) if isinstance(choice.action, ShowEntry))}
    assert step.get in ("", got)
    assert step.entries in ((), answered)
    assert step.reach <= reached
    assert not step.hide & reached
    if step.note:
        assert isinstance(reply, Advice)
        assert ("full" if reply.note.full else "short") == step.note
    if step.reminds is not None:
        assert isinstance(reply, Advice)
        tiers = tuple(snapshot.flags_by_id[flag_id].tier for flag_id in step.reminds)
        assert reply.lead == compose.advice(("ice-or-heat",), snapshot, Context(alerted=step.reminds, alerted_at=tiers)).lead
    if step.calls:
        assert isinstance(reply, Alarm)
        regions = snapshot.knowledge.numbers.regions
        assert step.calls == {region.key for region in regions if re.search(rf"(?m)^•.*\b{region.name}\b.*:", reply.text)}
    if step.buttons is not None:
        kinds = {
            ChooseRegion: "regions",
            ShowNumbers: "numbers",
            CopyNumber: "copy",
            NotHappening: "over",
            ShowEntry: "show",
            NotThis: "not",
            More: "more",
        }
        assert step.buttons == {kinds[type(choice.action)] for choice in choices_of(reply)}


@pytest.mark.parametrize(("entry_id", "question"), SEEDS.items(), ids=list(SEEDS))
def test_a_seed_question_is_answered_by_its_own_entry(entry_id: str, question: Plain, snapshot: Snapshot) -> None:
    assert isinstance(question, str)
    assert say(question, snapshot).outcome == Answered((entry_id,))


def test_there_are_twelve_seed_questions() -> None:
    assert len(SEEDS) == 12


@pytest.mark.parametrize("plain", CONVERSATIONS.values(), ids=list(CONVERSATIONS))
def test_a_conversation_goes_as_told(plain: Plain, snapshot: Snapshot) -> None:
    assert isinstance(plain, list)
    context, now = Context(), NOON
    for step in map(read_step, plain):
        now += timedelta(minutes=step.wait)
        if step.say is None:
            reply, context = act(action_of(step.pick), snapshot, context, now)
            got = "answer" if isinstance(reply, Advice) else "alarm" if isinstance(reply, Alarm) else "notice"
            check_reply(step, reply, got, snapshot)
            continue
        turn = say(step.say, snapshot, context, at=now)
        context = turn.context
        tier, form = tier_of(turn.alert)
        assert step.tier in ("", tier)
        assert step.form in ("", form)
        check_reply(step, turn.reply, GETS[type(turn.outcome).__name__], snapshot)


def test_no_list_lies_idle() -> None:
    """A list that no test names is tried by nobody."""
    tests = "\n".join(path.read_text(encoding="utf-8") for path in sorted(CASES.parent.rglob("*.py")))
    files = sorted(path.name for path in CASES.iterdir())

    assert {"seed-questions.yaml", "conversations.yaml"} <= set(files)
    assert [name for name in files if name not in tests] == []
