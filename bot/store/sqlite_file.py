"""One SQLite file and the one thread that works on it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import StoreError
from bot.store.migrating import Migration, missing, read_migrations

_AGAIN_S = 0.02
BUSY_S = 2.0
"""How long a locked file is waited for."""
APPLICATION_ID = 0x4E617065
"""`Nape`, at a fixed place in the file: so that no other program's database is written to."""

_OLDEST = (3, 37, 0)
"""The first SQLite with STRICT tables."""
_ADVICE = {
    sqlite3.SQLITE_BUSY: "another program holds it locked; close that program",
    sqlite3.SQLITE_LOCKED: "another program holds it locked; close that program",
    sqlite3.SQLITE_FULL: "the disk is full; make room, and it goes on by itself",
    sqlite3.SQLITE_READONLY: "it cannot be written; give it and its folder to the user that runs the bot",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; give it and its folder to the user that runs the bot",
    sqlite3.SQLITE_PERM: "it cannot be opened; give it and its folder to the user that runs the bot",
    sqlite3.SQLITE_IOERR: "the disk does not read or write; look at the machine's log for errors of the disk",
    sqlite3.SQLITE_CORRUPT: "it is damaged; stop the bot, move it aside (do not delete it), and put a backup in its place",
    sqlite3.SQLITE_NOTADB: "it is damaged or no SQLite database; stop the bot, move it aside (do not delete it), and put a backup in its place",
}
_T = TypeVar("_T")
Work = Callable[[sqlite3.Connection], _T]


@dataclass(slots=True, eq=False)
class _Job:
    work: Work[Any]  # Any: each gives what it gives.
    whole: bool
    """To be done wholly or not at all."""
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def do(self, connection: sqlite3.Connection) -> None:
        try:
            self.result = _transaction(connection, self.work) if self.whole else self.work(connection)
        except BaseException as error:  # Of any kind: whoever waits for it is to hear.
            self.error = error

    def tell(self) -> None:
        if self.done.done():  # Nobody waits any more.
            return
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self.result)


class SqliteFile:
    """A connection that only its own thread touches, so that the event loop never waits for a disk.

    What is asked while the thread is at work goes to it together: to wake a thread, and to begin and end a transaction, costs more than what is
    mostly done in one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._connection: sqlite3.Connection | None = None
        self._due: list[_Job] = []
        self._at_work = False

    @classmethod
    async def open(cls, path: Path) -> SqliteFile:
        """Open the file at *path*, make it (0600) and its folder (0700) where they are missing, and bring its schema up to date."""
        file = cls(path)
        try:
            file._connection = await file._in_thread(file._open)
        except BaseException:
            file._thread.shutdown(wait=False)
            raise
        return file

    async def transaction(self, work: Work[_T]) -> _T:
        """Do *work* wholly or not at all. Called off before it began, it is not done; later, it is done without us.

        It may be begun a second time when another's fails that was begun with it; what the first did is undone by then.
        """
        return await self._do(self._connected(), work, whole=True)

    async def read(self, work: Work[_T]) -> _T:
        """Do *work*, which is one statement."""
        return await self._do(self._connected(), work, whole=False)

    async def close(self) -> None:
        """Let go of the file once what was begun is done."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._do(connection, sqlite3.Connection.close, whole=False)
            self._thread.shutdown(wait=False)

    async def _do(self, connection: sqlite3.Connection, work: Work[_T], *, whole: bool) -> _T:
        job = _Job(work, whole, asyncio.get_running_loop().create_future())
        self._due.append(job)
        if not self._at_work:
            self._send_off(connection)
        with self._refusals():
            result: _T = await job.done
            return result

    def _send_off(self, connection: sqlite3.Connection) -> None:
        """Give the thread all that is due."""
        jobs, self._due = self._due, []
        self._at_work = True
        self._thread.submit(self._work, jobs, connection, asyncio.get_running_loop())

    def _work(self, jobs: Sequence[_Job], connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop) -> None:
        """Do *jobs*, in the thread; transactions side by side become one, unless that fails."""
        wanted = [job for job in jobs if not job.done.cancelled()]
        for whole, group in groupby(wanted, lambda job: job.whole):
            together = list(group)
            if not (whole and len(together) > 1 and _together(connection, together)):
                for job in together:
                    job.do(connection)
        loop.call_soon_threadsafe(self._over, jobs, connection)

    def _over(self, jobs: Sequence[_Job], connection: sqlite3.Connection) -> None:
        self._at_work = False
        for job in jobs:
            job.tell()
        if self._due:
            self._send_off(connection)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        with self._refusals():
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Say in our words what went wrong."""
        try:
            yield
        except sqlite3.Error as error:
            raise _refusal(self._path, error) from error
        except OverflowError:
            raise ValueError("SQLite cannot hold this value") from None
        except OSError as error:
            raise StoreError(f"{self._path}: {error.strerror}; name a file in DATABASE_URL or DATA_DIR that the bot may write") from error

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreError(f"{self._path}: it was closed; open it again")
        return self._connection

    def _open(self) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old; NapeBot needs 3.37 or later, or PostgreSQL by DATABASE_URL")
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its side files the mode of the file itself. One that is there is not opened here: to close it again would end the
        # locks that this process holds on it through SQLite.
        with suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        # In this order: another process that begins just now writes both at once, and must not be seen between.
        empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
        known = connection.execute("PRAGMA application_id").fetchone()[0]
        if known != APPLICATION_ID and not empty:
            raise StoreError(f"{self._path}: this is the database of another program; name another file in DATABASE_URL")
        trouble = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if trouble != "ok":
            raise StoreError(f"{self._path}: {_ADVICE[sqlite3.SQLITE_CORRUPT]}")
        if _into_wal(connection) != "wal":
            raise StoreError(f"{self._path}: this file system cannot share memory, as SQLite's WAL needs; use a local disk")
        for setting in ("synchronous = NORMAL", "secure_delete = ON", "foreign_keys = ON", "trusted_schema = OFF", "journal_size_limit = 1048576"):
            connection.execute(f"PRAGMA {setting}")
        if self._steps(connection):  # A command that only reads need not wait for a lock.
            _transaction(connection, self._migrate)

    def _steps(self, connection: sqlite3.Connection) -> Sequence[Migration]:
        found = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'migrations'").fetchone()[0]
        version = connection.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()[0] if found else 0
        return missing(read_migrations("sqlite"), version, str(self._path))

    def _migrate(self, connection: sqlite3.Connection) -> None:
        # One transaction for all steps: of two processes that start at once the second finds nothing left to do.
        connection.execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, at TEXT NOT NULL) STRICT")
        for migration in self._steps(connection):
            for statement in _statements(migration.sql):
                connection.execute(statement)
            connection.execute("INSERT INTO migrations VALUES (?, ?, datetime())", (migration.number, migration.name))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _into_wal(connection: sqlite3.Connection) -> str:
    """Return the journal mode once WAL was asked for. SQLite does not wait where two ask for it at once, lest they wait for each other."""
    end = time.monotonic() + BUSY_S
    while True:
        try:
            mode: str = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(_AGAIN_S)
        else:
            return mode


def _together(connection: sqlite3.Connection, jobs: Sequence[_Job]) -> bool:
    """Do *jobs* in one transaction; return False, with nothing done, when that fails."""
    try:
        results = _transaction(connection, lambda inside: [job.work(inside) for job in jobs])
    except Exception:  # Of any kind: whose it is comes out when each is done for itself.
        return False
    for job, result in zip(jobs, results, strict=True):
        job.result = result
    return True


def _transaction(connection: sqlite3.Connection, work: Work[_T]) -> _T:
    # IMMEDIATE: a transaction that reads first and then writes is refused at once when another has written meanwhile.
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite may have rolled back already; the first error is the one to tell.
            connection.execute("ROLLBACK")
        raise
    return result


def _statements(sql: str) -> Iterator[str]:
    """Return the statements of *sql* one by one: `executescript` would end the transaction they belong to."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _refusal(path: Path, error: sqlite3.Error) -> StoreError:
    # The lowest byte is the kind of error, the rest its shade.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    advice = _ADVICE.get(code, "SQLite refused; if it goes on, report it with this line")
    return StoreError(f"{path}: {advice} ({getattr(error, 'sqlite_errorname', type(error).__name__)})")
