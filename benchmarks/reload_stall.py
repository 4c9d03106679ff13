"""How long a reload holds up whoever is being served: `python -m benchmarks.reload_stall [shipped | ENTRIES PHRASINGS]`.

While a made-up base of 1,000 entries with 10 phrasings each is reloaded, or a copy of the knowledge that ships, a task in the event loop wakes
every millisecond; the stall is the longest time between two of its turns, whatever held it up: a library that does not let go, a look for garbage,
another thread. Five reloads of each kind: after an answer was changed, which teaches nothing; after an ask was changed, from which matcher and triage
learn again, in another process, and nobody asks what would be lost; and the same with all known sentences tried on both versions there, and a yes
where anything is lost. CPU is that of the process that serves, its watch included, and that of those it started. The row above them is the same watch
while nothing is reloaded: what the machine itself holds up.
"""

from __future__ import annotations

import asyncio
import re
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.large_base import ENTRIES, PHRASINGS, write
from bot.folders import packaged_knowledge
from bot.knowledge.live import LiveKnowledge, load_aside

_RUNS = 5
_TICK_S = 0.001
_REST_S = 0.1
_IDLE_S = 3.0
_ANSWER, _ASK = r"(answer:(?: \||)\s+)(?=[A-Za-z])", r"(asks:\n\s+- )"


@dataclass(frozen=True, slots=True)
class Reload:
    """What one reload took."""

    stall_ms: float
    seconds: float
    here_s: float
    """CPU of this process."""
    apart_s: float
    """CPU of the processes that it started."""


async def watched(work: Callable[[], Awaitable[object]]) -> Reload:
    """Return what *work* takes while a task beside it wakes every millisecond."""
    gaps: list[float] = []
    watch = asyncio.create_task(_tick(gaps))
    await asyncio.sleep(_REST_S)
    began, (here, apart) = time.perf_counter(), _cpu_s()
    await work()
    seconds, (here_s, apart_s) = time.perf_counter() - began, _cpu_s()
    await asyncio.sleep(_REST_S)  # What a reload leaves to be done counts too.
    watch.cancel()
    return Reload(max(gaps) * 1000, seconds, here_s - here, apart_s - apart)


async def _tick(gaps: list[float]) -> None:
    last = time.perf_counter()
    while True:
        await asyncio.sleep(_TICK_S)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now


def _cpu_s() -> tuple[float, float]:
    here, apart = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return here.ru_utime + here.ru_stime, apart.ru_utime + apart.ru_stime


async def reloads(live: LiveKnowledge, file: Path, place: str, *, ask: bool) -> list[Reload]:
    """Return what reloads take after a word was added behind *place* in *file*, each time one more. Raises RuntimeError where one is refused."""

    async def reload() -> None:
        report = await live.reload(ask=ask)
        if report.waiting:
            report = await live.reload(agreed=report.after)
        if report.problems or report.waiting or not report.changed:
            raise RuntimeError(f"the reload changed {report.changed}: {report.problems[:3]}")

    taken = []
    for _ in range(_RUNS):
        _edit(file, place)
        taken.append(await watched(reload))
    return taken


def _edit(file: Path, place: str) -> None:
    file.write_text(re.sub(place, r"\1oh ", file.read_text(encoding="utf-8"), count=1), encoding="utf-8")


async def measure(folder: Path, cache: Path) -> dict[str, list[Reload]]:
    """Return kind of change -> what its reloads took."""
    live = LiveKnowledge(folder, await load_aside(folder, cache), cache)
    file = next(path for path in sorted((folder / "entries").glob("*.yaml")))
    return {
        "nothing, for as long": [await watched(lambda: asyncio.sleep(_IDLE_S)) for _ in range(_RUNS)],
        "an answer changed": await reloads(live, file, _ANSWER, ask=True),
        "an ask changed": await reloads(live, file, _ASK, ask=False),
        "the same, compared": await reloads(live, file, _ASK, ask=True),
    }


def prepared(place: Path, named: list[str]) -> tuple[Path, str]:
    """Write the knowledge that the arguments *named* ask for below *place*, and return it and what it is."""
    if named == ["shipped"]:
        return shutil.copytree(packaged_knowledge(), place), "the knowledge that ships"
    entries, phrasings = map(int, named or (ENTRIES, PHRASINGS))
    return write(place, entries, phrasings), f"{entries} entries x {phrasings} phrasings"


def main() -> None:
    """Print the table."""
    named = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        folder, what = prepared(Path(place) / "knowledge", named)
        taken = asyncio.run(measure(folder, Path(place) / "cache"))
    print(" ".join(("$ python -m benchmarks.reload_stall", *named)))
    print(f"{what}; {_RUNS} reloads each\n")
    print(f"{'':<20} {'stall: median':>14} {'largest':>10} {'reload':>9} {'CPU here':>10} {'apart':>9}")
    for kind, each in taken.items():
        stalls = [one.stall_ms for one in each]
        seconds, here, apart = (statistics.median(getattr(one, name) for one in each) for name in ("seconds", "here_s", "apart_s"))
        print(f"{kind:<20} {statistics.median(stalls):>11.1f} ms {max(stalls):>7.1f} ms {seconds:>7.1f} s {here:>8.2f} s {apart:>7.1f} s")


if __name__ == "__main__":
    main()
