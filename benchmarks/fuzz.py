"""Random updates through the whole bot: `python -m benchmarks.fuzz [--updates N] [--seed S] [--knowledge FOLDER] [--processes N] [--only NUMBER]`.

Updates of every kind in the Bot API data go through the real delivery, the real Application and the real service, over a wire that ends in
this process. What is counted as a fault: anything raised or logged as a warning, an update that the library cannot read, whoever was owed
an answer and got none, a request or a text that the Bot API data or Telegram's own parser refuse, and a request that should not have been made.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

from telegram.warnings import PTBDeprecationWarning

from benchmarks.table import header, row
from bot.folders import SetFolders, cache_folder
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Service
from bot.store import memory
from tests.adapters.telegram import bicycle
from tests.adapters.telegram.fuzz_report import Report, gathered
from tests.adapters.telegram.fuzzing import Fuzz, Watched, fuzzing
from tests.adapters.telegram.oracle import SPEC
from tests.adapters.telegram.random_updates import RandomUpdates
from tests.adapters.telegram.random_words import words_of

UPDATES = 100_000
MOST_KEPT = 0.5
"""How many objects an update may leave behind when it comes again, all that is bounded being full of it: what is between is the caches' turnover."""

_BURST = 25
_AGAIN = 1_000


@dataclass(frozen=True)
class Part:
    """What one process does."""

    numbers: range
    seed: int
    knowledge: str
    """A folder; empty for the small topic of the tests."""


@dataclass(frozen=True)
class Done:
    """What came of it."""

    report: Report
    seconds: float
    kept: float
    """Objects that an update leaves behind for good."""


def run(part: Part) -> Done:
    """Do *part*."""
    return asyncio.run(_run(part))


async def _run(part: Part) -> Done:
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", ".*attribute `message_auto_delete_time` will be of type", PTBDeprecationWarning)  # Of any timer that it reads.
    memory._UPDATES_KEPT = _AGAIN  # So that what is kept for good is kept from the start.
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(part.knowledge) if part.knowledge else bicycle.write(Path(scratch))
        snapshot = load_snapshot(folder, cache=cache_folder(SetFolders()) if part.knowledge else None)
        store = Watched()
        updates = RandomUpdates(_spec(), words_of(snapshot), part.seed)
        async with fuzzing(updates, Service(LiveKnowledge(folder, snapshot), store), store) as fuzz:
            began = time.perf_counter()
            await _all(fuzz, part.numbers)
            seconds, report = time.perf_counter() - began, fuzz.report
            kept = await _kept(fuzz, part.numbers[:_AGAIN])
    return Done(report, seconds, kept)


async def _kept(fuzz: Fuzz, numbers: range) -> float:
    """Return how many objects each of these *numbers* leaves behind when it comes again and again."""
    objects = []
    for time_over in range(4):
        fuzz.report = Report()
        await fuzz.run(numbers, shift=(time_over + 1) * UPDATES)
        fuzz.report = Report()
        gc.collect()
        objects.append(sys.getallocatedblocks())
    return (objects[-1] - objects[1]) / (2 * len(numbers))


async def _all(fuzz: Fuzz, numbers: range) -> None:
    """Deliver most updates one behind the other, and of each thousand the last hundred in bursts."""
    for first in range(numbers.start, numbers.stop, 1_000):
        last = min(first + 1_000, numbers.stop)
        single = max(first, last - 100) if last - first > 100 else last
        await fuzz.run(range(first, single))
        await fuzz.run_at_once(range(single, last), at_once=_BURST)


def _spec() -> dict[str, object]:
    if SPEC is None:
        sys.exit("the Bot API as data is not beside this checkout: tests/adapters/telegram/oracle.py says where it is looked for")
    return dict(SPEC)


def parts(updates: int, seed: int, knowledge: str, processes: int) -> list[Part]:
    """Return the work of each process: *updates* in as many rows."""
    bounds = [updates * place // processes for place in range(processes + 1)]
    return [Part(range(start, stop), seed, knowledge) for start, stop in pairwise(bounds)]


def joined(done: list[Done]) -> Report:
    """Return all reports as one."""
    whole = Report()
    for each in done:
        for name, value in vars(each.report).items():
            setattr(whole, name, getattr(whole, name) + value)
    return whole


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--updates", type=int, default=UPDATES, help="how many (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed and number make the same update (default: %(default)s)")
    parser.add_argument("--knowledge", default="", help="a knowledge folder (default: the small topic of the tests)")
    parser.add_argument("--processes", type=int, default=2, help="side by side (default: %(default)s)")
    parser.add_argument("--only", type=int, help="show this update and what is wrong with it")
    asked = parser.parse_args()
    if asked.only is not None:
        return _show(Part(range(asked.only, asked.only + 1), asked.seed, asked.knowledge))
    work = parts(asked.updates, asked.seed, asked.knowledge, asked.processes)
    began = time.perf_counter()
    with ProcessPoolExecutor(len(work), mp_context=get_context("spawn")) as pool:
        done = list(pool.map(run, work))
    _print(joined(done), done, time.perf_counter() - began, asked.seed)
    return int(bool(joined(done).faults) or max(each.kept for each in done) > MOST_KEPT)


def _show(part: Part) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(part.knowledge) if part.knowledge else bicycle.write(Path(scratch))
        words = words_of(load_snapshot(folder, cache=cache_folder(SetFolders()) if part.knowledge else None))
    print(json.dumps(RandomUpdates(_spec(), words, part.seed).update(part.numbers.start), ensure_ascii=True, indent=1))
    faults = run(part).report.faults
    print(*faults, sep="\n")
    return int(bool(faults))


def _print(report: Report, done: list[Done], seconds: float, seed: int) -> None:
    _print_counts("kind of update", report.updates)
    _print_counts("owed", report.duties)
    _print_counts("settled as", report.settled)
    _print_counts("method called", report.calls)
    for name in ("exceptions", "unreadable", "silent", "invalid", "unexpected"):
        faults = getattr(report, name)
        print(f"{name:<12} {len(faults):>7}")
        for line in gathered(faults):
            print(f"  {line}")
    total = report.updates.total()
    busy = max(each.seconds for each in done)
    print(f"{total} updates, seed {seed}: {total / busy:.0f} a second for {busy:.0f} s by {len(done)} processes; {seconds:.0f} s with the loading")
    print(f"left behind for good: {', '.join(f'{each.kept:.3f}' for each in done)} objects an update")


def _print_counts(title: str, counts: Counter[str]) -> None:
    print(header({title: "", "count": 0}))
    for name, count in counts.most_common():
        print(row({title: name, "count": count}))
    print()


if __name__ == "__main__":
    sys.exit(main())
