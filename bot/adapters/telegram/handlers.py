"""What the bot does with each kind of update: one short method each.

A person's words go to the service before anything else is asked of anyone: triage must not wait for what can fail.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from telegram import CallbackQuery, Message, Update, User
from telegram.constants import ChatType
from telegram.ext import Application, CallbackContext, CallbackQueryHandler, CommandHandler, ExtBot, MessageHandler, filters

from bot.adapters.telegram import incoming, outbox
from bot.adapters.telegram.absence import opened
from bot.adapters.telegram.at_hand import at_hand
from bot.adapters.telegram.buttons import Press, decode
from bot.adapters.telegram.known import Known
from bot.adapters.telegram.patience import Sleep
from bot.core.action import Consent, Operate, PassOn, ShowEntry, Vote
from bot.core.model import Menu, Notice, Reply
from bot.service import Said, Service
from bot.store.records import PersonKey

BotContext = CallbackContext[ExtBot[int], dict[Any, Any], dict[Any, Any], Known]
BotApplication = Application[ExtBot[int], BotContext, dict[Any, Any], dict[Any, Any], Known, None]

TYPING_AFTER_S = 0.5
"""An answer that takes no longer needs no sign that it is coming."""

_ALBUMS_KEPT = 256
_ALBUM_S = 1.0
"""In which the rest of an album arrives."""


class Handlers:
    """The handlers, over one service."""

    def __init__(self, service: Service, known: Known, sleep: Sleep = asyncio.sleep, typing_after_s: float = TYPING_AFTER_S) -> None:
        self._typing_after_s = typing_after_s
        self._service = service
        self._sleep = sleep
        self._known = known
        self._keyring = known.keyring
        self._absence = known.absence
        self._albums: deque[tuple[int, str]] = deque(maxlen=_ALBUMS_KEPT)
        """Those that had their reply, by chat: their names are unique only there."""

    def register(self, application: BotApplication) -> None:
        """Add every handler. Order matters: the first that fits takes the update."""
        for handle in (self.start, self.help, self.topics, self.about, self.region, self.privacy):
            application.add_handler(CommandHandler(handle.__name__, _with_message(handle), incoming.NEW | incoming.EDITED))
        application.add_handler(CommandHandler("id", _with_message(self.own_id), incoming.NEW | incoming.EDITED))
        application.add_handler(CommandHandler("forget", _with_message(self.forget), incoming.NEW))
        application.add_handler(MessageHandler(incoming.ADDRESSED & filters.COMMAND, _with_message(self.unknown_command)))
        application.add_handler(MessageHandler(incoming.WORDS, _with_message(self.words)))
        application.add_handler(MessageHandler(incoming.WITHOUT_WORDS, _with_message(self.without_words)))
        application.add_handler(CallbackQueryHandler(self.button))

    async def words(self, message: Message, user: User) -> None:
        """Answer what a person wrote, or wrote under a picture; an edited question in the place of the answer it had."""
        asked, key = incoming.utterance(message), self._key(message.chat.id, user)
        async with outbox.typing(message, self._typing_after_s):
            if not asked.text:  # Nothing but the bot's name.
                await self._reply(message, self._service.start())
                return
            said = await at_hand().hear(lambda carried: self._service.answer(asked, key, carried))
            await self._reply(message, said.reply, earlier=_earlier(said, message))
        if message.media_group_id is not None:
            self._albums.append((message.chat.id, message.media_group_id))

    async def without_words(self, message: Message, _user: User) -> None:
        """Say that pictures, voices and stickers are not understood; of an album once, and not when words stand under any of its pictures."""
        at_hand().repeatable = True
        notice = self._service.unsupported(incoming.kind(message))
        album = message.media_group_id
        if album is None:
            await self._reply(message, notice)
        elif (message.chat.id, album) not in self._albums:
            await self._sleep(_ALBUM_S)
            if not incoming.words_behind(album):
                await self._reply(message, notice)
            self._albums.append((message.chat.id, album))

    async def start(self, message: Message, user: User) -> None:
        """Greet; or show the entry that a deep link names; words after the command are answered instead."""
        payload = incoming.after_command(message)
        if payload in self._service.snapshot.entries_by_id:
            action, key, at = ShowEntry(payload), self._key(message.chat.id, user), incoming.when(message)
            said = await at_hand().hear(lambda carried: self._service.act(action, key, at, carried))
            await self._reply(message, said.reply)
        elif payload and not incoming.linked(payload):
            await self.words(message, user)
        elif not (payload and await self._alarmed(message, user)):
            await self._reply(message, self._service.start())

    async def help(self, message: Message, user: User) -> None:
        """Say what the bot can do; words after the command are answered instead."""
        await self._notice_or_words(message, user, self._service.help)

    async def topics(self, message: Message, user: User) -> None:
        """Open the list of topics; words after the command are answered instead."""
        await self._notice_or_words(message, user, self._service.topics)

    async def about(self, message: Message, user: User) -> None:
        """Say what this is; words after the command are answered instead."""
        await self._notice_or_words(message, user, self._service.about)

    async def region(self, message: Message, user: User) -> None:
        """Let a country be chosen for the phone numbers; words after the command are answered instead."""
        await self._notice_or_words(message, user, self._service.regions)

    async def privacy(self, message: Message, user: User) -> None:
        """Say what is kept; words after the command are answered instead."""
        await self._notice_or_words(message, user, self._service.privacy)

    async def forget(self, message: Message, user: User) -> None:
        """Delete what is kept of a person, also what the store is yet to be told; words after the command are answered as well."""
        key = self._key(message.chat.id, user)
        if self._known.backlog is not None:
            self._known.backlog.forget(key)
        for hand in self._known.hands():
            if hand is not at_hand():
                hand.forget(key)
        done = await self._service.forget(key)
        await self._notice_or_words(message, user, lambda: done)

    async def own_id(self, message: Message, user: User) -> None:
        """Tell anyone their own id, which an operator needs to make them an admin."""
        await self._notice_or_words(message, user, lambda: Notice(self._service.say("your_id", id=str(user.id))))

    async def unknown_command(self, message: Message, user: User) -> None:
        """Answer the words of a command nobody knows, or hint at those there are."""
        if incoming.after_command(message):
            await self.words(message, user)
        elif not await self._alarmed(message, user):
            await self._reply(message, Notice(self._service.say("unknown_command")))

    async def button(self, update: Update, context: BotContext) -> None:
        """Do what the pressed button says; one that means nothing any more gets a kind sentence and the topics."""
        query = update.callback_query
        if query is None:
            return
        press = decode(query.data or "")
        if press is None or not isinstance(press.action, Vote):
            await outbox.acknowledge(context.bot, query)
        if press is None or isinstance(press.action, Operate) or (isinstance(press.action, PassOn | Consent) and not _in_private(query)):
            await outbox.answer_below(query, self._public(query, self._service.gone()), browsing=True)
            return
        chat_id = query.message.chat.id if query.message else query.from_user.id
        action, key, now = press.action, self._key(chat_id, query.from_user), datetime.now(UTC)
        said = await at_hand().hear(lambda carried: self._service.act(action, key, now, carried))
        if isinstance(press.action, Vote):
            await outbox.acknowledge(context.bot, query, said.reply.word if isinstance(said.reply, Menu) else "")
        await _show(query, self._public(query, said.reply), press)

    async def _notice_or_words(self, message: Message, user: User, notice: Callable[[], Notice]) -> None:
        if incoming.after_command(message):
            await self.words(message, user)
        else:
            await self._reply(message, notice(), browsing=True)

    async def _alarmed(self, message: Message, user: User) -> bool:
        """Answer *message* if it raises a red flag, whatever command it looks like."""
        asked, key = incoming.utterance(message), self._key(message.chat.id, user)
        said = await at_hand().hear(lambda carried: self._service.alarm(asked, key, carried))
        if said is not None:
            await self._reply(message, said.reply)
        return said is not None

    async def _reply(self, message: Message, reply: Reply, *, browsing: bool = False, earlier: int | None = None) -> None:
        """Send *reply*, or put it in the place of the *earlier* one; the first in a chat after an absence opens with a word on that."""
        if message.chat.type != ChatType.PRIVATE:
            reply = self._service.in_public(reply)
        owed = self._absence.owed(message.chat.id, incoming.when(message))
        if owed:
            reply = opened(reply, self._service.say("was_offline"))
        sent = await outbox.answer(message, reply, browsing=browsing, instead_of=earlier)
        # What must stay is edited no more, nor is the answer above it: nobody would see that.
        at_hand().showed(message.message_id, sent)
        if owed:
            self._absence.told(message.chat.id)

    def _public(self, query: CallbackQuery, reply: Reply) -> Reply:
        shared = query.message is not None and query.message.chat.type != ChatType.PRIVATE
        return self._service.in_public(reply) if shared else reply

    def _key(self, chat_id: int, user: User) -> PersonKey:
        """Name a person within a chat, so that nobody else can tell who it is: what is carried on is theirs, also in a group."""
        return self._keyring.name(chat_id, user.id)


def _in_private(query: CallbackQuery) -> bool:
    return query.message is not None and query.message.chat.type == ChatType.PRIVATE


def _earlier(said: Said, message: Message) -> int | None:
    """Return the number of the reply that *message* had before it was edited; None where it had none that may be edited now."""
    if message.edit_date is None:
        return None
    shown = (shown for _, context in said.effects.contexts for shown in context.shown)
    return next((each.reply for each in shown if each.question == message.message_id), None)


async def _show(query: CallbackQuery, reply: Reply, press: Press) -> None:
    if isinstance(reply, Menu):
        await outbox.change_choices(query, reply, staying=press.below)
    elif press.below:
        await outbox.answer_below(query, reply)
    else:
        await outbox.answer_in_place(query, reply)


def _with_message(handle: Callable[[Message, User], Awaitable[None]]) -> Callable[[Update, BotContext], Coroutine[Any, Any, None]]:
    """Call *handle* with the new or edited message of an update, and with the person who wrote it."""

    async def run(update: Update, _context: BotContext) -> None:
        message = update.message or update.edited_message
        if message is not None and message.from_user is not None:
            await handle(message, message.from_user)

    return run
