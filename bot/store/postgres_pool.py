"""Connections to one PostgreSQL database: few, limited in time, and new ones where the old were lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias, TypeVar

import asyncpg

from bot.errors import ConfigError, StoreError
from bot.store.migrating import missing, read_migrations

CONNECTIONS = 8
COMMAND_S = 5.0
CONNECT_S = 5.0
MIGRATE_S = 600.0
"""A later migration may have much to rewrite, and a replica that starts meanwhile waits for it."""

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
_MIGRATION_LOCK = 0x4E617065
_NO_SENSE = "DATABASE_URL: cannot be read; write postgresql://user:password@host:5432/database, odd characters in the password as %40 and the like"
_ADVICE = {
    "28": "the server refuses this user or password; set them right in DATABASE_URL",
    "3D": "there is no such database on the server; make it, or set DATABASE_URL right",
    "42501": "this user may not do that; make it the owner of the database",
    "53100": "the server's disk is full; make room, and it goes on by itself",
    "53300": "the server has too many connections; raise its max_connections or start fewer replicas",
    "25006": "the server only reads; name the primary one in DATABASE_URL",
    "57P03": "the server is starting or stopping; it goes on by itself",
}
"""By SQLSTATE, or its class."""
_UNREACHABLE = "the server cannot be reached; see that it runs and that DATABASE_URL names it"
_T = TypeVar("_T")


class PostgresPool:
    """A pool that says what went wrong in our words: the driver's own may quote the URL or a row."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection[asyncpg.Record]]], pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._connect = connect
        self._pool = pool

    @classmethod
    async def open(cls, url: str) -> PostgresPool:
        """Connect to the database at *url* and bring its schema up to date. Raises ConfigError, StoreError."""
        settings = {"application_name": "napebot"}

        async def connect() -> asyncpg.Connection[asyncpg.Record]:
            return await asyncpg.connect(url, timeout=CONNECT_S, command_timeout=COMMAND_S, server_settings=settings)

        async def pooled() -> asyncpg.Pool[asyncpg.Record]:
            return await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=CONNECTIONS,
                timeout=CONNECT_S,
                command_timeout=COMMAND_S,
                server_settings=settings,
                reset=_leave_as_it_is,
            )

        try:
            pool = cls(connect, await _guarded(pooled()))
        except ValueError:
            pool = None
        if pool is None:  # Raised here, so that what the driver said of the URL is nowhere attached.
            raise ConfigError(_NO_SENSE)
        try:
            await pool.transaction(_migrate)
        except BaseException:
            await pool.close()
            raise
        return pool

    async def transaction(self, work: Callable[[Connection], Awaitable[_T]]) -> _T:
        """Do *work* wholly or not at all."""
        return await _guarded(self._transaction(work))

    async def execute(self, sql: str, *values: object) -> None:
        """Do one statement."""
        await self.fetch(sql, *values)

    async def fetch(self, sql: str, *values: object) -> list[asyncpg.Record]:
        """Do one statement and return its rows."""

        async def fetched() -> list[asyncpg.Record]:
            async with self._borrowed() as connection:
                return await connection.fetch(sql, *values)

        return await _guarded(fetched())

    async def connection(self) -> asyncpg.Connection[asyncpg.Record]:
        """Return a connection outside the pool, for the caller to close."""
        return await _guarded(self._connect())

    async def close(self) -> None:
        """Close all connections, politely if the server still listens."""
        try:
            await asyncio.wait_for(self._pool.close(), CONNECT_S)
        except (TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            self._pool.terminate()

    async def _transaction(self, work: Callable[[Connection], Awaitable[_T]]) -> _T:
        async with self._borrowed() as connection:
            await connection.execute("BEGIN")
            try:
                result = await work(connection)
                await connection.execute("COMMIT")
            except (asyncpg.PostgresError, ValueError):
                await connection.execute("ROLLBACK")  # If the connection is gone, this says so instead.
                raise
            return result

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire(timeout=CONNECT_S) as connection:
            try:
                yield connection
            except (asyncpg.PostgresError, ValueError):
                raise
            except BaseException:
                # Called off, or no answer in time. To be polite would mean to wait for a server that may be gone, and hold a place
                # in the pool meanwhile; a server that is there rolls back what was not committed.
                connection.terminate()
                raise


async def _leave_as_it_is(_connection: Connection) -> None:
    """Spare a statement whenever a connection is given back: nothing is ever set on one."""


async def _migrate(connection: Connection) -> None:
    # One lock and one transaction for all: of two replicas that start at once the second finds nothing left to do.
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATION_LOCK, timeout=MIGRATE_S)
    if await connection.fetchval("SELECT to_regclass('napebot.migrations')") is None:
        await connection.execute("CREATE SCHEMA IF NOT EXISTS napebot")
        await connection.execute("CREATE TABLE napebot.migrations (number integer PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL)")
    version = await connection.fetchval("SELECT coalesce(max(number), 0) FROM napebot.migrations")
    for migration in missing(read_migrations("postgres"), version, "the PostgreSQL database"):
        await connection.execute(migration.sql, timeout=MIGRATE_S)
        await connection.execute("INSERT INTO napebot.migrations VALUES ($1, $2, now())", migration.number, migration.name)


async def _guarded(call: Awaitable[_T]) -> _T:
    """Return what *call* does; raise StoreError for trouble with the server, ValueError for values that no server would take."""
    refusal: Exception
    try:
        return await call
    except (OSError, asyncpg.InternalClientError) as error:  # Time that ran out, and a certificate that is not believed, are OSErrors.
        refusal = StoreError(f"PostgreSQL: {_UNREACHABLE} ({type(error).__name__})")
    except (asyncpg.DataError, ValueError):
        refusal = ValueError("PostgreSQL cannot hold this value")
    except asyncpg.PostgresError as error:
        code = error.sqlstate or ""
        refusal = StoreError(f"PostgreSQL: {_advice(code)} ({type(error).__name__} {code})")
    except asyncpg.InterfaceError as error:
        refusal = StoreError(f"PostgreSQL: {_UNREACHABLE} ({type(error).__name__})")
    # Raised here and not above: what the driver said may quote the values of a row, and would be shown with it.
    raise refusal


def _advice(code: str) -> str:
    # Class 08: connections; 57: whoever looks after the server stops it.
    rest = _UNREACHABLE if code[:2] in {"08", "57"} else "the server refused; if it goes on, report it with this line"
    return _ADVICE.get(code) or _ADVICE.get(code[:2]) or rest
