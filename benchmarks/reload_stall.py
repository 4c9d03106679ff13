"""How long a reload holds up whoever is being served: `python -m benchmarks.reload_stall [ENTRIES PHRASINGS]`.

While a made-up base of 1,000 entries with 10 phrasings each is reloaded, a task in the event loop wakes every millisecond; the stall is the
longest time between two of its turns, whatever held it up: a library that does not let go, a look for garbage, another thread. Five reloads of
each kind: after an answer was changed, which teaches nothing, and after an ask was changed, from which matcher and triage learn again, in
another process. CPU is that of both. The row above them is the same watch while nothing is reloaded: what the machine itself holds up.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.large_base import ENTRIES, PHRASINGS, write
from bot.knowledge.live import LiveKnowledge, load_aside

_RUNS = 5
_TICK_S = 0.001
_REST_S = 0.1
_IDLE_S = 3.0
_FILE = "entries/part-0.yaml"


@dataclass(frozen=True, slots=True)
class Reload:
    """What one reload took."""

    stall_ms: float
    seconds: float
    cpu_s: float


async def watched(work: Callable[[], Awaitable[object]]) -> Reload:
    """Return what *work* takes while a task beside it wakes every millisecond."""
    gaps: list[float] = []
    watch = asyncio.create_task(_tick(gaps))
    await asyncio.sleep(_REST_S)
    began, cpu = time.perf_counter(), _cpu_s()
    await work()
    seconds, cpu = time.perf_counter() - began, _cpu_s() - cpu
    await asyncio.sleep(_REST_S)  # What a reload leaves to be done counts too.
    watch.cancel()
    return Reload(max(gaps) * 1000, seconds, cpu)


async def _tick(gaps: list[float]) -> None:
    last = time.perf_counter()
    while True:
        await asyncio.sleep(_TICK_S)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def reloads(live: LiveKnowledge, file: Path, old: str, new: str) -> list[Reload]:
    """Return what reloads take after changing *old* to *new* in *file*, each time a little further. Raises RuntimeError where one is refused."""

    async def reload() -> None:
        report = await live.reload()
        if report.problems or not report.changed:
            raise RuntimeError(f"the reload changed {report.changed}: {report.problems[:3]}")

    taken = []
    for _ in range(_RUNS):
        _edit(file, old, new)
        taken.append(await watched(reload))
    return taken


def _edit(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


async def measure(folder: Path, cache: Path) -> dict[str, list[Reload]]:
    """Return kind of change -> what its reloads took."""
    live = LiveKnowledge(folder, await load_aside(folder, cache), cache)
    return {
        "nothing, for as long": [await watched(lambda: asyncio.sleep(_IDLE_S)) for _ in range(_RUNS)],
        "an answer changed": await reloads(live, folder / _FILE, "leave it alone", "leave it all alone"),
        "an ask changed": await reloads(live, folder / _FILE, "asks:\n  - ", "asks:\n  - oh "),
    }


def main() -> None:
    """Print the table."""
    entries, phrasings = map(int, sys.argv[1:3] or (ENTRIES, PHRASINGS))
    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place) / "knowledge", entries, phrasings)
        taken = asyncio.run(measure(folder, Path(place) / "cache"))
    print("$ python -m benchmarks.reload_stall " + " ".join(sys.argv[1:]))
    print(f"{entries} entries x {phrasings} phrasings; {_RUNS} reloads each\n")
    print(f"{'':<20} {'stall: median':>14} {'largest':>10} {'reload':>9} {'CPU of both':>12}")
    for kind, each in taken.items():
        stalls = [one.stall_ms for one in each]
        seconds, cpu = (statistics.median(values) for values in ([one.seconds for one in each], [one.cpu_s for one in each]))
        print(f"{kind:<20} {statistics.median(stalls):>11.1f} ms {max(stalls):>7.1f} ms {seconds:>7.1f} s {cpu:>10.1f} s")


if __name__ == "__main__":
    main()
