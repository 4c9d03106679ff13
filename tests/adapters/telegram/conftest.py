"""A bot about bicycles: the real service and the real Application, over a wire that ends in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.at_hand import begin
from bot.adapters.telegram.handlers import BotApplication, BotContext
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.adapters.telegram import bicycle
from tests.adapters.telegram.wire import Call, Wire

TOKEN = "123456789:AAE-planted-token_0123456789abcdefgh"
ADMIN_ID = 900


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return bicycle.write(tmp_path / "bicycle")


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture(scope="session")
def bicycles(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load_snapshot(bicycle.write(tmp_path_factory.mktemp("bicycles")))


@pytest.fixture
def service(folder: Path, bicycles: Snapshot, store: MemoryStore) -> Service:
    return Service(LiveKnowledge(folder, bicycles), store)


class Clock:
    """Sleeps without waiting, and remembers how long it was asked to."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def wire() -> Iterator[Wire]:
    """The wire; at the end the judges must have had nothing to say."""
    wire = Wire()
    yield wire
    assert wire.complaints == []


@pytest.fixture
async def application(service: Service, wire: Wire, clock: Clock) -> AsyncIterator[BotApplication]:
    application = build_application(TOKEN, service, admin_ids=frozenset({ADMIN_ID}), request=wire, sleep=clock.sleep)
    async with application:
        wire.calls.clear()
        yield application


class Chat:
    """Hands one update to the application and returns what was sent for it, in order; keeps what it leaves behind; raises what a handler raised."""

    def __init__(self, application: BotApplication, wire: Wire, store: MemoryStore) -> None:
        self._store = store
        self._application = application
        self._wire = wire
        self._raised: list[Exception] = []
        application.add_error_handler(self._keep)

    async def __call__(self, raw: dict[str, Any]) -> list[Call]:
        before = len(self._wire.calls)
        hand = begin()
        await self._application.process_update(Update.de_json(raw, self._application.bot))
        await self._store.keep(hand.effects)
        if self._raised:
            raise self._raised.pop()
        return self._wire.calls[before:]

    async def _keep(self, _update: object, context: BotContext) -> None:
        if context.error:
            self._raised.append(context.error)


@pytest.fixture
def chat(application: BotApplication, wire: Wire, store: MemoryStore) -> Chat:
    return Chat(application, wire, store)
