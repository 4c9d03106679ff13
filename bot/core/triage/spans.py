"""Where the parts of a phrase stand: one after the other, or together in a clause."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from bot.core.triage.message import Message

Span = tuple[int, int, int]
"""First word, one past the last word, and the bit mask of the words met."""

_BOTH_REACH = 14
"""Words that may stand between two parts joined by `&`."""
_BOTH_WORDS = 40
"""The same with the small words, which the reach does not count; it bounds the search."""
_SORT_FROM = 8
_MANY = 256


def in_order(items: Sequence[tuple[int, int]], met: Mapping[int, list[Span]], message: Message) -> list[Span]:
    """Return where the symbols of *items* (symbol, gap) follow one another, each at most its gap behind the last."""
    starts, ends = message.starts, message.ends
    partial = met[items[0][0]]
    for symbol, gap in items[1:]:
        following = met[symbol]
        grown: list[Span] = []
        if len(following) < _SORT_FROM:
            for start, end, mask in partial:
                reach = ends[end] + gap
                for next_start, next_end, next_mask in following:
                    if next_start >= end and starts[next_start] <= reach:
                        grown.append((start, next_end, mask | next_mask))
        else:
            following = sorted(following)
            for start, end, mask in partial:
                reach = ends[end] + gap
                for next_start, next_end, next_mask in following[bisect_left(following, (end, 0, 0)) :]:
                    if starts[next_start] > reach:
                        break
                    grown.append((start, next_end, mask | next_mask))
        if not grown:
            return []
        partial = _thinned(grown)
    return partial


def together(items: Sequence[tuple[int, int]], met: Mapping[int, list[Span]], message: Message) -> list[Span]:
    """Return where all symbols of *items* stand in one clause, in any order, none sharing a word with another."""
    starts, ends, clauses = message.starts, message.ends, message.clauses
    partial = met[items[0][0]]
    for symbol, _ in items[1:]:
        grown: list[Span] = []
        following = sorted(met[symbol])
        for start, end, mask in partial:
            first = bisect_left(following, (start - _BOTH_WORDS, 0, 0))
            for next_start, next_end, next_mask in following[first:]:
                if next_start > end + _BOTH_WORDS:
                    break
                if clauses[start] != clauses[next_start] or mask & next_mask:
                    continue
                low, high = (end, next_start) if start <= next_start else (next_end, start)
                if low >= high or starts[high] - ends[low] <= _BOTH_REACH:
                    grown.append((min(start, next_start), max(end, next_end), mask | next_mask))
        if not grown:
            return []
        partial = _thinned(grown)
    return partial


def _thinned(spans: list[Span]) -> list[Span]:
    """Keep one span for every pair of ends when there are very many."""
    if len(spans) <= _MANY:
        return spans
    return list({(start, end): (start, end, mask) for start, end, mask in spans}.values())
