"""From a raw update to a settled one.

An update is *settled* when Telegram took its reply, when its chat is closed for good, or when its reply was given up.
Updates of one chat run in their order, in a lane; lanes run side by side. One delivery serves one way in.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Mapping
from enum import Enum
from typing import Any

from telegram import Update
from telegram.error import RetryAfter

from bot.adapters.telegram import outbox
from bot.adapters.telegram.at_hand import AtHand, at_hand, begin
from bot.adapters.telegram.handlers import BotApplication, BotContext
from bot.adapters.telegram.patience import Failure, failure_of, patience_of
from bot.adapters.telegram.redact import where
from bot.service import Service
from bot.store import Store
from bot.store.bounded import bounded
from bot.store.records import Standing

LANES_AT_WORK = 64
HELD_UP_S = 5.0
"""How long an update may hold up all that come behind it."""

_logger = logging.getLogger(__name__)


class Settlement(Enum):
    """How an update was settled; the value is the word in the log."""

    ANSWERED = "answered"
    REPEATED = "repeated"
    """It had been settled before this process, or the store would not have known it."""
    UNREADABLE = "unreadable"
    CHAT_GONE = "chat_gone"
    GAVE_UP = "gave_up"


class Delivery:
    """Takes raw updates and settles them; knows which are open."""

    def __init__(self, application: BotApplication, service: Service, store: Store, *, lanes_at_work: int = LANES_AT_WORK) -> None:
        self._application = application
        self._service = service
        self._store = store
        self._slots = asyncio.Semaphore(lanes_at_work)
        self._patience = patience_of(application.bot)
        self._lanes: dict[int, deque[Update]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._open: dict[int, float] = {}
        """When each was taken, on the clock of `time.monotonic`."""
        self._settled: set[int] = set()
        self._next_id = 0
        self._confirmed = 0
        self.counts: Counter[Settlement] = Counter()
        application.add_error_handler(_remember)

    @property
    def offset(self) -> int:
        """The lowest id not settled yet; Telegram may forget all below. 0 before the first update."""
        return min(self._open, default=self._next_id)

    @property
    def busy(self) -> bool:
        """True while any update is open."""
        return bool(self._open)

    def take(self, raw: Mapping[str, Any]) -> bool:
        """Start on *raw*; return False for one that is open or settled already, or carries no id: it is let pass."""
        update_id = raw.get("update_id")
        if not isinstance(update_id, int) or update_id in self._open or update_id in self._settled:
            return False
        # An unknown id below what was confirmed: Telegram has begun to count anew, as it may after a quiet week.
        self._next_id = update_id + 1 if update_id < self._confirmed else max(self._next_id, update_id + 1)
        self._open[update_id] = time.monotonic()
        update = _parsed(raw, self._application)
        if update is None:
            self._close(update_id, Settlement.UNREADABLE)
        else:
            self._queue(update)
        return True

    def let_go(self) -> None:
        """Give up what is open for long though Telegram is there, so that what waits behind it at Telegram can be fetched.

        To Telegram it is settled, and a crash from now on would lose it; its lane works on all the same, and then it counts as what
        became of it. In an outage nothing is given up: nobody behind would be answered either.
        """
        now = time.monotonic()
        for update_id, taken_at in tuple(self._open.items()):
            if now - taken_at > HELD_UP_S and self._patience.heard_at > taken_at:
                self._close(update_id, Settlement.GAVE_UP)
                _logger.warning("update %d: %s, for it holds up others; its reply is still tried", update_id, Settlement.GAVE_UP.value)

    def confirmed(self, offset: int) -> None:
        """Note that Telegram has heard of *offset*: it sends nothing below again, and that need not be remembered."""
        self._confirmed = offset
        self._settled = {settled for settled in self._settled if settled >= offset}

    async def wait(self, limit_s: float) -> bool:
        """Wait until nothing is open, *limit_s* seconds at most; return whether that was reached."""
        if self._workers:
            await asyncio.wait(self._workers, timeout=limit_s)
        return not self.busy

    async def stop(self, limit_s: float) -> None:
        """Finish what is open, within *limit_s* seconds; the rest stays unsettled and comes again."""
        await self.wait(limit_s)
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        counts = ", ".join(f"{count} {settlement.value}" for settlement, count in self.counts.most_common() if count)
        _logger.info("updates settled: %s; left open: %d", counts or "none", len(self._open))

    def _queue(self, update: Update) -> None:
        chat = _lane_of(update)
        if chat not in self._lanes:
            self._lanes[chat] = deque()
            worker = asyncio.create_task(self._work(chat, self._lanes[chat]))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        self._lanes[chat].append(update)

    async def _work(self, chat: int, lane: deque[Update]) -> None:
        while lane:
            update = lane.popleft()
            async with self._slots:
                started = time.monotonic()
                settlement = await self._settle(update, begin(lane))
            _logger.info("update %d: %s in %.0f ms", update.update_id, settlement.value, 1000 * (time.monotonic() - started))
        # Nothing is awaited between the last look at the lane and its removal, so no update slips in between.
        del self._lanes[chat]

    async def _settle(self, update: Update, hand: AtHand) -> Settlement:
        claim = await bounded(self._store.claim(update.update_id, alone=True), otherwise=None)
        if claim is not None and claim.standing is Standing.SETTLED:
            settlement = Settlement.REPEATED
        else:
            settlement = await self._process(update, hand)
            await bounded(self._store.settle((update.update_id,), hand.effects), otherwise=None)
        self._close(update.update_id, settlement)
        return settlement

    def _close(self, update_id: int, settlement: Settlement) -> None:
        self.counts[settlement] += 1
        if self._open.pop(update_id, None) is None:  # It was let go before, and counted.
            self.counts[Settlement.GAVE_UP] -= 1
        self._settled.add(update_id)

    async def _process(self, update: Update, hand: AtHand) -> Settlement:
        error = await self._failure(update, hand)
        if error is None:
            return Settlement.ANSWERED
        _logger.error("update %d failed: %s", update.update_id, where(error))
        if failure_of(error) is Failure.GONE:
            return Settlement.CHAT_GONE
        # Told to be silent, it is silent.
        if update.effective_chat and not isinstance(error, RetryAfter):
            await outbox.apologise(self._application.bot, update.effective_chat.id, self._apology())
        return Settlement.GAVE_UP

    async def _failure(self, update: Update, hand: AtHand) -> Exception | None:
        """Run the handlers; return the first thing that went wrong, whether the library caught it or not."""
        try:
            await self._application.process_update(update)
        except Exception as error:  # The handler of last resort: whatever is wrong, the lane goes on.
            return error
        return hand.failures[0] if hand.failures else None

    def _apology(self) -> str:
        """Return the apology, and with it when to call for help: nobody knows what was asked."""
        emergency_line = self._service.snapshot.knowledge.topic.emergency_line
        return "\n\n".join(filter(None, (self._service.say("gave_up"), emergency_line)))


async def _remember(_update: object, context: BotContext) -> None:
    if context.error is not None:
        at_hand().failures.append(context.error)


def _parsed(raw: Mapping[str, Any], application: BotApplication) -> Update | None:
    """Return the update, or None where the library cannot read it."""
    try:
        return Update.de_json(dict(raw), application.bot)
    except Exception as error:  # Of any kind: the library does not say which, and one odd update must not stop the others.
        # Without the traceback: its last line quotes what was sent.
        _logger.error("update %s cannot be read: %s", raw.get("update_id"), type(error).__name__)  # noqa: TRY400
        return None


def _lane_of(update: Update) -> int:
    """Return the chat; the person where there is none; 0 for the rest."""
    if update.effective_chat:
        return update.effective_chat.id
    return update.effective_user.id if update.effective_user else 0
