"""From start to a clean end, in one process over the wire."""

import asyncio
import os
import signal
import socket
import sys
import threading

import pytest
from pydantic import SecretStr

from bot.adapters.telegram.runner import Parts, run_bot, unhook
from bot.adapters.telegram.upkeep import BEAT_S, PRUNE_S, RENEW_S, TELL_S
from bot.adapters.telegram.webhook import webhook_secret_of
from bot.config import Settings
from bot.errors import ConfigError, StoreError
from bot.keyring import Keyring
from bot.replicas import Replicas
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Standing
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN
from tests.adapters.telegram.posting import ask, head, post, until
from tests.adapters.telegram.updates import ANN, message, new
from tests.adapters.telegram.wire import BAD_GATEWAY, CONFLICT, UNAUTHORIZED, Call, Fault, Wire, bad_request

LIMIT_S = 10.0


@pytest.fixture(autouse=True)
def _hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))


async def sleep(seconds: float) -> None:
    """Waits for what is done every so often, and not for what is tried again."""
    await asyncio.sleep(seconds if seconds in (RENEW_S, BEAT_S, PRUNE_S, TELL_S) else 0)


@pytest.fixture
def parts(service: Service, store: MemoryStore) -> Parts:
    return Parts(service, store, Replicas(store, service.live, "one"), Keyring.for_this_process(), alone=True)


@pytest.fixture
def settings() -> Settings:
    return Settings(bot_token=SecretStr(TOKEN), admin_ids=frozenset({ADMIN_ID}), poll_timeout_s=1)


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_answers_until_it_is_told_to_stop(settings: Settings, parts: Parts, wire: Wire, number: signal.Signals) -> None:
    wire.updates = [new(message("how do i oil the chain"), 11)]
    wire.when_empty = lambda: os.kill(os.getpid(), number)
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert [call.text[:8] for call in wire.sent()] == ["One drop"]
    assert wire.offsets[-1] == 12
    assert (await parts.store.claim(11, alone=True)).standing is Standing.SETTLED
    assert len(wire.of("setMyCommands")) == 2


async def test_it_waits_for_telegram_at_the_start(settings: Settings, parts: Parts, wire: Wire) -> None:
    wire.faults["getMe"].extend([BAD_GATEWAY] * 2)
    wire.when_empty = terminate
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert wire.attempts["getMe"] >= 3
    assert len(wire.of("getUpdates")) == 1


async def test_it_can_be_stopped_while_telegram_is_away(settings: Settings, parts: Parts, wire: Wire) -> None:
    wire.faults["getMe"].extend([BAD_GATEWAY] * 100)

    def stop_soon(call: Call) -> None:
        if wire.attempts["getMe"] == 12:
            terminate()

    wire.before = stop_soon
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert wire.of("getUpdates") == []


@pytest.mark.parametrize(
    ("method", "fault", "line"),
    [("getMe", UNAUTHORIZED, "BOT_TOKEN"), ("getUpdates", UNAUTHORIZED, "BOT_TOKEN"), ("getUpdates", CONFLICT, "webhook")],
)
async def test_a_token_refused_or_in_use_ends_it(settings: Settings, parts: Parts, wire: Wire, method: str, fault: Fault, line: str) -> None:
    wire.faults[method].append(fault)
    with pytest.raises(ConfigError, match=line) as raised:
        await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert TOKEN not in str(raised.value)


async def test_without_a_token_it_says_what_to_set(parts: Parts, wire: Wire) -> None:
    with pytest.raises(ConfigError, match="BOT_TOKEN"):
        await run_bot(Settings(bot_token=None), parts, request=wire)

    assert wire.attempts == {}


async def test_what_is_in_flight_at_the_end_is_finished(settings: Settings, parts: Parts, wire: Wire) -> None:
    people = [ANN | {"id": 600 + number} for number in range(1, 30)]
    wire.updates = [new(message("how do i oil the chain", user=person), number) for number, person in enumerate(people, start=1)]

    def stop_at_the_first_reply(call: Call) -> None:
        if call.method == "sendMessage" and wire.attempts["sendMessage"] == 0:
            terminate()

    wire.before = stop_at_the_first_reply
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert len(wire.sent()) == 29
    assert wire.offsets[-1] == 30


# --- over HTTP ------------------------------------------------------------------------------------------------------


@pytest.fixture
def port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def hooked(settings: Settings, port: int, **more: object) -> Settings:
    return settings.model_copy(update={"webhook_url": "https://bot.example.org", "listen_port": port, **more})


@pytest.mark.parametrize("secret", [None, "of-our-own"])
async def test_by_webhook_it_answers_what_is_posted_until_it_is_told_to_stop(
    settings: Settings, parts: Parts, wire: Wire, port: int, secret: str | None
) -> None:
    hook = hooked(settings, port, webhook_secret=SecretStr(secret) if secret else None)
    shown = secret or webhook_secret_of(TOKEN)
    running = asyncio.create_task(run_bot(hook, parts, request=wire, sleep=sleep))
    await until(lambda: bool(wire.of("setWebhook")))
    answer = await ask(port, post(new(message("how do i oil the chain"), 11), shown))
    forged = await ask(port, post(new(message("how do i oil the chain"), 12), "wrong"))
    healthy = await ask(port, head(None, method="GET", path="/healthz"))
    terminate()
    await asyncio.wait_for(running, LIMIT_S)

    assert [answer.status, forged.status, healthy.status] == [200, 403, 200]
    assert [call.text[:8] for call in wire.sent()] == ["One drop"]
    told = wire.of("setWebhook")[0].parameters
    assert (told["url"], told["secret_token"]) == ("https://bot.example.org/telegram", shown)
    assert wire.of("getUpdates") == []
    with pytest.raises(OSError, match=r"refused|Connect"):
        await ask(port, head(None, method="GET", path="/healthz"))


async def test_while_polling_it_tells_how_it_is_where_that_is_asked_for(settings: Settings, parts: Parts, wire: Wire, port: int) -> None:
    running = asyncio.create_task(run_bot(settings.model_copy(update={"listen_port": port}), parts, request=wire, sleep=sleep))
    await until(lambda: bool(wire.of("getUpdates")))
    healthy = await ask(port, head(None, method="GET", path="/healthz"))
    counted = await ask(port, head(None, method="GET", path="/metrics"))
    posted = await ask(port, post(new(message("hello"), 11), webhook_secret_of(TOKEN)))
    terminate()
    await asyncio.wait_for(running, LIMIT_S)

    assert [healthy.status, counted.status, posted.status] == [200, 200, 404]
    assert b"napebot_open_updates" in counted.body


async def test_it_is_not_ready_while_the_store_is_ill(
    settings: Settings, parts: Parts, wire: Wire, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ill() -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(parts.store, "generation", ill)
    running = asyncio.create_task(run_bot(settings.model_copy(update={"listen_port": port}), parts, request=wire, sleep=sleep))
    await until(lambda: bool(wire.of("getUpdates")))
    sick = await ask(port, head(None, method="GET", path="/healthz"))
    alive = await ask(port, head(None, method="GET", path="/healthz/live"))
    terminate()
    await asyncio.wait_for(running, LIMIT_S)

    assert (sick.status, alive.status) == (503, 200)


async def test_a_port_that_is_taken_ends_it_with_what_to_set(settings: Settings, parts: Parts, wire: Wire, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(ConfigError, match="LISTEN_PORT"):
            await asyncio.wait_for(run_bot(hooked(settings, port), parts, request=wire, sleep=sleep), LIMIT_S)

    assert wire.of("setWebhook") == []


async def test_an_address_that_telegram_refuses_ends_it(settings: Settings, parts: Parts, wire: Wire, port: int) -> None:
    wire.faults["setWebhook"].append(bad_request("bad webhook: HTTPS url must be provided"))
    with pytest.raises(ConfigError, match="WEBHOOK_URL"):
        await asyncio.wait_for(run_bot(hooked(settings, port), parts, request=wire, sleep=sleep), LIMIT_S)


async def test_the_webhook_is_taken_away_and_what_waits_stays(settings: Settings, wire: Wire) -> None:
    wire.faults["deleteWebhook"].append(BAD_GATEWAY)
    await asyncio.wait_for(unhook(settings, request=wire), LIMIT_S)

    assert [call.parameters for call in wire.of("deleteWebhook")] == [{"drop_pending_updates": False}]


async def test_without_the_right_token_no_webhook_is_taken_away(settings: Settings, wire: Wire) -> None:
    wire.faults["getMe"].append(UNAUTHORIZED)
    with pytest.raises(ConfigError, match="BOT_TOKEN"):
        await asyncio.wait_for(unhook(settings, request=wire), LIMIT_S)


async def test_it_says_among_the_replicas_what_it_serves(settings: Settings, parts: Parts, wire: Wire) -> None:
    running = asyncio.create_task(run_bot(settings, parts, request=wire, sleep=sleep))
    await until(lambda: bool(wire.of("getUpdates")))
    served = await parts.store.replicas()
    terminate()
    await asyncio.wait_for(running, LIMIT_S)

    assert [(replica.name, replica.version) for replica in served] == [("one", parts.service.snapshot.version)]
    assert await parts.store.last_beat() is not None
