"""What SIGKILL costs two replicas that get every update both: `python -m benchmarks.replica_kills [--kills 10]`.

Two bots of their own, by webhook, over a real PostgreSQL server. Telegram posts each update to both, as its retries through a load balancer might,
and to each until that one has acknowledged it. Before each kill 100 questions go to 40 chats at once; it comes after three answers of them were
seen, and up to 40 ms by lot, always to the second replica, which is then started again. It is *live* if replies were missing at that moment;
*held* are updates that the database says the killed one had claimed and not settled: their answers may be repeated, which is the *bound*, and so
may one for each *late call*, when a claim took the database, or a starved bot, more than 250 ms. *Lost* are questions that both were rid of and
that nobody settled. Effects happen once if as many updates are settled, and as many answers counted, as questions were asked.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.interruptions import CHATS, DRAIN_S, LATENCY_S, LATEST_S, QUIET_S, SEEN_FIRST
from benchmarks.table import header, row
from tests.e2e import numbered
from tests.e2e.bot_process import END_S, START_S
from tests.e2e.evidence import Rows, Words, read_words
from tests.e2e.fleet import Fleet
from tests.e2e.ledger import Account, Asked, account
from tests.e2e.loopback_api import LoopbackApi
from tests.e2e.weather import Weather
from tests.e2e.webhook_driver import WebhookDriver
from tests.store.servers import PostgresServer, postgres_server

NAMES = ("a", "b")
KILLED = "b"

_HELD = f"SELECT count(*) FROM napebot.updates WHERE NOT settled AND holder LIKE '{KILLED}-%'"  # noqa: S608  (a constant)
_SETTLED = "SELECT update_id FROM napebot.updates WHERE settled"
_COUNTED = "SELECT about, sum(times) FROM napebot.counts WHERE what = 'answered' GROUP BY about"
_LATE = re.compile(r"store: [^\"]*; going on without it")


class TwiceApi(LoopbackApi):
    """Posts every update to each of two ports, until either has acknowledged it; to Telegram it is delivered once both have."""

    def __init__(self, ports: Sequence[int], weather: Weather) -> None:
        super().__init__(judged=False, weather=weather, webhook_port=ports[0])
        self._second_port = ports[1]
        self._second: WebhookDriver | None = None
        self._acknowledged: Counter[int] = Counter()

    @property
    def posts(self) -> int:
        """All that were made to either, failed ones included."""
        return sum(driver.posts for driver in (self.driver, self._second) if driver is not None)

    async def _hook(self, parameters: dict[str, Any]) -> None:
        await super()._hook(parameters)
        if self.driver is not None and self._second is None:
            self._second = WebhookDriver(replace(self.driver.hook, port=self._second_port), self._settled, seed=2)

    async def _announce(self, made: Iterable[dict[str, Any]]) -> None:
        updates = tuple(made)
        await super()._announce(updates)
        if self._second is not None:
            for update in updates:
                self._second.add(update)

    def _settled(self, update_id: int) -> None:
        self._acknowledged[update_id] += 1
        if self._acknowledged[update_id] == len(NAMES):
            super()._settled(update_id)

    def __enter__(self) -> TwiceApi:
        super().__enter__()
        return self

    async def _close(self) -> None:
        if self._second is not None:
            await self._second.stop()
        await super()._close()


@dataclass(frozen=True)
class Report:
    """How it went."""

    account: Account
    missing: tuple[int, ...]
    """Replies of the batch that were missing at each kill."""
    held: tuple[int, ...]
    """Updates that the killed one was at work on."""
    rests_s: tuple[float, ...]
    """From each kill until all was answered and acknowledged."""
    posts: int
    rows: Rows
    words: Words
    late: int
    """Calls to the database that were given up after 250 ms: then both replicas may answer."""

    @property
    def live(self) -> int:
        """Kills at which replies were missing."""
        return sum(missing > 0 for missing in self.missing)


@dataclass
class _Work:
    fleet: Fleet
    api: TwiceApi

    def wait(self, condition: Callable[[], bool], limit_s: float, what: str) -> None:
        if not self.api.wait_for(condition, limit_s):
            logs = "\n".join(f"{name}: {self.fleet.log(name).read_text()[-2000:]}" for name in NAMES)
            raise TimeoutError(f"{what} within {limit_s:.0f} s; {len(self.api.updates)} updates wait; the logs end\n{logs}")

    def ask(self, batch: Sequence[Asked]) -> list[Asked]:
        ids = self.api.say_all([(one.chat_id, numbered.question(one.number)) for one in batch])
        return [replace(one, update_id=update_id) for one, update_id in zip(batch, ids, strict=True)]

    def rest(self, asked: Sequence[Asked]) -> None:
        """Wait until all is acknowledged by both, and all is answered or nothing has been said for a while."""
        self.wait(lambda: self._at_rest(asked), DRAIN_S, "no rest")

    def _at_rest(self, asked: Sequence[Asked]) -> bool:
        if self.api.updates:
            return False
        return account(asked, self.api.taken).lost == 0 or time.monotonic() - self.api.taken[-1].at > QUIET_S


def run(kills: int, per_kill: int, seed: int, server: PostgresServer, scratch: Path, cache: Path | None = None) -> Report:
    """Kill the second replica *kills* times, with all files in *scratch*. Raises TimeoutError when they do not answer, or do not come to rest."""
    lots = random.Random(seed)  # noqa: S311  (to be repeatable)
    missing, held, rests_s = [], [], []
    asked: list[Asked] = []
    with Fleet(server, scratch, NAMES, cache) as fleet, TwiceApi(list(fleet.ports.values()), Weather(latency_s=LATENCY_S)) as api:
        fleet.start_all(api)
        work = _Work(fleet, api)
        for time_no in range(kills):
            seen = len(api.taken)
            batch = work.ask([_asked(number) for number in range(time_no * per_kill, (time_no + 1) * per_kill)])
            asked += batch
            work.wait(lambda seen=seen: len(api.taken) >= seen + SEEN_FIRST, START_S, "no answer")  # type: ignore[misc]
            time.sleep(lots.uniform(0, LATEST_S))
            missing.append(per_kill - account(batch, api.taken[seen:]).answered)
            fleet.running[KILLED].end(signal.SIGKILL)
            killed_at = time.monotonic()
            held.append(int(fleet.rows(_HELD)[0]))
            fleet.start(KILLED, api)
            work.rest(asked)
            rests_s.append(time.monotonic() - killed_at)
        for name in NAMES:
            fleet.running[name].end(signal.SIGTERM, END_S * 3)
        rows = _rows(fleet)
        told = account(asked, api.taken, {update["update_id"] for update in api.updates}, rows.settled)
        words = _words(fleet)
        late = sum(len(_LATE.findall(fleet.log(name).read_text())) for name in NAMES)
        return Report(told, tuple(missing), tuple(held), tuple(rests_s), api.posts, rows, words, late)


def _asked(count: int) -> Asked:
    """Return a question; its id is known once it is asked. Chats take turns, and each asks for a number once."""
    turn, chat = divmod(count, CHATS)
    generation, number = divmod(turn, len(numbered.THINGS))
    return Asked(0, 1001 + 1000 * generation + chat, number)


def _rows(fleet: Fleet) -> Rows:
    settled = frozenset(map(int, fleet.rows(_SETTLED)))
    times = {about: int(count) for about, _, count in (line.partition("|") for line in fleet.rows(_COUNTED))}
    usual = Counter(times.values()).most_common(1)
    uneven = sum(each != usual[0][0] for each in times.values()) if usual else 0
    return Rows(settled, sum(times.values()), uneven, "ok")


def _words(fleet: Fleet) -> Words:
    each = [read_words(fleet.log(name)) for name in NAMES]
    return Words(each[0].settlements + each[1].settlements, sum(words.maybe_twice for words in each))


def cells(report: Report) -> dict[str, object]:
    """Return one row of the table."""
    told, words = report.account, report.words
    return {
        "arm": f"two replicas, {report.posts} posts",
        "updates": told.asked,
        "live": f"{report.live}/{len(report.missing)}",
        "missing": f"{statistics.mean(report.missing):.1f}",
        "held": f"{statistics.mean(report.held):.1f}",
        "lost": told.lost,
        "silent": told.silent,
        "kept": told.undelivered,
        "repeated": told.repeated,
        "bound": sum(report.held),
        "disorder": told.disordered,
        "gave_up": words.settlements["gave_up"],
        "maybe_twice": words.maybe_twice,
        "late calls": report.late,
        "settled": len(report.rows.settled),
        "counted": report.rows.counted,
        "uneven": report.rows.uneven,
        "worst rest": f"{max(report.rests_s):.0f} s",
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replica_kills")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--per-kill", type=int, default=100, help="questions before each")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no bot is left behind
    print(f"$ python -m benchmarks.replica_kills {' '.join(sys.argv[1:])}".rstrip())
    print(f"{options.kills} times SIGKILL of one of two, {options.per_kill} questions to {CHATS} chats before each; seed {options.seed}\n")
    with tempfile.TemporaryDirectory() as scratch, postgres_server() as server:
        found = cells(run(options.kills, options.per_kill, options.seed, server, Path(scratch)))
    print(header(found), row(found), sep="\n")


if __name__ == "__main__":
    main()
