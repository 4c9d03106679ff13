"""Runs the bot by polling, from start to a clean end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from telegram.error import InvalidToken
from telegram.request import BaseRequest

from bot.adapters.telegram.app import build_application, publish_commands
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.patience import Sleep
from bot.adapters.telegram.polling import confirm, persistently, poll
from bot.adapters.telegram.redact import guard_crashes, guard_logs, guard_loop
from bot.config import Settings
from bot.errors import ConfigError
from bot.service import Service
from bot.store import Store

FINISH_LIMIT_S = 8.0
"""For what is in flight at the end; with closing down it stays within ten seconds."""

_UNUSABLE = "BOT_TOKEN is missing or no token: set it to the token that @BotFather gave"


async def run_polling(
    settings: Settings, service: Service, store: Store, *, request: BaseRequest | None = None, sleep: Sleep = asyncio.sleep
) -> None:
    """Serve Telegram until SIGTERM or SIGINT. Raises ConfigError when the token is missing, refused, or in use elsewhere."""
    guard_logs()
    guard_crashes()
    guard_loop(asyncio.get_running_loop())
    application = _application(settings, service, request, sleep)
    with _stopped_by_signals() as stop:
        try:
            await persistently(application.initialize, stop, sleep)
            if not stop.is_set():
                await _serve(application, settings, service, store, stop, sleep)
        finally:
            await application.shutdown()
            await application.bot.shutdown()  # The application leaves it open when it could not be initialised.


def _application(settings: Settings, service: Service, request: BaseRequest | None, sleep: Sleep) -> BotApplication:
    token = settings.bot_token.get_secret_value() if settings.bot_token else ""
    try:
        return build_application(token, service, admin_ids=settings.admin_ids, api_base_url=settings.api_base_url, request=request, sleep=sleep)
    except InvalidToken:
        raise ConfigError(_UNUSABLE) from None


async def _serve(application: BotApplication, settings: Settings, service: Service, store: Store, stop: asyncio.Event, sleep: Sleep) -> None:
    delivery = Delivery(application, service, store)
    # Aside, so that menus never keep a message waiting.
    menus = asyncio.create_task(publish_commands(application.bot, service, settings.admin_ids))
    try:
        await poll(application.bot, delivery, stop, poll_timeout_s=settings.poll_timeout_s, sleep=sleep)
    finally:
        menus.cancel()
        await asyncio.gather(menus, return_exceptions=True)
        await delivery.stop(FINISH_LIMIT_S)
        await confirm(application.bot, delivery)


@contextmanager
def _stopped_by_signals() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM and SIGINT set, while the block runs."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows has no handlers in the loop; there Ctrl-C ends the process.
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        with suppress(NotImplementedError):
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
