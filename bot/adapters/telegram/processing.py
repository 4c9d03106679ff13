"""One go at an update: claim it, run the handlers, and see what came of it."""

from __future__ import annotations

import logging
import math

from telegram.error import RetryAfter, TelegramError

from bot.adapters.telegram import guests, outbox
from bot.adapters.telegram.at_hand import AtHand, at_hand
from bot.adapters.telegram.claims import Claims
from bot.adapters.telegram.cover import MOST_TRIES
from bot.adapters.telegram.endings import Ending, Pushback, Rest, Settlement
from bot.adapters.telegram.handlers import BotApplication, BotContext
from bot.adapters.telegram.lanes import Item
from bot.adapters.telegram.patience import LONGEST_PAUSE_S, TRIES, Failure, failure_of, seconds
from bot.redact import where
from bot.service import Service
from bot.store.records import Claim, Standing

ELSEWHERE_S = 1
"""After so long another process that works on an update is asked about it again."""
FIRST_PAUSE_S = 0.2
"""After a fault of our own; it doubles with each."""

_logger = logging.getLogger(__name__)


class Processing:
    """Runs updates through the library's Application."""

    def __init__(self, application: BotApplication, service: Service, claims: Claims) -> None:
        self._application = application
        self._service = service
        self._claims = claims
        application.add_error_handler(_remember)

    async def run(self, item: Item, hand: AtHand) -> Ending | Rest:
        """Have one go at *item*. What it leaves behind is on *hand*; nothing is settled yet."""
        claim = await self._claims.take_on(item)
        if claim.standing is Standing.SETTLED:
            return Settlement.REPEATED
        if claim.standing is Standing.ELSEWHERE:
            return Pushback(ELSEWHERE_S, "elsewhere") if item.by_webhook else Rest(ELSEWHERE_S)
        if item.tries > MOST_TRIES:
            _logger.error("update %d was begun %d times and never ended", item.update.update_id, MOST_TRIES)
            return await self._give_up(item)
        error = await self._failure(item, hand)
        return Settlement.ANSWERED if error is None else await self._failed(item, hand, claim, error)

    async def _failed(self, item: Item, hand: AtHand, claim: Claim, error: Exception) -> Ending | Rest:
        gone = failure_of(error) is Failure.GONE
        if isinstance(error, RetryAfter) and not item.leaves_nothing:
            return _paused(item, hand, claim, seconds(error))
        ordinary = gone or (item.leaves_nothing and isinstance(error, TelegramError))
        _logger.log(logging.INFO if ordinary else logging.ERROR, "update %d failed: %s", item.update.update_id, where(error))
        if gone or item.leaves_nothing:
            # Nobody is told of a list that did not come: they type on, and there is no chat to say sorry in.
            return Settlement.CHAT_GONE if gone else Settlement.GAVE_UP
        # An answer of Telegram is final; a fault of our own may have been a passing one.
        if not isinstance(error, TelegramError) and item.tries < MOST_TRIES:
            return Rest(FIRST_PAUSE_S * 2.0 ** (item.tries - 1))
        return await self._give_up(item)

    async def _failure(self, item: Item, hand: AtHand) -> Exception | None:
        """Run the handlers; return the first thing that went wrong, whether the library caught it or not."""
        try:
            await self._application.process_update(item.update)
        except Exception as error:  # The handler of last resort: whatever is wrong, the lane goes on.
            return error
        return hand.failures[0] if hand.failures else None

    async def _give_up(self, item: Item) -> Settlement:
        chat, guest = item.update.effective_chat, item.update.guest_message
        if guest is not None:  # To its chat nothing can be sent.
            await guests.tell(self._application.bot, guest, self._service.snapshot.knowledge.topic.name, self._apology())
        elif chat is not None:
            await outbox.tell(self._application.bot, chat.id, self._apology())
        return Settlement.GAVE_UP

    def _apology(self) -> str:
        """Return the apology, and with it when to call for help: nobody knows what was asked."""
        emergency_line = self._service.snapshot.knowledge.topic.emergency_line
        return "\n\n".join(filter(None, (self._service.say("gave_up"), emergency_line)))


def _paused(item: Item, hand: AtHand, claim: Claim, asked_s: float) -> Ending | Rest:
    """Say what to do in a pause that Telegram asks for. Told to be silent, the bot is silent: it does not apologise."""
    item.pauses += 1
    if asked_s > LONGEST_PAUSE_S:
        return Pushback(math.ceil(asked_s), "paused") if item.by_webhook else Settlement.GAVE_UP
    if item.pauses == TRIES or not hand.repeatable:
        return Settlement.GAVE_UP
    item.claim = claim  # It is begun anew, but it was no try that failed.
    return Rest(asked_s)


async def _remember(_update: object, context: BotContext) -> None:
    if context.error is not None:
        at_hand().failures.append(context.error)
