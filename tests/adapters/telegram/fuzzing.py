"""Hands random updates to the real Application through the real delivery, and notes whatever is not as it should be."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from telegram import Update

from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.endings import Settlement
from bot.adapters.telegram.handlers import BotApplication, BotContext
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Claim, Effects
from tests.adapters.telegram.expectations import SILENT, Duty, Expected, Raw, belongs, complaints, expected, service_fields
from tests.adapters.telegram.fuzz_report import Fault, Report
from tests.adapters.telegram.random_updates import ADMIN, RandomUpdates
from tests.adapters.telegram.wire import Wire

TOKEN = "123456789:AAE-planted-token_0123456789abcdefgh"
SETTLE_S = 30.0
"""No update takes so long but by a fault."""
BUSY: Raw = {"id": 7_001, "is_bot": False, "first_name": "Bea"}
"""Writes much at once."""

CLAIM = "a claim"

_GIVEN_UP = (Settlement.GAVE_UP, Settlement.CHAT_GONE)


class Watched(MemoryStore):
    """A store that tells what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        """Of effects and claims since this was cleared."""

    async def keep(self, effects: Effects) -> None:
        self.told += ["a context" for _ in effects.contexts] + ["a count" for _ in effects.counts] + ["words" for _ in effects.misses]
        await super().keep(effects)

    async def claim(self, update_id: int, *, alone: bool) -> Claim:
        self.told.append(CLAIM)
        return await super().claim(update_id, alone=alone)


class Fuzz:
    """One bot under random updates."""

    def __init__(self, updates: RandomUpdates, application: BotApplication, delivery: Delivery, wire: Wire, store: Watched) -> None:
        self.report = Report()
        self.raised: list[str] = []
        """What went wrong within the update at hand."""
        self._updates = updates
        self._service = service_fields(updates.spec)
        self._application = application
        self._delivery = delivery
        self._wire = wire
        self._store = store
        self._albums: set[tuple[int, str]] = set()
        """Those that had their answer, by chat: one is enough."""
        application.add_error_handler(self._keep)

    async def run(self, numbers: Iterable[int], shift: int = 0) -> None:
        """Deliver the updates of these *numbers*, one behind the other; *shift* makes them others, that say the same."""
        with _listening(self.raised):
            for number in numbers:
                raw = self._updates.update(number)
                raw["update_id"] += shift
                self._store.told.clear()
                await self._deliver({number: raw})
                due = expected(raw, self._service)
                self._judge(number, raw, due, complaints(raw, self._wire.calls, due))
                self.report.unexpected += [Fault(number, _kind(raw), f"leaves {what}") for what in _left(raw, due, self._store)]

    async def run_at_once(self, numbers: range, at_once: int) -> None:
        """Deliver the updates of these *numbers* side by side, *at_once* of them, every other message from one person in one chat.

        Which request belongs to which update cannot be told then, and one reply may stand for many: whoever is owed an answer is to find
        something in their chat, and nothing is to be found where nobody may be told anything.
        """
        with _listening(self.raised):
            for first in range(numbers.start, numbers.stop, at_once):
                batch = {number: self._updates.update(number) for number in range(first, min(first + at_once, numbers.stop))}
                for number in list(batch)[::2]:
                    _move(batch[number])
                await self._deliver(batch)
                self._judge_batch(batch)

    async def _deliver(self, batch: Mapping[int, Raw]) -> None:
        self._wire.calls.clear()
        before = self._delivery.counts.copy()
        try:
            async with asyncio.timeout(SETTLE_S):
                for pushback in await asyncio.gather(*map(self._delivery.deliver, batch.values())):
                    if pushback is not None:
                        self.raised.append(f"pushed back: {pushback.why}")
        except TimeoutError:
            self.raised.append("it is never settled")
        self._application.bot_data.absence.over()
        self._note(batch, self._delivery.counts - before)

    def _note(self, batch: Mapping[int, Raw], settled: Counter[Settlement]) -> None:
        """Note what was settled how, and what went wrong on the way; of several updates the first stands for all."""
        report, (number, raw) = self.report, next(iter(batch.items()))
        report.updates.update(map(_kind, batch.values()))
        report.calls.update(call.method for call in self._wire.calls)
        report.settled.update({settlement.value: count for settlement, count in settled.items()})
        if settled[Settlement.UNREADABLE]:
            self.raised.clear()  # The delivery logs it.
            for number, raw in batch.items():
                report.unreadable += [Fault(number, _kind(raw), error) for error in _unreadable(raw, self._application)]
        self.raised += [f"settled as {settlement.value}" for settlement in settled if settlement in _GIVEN_UP]
        report.exceptions += [Fault(number, _kind(raw), what) for what in self.raised]
        report.invalid += [Fault(number, _kind(raw), what) for what in self._wire.complaints]
        self.raised.clear()
        self._wire.complaints.clear()

    def _judge(self, number: int, raw: Raw, due: Expected, found: Iterable[str]) -> None:
        report, kind = self.report, _kind(raw)
        held = raw[kind]
        report.duties[due.duty.value] += 1
        album = held.get("chat", {}).get("id", 0), held.get("media_group_id", "")
        for what in found:
            if what != SILENT or held.get("caption") or album not in self._albums:
                (report.silent if what.startswith(("no ", SILENT)) else report.unexpected).append(Fault(number, kind, what))
        if due.duty is Duty.ANSWER and album[1]:
            self._albums.add(album)

    def _judge_batch(self, batch: Mapping[int, Raw]) -> None:
        dues = {number: expected(raw, self._service) for number, raw in batch.items()}
        overtaken = _overtaken(batch)
        for number, raw in batch.items():
            due = dues[number]
            theirs = [call for call in self._wire.calls if belongs(call, due)]
            self._judge(number, raw, due, complaints(raw, theirs, due) if due.duty is Duty.ANSWER and number not in overtaken else ())
        for call in self._wire.calls:
            if not any(belongs(call, due) for due in dues.values()):
                number, raw = next(iter(batch.items()))
                self.report.unexpected.append(Fault(number, _kind(raw), f"calls {call.method} for nobody in the batch that begins here"))

    async def _keep(self, _update: object, context: BotContext) -> None:
        if context.error is not None:
            last = traceback.extract_tb(context.error.__traceback__)[-3:]
            where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(last))
            self.raised.append(f"{context.error!r} at {where}")


def _left(raw: Raw, due: Expected, store: Watched) -> Iterable[str]:
    """Return what was kept and should not have been: of a list that is typed for, nothing at all; of what nobody asked, that it came."""
    if _kind(raw) == "inline_query":
        return store.told
    return (what for what in store.told if what != CLAIM) if due.duty is Duty.SILENCE else ()


def _kind(raw: Raw) -> str:
    return next(name for name in raw if name != "update_id")


def _overtaken(batch: Mapping[int, Raw]) -> set[int]:
    """Return the numbers of the inline queries that somebody typed on from: only the last of them has to be answered."""
    asked = [(number, raw["inline_query"]["from"]["id"]) for number, raw in batch.items() if "inline_query" in raw]
    last = {person: number for number, person in asked}
    return {number for number, person in asked if last[person] != number}


def _move(raw: Raw) -> None:
    """Let what a person wrote in private be written by one who writes much."""
    held = raw[_kind(raw)]
    if _kind(raw) in ("message", "edited_message") and held["chat"]["type"] == "private" and not held["from"]["is_bot"]:
        held["from"] = BUSY
        held["chat"] = {"id": BUSY["id"], "type": "private", "first_name": BUSY["first_name"]}


@asynccontextmanager
async def fuzzing(updates: RandomUpdates, service: Service, store: Watched) -> AsyncIterator[Fuzz]:
    """Yield a bot to which *updates* can be given."""
    wire = Wire()
    application = build_application(TOKEN, service, admin_ids=frozenset({ADMIN["id"]}), request=wire, sleep=_at_once)
    async with application:
        delivery = Delivery(application, service, store, alone=False)
        fuzz = Fuzz(updates, application, delivery, wire, store)
        asyncio.get_running_loop().set_exception_handler(lambda _loop, told: fuzz.raised.append(f"in the loop: {told.get('message')}"))
        try:
            yield fuzz
        finally:
            await delivery.stop(0)


async def _at_once(_seconds: float) -> None:
    await asyncio.sleep(0)


class _Listener(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(f"logged: {record.getMessage()}")


@contextmanager
def _listening(heard: list[str]) -> Iterator[None]:
    """Note each warning that is logged meanwhile."""
    listener = _Listener(heard)
    logging.getLogger().addHandler(listener)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(listener)


def _unreadable(raw: Raw, application: BotApplication) -> list[str]:
    """Return why the library cannot read *raw*; nothing if it can."""
    try:
        Update.de_json(raw, application.bot)
    except Exception as error:
        return [repr(error)]
    return []
