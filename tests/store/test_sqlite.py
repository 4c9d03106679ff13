"""The SQLite file: who may read it, what is left in it, and what it says when something is wrong with it."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.core.model import Context
from bot.errors import StoreError
from bot.store import sqlite_file
from bot.store.bounded import bounded
from bot.store.later import Backlog
from bot.store.records import NOTHING, Claim, Effects, Miss, Standing, Tally
from bot.store.sqlite import SqliteStore
from bot.store.sqlite_file import BUSY_S
from tests.store.people import DAY, FULL, carries, counted, person

ANN = person("ann")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "bot.db"


def contents(path: Path) -> bytes:
    """What a file holds; nothing, where there is none."""
    return path.read_bytes() if path.is_file() else b""


def spoil(path: Path) -> None:
    """Write nonsense over all but the first two pages."""
    with path.open("r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xa5" * (path.stat().st_size - 4096 * 2))


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.open(path, holder="one")
    yield opened
    await opened.close()


async def test_nobody_else_may_read_the_file_or_what_lies_beside_it(store: SqliteStore, path: Path) -> None:
    await store.keep(carries(ANN, FULL))

    modes = {file.name: file.stat().st_mode & 0o777 for file in [path.parent, *path.parent.iterdir()]}
    assert modes == {"data": 0o700, "bot.db": 0o600, "bot.db-wal": 0o600, "bot.db-shm": 0o600}


async def test_the_settings_of_the_file_are_as_they_should_be(store: SqliteStore) -> None:
    def settings(connection: sqlite3.Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "trusted_schema", "busy_timeout", "application_id")
        return {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names}

    assert await store._file.read(settings) == {
        "journal_mode": "wal",
        "synchronous": 1,
        "secure_delete": 1,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 2000,
        "application_id": sqlite_file.APPLICATION_ID,
    }
    strict = await store._file.read(
        lambda connection: connection.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'").fetchall()
    )
    ours = {name: flag for name, flag in strict if not name.startswith("sqlite_")}
    assert "people" in ours
    assert set(ours.values()) == {1}


async def test_what_is_forgotten_is_gone_from_the_disk(store: SqliteStore, path: Path) -> None:
    await store.keep(carries(person("canary-7f3a"), Context(last_entry="canary-entry")))
    assert any(b"canary" in file.read_bytes() for file in path.parent.iterdir())

    await store.forget(person("canary-7f3a"))

    assert not [file.name for file in path.parent.iterdir() if b"canary" in file.read_bytes()]


async def test_old_misses_are_gone_from_the_disk(store: SqliteStore, path: Path) -> None:
    await store.keep(Effects(misses=(Miss(DAY.replace(year=2000), "canary words"),)))
    await store.prune(counts_before=DAY)

    assert not [file.name for file in path.parent.iterdir() if b"canary" in file.read_bytes()]


@pytest.mark.parametrize("json", ["", "{", '{"answered": "many"}', '{"half_met": 3}', "[]", "null", '{"region": 7}', "\x00"])
async def test_a_context_that_cannot_be_read_is_none(store: SqliteStore, json: str) -> None:
    await store._file.transaction(lambda connection: connection.execute("INSERT INTO people VALUES ('home/ann', 'ann', unixepoch(), ?)", (json,)))

    assert await store.read_context(ANN) is None


async def test_pruning_clears_away_what_cannot_be_read(store: SqliteStore) -> None:
    rows = [("home/a", "a", "{"), ("home/b", "b", '{"region": "uk", "mood": 1}')]
    sql = "INSERT INTO people VALUES (?, ?, unixepoch() - 3600, ?)"
    await store._file.transaction(lambda connection: connection.executemany(sql, rows))
    await store.prune(counts_before=DAY)

    found = await store._file.read(lambda connection: connection.execute("SELECT person, context FROM people").fetchall())
    assert found == [("b", '{"region":"uk"}')]


async def test_a_command_reads_while_the_bot_writes(store: SqliteStore, path: Path) -> None:
    await store.keep(counted("answered"))
    with closing(sqlite3.connect(path, isolation_level=None)) as bot:
        bot.execute("BEGIN IMMEDIATE")
        command = await SqliteStore.open(path, holder="command")
        assert await command.tallies(DAY) == (Tally(DAY, "answered", "", 1),)
        await command.close()


async def test_after_closing_nothing_works_and_closing_again_is_nothing(path: Path) -> None:
    store = await SqliteStore.open(path, holder="one")
    await store.close()
    await store.close()

    for call in (store.beat(), store.read_context(ANN)):
        with pytest.raises(StoreError, match="closed"):
            await call


async def test_the_event_loop_runs_on_while_the_disk_works(store: SqliteStore) -> None:
    work = asyncio.create_task(store._file.read(lambda _: time.sleep(1)))
    began = time.monotonic()
    for _ in range(10):
        await asyncio.sleep(0.001)

    assert time.monotonic() - began < 0.9
    await work


# --- when something is wrong ----------------------------------------------------------------------------------------


async def test_a_locked_file_is_waited_for_and_then_told_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_S", 0.1)
    store = await SqliteStore.open(path, holder="one")
    backlog = Backlog(store)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match=r"bot.db: another program holds it locked; close that program \(SQLITE_BUSY\)"):
            await store.settle((1,), counted("answered"))
        assert await backlog.settle((1,), counted("answered")) is False
        assert await bounded(store.read_context(ANN), otherwise=FULL) is None, "readers do not wait for a writer"

    assert await backlog.flush() == 0
    assert await store.tallies(DAY) == (Tally(DAY, "answered", "", 1),)
    await store.close()


async def test_a_full_disk_loses_nothing(store: SqliteStore) -> None:
    """SQLite says that there is no room in the same way whether the disk or its own limit says so."""
    backlog = Backlog(store)
    await backlog.settle((0,), counted("answered"))
    full = await store._file.read(lambda connection: connection.execute("PRAGMA max_page_count = 1").fetchone()[0])
    update_id = 0
    while not len(backlog):
        update_id += 1
        await backlog.settle((update_id,), counted("answered") + carries(person(f"p{update_id}"), Context(last_entry="x" * 900)))
    with pytest.raises(StoreError, match="the disk is full; make room, and it goes on by itself"):
        await store.settle((9999,), carries(ANN, Context(last_entry="x" * 9000)))
    assert (await store.claim(0, alone=True)).standing is Standing.SETTLED

    await store._file.read(lambda connection: connection.execute(f"PRAGMA max_page_count = {full + 1000}").fetchall())
    assert await backlog.flush() == 0
    assert (await store.tallies(DAY))[0].times == update_id + 1


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder that this process may only read, be it root's or not."""
    folder = Path(tempfile.mkdtemp(prefix="ro-"))
    folder.chmod(0o555)
    uid = os.geteuid()
    if uid == 0:
        os.seteuid(65534)
    yield folder
    os.seteuid(uid)
    folder.chmod(0o755)
    shutil.rmtree(folder)


async def test_a_folder_that_cannot_be_written_is_told_of(nobody: Path) -> None:
    for path in (nobody / "bot.db", nobody / "deeper" / "bot.db"):
        with pytest.raises(StoreError, match="Permission denied; name a file in DATABASE_URL or DATA_DIR that the bot may write"):
            await SqliteStore.open(path, holder="one")


async def test_a_file_that_turns_read_only_is_told_of(store: SqliteStore) -> None:
    await store._file.read(lambda connection: connection.execute("PRAGMA query_only = ON").fetchall())

    with pytest.raises(StoreError, match="it cannot be written; give it and its folder to the user that runs the bot"):
        await store.settle((1,), NOTHING)
    assert await store.tallies(DAY) == ()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "it cannot be opened; give it and its folder to the user"),
        (lambda path: path.write_text("Dear diary, " * 100), "no SQLite database"),
        (lambda path: sqlite3.connect(path).execute("CREATE TABLE theirs (a)").connection.close(), "another program"),
    ],
    ids=["a folder", "a diary", "another program's"],
)
async def test_what_is_no_store_of_ours_is_left_as_it_is(path: Path, make, said: str) -> None:  # type: ignore[no-untyped-def]
    path.parent.mkdir()
    make(path)
    before = contents(path)

    with pytest.raises(StoreError, match=said):
        await SqliteStore.open(path, holder="one")

    assert contents(path) == before


async def test_a_damaged_file_is_told_of_and_left_as_it_is(path: Path) -> None:
    store = await SqliteStore.open(path, holder="one")
    for number in range(200):
        await store.settle((number,), counted(str(number)))
    await store.close()
    spoil(path)
    damaged = contents(path)

    with pytest.raises(StoreError, match=r"bot.db: it is damaged; stop the bot, move it aside \(do not delete it\), and put a backup in its place"):
        await SqliteStore.open(path, holder="one")

    assert contents(path) == damaged


async def test_damage_that_shows_while_it_runs_costs_no_more_than_the_call(store: SqliteStore, path: Path) -> None:
    for number in range(200):
        await store.keep(counted(f"something long enough to fill a page or two {number:05}"))
    await store.prune(counts_before=DAY)
    spoil(path)
    await store._file.read(lambda connection: connection.execute("PRAGMA shrink_memory").fetchall())

    with pytest.raises(StoreError, match="damaged"):
        await store.tallies(DAY)


async def test_a_file_system_without_shared_memory_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Elsewhere(sqlite3.Connection):
        """As on a network drive, where SQLite keeps the journal as it was."""

        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            return super().execute("SELECT 'delete'" if "journal_mode" in sql else sql, *values)  # type: ignore[arg-type]

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **options: connect(path, factory=Elsewhere, **options))

    with pytest.raises(StoreError, match="use a local disk"):
        await SqliteStore.open(path, holder="one")


async def test_an_old_sqlite_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))

    with pytest.raises(StoreError, match="too old"):
        await SqliteStore.open(path, holder="one")
    assert contents(path) == b""


# --- what is asked at once ------------------------------------------------------------------------------------------


async def test_what_is_asked_at_once_is_done_in_order_and_each_is_told(store: SqliteStore) -> None:
    begun: list[int] = []

    def count(number: int) -> Callable[[sqlite3.Connection], int]:
        def work(connection: sqlite3.Connection) -> int:
            begun.append(number)
            connection.execute("INSERT INTO counts VALUES ('2026-01-01', 'n', ?, 1)", (str(number),))
            return number

        return work

    told = await asyncio.gather(*(store._file.transaction(count(number)) for number in range(50)))

    assert told == begun == list(range(50))
    assert len(await store.tallies(DAY.replace(year=2020))) == 50


async def test_one_that_fails_leaves_those_beside_it_whole(store: SqliteStore) -> None:
    def write(about: str, *, broken: bool = False) -> Callable[[sqlite3.Connection], str]:
        def work(connection: sqlite3.Connection) -> str:
            connection.execute("INSERT INTO counts VALUES ('2026-01-01', 'n', ?, 1)", (about,))
            if broken:
                connection.execute("INSERT INTO nowhere VALUES (1)")
            return about

        return work

    names = [f"n{number}" for number in range(6)]
    works = [store._file.transaction(write(name, broken=name == "n3")) for name in names]
    told = await asyncio.gather(*works, return_exceptions=True)

    assert [type(each) for each in told] == [str, str, str, StoreError, str, str]
    assert [tally.about for tally in await store.tallies(DAY.replace(year=2020))] == ["n0", "n1", "n2", "n4", "n5"]


async def test_who_leaves_before_it_began_has_not_asked(store: SqliteStore) -> None:
    going = threading.Event()

    def hold(connection: sqlite3.Connection) -> None:
        going.wait(5)

    done: list[str] = []
    first = asyncio.create_task(store._file.transaction(hold))
    await asyncio.sleep(0)
    left, stayed = (asyncio.create_task(store._file.transaction(lambda _, name=name: done.append(name))) for name in ("left", "stayed"))  # type: ignore[misc]
    await asyncio.sleep(0)
    left.cancel()
    going.set()
    await asyncio.gather(first, left, stayed, return_exceptions=True)

    assert done == ["stayed"]


async def test_a_look_between_two_changes_sees_the_first_and_not_the_second(store: SqliteStore) -> None:
    def add(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO misses (day, words, not_this) VALUES ('2026-01-01', 'x', '')")

    def look(connection: sqlite3.Connection) -> int:
        found: int = connection.execute("SELECT count(*) FROM misses").fetchone()[0]
        return found

    file = store._file
    seen = await asyncio.gather(file.transaction(add), file.read(look), file.transaction(add), file.transaction(add), file.read(look))

    assert (seen[1], seen[4]) == (1, 3)


async def test_a_reader_at_work_holds_up_no_deletion(store: SqliteStore, path: Path) -> None:
    """A backup, say. Who is to be forgotten would hear that nothing was deleted, and everybody would wait meanwhile."""
    await store.keep(Effects(((ANN, Context(answered=1)),)))
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM people").fetchall()
        await store.keep(Effects(((ANN, Context(answered=2)),)))
        gone = await bounded(store.forget(ANN), otherwise=None)
        claim = await bounded(store.claim(1, alone=True), otherwise=None)

    assert (gone, claim) == (1, Claim(Standing.OURS))
    assert await store._file.read(lambda connection: connection.execute("PRAGMA busy_timeout").fetchone()[0]) == 1000 * BUSY_S


class Shy(sqlite3.Connection):
    """Refuses to change its journal, as SQLite does where two ask at once."""

    refusals = 2
    code = sqlite3.SQLITE_BUSY

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if "WAL" in sql and self.refusals:
            self.refusals -= 1
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = self.code
            raise error
        return super().execute(sql, *values)


def test_who_asks_for_the_journal_at_the_same_moment_asks_again(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db", factory=Shy)) as connection:
        assert sqlite_file._into_wal(connection) == "wal"


def test_what_else_is_wrong_with_the_journal_is_said_at_once(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db", factory=Shy)) as connection:
        connection.code = sqlite3.SQLITE_CORRUPT
        with pytest.raises(sqlite3.OperationalError):
            sqlite_file._into_wal(connection)
        assert connection.refusals == 1
