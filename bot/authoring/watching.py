"""The knowledge taken in as it is saved, while its author goes on talking to it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.authoring.telling import line_of, titles_of
from bot.core.model import Context, Reply, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.knowledge.folder import ENTRIES
from bot.knowledge.live import LiveKnowledge, ReloadReport

PAUSE_S = 0.5
"""Between two looks at the folder."""
_QUIET, _PATIENT = 1, 4
"""Looks that must find nothing new before what was saved is read, and before its problems are told: half a file has some too."""
_LONG_S = 3.0
"""After which it is said that a reload is at work."""
_CHANGES_SHOWN = 5
_PROBLEMS_SHOWN = 12

Look = frozenset[tuple[str, int, int, int]]
"""Of each YAML file: its path, when it was written last in ns, its size, and which file it is."""


def look(folder: Path) -> Look:
    """Return what can be told of the files in *folder* without reading them; nothing where it cannot be listed."""
    found: set[tuple[str, int, int, int]] = set()
    for place in (folder, folder / ENTRIES):
        with suppress(OSError), os.scandir(place) as listing:
            for item in listing:
                if item.name.endswith((".yaml", ".yml")) and not item.name.startswith("."):
                    with suppress(OSError):  # It may be gone by now.
                        status = item.stat(follow_symlinks=False)
                        found.add((item.path, status.st_mtime_ns, status.st_size, status.st_ino))
    return frozenset(found)


class Watcher:
    """Looks at the folder of the knowledge again and again, and reloads once what was saved lies still."""

    def __init__(self, live: LiveKnowledge, tell: Callable[[str], None], plain: Callable[[Reply], str]) -> None:
        """*tell* is given what to show, several lines at a time; *plain* makes text of a reply."""
        self._live, self._tell, self._plain = live, tell, plain
        self._seen = self._read = look(live.folder)
        self._still = 0
        self._problems: ReloadReport | None = None
        self._told_problems = False
        self._asked = ""

    def noting(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield *lines*, and remember the last that was a question."""
        for line in lines:
            words = line.strip().removeprefix(":edit ").strip()
            if words and not words.isdecimal() and words[0] not in "/:":
                self._asked = words
            yield line

    async def look_on(self) -> None:
        """Look once. What was saved is taken in when the look before found the same; problems are told when more looks did."""
        now = look(self._live.folder)
        self._still = self._still + 1 if now == self._seen else 0
        self._seen = now
        if now != self._read and self._still >= _QUIET:
            self._read = now
            await self._reload()
        if self._problems is not None and self._still >= _PATIENT:
            self._tell(self._refusal(self._problems))
            self._problems, self._told_problems = None, True

    async def _reload(self) -> None:
        before = self._live.current
        self._problems = None
        report = await self._report()
        if report.problems:
            self._problems = report
        elif report.before != report.after:
            self._told_problems = False
            self._tell("\n".join(self._success(report, before)))
        elif self._told_problems:
            self._told_problems = False
            self._tell(self._say("reload_same", version=report.after))

    async def _report(self) -> ReloadReport:
        reloading = asyncio.ensure_future(self._agreed())
        try:
            done, _ = await asyncio.wait({reloading}, timeout=_LONG_S)
            if not done:
                self._tell(self._say("watch_busy"))
            return await reloading
        finally:
            reloading.cancel()

    async def _agreed(self) -> ReloadReport:
        """Reload, whatever is lost: nobody is served but the author, who is shown it."""
        report = await self._live.reload()
        return await self._live.reload(agreed=report.after) if report.waiting else report

    def _refusal(self, report: ReloadReport) -> str:
        lines = list(map(str, report.problems[:_PROBLEMS_SHOWN]))
        if rest := len(report.problems) - len(lines):
            lines.append(self._say("reload_more", count=str(rest)))
        return "\n".join([self._say("watch_refused", count=str(len(report.problems))), *lines])

    def _success(self, report: ReloadReport, before: Snapshot) -> Iterator[str]:
        say = self._say
        yield say("watch_taken", version=report.after)
        for key, ids in (("reload_added", report.added), ("reload_removed", report.removed), ("reload_changed", report.changed)):
            if ids:
                yield say(key, count=str(len(ids)), ids=", ".join(ids))
        if report.difference is not None:
            count, tried = report.difference.count, str(report.difference.tried)
            yield say("watch_elsewhere", count=str(count), tried=tried) if count else say("watch_same", tried=tried)
            titles = titles_of(before, self._live.current)
            yield from (line_of(change, titles, say) for change in report.difference.changes[:_CHANGES_SHOWN])
            if count > _CHANGES_SHOWN:
                yield say("reload_more", count=str(count - _CHANGES_SHOWN))
        was, now = (self._answer(snapshot) for snapshot in (before, self._live.current))
        if was != now:
            yield f"\n{say('watch_again', question=self._asked)}\n\n{now}"

    def _say(self, key: str, **values: str) -> str:
        return self._live.current.knowledge.messages.say(key, 0, **values)

    def _answer(self, snapshot: Snapshot) -> str:
        return self._plain(respond(Utterance(self._asked, datetime.now(UTC)), snapshot, Context()).reply) if self._asked else ""


@contextmanager
def watched(live: LiveKnowledge, tell: Callable[[str], None], plain: Callable[[Reply], str], pause_s: float = PAUSE_S) -> Iterator[Watcher]:
    """Look at the folder of *live* in a thread of its own, every *pause_s* seconds, until the block ends."""
    watcher = Watcher(live, tell, plain)
    loop = asyncio.new_event_loop()

    async def watch() -> None:
        while True:
            await asyncio.sleep(pause_s)
            await watcher.look_on()

    task = loop.create_task(watch())

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run, name="watch")
    thread.start()
    try:
        yield watcher
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
