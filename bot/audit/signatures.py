"""Who answers for what: entries and red flags that nobody has signed, that have changed since, or that were signed too long ago."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from bot.audit.findings import Finding, Weight
from bot.core.content import Signature
from bot.core.triage.rules import RedFlags
from bot.errors import Problem
from bot.knowledge.document import Place
from bot.knowledge.draft import Draft
from bot.knowledge.signing import SHARED

LIFE_MONTHS = 12
"""After so many months what was checked or signed is looked at again."""
_ELSEWHERE = timedelta(days=1)
"""Somewhere it is tomorrow already."""

_At = tuple[str, int, int]
"""File, line and column."""


def signature_findings(draft: Draft, today: date) -> Iterator[Finding]:
    """Yield the signatures of *draft* that are missing, void, too old on the day *today*, or dated ahead of it."""
    yield from (Finding("voided", Weight.WARNING, warning) for warning in sorted(draft.warnings))
    void = {(warning.file, warning.line, warning.column) for warning in draft.warnings}
    for entry, place in draft.entries:
        yield from _signed(f"'{entry.id}'", entry.id, entry.reviewed, place, void, today)
        if entry.checked is not None:
            told = f"the facts of '{entry.id}' were checked on {entry.checked.date}"
            yield from _dated(entry.checked.date, today, place.problem(f"{told}; compare them with the sources again", "checked", "date"))
    if draft.red_flags is not None:
        yield from _flags_signed(draft, draft.red_flags, void, today)
    yield from _numbers(draft, today)


def _flags_signed(draft: Draft, red_flags: RedFlags, void: set[_At], today: date) -> Iterator[Finding]:
    places = draft.places()
    for flag in red_flags.flags:
        yield from _signed(f"'{flag.id}'", flag.id, flag.reviewed, places.flag(flag.id), void, today)
    if red_flags.idioms or red_flags.cues or red_flags.seen:
        shared = "what all red flags share"
        yield from _signed(shared, SHARED, red_flags.reviewed, draft.place("red_flags.yaml"), void, today)


def _signed(name: str, page: str, signature: Signature | None, place: Place, void: set[_At], today: date) -> Iterator[Finding]:
    if signature is not None:
        what = f"{name} was signed on {signature.date}; have it reviewed again, and signed anew"
        yield from _dated(signature.date, today, place.problem(what, "reviewed", "date"))
        return
    told = place.problem("", "reviewed", "hash")
    if (told.file, told.line, told.column) not in void:
        what = f"nobody has signed {name}; `napebot review {page}` prints what there is to sign, and the line to write"
        yield Finding("unsigned", Weight.NOTE, place.problem(what, "id"))


def _numbers(draft: Draft, today: date) -> Iterator[Finding]:
    place = draft.place("numbers.yaml")
    plain = place.document.plain
    looked_up = plain.get("checked") if isinstance(plain, dict) else None
    if isinstance(looked_up, str):
        what = f"the phone numbers were looked up on {looked_up}; look each up again, and write the day"
        yield from _dated(looked_up, today, place.problem(what, "checked"))


def _dated(day: str, today: date, stale: Problem) -> Iterator[Finding]:
    """Yield *stale* where *day* is further back than so many months, and a word on it where it is still to come."""
    try:
        done = date.fromisoformat(day)
    except ValueError:
        return  # It is refused already.
    if done > today + _ELSEWHERE:
        what = f"{day} lies ahead; write the day on which it was done"
        yield Finding("ahead", Weight.WARNING, replace(stale, what=what))
    months = (today.year - done.year) * 12 + today.month - done.month
    if months > LIFE_MONTHS or (months == LIFE_MONTHS and today.day > done.day):
        yield Finding("overdue", Weight.WARNING, replace(stale, what=f"{LIFE_MONTHS} months are over: {stale.what}"))
