"""What the bot's memory does over 100,000 messages: `python -m benchmarks.endurance [--knowledge FOLDER]`.

Each message is of another person, and says something nobody said before. RSS is read when all that was asked is answered. The
figure: after 100,000 at most what it was after 10,000, and 5 MB.
"""

from __future__ import annotations

import argparse
import random
import signal
import string
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from pathlib import Path

from benchmarks.interruptions import log, settings
from tests.e2e import numbered
from tests.e2e.bot_process import END_S, START_S, BotProcess
from tests.e2e.loopback_api import LoopbackApi

MARKS = (1_000, 10_000, 50_000, 100_000)
AHEAD = 100
"""How many messages wait at Telegram."""
STALLED_S = 60.0
_LOOK_S = 0.02


def messages(seed: int = 1) -> Iterator[tuple[int, str]]:
    """Yield people and what they say, without end."""
    lots = random.Random(seed)  # noqa: S311  (a test is to be repeatable)
    for number in count():
        word = "".join(lots.choices(string.ascii_lowercase, k=lots.randint(3, 12)))
        yield 1_000_000 + number, f"{numbered.question(number)} of my {word}"


def feed(api: LoopbackApi, bot: BotProcess, people: Iterator[tuple[int, str]], total: int) -> None:
    """Let *total* messages be answered in all, those before included. Raises TimeoutError when the bot stands still."""
    asked, moved_at, last = api.asked, time.monotonic(), -1
    while api.updates or asked < total:
        room = min(AHEAD - len(api.updates), total - asked)
        if room > 0:
            asked += len(api.say_all(islice(people, room)))
        if len(api.taken) != last:
            last, moved_at = len(api.taken), time.monotonic()
        if not bot.alive or time.monotonic() - moved_at > STALLED_S:
            raise TimeoutError(f"the bot stands still; its log ends\n{bot.log[-2000:]}")
        time.sleep(_LOOK_S)


def run(marks: Sequence[int], scratch: Path, surroundings: Mapping[str, str]) -> Iterator[tuple[int, float, float]]:
    """Yield for each mark how many messages were answered, the RSS in MB, and the seconds since the first."""
    people = messages()
    with LoopbackApi(judged=False) as api, BotProcess({**settings(api, scratch), **surroundings}, log(scratch)) as bot:
        if not api.wait_for(lambda: api.attempts["getUpdates"] > 0 or not bot.alive, START_S):
            raise TimeoutError(f"the bot did not start\n{bot.log[-2000:]}")
        started = time.monotonic()
        for mark in marks:
            feed(api, bot, people, mark)
            yield len(api.taken), bot.rss_mb, time.monotonic() - started
        bot.end(signal.SIGTERM, END_S)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance")
    parser.add_argument("--knowledge", type=Path, help="another folder than the small one of the measurements")
    parser.add_argument("--marks", type=int, nargs="+", default=list(MARKS))
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no bot is left behind
    print(f"$ python -m benchmarks.endurance {' '.join(sys.argv[1:])}".rstrip())
    print("`napebot run` by polling on SQLite; every message of another person\n\nmessages  answers     RSS      seconds")
    surroundings = {"KNOWLEDGE_DIR": str(options.knowledge.resolve())} if options.knowledge else {}
    with tempfile.TemporaryDirectory() as scratch:
        for mark, (answers, rss_mb, seconds) in zip(options.marks, run(options.marks, Path(scratch), surroundings), strict=True):
            print(f"{mark:>8} {answers:>8} {rss_mb:>6.1f} MB {seconds:>8.0f}", flush=True)


if __name__ == "__main__":
    main()
