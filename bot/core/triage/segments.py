"""The parts of a message that cues govern: its clauses, and the statements within a clause; as ranges and as bit masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.core.triage.cues import Cues
from bot.core.triage.message import Message
from bot.core.triage.spans import Span


def clause_ranges(clauses: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first word of each clause and one past its last."""
    start = 0
    for index in range(1, len(clauses) + 1):
        if index == len(clauses) or clauses[index] != clauses[start]:
            yield start, index
            start = index


def segments(message: Message, cues: Cues, start: int, end: int) -> list[int]:
    """Cut a clause where a new statement begins; returns bit masks, none of them empty."""
    words = message.words
    cut = []
    first = start
    for index in range(start + 1, end):
        following = words[index + 1] if index + 1 < end else ""
        if index in message.commas or (words[index] in cues.segment_starts and following in cues.subjects):
            cut.append(range_mask(first, index))
            first = index
    return [*cut, range_mask(first, end)]


def first_of(mask: int) -> int:
    """Return the place of the first word of a *mask* that is not empty."""
    return (mask & -mask).bit_length() - 1


def range_mask(start: int, end: int) -> int:
    """Return the words from *start* up to *end*."""
    return (1 << end) - (1 << start)


def mask_of(spans: Iterable[Span]) -> int:
    """Return every word from the first to the last of each span."""
    mask = 0
    for start, end, _ in spans:
        mask |= range_mask(start, end)
    return mask
