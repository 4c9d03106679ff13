"""Which messages are meant for the bot, and what they say."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from telegram import Message, MessageEntity, Update, User
from telegram.ext import filters

from bot.adapters.telegram.at_hand import at_hand
from bot.adapters.telegram.buttons import PAYLOAD
from bot.core.model import Utterance

_COMMAND = re.compile(r"/(?P<name>\w+)(?:@\w+)?\s*(?P<rest>.*)", re.DOTALL)


_KINDS = (
    ("sound", ("voice", "audio", "video_note")),
    ("picture", ("photo", "live_photo", "animation", "video", "story", "paid_media")),
    ("sticker", ("sticker", "dice", "game")),
    ("place", ("venue", "location")),
    ("contact", ("contact",)),
    ("file", ("document",)),
    ("poll", ("poll", "checklist")),
)
"""The fields of a message that tell what it holds; the first that is there counts: a moving picture is a file as well."""


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


class _ServiceMessage(filters.MessageFilter):
    """Says what has happened, and nothing of a person's own; those that the library does not count among its kinds."""

    def filter(self, message: Message) -> bool:
        return bool(message.successful_payment or message.passport_data or message.boost_added)


FROM_PERSON = _FromPerson()
SAYING_SOMETHING = filters.TEXT | filters.CAPTION
NEW = filters.UpdateType.MESSAGE & FROM_PERSON
EDITED = filters.UpdateType.EDITED_MESSAGE & FROM_PERSON & filters.ChatType.PRIVATE
PRIVATE = NEW & filters.ChatType.PRIVATE
_FORGET = NEW & filters.Regex(r"(?i)^/forget\b")
_ANEW = filters.UpdateType.EDITED_MESSAGE & FROM_PERSON & ~filters.COMMAND
ADDRESSED = PRIVATE | EDITED | ((NEW | _ANEW) & filters.ChatType.GROUPS & _Addressed())
"""For the bot: all that is said in private, and in a group what names it or replies to it."""
WORDS = ADDRESSED & SAYING_SOMETHING
WITHOUT_WORDS = PRIVATE & ~SAYING_SOMETHING & ~filters.StatusUpdate.ALL & ~_ServiceMessage()


def utterance(message: Message) -> Utterance:
    """Return what *message* says, without the mention of the bot and the slash of a command; empty for a sticker and its like."""
    said = message.text or message.caption or ""
    for entity, mention in _entities(message).items():
        if _names(entity, mention, message.get_bot().bot):
            said = said.replace(mention, mention.partition("@")[0] if entity.type == MessageEntity.BOT_COMMAND else " ")
    return Utterance(_without_slash(said.strip()), when(message))


def when(message: Message) -> datetime:
    """Return when *message* was written, or written anew (UTC)."""
    return (message.edit_date or message.date).astimezone(UTC)


def after_command(message: Message) -> str:
    """Return what follows the command in *message*."""
    command = _COMMAND.fullmatch(message.text or "")
    return command["rest"].strip() if command else ""


def linked(payload: str) -> bool:
    """Return True for what a link may have put behind /start; anything else a person wrote there."""
    return PAYLOAD.fullmatch(payload) is not None


def kind(message: Message) -> str:
    """Return, for a message without words, which sentence of the bot fits what it holds; a key of `unsupported_<kind>`."""
    return next((kind for kind, fields in _KINDS if any(getattr(message, field) for field in fields)), "thing")


def words_behind(album: str) -> bool:
    """Return True when a picture of *album* with words under it is still to come in the same chat."""
    waiting = (update.message for update in at_hand().behind())
    return any(message is not None and message.media_group_id == album and message.caption for message in waiting)


def for_the_bot(update: Update) -> Message | None:
    """Return the message of *update* if it is to be answered."""
    return update.effective_message if WORDS.check_update(update) or WITHOUT_WORDS.check_update(update) else None


def writer(update: Update) -> int | None:
    """Return who wrote the message of *update* if it is to be answered and no command: the reply to another of theirs may cover it."""
    message = for_the_bot(update)
    if message is None or message.from_user is None or filters.COMMAND.check_update(update):
        return None
    return message.from_user.id


def forgets(update: Update) -> int | None:
    """Return who asks with *update* to be forgotten."""
    message = update.effective_message
    if message is None or message.from_user is None or not _FORGET.check_update(update):
        return None
    return message.from_user.id


def _without_slash(said: str) -> str:
    """Read `/neck_pain since monday` as "neck pain since monday": whatever is said is looked through for red flags."""
    command = _COMMAND.fullmatch(said)
    return f"{command['name'].replace('_', ' ')} {command['rest']}".strip() if command else said


def _entities(message: Message) -> dict[MessageEntity, str]:
    kinds: list[str | None] = [MessageEntity.MENTION, MessageEntity.TEXT_MENTION, MessageEntity.BOT_COMMAND]
    return {**message.parse_entities(kinds), **message.parse_caption_entities(kinds)}


def _names(entity: MessageEntity, said: str, me: User) -> bool:
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    name = f"@{me.username}".lower()
    return said.lower() == name or (entity.type == MessageEntity.BOT_COMMAND and said.lower().endswith(name))
