"""What is known of the update at hand, for whoever helps to settle it: the library passes nothing of ours through."""

from __future__ import annotations

from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass, field

from telegram import Update

from bot.service import Said
from bot.store.records import NOTHING, Effects


@dataclass(slots=True)
class AtHand:
    """One update while it is handled."""

    behind: Collection[Update] = ()
    """What waits in the same chat behind it; it grows meanwhile."""
    failures: list[Exception] = field(default_factory=list)
    """What the handlers raised: the library reports it to an error handler only."""
    effects: Effects = NOTHING
    """What it leaves behind once it is settled."""
    said: Said | None = None
    """The last reply, for the log."""

    def note(self, said: Said) -> Said:
        """Take down what *said* leaves behind, and return it."""
        self.effects += said.effects
        self.said = said
        return said


_current: ContextVar[AtHand] = ContextVar("_current")


def begin(behind: Collection[Update] = ()) -> AtHand:
    """Start on an update within this task."""
    found = AtHand(behind)
    _current.set(found)
    return found


def at_hand() -> AtHand:
    """Return what is known of the update that this task handles; of nothing, outside any."""
    try:
        return _current.get()
    except LookupError:
        return begin()
