"""The operator's commands, as they are typed."""

import asyncio
import logging
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from bot import alone, bootstrap
from bot.adapters.telegram import runner
from bot.adapters.telegram.runner import Parts
from bot.alone import alone_in
from bot.cli import main
from bot.config import Settings
from bot.core.model import Utterance
from bot.errors import ConfigError, StoreError
from bot.keyring import Keyring
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Effects, Miss, PersonKey
from bot.store.sqlite import SqliteStore
from tests.e2e.loopback_api import LoopbackApi
from tests.kitchen import write_kitchen
from tests.test_service import LOST, NOON

TOKEN = "123456789:AAE-planted-token_0123456789abcdefgh"

pytestmark = pytest.mark.usefixtures("process_as_before")


@pytest.fixture
def place(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with knowledge and a token."""
    write_kitchen(nowhere / "knowledge")
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    return nowhere


# --- run ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "unhook"])
@pytest.mark.usefixtures("nowhere")
def test_without_a_token_it_says_where_to_get_one(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command]) == 2
    assert "@BotFather" in capsys.readouterr().err


@pytest.mark.parametrize(("url", "alone_there"), [("memory:", True), ("", True)], ids=["memory", "SQLite"])
def test_run_joins_the_parts(place: Path, monkeypatch: pytest.MonkeyPatch, url: str, alone_there: bool) -> None:
    served: list[Parts] = []

    async def serve(settings: Settings, parts: Parts) -> None:
        served.append(parts)
        with pytest.raises(ConfigError, match="another napebot"), alone_in(place / "data" / "napebot", wait_s=0):
            pass
        said = await parts.service.answer(Utterance(LOST, NOON), parts.keyring.name(1, 2))
        await parts.service.keep(said.effects)
        assert [miss.not_this for miss in said.effects.misses] == [""]
        assert "37" in parts.service.privacy().text

    monkeypatch.setattr(runner, "run_bot", serve)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("REPLICA_NAME", "first")
    monkeypatch.setenv("RETENTION_DAYS", "37")
    monkeypatch.setenv("KEEP_MISSES", "true")

    assert main(["run"]) == 0
    assert [(parts.alone, parts.replicas.name) for parts in served] == [(alone_there, "first")]
    assert "boiled-eggs" in served[0].service.snapshot.entries_by_id
    assert (place / "data" / "napebot" / "key").is_file()
    with alone_in(place / "data" / "napebot", wait_s=0):
        assert (place / "data" / "napebot" / "napebot.sqlite3").exists() is not url.startswith("memory")
    if not url:
        with pytest.raises(StoreError, match="closed"):
            asyncio.run(served[0].store.generation())


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("admin_ids", ["", "900"], ids=["no admins", "an admin"])
def test_without_admins_a_code_is_printed_and_not_logged(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str, admin_ids: str
) -> None:
    served: list[Parts] = []

    async def serve(settings: Settings, parts: Parts) -> None:
        served.append(parts)
        logging.getLogger("bot").info("serving %s", parts)

    monkeypatch.setattr(runner, "run_bot", serve)
    monkeypatch.setenv("ADMIN_IDS", admin_ids)
    monkeypatch.setenv("LOG_FORMAT", form)

    assert main(["run"]) == 0
    (parts,), shown = served, capsys.readouterr()
    codes = [parts.claim.code] if parts.claim is not None else []
    assert len(codes) == (not admin_ids)
    assert [line.endswith(f"/claim {code}") for line, code in zip(shown.out.splitlines(), codes, strict=True)] == [True] * len(codes)
    assert "serving " in shown.err
    assert not any(code in shown.err for code in codes)


def test_with_postgresql_the_data_folder_is_not_held(monkeypatch: pytest.MonkeyPatch, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody:hush-hush@/none?host={place}")
    with alone_in(place / "data" / "napebot"):
        assert main(["run"]) == 1

    written = capsys.readouterr().err
    assert "cannot be reached" in written
    assert "hush-hush" not in written


def test_a_second_process_with_the_same_data_is_told_so(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(alone, "alone_in", partial(alone_in, wait_s=0))
    with alone_in(place / "data" / "napebot"):
        assert main(["run"]) == 2

    assert "another napebot serves" in capsys.readouterr().err
    assert not (place / "data" / "napebot" / "napebot.sqlite3").exists()


def test_a_database_that_is_none_is_named(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "notes.db").write_text("bread, eggs, flour\n" * 100, encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:{place / 'notes.db'}")
    monkeypatch.setenv("KEEP_MISSES", "true")

    for command in ("run", "misses"):
        assert main([command]) == 1
        assert f"{place / 'notes.db'}: it is damaged or no SQLite database" in capsys.readouterr().err


def test_bad_knowledge_is_listed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_kitchen(place / "knowledge", {"entries/eggs.yaml": "- id: no answer\n"})

    assert main(["run"]) == 1
    assert "entries/eggs.yaml:1:" in capsys.readouterr().err


# --- unhook ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("place")
def test_unhook_says_what_comes_next(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    unhooked: list[Settings] = []

    async def unhook(settings: Settings) -> None:
        unhooked.append(settings)

    monkeypatch.setattr(runner, "unhook", unhook)

    assert main(["unhook"]) == 0
    assert len(unhooked) == 1
    assert "polls" in capsys.readouterr().out


@pytest.mark.usefixtures("place")
def test_unhook_goes_to_telegram(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with LoopbackApi() as api:
        monkeypatch.setenv("API_BASE_URL", api.base_url)
        assert main(["unhook"]) == 0

    assert "polls" in capsys.readouterr().out
    assert [parameters for method, parameters in api.calls if method == "deleteWebhook"] == [{"drop_pending_updates": False}]
    assert api.complaints == []


# --- rotate-key -----------------------------------------------------------------------------------------------------


def test_a_key_is_rotated_where_the_bot_keeps_it(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = nowhere / "data" / "napebot" / "key"
    first = Keyring.open(path)

    assert main(["rotate-key"]) == 0
    assert Keyring.open(path).earlier == first.current
    assert first.current.hex() not in capsys.readouterr().out


def test_a_key_rotated_twice_is_gone(nowhere: Path) -> None:
    path = nowhere / "data" / "napebot" / "key"
    first = Keyring.open(path)
    main(["rotate-key"])
    second = Keyring.open(path)
    main(["rotate-key"])
    third = Keyring.open(path)

    assert third.earlier == second.current
    assert first.current.hex() not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_that_others_can_read_is_not_rotated(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = nowhere / "data" / "napebot" / "key"
    first = Keyring.open(path)
    path.chmod(0o644)

    assert main(["rotate-key"]) == 2
    assert "chmod 600" in capsys.readouterr().err
    path.chmod(0o600)
    assert Keyring.open(path) == first


# --- misses ---------------------------------------------------------------------------------------------------------


async def _asked(path: Path, times: int, service: Service) -> None:
    store = await SqliteStore.open(path, holder="one")
    for number in range(times):
        said = await service.answer(Utterance(LOST, NOON), PersonKey(f"h{number}", f"p{number}"))
        await store.keep(Effects(misses=said.effects.misses))
    await store.close()


def test_misses_are_switched_off_until_they_are_wanted(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["misses"]) == 2
    assert "KEEP_MISSES" in capsys.readouterr().err


@pytest.mark.parametrize(("times", "shown"), [(4, "Nothing yet"), (5, "5\twhere can i buy a bicycle pump near me")])
def test_misses_are_printed_from_five_alike(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], times: int, shown: str
) -> None:
    monkeypatch.setenv("KEEP_MISSES", "true")
    live = bootstrap.build_service(place / "knowledge", MemoryStore()).live
    (place / "data" / "napebot").mkdir(parents=True, mode=0o700)
    asyncio.run(_asked(place / "data" / "napebot" / "napebot.sqlite3", times, Service(live, MemoryStore(), keep_misses=True)))

    assert main(["misses"]) == 0
    assert capsys.readouterr().out.startswith(shown)


def test_with_a_miss_stands_what_was_not_asked(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def keep() -> None:
        store = await SqliteStore.open(place / "data" / "napebot" / "napebot.sqlite3", holder="one")
        await store.keep(Effects(misses=(Miss(datetime.now(UTC).date(), "where can i buy a bicycle pump", "fried-eggs"),) * 5))
        await store.close()

    monkeypatch.setenv("KEEP_MISSES", "true")
    asyncio.run(keep())

    assert main(["misses"]) == 0
    assert capsys.readouterr().out == "5\twhere can i buy a bicycle pump\t(not fried-eggs)\n"
