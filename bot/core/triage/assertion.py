"""Is it happening, or denied, long over, asked about, imagined? Judges what was found, clause by clause (after NegEx and ConText).

The cue words come from the language (`cues`); the order of questions is here. Whatever stays unclear counts as happening.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from bot.core.triage.cues import Cues
from bot.core.triage.message import Message
from bot.core.triage.readings import Reading
from bot.core.triage.spans import Span

_REACH = 6
"""Words a denial reaches, forwards or backwards; small words are not counted."""
_SOON = 3
"""Words before which a clause must say that it goes on with the question before it."""
_SHORT_SEGMENT = 4
"""A stretch this short that holds a time cue ("years ago,") speaks about its neighbour."""
_TELLING = frozenset({"temperature", "pressure", "duration"})
"""Readings that only somebody who is ill would give."""


class Standing(IntEnum):
    """How what was found stands, weakest first."""

    DENIED = 0
    PAST = 1
    SOFT = 2
    LIVE = 3


@dataclass(frozen=True, slots=True)
class Denial:
    """A cue and the words it denies, as bit masks."""

    cue: int
    scope: int


class Assertion:
    """What the cues of one message say about its words."""

    def __init__(self, message: Message, readings: Iterable[Reading], cues: Cues) -> None:
        self._message, self._cues = message, cues
        self._found = cues.finder.find(message, readings)
        self._clauses = list(_clause_ranges(message.clauses))
        self._live_times = self._mask("live_times") | _mask_of((r.start, r.end, 0) for r in readings if r.kind in _TELLING)
        # The "one day" of "if one day ..." is no duration.
        self._live_times &= ~self._mask("someday")
        self.denials = tuple(self._denials())
        self.past, self.past_recent = self._past_masks()
        self.past |= self._told_mask()
        self.soft = self._soft_mask()

    def judge(self, mask: int, *, keeps_recent: bool) -> Standing:
        """Return how the words of *mask* stand; with *keeps_recent* what went away again still counts."""
        if any(mask & denial.scope and not mask & denial.cue for denial in self.denials):
            return Standing.DENIED
        if mask & self.past or (mask & self.past_recent and not keeps_recent):
            return Standing.PAST
        return Standing.SOFT if mask & self.soft else Standing.LIVE

    # --- cues ---

    def _spans(self, key: str) -> Sequence[Span]:
        return self._found.get(self._cues.symbols[key], ())

    def _mask(self, key: str) -> int:
        return _mask_of(self._spans(key))

    # --- denied ---

    def _denials(self) -> Iterator[Denial]:
        words, cues = self._message.words, self._cues
        friends = _union(self._spans("false_negations"))
        phrases = self._spans("negation_phrases")
        starts = {end: mask for _, end, mask in phrases}
        covered = _union(phrases)
        for index, word in enumerate(words):
            bit = 1 << index
            if word in cues.negations and not covered & bit:
                starts[index + 1] = bit
        for start, cue in sorted(starts.items()):
            if not cue & friends:
                yield Denial(cue, self._scope(start))
        for start, _, mask in self._spans("denied_after"):
            if not mask & friends:
                yield Denial(mask, self._back(start))

    def _scope(self, start: int) -> int:
        message, cues = self._message, self._cues
        scope = 0
        clause = message.clauses[start - 1]
        for index in range(start, len(message.words)):
            word = message.words[index]
            if message.clauses[index] != clause or self._counted(start, index) > _REACH or word in cues.negation_ends:
                break
            if index in message.commas and (index == start or not self._list_goes_on(index)):
                break
            if word in cues.conjunctions and not self._only_one_more(index):
                break
            scope |= 1 << index
        return scope

    def _counted(self, start: int, end: int) -> int:
        return self._message.counted[end] - self._message.counted[start]

    def _list_goes_on(self, comma: int) -> bool:
        """Whether an `or` follows the comma before a new statement does: `no fever, rash or vomiting`."""
        message, cues = self._message, self._cues
        for index in range(comma, len(message.words)):
            word = message.words[index]
            if message.clauses[index] != message.clauses[comma] or word in cues.list_ends or word in cues.negation_ends:
                return False
            if word in cues.alternatives:
                return True
        return False

    def _only_one_more(self, conjunction: int) -> bool:
        """Whether one word ends the clause after the `and`: `no nausea and vomiting`."""
        message = self._message
        after = conjunction + 1
        last = after + 1 >= len(message.words) or message.clauses[after + 1] != message.clauses[conjunction] or after + 1 in message.commas
        return after < len(message.words) and message.clauses[after] == message.clauses[conjunction] and last

    def _back(self, end: int) -> int:
        message = self._message
        scope = 0
        for index in range(end - 1, -1, -1):
            if message.clauses[index] != message.clauses[end] or self._counted(index, end) > _REACH:
                break
            scope |= 1 << index
            if index in message.commas and message.words[index] in self._cues.subjects:
                break
        return scope

    # --- over ---

    def _past_masks(self) -> tuple[int, int]:
        live = self._live_times | self._mask("live_signs")
        past = recent = 0
        for start, end in self._clauses:
            segments = self._segments(start, end)
            past |= self._governed(segments, self._spans("past"), live)
            recent |= self._governed(segments, self._spans("past_recent"), live)
            clause = _range_mask(start, end)
            for over_start, over_end, _ in self._spans("over"):
                cue = _range_mask(over_start, over_end)
                if start <= over_start < end and not live & clause & ~cue and not self._turned(over_start, start):
                    recent |= _range_mask(start, over_end)
        return past, recent

    def _turned(self, cue: int, start: int) -> bool:
        """Whether a `not` or `cannot` right before a cue turns it round: `not better now`."""
        words, cues = self._message.words, self._cues
        return any(words[index] in cues.negations or words[index] in cues.not_negations for index in range(max(start, cue - 2), cue))

    def _segments(self, start: int, end: int) -> list[int]:
        """Cut a clause where a new statement begins; returns bit masks."""
        words, cues = self._message.words, self._cues
        segments = []
        first = start
        for index in range(start + 1, end):
            following = words[index + 1] if index + 1 < end else ""
            if index in self._message.commas or (words[index] in cues.segment_starts and following in cues.subjects):
                segments.append(_range_mask(first, index))
                first = index
        return [*segments, _range_mask(first, end)]

    def _governed(self, segments: Sequence[int], spans: Iterable[Span], live: int) -> int:
        governed = 0
        for start, end, _ in spans:
            cue = _range_mask(start, end)
            for number, segment in enumerate(segments):
                if not segment & cue or live & segment & ~cue:
                    continue
                governed |= segment
                if (segment & ~cue).bit_count() > _SHORT_SEGMENT:
                    continue
                neighbour = number - 1 if number else 1
                if neighbour < len(segments) and not live & segments[neighbour]:
                    governed |= segments[neighbour]
        return governed

    # --- asked about, imagined, told ---

    def _soft_mask(self) -> int:
        soft = 0
        for number, (start, end) in enumerate(self._clauses):
            clause = _range_mask(start, end)
            if self._asked(start, end, clause) and not self._goes_on(number + 1):
                soft |= clause
            if clause & self._live_times:
                continue
            for cue_start, _, cue in self._spans("hypothetical"):
                if start <= cue_start < end and not cue & self._mask("as_if"):
                    soft |= _range_mask(cue_start, end)
        return soft

    def _told_mask(self) -> int:
        """Return the clauses that retell a film, a book, a case, unless the writer stands in them too."""
        told = 0
        generic = _union(self._spans("not_owning"))
        for start, end in self._clauses:
            own = any(self._message.words[index] in self._cues.first_person and not generic >> index & 1 for index in range(start, end))
            if not own and any(start <= story < end for story, _, _ in self._spans("stories")):
                told |= _range_mask(start, end)
        return told

    def _asked(self, start: int, end: int, clause: int) -> bool:
        if clause & self._live_times or clause & self._mask("presupposing"):
            return False
        words, cues = self._message.words, self._cues
        first = start
        while first < end - 1 and words[first] in cues.leads:
            first += 1
        if not self._question_form(first, end) and not clause & self._mask("asking"):
            return False
        generic = _union(self._spans("not_owning"))
        return not any(words[index] in cues.owners and not generic >> index & 1 for index in range(start, end))

    def _goes_on(self, number: int) -> bool:
        """Whether the clause after a question tells what the question was about: `... a stroke? it started after lunch`."""
        if number >= len(self._clauses):
            return False
        start, end = self._clauses[number]
        return any(start <= cue < start + _SOON for cue, _, _ in self._spans("goes_on") if cue < end)

    def _question_form(self, first: int, end: int) -> bool:
        """Whether a clause that starts at *first* starts like a question; `do not ...` and `had a ...` do not."""
        words, cues = self._message.words, self._cues
        following = words[first + 1] if first + 1 < end else ""
        return words[first] in cues.question_starts and following not in cues.negations


def _clause_ranges(clauses: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for index in range(1, len(clauses) + 1):
        if index == len(clauses) or clauses[index] != clauses[start]:
            yield start, index
            start = index


def _range_mask(start: int, end: int) -> int:
    return (1 << end) - (1 << start)


def _mask_of(spans: Iterable[Span]) -> int:
    """Every word from the first to the last of each span."""
    mask = 0
    for start, end, _ in spans:
        mask |= _range_mask(start, end)
    return mask


def _union(spans: Iterable[Span]) -> int:
    """Only the words met."""
    mask = 0
    for _, _, words in spans:
        mask |= words
    return mask
