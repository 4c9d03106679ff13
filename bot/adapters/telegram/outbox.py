"""Sends replies: new messages, edits in place, answers to button presses.

Words never get lost for the sake of their looks: HTML that Telegram refuses is sent again as plain text.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

from telegram import Bot, CallbackQuery, MaybeInaccessibleMessage, Message, ReplyParameters
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.adapters.telegram.at_hand import at_hand
from bot.adapters.telegram.pages import Page
from bot.adapters.telegram.render import Rendered, render
from bot.core.model import Reply

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in Telegram a message goes."""

    chat_id: int = field(repr=False)
    thread_id: int | None = None
    answered: ReplyParameters | None = None
    """The message it points at."""


async def answer(message: Message, reply: Reply, *, browsing: bool = False) -> None:
    """Send *reply* below *message*; in a group it points at the message it answers."""
    place = _place_of(message)
    if message.chat.type != ChatType.PRIVATE:
        place = replace(place, answered=ReplyParameters(message.message_id, allow_sending_without_reply=True))
    await _send(message.get_bot(), place, render(reply, browsing=browsing))


async def answer_in_place(query: CallbackQuery, reply: Reply) -> None:
    """Put *reply* in the place of the message whose button was pressed; send it below where that cannot be done."""
    rendered = render(reply, browsing=True)
    if not await _edited(query.message, rendered):
        await _send(query.get_bot(), _place_under(query), rendered)


async def answer_below(query: CallbackQuery, reply: Reply, *, browsing: bool = False) -> None:
    """Send *reply* as a new message to the chat whose button was pressed."""
    await _send(query.get_bot(), _place_under(query), render(reply, browsing=browsing))


def _place_of(message: Message) -> _Place:
    return _Place(message.chat.id, message.message_thread_id if message.is_topic_message else None)


def _place_under(query: CallbackQuery) -> _Place:
    if isinstance(query.message, Message):
        return _place_of(query.message)
    # Without any message the button hangs on one in a chat the bot is not in: the person is told in private.
    return _Place(query.message.chat.id if query.message else query.from_user.id)


async def _send(bot: Bot, place: _Place, rendered: Rendered) -> None:
    hand = at_hand()
    for number, page in enumerate(rendered.pages, start=1):
        if hand.sent_before(page.html):
            continue
        await _send_page(bot, place if number == 1 else replace(place, answered=None), page, rendered, number == len(rendered.pages))
        hand.sent.append(page.html)


async def _send_page(bot: Bot, place: _Place, page: Page, rendered: Rendered, last: bool) -> None:
    async def send(text: str, mode: ParseMode | None) -> object:
        return await bot.send_message(
            place.chat_id,
            text,
            parse_mode=mode,
            reply_markup=rendered.keyboard if last else None,
            reply_parameters=place.answered,
            message_thread_id=place.thread_id,
        )

    await _as_html_or_plain(page, send)


async def _edited(message: MaybeInaccessibleMessage | None, rendered: Rendered) -> bool:
    # The library gives a message too old to be read as one like any other, but for its date.
    if not isinstance(message, Message) or not message.is_accessible or len(rendered.pages) != 1:
        return False

    async def edit(text: str, mode: ParseMode | None) -> object:
        return await message.edit_text(text, parse_mode=mode, reply_markup=rendered.keyboard)

    try:
        await _as_html_or_plain(rendered.pages[0], edit)
    except BadRequest as error:
        return "message is not modified" in error.message.lower()
    return True


async def _as_html_or_plain(page: Page, send: Callable[[str, ParseMode | None], Awaitable[object]]) -> None:
    try:
        await send(page.html, ParseMode.HTML)
    except BadRequest as error:
        if "can't parse entities" not in error.message.lower():
            raise
        _logger.warning("HTML was refused and goes out as plain text")
        await send(page.plain, None)


async def acknowledge(bot: ExtBot[int], query: CallbackQuery) -> None:
    """Stop the clock on the pressed button; where that fails, or is too late, nothing is lost."""
    with suppress(TelegramError):
        await bot.answer_callback_query(query.id, rate_limit_args=1)


async def tell(bot: ExtBot[int], chat_id: int, text: str) -> None:
    """Say *text*, in one try and without looks; where that fails, it is left."""
    with suppress(TelegramError):
        await bot.send_message(chat_id, text, rate_limit_args=1)
