"""The two numbers that come first: how many sentences of danger raise their red flag, and how many harmless ones raise an alarm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.audit.findings import Finding, Weight
from bot.core.content import Tier
from bot.core.model import Alert
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from bot.core.triage.rules import RedFlag
from bot.errors import Problem
from bot.knowledge.document import Place
from bot.knowledge.draft import Draft
from bot.knowledge.wording import shown

_ALARMS_FROM = Tier.URGENT_TODAY


@dataclass(frozen=True, slots=True)
class Safety:
    """Of the sentences that stand in the folder and are tried."""

    dangers: int
    """What red flags must fire on."""
    caught: int
    """Those that raise their flag live."""
    harmless: int
    """What flags must be silent on; ways to ask an entry, what must lead to it and what must not; and what none.yaml says is no question."""
    alarmed: int
    """Those that raise a live alarm of *urgent today* or above; of what a flag is silent on, that flag."""
    findings: tuple[Finding, ...] = ()
    """One for each that is alarmed at and is no problem already."""


@dataclass(frozen=True, slots=True)
class Harmless:
    """A sentence that is no danger, and where it stands."""

    said: str
    place: Place
    steps: tuple[str | int, ...] = ()


def measure(draft: Draft, snapshot: Snapshot, untrue: Iterable[Problem] = (), step: Callable[[], object] = lambda: None) -> Safety:
    """Return both numbers for *draft*, which *snapshot* was made from.

    *untrue* is what came of trying its sentences: red flags need not be tried again on theirs. *step* is called once for each sentence looked at.
    """
    failed = set(map(_at, untrue))
    fires, silent = (_places_under(key, draft) for key in ("fires_on", "silent_on"))
    harmless = harmless_of(draft)
    triage, language = snapshot.triage, snapshot.knowledge.language
    found: list[Finding] = []
    for each in harmless:
        step()
        found += _alarmed(each, triage.examine(normalise(each.said, language)), snapshot)
    caught = len(fires) - len(failed.intersection(fires))
    return Safety(len(fires), caught, len(silent) + len(harmless), len(failed.intersection(silent)) + len(found), tuple(found))


def silenced(draft: Draft, untrue: Iterable[Problem]) -> frozenset[Problem]:
    """Return those of *untrue* that say of a red flag that it does not fire on what it must."""
    fires = set(_places_under("fires_on", draft))
    return frozenset(problem for problem in untrue if _at(problem) in fires)


def harmless_of(draft: Draft) -> tuple[Harmless, ...]:
    """Return what `measure` looks at: all that must raise no alarm, but what an author says is a danger."""
    dangers = {draft.words(said) for flag in _flags(draft) for said in flag.fires_on}
    dangers |= {draft.words(example.said) for example, _ in draft.examples if example.tier is not None}
    return tuple(each for each in _said_in(draft) if draft.words(each.said) not in dangers)


def _said_in(draft: Draft) -> Iterator[Harmless]:
    for entry, place in draft.entries:
        yield from (Harmless(said, place, ("asks", index)) for index, said in enumerate(entry.asks))
        yield from (Harmless(said, place, ("tests", "hits", index)) for index, said in enumerate(entry.hits))
        yield from (Harmless(said, place, ("tests", "misses", index)) for index, said in enumerate(entry.misses))
    yield from (Harmless(said, place) for said, place in draft.none if place is not None)


def _alarmed(harmless: Harmless, alert: Alert | None, snapshot: Snapshot) -> Iterator[Finding]:
    if alert is None or not alert.live or alert.tier < _ALARMS_FROM:
        return
    flags = ", ".join(f"'{flag_id}'" for flag_id in alert.flag_ids)
    ruled = [flag_id for flag_id in alert.flag_ids if not snapshot.flags_by_id[flag_id].by_likeness]
    cure = (
        f"if it is a danger, write it under `fires_on` of '{ruled[0]}'; if it is none, under its `silent_on`, and bar what it sounds like"
        if ruled
        else "if it is a danger, write messages like it into examples_danger.yaml; if it is none, into examples_harmless.yaml"
    )
    problem = harmless.place.problem(f"{shown(harmless.said)} raises the alarm of {flags}; {cure}", *harmless.steps)
    yield Finding("alarmed", Weight.WARNING, problem, (), alert.flag_ids)


def _flags(draft: Draft) -> Iterator[RedFlag]:
    yield from draft.red_flags.flags if draft.red_flags else ()


def _places_under(key: str, draft: Draft) -> list[tuple[str, int, int]]:
    """Return where each sentence under *key* of a red flag stands."""
    places = draft.places()
    return [_at(places.flag(flag.id).problem("", key, index)) for flag in _flags(draft) for index, _ in enumerate(getattr(flag, key))]


def _at(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column
