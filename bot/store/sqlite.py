"""A store in one SQLite file: for one bot on one machine. Commands may read it while the bot runs."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from bot.core.model import CONTEXT_LIFE, Context
from bot.store import LEASE_S, MISS_LIFE, MISSES_KEPT, REGION_LIFE, REPLICA_LIFE, UPDATE_LIFE
from bot.store.hint import Hint
from bot.store.records import Claim, Effects, Generation, Miss, PersonKey, Replica, Standing, Tally
from bot.store.rows import count_rows, distinct, living, load_context, miss_rows, outdated_names, people_rows, plain
from bot.store.sqlite_file import BUSY_S, SqliteFile

_CLAIM = """
INSERT INTO updates (update_id, at, holder, tries, settled) VALUES (:update_id, :now, :holder, 1, 0)
ON CONFLICT (update_id) DO UPDATE SET at = :now, holder = :holder, tries = tries + 1
WHERE NOT settled AND (
    :alone OR holder IS NULL OR holder = :holder
    OR (at < :lease_end AND NOT EXISTS (SELECT * FROM holders WHERE name = updates.holder AND seen_at >= :lease_end))
)
RETURNING tries
"""
_SETTLE = """
INSERT INTO updates (update_id, at, holder, tries, settled) VALUES (?, ?, NULL, 0, 1)
ON CONFLICT (update_id) DO UPDATE SET at = excluded.at, holder = NULL, settled = 1 WHERE NOT settled
"""
_KEEP_PERSON = """
INSERT INTO people (here, person, at, context) VALUES (?, ?, ?, ?)
ON CONFLICT (here) DO UPDATE SET person = excluded.person, at = excluded.at, context = excluded.context
"""
_KEEP_COUNT = """
INSERT INTO counts (day, what, about, times) VALUES (?, ?, ?, ?)
ON CONFLICT (day, what, about) DO UPDATE SET times = times + excluded.times
"""
_KEEP_MISS = "INSERT INTO misses (day, words, not_this, passed) VALUES (?, ?, ?, ?)"
_DROP_MISS = """
DELETE FROM misses WHERE number = (SELECT max(number) FROM misses WHERE day = ? AND words = ? AND not_this = ? AND passed = ?)
"""
_REPORT = """
INSERT INTO replicas (name, generation, version, problems, seen_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET
    generation = excluded.generation, version = excluded.version, problems = excluded.problems, seen_at = excluded.seen_at
"""
_RENEW = "INSERT INTO holders VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at"
_ANNOUNCE = """
INSERT INTO knowledge VALUES (1, 1, ?) ON CONFLICT (one) DO UPDATE SET number = number + 1, version = excluded.version RETURNING number
"""
_REGION = "CASE WHEN json_valid(context) THEN json_extract(context, '$.region') END"


class SqliteStore:
    """See Store. Every transaction runs whole in the file's own thread, so a caller who leaves early breaks nothing."""

    def __init__(self, file: SqliteFile, holder: str, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._holder = holder
        self._clock = clock
        """Seconds since 1970."""
        self._hint = Hint()

    @classmethod
    async def open(cls, path: Path, *, holder: str, clock: Callable[[], float] = time.time) -> SqliteStore:
        """Open the file at *path*, or make it. *holder* names this process in claims. Raises StoreError."""
        return cls(await SqliteFile.open(path), holder, clock)

    async def claim(self, update_id: int, *, alone: bool) -> Claim:
        """See Store."""
        now = self._clock()
        values = {"update_id": update_id, "now": now, "holder": self._holder, "alone": alone, "lease_end": now - LEASE_S}

        def work(connection: sqlite3.Connection) -> Claim:
            taken = connection.execute(_CLAIM, values).fetchone()
            if taken:
                return Claim(Standing.OURS, taken[0])
            settled = connection.execute("SELECT settled FROM updates WHERE update_id = ?", (update_id,)).fetchone()
            return Claim(Standing.SETTLED if settled[0] else Standing.ELSEWHERE)

        return await self._file.transaction(work)

    async def renew(self) -> None:
        """See Store."""
        await self._write(_RENEW, self._holder, self._clock())

    async def release(self, update_ids: Sequence[int]) -> None:
        """See Store."""
        rows = [(update_id, self._holder) for update_id in distinct(update_ids)]
        sql = "UPDATE updates SET holder = NULL, tries = tries - 1 WHERE update_id = ? AND holder = ? AND NOT settled"
        await self._file.transaction(lambda connection: connection.executemany(sql, rows))

    async def settle(self, update_ids: Sequence[int], effects: Effects) -> bool:
        """See Store."""
        now = self._clock()
        rows = [(update_id, now) for update_id in distinct(update_ids)]

        def work(connection: sqlite3.Connection) -> bool:
            news = connection.executemany(_SETTLE, rows).rowcount
            if news > 0:
                _keep(connection, effects, now)
            return news > 0

        return await self._file.transaction(work)

    async def read_context(self, key: PersonKey) -> Context | None:
        """See Store."""
        now = self._clock()
        names = [name.here for name in key.names]
        sql = f"SELECT here, at, context FROM people WHERE here IN ({', '.join('?' * len(names))})"  # noqa: S608  (question marks only)
        rows = await self._file.read(lambda connection: connection.execute(sql, names).fetchall())
        found = {here: living(load_context(json), now - at) for here, at, json in rows}
        return next((found[name] for name in names if found.get(name)), None)

    async def keep(self, effects: Effects) -> None:
        """See Store."""
        now = self._clock()
        await self._file.transaction(lambda connection: _keep(connection, effects, now))

    async def forget(self, key: PersonKey) -> int:
        """See Store."""
        names = [(name.person,) for name in key.names]
        gone = await self._file.transaction(lambda connection: connection.executemany("DELETE FROM people WHERE person = ?", names).rowcount)
        await self._file.read(_empty_the_log)
        return gone

    async def tallies(self, since: date) -> tuple[Tally, ...]:
        """See Store."""
        sql = "SELECT day, what, about, times FROM counts WHERE day >= ? ORDER BY day, what, about"
        rows = await self._file.read(lambda connection: connection.execute(sql, (since.isoformat(),)).fetchall())
        return tuple(Tally(date.fromisoformat(day), what, about, times) for day, what, about, times in rows)

    async def misses(self) -> tuple[Miss, ...]:
        """See Store."""
        sql = "SELECT day, words, not_this, passed FROM misses ORDER BY day, number"
        rows = await self._file.read(lambda connection: connection.execute(sql).fetchall())
        return tuple(Miss(date.fromisoformat(day), words, not_this, bool(passed)) for day, words, not_this, passed in rows)

    async def beat(self) -> None:
        """See Store."""
        await self._write("INSERT INTO life VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET beat_at = excluded.beat_at", self._clock())

    async def last_beat(self) -> datetime | None:
        """See Store."""
        found = await self._file.read(lambda connection: connection.execute("SELECT beat_at FROM life").fetchone())
        return _time(found[0]) if found else None

    async def prune(self, *, counts_before: date) -> None:
        """See Store."""
        now = self._clock()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM updates WHERE at < ?", (now - UPDATE_LIFE.total_seconds(),))
            connection.execute("DELETE FROM holders WHERE seen_at < ?", (now - UPDATE_LIFE.total_seconds(),))
            connection.execute("DELETE FROM replicas WHERE seen_at < ?", (now - REPLICA_LIFE.total_seconds(),))
            connection.execute("DELETE FROM counts WHERE day < ?", (counts_before.isoformat(),))
            connection.execute("DELETE FROM misses WHERE day < ?", ((_time(now) - MISS_LIFE).date().isoformat(),))
            connection.execute("DELETE FROM misses WHERE number <= (SELECT max(number) FROM misses) - ?", (MISSES_KEPT,))
            _prune_people(connection, now)

        await self._file.transaction(work)
        await self._file.read(_empty_the_log)

    async def announce(self, version: str) -> Generation:
        """See Store."""
        number: int = await self._file.transaction(lambda connection: connection.execute(_ANNOUNCE, (plain(version),)).fetchone()[0])
        self._hint.ring()
        return Generation(number, version)

    async def generation(self) -> Generation:
        """See Store."""
        found = await self._file.read(lambda connection: connection.execute("SELECT number, version FROM knowledge").fetchone())
        return Generation(*found) if found else Generation()

    async def report(self, replica: Replica) -> None:
        """See Store."""
        await self._write(_REPORT, replica.name, replica.generation, replica.version, replica.problems, self._clock())

    async def replicas(self) -> tuple[Replica, ...]:
        """See Store."""
        sql = "SELECT name, generation, version, problems, seen_at FROM replicas WHERE seen_at >= ? ORDER BY name"
        oldest = self._clock() - REPLICA_LIFE.total_seconds()
        rows = await self._file.read(lambda connection: connection.execute(sql, (oldest,)).fetchall())
        return tuple(Replica(name, number, version, problems, _time(seen)) for name, number, version, problems, seen in rows)

    async def news(self, limit_s: float) -> None:
        """See Store. Only this process is told; others have their look at `generation`."""
        await self._hint.wait(limit_s)

    async def close(self) -> None:
        """See Store."""
        await self._file.close()

    async def _write(self, sql: str, *values: object) -> None:
        await self._file.transaction(lambda connection: connection.execute(sql, values))


def _keep(connection: sqlite3.Connection, effects: Effects, now: float) -> None:
    connection.executemany(_KEEP_PERSON, [(here, person, now, json) for here, person, json in people_rows(effects)])
    connection.executemany("DELETE FROM people WHERE here = ?", [(here,) for here in outdated_names(effects)])
    connection.executemany(_KEEP_COUNT, [(day.isoformat(), *rest) for day, *rest in count_rows(effects)])
    for sql, misses in ((_DROP_MISS, effects.unmissed), (_KEEP_MISS, effects.misses)):
        connection.executemany(sql, [(day.isoformat(), *rest) for day, *rest in miss_rows(misses)])


def _prune_people(connection: sqlite3.Connection, now: float) -> None:
    context_end, region_end = now - CONTEXT_LIFE.total_seconds(), now - REGION_LIFE.total_seconds()
    connection.execute(f"DELETE FROM people WHERE at < ? OR at < ? AND {_REGION} IS NULL", (region_end, context_end))  # noqa: S608
    shorter = f"json_object('region', {_REGION})"
    connection.execute(f"UPDATE people SET context = {shorter} WHERE at < ? AND context <> {shorter}", (context_end,))  # noqa: S608


def _empty_the_log(connection: sqlite3.Connection) -> None:
    """Move what the write-ahead log holds into the file and cut it: it still has what was deleted. A reader at work puts it off."""
    connection.execute("PRAGMA busy_timeout = 0")  # Else that reader is waited for, and all who want the store wait behind.
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(1000 * BUSY_S)}")


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
