"""What Telegram shows of the bot before anybody writes: command menus and descriptions. Set from the knowledge, and set again when they drift."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from telegram import BotCommand, BotCommandScope, BotCommandScopeAllGroupChats, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.service import Service

COMMANDS = ("topics", "help", "about", "region", "privacy", "forget", "start", "id")
"""In the order of the menu; each has a text `command_<name>`."""
GROUP_COMMANDS = ("topics", "help", "about", "privacy", "forget")
ADMIN_COMMANDS = ("status", "why", "reload", "undo", "export", "misses", "stats")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drift:
    """Something that was not as it should be."""

    what: str
    """`commands (default)`, `description` and the like; no id."""
    at: datetime
    problem: str = ""
    """Why it could not be put right, as the name of an error; empty where it was."""


@dataclass(frozen=True, slots=True)
class _Part:
    what: str
    wanted: object
    ask: Callable[[], Awaitable[object]]
    put: Callable[[], Awaitable[object]]


class Profile:
    """Keeps what Telegram shows as the knowledge says."""

    def __init__(self, bot: ExtBot[int], service: Service, admin_ids: frozenset[int]) -> None:
        self._bot = bot
        self._service = service
        self._admin_ids = admin_ids
        self._found: dict[str, Drift] = {}

    @property
    def drift(self) -> tuple[Drift, ...]:
        """What was last found to differ, by part, and when; the newest last."""
        return tuple(sorted(self._found.values(), key=lambda drift: drift.at))

    async def keep(self) -> None:
        """Look at each part, and set those that differ. What fails is logged and left until the next time: the bot works without any of it."""
        for part in self._parts():
            try:
                await self._keep(part)
            except TelegramError as error:
                # An admin who never wrote to the bot has no chat to set a menu for.
                _logger.warning("%s could not be kept: %s", part.what, type(error).__name__)
                self._found[part.what] = Drift(part.what, datetime.now(UTC), type(error).__name__)

    async def _keep(self, part: _Part) -> None:
        if await part.ask() == part.wanted:
            if self._found.get(part.what, Drift("", datetime.now(UTC))).problem:
                del self._found[part.what]
            return
        await part.put()
        _logger.info("%s set", part.what)
        self._found[part.what] = Drift(part.what, datetime.now(UTC))

    def _parts(self) -> Iterator[_Part]:
        bot, say = self._bot, self._service.say
        yield self._menu("commands (default)", COMMANDS, BotCommandScopeDefault())
        yield self._menu("commands (groups)", GROUP_COMMANDS, BotCommandScopeAllGroupChats())
        for number, admin_id in enumerate(sorted(self._admin_ids), 1):
            yield self._menu(f"commands (admin {number})", COMMANDS + ADMIN_COMMANDS, BotCommandScopeChat(admin_id))
        long, short = say("description").strip(), say("short_description").strip()
        yield _Part("description", long, lambda: _description(bot), lambda: bot.set_my_description(long))
        yield _Part("short description", short, lambda: _short_description(bot), lambda: bot.set_my_short_description(short))

    def _menu(self, what: str, names: tuple[str, ...], scope: BotCommandScope) -> _Part:
        commands = tuple(BotCommand(name, self._service.say(f"command_{name}")) for name in names)
        return _Part(what, commands, lambda: self._bot.get_my_commands(scope), lambda: self._bot.set_my_commands(commands, scope))


async def _description(bot: ExtBot[int]) -> str:
    return (await bot.get_my_description()).description


async def _short_description(bot: ExtBot[int]) -> str:
    return (await bot.get_my_short_description()).short_description
