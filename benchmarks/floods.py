"""What one person can do to the others: `python -m benchmarks.floods [--way polling|webhook] [--limit]`.

One chat sends 100 messages a second for a minute, and half way through a cry for help; 20 others ask one question each every three seconds. How
long do those wait, from writing to Telegram's taking the answer? `--limit` adds what Telegram does: no two messages to a chat within a
second, else 429 with a pause of one to three.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.interruptions import WAYS, Way, database, log, settings
from benchmarks.table import header, row
from tests.e2e import numbered
from tests.e2e.bot_process import END_S, START_S, BotProcess, free_port
from tests.e2e.evidence import Rows, Words, read_rows, read_words
from tests.e2e.ledger import Account, Asked, account, answered_after
from tests.e2e.loopback_api import LoopbackApi
from tests.e2e.weather import Weather

FLOODER = 1
FIRST_OTHER = 1001
LATENCY_S = 0.05
"""What Telegram takes over a message."""


@dataclass(frozen=True)
class Plan:
    """One run."""

    way: Way
    seconds: float = 60.0
    per_second: int = 100
    others: int = 20
    every_s: float = 3.0
    """Between two questions of one of the others."""
    limited: bool = False
    """Keep Telegram's limit for a chat."""
    drain_s: float = 60.0
    """For what is left when the flood is over. By webhook Telegram brings one message of a chat at a time, and most of it stays there."""


@dataclass(frozen=True)
class Writing:
    """One message that will be written."""

    after_s: float
    chat_id: int
    text: str
    number: int = -1
    """Of a question of the others."""


@dataclass(frozen=True)
class Report:
    """How it went."""

    plan: Plan
    flood: int
    """Messages of the flooder."""
    flood_answers: int
    flood_kept: int
    """Messages of the flooder that Telegram still keeps for the bot."""
    unsettled: int
    """Updates that were acknowledged, and that the database does not know as settled: lost, if there is one."""
    alarm_after_s: float | None
    """From the flooder's cry for help to the alarm; None where none came."""
    others: Account
    waits_s: Sequence[float]
    """Of the others, shortest first."""
    left_after_s: float
    """How long after the last message the bot was at work on the rest."""
    rows: Rows
    words: Words

    def wait_s(self, share: float) -> float:
        """Return what *share* of the others' questions, from 0 to 1, waited at most."""
        return self.waits_s[min(len(self.waits_s) - 1, int(share * len(self.waits_s)))] if self.waits_s else float("inf")


def schedule(plan: Plan) -> list[Writing]:
    """Return what is written, in the order of time."""
    return sorted((*_flood(plan), *_questions(plan)), key=lambda writing: writing.after_s)


def run(plan: Plan, scratch: Path, cache: Path | None = None) -> Report:
    """Carry out *plan* with all its files in *scratch*. Raises TimeoutError when the bot does not come up, or does not come to rest."""
    port = free_port() if plan.way == "webhook" else None
    weather = Weather(every_s=1.0 if plan.limited else 0.0, latency_s=LATENCY_S)
    with (
        LoopbackApi(judged=False, weather=weather, webhook_port=port) as api,
        BotProcess(settings(api, scratch, port=port, cache=cache), log(scratch)) as bot,
    ):
        api.say(numbered.question(0), 999)  # Nobody is timed while the bot starts.
        _wait(api, bot, lambda: bool(api.taken) and not api.updates, START_S)
        asked, cried_at = _write(api, schedule(plan))
        ended_at = time.monotonic()
        api.wait_for(lambda: not api.updates or not bot.alive, plan.drain_s)
        left_after_s = time.monotonic() - ended_at
        bot.end(signal.SIGTERM, 3 * END_S)
        kept = {update["update_id"] for update in api.updates}
        rows = read_rows(database(scratch))
        told = account(asked, [message for message in api.taken if message.chat_id >= FIRST_OTHER], kept, rows.settled)
        flooded = [message for message in api.taken if message.chat_id == FLOODER]
    alarms = [message.at - cried_at for message in flooded if numbered.ALARM_SAYS in message.text]
    return Report(
        plan,
        sum(writing.chat_id == FLOODER for writing in schedule(plan)),
        len(flooded),
        len(kept) - told.undelivered,
        api.asked - len(kept) - len(rows.settled),
        min(alarms, default=None),
        told,
        answered_after(asked, api.taken),
        left_after_s,
        rows,
        read_words(log(scratch)),
    )


def _flood(plan: Plan) -> Iterator[Writing]:
    count = int(plan.seconds * plan.per_second)
    for place in range(count):
        text = numbered.ALARM if place == count // 2 else numbered.question(place)
        yield Writing(place / plan.per_second, FLOODER, text)


def _questions(plan: Plan) -> Iterator[Writing]:
    for other in range(plan.others):
        first_s = plan.every_s * other / plan.others
        for number in range(int((plan.seconds - first_s) / plan.every_s)):
            yield Writing(first_s + number * plan.every_s, FIRST_OTHER + other, numbered.question(number), number)


def _write(api: LoopbackApi, writings: Sequence[Writing]) -> tuple[list[Asked], float]:
    """Write everything at its time; return the questions of the others, and when the flooder cried for help."""
    asked, cried_at, started = [], 0.0, time.monotonic()
    for writing in writings:
        time.sleep(max(0.0, started + writing.after_s - time.monotonic()))
        at = time.monotonic()
        update_id = api.say(writing.text, writing.chat_id)
        if writing.number >= 0:
            asked.append(Asked(update_id, writing.chat_id, writing.number, at))
        elif writing.text == numbered.ALARM:
            cried_at = at
    return asked, cried_at


def _wait(api: LoopbackApi, bot: BotProcess, condition: Callable[[], bool], limit_s: float) -> None:
    if not api.wait_for(lambda: condition() or not bot.alive, limit_s) or not bot.alive:
        raise TimeoutError(f"no rest within {limit_s:.0f} s; {len(api.updates)} updates wait; the log ends\n{bot.log[-2000:]}")


def cells(report: Report) -> dict[str, object]:
    """Return one row of the table."""
    plan, told = report.plan, report.others
    return {
        "way": f"{plan.way}{', limit' if plan.limited else ''}",
        "flood": report.flood,
        "answers": report.flood_answers,
        "flood kept": report.flood_kept,
        "alarm after": "never" if report.alarm_after_s is None else f"{report.alarm_after_s:.2f} s",
        "questions": told.asked,
        "lost": told.lost,
        "silent": told.silent,
        "kept": told.undelivered,
        "repeated": told.repeated,
        "median": f"{report.wait_s(0.5):.3f} s",
        "p99": f"{report.wait_s(0.99):.3f} s",
        "longest": f"{report.wait_s(1.0):.3f} s",
        "left after": f"{report.left_after_s:.1f} s",
        "gave_up": report.words.settlements["gave_up"],
        "settled": len(report.rows.settled),
        "unsettled": report.unsettled,
        "database": report.rows.integrity,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floods")
    parser.add_argument("--way", choices=WAYS, help="only this way in; else both")
    parser.add_argument("--limit", action="store_true", help="keep Telegram's limit of one message a second to a chat")
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no bot is left behind
    print(f"$ python -m benchmarks.floods {' '.join(sys.argv[1:])}".rstrip())
    print(f"100 messages a second from one chat for {options.seconds:.0f} s; 20 others ask every 3 s\n")
    for number, way in enumerate([options.way] if options.way else WAYS):
        with tempfile.TemporaryDirectory() as scratch:
            report = run(Plan(way, options.seconds, limited=options.limit), Path(scratch))
        if number == 0:
            print(header(cells(report)))
        print(row(cells(report)), flush=True)


if __name__ == "__main__":
    main()
