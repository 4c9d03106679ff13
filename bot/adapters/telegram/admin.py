"""Who is an admin, and which messages are by their own hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import filters

from bot.config import NEVER_ADMINS
from bot.core.text import utf16_units


def asked_by_admin(update: Update, admin_ids: frozenset[int]) -> bool:
    """Return True only for a new message that an admin wrote with their own hands in their private chat with the bot.

    Edits, forwards, messages through other bots, for a business or in the name of a chat are none.
    """
    message = update.message
    if message is None or message.from_user is None:
        return False
    return by_own_hand(message) and message.from_user.id in admin_ids - NEVER_ADMINS


def by_own_hand(message: Message) -> bool:
    """Return True for what a person wrote themselves in their private chat with the bot; whether it is new is for the caller to see to."""
    user = message.from_user
    borrowed = (
        message.sender_chat,
        message.forward_origin,
        message.via_bot,
        message.is_automatic_forward,
        message.business_connection_id,
        message.sender_business_bot,
        message.guest_query_id,
    )
    own = user is not None and not user.is_bot and user.id not in NEVER_ADMINS and message.chat.id == user.id
    return own and message.chat.type == ChatType.PRIVATE and not any(borrowed)


class ByAdmin(filters.UpdateFilter):
    """Written by an admin, with their own hands, in private."""

    def __init__(self, admin_ids: frozenset[int]) -> None:
        super().__init__()
        self._admin_ids = admin_ids

    def filter(self, update: Update) -> bool:
        """Return whether *update* is such a message."""
        return asked_by_admin(update, self._admin_ids)


def fitting(lines: Iterable[str], room: int) -> Iterator[str]:
    """Yield *lines* as long as they fit in *room* units with a line break each."""
    for line in lines:
        room -= utf16_units(line) + 1
        if room < 0:
            return
        yield line
