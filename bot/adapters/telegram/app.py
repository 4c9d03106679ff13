"""Builds the library's Application around a service, and tells Telegram which commands there are."""

from __future__ import annotations

import asyncio
import json
import logging
import warnings
from typing import Any

from telegram import BotCommand, BotCommandScope, BotCommandScopeChat, BotCommandScopeDefault, LinkPreviewOptions
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, ContextTypes, Defaults, ExtBot
from telegram.request import BaseRequest, HTTPXRequest
from telegram.warnings import PTBDeprecationWarning, PTBUserWarning

from bot.adapters.telegram.handlers import TYPING_AFTER_S, BotApplication, Handlers
from bot.adapters.telegram.known import Known
from bot.adapters.telegram.patience import Patience, Sleep
from bot.service import Service

COMMANDS = ("topics", "help", "start", "privacy", "forget", "id")
"""In the order of the menu; each has a text `command_<name>`."""
ADMIN_COMMANDS = ("reload",)
ALLOWED_UPDATES = ("message", "edited_message", "callback_query")
"""The kinds of update that have a handler; Telegram sends no others."""

_CONNECTIONS = 64

_logger = logging.getLogger(__name__)


class DiscreetRequest(HTTPXRequest):
    """The library's way to Telegram, without its habit of logging what it cannot read: that may be people's messages."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the JSON object in *payload*; raise TelegramError for anything else."""
        try:
            found = json.loads(payload)
        except ValueError:
            raise TelegramError("Invalid server response") from None
        if not isinstance(found, dict):
            raise TelegramError("Invalid server response")
        # The library looks for a result in every good answer, and not where there is none.
        return {"result": None} | found


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
        request=request or DiscreetRequest(connection_pool_size=_CONNECTIONS),
        get_updates_request=request or DiscreetRequest(connection_pool_size=1),
        rate_limiter=Patience(sleep),
        defaults=Defaults(link_preview_options=LinkPreviewOptions(is_disabled=True)),
    )
    builder = ApplicationBuilder().application_class(ForgetfulApplication).bot(bot).context_types(ContextTypes(bot_data=Known))
    application = builder.updater(None).job_queue(None).build()
    application.bot_data = known or application.bot_data
    Handlers(service, admin_ids, application.bot_data, sleep, typing_after_s).register(application)
    return application


def _quieten_the_library() -> None:
    """Silence two warnings, and no others: on asking for raw updates, and on each pause that Telegram asks for."""
    warnings.filterwarnings("ignore", r"Please use 'Bot\.getUpdates'", PTBUserWarning)
    warnings.filterwarnings("ignore", r".*attribute `retry_after` will be of type", PTBDeprecationWarning)


async def publish_commands(bot: ExtBot[int], service: Service, admin_ids: frozenset[int]) -> None:
    """Set the command menus; admins see theirs in their own chat. What fails is logged and left: the commands work without a menu."""
    await _publish(bot, service, COMMANDS, BotCommandScopeDefault())
    for admin_id in sorted(admin_ids):
        await _publish(bot, service, COMMANDS + ADMIN_COMMANDS, BotCommandScopeChat(admin_id))


async def _publish(bot: ExtBot[int], service: Service, names: tuple[str, ...], scope: BotCommandScope) -> None:
    try:
        await bot.set_my_commands([BotCommand(name, service.say(f"command_{name}")) for name in names], scope)
    except TelegramError as error:
        _logger.warning("the command menu (%s) could not be set: %s", scope.type, type(error).__name__)
