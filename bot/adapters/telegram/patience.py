"""How long one request to Telegram is tried, and what its failure means.

It stands at each request, not round a whole handler: when the second page of a reply meets an outage, the first is not sent again.
An outage is waited out for as long as the process runs; only an answer of Telegram, or none that can be told from silence, ends the tries.
One chat's replies wait for each other, so a pause asked for by Telegram holds up that chat and no other. What fails is counted.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Final

from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import BaseRateLimiter, ExtBot

from bot import metrics
from bot.adapters.telegram.at_hand import at_hand
from bot.adapters.telegram.transport import CutOff, NotSent, kind_of

Sleep = Callable[[float], Awaitable[None]]
"""Seconds to wait."""

TRIES: Final = 5
"""How often a pause that Telegram asks for is kept, the first try included."""
LONGEST_PAUSE_S: Final = 30.0
"""Our own grow no longer. Telegram may ask for more; a chat that is to wait so long hears nothing."""
FIRST_PAUSE_S: Final = 0.5

_DOUBLINGS = 6
"""After so many the longest pause is reached."""
_TYPING = "sendChatAction"
"""No message, whatever it is called."""
_CLOSED_DOORS = ("chat not found", "not enough rights", "have no rights", "bot was kicked", "user is deactivated", "topic_closed", "query is too old")
"""Parts of Telegram's refusals for a chat that will not take a message now or later, or a query that will not take an answer any more."""

_logger = logging.getLogger(__name__)


class Failure(Enum):
    """What became of a request that raised."""

    AWAY = "away"
    """It did not reach Telegram, or Telegram is out of order: refused connection, 5xx. Nothing was taken, and this will pass."""
    PAUSED = "paused"
    """Telegram did not take it and asks for a pause: 429."""
    UNKNOWN = "unknown"
    """Sent, and no word whether it was taken. Another try may repeat it."""
    GONE = "gone"
    """The chat is closed to us for good."""
    REFUSED = "refused"
    """Telegram says no, and will again; or it is no failure of a request at all."""


def failure_of(error: BaseException) -> Failure:
    """Return what *error* says about a request."""
    match error:
        case RetryAfter():
            return Failure.PAUSED
        case Forbidden() | ChatMigrated():
            return Failure.GONE
        case BadRequest():  # A NetworkError by descent, though Telegram was reached.
            closed = any(part in error.message.lower() for part in _CLOSED_DOORS)
            return Failure.GONE if closed else Failure.REFUSED
        case NetworkError():
            return _failure_of_network(error)
        case _:
            return Failure.REFUSED


def _failure_of_network(error: NetworkError) -> Failure:
    if isinstance(error, NotSent):
        return Failure.AWAY
    if isinstance(error, CutOff | TimedOut):
        return Failure.UNKNOWN
    if error.__cause__ is None or isinstance(error.__cause__, TelegramError):  # There was an answer: a 5xx, with a body that could be read or not.
        # Who gives up waiting for a server behind it does not know what that one did.
        return Failure.UNKNOWN if error.message.startswith("Gateway Timeout") else Failure.AWAY
    return Failure.REFUSED  # No failure of a way to Telegram: the fault is ours, and will be there the next time.


class Patience(BaseRateLimiter[int]):
    """Tries a request until Telegram can be reached; five times where it asks for pauses; once more where its fate is unknown.

    A pause asked for by Telegram is not waited out here if the update at hand can be begun anew: then its lane rests, and is free meanwhile.

    `rate_limit_args` is the most tries there may be, whatever the failure.
    """

    def __init__(self, sleep: Sleep = asyncio.sleep) -> None:
        self._sleep = sleep
        self.heard_at = -math.inf
        """When Telegram last took a message or refused it for good, on the clock of `time.monotonic`: not by a 5xx, nor by asking for a pause."""

    async def initialize(self) -> None:
        """Nothing is held."""

    async def shutdown(self) -> None:
        """Nothing is held."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],  # Any: the shape is the library's.
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],  # noqa: ARG002  (the library passes it by name)
        rate_limit_args: int | None,
    ) -> Any:
        """Make the request; raise its last error when another try would not help."""
        failures: Counter[Failure] = Counter()
        while True:
            try:
                result = await callback(*args, **kwargs)
            except TelegramError as error:
                failure = failure_of(error)
                failures[failure] += 1
                self._note(failure)
                metrics.API_ERRORS.labels(failure.value).inc()
                pause_s = None if failures.total() == rate_limit_args else pause_after(error, failures)
                if pause_s is None or (failure is Failure.PAUSED and at_hand().repeatable):
                    raise
                if failure is Failure.UNKNOWN and endpoint.startswith("send") and endpoint != _TYPING:
                    metrics.MAYBE_TWICE.inc()
                    at_hand().maybe_twice += 1
                _logger.warning("%s failed (%s), trying again in %.1f s", endpoint, kind_of(error), pause_s)
            else:
                self._note(None)
                at_hand().taken += endpoint == "sendMessage"
                return result
            await self._sleep(pause_s)

    async def pause(self, seconds: float) -> None:
        """Wait so long before the next go at an update."""
        await self._sleep(seconds)

    def _note(self, failure: Failure | None) -> None:
        if failure not in (Failure.AWAY, Failure.UNKNOWN, Failure.PAUSED):
            self.heard_at = time.monotonic()


def patience_of(bot: ExtBot[int] | ExtBot[None]) -> Patience:
    """Return the patience that *bot* was built with. Raises TypeError for a bot with another rate limiter, or none."""
    if not isinstance(bot.rate_limiter, Patience):
        raise TypeError("this bot was built without Patience")
    return bot.rate_limiter


def pause_after(error: TelegramError, failures: Mapping[Failure, int]) -> float | None:
    """Return how many seconds to wait after *error*, or None to give up; *failures* counts those of the request so far, this one included."""
    if isinstance(error, RetryAfter):
        asked_s = seconds(error)
        return asked_s if asked_s <= LONGEST_PAUSE_S and failures[Failure.PAUSED] < TRIES else None
    match failure_of(error):
        case Failure.AWAY:
            return min(FIRST_PAUSE_S * 2.0 ** min(failures[Failure.AWAY] - 1, _DOUBLINGS), LONGEST_PAUSE_S)
        # Twice is better than not at all, for the reply may be an alarm; three times is not.
        case Failure.UNKNOWN if failures[Failure.UNKNOWN] == 1:
            return FIRST_PAUSE_S
        case _:
            return None


def seconds(error: RetryAfter) -> float:
    """Return how long Telegram asks to wait; the library gives a number, or a timedelta where it is told to."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)
