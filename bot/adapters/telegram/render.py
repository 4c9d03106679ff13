"""A reply as Telegram shows it: pages of HTML and a keyboard. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from telegram import InlineKeyboardMarkup

from bot.adapters.telegram.buttons import keyboard
from bot.adapters.telegram.pages import Block, Page, Style, paginate
from bot.core.action import Action, Back, More, NotHappening, NotThis, PassOn, ShowEntry, Sources, Topics, Vote
from bot.core.model import REPLY_LIMIT_UNITS, Advice, Alarm, Menu, Notice, Part, Reply

_LEADING_AWAY: frozenset[type[Action]] = frozenset({ShowEntry, NotThis, More, Back, Sources, Vote, Topics, NotHappening, PassOn})
"""Not so the choice of a region: it shows the same alarm. More, Back and Vote change choices only, and hand on to those that their reply stays."""
_LEADING_ON: frozenset[type[Action]] = frozenset({ShowEntry, Topics, PassOn})


@dataclass(frozen=True, slots=True)
class Rendered:
    """What to send, in this order; the keyboard belongs under the last page."""

    pages: tuple[Page, ...]
    keyboard: InlineKeyboardMarkup | None


def render(reply: Reply, *, browsing: bool = False, staying: bool = False, username: str = "", limit: int = REPLY_LIMIT_UNITS) -> Rendered:
    """Return *reply* in pages of at most *limit* UTF-16 units.

    *browsing* says that it comes from a button or a list: what its own buttons show then takes its place. An
    alarm always stays, in the numbers of one region or another, and so does advice that opens with a warning;
    *staying* says that what a menu stands under does. *username* is the bot's, for links to it.
    """
    buttons = keyboard(reply.choices, _below(reply, browsing, staying), username, urgent=isinstance(reply, Alarm))
    return Rendered(paginate(tuple(_blocks(reply)), limit), buttons)


def stays(reply: Reply) -> bool:
    """Return True for a reply that nothing may take the place of: an alarm, or advice that opens with a warning."""
    return isinstance(reply, Alarm) or (isinstance(reply, Advice) and bool(reply.lead))


def _below(reply: Reply, browsing: bool, staying: bool) -> frozenset[type[Action]]:
    """Return the kinds of action whose outcome is a new message under *reply*."""
    if staying or stays(reply):
        return _LEADING_AWAY
    return frozenset() if browsing else _LEADING_ON


def _blocks(reply: Reply) -> Iterator[Block]:
    match reply:
        case Alarm() | Notice() | Menu():
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
