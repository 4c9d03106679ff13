"""The operator's commands, as they are typed."""

import asyncio
from pathlib import Path

import pytest

from bot import bootstrap
from bot.adapters.telegram import runner
from bot.adapters.telegram.runner import Parts
from bot.alone import alone_in
from bot.cli import main
from bot.config import Settings
from bot.core.model import Utterance
from bot.errors import ConfigError
from bot.keyring import Keyring
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Effects, PersonKey
from bot.store.sqlite import SqliteStore
from tests.kitchen import write_kitchen
from tests.test_service import LOST, NOON

TOKEN = "123456789:AAE-planted-token_0123456789abcdefgh"


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


@pytest.mark.parametrize(("url", "alone"), [("memory:", True), ("", True)], ids=["memory", "SQLite"])
def test_run_joins_the_parts(place: Path, monkeypatch: pytest.MonkeyPatch, url: str, alone: bool) -> None:
    served: list[Parts] = []

    async def serve(settings: Settings, parts: Parts) -> None:
        served.append(parts)
        with pytest.raises(ConfigError, match="another napebot"), alone_in(place / "data" / "napebot", wait_s=0):
            pass
        said = await parts.service.answer(Utterance(LOST, NOON), parts.keyring.name(1, 2))
        await parts.service.keep(said.effects)

    monkeypatch.setattr(runner, "run_bot", serve)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("REPLICA_NAME", "first")
    monkeypatch.setenv("KEEP_MISSES", "true")

    assert main(["run"]) == 0
    assert [(parts.alone, parts.replicas.name) for parts in served] == [(alone, "first")]
    assert "boiled-eggs" in served[0].service.snapshot.entries_by_id
    assert (place / "data" / "napebot" / "key").is_file()
    with alone_in(place / "data" / "napebot", wait_s=0):
        assert (place / "data" / "napebot" / "napebot.sqlite3").exists() is not url.startswith("memory")


def test_with_postgresql_the_data_folder_is_not_held(monkeypatch: pytest.MonkeyPatch, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody:hush-hush@/none?host={place}")
    with alone_in(place / "data" / "napebot"):
        assert main(["run"]) == 1

    written = capsys.readouterr().err
    assert "cannot be reached" in written
    assert "hush-hush" not in written


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


# --- rotate-key -----------------------------------------------------------------------------------------------------


def test_a_key_is_rotated_where_the_bot_keeps_it(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = nowhere / "data" / "napebot" / "key"
    first = Keyring.open(path)

    assert main(["rotate-key"]) == 0
    assert Keyring.open(path).earlier == first.current
    assert first.current.hex() not in capsys.readouterr().out


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
