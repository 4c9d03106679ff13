"""How much memory a served bot takes: `python -m benchmarks.footprint [KNOWLEDGE]`. Linux.

`python -m bot run` against a Bot API on 127.0.0.1, from an empty cache folder. What is counted is what the system says is resident, of the bot
and of every process it starts, added up and looked at every 20 ms; pages that two of them share count twice.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.messages import MESSAGES
from bot.folders import packaged_knowledge
from tests.e2e.loopback_api import LoopbackApi

_ROOT = Path(__file__).parent.parent
_ADMIN, _PERSON = 501, 700
_TOKEN = "123456:" + "A" * 35
_LOOK_S = 0.02
_LIMIT_S = 300
_SETTLE_S = 1.0


class Watch:
    """Looks at a process and all below it, until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._pid, self._stop = pid, threading.Event()
        self.peak_mb = 0.0
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(_LOOK_S):
            self.peak_mb = max(self.peak_mb, sum(resident_mb(pid) for pid in family(self._pid)))


def family(pid: int) -> Iterator[int]:
    """Yield *pid* and all processes below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:  # It ended just now.
            continue
        for child in children:
            yield from family(child)


def resident_mb(pid: int) -> float:
    """Return how much memory *pid* holds now, 0 if it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0.0)


class Bot:
    """A served bot, and the API it talks to."""

    def __init__(self, api: LoopbackApi, process: subprocess.Popen[bytes]) -> None:
        self._api, self._process, self.pid = api, process, process.pid

    def ask(self, text: str, user_id: int) -> None:
        """Say *text*, and wait for the reply. Raises TimeoutError when none comes, or the bot has ended."""
        before = len(self._api.taken)
        self._api.say(text, user_id)
        ends = time.monotonic() + _LIMIT_S
        while len(self._api.taken) == before:
            if self._process.poll() is not None or time.monotonic() > ends:
                raise TimeoutError("the bot did not answer")
            time.sleep(_LOOK_S)

    def peak_mb(self, text: str, user_id: int) -> float:
        """Return the most that the bot and its children held together until they had replied to *text*."""
        with Watch(self.pid) as watch:
            self.ask(text, user_id)
        return watch.peak_mb

    def now_mb(self) -> float:
        """Return what the bot holds by itself."""
        time.sleep(_SETTLE_S)
        return resident_mb(self.pid)


@contextmanager
def served(folder: Path, place: Path) -> Iterator[Bot]:
    """Serve *folder*, with cache and data below *place*."""
    with LoopbackApi(judged=False) as api:
        settings = {"BOT_TOKEN": _TOKEN, "ADMIN_IDS": str(_ADMIN), "API_BASE_URL": api.base_url, "KNOWLEDGE_DIR": str(folder), "POLL_TIMEOUT_S": "2"}
        settings |= {"CACHE_DIR": str(place / "cache"), "DATA_DIR": str(place / "data"), "NO_PROXY": "127.0.0.1", "LOG_LEVEL": "ERROR"}
        surroundings = {"PATH": os.environ["PATH"], "HOME": str(place), "PYTHONPATH": os.environ.get("PYTHONPATH", str(_ROOT))}
        process = subprocess.Popen([sys.executable, "-m", "bot", "run"], cwd=place, env={**surroundings, **settings})
        try:
            yield Bot(api, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_LIMIT_S)


def edit(file: Path, old: str, new: str) -> None:
    """Change the first *old* in *file* to *new*."""
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


def measure(folder: Path, place: Path) -> Iterator[tuple[str, float]]:
    """Yield what was looked at and how many MB it was."""
    entries = min((folder / "entries").glob("*.yaml"))
    with served(folder, place) as bot:
        yield "first start, until the first answer: peak of all", bot.peak_mb("hello", _PERSON)
        yield "  the bot after that", bot.now_mb()
        for message in MESSAGES:
            bot.ask(message, _PERSON)
        yield f"  and after {len(MESSAGES)} messages", bot.now_mb()
        edit(entries, "answer: |\n    ", "answer: |\n    Well. ")
        yield "/reload after an answer changed: peak of all", bot.peak_mb("/reload", _ADMIN)
        yield "  the bot after that", bot.now_mb()
        edit(entries, "asks:\n    - ", "asks:\n    - oh ")
        yield "/reload after an ask changed: peak of all", bot.peak_mb("/reload", _ADMIN)
        yield "  the bot after that", bot.now_mb()
        for _ in range(10):
            edit(entries, "answer: |\n    ", "answer: |\n    Well. ")
            bot.ask("/reload", _ADMIN)
        yield "  and after ten more", bot.now_mb()
    with served(folder, place) as bot:
        yield "another start: peak of all", bot.peak_mb("hello", _PERSON)
        yield "  the bot after that", bot.now_mb()


def main() -> None:
    """Print the table."""
    knowledge = Path(sys.argv[1]) if len(sys.argv) > 1 else packaged_knowledge()
    print(f"$ python -m benchmarks.footprint {' '.join(sys.argv[1:])}\n")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(knowledge, Path(place) / "knowledge"))
        for what, megabytes in measure(folder, Path(place)):
            print(f"{what:<52} {megabytes:7.0f} MB", flush=True)


if __name__ == "__main__":
    main()
