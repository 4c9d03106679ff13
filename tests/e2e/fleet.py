"""Several bots as their own processes, over one PostgreSQL server, one key and one folder of knowledge."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.e2e import numbered
from tests.e2e.bot_process import RUN, START_S, TOKEN, BotProcess, free_port
from tests.e2e.loopback_api import LoopbackApi
from tests.store.servers import PostgresServer

ADMIN = 900
_LOOK_S = 0.02


@dataclass
class Fleet:
    """What the replicas share. Whoever enters it gets replicas from `start`, and none is left behind."""

    server: PostgresServer
    scratch: Path
    names: Sequence[str]
    cache: Path | None = None
    ports: dict[str, int] = field(default_factory=dict)
    """Where each listens."""
    running: dict[str, BotProcess] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.url = self.server.new_database()
        self.folder = numbered.write(self.scratch / "things")
        self.ports = {name: free_port() for name in self.names}
        self._stack = ExitStack()

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start(self, name: str, api: LoopbackApi, command: Sequence[str] = RUN) -> BotProcess:
        """Start the replica *name*, which may have been killed before."""
        settings = {
            "BOT_TOKEN": TOKEN,
            "ADMIN_IDS": str(ADMIN),
            "API_BASE_URL": api.base_url,
            "KNOWLEDGE_DIR": str(self.folder),
            "CACHE_DIR": str(self.cache or self.scratch / "cache"),
            "DATA_DIR": str(self.scratch / "data"),
            "KEY_FILE": str(self.scratch / "key"),
            "DATABASE_URL": self.url,
            "REPLICA_NAME": name,
            "WEBHOOK_URL": "https://bot.example.org/telegram",
            "LISTEN_HOST": "127.0.0.1",
            "LISTEN_PORT": str(self.ports[name]),
            "LOG_FORMAT": "json",
        }
        self.running[name] = self._stack.enter_context(BotProcess(settings, self.log(name), command))
        return self.running[name]

    def start_all(self, api: LoopbackApi, command: Sequence[str] = RUN) -> None:
        """Start all, the first alone: what it learns is there for the others. Raises TimeoutError when one does not serve in time."""
        for name in self.names:
            self.start(name, api, command)
            self.wait_for_line(name, "serving by webhook")

    def log(self, name: str) -> Path:
        return self.scratch / f"{name}.log"

    def lines(self, name: str, message: str) -> list[dict[str, Any]]:
        """Return the lines of JSON with this *message* in the log of a replica."""
        return [line for line in _json_lines(self.log(name)) if line.get("message") == message]

    def wait_for_line(self, name: str, message: str, *, limit_s: float = START_S, **fields: object) -> float:
        """Wait until a replica logs *message* with *fields*; return when it did, in seconds since 1970."""
        end = time.monotonic() + limit_s
        while True:
            for line in self.lines(name, message):
                if line | fields == line:
                    return datetime.fromisoformat(line["time"]).timestamp()
            if time.monotonic() > end or not self.running[name].alive:
                raise TimeoutError(f"{name}: no {message!r} with {fields} within {limit_s:.0f} s; its log ends\n{self.log(name).read_text()[-2000:]}")
            time.sleep(_LOOK_S)

    def rows(self, sql: str) -> list[str]:
        """Run *sql* and return its rows, `|` between columns."""
        return self.server.run(self.url.partition("@/")[2].partition("?")[0], sql).splitlines()

    def edit(self, number: int) -> None:
        """Change the knowledge in a way that no other *number* does."""
        topic = self.folder / "topic.yaml"
        kept = topic.read_text().partition("contact:")[0]
        fresh = topic.with_suffix(".new")
        fresh.write_text(f"{kept}contact: the attic, box {number}\nemergency_line: Leave the attic at once if it burns.\n")
        fresh.replace(topic)


def _json_lines(log: Path) -> Iterator[dict[str, Any]]:
    for line in log.read_text().splitlines():
        try:
            found = json.loads(line)
        except ValueError:  # Being written, or not by the log.
            continue
        if isinstance(found, dict):
            yield found
