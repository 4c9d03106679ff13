"""What was asked in vain, as whoever writes the knowledge works through it: which entry each question may be another way to ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from bot.core.misses import MissGroup, without_gaps
from bot.core.model import Context, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.knowledge.phrasing_trial import Addition, Trial, try_all

CANDIDATES = 3
_DIGITS = 8
_SOME_DAY = datetime(2000, 1, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What was asked in vain, and the knowledge that did not know it."""

    groups: tuple[MissGroup, ...]
    snapshot: Snapshot
    folder: Path
    cache: Path | None = None
    """Where what is learned is kept, if anywhere."""


def name_of(group: MissGroup) -> str:
    """Return eight characters that stand for the words of *group*; once other words are shown for it they are others."""
    return sha256(group.words.encode()).hexdigest()[:_DIGITS]


def phrasing_of(group: MissGroup) -> str:
    """Return the words of *group* as they would stand in a file."""
    return without_gaps(group.words)


def has_gaps(group: MissGroup) -> bool:
    """Return whether words of *group* were taken out, so that its phrasing reads oddly."""
    return phrasing_of(group) != group.words


def candidates(group: MissGroup, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the ids of the entries that fit the words of *group* best, three at most; not those that people said were not what they asked."""
    ranking = respond(Utterance(phrasing_of(group), _SOME_DAY), snapshot, Context()).ranking
    return tuple(match.entry_id for match in ranking if match.entry_id not in group.not_this)[:CANDIDATES]


async def tried(inbox: Inbox, tell: Callable[[str], None]) -> dict[MissGroup, Trial]:
    """Return what came of each group's phrasing under the entry that fits it best; groups that no entry fits are left out.

    *tell* is told how far it is, in words.
    """
    best = {group: candidates(group, inbox.snapshot)[:1] for group in inbox.groups}
    additions = {group: Addition(found[0], phrasing_of(group)) for group, found in best.items() if found}
    if additions:
        tell(f"Trying {len(additions)} phrasings together ...")
    most = len(additions) + 1
    trials = await try_all(inbox.folder, tuple(additions.values()), lambda done: tell(f"tried {done} times, at most {most}"), cache=inbox.cache)
    return dict(zip(additions, trials, strict=True))
