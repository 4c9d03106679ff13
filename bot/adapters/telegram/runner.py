"""Runs the bot, from start to a clean end: by polling, or by webhook where it has a public address."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram.error import InvalidToken
from telegram.request import BaseRequest

from bot.adapters.telegram.app import DiscreetBot, build_application
from bot.adapters.telegram.claim import Claim
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.known import Known
from bot.adapters.telegram.patience import Patience, Sleep
from bot.adapters.telegram.polling import confirm, persistently, poll
from bot.adapters.telegram.profile import Profile
from bot.adapters.telegram.reports import Reports, gathered
from bot.adapters.telegram.transport import Transport
from bot.adapters.telegram.upkeep import Upkeep
from bot.adapters.telegram.web import Site, serve
from bot.adapters.telegram.webhook import Webhook, register_webhook, unregister_webhook, webhook_secret_of
from bot.config import Settings
from bot.errors import ConfigError
from bot.keyring import Keyring
from bot.publishing import Publishing
from bot.redact import guard_crashes, guard_logs, guard_loop, where
from bot.replicas import Replicas
from bot.service import Service
from bot.store import Store

FINISH_LIMIT_S = 7.5
"""For what is in flight at the end; with the last words to the store and to Telegram, and closing down, it stays within ten seconds."""
LEAVE_LIMIT_S = 0.5
"""For telling the other replicas that this one is gone."""
WEBHOOK_PORT = 8080

_UNUSABLE = "BOT_TOKEN is missing or no token: set it to the token that @BotFather gave"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the bot is made of, apart from Telegram."""

    service: Service
    store: Store
    replicas: Replicas
    keyring: Keyring
    alone: bool
    """No other process can serve with the same store."""
    claim: Claim | None = None
    """By which somebody may become an admin; None where there are any."""
    publishing: Publishing | None = None
    """None: nobody changes the knowledge while it serves."""


async def run_bot(settings: Settings, parts: Parts, *, request: BaseRequest | None = None, sleep: Sleep = asyncio.sleep) -> None:
    """Serve Telegram until SIGTERM or SIGINT. Raises ConfigError when the token is missing, refused or in use elsewhere, or the port is taken."""
    guard_logs()
    guard_crashes()
    guard_loop(asyncio.get_running_loop())
    application = _application(settings, parts, request, sleep)
    with _stopped_by_signals() as stop:
        try:
            await persistently(application.initialize, stop, sleep)
            if not stop.is_set():
                await _serve(application, settings, parts, stop, sleep)
        finally:
            await application.shutdown()
            await application.bot.shutdown()  # The application leaves it open when it could not be initialised.


async def unhook(settings: Settings, *, request: BaseRequest | None = None) -> None:
    """Take the webhook away; what waits at Telegram stays there. Raises ConfigError when the token is missing or refused."""
    guard_logs()
    guard_crashes()
    guard_loop(asyncio.get_running_loop())
    way = request or Transport(connections=1)
    base_url = f"{settings.api_base_url}/bot"
    try:
        bot = DiscreetBot(_token(settings), base_url=base_url, request=way, get_updates_request=way, rate_limiter=Patience())
    except InvalidToken:
        raise ConfigError(_UNUSABLE) from None
    stop = asyncio.Event()
    try:
        await persistently(bot.initialize, stop, asyncio.sleep)
        await unregister_webhook(bot, stop=stop)
    finally:
        await bot.shutdown()


def _token(settings: Settings) -> str:
    return settings.bot_token.get_secret_value() if settings.bot_token else ""


def _application(settings: Settings, parts: Parts, request: BaseRequest | None, sleep: Sleep) -> BotApplication:
    by_webhook = settings.webhook_url is not None
    known = Known(keyring=parts.keyring, replicas=parts.replicas, publishing=parts.publishing, claim=parts.claim, by_webhook=by_webhook)
    try:
        return build_application(
            _token(settings),
            parts.service,
            admin_ids=settings.admin_ids,
            api_base_url=settings.api_base_url,
            request=request,
            known=known,
            sleep=sleep,
        )
    except InvalidToken:
        raise ConfigError(_UNUSABLE) from None


async def _serve(application: BotApplication, settings: Settings, parts: Parts, stop: asyncio.Event, sleep: Sleep) -> None:
    by_webhook = settings.webhook_url is not None
    bot, service, store = application.bot, parts.service, parts.store
    # Who polls is the only one: Telegram sees to it.
    delivery = Delivery(application, service, store, alone=parts.alone or not by_webhook)
    profile = application.bot_data.profile = Profile(bot, service, settings.admin_ids)
    reports = Reports()
    upkeep = Upkeep(
        bot,
        service,
        store,
        delivery,
        application.bot_data.absence,
        admin_ids=settings.admin_ids,
        retention_days=settings.retention_days,
        reports=reports,
        profile=profile,
        sleep=sleep,
    )
    # Aside, so that menus and descriptions never keep a message waiting.
    menus = _beside(profile.keep)
    following = _beside(partial(parts.replicas.follow, stop), leave_s=LEAVE_LIMIT_S)
    # Upkeep first: it looks how long nobody served, and the site takes posts as soon as it is there.
    with gathered(reports):
        async with upkeep, _site(settings, delivery, store) as site, following, menus:
            try:
                if settings.webhook_url is not None:
                    await register_webhook(bot, settings.webhook_url, _secret(settings), stop=stop, sleep=sleep)
                    _logger.info("serving by webhook")
                    await stop.wait()
                else:
                    _logger.info("serving by polling")
                    await poll(bot, delivery, stop, poll_timeout_s=settings.poll_timeout_s, sleep=sleep)
            finally:
                stop.set()  # Where it ends by an error as well: so that the other replicas are told.
                if site is not None:
                    site.stopping = True
                await delivery.stop(FINISH_LIMIT_S)
                if not by_webhook:
                    await confirm(bot, delivery)


def _site(settings: Settings, delivery: Delivery, store: Store) -> AbstractAsyncContextManager[Site | None]:
    """Return what to serve over HTTP; nothing for a bot that polls and was given no port."""
    by_webhook = settings.webhook_url is not None
    port = settings.listen_port or (WEBHOOK_PORT if by_webhook else None)
    if port is None:
        return nullcontext()

    async def ready() -> bool:
        await store.generation()
        return True

    webhook = Webhook(_secret(settings), delivery) if by_webhook else None
    return serve(settings.listen_host, port, ready=ready, webhook=webhook, finish_limit_s=FINISH_LIMIT_S)


def _secret(settings: Settings) -> str:
    return settings.webhook_secret.get_secret_value() if settings.webhook_secret else webhook_secret_of(_token(settings))


@asynccontextmanager
async def _beside(work: Callable[[], Coroutine[Any, Any, None]], *, leave_s: float = 0) -> AsyncIterator[None]:
    """Run *work* while the block runs; it then has *leave_s* seconds to end, and is cancelled. That it fails is logged, and ends nothing else."""

    async def told() -> None:
        try:
            await work()
        except Exception as error:  # Of any kind: people are answered without it.
            _logger.error("what runs beside the answers has failed: %s", where(error))  # noqa: TRY400  (its words are not ours)

    task = asyncio.create_task(told())
    try:
        yield
    finally:
        await asyncio.wait({task}, timeout=leave_s)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


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
