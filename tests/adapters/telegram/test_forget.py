"""/privacy and /forget, from the command to the rows of each store."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.known import Known
from bot.core.snapshot import Snapshot
from bot.errors import StoreError
from bot.keyring import Keyring
from bot.knowledge.live import LiveKnowledge
from bot.service import Service
from bot.store import Store
from bot.store.memory import MemoryStore
from bot.store.opening import open_store
from bot.store.records import Effects
from tests.adapters.telegram.conftest import TOKEN, Chat, Clock
from tests.adapters.telegram.updates import ANN, BEN, GROUP, Raw, message, new
from tests.adapters.telegram.wire import Wire
from tests.store.servers import PostgresServer, postgres_server

OIL = "how do i oil the chain"
OLD, CURRENT = b"o" * 32, b"c" * 32
LIMIT_S = 10.0


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


@pytest.fixture(params=["memory:", "sqlite", "postgres"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    url = request.param
    if url == "sqlite":
        url = f"sqlite:{tmp_path / 'db'}"
    elif url == "postgres":
        url = request.getfixturevalue("server").new_database()
    store = await open_store(url, holder="one")
    yield store
    await store.close()


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


async def test_forget_leaves_no_row_under_either_key_and_those_of_others(
    kept: Store, folder: Path, bicycles: Snapshot, wire: Wire, clock: Clock
) -> None:
    service = Service(LiveKnowledge(folder, bicycles), kept)
    before, now = Keyring(OLD), Keyring(CURRENT, OLD)
    await Bot(service, wire, kept, before, clock).hear(said(OIL), said(f"@bicycle_bot {OIL}", chat=GROUP))
    await Bot(service, wire, kept, now, clock).hear(said(OIL), said(OIL, user=BEN))
    ann, ann_in_group, ben = (now.name(chat, user) for chat, user in ((501, 501), (-100777, 501), (502, 502)))
    assert await kept.read_context(ann) is not None
    await Bot(service, wire, kept, now, clock).hear(said("/forget"))

    assert wire.sent()[-1].text == service.say("forgotten").strip()
    for name in (*ann.names, *ann_in_group.names):
        assert await kept.read_context(name) is None
    assert await kept.forget(ann) == 0
    assert await kept.read_context(ben) is not None


async def test_what_an_ill_store_was_to_be_told_later_is_forgotten_too(folder: Path, bicycles: Snapshot, wire: Wire, clock: Clock) -> None:
    class Moody(MemoryStore):
        up = False

        async def settle(self, update_ids: object, effects: Effects) -> bool:
            if not self.up:
                raise StoreError("down")
            return await super().settle(update_ids, effects)  # type: ignore[arg-type]

    store = Moody()
    service = Service(LiveKnowledge(folder, bicycles), store)
    bot = Bot(service, wire, store, Keyring(CURRENT), clock)
    await bot.hear(said(OIL))
    assert len(bot.delivery.backlog) == 1
    await bot.hear(said("/forget"))
    store.up = True
    await bot.delivery.backlog.flush()

    assert len(bot.delivery.backlog) == 0
    assert await store.forget(Keyring(CURRENT).name(501, 501)) == 0


async def test_privacy_says_what_is_kept(chat: Chat, service: Service) -> None:
    (reply,) = await chat(new(message("/privacy")))

    assert reply.text == service.privacy().text.strip()
    assert "/forget" in reply.text


@pytest.mark.parametrize("command", ["/privacy", "/forget"])
async def test_a_danger_behind_the_command_raises_its_alarm(chat: Chat, command: str) -> None:
    (reply,) = await chat(new(message(f"{command} help, my brakes failed")))

    assert "Steer uphill" in reply.text
