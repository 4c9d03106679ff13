"""The knowledge that serves right now, and how it is replaced: whole, or not at all."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
import traceback
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from bot.core.content import Entry
from bot.core.knowledge import Knowledge
from bot.core.snapshot import Snapshot
from bot.errors import KnowledgeError, Problem
from bot.knowledge.apart import Compared, Learning, compare_apart
from bot.knowledge.behaviour import MOST_CHANGES, Difference, compare
from bot.knowledge.folder import read_files
from bot.knowledge.loader import load_passed, load_snapshot
from bot.knowledge.versions import Versions

_log = logging.getLogger(__name__)
_TRIES = 3
_KNOWN = 4
"""How many differences are remembered."""
_PAUSE_S = 0.001
"""After each sentence that is tried in this process: then the event loop has its turn."""
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
    difference: Difference | None = None
    """How known sentences are answered otherwise; None where nothing was compared: nothing is new, it was refused, or it could not be done."""
    waiting: bool = False
    """It is sound, but something would be lost: nothing was replaced, and *after* is the version that waits for somebody's yes."""
    kept: bool = True
    """False where what serves now could not be kept: then it cannot be brought back later."""


class LiveKnowledge:
    """Holds the current snapshot. Whoever reads `current` keeps a whole one, whatever is loaded meanwhile."""

    def __init__(self, folder: Path, snapshot: Snapshot, cache: Path | None = None, versions: Versions | None = None) -> None:
        """*cache*: where what is learned is kept; with one a reload learns in another process. *versions*: where what serves is kept."""
        self.folder = folder
        self._cache, self._versions = cache, versions
        self._current = snapshot
        self._lock = asyncio.Lock()
        self._known: dict[tuple[str, str], Difference] = {}
        """The last few differences between two versions: who said yes to one shall not wait for it again."""

    @property
    def cache(self) -> Path | None:
        """Where what is learned is kept, if anywhere."""
        return self._cache

    @property
    def current(self) -> Snapshot:
        """The snapshot to answer from."""
        return self._current

    async def reload(self, *, agreed: str | None = None, ask: bool = True) -> ReloadReport:
        """Read the folder again and replace the snapshot, or report every problem and replace nothing.

        Where known sentences would lose an answer or a red flag it waits and replaces nothing, unless *agreed* is the version that the folder holds.
        Without *ask* nothing is compared. Reloads wait for each other. What must be learned and compared is done in another process, where there is a
        cache folder, and else in a worker thread.
        """
        async with self._lock:
            return await self._safely(self._reload(agreed, ask=ask))

    async def look(self, source: Path) -> ReloadReport:
        """Return what a reload would do if the folder held what *source* does, a folder or a version kept in a file. Nothing is replaced."""
        async with self._lock:
            return await self._safely(self._looked_at(source))

    async def write(self, change: Callable[[], None]) -> tuple[Problem, ...]:
        """Run *change*, which writes into the folder, in a worker thread, while nothing is reloaded; return the problems of its KnowledgeError."""
        async with self._lock:
            try:
                await asyncio.to_thread(change)
            except KnowledgeError as error:
                return error.problems
            return ()

    async def keep(self) -> bool:
        """Keep the files of what serves, so that it can be brought back; return whether they are kept, as far as there is a place for them."""
        async with self._lock:
            return await asyncio.to_thread(self._keep, self._current.version)

    async def _safely(self, work: Coroutine[Any, Any, ReloadReport]) -> ReloadReport:
        before = self._current.version
        try:
            return await work
        except KnowledgeError as error:
            return ReloadReport(before, before, problems=error.problems)
        except Exception as error:
            _log_without_words(error)
            problem = Problem(".", 1, 1, f"the reload failed inside the bot ({type(error).__name__}); its log says where. Please report it")
            return ReloadReport(before, before, problems=(problem,))

    async def _reload(self, agreed: str | None, *, ask: bool) -> ReloadReport:
        before = self._current
        if await asyncio.to_thread(_holds, self.folder, before.version):
            return ReloadReport(before.version, before.version, kept=await asyncio.to_thread(self._keep, before.version))
        after, report = await self._found(self.folder, ask=ask)
        if report.waiting and agreed != after.version:
            return report
        kept = await asyncio.to_thread(self._keep, after.version)
        self._current = after
        return replace(report, waiting=False, kept=kept)

    async def _looked_at(self, source: Path) -> ReloadReport:
        return (await self._found(source, ask=True))[1]

    async def _found(self, source: Path, *, ask: bool) -> tuple[Snapshot, ReloadReport]:
        """Return the snapshot of *source*, and what differs; waiting where anything would be lost."""
        before = self._current
        after, compared = await _loaded(source, self._cache, before.version if ask else "")
        report = await asyncio.to_thread(_compare, before.knowledge, after.knowledge)
        if not ask or after.version == before.version:
            return after, report
        difference = await self._difference(source, before, after, compared)
        return after, replace(report, difference=difference, waiting=bool(difference.losses))

    async def _difference(self, source: Path, before: Snapshot, after: Snapshot, compared: Compared | None) -> Difference:
        pair = before.version, after.version
        difference = self._known.pop(pair, None)
        if difference is None and compared is None and self._cache is not None:
            with suppress(KnowledgeError):  # Of files that were changed since: what is loaded has none.
                compared = await compare_apart(source, self._cache, before.version)
        if difference is None and compared is not None and compared.version == after.version:
            difference = compared.difference
        if difference is None:
            # Both are here. It takes some seconds more, for whoever is served comes first.
            difference = (await asyncio.to_thread(compare, before, after, _pause)).at_most(MOST_CHANGES)
        self._known[pair] = difference
        while len(self._known) > _KNOWN:
            del self._known[next(iter(self._known))]
        return difference

    def _keep(self, version: str) -> bool:
        """Keep the files of *version*, if the folder still holds it; return whether they are kept."""
        if self._versions is None:
            return True
        try:
            files = read_files(self.folder)
            if files.problems or files.version != version:
                kept = self._versions.read(version) is not None
            else:
                self._versions.keep(files)
                kept = True
        except OSError as error:
            _log.warning("the version that serves cannot be kept (%s): /undo will not bring it back", type(error).__name__)
            return False
        if not kept:
            _log.warning("the version that serves was not kept, for the folder has changed since: /undo will not bring it back")
        return kept


async def load_aside(source: Path, cache: Path | None) -> Snapshot:
    """Return a snapshot of *source*, its sentences tried, without holding up the event loop. Raises KnowledgeError.

    With a *cache* folder another process learns what is not kept there, so that this one does not grow; where that cannot be done, and without a
    cache, a thread of this one does. A process that was killed is no reason to try the same here: what had no room there has none here.
    """
    return (await _loaded(source, cache, ""))[0]


async def _loaded(source: Path, cache: Path | None, before: str) -> tuple[Snapshot, Compared | None]:
    """Do the same, and return what the other process says of the version *before*, where one was asked."""
    compared = None
    for _ in range(_TRIES):
        if cache is None:
            break
        snapshot = await asyncio.to_thread(_load_passed, source, cache)
        if snapshot is not None:
            return snapshot, compared
        # While it learns the folder may change: then the next look finds nothing kept of it.
        compared = await compare_apart(source, cache, before)
        if compared.learning is Learning.FAILED:
            break
        if compared.learning is Learning.KILLED:
            # It may have learned all, and had no room to compare.
            snapshot = await asyncio.to_thread(_load_passed, source, cache)
            if snapshot is None:
                raise KnowledgeError([Problem(".", 1, 1, _KILLED)])
            return snapshot, compared
    return await asyncio.to_thread(load_snapshot, source, cache=cache), compared


def _holds(folder: Path, version: str) -> bool:
    files = read_files(folder)
    return not files.problems and files.version == version


def _pause(_done: int, _count: int) -> None:
    time.sleep(_PAUSE_S)


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
