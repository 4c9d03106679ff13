"""/privacy and /forget, from the command to the rows of each store."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.known import Known
from bot.adapters.telegram.profile import Profile
from bot.core.snapshot import Snapshot
from bot.errors import StoreError
from bot.keyring import Keyring
from bot.knowledge.live import LiveKnowledge
from bot.service import Service
from bot.store import Store
from bot.store.memory import MemoryStore
from bot.store.records import Effects
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN, Chat, Clock
from tests.adapters.telegram.updates import ANN, BEN, GROUP, Raw, message, new
from tests.adapters.telegram.wire import Wire, unreachable
from tests.store.homes import HOMES, Home, PostgresHome, SqliteHome
from tests.store.servers import PostgresServer, postgres_server

OIL = "how do i oil the chain"
OLD, CURRENT = Keyring(b"o" * 32), Keyring(b"c" * 32, b"o" * 32)
"""Before the key was changed, and since."""
LIMIT_S = 10.0


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


class Kept:
    """An empty store of some kind, and who has rows in it, looked for without its help."""

    def __init__(self, home: Home, store: Store) -> None:
        self._home = home
        self.store = store

    def people(self) -> set[str]:
        home, store = self._home, self.store
        if isinstance(home, PostgresHome):
            database = home.url.partition("@/")[2].partition("?")[0]
            return set(home.server.run(database, "SELECT person FROM napebot.people").split())
        if isinstance(home, SqliteHome):
            with closing(sqlite3.connect(home.path)) as file:
                return {row[0] for row in file.execute("SELECT person FROM people")}
        assert isinstance(store, MemoryStore)
        return {person for kept in (store._people, store._regions) for _, person, _ in kept.values()}


@pytest.fixture(params=list(HOMES))
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Kept]:
    home = HOMES[request.param](tmp_path, lambda: request.getfixturevalue("server"))
    yield Kept(home, await home.open())
    await home.close()


@pytest.fixture
def asked(kept: Kept, folder: Path, bicycles: Snapshot) -> Service:
    return Service(LiveKnowledge(folder, bicycles), kept.store)


class Bot:
    """The whole of it, over one store, under one key or two."""

    def __init__(self, service: Service, wire: Wire, store: Store, keyring: Keyring, clock: Clock) -> None:
        self.application = build_application(TOKEN, service, request=wire, known=Known(keyring=keyring), sleep=clock.sleep)
        self.delivery = Delivery(self.application, service, store, alone=True)

    async def hear(self, *raws: Raw) -> None:
        async with self.application:
            for raw in raws:
                assert self.delivery.take(new(raw))
                assert await self.delivery.wait(LIMIT_S)


def said(text: str, *, user: Raw = ANN, chat: Raw | None = None) -> Raw:
    return message(text, user=user, chat=chat)


def in_the_group(text: str, *, user: Raw = ANN) -> Raw:
    """Said to the bot, in a group."""
    name = "@bicycle_bot"
    return message(f"{name} {text}", user=user, chat=GROUP, entities=[{"type": "mention", "offset": 0, "length": len(name)}])


@pytest.mark.parametrize(("command", "chat"), [("/forget", None), ("/forget@bicycle_bot", GROUP)], ids=["in private", "in a group"])
async def test_forget_leaves_no_row_under_either_key_and_those_of_others(
    kept: Kept, asked: Service, wire: Wire, clock: Clock, command: str, chat: Raw | None
) -> None:
    await Bot(asked, wire, kept.store, OLD, clock).hear(said(OIL), in_the_group(OIL), in_the_group(OIL, user=BEN))
    now = Bot(asked, wire, kept.store, CURRENT, clock)
    await now.hear(said(OIL), said(OIL, user=BEN))
    ann, ben = CURRENT.name(501, 501), CURRENT.name(502, 502)
    before = kept.people()
    await now.hear(said(command, chat=chat))

    assert before == {name.person for name in (*ann.names, *ben.names)}, "both have rows under both keys"
    assert wire.sent()[-1].text == asked.say("forgotten").strip()
    assert kept.people() == {name.person for name in ben.names}


async def test_what_an_ill_store_was_to_be_told_later_is_forgotten_too(
    kept: Kept, asked: Service, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ill(_update_ids: object, _effects: Effects) -> bool:
        raise StoreError("down")

    bot = Bot(asked, wire, kept.store, CURRENT, clock)
    with monkeypatch.context() as patched:
        patched.setattr(kept.store, "settle", ill)
        await bot.hear(said(OIL), said(OIL, user=BEN), in_the_group(OIL), said("/forget"))
    waiting = len(bot.delivery.backlog)
    await bot.delivery.backlog.flush()

    assert (waiting, len(bot.delivery.backlog)) == (4, 0)
    assert kept.people() == {CURRENT.name(502, 502).person}


async def test_what_is_on_its_way_to_another_chat_leaves_nothing_behind(
    kept: Kept, asked: Service, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, woken = Bot(asked, wire, kept.store, CURRENT, clock), asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await woken.wait()

    monkeypatch.setattr(bot.application.bot.rate_limiter, "_sleep", sleep)
    wire.faults_by_chat[GROUP["id"]].append(unreachable())
    async with bot.application:
        bot.delivery.take(new(in_the_group(OIL)))
        await bot.delivery.wait(0.3)
        bot.delivery.take(new(said("/forget")))
        await bot.delivery.wait(0.3)
        assert wire.sent()[-1].text == asked.say("forgotten").strip()
        woken.set()
        assert await bot.delivery.wait(LIMIT_S)

    assert [call.parameters["chat_id"] for call in wire.sent()] == [ANN["id"], GROUP["id"]]
    assert kept.people() == set()


async def test_words_behind_forget_are_asked_by_somebody_new(kept: Kept, asked: Service, wire: Wire, clock: Clock) -> None:
    bot = Bot(asked, wire, kept.store, CURRENT, clock)
    await bot.hear(in_the_group(OIL), said(OIL), said("/forget my brake pads are thin"))

    assert "grooves" in wire.sent()[-1].text
    assert await kept.store.read_context(CURRENT.name(-100777, 501)) is None
    context = await kept.store.read_context(CURRENT.name(501, 501))
    assert context is not None
    assert context.answered == 1


async def test_privacy_says_what_is_kept(chat: Chat, service: Service) -> None:
    (reply,) = await chat(new(message("/privacy")))

    assert reply.text == service.privacy().text.strip()
    assert "/forget" in reply.text


@pytest.mark.parametrize("command", ["/privacy", "/forget"])
async def test_a_danger_behind_the_command_raises_its_alarm(chat: Chat, command: str) -> None:
    (reply,) = await chat(new(message(f"{command} help, my brakes failed")))

    assert "Steer uphill" in reply.text


@pytest.mark.parametrize("command", ["/privacy", "/forget"])
async def test_a_question_behind_the_command_is_answered(chat: Chat, command: str) -> None:
    (reply,) = await chat(new(message(f"{command} {OIL}")))

    assert "One drop" in reply.text


async def test_the_menus_name_both_commands(application: BotApplication, service: Service, wire: Wire) -> None:
    await Profile(application.bot, service, frozenset({ADMIN_ID})).keep()

    for menu in wire.of("setMyCommands"):
        assert {"privacy", "forget"} <= {command["command"] for command in menu.parameters["commands"]}
    assert len(wire.of("setMyCommands")) == 3
