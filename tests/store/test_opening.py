"""From a URL to a store, or to a line that says what is wrong with the URL."""

import os
import re
import sys
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.store.memory import MemoryStore
from bot.store.opening import open_store
from bot.store.postgres import PostgresStore
from bot.store.records import Claim, Standing
from bot.store.sqlite import SqliteStore
from tests.store.servers import PostgresServer


async def test_nothing_need_be_kept() -> None:
    assert isinstance(await open_store("memory:", holder="me"), MemoryStore)


@pytest.mark.parametrize(
    "written", ["sqlite:{}/a b/bot.db", " sqlite:{}/bot.db\n"], ids=["a folder with a space that is not there yet", "blanks around"]
)
async def test_a_file_is_made_where_there_is_none(written: str, tmp_path: Path) -> None:
    store = await open_store(written.format(tmp_path), holder="me")
    await store.close()

    assert isinstance(store, SqliteStore)
    assert len([folder for folder, _, files in os.walk(tmp_path) if "bot.db" in files]) == 1


async def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    await (await open_store("sqlite:~/bot.db", holder="me")).close()

    assert (tmp_path / "bot.db").exists()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
async def test_a_server_is_connected_to(scheme: str, server: PostgresServer) -> None:
    url = server.emptied_database().replace("postgresql:", f"{scheme}:")
    store = await open_store(url, holder="me")
    await store.close()

    assert isinstance(store, PostgresStore)
    assert "hush" not in repr(store)


@pytest.mark.parametrize("url", ["", "memory:x", "sqlite:", "sqlite://bot.db", "postgresql:hush-hush", "mysql://u:hush-hush@h/d", "hush-hush"])
async def test_a_url_that_makes_no_sense_is_not_quoted(url: str) -> None:
    with pytest.raises(ConfigError, match="DATABASE_URL: write postgresql://") as caught:
        await open_store(url, holder="me")

    assert "hush" not in str(caught.value)


async def test_each_start_is_another_holder(tmp_path: Path) -> None:
    """Else the claims of the process before, under the same name, would count as this one's."""
    first = await open_store(f"sqlite:{tmp_path}/bot.db", holder="me")
    second = await open_store(f"sqlite:{tmp_path}/bot.db", holder="me")
    await first.claim(1, alone=False)

    assert await second.claim(1, alone=False) == Claim(Standing.ELSEWHERE)
    await first.close()
    await second.close()


async def test_without_the_driver_postgresql_says_how_to_get_it_and_sqlite_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("bot.store.postgres", "bot.store.listening"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "asyncpg", None)

    with pytest.raises(ConfigError, match=re.escape("names PostgreSQL, and asyncpg is missing: pip install 'napebot[postgres]'")):
        await open_store("postgresql://u:hush-hush@h/d", holder="me")
    await (await open_store(f"sqlite:{tmp_path}/bot.db", holder="me")).close()
