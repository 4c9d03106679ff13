"""What is known of the update at hand, for whoever helps to settle it: the library passes nothing of ours through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TypeVar

from telegram import Update

from bot.core.model import Context, Shown
from bot.service import Said
from bot.store.records import NOTHING, Effects, PersonKey

_SHOWN_KEPT = 5
"""How many of a person's last questions may still be edited, and their answers with them."""

_Perhaps = TypeVar("_Perhaps", Said, Said | None)
Again = Callable[[Context | None], Awaitable[Said | None]]
"""Asks the service once more, on top of a context; of None, of the one that is stored."""


def _nothing() -> Iterable[Update]:
    return ()


@dataclass(slots=True)
class AtHand:
    """One go at an update. Printed, it shows nothing of the person."""

    behind: Callable[[], Iterable[Update]] = _nothing
    """What waits in the same chat behind it now."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while anybody of the chat changes what people carry on."""
    sent: list[str] = field(default_factory=list, repr=False)
    """The pages that Telegram took for this update, in this go or one before."""
    failures: list[Exception] = field(default_factory=list, repr=False)
    """What the handlers raised: the library reports it to an error handler only."""
    effects: Effects = field(default=NOTHING, repr=False)
    """What it leaves behind once it is settled."""
    said: Said | None = field(default=None, repr=False)
    """The last reply, for the log."""
    taken: int = 0
    """Messages that Telegram took in this go, whether or not the library could read its answer."""
    maybe_twice: int = 0
    """Messages sent once more because nobody knew whether Telegram had taken them."""
    repeatable: bool = False
    """Nothing but the reply comes of it, so that it can be begun anew: after a pause, or not at all if a later message covers it."""
    _again: Again | None = None
    _page: int = 0
    _forgotten: frozenset[str] = field(default=frozenset(), repr=False)
    _shown: tuple[int, int | None] | None = None

    def note(self, said: Said) -> Said:
        """Take down what *said* leaves behind, and return it."""
        self.effects += self._without_forgotten(said.effects)
        self.said = said
        return said

    async def hear(self, ask: Callable[[Context | None], Awaitable[_Perhaps]]) -> _Perhaps:
        """Return what the service says when asked, and take it down; nobody else of the chat changes what is carried on meanwhile."""
        async with self.lock:
            said = await ask(None)
            if said is not None:
                self.note(said)
                self._again = ask
                self.repeatable = True
            return said

    def asks_for(self, key: PersonKey) -> Again | None:
        """Return how to ask once more for what this leaves behind for *key*; None if that is nothing, or nothing yet."""
        return self._again if any(each.here == key.here for each, _ in self.effects.contexts) else None

    def showed(self, question: int, reply: int | None) -> None:
        """Leave behind which message is the reply to which, for everybody this leaves anything behind for; None: none that may be edited."""
        self._shown = question, reply
        self.effects = replace(self.effects, contexts=_with_shown(self.effects, question, reply))

    async def rebase(self, key: PersonKey, context: Context) -> None:
        """Leave behind for *key* what comes of *context*, which was stored since; to be called under the lock."""
        again = self.asks_for(key)
        said = await again(context) if again else None
        if said is not None:
            self.effects = replace(self.effects, contexts=self._without_forgotten(said.effects).contexts)
            if self._shown is not None:
                self.showed(*self._shown)

    def forget(self, key: PersonKey) -> None:
        """Leave nothing behind for a person in any chat: they asked to be forgotten while this was at work."""
        self._forgotten |= {name.person for name in key.names}
        self.effects = self._without_forgotten(self.effects)

    def _without_forgotten(self, effects: Effects) -> Effects:
        return replace(effects, contexts=tuple(each for each in effects.contexts if each[0].person not in self._forgotten))

    def sent_before(self, page: str) -> bool:
        """Return True when an earlier go sent *page* at this place; the next call is about the next place."""
        self._page += 1
        if self.sent[self._page - 1 : self._page] == [page]:
            return True
        del self.sent[self._page - 1 :]  # It says something else this time.
        return False


def _with_shown(effects: Effects, question: int, reply: int | None) -> tuple[tuple[PersonKey, Context], ...]:
    new = () if reply is None else (Shown(question, reply),)
    return tuple(
        (key, replace(context, shown=(*(each for each in context.shown if each.question != question), *new)[-_SHOWN_KEPT:]))
        for key, context in effects.contexts
    )


_current: ContextVar[AtHand] = ContextVar("_current")


def begin(hand: AtHand | None = None) -> AtHand:
    """Start on an update within this task."""
    found = hand or AtHand()
    _current.set(found)
    return found


def at_hand() -> AtHand:
    """Return what is known of the update that this task handles; of nothing, outside any."""
    try:
        return _current.get()
    except LookupError:
        return begin()
