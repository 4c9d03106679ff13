"""Guest messages: the bot was named in a chat it is not in. One answer can be posted there, and nothing can be sent.

Others read along and the message is never changed, so it is short, and its buttons are links. What a person carries on there is
kept as in a group, for a danger may be told in bits there too.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from telegram import Bot, Message, Update, User
from telegram.error import TelegramError
from telegram.ext import ExtBot, MessageHandler, filters

from bot.adapters.telegram import incoming
from bot.adapters.telegram.articles import article, in_any_form
from bot.adapters.telegram.at_hand import at_hand
from bot.adapters.telegram.handlers import BotApplication, BotContext
from bot.core.model import Notice, Reply
from bot.core.public import in_public
from bot.keyring import Keyring
from bot.service import Service
from bot.store.records import PersonKey

GUESTS = filters.UpdateType.GUEST_MESSAGE & incoming.FROM_PERSON

_BEYOND = 1 << 53
"""Ids of chats have 52 bits. A chat that is visited may have the number of one the bot is in, and is another chat."""
_RESULT_ID = "answer"


class Guests:
    """Answers guest messages, over one service."""

    def __init__(self, service: Service, keyring: Keyring) -> None:
        self._service = service
        self._keyring = keyring

    def register(self, application: BotApplication) -> None:
        """Add the handler."""
        application.add_handler(MessageHandler(GUESTS, self.answer))

    async def answer(self, update: Update, _context: BotContext) -> None:
        """Answer what a person asked, in one short message. Raises TelegramError where that comes too late, or not through."""
        message = update.guest_message
        if message is None or message.from_user is None or not message.guest_query_id:
            return
        reply = in_public(await self._reply(message, message.from_user), self._service.snapshot, links_only=True)
        title = self._service.snapshot.knowledge.topic.name
        await in_any_form(partial(_post, message.get_bot(), message.guest_query_id, title, reply))

    async def _reply(self, message: Message, user: User) -> Reply:
        asked, key = incoming.utterance(message), self._key(message.chat.id, user)
        if asked.text:
            return (await at_hand().hear(lambda carried: self._service.answer(asked, key, carried))).reply
        at_hand().repeatable = True
        named = message.text or message.caption
        return self._service.start() if named else self._service.unsupported(incoming.kind(message))

    def _key(self, chat_id: int, user: User) -> PersonKey:
        return self._keyring.name(chat_id + _BEYOND, user.id)


async def _post(bot: Bot, query_id: str, title: str, reply: Reply, bare: bool) -> object:
    return await bot.answer_guest_query(query_id, article(_RESULT_ID, title, reply, username=bot.username, bare=bare))


async def tell(bot: ExtBot[int], message: Message, title: str, text: str) -> None:
    """Say *text* to a guest *message*, in one try and without looks; where that fails, it is left."""
    if message.guest_query_id:
        result = article(_RESULT_ID, title, Notice(text), username="", bare=True)
        with suppress(TelegramError):
            await bot.answer_guest_query(message.guest_query_id, result, rate_limit_args=1)
