"""From start to a clean end, in one process over the wire."""

import asyncio
import os
import signal
import sys

import pytest
from pydantic import SecretStr

from bot.adapters.telegram.runner import run_polling
from bot.config import Settings
from bot.errors import ConfigError
from bot.service import Service
from bot.store import MemoryStore
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN, Clock
from tests.adapters.telegram.updates import message, new
from tests.adapters.telegram.wire import BAD_GATEWAY, CONFLICT, UNAUTHORIZED, Call, Fault, Wire

LIMIT_S = 10.0


@pytest.fixture(autouse=True)
def _hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


@pytest.fixture
def settings() -> Settings:
    return Settings(bot_token=SecretStr(TOKEN), admin_ids=frozenset({ADMIN_ID}), poll_timeout_s=1)


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_answers_until_it_is_told_to_stop(
    settings: Settings, service: Service, store: MemoryStore, wire: Wire, clock: Clock, number: signal.Signals
) -> None:
    wire.updates = [new(message("how do i oil the chain"), 11)]
    wire.when_empty = lambda: os.kill(os.getpid(), number)
    await asyncio.wait_for(run_polling(settings, service, store, request=wire, sleep=clock.sleep), LIMIT_S)

    assert [call.text[:8] for call in wire.sent()] == ["One drop"]
    assert wire.offsets[-1] == 12
    assert await store.settled(11)
    assert len(wire.of("setMyCommands")) == 2


async def test_it_waits_for_telegram_at_the_start(settings: Settings, service: Service, store: MemoryStore, wire: Wire, clock: Clock) -> None:
    wire.faults["getMe"].extend([BAD_GATEWAY] * 2)
    wire.when_empty = terminate
    await asyncio.wait_for(run_polling(settings, service, store, request=wire, sleep=clock.sleep), LIMIT_S)

    assert wire.attempts["getMe"] >= 3
    assert len(wire.of("getUpdates")) == 1


async def test_it_can_be_stopped_while_telegram_is_away(settings: Settings, service: Service, store: MemoryStore, wire: Wire, clock: Clock) -> None:
    wire.faults["getMe"].extend([BAD_GATEWAY] * 100)

    def stop_soon(call: Call) -> None:
        if wire.attempts["getMe"] == 12:
            terminate()

    wire.before = stop_soon
    await asyncio.wait_for(run_polling(settings, service, store, request=wire, sleep=clock.sleep), LIMIT_S)

    assert wire.of("getUpdates") == []


@pytest.mark.parametrize(
    ("method", "fault", "line"),
    [("getMe", UNAUTHORIZED, "BOT_TOKEN"), ("getUpdates", UNAUTHORIZED, "BOT_TOKEN"), ("getUpdates", CONFLICT, "webhook")],
)
async def test_a_token_refused_or_in_use_ends_it(
    settings: Settings, service: Service, store: MemoryStore, wire: Wire, clock: Clock, method: str, fault: Fault, line: str
) -> None:
    wire.faults[method].append(fault)
    with pytest.raises(ConfigError, match=line) as raised:
        await asyncio.wait_for(run_polling(settings, service, store, request=wire, sleep=clock.sleep), LIMIT_S)

    assert TOKEN not in str(raised.value)


async def test_without_a_token_it_says_what_to_set(service: Service, store: MemoryStore, wire: Wire) -> None:
    with pytest.raises(ConfigError, match="BOT_TOKEN"):
        await run_polling(Settings(bot_token=None), service, store, request=wire)

    assert wire.attempts == {}


async def test_what_is_in_flight_at_the_end_is_finished(settings: Settings, service: Service, store: MemoryStore, wire: Wire, clock: Clock) -> None:
    wire.updates = [new(message("how do i oil the chain"), number) for number in range(1, 30)]

    def stop_at_the_first_reply(call: Call) -> None:
        if call.method == "sendMessage" and wire.attempts["sendMessage"] == 0:
            terminate()

    wire.before = stop_at_the_first_reply
    await asyncio.wait_for(run_polling(settings, service, store, request=wire, sleep=clock.sleep), LIMIT_S)

    assert len(wire.sent()) == 29
    assert wire.offsets[-1] == 30
