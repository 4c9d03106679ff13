"""Is it happening, or denied, long over, asked about, imagined? Judges what was found, clause by clause (after NegEx and ConText).

The cue words come from the language (`cues`); the order of questions is here. Whatever stays unclear counts as happening.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

from bot.core.triage.cues import Cues
from bot.core.triage.denial import Denials
from bot.core.triage.found import Found
from bot.core.triage.message import Message
from bot.core.triage.readings import Reading
from bot.core.triage.segments import clause_ranges, first_of, mask_of, range_mask, segments
from bot.core.triage.spans import Span, union

_SOON = 3
"""Words before which a clause must say that it goes on with the question before it."""
_LEADING = 3
"""Words that may stand before a pet or a figure that a statement is about."""
_SHORT_SEGMENT = 4
"""A stretch this short that holds a time cue ("years ago,") speaks about its neighbour."""
_TELLING = frozenset({"temperature", "pressure", "duration"})
"""Readings that only somebody who is ill would give."""


class Standing(IntEnum):
    """How what was found stands, weakest first."""

    VOID = 0
    """Not there, or its words do not count."""
    DENIED = 1
    PAST = 2
    SOFT = 3
    LIVE = 4


class Assertion:
    """What the cues of one message say about its words."""

    def __init__(self, message: Message, readings: Iterable[Reading], found: Found, cues: Cues) -> None:
        """*found*: what the finder that knows the *cues* found in *message*."""
        self._message, self._cues, self._found = message, cues, found
        self._denials = Denials(message, found, cues)
        self._clauses = list(clause_ranges(message.clauses))
        self._live_times = self._mask("live_times") | mask_of((r.start, r.end, 0) for r in readings if r.kind in _TELLING)
        # The "one day" of "if one day ..." is no duration.
        self._live_times &= ~self._mask("someday")
        self.past, self.past_recent = self._past_masks()
        self.past |= self._told_mask()
        self.soft = self._soft_mask()
        self._touched = self._denials.scope | self.past | self.past_recent | self.soft

    def judge(self, mask: int, *, keeps_recent: bool) -> Standing:
        """Return how the words of *mask* stand; with *keeps_recent* what went away again still counts."""
        if not mask & self._touched:
            return Standing.LIVE
        if self._denials.cover(mask):
            return Standing.DENIED
        if mask & self.past or (mask & self.past_recent and not keeps_recent):
            return Standing.PAST
        return Standing.SOFT if mask & self.soft else Standing.LIVE

    # --- cues ---

    def _spans(self, key: str) -> Sequence[Span]:
        return self._found.spans(self._cues.symbols[key])

    def _mask(self, key: str) -> int:
        return mask_of(self._spans(key))

    # --- over ---

    def _past_masks(self) -> tuple[int, int]:
        live = self._live_times | self._mask("live_signs")
        past = recent = 0
        for start, end in self._clauses:
            parts = segments(self._message, self._cues, start, end)
            past |= self._governed(parts, self._spans("past"), live)
            recent |= self._governed(parts, self._spans("past_recent"), live)
            clause = range_mask(start, end)
            for over_start, over_end, _ in self._spans("over"):
                cue = range_mask(over_start, over_end)
                if start <= over_start < end and not live & clause & ~cue and not self._turned(over_start, start):
                    recent |= range_mask(start, over_end)
        return past, recent

    def _turned(self, cue: int, start: int) -> bool:
        """Whether a `not` or `cannot` right before a cue turns it round: `not better now`."""
        words, cues = self._message.words, self._cues
        return any(words[index] in cues.negations or words[index] in cues.not_negations for index in range(max(start, cue - 2), cue))

    def _governed(self, parts: Sequence[int], spans: Iterable[Span], live: int) -> int:
        governed = 0
        for start, end, _ in spans:
            cue = range_mask(start, end)
            for number, segment in enumerate(parts):
                if not segment & cue or live & segment & ~cue:
                    continue
                governed |= segment
                if (segment & ~cue).bit_count() > _SHORT_SEGMENT:
                    continue
                neighbour = number - 1 if number else 1
                if neighbour < len(parts) and not live & parts[neighbour]:
                    governed |= parts[neighbour]
        return governed

    # --- asked about, imagined, told ---

    def _soft_mask(self) -> int:
        soft = 0
        for number, (start, end) in enumerate(self._clauses):
            clause = range_mask(start, end)
            if self._asked(start, end, clause) and not self._goes_on(number + 1):
                soft |= clause
            if clause & self._live_times:
                continue
            for cue_start, _, cue in self._spans("hypothetical"):
                if start <= cue_start < end and not cue & self._mask("as_if"):
                    soft |= range_mask(cue_start, end)
        return soft

    def _told_mask(self) -> int:
        """Return what is told of a film, a book, a case, and of a pet: the clause, or where the writer stands in it too, the statement."""
        told = 0
        generic = union(self._spans("not_owning"))
        for start, end in self._clauses:
            own = mask_of((i, i + 1, 0) for i in range(start, end) if self._message.words[i] in self._cues.first_person) & ~generic
            stories = mask_of((story, story + 1, 0) for story, _, _ in self._spans("stories") if start <= story < end)
            if stories and not own:
                told |= range_mask(start, end)
            elif stories:
                told |= sum(part for part in segments(self._message, self._cues, start, end) if part & stories and not part & own)
            told |= self._about_others(start, end)
        return told

    def _about_others(self, start: int, end: int) -> int:
        """Return the statements of a clause that begin with somebody who is no patient: a pet, a figure."""
        others = [span for span in self._spans("others") if start <= span[0] < end]
        about = 0
        for part in segments(self._message, self._cues, start, end) if others else ():
            counted = self._message.counted
            for cue_start, cue_end, _ in others:
                leads = part >> cue_start & 1 and counted[cue_start] - counted[first_of(part)] <= _LEADING
                if leads and not self._owned(cue_end, part.bit_length()):
                    about |= part
        return about

    def _owned(self, start: int, end: int) -> bool:
        """Whether a person of the writer's stands between; `his` and `they` may be the pet's."""
        words, cues = self._message.words, self._cues
        return any(word in cues.first_person or (word in cues.owners and word not in cues.list_ends and word != "him") for word in words[start:end])

    def _asked(self, start: int, end: int, clause: int) -> bool:
        if clause & self._live_times or clause & self._mask("presupposing"):
            return False
        words, cues = self._message.words, self._cues
        first = start
        while first < end - 1 and words[first] in cues.leads:
            first += 1
        if not self._question_form(first, end) and not clause & self._mask("asking"):
            return False
        generic = union(self._spans("not_owning"))
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
