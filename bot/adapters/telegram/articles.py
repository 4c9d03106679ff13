"""Replies that Telegram posts for us, as results of the inline mode: each is one message, whole, and never changed later."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from telegram import InlineQueryResultArticle, InputTextMessageContent
from telegram.constants import ParseMode
from telegram.error import BadRequest

from bot.adapters.telegram.pages import split
from bot.adapters.telegram.patience import Failure, failure_of
from bot.adapters.telegram.render import Rendered, render
from bot.core import compose
from bot.core.model import Advice, Reply

_BEGINNING_UNITS = 1_000
"""What is left of an answer whose opening fills a message."""

_Result = TypeVar("_Result")


def article(result_id: str, title: str, reply: Reply, *, username: str, description: str = "", bare: bool = False) -> InlineQueryResultArticle:
    """Return *reply* under a *title* that only a list shows, with links to the bot called *username*; *bare* is without looks and buttons."""
    rendered = _on_one_page(reply, username)
    page = rendered.pages[0]
    content = InputTextMessageContent(page.plain if bare else page.html, parse_mode=None if bare else ParseMode.HTML)
    return InlineQueryResultArticle(result_id, title, content, reply_markup=None if bare else rendered.keyboard, description=description or None)


async def in_any_form(answer: Callable[[bool], Awaitable[_Result]]) -> _Result:
    """Call *answer*, and once more with True, for bare, where Telegram refuses looks or buttons. Raises TelegramError, as when it is too late."""
    try:
        return await answer(False)
    except BadRequest as error:
        if failure_of(error) is Failure.GONE:
            raise
        return await answer(True)


def _on_one_page(reply: Reply, username: str) -> Rendered:
    for shorter in _ever_shorter(reply):
        rendered = render(shorter, username=username)
        if len(rendered.pages) == 1:
            break
    return rendered


def _ever_shorter(reply: Reply) -> Iterator[Reply]:
    """Yield *reply*, and of advice less and less with its note whole: without the long part, only the opening, the beginning of that."""
    yield reply
    if isinstance(reply, Advice):
        yield _with_answers(reply, lambda answer: answer)
        yield _with_answers(reply, compose.opening)
        yield _with_answers(reply, lambda answer: next(split(answer, _BEGINNING_UNITS)) + "…")


def _with_answers(advice: Advice, shortened: Callable[[str], str]) -> Advice:
    return replace(advice, parts=tuple(replace(part, answer=shortened(part.answer), more="") for part in advice.parts))
