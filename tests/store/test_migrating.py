"""Databases come up to date by numbered steps, and one from the future is left alone."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store import migrating
from bot.store.migrating import read_migrations
from bot.store.opening import open_store
from bot.store.records import Effects, Miss, Tally
from tests.store.homes import Home, PostgresHome, SqliteHome
from tests.store.people import DAY, counted

KINDS = ["sqlite", "postgres"]
Rows = Callable[[str], list[str]]


@pytest.fixture
def rows(shared: Home) -> Rows:
    """How to ask the database of `shared` itself: `{}` before a table's name becomes its schema."""

    def asked(sql: str) -> list[str]:
        if isinstance(shared, PostgresHome):
            return shared.server.run(shared.url.partition("@/")[2].partition("?")[0], sql.format("napebot.")).splitlines()
        assert isinstance(shared, SqliteHome)
        connection = sqlite3.connect(shared.path)
        with connection:
            found = ["|".join(map(str, row)) for row in connection.execute(sql.format(""))]
        connection.close()
        return found

    return asked


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped steps, to which a test adds."""
    folder = tmp_path / "migrations"
    for kind in KINDS:
        (folder / kind).mkdir(parents=True)
        for step in read_migrations(kind):
            (folder / kind / f"{step.name}.sql").write_text(step.sql)
    for module in ("sqlite_file", "postgres_pool"):
        monkeypatch.setattr(f"bot.store.{module}.read_migrations", lambda kind: read_migrations(kind, folder))
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_steps_are_numbered(kind: str) -> None:
    found = read_migrations(kind)

    assert [step.number for step in found] == list(range(1, len(found) + 1))
    assert found[0].name == "0001_first"
    assert [step.name for step in found] == [step.name for step in read_migrations(KINDS[0])]


@pytest.mark.parametrize(
    "names", [(), ("0002_b",), ("0001_a", "0003_c"), ("0001_a", "0001_b"), ("first",)], ids=["none", "late", "gap", "twice", "no number"]
)
def test_steps_that_are_not_in_a_row_are_refused(names: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "sqlite").mkdir()
    for name in names:
        (tmp_path / "sqlite" / f"{name}.sql").touch()

    with pytest.raises(StoreError, match="install NapeBot again"):
        read_migrations("sqlite", tmp_path)


async def test_an_older_database_is_brought_up_to_date_and_keeps_what_it_has(shared: Home, steps: Path, rows: Rows) -> None:
    one = await shared.open()
    await one.keep(counted("answered"))
    await one.close()
    for kind, schema in zip(KINDS, ("", "napebot."), strict=True):
        (steps / kind / "0003_more.sql").write_text(
            f"CREATE TABLE {schema}more (a integer);\n-- two; statements\nINSERT INTO {schema}more VALUES (7);\n"
        )

    two = await shared.open()

    assert await two.tallies(DAY) == (Tally(DAY, "answered", "", 1),)
    assert rows("SELECT a FROM {}more") == ["7"]
    assert rows("SELECT number, name FROM {}migrations ORDER BY number") == ["1|0001_first", "2|0002_passed", "3|0003_more"]


async def test_questions_from_before_and_those_of_an_older_process_count_as_not_passed_on(shared: Home, steps: Path, rows: Rows) -> None:
    """The older one goes on beside the newer, with the statements it has."""
    for kind in KINDS:
        (steps / kind / "0002_passed.sql").rename(steps / f"{kind}_passed")
    rows_of_old = "INSERT INTO {}misses (day, words, not_this) VALUES ('2026-03-04', 'why', 'ice') RETURNING 1"
    old = await shared.open("old")
    rows(rows_of_old)
    for kind in KINDS:
        (steps / f"{kind}_passed").rename(steps / kind / "0002_passed.sql")
    new = await shared.open("new")
    rows(rows_of_old)
    await new.keep(Effects(misses=(Miss(DAY, "how", passed=True),)))
    await old.keep(counted("answered"))

    assert await new.misses() == (Miss(DAY, "why", "ice"), Miss(DAY, "why", "ice"), Miss(DAY, "how", passed=True))
    assert rows("SELECT day, words, not_this FROM {}misses ORDER BY number") == ["2026-03-04|why|ice"] * 2 + ["2026-03-04|how|"]
    assert await new.tallies(DAY) == (Tally(DAY, "answered", "", 1),)


async def test_a_step_that_fails_is_not_taken_at_all(shared: Home, steps: Path, rows: Rows) -> None:
    one = await shared.open()
    await one.close()
    for kind, schema in zip(KINDS, ("", "napebot."), strict=True):
        (steps / kind / "0003_bad.sql").write_text(f"CREATE TABLE {schema}more (a integer);\nINSERT INTO {schema}less VALUES (7);\n")

    with pytest.raises(StoreError, match="refused"):
        await shared.open()

    assert rows("SELECT number FROM {}migrations") == ["1", "2"]
    for kind in KINDS:
        (steps / kind / "0003_bad.sql").unlink()
    assert await (await shared.open()).tallies(DAY) == ()
    with pytest.raises((sqlite3.Error, OSError, Exception), match="more"):
        rows("SELECT a FROM {}more")


async def test_many_that_start_at_once_take_each_step_once(shared: Home, rows: Rows) -> None:
    stores = await asyncio.gather(*(shared.open(str(number)) for number in range(5)))
    await asyncio.gather(*(store.keep(counted("answered")) for store in stores))

    assert rows("SELECT number FROM {}migrations") == [str(step.number) for step in read_migrations("sqlite")]
    assert rows("SELECT times FROM {}counts") == ["5"]


async def test_a_database_of_a_newer_version_is_left_alone(shared: Home, rows: Rows) -> None:
    one = await shared.open()
    await one.close()
    rows(f"INSERT INTO {{}}migrations VALUES (99, '0099_future', '2030-01-01') RETURNING 1")  # noqa: F541

    with pytest.raises(StoreError, match=r"newer NapeBot \(its schema is 99, this one knows 2\)"):
        await shared.open()


def test_the_steps_lie_beside_the_code() -> None:
    """So that the wheel has them."""
    assert Path(migrating.__file__).parent / "migrations" == migrating._FOLDER
    assert open_store.__module__ == "bot.store.opening"
