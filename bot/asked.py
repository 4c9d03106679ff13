"""What people asked last, redacted and in memory only: for a press that comes without the question, and to count nobody twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core.language import Language
from bot.core.misses import alike
from bot.core.model import CONTEXT_LIFE
from bot.store.records import Miss, PersonKey

PEOPLE_KEPT = 1_000
_VAIN_KEPT = 8
"""Questions that count as asked in vain, of one person, the newest."""


@dataclass(frozen=True, slots=True)
class _Last:
    at: datetime
    person: str
    words: str = field(repr=False)
    shown: tuple[str, ...]
    """The entries shown for it."""


@dataclass(frozen=True, slots=True)
class Vain:
    """One question asked in vain."""

    at: datetime
    words: str = field(repr=False)
    here: str
    """`PersonKey.here` of who asked."""
    counted: Miss
    """What counts for it: its own miss, or that of one much like it which the same person asked before."""
    own: bool
    """Whether that is its own."""

    @property
    def number(self) -> int:
        """When it was asked, in seconds since 1970."""
        return seconds(self.at)


def seconds(at: datetime) -> int:
    """Return *at* as seconds since 1970."""
    return int(at.timestamp())


class LastAsked:
    """The last questions of each person who asked within CONTEXT_LIFE. Printed, it shows nothing of them.

    Whatever is said twice of the same question, told by when it was asked, comes to the same: an update may be begun anew.
    """

    def __init__(self) -> None:
        self._last: OrderedDict[str, _Last] = OrderedDict()
        """By `PersonKey.here`, oldest first."""
        self._vain: OrderedDict[str, tuple[Vain, ...]] = OrderedDict()
        """By `PersonKey.person`, those who asked longest ago first."""

    def remember(self, key: PersonKey, words: str | None, at: datetime, shown: tuple[str, ...]) -> None:
        """Keep *words* as the last question, in place of the one before; None keeps nothing."""
        self._last.pop(key.here, None)
        if words is not None:
            self._last[key.here] = _Last(at, key.person, words, shown)
        self._drop_stale_last(at)
        while len(self._last) > PEOPLE_KEPT:
            self._last.popitem(last=False)

    def not_this(self, key: PersonKey, entry_id: str, now: datetime, language: Language) -> tuple[Miss, ...]:
        """Return the last question as one that *entry_id* did not answer; once a question, and only if that was shown for it."""
        last = self._last.get(key.here)
        if last is None or entry_id not in last.shown:
            return ()
        del self._last[key.here]
        return self.in_vain(key, last.words, last.at, language, entry_id) if now - last.at <= CONTEXT_LIFE else ()

    def in_vain(self, key: PersonKey, words: str, at: datetime, language: Language, not_this: str = "") -> tuple[Miss, ...]:
        """Return the miss that is to be kept of a question asked *at*; none where the same person asked much the same within CONTEXT_LIFE."""
        known = tuple(vain for vain in self._vain.pop(key.person, ()) if at - vain.at <= CONTEXT_LIFE)
        own = next((vain for vain in known if vain.at == at and vain.words == words and vain.here == key.here), None)
        if own is None:
            own = _counted(Vain(at, words, key.here, Miss(at.date(), words, not_this), own=True), known, language)
            known = (*known, own)[-_VAIN_KEPT:]
        self._vain[key.person] = known
        while len(self._vain) > PEOPLE_KEPT:
            self._vain.popitem(last=False)
        return (own.counted,) if own.own else ()

    def asked(self, key: PersonKey, number: int, now: datetime) -> Vain | None:
        """Return the question that was asked here in vain at *number* seconds since 1970, if that is no longer ago than CONTEXT_LIFE."""
        mine = (vain for vain in self._vain.get(key.person, ()) if vain.here == key.here and vain.number == number)
        return next((vain for vain in mine if now - vain.at <= CONTEXT_LIFE), None)

    def counted_with(self, key: PersonKey, vain: Vain) -> frozenset[int]:
        """Return when each question of this person was asked that the same miss counts for, in seconds since 1970."""
        return frozenset(each.number for each in self._vain.get(key.person, ()) if each.counted == vain.counted)

    def drop_stale(self, now: datetime) -> None:
        """Let go of what was asked longer than CONTEXT_LIFE ago."""
        self._drop_stale_last(now)
        for person, known in tuple(self._vain.items()):
            left = tuple(vain for vain in known if now - vain.at <= CONTEXT_LIFE)
            if left:
                self._vain[person] = left
            else:
                del self._vain[person]

    def _drop_stale_last(self, now: datetime) -> None:
        while self._last and now - next(iter(self._last.values())).at > CONTEXT_LIFE:
            self._last.popitem(last=False)

    def forget(self, key: PersonKey) -> None:
        """Let go of what this person asked, in any chat."""
        names = {name.person for name in key.names}
        for here in [here for here, last in self._last.items() if last.person in names]:
            del self._last[here]
        for person in names:
            self._vain.pop(person, None)


def _counted(vain: Vain, known: Sequence[Vain], language: Language) -> Vain:
    """Return *vain* with what counts for it, given what the same person asked before."""
    like = next((each for each in known if alike(each.words, vain.words, language)), None)
    return vain if like is None else replace(vain, counted=like.counted, own=False)
