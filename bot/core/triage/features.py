"""What likeness looks at in a message: its words, who stands beside whom, and how each word is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from bot.core.content import Tier
from bot.core.model import FlagHit
from bot.core.triage.assertion import Assertion, Standing
from bot.core.triage.message import Message
from bot.core.triage.readings import Reading
from bot.core.triage.segments import clause_ranges

RULE = "rule"
"""How the features begin that tell what the rules make of a message."""
_SENTENCE = 3
"""Words a sentence needs to be like anything."""
_BEGINNING = 4
"""Letters by which an unknown form of a longer word is known."""
_MEANT = {Standing.DENIED: "denied", Standing.PAST: "past", Standing.SOFT: "asked"}


def raised(hits: Iterable[FlagHit]) -> list[str]:
    """Return what the rules make of a message as features: each flag of urgent_today or above, how it stands and at which tier."""
    counting = [hit for hit in hits if hit.tier >= Tier.URGENT_TODAY]
    found = dict.fromkeys(f"{RULE}: {hit.flag_id} {'asked' if hit.soft else hit.tier.key}" for hit in counting)
    return list(found | dict.fromkeys(f"{RULE}s: {'asked' if hit.soft else 'live'}" for hit in counting))


class Features:
    """What likeness looks at in one message, and in each of its sentences."""

    def __init__(
        self, message: Message, readings: Iterable[Reading], assertion: Assertion, courtesies: AbstractSet[str], ends: Sequence[str]
    ) -> None:
        """*ends*: what ends each clause: `?`, `!`, `.` or nothing."""
        self._message, self._assertion, self._courtesies, self._ends = message, assertion, courtesies, ends
        self._kinds = {index: reading.kind for reading in readings for index in range(reading.start, reading.end)}

    def whole(self, hits: Sequence[FlagHit] = ()) -> list[str]:
        """Return the features of the message without its courtesies, each once, in a fixed order.

        What the rules' *hits* make of it; stems, numbers by what they measure; neighbours, and words with one between; stems that are denied, over
        or asked about; the first letters of longer words; and the ends of clauses.
        """
        return self._of(hits, 0, len(self._message.words))

    def sentences(self, hits: Sequence[FlagHit] = ()) -> Iterator[list[str]]:
        """Yield the same of each sentence, where there are more than one; of *hits* those whose words all stand in it."""
        clauses = list(clause_ranges(self._message.clauses))
        breaks = [end for (_, end), mark in zip(clauses, self._ends, strict=False) if mark]
        starts = [0, *breaks]
        ranges = [(start, end) for start, end in zip(starts, [*breaks, len(self._message.words)], strict=True) if end - start >= _SENTENCE]
        if len(breaks) + (not breaks or breaks[-1] < len(self._message.words)) < 2:
            return
        for start, end in ranges:
            said = set(self._message.said[start:end])
            yield self._of([hit for hit in hits if hit.words and said.issuperset(hit.words)], start, end)

    def _of(self, hits: Iterable[FlagHit], start: int, end: int) -> list[str]:
        message = self._message
        places = _telling(message, self._courtesies, start, end)
        words = [f"#{self._kinds.get(index, '')}" if message.words[index][0].isdigit() else message.stems[index] for index in places]
        found = dict.fromkeys((*raised(hits), *words))
        found.update(dict.fromkeys(f"{one} {other}" for one, other in pairwise(words)))
        found.update(dict.fromkeys(f"{one} _ {other}" for one, other in zip(words, words[2:], strict=False)))
        for index, word in zip(places, words, strict=True):
            meant = _MEANT.get(self._assertion.judge(1 << index, keeps_recent=False))
            if meant:
                found[f"{meant}: {word}"] = None
            if len(word) > _BEGINNING:
                found[f"{word[:_BEGINNING]}~"] = None
        found.update(dict.fromkeys(f"end {self._ends[clause]}" for clause in sorted({message.clauses[index] for index in places})))
        return list(found)


def _telling(message: Message, courtesies: AbstractSet[str], start: int, end: int) -> list[int]:
    """Return the places from *start* to *end* that tell something: no clause of courtesies alone, and none at either end."""
    kind = [word in courtesies for word in message.words]
    clauses = [(max(first, start), min(last, end)) for first, last in clause_ranges(message.clauses) if first < end and last > start]
    places = [index for first, last in clauses if not all(kind[first:last]) for index in range(first, last)]
    first = next((number for number, index in enumerate(places) if not kind[index]), 0)
    last = next((number for number, index in enumerate(reversed(places)) if not kind[index]), 0)
    return places[first : len(places) - last]
