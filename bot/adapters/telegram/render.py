"""A reply as Telegram shows it: pages of HTML and a keyboard. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from telegram import InlineKeyboardMarkup

from bot.adapters.telegram.buttons import keyboard
from bot.adapters.telegram.pages import Block, Page, Style, paginate
from bot.core.model import (
    REPLY_LIMIT_UNITS,
    Action,
    Advice,
    Alarm,
    NotHappening,
    Notice,
    NotThis,
    Part,
    Reply,
    ShowEntry,
    Sources,
    Topics,
)

_LEADING_AWAY: frozenset[type[Action]] = frozenset({ShowEntry, NotThis, Sources, Topics, NotHappening})
"""Not so the choice of a region: it shows the same alarm."""
_LEADING_ON: frozenset[type[Action]] = frozenset({ShowEntry, Topics})


@dataclass(frozen=True, slots=True)
class Rendered:
    """What to send, in this order; the keyboard belongs under the last page."""

    pages: tuple[Page, ...]
    keyboard: InlineKeyboardMarkup | None


def render(reply: Reply, *, browsing: bool = False, limit: int = REPLY_LIMIT_UNITS) -> Rendered:
    """Return *reply* in pages of at most *limit* UTF-16 units.

    *browsing* says that it comes from a button or a list: what its own buttons show then takes its place. An
    alarm always stays, in the numbers of one region or another, and so does advice that opens with a warning.
    """
    return Rendered(paginate(tuple(_blocks(reply)), limit), keyboard(reply.choices, _below(reply, browsing)))


def _below(reply: Reply, browsing: bool) -> frozenset[type[Action]]:
    """Return the kinds of action whose outcome is a new message under *reply*."""
    if isinstance(reply, Alarm) or (isinstance(reply, Advice) and reply.lead):
        return _LEADING_AWAY
    return frozenset() if browsing else _LEADING_ON


def _blocks(reply: Reply) -> Iterator[Block]:
    match reply:
        case Alarm() | Notice():
            yield Block(reply.text)
        case Advice(parts, note, lead):
            yield Block(lead)
            for part in parts:
                yield from _part(part)
            # The note is never folded: it is what must be seen.
            yield Block(note.line)
            yield Block(note.emergency_line)


def _part(part: Part) -> Iterator[Block]:
    yield Block(part.title, Style.BOLD)
    yield Block(part.answer, gap="\n" if part.title else "\n\n")
    yield Block(part.more, Style.FOLDED)
