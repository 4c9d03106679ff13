"""Which messages are meant for the bot, and what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from telegram import Message, MessageEntity, User
from telegram.ext import filters

from bot.adapters.telegram.at_hand import at_hand
from bot.core.model import Utterance

_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""https://core.telegram.org/bots/features#deep-linking"""
_COMMAND = re.compile(r"/(?P<name>\w+)(?:@\w+)?\s*(?P<rest>.*)", re.DOTALL)


class _FromPerson(filters.MessageFilter):
    """Written by a person in their own name: no bot, no channel, nothing through another bot. Forwards are welcome."""

    def filter(self, message: Message) -> bool:
        writer = message.from_user
        if writer is None or writer.is_bot:
            return False
        return not (message.sender_chat or message.via_bot or message.is_automatic_forward)


class _Addressed(filters.MessageFilter):
    """Mentions the bot, be it in a command, or replies to it."""

    def filter(self, message: Message) -> bool:
        me = message.get_bot().bot
        quoted = message.reply_to_message
        replies = quoted is not None and quoted.from_user is not None and quoted.from_user.id == me.id
        return replies or any(_names(entity, said, me) for entity, said in _entities(message).items())


FROM_PERSON = _FromPerson()
ADDRESSED = _Addressed()
SAYING_SOMETHING = filters.TEXT | filters.CAPTION


def utterance(message: Message) -> Utterance:
    """Return what *message* says, without the mention of the bot and the slash of a command; empty for a sticker and its like."""
    said = message.text or message.caption or ""
    for entity, mention in _entities(message).items():
        if _names(entity, mention, message.get_bot().bot):
            said = said.replace(mention, mention.partition("@")[0] if entity.type == MessageEntity.BOT_COMMAND else " ")
    return Utterance(_without_slash(said.strip()), _when(message))


def after_command(message: Message) -> str:
    """Return what follows the command in *message*."""
    command = _COMMAND.fullmatch(message.text or "")
    return command["rest"].strip() if command else ""


def linked(payload: str) -> bool:
    """Return True for what a link may have put behind /start; anything else a person wrote there."""
    return _PAYLOAD.fullmatch(payload) is not None


def words_behind(album: str) -> bool:
    """Return True when a picture of *album* with words under it is still to come."""
    waiting = (update.message for update in at_hand().behind)
    return any(message is not None and message.media_group_id == album and message.caption for message in waiting)


def _without_slash(said: str) -> str:
    """Read `/neck_pain since monday` as "neck pain since monday": whatever is said is looked through for red flags."""
    command = _COMMAND.fullmatch(said)
    return f"{command['name'].replace('_', ' ')} {command['rest']}".strip() if command else said


def _when(message: Message) -> datetime:
    return (message.edit_date or message.date).astimezone(UTC)


def _entities(message: Message) -> dict[MessageEntity, str]:
    kinds: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION, MessageEntity.BOT_COMMAND]
    return {**message.parse_entities(kinds), **message.parse_caption_entities(kinds)}


def _names(entity: MessageEntity, said: str, me: User) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    name = f"@{me.username}".lower()
    return said.lower() == name or (entity.type == MessageEntity.BOT_COMMAND and said.lower().endswith(name))
