"""/stats: what was counted, as a picture with its numbers below it, and buttons for another period and for light or dark. For admins alone."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from telegram import CallbackQuery, InlineKeyboardMarkup, InputFile, InputMediaPhoto, Message, Update
from telegram.error import BadRequest
from telegram.ext import CommandHandler

from bot import chart
from bot.adapters.telegram import admin, incoming, outbox
from bot.adapters.telegram.admin_presses import AdminPresses
from bot.adapters.telegram.buttons import keyboard
from bot.adapters.telegram.handlers import TYPING_AFTER_S, BotApplication, BotContext
from bot.core.action import Choice, Operate, Rows
from bot.core.model import Notice
from bot.core.text import utf16_units
from bot.figures import charted, details, headline
from bot.service import Service
from bot.stats import DEFAULT_DAYS, MOST_DAYS, Stats, period, summed

CAPTION_UNITS = 1024
"""What stands under a picture: https://core.telegram.org/bots/api#sendphoto"""

_PERIODS = (7, 30, 90)
_DARK, _LIGHT = "dark", "light"
_STATS, _WORDS = "stats", "stats-words"
_VIEW = re.compile(r"(?P<days>[0-9]{1,4}):(?P<theme>dark|light)")
_FILE = "numbers.png"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _View:
    """What to look at, and how."""

    days: int = DEFAULT_DAYS
    dark: bool = False

    @property
    def about(self) -> str:
        return f"{self.days}:{_DARK if self.dark else _LIGHT}"


class AdminStats:
    """The command and its buttons, over one service."""

    def __init__(self, service: Service, admin_ids: frozenset[int], typing_after_s: float = TYPING_AFTER_S) -> None:
        self._service = service
        self._admin_ids = admin_ids
        self._typing_after_s = typing_after_s

    def register(self, application: BotApplication, presses: AdminPresses) -> None:
        """Add the command, before those of others, and what its buttons do."""
        application.add_handler(CommandHandler("stats", self.stats, admin.ByAdmin(self._admin_ids)))
        presses.on(_STATS, self.look_again)
        presses.on(_WORDS, self.tell_all)

    async def stats(self, update: Update, _context: BotContext) -> None:
        """Show what was counted in the days that the words behind the command name, the last seven without any."""
        if update.message is None:
            return
        view = _asked(incoming.after_command(update.message))
        if view is None:
            await outbox.answer(update.message, Notice(self._service.say("stats_how", most=str(MOST_DAYS))))
            return
        async with outbox.typing(update.message, self._typing_after_s):
            stats, picture = await self._seen(view)
        if not await self._sent(update.message, stats, view, picture):
            await outbox.answer(update.message, self._in_words(stats, view), browsing=True)

    async def look_again(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        """Show another period, or the same in other colours, in the place of what the button stands under; below it where that cannot be done."""
        view = _read(about)
        async with outbox.typing_below(query, self._typing_after_s):
            stats, picture = await self._seen(view)
        shown = query.message if isinstance(query.message, Message) and query.message.is_accessible else None
        in_place = shown is not None and await self._edited(shown, stats, view, picture)
        if not in_place and not (shown is not None and await self._sent(shown, stats, view, picture)):
            await outbox.answer_below(query, self._in_words(stats, view), browsing=True)

    async def tell_all(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        """Tell all the numbers of a period in words."""
        view = _read(about)
        notice = self._in_words(await self._counted(view), view)
        await outbox.answer_below(query, Notice(notice.text), browsing=True)

    # --- what is shown --------------------------------------------------------------------------------------------------

    async def _seen(self, view: _View) -> tuple[Stats | None, bytes | None]:
        """Return the numbers, None where the store does not answer; and their picture, None where there is none."""
        stats = await self._counted(view)
        return stats, await self._picture(stats, view) if stats is not None else None

    async def _counted(self, view: _View) -> Stats | None:
        first, last = period(datetime.now(UTC).date(), view.days)
        tallies = await self._service.counted(first)
        if tallies is None:
            return None
        entries = self._service.snapshot.entries_by_id
        return summed(tallies, first, last, {entry_id: entry.title for entry_id, entry in entries.items()})

    async def _picture(self, stats: Stats, view: _View) -> bytes | None:
        drawn = await chart.drawn(charted(stats, self._name, self._service.say), dark=view.dark)
        if drawn is None:
            _logger.warning("the picture of the counts could not be drawn; its numbers go out as text")
        return drawn

    @property
    def _name(self) -> str:
        return self._service.snapshot.knowledge.topic.name

    def _lines(self, stats: Stats) -> str:
        rest = details(stats, self._service.say)
        return "\n\n".join(filter(None, (headline(stats, self._name, self._service.say), rest)))

    def _in_words(self, stats: Stats | None, view: _View) -> Notice:
        """Return the numbers without a picture, or that there are none to be had."""
        if stats is None:
            return Notice(self._service.say("stats_silent"), self._rows(view))
        return Notice(self._lines(stats), self._rows(view))

    def _caption(self, stats: Stats) -> tuple[str, bool]:
        """Return the numbers as they stand below the picture, as many lines as fit, and whether those are all."""
        lines = self._lines(stats)
        return "\n".join(admin.fitting(lines.splitlines(), CAPTION_UNITS)).strip(), utf16_units(lines) < CAPTION_UNITS

    def _rows(self, view: _View, *, words: bool = False) -> Rows:
        say = self._service.say
        periods = tuple(Choice(say("stats_days", count=str(days)), Operate(_STATS, _View(days, view.dark).about)) for days in _PERIODS)
        others = tuple(choice for choice, days in zip(periods, _PERIODS, strict=True) if days != view.days)
        theme = Choice(say("stats_light" if view.dark else "stats_dark"), Operate(_STATS, _View(view.days, not view.dark).about))
        return others, (theme, *((Choice(say("stats_words"), Operate(_WORDS, view.about)),) if words else ()))

    def _below(self, stats: Stats, view: _View) -> tuple[str, InlineKeyboardMarkup | None]:
        """Return what stands below the picture: words and buttons."""
        caption, whole = self._caption(stats)
        return caption, keyboard(self._rows(view, words=not whole), frozenset())

    # --- sending --------------------------------------------------------------------------------------------------------

    async def _sent(self, message: Message, stats: Stats | None, view: _View, picture: bytes | None) -> bool:
        """Send the picture below *message*; return False where there is none, or Telegram refuses it."""
        if stats is None or picture is None:
            return False
        caption, buttons = self._below(stats, view)
        photo = InputFile(picture, _FILE, attach=True)
        try:
            await message.get_bot().send_photo(message.chat.id, photo, caption=caption, reply_markup=buttons)
        except BadRequest as error:
            _logger.warning("the picture of the counts was refused: %s", type(error).__name__)
            return False
        return True

    async def _edited(self, message: Message, stats: Stats | None, view: _View, picture: bytes | None) -> bool:
        """Put the picture in the place of *message*; return False where that cannot be done."""
        if stats is None or picture is None:
            return False
        caption, buttons = self._below(stats, view)
        media = InputMediaPhoto(InputFile(picture, _FILE, attach=True), caption=caption)
        try:
            await message.get_bot().edit_message_media(media, message.chat.id, message.message_id, reply_markup=buttons)
        except BadRequest as error:
            return "message is not modified" in error.message.lower()
        return True


def _asked(words: str) -> _View | None:
    """Return what the words behind a command ask for; None where they are nothing of the kind."""
    view = _View()
    for word in words.lower().split():
        if word.isascii() and word.isdecimal() and len(word) <= len(str(MOST_DAYS)) and 1 <= int(word) <= MOST_DAYS:
            view = _View(int(word), view.dark)
        elif word in (_DARK, _LIGHT):
            view = _View(view.days, word == _DARK)
        else:
            return None
    return view


def _read(about: str) -> _View:
    """Return what a button asks for; what /stats alone does for one that this version does not make."""
    shape = _VIEW.fullmatch(about)
    return _View(min(max(int(shape["days"]), 1), MOST_DAYS), shape["theme"] == _DARK) if shape else _View()
