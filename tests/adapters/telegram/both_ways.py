"""The same updates by polling and by webhook, each to a bot of its own: the real loop, the real site, the real delivery, at one moment."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Self

import pytest
from telegram import Update

from bot.adapters.telegram import handlers, inline
from bot.adapters.telegram.absence import Absence
from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.at_hand import begin
from bot.adapters.telegram.delivery import Delivery, Settlement
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.known import Known
from bot.adapters.telegram.polling import poll
from bot.adapters.telegram.web import serve
from bot.adapters.telegram.webhook import PATH, Webhook
from bot.core.model import Context
from bot.keyring import Keyring
from bot.knowledge.live import LiveKnowledge
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Miss, Tally
from tests.adapters.telegram.conversations import Talk
from tests.adapters.telegram.phone import Phone
from tests.adapters.telegram.posting import until
from tests.adapters.telegram.updates import NOW, Raw
from tests.adapters.telegram.wire import BATCH, Call, Wire
from tests.e2e.webhook_driver import Hook, WebhookDriver

TOKEN = "123456789:AAE-planted-token_0123456789abcdefgh"
SECRET = "of-this-test"
LIMIT_S = 30.0
FIRST_NUMBER = 1_000_000
"""Of the bot's messages in a chat: beyond those of people."""

_KEYRING = Keyring(b"the same for each bot of the test")
_NEVER_S = 3_600.0

Place = tuple[str, int]
"""Where requests go: "chat", "list" or "guest", and whose."""


class PacedWire(Wire):
    """Numbers messages chat by chat, so that what happens elsewhere changes nothing; hands out a round of updates once all before are settled."""

    def __init__(self, batch: int = BATCH) -> None:
        super().__init__()
        self.rounds: deque[list[Raw]] = deque()
        self._batch = batch
        """At most so many at a time."""
        self._numbers: Counter[int] = Counter()

    async def _result(self, call: Call) -> object:
        if call.method == "sendMessage":
            self.last_message_id = FIRST_NUMBER + self._numbers[call.parameters["chat_id"]]
            self._numbers[call.parameters["chat_id"]] += 1
        return await super()._result(call)

    async def _updates(self, asked: Mapping[str, Any]) -> list[Raw]:
        if self.rounds and not any(update["update_id"] >= asked["offset"] for update in self.updates):
            self.updates = self.rounds.popleft()
        return (await super()._updates(asked))[: self._batch]


@dataclass(frozen=True)
class Left:
    """What a run leaves behind."""

    calls: Mapping[Place, Sequence[Call]]
    """In order within each place."""
    contexts: Mapping[str, Context]
    """By the name of the person there."""
    tallies: Sequence[Tally]
    misses: Sequence[Miss]
    settled: Mapping[Settlement, int] = field(compare=False)

    def methods(self, place: Place) -> list[str]:
        return [call.method for call in self.calls.get(place, ())]


@dataclass(frozen=True)
class Bot:
    """A bot with a store, a key and a wire of its own."""

    application: BotApplication
    wire: PacedWire
    store: MemoryStore
    service: Service
    updates: list[Raw] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def fresh(cls, live: LiveKnowledge, batch: int = BATCH) -> AsyncIterator[Self]:
        wire, store = PacedWire(batch), MemoryStore(lambda: float(NOW))
        service = Service(live, store, keep_misses=True)
        known = Known(_KEYRING, Absence(lambda: float(NOW)))
        application = build_application(TOKEN, service, request=wire, known=known, sleep=_at_once, typing_after_s=_NEVER_S)
        async with application:
            wire.calls.clear()
            yield cls(application, wire, store, service)

    async def left(self, settled: Mapping[Settlement, int]) -> Left:
        places = dict(map(_asked_at, filter(_asks, self.updates)))
        calls: dict[Place, list[Call]] = defaultdict(list)
        for call in self.wire.calls:
            if call.method != "getUpdates":
                calls[_place_of(call, places)].append(call)
        assert self.wire.complaints == []
        contexts = {here: context for here, (_, _, context) in self.store._people.items()}
        return Left(calls, contexts, await self.store.tallies(date.min), await self.store.misses(), dict(settled))


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


def stop_the_clock(patch: pytest.MonkeyPatch) -> None:
    """Let it be the moment at which the updates were sent, for presses and queries too: they come without a time."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Self:
            return cls.fromtimestamp(NOW, UTC)

    for module in (handlers, inline):
        patch.setattr(module, "datetime", Stopped)


# --- three ways -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recorded:
    """A talk as it went."""

    talk: Talk
    turns: Sequence[Sequence[Raw]]
    """The updates of each turn."""
    calls: Sequence[Sequence[Call]]
    """What was called for each."""


async def record(live: LiveKnowledge, talks: Sequence[Talk]) -> list[Recorded]:
    """Let people talk, one after another, and return what they did: each answers what they see."""
    found = []
    async with Bot.fresh(live) as bot:
        for talk in talks:
            phone = Phone(talk.user, talk.chat)
            turns = [(updates := list(turn.does(phone)), await _hand_over(bot, phone, updates)) for turn in talk.turns]
            found.append(Recorded(talk, *zip(*turns, strict=True)))
    return found


async def _hand_over(bot: Bot, phone: Phone, updates: Sequence[Raw]) -> list[Call]:
    before = len(bot.wire.calls)
    for raw in updates:
        at, hand = len(bot.wire.calls), begin()
        await bot.application.process_update(Update.de_json(raw, bot.application.bot))
        await bot.store.keep(hand.effects)
        for call in bot.wire.calls[at:]:
            if call.parameters.get("chat_id") == phone.chat["id"]:
                phone.take(call.method, call.parameters, call.parameters.get("message_id", bot.wire.last_message_id))
    return bot.wire.calls[before:]


async def by_polling(live: LiveKnowledge, rounds: Sequence[Sequence[Raw]], batch: int = BATCH) -> Left:
    """Hand out one round after another, *batch* updates at a time at most."""
    async with Bot.fresh(live, batch) as bot:
        delivery, stop = Delivery(bot.application, bot.service, bot.store, alone=True), asyncio.Event()
        bot.updates.extend(update for updates in rounds for update in updates)
        bot.wire.rounds.extend(map(list, rounds))
        bot.wire.when_empty = stop.set
        await asyncio.wait_for(poll(bot.application.bot, delivery, stop, poll_timeout_s=7, sleep=_at_once), LIMIT_S)
        await delivery.stop(LIMIT_S)
        return await bot.left(delivery.counts)


async def by_webhook(live: LiveKnowledge, rounds: Sequence[Sequence[Raw]]) -> Left:
    """Post one round after another, chats side by side, as Telegram does."""
    async with Bot.fresh(live) as bot:
        delivery = Delivery(bot.application, bot.service, bot.store, alone=False)
        async with serve("127.0.0.1", 0, ready=_ready, webhook=Webhook(SECRET, delivery)) as site:
            settled: set[int] = set()
            driver = WebhookDriver(Hook("127.0.0.1", site.port, PATH, SECRET), settled.add)
            try:
                for updates in rounds:
                    bot.updates.extend(updates)
                    for update in updates:
                        driver.add(update)
                    await until(lambda: len(settled) == len(bot.updates))
            finally:
                await driver.stop()
        await delivery.stop(LIMIT_S)
        return await bot.left(delivery.counts)


async def _ready() -> bool:
    return True


# --- where a request goes -------------------------------------------------------------------------------------------

_QUERIES = {"callback_query": "chat", "inline_query": "list", "guest_message": "guest"}


def _asks(update: Raw) -> bool:
    return any(kind in update for kind in _QUERIES)


def _asked_at(update: Raw) -> tuple[str, Place]:
    """Return the id that an answer to *update* names, and where that belongs."""
    kind = next(kind for kind in _QUERIES if kind in update)
    held = update[kind]
    whose = held["message"]["chat"]["id"] if kind == "callback_query" else held["from"]["id"]
    return held.get("guest_query_id") or held["id"], (_QUERIES[kind], whose)


def _place_of(call: Call, places: Mapping[str, Place]) -> Place:
    named = next((value for name, value in call.parameters.items() if name.endswith("_query_id")), None)
    return places[named] if named is not None else ("chat", call.parameters["chat_id"])
