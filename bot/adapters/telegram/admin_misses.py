"""/misses: what was asked in vain, and each with a way to let an entry answer it: the line to write, tried before it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence

from telegram import CallbackQuery, Update
from telegram.ext import CommandHandler

from bot import inbox
from bot.adapters.telegram import admin, outbox
from bot.adapters.telegram.admin_presses import AdminPresses
from bot.adapters.telegram.handlers import TYPING_AFTER_S, BotApplication, BotContext
from bot.adapters.telegram.pages import Block, Style
from bot.core.action import Choice, Operate, Rows
from bot.core.compose import ENTRIES_A_PAGE
from bot.core.misses import SIMILAR_FROM, MissGroup
from bot.core.model import REPLY_LIMIT_UNITS, Notice
from bot.core.pieces import THEMES_A_ROW
from bot.core.text import utf16_units
from bot.errors import StoreError
from bot.knowledge.phrasing_trial import Addition, Trial, try_all
from bot.service import Service

GROUPS_A_PAGE = 6
_NUMBERS_A_ROW = 3
_TAIL_UNITS = 200

# What buttons do, in few letters: the id of an entry takes up to 48 of their 64 bytes.
_LIST, _OPEN, _OTHER, _TRY = "misses", "miss", "in", "as"


class AdminMisses:
    """The command and its buttons, over one service."""

    def __init__(self, service: Service, admin_ids: frozenset[int], typing_after_s: float = TYPING_AFTER_S) -> None:
        self._service = service
        self._admin_ids = admin_ids
        self._typing_after_s = typing_after_s
        self._trying = asyncio.Lock()
        """Held while a phrasing is tried: on a small server there is no room for two."""

    def register(self, application: BotApplication, presses: AdminPresses) -> None:
        """Add the command, before those of others, and what its buttons do."""
        application.add_handler(CommandHandler("misses", self.misses, admin.ByAdmin(self._admin_ids)))
        for verb, presser in ((_LIST, self._list), (_OPEN, self._open), (_OTHER, self._other), (_TRY, self._try)):
            presses.on(verb, presser)

    async def misses(self, update: Update, _context: BotContext) -> None:
        """List what was asked in vain."""
        if update.message:
            await outbox.answer(update.message, await self._safely(lambda: self._page(0)), browsing=True)

    # --- buttons --------------------------------------------------------------------------------------------------------

    async def _list(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        await outbox.answer_in_place(query, await self._safely(lambda: self._page(_number(about))))

    async def _open(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        await outbox.answer_in_place(query, await self._safely(lambda: self._group(about)))

    async def _other(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        name, _, rest = about.partition(":")
        theme, _, page = rest.rpartition(":")
        await outbox.answer_in_place(query, await self._safely(lambda: self._entries(name, theme, _number(page))))

    async def _try(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        name, _, entry_id = about.partition(":")
        try:
            group = await self._found(name)
        except StoreError:
            await outbox.answer_in_place(query, self._silent())
            return
        if group is None or entry_id not in self._service.snapshot.entries_by_id:
            await outbox.answer_in_place(query, self._gone())
            return
        async with outbox.typing_below(query, self._typing_after_s), self._trying:
            live, addition = self._service.live, Addition(entry_id, inbox.phrasing_of(group))
            (trial,) = await try_all(live.folder, (addition,), cache=live.cache)
        await outbox.show_below(query, tuple(self._told(group, trial)))

    # --- what is shown --------------------------------------------------------------------------------------------------

    async def _page(self, page: int) -> Notice:
        say = self._service.say
        if not self._service.keeps_misses:
            return Notice(say("misses_off"))
        groups = await self._service.misses()
        if not groups:
            return Notice(say("misses_none", fewest=str(SIMILAR_FROM)))
        page, last = _page_of(groups, page, GROUPS_A_PAGE)
        first = page * GROUPS_A_PAGE
        shown = tuple(enumerate(groups[first : first + GROUPS_A_PAGE], first + 1))
        lines = "\n\n".join(f"{number}. {self._line(group)}" for number, group in shown)
        numbers = _in_rows([Choice(str(number), Operate(_OPEN, inbox.name_of(group))) for number, group in shown], _NUMBERS_A_ROW)
        return Notice(f"{say('misses_intro', count=str(len(groups)))}\n\n{lines}", (*numbers, *self._turns(page, last, _LIST, "")))

    def _turns(self, page: int, last: int, verb: str, about: str) -> Rows:
        """Return the way to the pages before and behind this one, where there are any."""
        say = self._service.say
        turns = [Choice(say("previous_page"), Operate(verb, f"{about}{page - 1}"))] if page else []
        turns += [Choice(say("next_page"), Operate(verb, f"{about}{page + 1}"))] if page < last else []
        return (tuple(turns),) if turns else ()

    def _line(self, group: MissGroup) -> str:
        """Return how many asked what, and what they say it was not."""
        say = self._service.say
        line = say("misses_line", count=str(group.count), words=group.words)
        marks = [say("misses_passed")] if group.passed else []
        marks += [say("misses_not", ids=", ".join(group.not_this))] if group.not_this else []
        return " ".join((line, *marks))

    async def _group(self, name: str) -> Notice:
        group = await self._found(name)
        if group is None:
            return self._gone()
        say, entries = self._service.say, self._service.snapshot.entries_by_id
        found = await asyncio.to_thread(inbox.candidates, group, self._service.snapshot)
        rows = tuple((Choice(entries[each].title, Operate(_TRY, f"{name}:{each}")),) for each in found)
        also = say("misses_also", words="; ".join(group.passed[1:])) if len(group.passed) > 1 else ""
        text = "\n\n".join(filter(None, (self._line(group), also, say("misses_which"))))
        return Notice(text, (*rows, (Choice(say("misses_other"), Operate(_OTHER, f"{name}::0")),), self._back()))

    async def _entries(self, name: str, theme: str, page: int) -> Notice:
        """Return all themes, or the entries of one, to choose from."""
        group = await self._found(name)
        if group is None:
            return self._gone()
        say, snapshot = self._service.say, self._service.snapshot
        entries = [entry for entry in snapshot.knowledge.entries if entry.theme == theme]
        here = (Choice(say("back"), Operate(_OPEN, name)),)
        if not entries:
            used = {entry.theme for entry in snapshot.knowledge.entries}
            titles = snapshot.knowledge.topic.theme_titles.items()
            themes = [Choice(title, Operate(_OTHER, f"{name}:{each}:0")) for each, title in titles if each in used]
            return Notice(say("misses_theme", words=group.words), (*_in_rows(themes, THEMES_A_ROW), here))
        page, last = _page_of(entries, page, ENTRIES_A_PAGE)
        shown = entries[page * ENTRIES_A_PAGE : (page + 1) * ENTRIES_A_PAGE]
        rows = tuple((Choice(entry.title, Operate(_TRY, f"{name}:{entry.id}")),) for entry in shown)
        return Notice(say("misses_entry", words=group.words), (*rows, *self._turns(page, last, _OTHER, f"{name}:{theme}:"), here))

    def _told(self, group: MissGroup, trial: Trial) -> Iterator[Block]:
        """Yield the line to write, or why it must not be written."""
        say, entry = self._service.say, self._service.snapshot.entries_by_id[trial.addition.entry_id]
        line = trial.line
        if line is None or trial.problems:
            head = say("misses_refused", words=trial.addition.phrasing, title=entry.title, count=str(len(trial.problems)))
            told = tuple(admin.fitting(map(str, trial.problems), REPLY_LIMIT_UNITS - utf16_units(head) - _TAIL_UNITS))
            rest = len(trial.problems) - len(told)
            yield Block("\n".join((head, *told, *((say("reload_more", count=str(rest)),) if rest else ()))))
            return
        yield Block(say("misses_tried", title=entry.title))
        yield Block(say("misses_where", file=line.file, line=str(line.line)) + (say("misses_in_brackets") if line.in_brackets else ""))
        yield Block(line.added, Style.CODE)
        yield Block(say("misses_gaps") if inbox.has_gaps(group) else "")

    # --- what is looked for ---------------------------------------------------------------------------------------------

    async def _found(self, name: str) -> MissGroup | None:
        """Return the group of this name; None where its words are others by now, or nothing is kept. Raises StoreError."""
        groups = await self._service.misses() if self._service.keeps_misses else ()
        return next((group for group in groups if inbox.name_of(group) == name), None)

    async def _safely(self, show: Callable[[], Awaitable[Notice]]) -> Notice:
        """Return what there is to show, or that the store does not answer."""
        try:
            return await show()
        except StoreError:
            return self._silent()

    def _gone(self) -> Notice:
        return Notice(self._service.say("misses_gone"), (self._back(),))

    def _silent(self) -> Notice:
        return Notice(self._service.say("misses_silent"), (self._back(),))

    def _back(self) -> tuple[Choice, ...]:
        return (Choice(self._service.say("misses_all"), Operate(_LIST, "0")),)


def _number(about: str) -> int:
    """Return the page that a button names; the first for one that names none."""
    return int(about) if about.isdecimal() else 0


def _page_of(listed: Sequence[object], page: int, length: int) -> tuple[int, int]:
    """Return the page there is that comes nearest to *page*, and the last one; at least one thing is *listed*."""
    last = (len(listed) - 1) // length
    return min(page, last), last


def _in_rows(choices: list[Choice], length: int) -> Rows:
    return tuple(tuple(choices[at : at + length]) for at in range(0, len(choices), length))
