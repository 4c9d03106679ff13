"""Ends a bot again and again while replies are missing, and says what became of every question. `kills` and `terms` are run by it."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from tests.e2e import numbered
from tests.e2e.bot_process import END_S, RUN, START_S, TOKEN, BotProcess, free_port
from tests.e2e.evidence import NO_ROWS, NO_WORDS, Rows, Words, read_rows, read_words
from tests.e2e.ledger import Account, Asked, account
from tests.e2e.loopback_api import LoopbackApi
from tests.e2e.weather import Fate, Weather

Way = Literal["polling", "webhook"]
WAYS: tuple[Way, ...] = ("polling", "webhook")

STOCK = ("-m", "benchmarks.stock_bot")
CHATS = 40
SEEN_FIRST = 3
"""Answers of a batch that are seen before it is interrupted: the process is at work."""
LATEST_S = 0.04
"""After those it is interrupted within this time, by lot: before a chat with two questions can have its second answer."""
LATENCY_S = 0.05
"""What Telegram takes over a message."""
QUIET_S = 2.0
"""When all is acknowledged and nothing was said for so long, nothing more will be."""
DRAIN_S = 180.0


@dataclass(frozen=True)
class Plan:
    """One run."""

    way: Way
    signal: signal.Signals = signal.SIGKILL
    times: int = 20
    per_time: int = 100
    """Questions asked at once before each."""
    faults: float = 0.0
    """How likely a sendMessage meets one."""
    seed: int = 1
    stock: bool = False
    """Run the library's own way in instead of ours."""


@dataclass(frozen=True)
class Report:
    """How it went."""

    plan: Plan
    account: Account
    missing: tuple[int, ...]
    """Replies of the batch that were missing at each signal."""
    ends_s: tuple[float, ...]
    """How long each process took to end."""
    codes: tuple[int, ...]
    """Its exit code."""
    drawn: dict[Fate, int] = field(default_factory=dict)
    rows: Rows = NO_ROWS
    words: Words = NO_WORDS

    @property
    def live(self) -> int:
        """Interruptions at which replies were missing."""
        return sum(missing > 0 for missing in self.missing)

    @property
    def bound(self) -> int:
        """The most answers that may be repeated: those on their way at a kill, and those whose fate was hidden."""
        on_their_way = CHATS * self.live if self.plan.signal is signal.SIGKILL else 0
        return on_their_way + self.drawn.get(Fate.DONE_THEN_RESET, 0)


def run(plan: Plan, scratch: Path, cache: Path | None = None) -> Report:
    """Carry out *plan* with all its files in *scratch*. Raises TimeoutError when a bot does not answer, or does not come to rest."""
    with _at_work(plan, scratch, cache) as work:
        for time_no in range(plan.times):
            work.interrupt(_batch(plan, time_no))
        work.finish()
        rows = NO_ROWS if plan.stock else read_rows(database(scratch))
        told = account(work.asked, work.api.taken, {update["update_id"] for update in work.api.updates}, rows.settled)
        drawn = dict(work.api.weather.drawn)
    return Report(plan, told, tuple(work.missing), tuple(work.ends_s), tuple(work.codes), drawn, rows, read_words(log(scratch)))


def settings(api: LoopbackApi, scratch: Path, *, port: int | None = None, cache: Path | None = None) -> dict[str, str]:
    """Return the settings of a bot on SQLite in *scratch*; with a *port* by webhook, without by polling."""
    found = {
        "BOT_TOKEN": TOKEN,
        "API_BASE_URL": api.base_url,
        "KNOWLEDGE_DIR": str(numbered.write(scratch / "things")),
        "CACHE_DIR": str(cache or scratch / "cache"),
        "DATA_DIR": str(scratch / "data"),
        "DATABASE_URL": f"sqlite:{database(scratch)}",
        "POLL_TIMEOUT_S": "2",
        "LOG_FORMAT": "json",
    }
    hook = {"WEBHOOK_URL": "https://bot.example.org/telegram", "LISTEN_HOST": "127.0.0.1", "LISTEN_PORT": str(port)}
    return found | hook if port else found


@dataclass
class _Work:
    """A bot, the Telegram it talks to, and what was seen so far."""

    plan: Plan
    api: LoopbackApi
    settings: dict[str, str]
    log: Path
    stack: ExitStack
    asked: list[Asked] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    ends_s: list[float] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lots = random.Random(self.plan.seed)  # noqa: S311  (a test is to be repeatable)
        self.bot = self.start()

    def start(self) -> BotProcess:
        command = STOCK if self.plan.stock else RUN
        return self.stack.enter_context(BotProcess(self.settings, self.log, command))

    def interrupt(self, batch: Sequence[Asked]) -> None:
        """Ask *batch*, end the bot in the midst of it, begin another, and let that come to rest."""
        seen = len(self.api.taken)
        ids = self.api.say_all([(one.chat_id, numbered.question(one.number)) for one in batch])
        self.asked += [replace(one, update_id=update_id) for one, update_id in zip(batch, ids, strict=True)]
        self._wait(lambda: len(self.api.taken) >= seen + SEEN_FIRST or not self.bot.alive, START_S, "no answer")
        time.sleep(self.lots.uniform(0, LATEST_S))
        self.missing.append(len(batch) - account(self.asked[-len(batch) :], self.api.taken[seen:]).answered)
        self._end(self.plan.signal)
        self.bot = self.start()
        self._rest()

    def finish(self) -> None:
        """End the last bot in peace."""
        self._rest()
        self.bot.end(signal.SIGTERM, END_S * 3)

    def _end(self, number: signal.Signals) -> None:
        started = time.monotonic()
        self.codes.append(self.bot.end(number, END_S * 3))
        self.ends_s.append(time.monotonic() - started)

    def _rest(self) -> None:
        """Wait until all is acknowledged, and all is answered or nothing has been said for a while."""
        self._wait(self._at_rest, DRAIN_S, "no rest")

    def _at_rest(self) -> bool:
        if self.api.updates:
            return False
        last = self.api.taken[-1].at if self.api.taken else 0.0
        return account(self.asked, self.api.taken).lost == 0 or time.monotonic() - last > QUIET_S

    def _wait(self, condition: Callable[[], bool], limit_s: float, what: str) -> None:
        if not self.api.wait_for(condition, limit_s):
            raise TimeoutError(f"{what} within {limit_s:.0f} s; {len(self.api.updates)} updates wait; the log ends\n{self.bot.log[-2000:]}")
        if not self.bot.alive:
            raise TimeoutError(f"{what}: the bot ended by itself; its log ends\n{self.bot.log[-2000:]}")


@contextmanager
def _at_work(plan: Plan, scratch: Path, cache: Path | None) -> Iterator[_Work]:
    port = free_port() if plan.way == "webhook" else None
    weather = Weather(plan.faults, plan.seed, latency_s=LATENCY_S)
    with ExitStack() as stack:
        api = stack.enter_context(LoopbackApi(judged=False, weather=weather, webhook_port=port))
        yield _Work(plan, api, settings(api, scratch, port=port, cache=cache), log(scratch), stack)


def _batch(plan: Plan, time_no: int) -> list[Asked]:
    """Return the questions of one time; their ids are known once they are asked. Chats take turns, and each asks for a number once."""
    first = time_no * plan.per_time
    return [_asked(number) for number in range(first, first + plan.per_time)]


def _asked(count: int) -> Asked:
    turn, chat = divmod(count, CHATS)
    generation, number = divmod(turn, len(numbered.THINGS))
    return Asked(0, 1001 + 1000 * generation + chat, number)


def database(scratch: Path) -> Path:
    """Return where the database of a run is."""
    return scratch / "bot.sqlite"


def log(scratch: Path) -> Path:
    """Return where the processes of a run write."""
    return scratch / "log"
