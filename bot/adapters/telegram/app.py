"""Builds the library's Application around a service."""

from __future__ import annotations

import asyncio
import warnings
from typing import Any

from telegram import LinkPreviewOptions
from telegram.ext import Application, ApplicationBuilder, ContextTypes, Defaults, ExtBot
from telegram.request import BaseRequest
from telegram.warnings import PTBDeprecationWarning, PTBUserWarning

from bot.adapters.telegram.admin_commands import AdminCommands
from bot.adapters.telegram.admin_misses import AdminMisses
from bot.adapters.telegram.admin_presses import AdminPresses
from bot.adapters.telegram.admin_publishing import AdminPublishing
from bot.adapters.telegram.admin_stats import AdminStats
from bot.adapters.telegram.guests import Guests
from bot.adapters.telegram.handlers import TYPING_AFTER_S, BotApplication, Handlers
from bot.adapters.telegram.inline import Inline
from bot.adapters.telegram.known import Known
from bot.adapters.telegram.patience import Patience, Sleep
from bot.adapters.telegram.transport import Transport
from bot.service import Service

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "inline_query", "guest_message")
"""The kinds of update that have a handler; Telegram sends no others."""


class DiscreetBot(ExtBot[int]):
    """The library's bot, without its habit of showing its token to whoever prints it, or an application that holds it."""

    def __repr__(self) -> str:
        return "DiscreetBot[]"


class ForgetfulApplication(Application[Any, Any, Any, Any, Any, Any]):
    """The library's application, without its habit of gathering the ids of all who ever wrote: it means to save them, and nobody asked it to."""

    def _mark_for_persistence_update(self, *, update: object | None = None, job: object | None = None) -> None: ...


def build_application(
    token: str,
    service: Service,
    *,
    admin_ids: frozenset[int] = frozenset(),
    api_base_url: str = "https://api.telegram.org",
    request: BaseRequest | None = None,
    known: Known | None = None,
    sleep: Sleep = asyncio.sleep,
    typing_after_s: float = TYPING_AFTER_S,
) -> BotApplication:
    """Return an Application with every handler. It fetches nothing by itself; *request* stands in for the way to Telegram.

    What the parts share is *known*, and then the application's `bot_data`; without it what people carry on ends with the process.
    """
    _quieten_the_library()
    bot: ExtBot[int] = DiscreetBot(
        token,
        base_url=f"{api_base_url.rstrip('/')}/bot",
        base_file_url=f"{api_base_url.rstrip('/')}/file/bot",
        request=request or Transport(),
        get_updates_request=request or Transport(connections=1),
        rate_limiter=Patience(sleep),
        defaults=Defaults(link_preview_options=LinkPreviewOptions(is_disabled=True)),
    )
    builder = ApplicationBuilder().application_class(ForgetfulApplication).bot(bot).context_types(ContextTypes(bot_data=Known))
    application = builder.updater(None).job_queue(None).build()
    application.bot_data = known or application.bot_data
    presses = AdminPresses(admin_ids)
    if application.bot_data.publishing is not None:
        AdminPublishing(service, application.bot_data.publishing, admin_ids, typing_after_s).register(application, presses)
    AdminCommands(service, admin_ids).register(application)
    AdminMisses(service, admin_ids, typing_after_s).register(application, presses)
    AdminStats(service, admin_ids, typing_after_s).register(application, presses)
    presses.register(application)
    Handlers(service, application.bot_data, sleep, typing_after_s).register(application)
    Inline(service).register(application)
    Guests(service, application.bot_data.keyring).register(application)
    return application


def _quieten_the_library() -> None:
    """Silence three warnings, and no others: on asking for raw updates, on each pause that Telegram asks for, and on a timer that somebody set."""
    warnings.filterwarnings("ignore", r"Please use 'Bot\.getUpdates'", PTBUserWarning)
    warnings.filterwarnings("ignore", r".*attribute `(retry_after|message_auto_delete_time)` will be of type", PTBDeprecationWarning)
