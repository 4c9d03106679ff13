"""Where the parts of a phrase stand: one after the other, or together in a clause."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from bot.core.triage.message import Message

Span = tuple[int, int, int]
"""First word, one past the last word, and the bit mask of the words met."""

BOTH_REACH = 14
"""Words that may stand between two parts joined by `&`."""
_BOTH_WORDS = 40
"""The same with the small words, which the reach does not count; it bounds the search."""
_MANY = 256


def in_order(rows: Sequence[Sequence[Span]], gaps: Sequence[int], message: Message) -> list[Span]:
    """Return where spans of each of *rows* follow one another, each at most its gap behind the last. The rows are in order."""
    starts, ends = message.starts, message.ends
    partial = list(rows[0])
    for following, gap in zip(rows[1:], gaps[1:], strict=True):
        grown: list[Span] = []
        first, last = 0, len(following)
        for start, end, mask in partial:
            while first < last and following[first][0] <= start:
                first += 1
            if first == last:
                break
            reach = ends[end] + gap
            place = first
            while place < last and starts[following[place][0]] <= reach:
                next_start, next_end, next_mask = following[place]
                if next_start >= end:
                    grown.append((start, next_end, mask | next_mask))
                place += 1
        if not grown:
            return []
        partial = _thinned(grown)
    return partial


def together(rows: Sequence[Sequence[Span]], message: Message) -> list[Span]:
    """Return where spans of all *rows* stand in one clause, in any order, none sharing a word with another. The rows are in order."""
    starts, ends, clauses = message.starts, message.ends, message.clauses
    partial = list(rows[0])
    for following in rows[1:]:
        grown: list[Span] = []
        for start, end, mask in partial:
            for place in range(bisect_left(following, (start - _BOTH_WORDS,)), len(following)):
                next_start, next_end, next_mask = following[place]
                if next_start > end + _BOTH_WORDS:
                    break
                if clauses[start] != clauses[next_start] or mask & next_mask:
                    continue
                low, high = (end, next_start) if start <= next_start else (next_end, start)
                if low >= high or starts[high] - ends[low] <= BOTH_REACH:
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


def union(spans: Iterable[Span]) -> int:
    """Return the words met by any of *spans*."""
    mask = 0
    for _, _, words in spans:
        mask |= words
    return mask
