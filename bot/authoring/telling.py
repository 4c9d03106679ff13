"""What a change does, in words an author knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from bot.core.snapshot import Snapshot
from bot.knowledge.behaviour import Change, Reaction

Titles = Mapping[str, str]
"""What an entry is called, by its id."""

_SENTENCE, _REACTION = 100, 70
"""Characters of each that are shown."""


class Say(Protocol):
    """Gives one sentence of the knowledge."""

    def __call__(self, key: str, **values: str) -> str:
        """Return the sentence of *key* with *values* put in."""


def titles_of(*snapshots: Snapshot) -> Titles:
    """Return what entries are called, in the words of the last of *snapshots* that has them."""
    return {entry.id: entry.title for snapshot in snapshots for entry in snapshot.knowledge.entries}


def line_of(change: Change, titles: Titles, say: Say) -> str:
    """Return one line: the sentence, what it led to, and what it leads to now."""
    before, after = _side_by_side(_told(change.before, titles, say), _told(change.after, titles, say))
    return say("change_line", sentence=_cut(" ".join(change.sentence.split()), _SENTENCE), before=before, after=after)


def _told(reaction: Reaction, titles: Titles, say: Say) -> str:
    told = _kind(reaction, _named(reaction.about, titles), say)
    if reaction.also:
        told = say("reaction_also", reaction=told, titles=_named(reaction.also, titles))
    if reaction.flags and reaction.kind != "alarm":
        told = say("reaction_with_flags", reaction=told, flags=", ".join(reaction.flags), tier=_tier(reaction))
    return told


def _kind(reaction: Reaction, about: str, say: Say) -> str:
    flags = ", ".join(reaction.flags)
    match reaction.kind:
        case "answered":
            return about
        case "offered":
            return say("reaction_offered", titles=about)
        case "alarm" if about:
            return say("reaction_waits", flags=flags, tier=_tier(reaction), titles=about)
        case "alarm":
            return say("reaction_alarm", flags=flags, tier=_tier(reaction))
        case "smalltalk":
            return say("reaction_smalltalk", about=about)
        case "foreign":
            return say("reaction_foreign")
    return say("reaction_unknown")


def _named(ids: Iterable[str], titles: Titles) -> str:
    return ", ".join(titles.get(each, each) for each in ids)


def _tier(reaction: Reaction) -> str:
    return reaction.tier.key if reaction.tier is not None else "?"


def _side_by_side(before: str, after: str) -> tuple[str, str]:
    """Return both, short enough for one line: from their beginning, or from a little before they differ where that would show no difference."""
    short = _cut(before, _REACTION), _cut(after, _REACTION)
    if short[0] != short[1] or before == after:
        return short
    same = next((place for place, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), min(len(before), len(after)))
    start = same - _REACTION // 3
    return f"…{_cut(before[start:], _REACTION - 1)}", f"…{_cut(after[start:], _REACTION - 1)}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
