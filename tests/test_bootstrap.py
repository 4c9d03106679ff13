"""What a start joins: what serves is kept, what was being put back is finished, and who may change entries from a chat."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import bootstrap
from bot.adapters.telegram import runner
from bot.adapters.telegram.runner import Parts
from bot.config import Settings
from bot.errors import ConfigError
from bot.knowledge.folder import read_files
from bot.knowledge.versions import Versions
from bot.publishing import Publishing
from bot.store import Store
from bot.store.memory import MemoryStore
from tests.kitchen import ENTRIES, write_kitchen

EGGS = "entries/eggs.yaml"


@pytest.fixture
def folder(nowhere: Path) -> Path:
    return write_kitchen(nowhere / "kitchen")


@pytest.fixture(autouse=True)
def _one_cache(tmp_path_factory: pytest.TempPathFactory, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one start has learned the next finds."""
    monkeypatch.setenv("CACHE_DIR", str(tmp_path_factory.getbasetemp() / "cache-of-starts"))


async def started(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: object) -> Parts:
    """Return what is served with, of a start that ends before it serves."""
    served: list[Parts] = []

    async def run_bot(_settings: Settings, parts: Parts) -> None:
        served.append(parts)

    monkeypatch.setattr(runner, "run_bot", run_bot)
    await bootstrap.run(Settings(admin_ids=frozenset({1}), **{"database_url": SecretStr("memory:"), **settings}), folder)  # type: ignore[arg-type]
    return served[0]


def publishing_of(parts: Parts) -> Publishing:
    assert parts.publishing is not None
    return parts.publishing


async def test_what_serves_is_kept_from_the_start(folder: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = await started(folder, monkeypatch)
    (kept,) = publishing_of(parts).versions()

    assert kept.version == parts.service.snapshot.version == read_files(folder).version
    assert Versions(nowhere / "data/napebot/versions").read(kept.version) == read_files(folder).content_by_name


async def test_what_a_dead_process_was_putting_back_is_finished_before_it_is_read(
    folder: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions, before = Versions(nowhere / "data/napebot/versions"), read_files(folder)
    for name, text in ((EGGS, ENTRIES[EGGS].replace("Six minutes", "Five minutes")), ("topic.yaml", "name: Kitchen\n")):
        (folder / name).write_text(text, encoding="utf-8")
    after = read_files(folder)
    place = versions.keep(before).parent
    versions.keep(after)
    (folder / "topic.yaml").unlink()
    (place / "unfinished.json").write_text(json.dumps({"folder": str(folder), "from": before.version, "to": after.version}), encoding="utf-8")
    parts = await started(folder, monkeypatch)

    assert parts.service.snapshot.version == read_files(folder).version == after.version


@pytest.mark.parametrize(("wanted", "may"), [(False, False), (True, True)])
async def test_entries_change_by_chat_only_where_that_is_wanted(wanted: bool, may: bool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert publishing_of(await started(folder, monkeypatch, knowledge_by_chat=wanted)).may_write is may


async def test_where_others_may_serve_entries_do_not_change_by_chat(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @asynccontextmanager
    async def store(*_: object) -> AsyncIterator[Store]:
        yield MemoryStore()

    monkeypatch.setattr(bootstrap, "_store", store)
    parts = await started(folder, monkeypatch, knowledge_by_chat=True, database_url=SecretStr("postgresql://u@h/d"))

    assert not publishing_of(parts).may_write
    assert not parts.alone
    assert len(publishing_of(parts).versions()) == 1
    assert "KNOWLEDGE_BY_CHAT does nothing here" in caplog.text


async def test_where_there_is_no_place_to_keep_anything_it_serves(
    folder: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @asynccontextmanager
    async def store(*_: object) -> AsyncIterator[Store]:
        yield MemoryStore()

    def homeless(_: object) -> Path:
        raise ConfigError("DATA_DIR: this user has no home folder")

    monkeypatch.setattr(bootstrap, "_store", store)
    monkeypatch.setattr(bootstrap, "data_folder", homeless)
    monkeypatch.setattr(bootstrap, "key_file", lambda _: nowhere / "key")
    parts = await started(folder, monkeypatch, database_url=SecretStr("postgresql://u@h/d"))

    assert publishing_of(parts).versions() == ()
    assert "DATA_DIR" in caplog.text
