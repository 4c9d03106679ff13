"""A bot as its own process, started as an operator starts it; never left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]
TOKEN = "123456789:AAE-planted-token_0123456789abcdefgh"
START_S = 240.0
"""A first start learns from the knowledge; on a busy machine that takes its time."""
END_S = 10.0
"""What a bot may take to end once it is told to."""
RUN = ("-m", "bot", "run")

_SETTINGS = ("COVERAGE", "BOT_", "ADMIN_", "KNOWLEDGE_", "DATABASE_", "WEBHOOK_", "LISTEN_", "KEY_", "DATA_", "CACHE_", "LOG_", "KEEP_", "REPLICA_")


class BotProcess:
    """Runs `python *command*` in *folder*, with *settings* and none of ours; its words go to *log*, behind what is there."""

    def __init__(self, settings: Mapping[str, str], log: Path, command: Sequence[str] = RUN) -> None:
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        surroundings |= {"PYTHONPATH": paths, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen([sys.executable, *command], cwd=log.parent, env={**surroundings, **settings}, stdout=out, stderr=out)

    def __enter__(self) -> BotProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return self._log.read_text()

    @property
    def rss_mb(self) -> float:
        """How much memory it holds now, in MB of a million bytes (Linux)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(kilobytes) * 1024 / 1e6

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, number: signal.Signals, limit_s: float = END_S) -> int:
        """Send a signal and return the exit code. Raises TimeoutExpired when it takes too long."""
        self.send(number)
        return self._process.wait(limit_s)

    def wait(self, limit_s: float = START_S) -> int:
        """Return the exit code of a process that ends by itself."""
        return self._process.wait(limit_s)

    def kill(self) -> None:
        if self.alive:
            self._process.kill()
        self._process.wait(END_S)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
