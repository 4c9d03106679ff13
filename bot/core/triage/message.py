"""A message laid out for triage: its words in a row, how far apart they stand, and which clause each belongs to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.core.text import NormalText

CLAUSE_DISTANCE = 16
"""Added to the distance where a clause ends: no phrase reaches across."""
COMMA_DISTANCE = 2
"""Added where a comma stands: what it parts belongs together less."""


@dataclass(frozen=True, slots=True)
class Message:
    """The words of one message in a row; `said`, `words`, `stems`, `starts` and `clauses` are equally long, the others one longer.

    Between a word that ends before place `a` and one that starts at `b` there are `starts[b] - ends[a]` words that count, commas and clause
    ends added.
    """

    said: Sequence[str]
    """The words as normalised."""
    words: Sequence[str]
    """The same with typos repaired."""
    stems: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]
    counted: Sequence[int]
    """How many words that count stand before each place."""
    clauses: Sequence[int]
    """The number of the clause each word stands in."""
    commas: frozenset[int]
    """Words that follow a comma."""


def lay_out(text: NormalText, fillers: frozenset[str], repair: Callable[[str], str], stem: Callable[[str], str]) -> Message:
    """Return *text* with every word repaired by *repair*; words in *fillers* do not count as distance."""
    said: list[str] = []
    words: list[str] = []
    stems: list[str] = []
    starts: list[int] = []
    ends, counted = [0], [0]
    clauses: list[int] = []
    commas: set[int] = set()
    distance = 0
    for number, clause in enumerate(text.clauses):
        distance += CLAUSE_DISTANCE if number else 0
        for token in clause.tokens:
            if token.after_comma:
                commas.add(len(words))
                distance += COMMA_DISTANCE
            word = repair(token.text)
            counts = word not in fillers
            said.append(token.text)
            words.append(word)
            stems.append(token.stem if word == token.text else stem(word))
            clauses.append(number)
            starts.append(distance)
            distance += counts
            ends.append(distance)
            counted.append(counted[-1] + counts)
    return Message(said, words, stems, starts, ends, counted, clauses, frozenset(commas))
