"""What an answered update costs in CPU, beside a minimal echo bot of the library: `python -m benchmarks.per_update`. Linux.

Each bot is a process of its own against a Bot API in this one. All run at the same time and take turns, so that a busy machine is as bad for one
as for another. *One chat*: the next message comes after the reply. *64 chats*: the same in each of them, and Telegram takes 20 ms over a message.
A figure is the median of the rounds, of CPU microseconds for an answered update, all threads and the fetching of updates included.
"""

from __future__ import annotations

import argparse
import itertools
import json
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.messages import MESSAGES
from benchmarks.table import header, row
from bot.folders import packaged_knowledge
from tests.e2e.bot_api_shapes import Json, update_of
from tests.e2e.bot_process import START_S, TOKEN, BotProcess, free_port
from tests.e2e.loopback_api import LoopbackApi
from tests.e2e.weather import Weather

CHATS = 64
LATENCY_S = 0.02
WARM_UP = 128
LIMIT_S = 300.0

OWN = ("-m", "benchmarks.own_bot")
ECHO = ("-m", "benchmarks.echo_bot")


@dataclass(frozen=True)
class Arm:
    """One bot."""

    name: str
    command: Sequence[str]
    by_webhook: bool = False


ARMS = (
    Arm("ours, polling", OWN),
    Arm("ours, webhook", OWN, by_webhook=True),
    Arm("ours on httpx, polling", (*OWN, "--httpx")),
    Arm("echo", ECHO),
    Arm("echo, 64 at once", (*ECHO, "--at-once", "64")),
    Arm("echo on our transport", (*ECHO, "--at-once", "64", "--our-transport")),
)
UVLOOP = Arm("ours on uvloop, polling", (*OWN, "--uvloop"))


class Talks(LoopbackApi):
    """People who write their next message when they have the reply."""

    def __init__(self, webhook_port: int | None) -> None:
        super().__init__(judged=False, weather=Weather(), webhook_port=webhook_port, max_connections=100)
        self._texts = itertools.cycle(MESSAGES)
        self._left = 0
        self._missing: set[int] = set()
        self._over = threading.Event()

    def __enter__(self) -> Talks:
        super().__enter__()
        return self

    def talk(self, chats: int, messages: int, latency_s: float) -> None:
        """Let *chats* people write *messages* in all, and wait for every reply. Raises TimeoutError when one does not come."""
        self._over.clear()
        self.weather.latency_s = latency_s
        self._left = messages
        self._loop.call_soon_threadsafe(self._begin, chats)
        if not self._over.wait(LIMIT_S):
            raise TimeoutError(f"{len(self._missing)} replies are missing")

    def _begin(self, chats: int) -> None:
        for chat in range(1001, 1001 + chats):
            self._next(chat)

    def _next(self, chat: int) -> None:
        if self._left:
            self._left -= 1
            self._missing.add(chat)
            made = update_of(next(self._ids), chat, next(self._texts))
            self._said = self._loop.create_task(self._announce((made,)))
        elif not self._missing:
            self._over.set()

    async def _send(self, parameters: Json) -> object:  # type: ignore[override]
        answer = await super()._send(parameters)
        chat = parameters["chat_id"]
        if chat in self._missing:  # A long answer may have several pages.
            self._missing.discard(chat)
            self._loop.call_soon(self._next, chat)
        return answer


@dataclass
class Bot:
    """A bot at work."""

    arm: Arm
    api: Talks
    process: BotProcess
    alone_us: list[float] = field(default_factory=list)
    many_us: list[float] = field(default_factory=list)
    polls: list[float] = field(default_factory=list)

    def cost_us(self, chats: int, messages: int, latency_s: float) -> float:
        """Return the CPU microseconds for each of *messages*."""
        before = cpu_s(self.process.pid)
        self.api.talk(chats, messages, latency_s)
        return (cpu_s(self.process.pid) - before) / messages * 1e6

    def round(self, alone: int, many: int) -> None:
        """Measure once."""
        self.alone_us.append(self.cost_us(1, alone, 0.0))
        polls = self.api.attempts["getUpdates"]
        self.many_us.append(self.cost_us(CHATS, many, LATENCY_S))
        self.polls.append((self.api.attempts["getUpdates"] - polls) / many)


def cpu_s(pid: int) -> float:
    """Return how much CPU *pid* has used, all its threads together, and no child."""
    # As clock_getcpuclockid(3) has it on Linux.
    return time.clock_gettime(~pid << 3 | 2)


def started(arm: Arm, scratch: Path, stack: ExitStack) -> Bot:
    """Start *arm*, with its files in *scratch*, and wait until it answers."""
    port = free_port() if arm.by_webhook else None
    place = scratch / arm.name.replace(" ", "-").replace(",", "")
    place.mkdir()
    api = stack.enter_context(Talks(port))
    settings = {"BOT_TOKEN": TOKEN, "API_BASE_URL": api.base_url, "KNOWLEDGE_DIR": str(packaged_knowledge()), "POLL_TIMEOUT_S": "10"}
    settings |= {"DATA_DIR": str(place / "data"), "CACHE_DIR": str(scratch / "cache"), "OPENBLAS_NUM_THREADS": "1"}
    if port:
        settings |= {"WEBHOOK_URL": f"https://bot.example.org:{port}/telegram", "LISTEN_HOST": "127.0.0.1", "LISTEN_PORT": str(port)}
    process = stack.enter_context(BotProcess(settings, place / "log", arm.command))
    ready = lambda: api.attempts["getUpdates"] > 0 or api.driver is not None or not process.alive  # noqa: E731
    if not api.wait_for(ready, START_S) or not process.alive:
        raise TimeoutError(f"{arm.name} did not start\n{process.log[-2000:]}")
    api.talk(1, WARM_UP, 0.0)
    api.talk(CHATS, WARM_UP, LATENCY_S)
    return Bot(arm, api, process)


def steps(scratch: Path, messages: int) -> Iterator[tuple[str, float]]:
    """Yield what each step of ours costs in microseconds, one chat, by polling."""
    told = scratch / "steps.json"
    with ExitStack() as stack:
        bot = started(Arm("steps", (*OWN, "--steps", str(told))), scratch, stack)
        bot.process.send(signal.SIGUSR1)
        bot.api.talk(1, messages, 0.0)
        bot.process.send(signal.SIGUSR2)
        if not bot.api.wait_for(told.exists):
            raise TimeoutError("the steps were not told")
        time.sleep(0.1)
    found = json.loads(told.read_text())
    for step, spent_s in found["spent_s"].items():
        yield step, spent_s / found["updates"] * 1e6


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.per_update")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", type=int, default=300, help="messages of one chat in a round")
    parser.add_argument("--many", type=int, default=640, help="messages of 64 chats in a round")
    parser.add_argument("--uvloop", action="store_true", help="an arm on uvloop as well, which must be installed")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no bot is left behind
    print(f"$ python -m benchmarks.per_update {' '.join(sys.argv[1:])}".rstrip())
    print("CPU microseconds for an answered update, median of the rounds (least to most)\n")
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        bots = [started(arm, Path(scratch), stack) for arm in (*ARMS, *((UVLOOP,) if options.uvloop else ()))]
        for _ in range(options.rounds):
            for bot in bots:
                bot.round(options.alone, options.many)
        for number, bot in enumerate(bots):
            cells = {
                "bot": bot.arm.name,
                "one chat": f"{statistics.median(bot.alone_us):,.0f}",
                "(all of them)": f"{min(bot.alone_us):,.0f} to {max(bot.alone_us):,.0f}",
                "64 chats": f"{statistics.median(bot.many_us):,.0f}",
                "(all)": f"{min(bot.many_us):,.0f} to {max(bot.many_us):,.0f}",
                "getUpdates for each": f"{statistics.median(bot.polls):.2f}",
            }
            if number == 0:
                print(header(cells))
            print(row(cells), flush=True)
        stack.close()
        print("\nours by step, one chat, polling")
        for step, spent_us in steps(Path(scratch), options.alone * options.rounds):
            print(f"  {step:<36} {spent_us:>6.0f}")


if __name__ == "__main__":
    main()
