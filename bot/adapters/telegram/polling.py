"""Fetches updates. What Telegram may forget rises only past what is settled, so a crash loses nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.adapters.telegram.app import ALLOWED_UPDATES
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.patience import Sleep, seconds
from bot.adapters.telegram.transport import kind_of
from bot.errors import ConfigError

FIRST_PAUSE_S = 1.0
PAUSE_GROWTH = 1.5
LONGEST_PAUSE_S = 30.0
REASK_S = 0.25
"""While any update is open the server answers at once: it is asked four times a second at most."""

_BATCH = 100
_NETWORK_S = 10.0
"""What a long poll may take on top of its own time."""
_CONFIRM_LIMIT_S = 1.5

_REJECTED = "Telegram rejects the bot token: set BOT_TOKEN to the token that @BotFather gave"
_CONFLICT = "Telegram serves another process or a webhook with this token: stop that process, or take the webhook away (napebot unhook)"

_T = TypeVar("_T")
_logger = logging.getLogger(__name__)


async def poll(bot: ExtBot[int], delivery: Delivery, stop: asyncio.Event, *, poll_timeout_s: int, sleep: Sleep = asyncio.sleep) -> None:
    """Hand updates to *delivery* until *stop*. Raises ConfigError when the token is refused or somebody else polls with it."""
    while not stop.is_set():
        offset = delivery.offset
        batch = await persistently(partial(fetch, bot, offset, poll_timeout_s), stop, sleep)
        if batch is None:
            return
        delivery.confirmed(offset)
        news = [delivery.take(raw) for raw in batch]
        # Telegram gives the same again until the offset rises: behind a full batch without news others may wait unseen.
        held_up = len(batch) == _BATCH and not any(news)
        if not (held_up and await delivery.let_go()):
            await delivery.wait(REASK_S)


async def fetch(bot: ExtBot[int], offset: int, timeout_s: int, limit: int = _BATCH) -> list[dict[str, Any]]:
    """Return updates from *offset* on, unparsed: one that cannot be parsed must not take the batch with it. Those below are confirmed."""
    found: object = await bot.do_api_request(
        "getUpdates",
        {"offset": offset, "limit": limit, "timeout": timeout_s, "allowed_updates": list(ALLOWED_UPDATES)},
        read_timeout=timeout_s + _NETWORK_S,
    )
    if not isinstance(found, list):
        raise TelegramError("Invalid server response")
    return [raw for raw in found if isinstance(raw, dict)]


async def confirm(bot: ExtBot[int], delivery: Delivery) -> None:
    """Tell Telegram a last time what is settled, so that a new process is not sent it again; only tried."""
    if delivery.offset:
        with suppress(TelegramError, TimeoutError):
            await asyncio.wait_for(fetch(bot, delivery.offset, timeout_s=0, limit=1), _CONFIRM_LIMIT_S)


async def persistently(call: Callable[[], Awaitable[_T]], stop: asyncio.Event, sleep: Sleep) -> _T | None:
    """Return what *call* gives, trying again with growing pauses for as long as Telegram cannot be reached; None once stopped.

    Raises ConfigError for what no waiting mends: a refused token, a second poller, a webhook.
    """
    pause_s = FIRST_PAUSE_S
    while not stop.is_set():
        try:
            return await _unless_stopped(call(), stop)
        except (InvalidToken, EndPointNotFound):  # The library reads a 401 to a raw request as a missing method.
            raise ConfigError(_REJECTED) from None  # Its own message quotes the token.
        except Conflict:
            raise ConfigError(_CONFLICT) from None
        except TelegramError as error:
            wait_s = seconds(error) if isinstance(error, RetryAfter) else pause_s
            _logger.warning("Telegram cannot be reached (%s), trying again in %.1f s", kind_of(error), wait_s)
        await _unless_stopped(sleep(wait_s), stop)
        pause_s = min(pause_s * PAUSE_GROWTH, LONGEST_PAUSE_S)
    return None


async def _unless_stopped(work: Awaitable[_T], stop: asyncio.Event) -> _T | None:
    """Return what *work* gives, or None when *stop* is set before: then it is cancelled."""
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
