"""Several replicas, one knowledge: what one reloads is announced, each reads its own folder then, and says what became of it.

The number of the last announcement is the truth, and each replica reads it every few seconds. That it is also told at once is a hint, which may
get lost. Who follows an announcement makes none.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bot import metrics
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.store import Store
from bot.store.bounded import bounded
from bot.store.records import Generation, Replica

_T = TypeVar("_T")
_LEFT = ""
"""The version that a replica reports when it ends, so that nobody waits for it."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, and for how long; all in seconds."""

    look_s: float = 5.0
    """Between two looks at the number, when nobody tells of a new one."""
    report_s: float = 5.0
    """Between two reports of what is served here; a few must fit into REPLICA_LIFE."""
    wait_s: float = 7.0
    """What a reload waits for the others at most: a look, and the loading."""
    ask_s: float = 0.1
    """Between two questions what the others did."""
    store_s: float = 2.0
    """What one call to the store may take; no answer to a person waits for any of these."""


@dataclass(frozen=True, slots=True)
class ReplicatedReload:
    """What a reload did, here and elsewhere. Each replica is named once, in order."""

    here: ReloadReport
    took: tuple[str, ...] = ()
    """Those that serve what is served here, this one included; empty where the reload was refused here or waits, and so not announced."""
    refused: tuple[Replica, ...] = ()
    """Those that found problems in their files, and keep what they had."""
    differing: tuple[Replica, ...] = ()
    """Those whose files are sound, and not the same as here."""
    loading: tuple[str, ...] = ()
    """Those that live, and had not finished by then."""
    unheard: tuple[str, ...] = ()
    """Those that lived a moment ago, and have not been heard of since."""
    store_answered: bool = True
    """False where the others may not have been told, or could not be asked."""

    @property
    def count(self) -> int:
        """How many replicas there are."""
        return sum(map(len, (self.took, self.refused, self.differing, self.loading, self.unheard)))


class Replicas:
    """One replica among the others."""

    def __init__(self, store: Store, live: LiveKnowledge, name: str, pace: Pace = Pace(), *, alone: bool = False) -> None:
        """*name* must be this process's own: see `replica_name`. *alone* says that nobody shares the store: then it is told and asked nothing."""
        self.name = name
        self._alone = alone
        self._store = store
        self._live = live
        self._pace = pace
        self._acted: int | None = None
        """The number of the announcement that is served here, or was tried; None before any was read."""
        self._problems = 0
        self._changing = asyncio.Lock()
        """Held from reading the number until what it asks for is done."""
        self._reporting = asyncio.Lock()
        """So that no report overtakes a newer one."""

    async def reload(self, agreed: str | None = None) -> ReplicatedReload:
        """Read the knowledge anew; if it is taken here, tell the others, and wait for what becomes of it there.

        Where something would be lost it waits for somebody's yes, unless *agreed* is the version that is found: then nothing was replaced anywhere.
        The others do not ask: whoever is asked first speaks for all.
        """
        async with self._changing:
            before = None if self._alone else await self._generation()
            report = await self._load(self._live.reload(agreed=agreed))
            if self._alone or report.problems or report.waiting:
                return ReplicatedReload(report, () if report.problems or report.waiting else (self.name,))
            announced = await self._bounded(self._store.announce(report.after), otherwise=None)
            if announced is None:
                return ReplicatedReload(report, (self.name,), store_answered=False)
            _tell("knowledge announced", announced.number, report)
            if before is None or announced.number != before.number + 1:
                # Another replica has announced meanwhile, perhaps newer files than were read here. The report stays that of our own.
                self._problems = len((await self._load(self._live.reload(ask=False))).problems)
            else:
                self._problems = 0
            self._acted = announced.number
        await self._report()
        return await self._heard(report, announced.number)

    async def alive(self) -> Mapping[str, str] | None:
        """Return the version of the knowledge that each replica serves, this one included, by name; None where the store does not say."""
        others = {} if self._alone else await self._others()
        return None if others is None else {name: other.version for name, other in others.items()} | {self.name: self._live.current.version}

    async def follow(self, stop: asyncio.Event) -> None:
        """Do what is announced, and report now and then, until *stop* is set. A store that is down delays it, and nothing else does."""
        works = () if self._alone else (self._watch(), self._keep_reporting())
        tasks = [asyncio.create_task(work) for work in works]
        try:
            await stop.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not self._alone:
            await bounded(self._store.report(Replica(self.name, 0, _LEFT)), otherwise=None)

    async def _watch(self) -> None:
        while True:
            try:
                changed = await self._look()
            except Exception as error:  # Of last resort: a replica that follows no more would serve old advice for ever.
                _log.error("following an announcement failed: %s", type(error).__name__)
                changed = False
            if not changed:
                await self._news()

    async def _look(self) -> bool:
        """Do what the last announcement asks for; return whether there was anything to do, and so perhaps more by now."""
        async with self._changing:
            generation = await self._generation()
            if generation is None or generation.number == self._acted:
                return False
            if self._acted is not None or await self._missed(generation):
                await self._obey(generation)
            self._acted = generation.number
        await self._report()
        return True

    async def _missed(self, generation: Generation) -> bool:
        """Return whether *generation* may be of files newer than those this process started from: others serve, and it is not what we serve."""
        return generation.version not in ("", self._live.current.version) and bool(await self._others())

    async def _obey(self, generation: Generation) -> None:
        report = await self._load(self._live.reload(ask=False))
        self._problems = len(report.problems)
        for problem in report.problems:
            _log.error("knowledge: %s", problem)
        _tell("announcement followed", generation.number, report)

    async def _load(self, reload: Awaitable[ReloadReport]) -> ReloadReport:
        report = await reload
        metrics.RELOADS.labels(_result(report)).inc()
        return report

    async def _news(self) -> None:
        """Wait until told of an announcement, or until it is time to look."""

        async def told() -> bool:
            await self._store.news(self._pace.look_s)
            return True

        if not await bounded(told(), otherwise=False, limit_s=self._pace.look_s + self._pace.store_s):
            await asyncio.sleep(self._pace.look_s)

    async def _keep_reporting(self) -> None:
        while True:
            await self._report()
            await asyncio.sleep(self._pace.report_s)

    async def _report(self) -> None:
        async with self._reporting:
            served = Replica(self.name, self._acted or 0, self._live.current.version, self._problems)
            await self._bounded(self._store.report(served), otherwise=None)

    async def _heard(self, report: ReloadReport, number: int) -> ReplicatedReload:
        """Wait until all others have acted on announcement *number*, for a while, and return what each did."""
        clock = asyncio.get_running_loop().time
        end = clock() + self._pace.wait_s
        first = last = await self._others()
        while (last is None or any(other.generation < number for other in last.values())) and clock() < end:
            await asyncio.sleep(self._pace.ask_s)
            last = await self._others() or last
            first = last if first is None else first
        if first is None or last is None:
            return ReplicatedReload(report, (self.name,), store_answered=False)
        return judged(report, Replica(self.name, number, self._live.current.version), first, last)

    async def _others(self) -> Mapping[str, Replica] | None:
        """Return the others that live, by name; None where the store does not say."""
        alive = await self._bounded(self._store.replicas(), otherwise=None)
        return None if alive is None else {each.name: each for each in alive if each.name != self.name and each.version != _LEFT}

    async def _generation(self) -> Generation | None:
        return await self._bounded(self._store.generation(), otherwise=None)

    async def _bounded(self, call: Awaitable[_T], *, otherwise: _T) -> _T:
        return await bounded(call, otherwise=otherwise, limit_s=self._pace.store_s)


def _result(report: ReloadReport) -> str:
    if report.problems:
        return "refused"
    if report.waiting:
        return "waiting"
    return "unchanged" if report.before == report.after else "loaded"


def _tell(what: str, number: int, report: ReloadReport) -> None:
    _log.info("%s", what, extra={"fields": {"announcement": number, "version": report.after, "problems": len(report.problems)}})


def judged(report: ReloadReport, here: Replica, first: Mapping[str, Replica], last: Mapping[str, Replica]) -> ReplicatedReload:
    """Sort the other replicas by what they did, as known at *first*, when *here* had announced its generation, and at *last*."""
    acted = [other for _, other in sorted(last.items()) if other.generation >= here.generation]
    sound = [other for other in acted if not other.problems]
    rest = sorted((first.keys() | last.keys()) - {other.name for other in acted})
    loading = [name for name in rest if name in last and (name not in first or last[name].seen_at > first[name].seen_at)]
    return ReplicatedReload(
        report,
        took=tuple(sorted([here.name, *(other.name for other in sound if other.version == here.version)])),
        refused=tuple(other for other in acted if other.problems),
        differing=tuple(other for other in sound if other.version != here.version),
        loading=tuple(loading),
        unheard=tuple(name for name in rest if name not in loading),
    )


def replica_name(setting: str | None) -> str:
    """Return what to call this process: the *setting*, else the host's name and the process id."""
    return setting or f"{socket.gethostname()}-{os.getpid()}"
