"""How the replies to known sentences differ between two versions, in words an author knows: what would be lost comes first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.adapters.telegram.admin import fitting
from bot.authoring.telling import Titles, line_of
from bot.core.model import REPLY_LIMIT_UNITS
from bot.core.text import utf16_units
from bot.knowledge.behaviour import Change, Difference, Loss
from bot.service import Service

_TAIL_UNITS = 150
"""Room kept for the lines that say how many are not shown."""


class Sheet:
    """Lines of one message, as long as there is room."""

    def __init__(self, service: Service, lines: Iterable[str] = ()) -> None:
        self._service = service
        self._lines = list(lines)

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self._lines)

    def add(self, line: str) -> None:
        """Add *line*, whatever the room."""
        self._lines.append(line)

    def add_list(self, heading: str, lines: tuple[str, ...], *, share: float = 1.0, more: int = 0) -> None:
        """Add *heading* and as many of *lines* as fit in this *share* of the room that is left, and how many do not; nothing without any.

        *more* is how many there are beyond *lines*.
        """
        if not lines:
            return
        self.add(heading)
        room = int(share * (REPLY_LIMIT_UNITS - utf16_units(self.text) - 1)) - _TAIL_UNITS
        told = tuple(fitting(lines, room))
        self._lines += told
        rest = len(lines) - len(told) + more
        if rest:
            self.add(self._service.say("reload_more", count=str(rest)))


@dataclass(frozen=True, slots=True)
class Changes:
    """A difference, told over a service."""

    service: Service
    difference: Difference
    titles: Titles

    def have_come(self, sheet: Sheet) -> None:
        """Add what has changed to *sheet*."""
        difference, say = self.difference, self.service.say
        tried = str(difference.tried)
        if difference.changes:
            sheet.add_list(say("changes_now", count=str(difference.count), tried=tried), self._lines(difference.changes), more=difference.cut)
        else:
            sheet.add(say("changes_none", tried=tried))

    def would_come(self, sheet: Sheet) -> None:
        """Add what would change to *sheet*: red flags that nobody would be warned by any more, answers nobody would get, and the rest."""
        difference, say = self.difference, self.service.say
        tried = str(difference.tried)
        if not difference.changes:
            sheet.add(say("changes_none", tried=tried))
            return
        sheet.add(say("changes_would", count=str(difference.count), tried=tried))
        flags, answers, others = (tuple(each for each in difference.changes if each.loss is loss) for loss in (Loss.RED_FLAG, Loss.ANSWER, None))
        sheet.add_list(say("lost_flags", count=str(len(flags))), self._lines(flags), share=0.5)
        sheet.add_list(say("lost_answers", count=str(len(answers))), self._lines(answers), share=0.7)
        sheet.add_list(say("other_changes", count=str(len(others))), self._lines(others))
        if difference.cut:
            sheet.add(say("changes_cut", count=str(difference.cut)))

    def _lines(self, changes: Iterable[Change]) -> tuple[str, ...]:
        return tuple(line_of(change, self.titles, self.service.say) for change in changes)
