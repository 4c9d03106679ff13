"""Finds phrases in a message, all of them in one go.

Every distinct word of a message is looked up once; a row is tried only when the rarest of its parts and then all the others may have been met;
rows are tried level by level, so that what a phrase is made of stands before the phrase itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from copy import copy
from dataclasses import dataclass

from bot.core.triage.found import Found, Row
from bot.core.triage.message import Message
from bot.core.triage.pattern import Measure
from bot.core.triage.readings import Reading

_CACHE_SIZE = 256
_HEAD = 2
"""Letters by which beginnings are filed."""


Anchored = Mapping[int, Mapping[int, Sequence[Row]]]
"""Rows with one rarest part: by level, then by the rarest of the other parts."""


@dataclass(frozen=True, slots=True)
class Graph:
    """How symbols lead to one another, by the number of the symbol."""

    feeds: Sequence[Sequence[int]]
    """The symbols met whenever this one is."""
    sources: Sequence[Sequence[int]]
    """The symbols this one is met with; none for a leaf."""
    anchored: Mapping[int, Anchored]
    """The rows of which this one is the rarest part."""
    wanted: AbstractSet[int]
    """The symbols anybody asks for."""


@dataclass(frozen=True, slots=True)
class Meets:
    """What comes of meeting a word, a reading or a row."""

    leaves: tuple[int, ...]
    symbols: frozenset[int]
    anchors: frozenset[int]
    """Those of the symbols that are the rarest part of a row."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """The symbols of words and readings."""

    exact: Mapping[str, int]
    stems: Mapping[str, int]
    prefixes: Mapping[str, int]
    measures: Mapping[Measure, int]


_NOTHING = Meets((), frozenset(), frozenset())


class Finder:
    """Every phrase of a phrasebook, ready to be looked for."""

    def __init__(self, levels: int, graph: Graph, lookup: Lookup) -> None:
        """*levels*: one more than the highest of a row."""
        self._levels, self._graph, self._lookup = levels, graph, lookup
        self._measures: dict[str, list[tuple[Measure, int]]] = defaultdict(list)
        for measure, symbol in lookup.measures.items():
            self._measures[measure.kind].append((measure, symbol))
        self._beginnings: dict[str, list[str]] = defaultdict(list)
        for prefix in lookup.prefixes:
            self._beginnings[prefix[:_HEAD]].append(prefix)
        # What follows from a symbol is worked out when it is first met: a message meets few of them.
        self._cache: dict[str, Meets] = {}
        self._row_meets: dict[int, Meets] = {}
        self._leaves: dict[int, frozenset[int]] = {}
        self._room = _CACHE_SIZE

    def with_room(self, words: int) -> Finder:
        """Return the same finder with room to remember so many *words*."""
        other = copy(self)
        other._cache, other._room = {}, words
        return other

    def find(self, message: Message, readings: Iterable[Reading] = ()) -> Found:
        """Return the symbols met in *message*, and where."""
        found = Found(message, self._leaves_of)
        places: dict[str, list[int]] = {}
        for index, word in enumerate(message.words):
            if word in places:
                places[word].append(index)
            else:
                places[word] = [index]
        cache = self._cache
        met = []
        for word, indexes in places.items():
            meets = cache.get(word) or self._look_up(word, message.stems[indexes[0]])
            if meets is not _NOTHING:
                found.add_word(meets.leaves, indexes)
                met.append(meets)
        for reading in readings:
            symbols = [symbol for measure, symbol in self._measures.get(reading.kind, ()) if reading.within(measure)]
            if symbols:
                found.add_reading(symbols, reading.start, reading.end)
                met.append(self._meets(symbols))
        self._try_rows(found, met)
        return found

    def _look_up(self, word: str, stem: str) -> Meets:
        lookup = self._lookup
        leaves = [symbol for symbol in (lookup.exact.get(word), lookup.stems.get(stem)) if symbol is not None]
        leaves += (lookup.prefixes[prefix] for prefix in self._beginnings.get(word[:_HEAD], ()) if word.startswith(prefix))
        if not leaves:
            return _NOTHING
        # Only words that rules name are kept: what else people write is not ours to remember.
        if len(self._cache) >= self._room:
            self._cache.clear()
        self._cache[word] = self._meets(leaves)
        return self._cache[word]

    def _meets(self, leaves: Sequence[int]) -> Meets:
        graph = self._graph
        symbols = _reached(leaves, graph.feeds) & graph.wanted
        return Meets(tuple(leaves), symbols, symbols & graph.anchored.keys())

    def _leaves_of(self, symbol: int) -> frozenset[int]:
        if symbol not in self._leaves:
            sources = self._graph.sources
            self._leaves[symbol] = frozenset(each for each in _reached((symbol,), sources) if not sources[each])
        return self._leaves[symbol]

    def _try_rows(self, found: Found, met: Sequence[Meets]) -> None:
        anchored, possible, made = self._graph.anchored, found.possible, self._row_meets
        waiting: list[list[Mapping[int, Sequence[Row]]]] = [[] for _ in range(self._levels)]
        followed: set[int] = set()
        for level in range(self._levels):
            possible.update(*[meets.symbols for meets in met])
            anchors = set[int]().union(*[meets.anchors for meets in met]) - followed
            followed |= anchors
            for anchor in anchors:
                for higher, by_second in anchored[anchor].items():
                    waiting[higher].append(by_second)
            # No row of a level has a part that another one of that level meets.
            ready = [
                row for by_second in waiting[level] for second in by_second.keys() & possible for row in by_second[second] if row.rest <= possible
            ]
            met = []
            for symbol in found.try_rows(ready):
                if symbol not in made:
                    made[symbol] = self._meets((symbol,))
                met.append(made[symbol])
        possible.update(*[meets.symbols for meets in met])


def _reached(symbols: Iterable[int], ways: Sequence[Sequence[int]]) -> frozenset[int]:
    """Return *symbols* and all that *ways* lead to from them."""
    reached = set(symbols)
    ahead = list(reached)
    while ahead:
        following = ahead.pop()
        for each in ways[following]:
            if each not in reached:
                reached.add(each)
                ahead.append(each)
    return frozenset(reached)
