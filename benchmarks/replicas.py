"""How soon a reload on one replica is served by all: `python -m benchmarks.replicas [--reloads 10]`.

Three bots of their own, by webhook, over a real PostgreSQL server and one cache folder. An admin sends /reload to the first, at moments by lot.
*Reached* counts from the line in the log of the first that says `knowledge announced` to the last other that logs `announcement followed`;
*reply* counts from the message to the reply. Three arms: told by NOTIFY; with every listening connection cut again and again, ten times a
second; and with bots that never listen, so that only the look every five seconds is left.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from benchmarks.table import header, row
from tests.e2e.bot_process import RUN
from tests.e2e.fleet import ADMIN, Fleet
from tests.e2e.loopback_api import LoopbackApi
from tests.store.servers import PostgresServer, postgres_server

NAMES = ("a", "b", "c")
DEAF = ("-m", "benchmarks.replicas", "deaf")
CUT_S = 0.1
ANSWER_S = 60.0
LONGEST_PAUSE_S = 5.0
"""Between two reloads, by lot: so that looks fall anywhere between two announcements."""

_CUT = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'"


@dataclass(frozen=True)
class Arm:
    """One way to hear of announcements."""

    name: str
    cut: bool = False
    command: Sequence[str] = RUN


@dataclass(frozen=True)
class Reload:
    """How one went."""

    reached_s: float
    reply_s: float
    reply: str


ARMS = (Arm("told"), Arm("connections cut", cut=True), Arm("never told", command=DEAF))


def measure(arm: Arm, reloads: int, server: PostgresServer, scratch: Path, seed: int = 1) -> tuple[list[Reload], int]:
    """Return how each of *reloads* went, and how many connections were cut."""
    lots = random.Random(seed)  # noqa: S311  (to be repeatable)
    with Fleet(server, scratch, NAMES) as fleet, LoopbackApi(judged=False, webhook_port=fleet.ports["a"]) as api:
        fleet.start_all(api, arm.command)
        with _cutting(fleet.url) if arm.cut else _sparing() as cuts:
            return [_reload(number, fleet, api, lots) for number in range(1, reloads + 1)], sum(cuts)


def _reload(number: int, fleet: Fleet, api: LoopbackApi, lots: random.Random) -> Reload:
    time.sleep(lots.uniform(0, LONGEST_PAUSE_S))
    fleet.edit(number)
    answers = len(api.taken)
    started = time.monotonic()
    api.say("/reload", ADMIN)
    if not api.wait_for(lambda: len(api.taken) > answers, ANSWER_S):
        raise TimeoutError(f"no reply to /reload; the log ends\n{fleet.log('a').read_text()[-2000:]}")
    reply = api.taken[answers]
    announced = fleet.wait_for_line("a", "knowledge announced", announcement=number)
    followed = [fleet.wait_for_line(name, "announcement followed", announcement=number, problems=0, limit_s=30) for name in NAMES[1:]]
    return Reload(max(followed) - announced, reply.at - started, reply.text)


@contextmanager
def _cutting(url: str) -> Iterator[list[int]]:
    """Cut every listening connection, again and again, while the block runs; give how many each time."""
    cuts: list[int] = []
    ended = threading.Event()

    async def cut() -> None:
        connection = await asyncpg.connect(url)
        while not ended.is_set():
            cuts.append(await connection.fetchval(_CUT))
            await asyncio.sleep(CUT_S)
        await connection.close()

    thread = threading.Thread(target=lambda: asyncio.run(cut()), daemon=True)
    thread.start()
    try:
        yield cuts
    finally:
        ended.set()
        thread.join(10)


@contextmanager
def _sparing() -> Iterator[list[int]]:
    yield []


def cells(arm: Arm, done: Sequence[Reload], cuts: int) -> dict[str, object]:
    """Return one row of the table."""
    reached, replies = [each.reached_s for each in done], [each.reply_s for each in done]
    return {
        "arm": arm.name,
        "reloads": len(done),
        "reached, median": f"{statistics.median(reached):.2f} s",
        "worst": f"{max(reached):.2f} s",
        "reply, median": f"{statistics.median(replies):.2f} s",
        "slowest": f"{max(replies):.2f} s",
        "named all": f"{sum('3 of 3' in each.reply and 'a, b, c' in each.reply for each in done)}/{len(done)}",
        "cuts": cuts,
    }


def run_deaf() -> int:
    """Run the bot with a store that never listens."""
    from bot import cli
    from bot.store import postgres

    class Deaf(postgres.PostgresStore):
        async def news(self, limit_s: float) -> None:
            await asyncio.sleep(limit_s)

    postgres.PostgresStore = Deaf  # type: ignore[misc]
    return cli.main(["run"])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replicas")
    parser.add_argument("--reloads", type=int, default=10)
    parser.add_argument("--arm", choices=[arm.name for arm in ARMS], help="only this one; else all")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no bot is left behind
    print(f"$ python -m benchmarks.replicas {' '.join(sys.argv[1:])}".rstrip())
    print(f"{len(NAMES)} replicas, {options.reloads} reloads each\n")
    with postgres_server() as server:
        for number, arm in enumerate(arm for arm in ARMS if options.arm in {None, arm.name}):
            with tempfile.TemporaryDirectory() as scratch:
                done, cuts = measure(arm, options.reloads, server, Path(scratch))
            found = cells(arm, done, cuts)
            print(*([header(found)] if number == 0 else []), row(found), sep="\n", flush=True)
    print(f"\nThe last reply:\n{done[-1].reply}")


if __name__ == "__main__":
    if sys.argv[1:] == ["deaf"]:
        sys.exit(run_deaf())
    main()
