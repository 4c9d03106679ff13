"""What an operator does to the knowledge that serves: put another version live, look first at what that would change, and take it back.

Nobody loses an answer or a red flag before somebody has said yes to it. What goes wrong stands in the report as problems.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot.errors import Problem
from bot.knowledge.folder import ENTRIES, FILE_LIMIT_BYTES, FOLDER_LIMIT_BYTES, FOLDER_LIMIT_FILES, FolderFiles, read_files
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.knowledge.rewriting import may_rewrite
from bot.knowledge.versions import KeptVersion, Versions, files_of, reason, unkeepable
from bot.replicas import Replicas, ReplicatedReload

STAGED_LIFE = timedelta(days=1)
"""How long a file that was sent may wait for a yes."""
_MOST_STAGED = 4

_BELOW = f"{ENTRIES}/"
_ENTRY_FILE = re.compile(r"(?=.{6,53}\Z)[a-z0-9]+(?:-[a-z0-9]+)*\.yaml")
_NO_PLACE = "there is no data folder to keep versions in; set DATA_DIR to one"
_CHANGED = "the knowledge folder was changed since the file was sent; /export it, make your change there, and send the file again"
_OFF = "entries cannot be changed from a chat here; KNOWLEDGE_BY_CHAT=true allows it, for a bot that runs alone on one machine"


@dataclass(frozen=True, slots=True)
class Staged:
    """What a file would do that was sent."""

    report: ReloadReport
    """Its problems, or what it would change: `before` serves, `after` is what would; the same where the file says what is there already."""
    version: str
    """What `put` is told to put it live; empty where there is nothing to put."""


class Publishing:
    """All of it, over one knowledge folder."""

    def __init__(
        self,
        live: LiveKnowledge,
        replicas: Replicas,
        kept: Versions | None,
        *,
        may_write: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """*kept*: the versions that served; None where there is no place for any. *may_write*: entries may be changed from a chat."""
        self._live, self._replicas, self._kept = live, replicas, kept
        self._waiting = kept.beside("staged", _MOST_STAGED) if kept is not None and may_write else None
        self._clock = clock
        self._lock = asyncio.Lock()
        """So that a change is whole before the next is looked at."""
        self._asked: dict[str, tuple[str, str]] = {}
        """The version that somebody was asked about -> what the folder held and what served then."""

    @property
    def may_write(self) -> bool:
        """Whether entries may be changed from a chat."""
        return self._waiting is not None

    async def begin(self) -> None:
        """Keep what serves, and forget what nobody said yes to."""
        await self._live.keep()
        await asyncio.to_thread(self._forget_stale)

    async def reload(self, agreed: str | None = None) -> ReplicatedReload:
        """Read the folder again, and put it live, here and on all replicas; ask first where something would be lost.

        *agreed* is the version that somebody has said yes to: if the folder holds another by now, it asks again.
        """
        async with self._lock:
            return await self._replicas.reload(agreed)

    def versions(self) -> tuple[KeptVersion, ...]:
        """Return what can be brought back, newest first; what serves is among them, if it could be kept."""
        return self._kept.list() if self._kept else ()

    async def undo(self, version: str, agreed: bool = False) -> ReplicatedReload:
        """Put *version* back into the folder, and live; ask first where something would be lost, unless *agreed*. Nothing is written while it asks.

        What the folder holds is kept as a version first. Where it has changed since somebody was asked, they are asked again.
        """
        async with self._lock:
            if self._kept is None:
                return self._refused(_NO_PLACE)
            source = await asyncio.to_thread(self._kept.path, version)
            if source is None:
                return self._refused(f"version {version} is not kept; it may be one of those that had to make room")
            held, problems = await asyncio.to_thread(self._held, version)
            if problems:
                return self._refused(*problems)
            asked, now = self._asked.pop(version, None), (held, self._live.current.version)
            report = await self._live.look(source)
            if report.problems:
                return ReplicatedReload(report)
            if report.waiting and (not agreed or asked not in (None, now)):
                self._asked[version] = now
                return ReplicatedReload(report)
            return await self._put(self._kept, version, held, report)

    def export(self) -> tuple[tuple[str, bytes], ...]:
        """Return the files of entries as the folder holds them: name without folder, and content. None where they may not be changed from a chat."""
        files = read_files(self._live.folder).content_by_name if self.may_write else {}
        return tuple((name.removeprefix(_BELOW), content) for name, content in files.items() if name.startswith(_BELOW))

    async def stage(self, name: str, content: bytes) -> Staged:
        """Return what the file *name* with this *content* would do in `entries/`. Nothing serves it yet, and nothing is written into the folder."""
        async with self._lock:
            if self._kept is None or self._waiting is None:
                return self._not_staged(_OFF)
            held = await asyncio.to_thread(read_files, self._live.folder)
            refused = held.problems or _problems(name, content, held)
            if refused:
                return Staged(replace(self._nothing_new(), problems=tuple(refused)), "")
            files = FolderFiles(dict(sorted({**held.content_by_name, _BELOW + name: content}.items())), ())
            if files.version == held.version:
                return Staged(self._nothing_new(), "")
            try:
                source = await asyncio.to_thread(self._stage, self._waiting, files, held.version)
            except OSError as error:
                return self._not_staged(f"cannot keep the file until somebody says yes ({reason(error)}); see to the data and the knowledge folder")
            report = await self._live.look(source)
            if report.problems:
                await asyncio.to_thread(self._waiting.forget, (files.version,))
            return Staged(report, "" if report.problems else files.version)

    async def put(self, version: str) -> ReplicatedReload:
        """Put what was staged as *version* into the folder, and live, if the folder still is what it was staged on."""
        async with self._lock:
            if self._kept is None or self._waiting is None:
                return self._refused(_OFF)
            told, source = await asyncio.to_thread(self._staged, self._waiting, version)
            files = await asyncio.to_thread(files_of, source) if source is not None else None
            if told is None or source is None or files is None or files.problems:
                return self._refused("the file is not kept any more; send it again")
            held, problems = await asyncio.to_thread(self._held, version)
            if problems or held not in (told.base, version):
                return self._refused(*problems or (_CHANGED,))
            report = await self._live.look(source)
            if report.problems:
                return ReplicatedReload(report)
            try:
                await asyncio.to_thread(self._kept.keep, files)
            except OSError as error:
                return self._refused(f"cannot keep the version in the data folder ({reason(error)}); see to that first")
            done = await self._put(self._kept, version, held, report)
            if not done.here.problems:
                await asyncio.to_thread(self._waiting.forget, (version,))
            return done

    async def _put(self, kept: Versions, version: str, held: str, foreseen: ReloadReport) -> ReplicatedReload:
        """Let the folder, which holds the version *held*, hold *version*, and put it live."""
        folder = self._live.folder
        problems = await self._live.write(partial(kept.put_back, version, folder, held))
        if problems:
            return self._refused(*problems)
        done = await self._replicas.reload(agreed=version)
        if done.here.problems:
            # It was sound a moment ago: there was no room for it. A restart shall not bring what nobody was told of.
            await self._live.write(partial(kept.put_back, held, folder, version))
        elif done.here.before == done.here.after == foreseen.after:
            # Another replica's announcement may have had it loaded just before.
            return replace(done, here=replace(foreseen, waiting=False, kept=done.here.kept))
        return done

    def _held(self, wanted: str) -> tuple[str, tuple[Problem | str, ...]]:
        """Return the version that the folder holds, and what keeps it from holding another."""
        folder = self._live.folder
        files = read_files(folder)
        if not files.problems and files.version == wanted:
            return files.version, ()
        try:
            may_rewrite(folder)
        except OSError as error:
            return files.version, (f"cannot write into the knowledge folder ({reason(error)}); put the files in place as you did before",)
        return files.version, unkeepable(files, folder)

    def _stage(self, waiting: Versions, files: FolderFiles, base: str) -> Path:
        may_rewrite(self._live.folder)
        self._forget_stale()
        return waiting.keep(files, base)

    def _forget_stale(self) -> None:
        if self._waiting is not None:
            now = self._clock()
            with suppress(OSError):  # What cannot be deleted is passed over by `put` all the same.
                self._waiting.forget([each.version for each in self._waiting.list() if not _is_fresh(each, now)])

    def _staged(self, waiting: Versions, version: str) -> tuple[KeptVersion | None, Path | None]:
        """Return what was staged as *version*, and the file it lies in; None where that was too long ago."""
        self._forget_stale()
        fresh = (each for each in waiting.list() if each.version == version and _is_fresh(each, self._clock()))
        return next(fresh, None), waiting.path(version)

    def _nothing_new(self) -> ReloadReport:
        serves = self._live.current.version
        return ReloadReport(serves, serves)

    def _refused(self, *problems: Problem | str) -> ReplicatedReload:
        whole = tuple(problem if isinstance(problem, Problem) else Problem(".", 1, 1, problem) for problem in problems)
        return ReplicatedReload(replace(self._nothing_new(), problems=whole))

    def _not_staged(self, problem: str) -> Staged:
        return Staged(self._refused(problem).here, "")


def _is_fresh(staged: KeptVersion, now: datetime) -> bool:
    return abs(now - staged.kept_at) <= STAGED_LIFE


def _problems(name: str, content: bytes, held: FolderFiles) -> tuple[Problem, ...]:
    """Return what keeps a file of this *name* and *content* from being one of `entries/` beside what the folder holds."""
    shown = name.encode("utf-8", "backslashreplace").decode()
    if not _ENTRY_FILE.fullmatch(name):
        what = "is no name for a file of entries: send one called after its theme, in small letters, such as relief.yaml"
        return (Problem(shown, 1, 1, what),)
    if len(content) > FILE_LIMIT_BYTES:
        return (Problem(_BELOW + shown, 1, 1, f"is larger than {FILE_LIMIT_BYTES // 1024} KiB; split it"),)
    others = [len(other) for each, other in held.content_by_name.items() if each != _BELOW + name]
    if len(others) >= FOLDER_LIMIT_FILES or sum(others) + len(content) > FOLDER_LIMIT_BYTES:
        return (Problem(".", 1, 1, f"at most {FOLDER_LIMIT_FILES} files and {FOLDER_LIMIT_BYTES // 2**20} MiB are read; make it less"),)
    return ()
