"""Buttons for admins: who may press one, and what then happens. For anybody else there are no such buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from telegram import CallbackQuery, Update
from telegram.constants import ChatType
from telegram.ext import CallbackQueryHandler

from bot.adapters.telegram import outbox
from bot.adapters.telegram.buttons import decode
from bot.adapters.telegram.handlers import BotApplication, BotContext
from bot.config import NEVER_ADMINS
from bot.core.action import Operate

Presser = Callable[[CallbackQuery, str, BotContext], Awaitable[None]]
"""Does what a button says, given what it is about."""


def pressed_by_admin(update: Update, admin_ids: frozenset[int]) -> bool:
    """Return True only for a button that an admin pressed with their own hands under a message in their private chat with the bot."""
    query = update.callback_query
    if query is None or query.message is None or query.from_user.is_bot:
        return False
    chat = query.message.chat
    return chat.type == ChatType.PRIVATE and chat.id == query.from_user.id and query.from_user.id in admin_ids - NEVER_ADMINS


class AdminPresses:
    """What each verb of `Operate` does."""

    def __init__(self, admin_ids: frozenset[int]) -> None:
        self._admin_ids = admin_ids
        self._pressers: dict[str, Presser] = {}

    def on(self, verb: str, presser: Presser) -> None:
        """Let *presser* do what buttons of this *verb* say; each verb once."""
        if verb in self._pressers:
            raise ValueError(f"two things would be done at a press of {verb!r}; call one of them something else")
        self._pressers[verb] = presser

    def register(self, application: BotApplication) -> None:
        """Add the handler; to be done before that of other buttons, to which what is not an admin's, or of no verb here, falls through."""
        application.add_handler(_ByAdmin(self))

    def of(self, update: Update) -> tuple[Presser, str] | None:
        """Return what to do, and about what; None for what is no admin's or none of these buttons."""
        if update.callback_query is None or not pressed_by_admin(update, self._admin_ids):
            return None
        press = decode(update.callback_query.data or "")
        if press is None or not isinstance(press.action, Operate) or press.action.verb not in self._pressers:
            return None
        return self._pressers[press.action.verb], press.action.about

    async def press(self, update: Update, context: BotContext) -> None:
        """Do what the button says."""
        found = self.of(update)
        if found is None or update.callback_query is None:
            return
        presser, about = found
        await outbox.acknowledge(context.bot, update.callback_query)
        await presser(update.callback_query, about, context)


class _ByAdmin(CallbackQueryHandler[BotContext, None]):
    def __init__(self, presses: AdminPresses) -> None:
        super().__init__(presses.press)
        self._presses = presses

    def check_update(self, update: object) -> bool:
        return isinstance(update, Update) and self._presses.of(update) is not None
