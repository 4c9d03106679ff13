"""From a raw update to a settled one, whichever way it came in.

An update is *settled* when Telegram took its reply, when the reply to another message of the same flood covers it, when its chat is closed for
good, or when its reply was given up. Updates of one chat run in their order, in a lane; lanes run side by side.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from telegram import Update

from bot import metrics
from bot.adapters.telegram import incoming
from bot.adapters.telegram.claims import Claims
from bot.adapters.telegram.cover import Cover
from bot.adapters.telegram.endings import Ending
from bot.adapters.telegram.endings import Pushback as Pushback
from bot.adapters.telegram.endings import Settlement as Settlement
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.lanes import Item
from bot.adapters.telegram.patience import patience_of
from bot.adapters.telegram.processing import Processing
from bot.adapters.telegram.workers import Workers
from bot.redact import where
from bot.service import Said, Service
from bot.store import Store
from bot.store.later import Backlog

LANES_AT_WORK = 64
MOST_OPEN = 256
"""How many updates may be open before Telegram is told to bring more later."""
HELD_UP_S = 5.0
"""How long an update may hold up all that come behind it, by polling."""
HELD_UP_RESTING_S = 0.5
"""The same while its chat is in a pause that Telegram asked for: to wait on for it is of use to nobody."""

_RECENT = 1_000
"""Ids of settled updates that are remembered without asking the store: ten times what Telegram hands out at once."""
_RETRY_AFTER_S = 1
_FLUSH_S = 0.25

_logger = logging.getLogger(__name__)


class Delivery:
    """Takes raw updates and settles them; knows which are open."""

    def __init__(self, application: BotApplication, service: Service, store: Store, *, alone: bool, lanes_at_work: int = LANES_AT_WORK) -> None:
        """*alone* says that no other process can be at work with this token, as while polling: then any claim left is of one that has died."""
        self._application = application
        self._claims = Claims(store, alone=alone)
        application.bot_data.backlog = self._claims.backlog
        application.bot_data.open = lambda: len(self._open)
        self._patience = patience_of(application.bot)
        cover = Cover(service, self._claims, application.bot_data.keyring)
        processing = Processing(application, service, self._claims)
        self._workers = Workers(processing, self._claims, cover, self._end, at_once=lanes_at_work, pause=self._patience.pause)
        application.bot_data.hands = self._workers.hands
        self._open: dict[int, Item] = {}
        """What Telegram has not been told of as settled."""
        self._left: set[Item] = set()
        """What has not ended: those and what was let go."""
        self._settled: dict[int, None] = {}
        """In order."""
        self._next_id = 0
        self._confirmed = 0
        self._stopping = False
        self.counts: Counter[Settlement] = Counter()
        application.bot_data.settled = self.counts

    @property
    def offset(self) -> int:
        """The lowest id not settled yet; Telegram may forget all below. 0 before the first update."""
        return min(self._open, default=self._next_id)

    @property
    def busy(self) -> bool:
        """True while any update is open."""
        return bool(self._open)

    @property
    def at_work(self) -> bool:
        """True while anything has not ended, be it let go: its claims are to be renewed."""
        return bool(self._left)

    @property
    def backlog(self) -> Backlog:
        """What the store is still to be told."""
        return self._claims.backlog

    # --- the two ways in ------------------------------------------------------------------------------------------------

    def take(self, raw: Mapping[str, Any]) -> bool:
        """Start on *raw*, which was polled; return False for one that is open or settled already, or carries no id: it is let pass."""
        update_id = raw.get("update_id")
        if not isinstance(update_id, int) or update_id in self._open or update_id in self._settled:
            return False
        # An unknown id below what was confirmed: Telegram has begun to count anew, as it may after a quiet week.
        self._next_id = update_id + 1 if update_id < self._confirmed else max(self._next_id, update_id + 1)
        self._begin(update_id, raw, by_webhook=False)
        return True

    async def deliver(self, raw: Mapping[str, Any]) -> Pushback | None:
        """Settle *raw*, which was posted, and return None; or say when Telegram is to bring it again.

        What cannot be read, or was settled before, is settled. To cancel the call does not cancel the work: who brings the update again waits for
        the same end.
        """
        update_id = raw.get("update_id")
        if not isinstance(update_id, int):
            self._count(Settlement.UNREADABLE)
            return None
        if update_id in self._settled:
            self._count(Settlement.REPEATED)
            return None
        item = self._open.get(update_id)
        if item is None:
            if self._stopping:
                return Pushback(_RETRY_AFTER_S, "stopping")
            if len(self._open) >= MOST_OPEN:
                return Pushback(_RETRY_AFTER_S, "too_many")
            item = self._begin(update_id, raw, by_webhook=True)
        ending = await asyncio.shield(item.ended)
        return ending if isinstance(ending, Pushback) else None

    def confirmed(self, offset: int) -> None:
        """Note that Telegram has heard of *offset*: it sends nothing below again, and that need not be remembered."""
        self._confirmed = offset
        self._settled = dict.fromkeys(settled for settled in self._settled if settled >= offset)

    async def let_go(self) -> bool:
        """Give up what is open for long though Telegram takes messages, so that what waits behind it at Telegram can be fetched.

        Return whether there was any.

        To Telegram and the store it is settled, and a crash from now on would leave it at that; its lane works on all the same, and then it
        counts as what became of it. In an outage nothing is given up: nobody behind would be answered either.
        """
        items = [item for item in self._open.values() if self._holds_up(item)]
        for item in items:
            update_id = item.update.update_id
            item.let_go = True
            del self._open[update_id]
            self._settled[update_id] = None
            self.counts[Settlement.GAVE_UP] += 1
            _logger.warning("update %d: %s, for it holds up others; its reply is still tried", update_id, Settlement.GAVE_UP.value)
        if items:
            await self._claims.let_go(items)
        return bool(items)

    def _holds_up(self, item: Item) -> bool:
        limit_s = HELD_UP_RESTING_S if self._workers.resting(item.place) else HELD_UP_S
        return time.monotonic() - item.taken_at > limit_s and self._patience.heard_at > item.taken_at

    # --- the end --------------------------------------------------------------------------------------------------------

    async def wait(self, limit_s: float) -> bool:
        """Wait until nothing is at work, *limit_s* seconds at most; return whether nothing is open."""
        await self._workers.wait(limit_s)
        return not self.busy

    async def stop(self, limit_s: float) -> None:
        """Finish what is open, within *limit_s* seconds, and take on nothing more; the rest stays unsettled, free for whoever gets it next."""
        self._stopping = True
        await self.wait(limit_s)
        await self._workers.stop()
        await self._claims.release(self._left)
        for item in self._left:
            item.ended.set_result(Pushback(_RETRY_AFTER_S, "stopping"))
        self._left.clear()
        await self.backlog.flush(_FLUSH_S)
        counts = ", ".join(f"{count} {settlement.value}" for settlement, count in self.counts.most_common() if count)
        _logger.info("updates settled: %s; left open: %d", counts or "none", len(self._open))

    def _begin(self, update_id: int, raw: Mapping[str, Any], *, by_webhook: bool) -> Item:
        update = _parsed(raw, self._application)
        ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        item = Item(update or Update(update_id), by_webhook, time.monotonic(), ended)
        self._open[update_id] = item
        self._left.add(item)
        metrics.OPEN.inc()
        if update is None:
            self._end(item, Settlement.UNREADABLE, None)
            return item
        self._look_at(item)
        self._workers.queue(item)
        return item

    def _look_at(self, item: Item) -> None:
        """Note whose message it is, whom it has us forget, and whether it is late. What is odd about it is met when it is handled."""
        try:
            message = incoming.for_the_bot(item.update)
            item.writer = None if self._application.bot_data.orders(item.update) else incoming.writer(item.update)
            item.forgets = incoming.forgets(item.update)
        except Exception as error:  # Of any kind, as where it is parsed: one odd update must not stop the others.
            _logger.warning("update %d is odd: %s", item.update.update_id, where(error))
            return
        if message is not None:
            self._application.bot_data.absence.came(incoming.when(message))

    # --- the books ------------------------------------------------------------------------------------------------------

    def _end(self, item: Item, ending: Ending, said: Said | None, maybe_twice: int = 0) -> None:
        update_id = item.update.update_id
        self._left.discard(item)
        self._open.pop(update_id, None)
        metrics.OPEN.dec()
        if isinstance(ending, Settlement):
            if item.let_go:  # It was counted before.
                self.counts[Settlement.GAVE_UP] -= 1
            self._remember(update_id)
            self._count(ending)
            _log(item, ending, said, maybe_twice)
        item.ended.set_result(ending)

    def _count(self, settlement: Settlement) -> None:
        self.counts[settlement] += 1
        metrics.UPDATES.labels(settlement.value).inc()

    def _remember(self, update_id: int) -> None:
        self._settled[update_id] = None
        while len(self._settled) > _RECENT:
            del self._settled[next(iter(self._settled))]


def _log(item: Item, settlement: Settlement, said: Said | None, maybe_twice: int) -> None:
    seconds = time.monotonic() - item.taken_at
    metrics.LATENCY.observe(seconds)
    if said is not None and settlement is Settlement.ANSWERED:
        metrics.OUTCOMES.labels(said.outcome).inc()
    fields: dict[str, object] = {"update_id": item.update.update_id, "settlement": settlement.value}
    if said is not None:
        fields |= {"outcome": said.outcome, "about": list(said.about)}
    if said is not None and said.confidence is not None:
        fields["confidence"] = round(said.confidence, 2)
    fields |= {"ms": round(1000 * seconds), "tries": item.tries, "maybe_twice": maybe_twice}
    _logger.info("update settled", extra={"fields": fields})


def _parsed(raw: Mapping[str, Any], application: BotApplication) -> Update | None:
    """Return the update, or None where the library cannot read it."""
    try:
        return Update.de_json(dict(raw), application.bot)
    except Exception as error:  # Of any kind: the library does not say which, and one odd update must not stop the others.
        # Without the traceback: its last line quotes what was sent.
        _logger.error("update %s cannot be read: %s", raw.get("update_id"), type(error).__name__)  # noqa: TRY400
        return None
