"""The knowledge that serves right now, and how it is replaced: whole, or not at all."""

from __future__ import annotations

import asyncio
import gc
import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from bot.core.content import Entry
from bot.core.knowledge import Knowledge
from bot.core.snapshot import Snapshot
from bot.errors import KnowledgeError, Problem
from bot.knowledge.apart import Learning, learn_apart
from bot.knowledge.loader import load_passed, load_snapshot

_log = logging.getLogger(__name__)
_TRIES = 3
_KILLED = "learning was ended from outside, most likely for want of memory; give the machine about 300 MB to spare, and try again"


@dataclass(frozen=True, slots=True)
class ReloadReport:
    """What a reload did."""

    before: str
    after: str
    """The versions; equal when nothing changed or the reload was refused."""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Ids of entries, each sorted; *changed* also names the other parts, such as `messages` and `red_flags`."""
    problems: tuple[Problem, ...] = ()
    """Why it was refused, and the old knowledge keeps serving; empty when it was not."""


class LiveKnowledge:
    """Holds the current snapshot. Whoever reads `current` keeps a whole one, whatever is loaded meanwhile."""

    def __init__(self, folder: Path, snapshot: Snapshot, cache: Path | None = None) -> None:
        """*cache*: where what is learned is kept; with one a reload learns in another process."""
        self._folder, self._cache = folder, cache
        self._current = snapshot
        self._lock = asyncio.Lock()

    @property
    def current(self) -> Snapshot:
        """The snapshot to answer from."""
        return self._current

    async def reload(self) -> ReloadReport:
        """Read the folder again and replace the snapshot, or report every problem and replace nothing.

        Reloads wait for each other. What must be learned is learned in another process, where there is a cache folder, and else in a worker thread.
        """
        async with self._lock:
            before = self._current
            try:
                after = await load_aside(self._folder, self._cache)
            except KnowledgeError as error:
                return ReloadReport(before.version, before.version, problems=error.problems)
            except Exception as error:
                _log_without_words(error)
                problem = Problem(".", 1, 1, f"the reload failed inside the bot ({type(error).__name__}); its log says where. Please report it")
                return ReloadReport(before.version, before.version, problems=(problem,))
            self._current = after
            return await asyncio.to_thread(_compare, before.knowledge, after.knowledge)


async def load_aside(folder: Path, cache: Path | None) -> Snapshot:
    """Return a snapshot of *folder*, its sentences tried, without holding up the event loop. Raises KnowledgeError.

    With a *cache* folder another process learns what is not kept there, so that this one does not grow; where that cannot be done, and without a
    cache, a thread of this one does. A process that was killed is no reason to try the same here: what had no room there has none here.
    """
    for _ in range(_TRIES):
        if cache is None:
            break
        snapshot = await asyncio.to_thread(_load_passed, folder, cache)
        if snapshot is not None:
            return snapshot
        # While it learns the folder may change: then the next look finds nothing kept of it.
        learning = await learn_apart(folder, cache)
        if learning is Learning.KILLED:
            raise KnowledgeError([Problem(".", 1, 1, _KILLED)])
        if learning is Learning.FAILED:
            break
    return await asyncio.to_thread(load_snapshot, folder, cache=cache)


def _load_passed(folder: Path, cache: Path) -> Snapshot | None:
    """Load what is kept, without the pauses of looking for garbage among so many new things: nobody else gets on meanwhile."""
    gc.disable()
    try:
        return load_passed(folder, cache)
    finally:
        gc.freeze()  # Nearly all there is now stays until the next reload, and goes without being looked for: a snapshot holds no cycle.
        gc.enable()


def _log_without_words(error: Exception) -> None:
    # The message of an exception may quote what was being read; its type and the lines of code do not.
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error("reload failed: %s\n%s", type(error).__name__, frames)


def _compare(before: Knowledge, after: Knowledge) -> ReloadReport:
    old, new = _by_id(before), _by_id(after)
    entries = {entry_id for entry_id in old.keys() & new.keys() if old[entry_id] != new[entry_id]}
    parts = {field.name for field in fields(Knowledge) if field.name not in ("version", "entries")}
    changed = entries | {name for name in parts if getattr(before, name) != getattr(after, name)}
    added, removed = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    return ReloadReport(before.version, after.version, tuple(added), tuple(removed), tuple(sorted(changed)))


def _by_id(knowledge: Knowledge) -> Mapping[str, Entry]:
    return {entry.id: entry for entry in knowledge.entries}
