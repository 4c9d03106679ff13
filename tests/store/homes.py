"""Where the stores under test live: each kind opened, aged and looked into in its own way, so that one set of tests serves all."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bot.store import Store
from bot.store.memory import MemoryStore
from bot.store.opening import open_store
from bot.store.sqlite import SqliteStore
from tests.store.servers import PostgresServer

_TIMES = {"updates": "at", "holders": "seen_at", "people": "at", "life": "beat_at", "replicas": "seen_at"}
"""The time in each table of the PostgreSQL schema."""


class Home:
    """One place; whoever opens it again is another process, except in memory."""

    def __init__(self) -> None:
        self._stores: list[Store] = []
        self._passed_s = 0.0

    def clock(self) -> float:
        return time.time() + self._passed_s

    async def open(self, holder: str = "one") -> Store:
        store = await self._open(holder)
        self._stores.append(store)
        return store

    async def _open(self, holder: str) -> Store:
        raise NotImplementedError

    def let_pass(self, span: timedelta) -> None:
        """Let it be *span* later."""
        self._passed_s += span.total_seconds()

    async def close(self) -> None:
        for store in self._stores:
            await store.close()


class MemoryHome(Home):
    async def _open(self, holder: str) -> Store:
        return MemoryStore(self.clock)


class SqliteHome(Home):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    async def _open(self, holder: str) -> Store:
        return await SqliteStore.open(self.path, holder=holder, clock=self.clock)


class PostgresHome(Home):
    def __init__(self, server: PostgresServer) -> None:
        super().__init__()
        self.server = server
        self.url = server.emptied_database()

    async def _open(self, holder: str) -> Store:
        return await open_store(self.url, holder=holder)

    def let_pass(self, span: timedelta) -> None:
        """The server's clock cannot be moved; so all it has written down moves the other way."""
        database = self.url.partition("@/")[2].partition("?")[0]
        seconds = span.total_seconds()
        updates = (f"UPDATE napebot.{table} SET {column} = {column} - interval '{seconds} seconds'" for table, column in _TIMES.items())  # noqa: S608
        self.server.run(database, ";".join(updates))


HOMES: dict[str, Callable[[Path, Callable[[], PostgresServer]], Home]] = {
    "memory": lambda folder, server: MemoryHome(),
    "sqlite": lambda folder, server: SqliteHome(folder / "bot.db"),
    "postgres": lambda folder, server: PostgresHome(server()),
}
"""A name -> an empty home, given a folder and how to get a PostgreSQL server."""
