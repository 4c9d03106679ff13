"""What was found in a message: which symbols may be met, and where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bot.core.triage.message import Message
from bot.core.triage.spans import Span, in_order, together

_ROOM = 8
"""Bits kept free above the last place: more than any gap."""


@dataclass(frozen=True, slots=True)
class Row:
    """A phrase made of symbols: in order with gaps, or all in one clause."""

    symbol: int
    """What it meets."""
    parts: tuple[int, ...]
    gaps: tuple[int, ...]
    """How many other words may stand before each part."""
    head: tuple[int, int]
    """The first part, and the gap behind it."""
    rest: frozenset[int]
    """All its parts but the two rarest."""
    any_order: bool


class Found:
    """The symbols met in one message, in two steps.

    First, all that is kept of a symbol is where it may start and where it may end: two numbers with a bit for every distance, which is how gaps
    are counted. Whether a row can be met is then a few shifts. That is never too strict and seldom too lax: what is not `possible` is not there.
    Only the symbols somebody asks for are written out, exactly, as spans.
    """

    def __init__(self, message: Message, leaves: Callable[[int], AbstractSet[int]]) -> None:
        """Start with nothing met. *leaves*: the symbols of words, readings and rows that meet a symbol."""
        self.possible: set[int] = set()
        """Symbols that may be met; all others are not."""
        self._message, self._leaves = message, leaves
        self._tops = 0
        self._here: set[int] = set()
        self._words: dict[int, Sequence[int]] = {}
        self._readings: dict[int, list[Span]] = {}
        self._rows: dict[int, Row] = {}
        self._starts: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._reaches: dict[tuple[int, int], int] = {}
        self._clauses: dict[int, int] = {}
        self._spans: dict[int, list[Span]] = {}

    # --- what is possible ---

    def add_word(self, symbols: Iterable[int], indexes: Sequence[int]) -> None:
        """Meet the leaves *symbols* with the word that stands at *indexes*."""
        starts, ends, words = self._starts, self._ends, self._words
        start = end = 0
        for index in indexes:
            start |= 1 << self._message.starts[index]
            end |= 1 << self._message.ends[index + 1]
        for symbol in symbols:
            if symbol in words:
                words[symbol] = [*words[symbol], *indexes]
                starts[symbol] |= start
                ends[symbol] |= end
            else:
                words[symbol], starts[symbol], ends[symbol] = indexes, start, end
        self._here.update(symbols)

    def add_reading(self, symbols: Iterable[int], start: int, end: int) -> None:
        """Meet the leaves *symbols* with a reading."""
        for symbol in symbols:
            self._readings.setdefault(symbol, []).append((start, end, (1 << end) - (1 << start)))
            self._add(symbol, 1 << self._message.starts[start], 1 << self._message.ends[end])

    def _add(self, symbol: int, start: int, end: int) -> None:
        self._here.add(symbol)
        self._starts[symbol] = self._starts.get(symbol, 0) | start
        self._ends[symbol] = self._ends.get(symbol, 0) | end

    def try_rows(self, rows: Iterable[Row]) -> list[int]:
        """Return the symbols of those of *rows*, all of whose parts are possible, that may be met; they are added. Lower levels come first."""
        made = []
        starts, reaches = self._starts, self._reaches
        for row in rows:
            if row.any_order:
                start, end = self._in_one_clause(row.parts)
            else:
                # Most rows end here, and there are thousands of them.
                reach = reaches.get(row.head)
                if reach is None:
                    reach = reaches[row.head] = _spread(self._all_ends(row.head[0]), row.head[1])
                second = row.parts[1]
                hit = reach & (starts[second] if second in starts else self._joined(second, starts))
                start, end = self._whole(row, hit) if hit else (0, 0)
            if start:
                self._rows[row.symbol] = row
                self._here.add(row.symbol)
                self._starts[row.symbol], self._ends[row.symbol] = start, end
                made.append(row.symbol)
        return made

    def _whole(self, row: Row, second: int) -> tuple[int, int]:
        """Return where *row* may start and end, if its second part may start at *second*."""
        parts, hit = row.parts, second
        for place in range(2, len(parts)):
            hit = _spread(self._ends_from(parts[place - 1], hit), row.gaps[place]) & self._all_starts(parts[place])
            if not hit:
                return 0, 0
        # It starts before the last place where its second part stands.
        return self._all_starts(parts[0]) & (1 << second.bit_length()) - 1, self._ends_from(parts[-1], hit)

    def _ends_from(self, symbol: int, starts: int) -> int:
        """Return where *symbol* may end if it starts at one of *starts*: not before the first of them."""
        return self._all_ends(symbol) & -(starts & -starts)

    def _in_one_clause(self, parts: Sequence[int]) -> tuple[int, int]:
        self._tops = tops = self._tops or _tops(self._message)
        below = (1 << tops.bit_length()) - 1 ^ tops
        for symbol in parts:
            here = self._clauses.get(symbol)
            if here is None:
                # Added to ones, any bit of a clause carries over into the top of that clause.
                here = self._clauses[symbol] = self._all_starts(symbol) + below
            tops &= here
        if not tops:
            return 0, 0
        start = end = 0
        for symbol in parts:
            start |= self._all_starts(symbol)
            end |= self._all_ends(symbol)
        return start, end

    def _all_starts(self, symbol: int) -> int:
        return self._joined(symbol, self._starts) if symbol not in self._starts else self._starts[symbol]

    def _all_ends(self, symbol: int) -> int:
        return self._joined(symbol, self._ends) if symbol not in self._ends else self._ends[symbol]

    def _joined(self, symbol: int, masks: dict[int, int]) -> int:
        joined = 0
        for leaf in self._leaves(symbol) & self._here:
            joined |= masks[leaf]
        masks[symbol] = joined
        return joined

    # --- what is there ---

    def spans(self, symbol: int) -> Sequence[Span]:
        """Return where *symbol* was met, in order; nothing where it was not."""
        if symbol not in self.possible:
            return ()
        if symbol not in self._spans:
            here = self._leaves(symbol) & self._here
            if len(here) == 1:
                self._spans[symbol] = self._leaf(*here)
            else:
                self._spans[symbol] = sorted({span for leaf in here for span in self._leaf(leaf)})
        return self._spans[symbol]

    def _leaf(self, symbol: int) -> list[Span]:
        if symbol not in self._spans:
            if symbol in self._rows:
                self._spans[symbol] = self._written_out(self._rows[symbol])
            else:
                spans = self._readings.get(symbol) or [(index, index + 1, 1 << index) for index in self._words[symbol]]
                self._spans[symbol] = sorted(spans)
        return self._spans[symbol]

    def _written_out(self, row: Row) -> list[Span]:
        parts: list[Sequence[Span]] = []
        for symbol in row.parts:
            spans = self.spans(symbol)
            if not spans:
                return []
            parts.append(spans)
        return sorted(together(parts, self._message) if row.any_order else in_order(parts, row.gaps, self._message))


def _spread(mask: int, gap: int) -> int:
    """Return *mask* with the *gap* bits above each of its bits."""
    reached = 1
    while reached <= gap:
        step = min(reached, gap + 1 - reached)
        mask |= mask << step
        reached += step
    return mask


def _tops(message: Message) -> int:
    """Return a bit above the words of each clause; no word starts there, nor ends."""
    tops = 1 << message.ends[-1] + _ROOM - 1
    for index in range(1, len(message.clauses)):
        if message.clauses[index] != message.clauses[index - 1]:
            tops |= 1 << message.starts[index] - 1
    return tops
