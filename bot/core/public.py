"""Replies as others may read them: short, and the rest in private."""

from __future__ import annotations

from dataclasses import replace

from bot.core import compose
from bot.core.action import Action, Choice, ChooseRegion, CopyNumber, InPrivate, NotHappening, Regions, Rows, SetRegion, ShowEntry, ShowNumbers
from bot.core.model import Advice, Menu, Part, Reply
from bot.core.snapshot import Snapshot

_LINKS: frozenset[type[Action]] = frozenset({InPrivate, CopyNumber})
"""What needs no answer of the bot."""
_KEPT: frozenset[type[Action]] = frozenset({CopyNumber, ChooseRegion, ShowNumbers, Regions, SetRegion, NotHappening})
"""What says nothing of a person's health."""


def in_public(reply: Reply, snapshot: Snapshot, *, links_only: bool = False) -> Reply:
    """Return *reply* as it may stand where others read along.

    Of an answer its opening stays, under a line that says what it is about, with its note; an alarm stays whole. Choices that lead to
    answers lead into private. *links_only*: no other choice is left, for a message that cannot be changed later.
    """
    match reply:
        case Menu():
            return reply
        case Advice(parts):
            short = tuple(_short(part, snapshot, alone=len(parts) == 1) for part in parts)
            return replace(reply, parts=short, choices=(*_in_full(parts, snapshot), *_kept(reply.choices, links_only=links_only)))
    return replace(reply, choices=_led_away(reply.choices, snapshot, links_only=links_only))


def _short(part: Part, snapshot: Snapshot, *, alone: bool) -> Part:
    title = compose.about(snapshot.entries_by_id[part.entry_id].title, snapshot) if alone else part.title
    return replace(part, title=title, answer=compose.opening(part.answer), more="")


def _in_full(parts: tuple[Part, ...], snapshot: Snapshot) -> Rows:
    titles = [snapshot.entries_by_id[part.entry_id].title for part in parts]
    labels = titles if len(parts) > 1 else [snapshot.knowledge.messages.say("in_private")]
    return tuple((Choice(label, InPrivate(part.entry_id)),) for label, part in zip(labels, parts, strict=True))


def _kept(rows: Rows, *, links_only: bool) -> Rows:
    fitting = _KEPT & _LINKS if links_only else _KEPT
    kept = (tuple(choice for choice in row if type(choice.action) in fitting) for row in rows)
    return tuple(row for row in kept if row)


def _led_away(rows: Rows, snapshot: Snapshot, *, links_only: bool) -> Rows:
    """Return *rows* with entries behind links; where all that could be chosen is gone, one link stays."""
    links = tuple(
        (Choice(choice.label, InPrivate(choice.action.entry_id)),) for row in rows for choice in row if isinstance(choice.action, ShowEntry)
    )
    found = (*links, *_kept(rows, links_only=links_only))
    if found or not rows:
        return found
    return ((Choice(snapshot.knowledge.messages.say("in_private"), InPrivate()),),)
