"""Sends replies: new messages, edits in place, answers to button presses.

Words never get lost for the sake of their looks: HTML that Telegram refuses is sent again as plain text, and without buttons that it refuses.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from telegram import Bot, CallbackQuery, InlineKeyboardMarkup, Message, ReplyParameters
from telegram.constants import ChatAction, ChatType, ParseMode
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.adapters.telegram.at_hand import at_hand
from bot.adapters.telegram.pages import Block, Page, paginate
from bot.adapters.telegram.render import Rendered, render, stays
from bot.core.model import Menu, Reply
from bot.redact import where

_Result = TypeVar("_Result")
_SendForm = Callable[[str, ParseMode | None, InlineKeyboardMarkup | None], Awaitable[_Result]]

_REFUSED_BUTTONS = ("button", "inline keyboard", "reply_markup_")
"""Parts of what Telegram says of buttons that it will not take."""

_TYPING_S = 4.0
"""Telegram shows the sign for five seconds: https://core.telegram.org/bots/api#sendchataction"""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in Telegram a message goes."""

    chat_id: int = field(repr=False)
    thread_id: int | None = None
    answered: ReplyParameters | None = None
    """The message it points at."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """A message of ours."""

    bot: Bot = field(repr=False)
    chat_id: int = field(repr=False)
    message_id: int


async def answer(message: Message, reply: Reply, *, browsing: bool = False, instead_of: int | None = None) -> int | None:
    """Send *reply* below *message*; in a group it points at the message it answers.

    *instead_of* is the number of an earlier reply to take the place of, where that can be done. Return the number of the message that another
    reply may take the place of later; None where there is none, or it must stay.
    """
    rendered = render(reply, browsing=browsing, username=_username(message.get_bot()))
    if instead_of is not None and not stays(reply) and await _edited(_Sent(message.get_bot(), message.chat.id, instead_of), rendered):
        return instead_of
    place = _place_of(message)
    if message.chat.type != ChatType.PRIVATE:
        place = replace(place, answered=ReplyParameters(message.message_id, allow_sending_without_reply=True))
    sent = await _send(message.get_bot(), place, rendered)
    return None if stays(reply) else sent


async def show(message: Message, blocks: Sequence[Block]) -> None:
    """Send *blocks* below *message*, on as many pages as they take."""
    await _send(message.get_bot(), _place_of(message), Rendered(paginate(blocks), None))


async def show_below(query: CallbackQuery, blocks: Sequence[Block]) -> None:
    """Send *blocks* to the chat whose button was pressed, on as many pages as they take."""
    await _send(query.get_bot(), _place_under(query), Rendered(paginate(blocks), None))


async def answer_in_place(query: CallbackQuery, reply: Reply) -> None:
    """Put *reply* in the place of the message whose button was pressed; send it below where that cannot be done."""
    rendered = render(reply, browsing=True, username=_username(query.get_bot()))
    shown = _under(query)
    if shown is None or not await _edited(shown, rendered):
        await _send(query.get_bot(), _place_under(query), rendered)


async def answer_below(query: CallbackQuery, reply: Reply, *, browsing: bool = False) -> None:
    """Send *reply* as a new message to the chat whose button was pressed."""
    await _send(query.get_bot(), _place_under(query), render(reply, browsing=browsing, username=_username(query.get_bot())))


async def change_choices(query: CallbackQuery, menu: Menu, *, staying: bool) -> None:
    """Put the choices of *menu* under the message whose button was pressed; send them below where that cannot be done.

    *staying*: nothing is to take the place of that message.
    """
    rendered = render(menu, staying=staying, username=_username(query.get_bot()))
    shown = _under(query)
    if shown is None or not await _changed(shown, rendered):
        await _send(query.get_bot(), _place_under(query), rendered)


def _under(query: CallbackQuery) -> _Sent | None:
    """Return the message whose button was pressed, if it can still be edited."""
    # The library gives a message too old to be read as one like any other, but for its date.
    if not isinstance(query.message, Message) or not query.message.is_accessible:
        return None
    return _Sent(query.get_bot(), query.message.chat.id, query.message.message_id)


def _place_of(message: Message) -> _Place:
    return _Place(message.chat.id, message.message_thread_id if message.is_topic_message else None)


def _place_under(query: CallbackQuery) -> _Place:
    if isinstance(query.message, Message):
        return _place_of(query.message)
    # Without any message the button hangs on one in a chat the bot is not in: the person is told in private.
    return _Place(query.message.chat.id if query.message else query.from_user.id)


async def _send(bot: Bot, place: _Place, rendered: Rendered) -> int | None:
    """Return the number of the message; None where there is not just one, or nobody knows it any more."""
    hand = at_hand()
    numbers: list[int | None] = []
    for number, page in enumerate(rendered.pages, start=1):
        if hand.sent_before(page.html):
            numbers.append(None)
            continue
        taken = hand.taken
        try:
            sent = await _send_page(bot, place if number == 1 else replace(place, answered=None), page, rendered, number == len(rendered.pages))
            numbers.append(sent.message_id)
        except Exception as error:  # Of any kind: the library does not say what it raises where it cannot read an answer.
            if hand.taken == taken:
                raise
            _logger.error("Telegram took a message, and its answer cannot be read: %s", where(error))  # noqa: TRY400  (it may quote a person)
            numbers.append(None)
        hand.sent.append(page.html)
    return numbers[0] if len(numbers) == 1 else None


async def _send_page(bot: Bot, place: _Place, page: Page, rendered: Rendered, last: bool) -> Message:
    async def send(text: str, mode: ParseMode | None, keyboard: InlineKeyboardMarkup | None) -> Message:
        return await bot.send_message(
            place.chat_id,
            text,
            parse_mode=mode,
            reply_markup=keyboard,
            reply_parameters=place.answered,
            message_thread_id=place.thread_id,
        )

    return await _in_any_form(page, rendered.keyboard if last else None, send)


async def _edited(sent: _Sent, rendered: Rendered) -> bool:
    if len(rendered.pages) != 1:
        return False

    async def edit(text: str, mode: ParseMode | None, keyboard: InlineKeyboardMarkup | None) -> object:
        return await sent.bot.edit_message_text(text, sent.chat_id, sent.message_id, parse_mode=mode, reply_markup=keyboard)

    return await _done(_in_any_form(rendered.pages[0], rendered.keyboard, edit))


async def _changed(sent: _Sent, rendered: Rendered) -> bool:
    return await _done(sent.bot.edit_message_reply_markup(sent.chat_id, sent.message_id, reply_markup=rendered.keyboard))


async def _done(edit: Awaitable[object]) -> bool:
    """Return whether the message is now as *edit* would have it; False where it can be edited no more."""
    try:
        await edit
    except BadRequest as error:
        return "message is not modified" in error.message.lower()
    return True


async def _in_any_form(page: Page, keyboard: InlineKeyboardMarkup | None, send: _SendForm[_Result]) -> _Result:
    """Send *page*, giving up looks for words: HTML that is refused goes out as plain text, and buttons that are refused are left out."""
    mode: ParseMode | None = ParseMode.HTML
    while True:
        try:
            return await send(page.html if mode else page.plain, mode, keyboard)
        except BadRequest as error:
            refused = error.message.lower()
            if mode is not None and "can't parse entities" in refused:
                mode = None
                _logger.warning("HTML was refused and goes out as plain text")
            elif keyboard is not None and any(part in refused for part in _REFUSED_BUTTONS):
                keyboard = None
                _logger.error("buttons were refused and are left out")  # noqa: TRY400  (what Telegram says may quote them)
            else:
                raise


async def acknowledge(bot: ExtBot[int], query: CallbackQuery, word: str = "") -> None:
    """Stop the clock on the pressed button, and say *word* in passing; where that fails, or is too late, nothing is lost."""
    with suppress(TelegramError):
        await bot.answer_callback_query(query.id, word or None, rate_limit_args=1)


def typing(message: Message, after_s: float) -> AbstractAsyncContextManager[None]:
    """Show the person that an answer is being written, if the block takes longer than *after_s* seconds, and for as long as it takes."""
    return _typing(message.get_bot(), _place_of(message), after_s)


def typing_below(query: CallbackQuery, after_s: float) -> AbstractAsyncContextManager[None]:
    """Show the same to whoever pressed a button."""
    return _typing(query.get_bot(), _place_under(query), after_s)


@asynccontextmanager
async def _typing(bot: Bot, place: _Place, after_s: float) -> AsyncIterator[None]:
    tasks: list[asyncio.Task[None]] = []

    def show() -> None:
        tasks.append(asyncio.create_task(_show_typing(bot, place)))

    timer = asyncio.get_running_loop().call_later(after_s, show)
    try:
        yield
    finally:
        timer.cancel()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _show_typing(bot: Bot, place: _Place) -> None:
    while True:
        await bot.send_chat_action(place.chat_id, ChatAction.TYPING, message_thread_id=place.thread_id)
        await asyncio.sleep(_TYPING_S)


def _username(bot: Bot) -> str:
    return bot.username


async def tell(bot: ExtBot[int], chat_id: int, text: str) -> bool:
    """Say *text*, in one try and without looks; where that fails, it is left. Return whether Telegram took it."""
    try:
        await bot.send_message(chat_id, text, rate_limit_args=1)
    except TelegramError:
        return False
    return True
