"""Which words of a message are denied, and by which cue (after NegEx)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.triage.cues import Cues
from bot.core.triage.found import Found
from bot.core.triage.message import Message
from bot.core.triage.segments import clause_ranges, first_of, range_mask, segments
from bot.core.triage.spans import Span, union

_REACH = 6
"""Words a denial reaches, forwards or backwards; small words are not counted."""
_LISTED = 4
"""Words an `or` carries a denial on: `none of the scary things like numb legs or losing control`."""
_ANSWERED = 7
"""The longest statement that a bare `no` answers."""


@dataclass(frozen=True, slots=True)
class Denial:
    """A cue and the words it denies, as bit masks."""

    cue: int
    scope: int


class Denials:
    """Everything that is denied in one message."""

    def __init__(self, message: Message, found: Found, cues: Cues) -> None:
        """*found*: what the finder that knows the *cues* found in *message*."""
        self._message, self._found, self._cues = message, found, cues
        self._each = tuple(self._denials())
        self.scope = 0
        """All words that any of them reaches."""
        for denial in self._each:
            self.scope |= denial.scope

    def cover(self, mask: int) -> bool:
        """Whether a word of *mask* is denied, by something that is not itself part of it."""
        return any(mask & denial.scope and not mask & denial.cue for denial in self._each)

    def _spans(self, key: str) -> Sequence[Span]:
        return self._found.spans(self._cues.symbols[key])

    def _denials(self) -> Iterator[Denial]:
        cues = self._cues
        friends = union(self._spans("false_negations"))
        phrases = self._spans("negation_phrases")
        starts = {end: mask for _, end, mask in phrases}
        covered = union(phrases)
        for index, word in enumerate(self._message.words):
            if word in cues.negations and not covered >> index & 1:
                starts[index + 1] = 1 << index
        for start, cue in sorted(starts.items()):
            if not cue & friends:
                yield Denial(cue, self._scope(start))
        for start, _, mask in self._spans("denied_after"):
            if not mask & friends:
                yield Denial(mask, self._back(start))
        yield from self._answers()

    def _answers(self) -> Iterator[Denial]:
        """Yield what a bare `no` at the end of a statement, or after it, denies: `fever? no. rash: none`, `headache yes, sudden no`."""
        message, cues = self._message, self._cues
        before: tuple[int, int] | None = None
        for start, end in clause_ranges(message.clauses):
            if before is not None and all(message.words[index] in cues.answers_no for index in range(start, end)):
                yield from self._answered(range_mask(start, end), *before)
            before = start, end
            for part in segments(message, cues, start, end):
                last = part.bit_length() - 1
                if message.words[last] in cues.answers_no:
                    yield from self._answered(1 << last, first_of(part), last)

    def _answered(self, cue: int, start: int, end: int) -> Iterator[Denial]:
        words = self._message.words[start:end]
        if 0 < len(words) <= _ANSWERED and self._cues.recoveries.isdisjoint(words):
            yield Denial(cue, range_mask(start, end))

    def _scope(self, start: int) -> int:
        message, cues = self._message, self._cues
        scope, reach = 0, _REACH
        clause = message.clauses[start - 1]
        for index in range(start, len(message.words)):
            word = message.words[index]
            if message.clauses[index] != clause or self._counted(start, index) > reach or word in cues.negation_ends:
                break
            if word in cues.alternatives:
                reach = max(reach, self._counted(start, index) + _LISTED)
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
