"""Cuts a message into the questions it may hold, and a long story into what is worth comparing."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.language import Language
from bot.core.text import Clause, NormalText, Token

COMPARED_CHARACTERS = 256
_FEWEST_WORDS = 2
_MOST_PARTS = 6


def worth_comparing(text: NormalText, language: Language) -> NormalText:
    """Return what to match: all of a short message; of a long one the questions first, then the last clauses, 256 characters in all.

    People tell their story first and ask at the end.
    """
    if _length(text.tokens) <= COMPARED_CHARACTERS:
        return text
    last_first = sorted(range(len(text.clauses)), key=lambda place: (not _asks(text.clauses[place], language), -place))
    kept: dict[int, Clause] = {}
    left = COMPARED_CHARACTERS
    for place in last_first:
        tokens = _cut(text.clauses[place], left, language)
        if tokens:
            kept[place] = Clause(tokens, text.clauses[place].end)
            left -= _length(tokens)
    return NormalText(tuple(kept[place] for place in sorted(kept)))


def parts_of(text: NormalText, language: Language) -> tuple[tuple[tuple[Token, ...], tuple[Token, ...]], ...]:
    """Return every way to cut *text* in two questions: after a clause, at a comma or at a joining word. At most six ways; often none."""
    tokens = text.tokens
    ends = set()
    at = 0
    for clause in text.clauses[:-1]:
        at += len(clause.tokens)
        ends.add(at)
    cuts = [
        place
        for place in range(_FEWEST_WORDS, len(tokens) - _FEWEST_WORDS + 1)
        if place in ends or tokens[place].after_comma or tokens[place].text in language.joiners
    ]
    return tuple((tokens[:place], tokens[place:]) for place in cuts[:_MOST_PARTS])


def _asks(clause: Clause, language: Language) -> bool:
    words = clause.words
    return clause.end == "?" or (bool(words) and words[0] in language.question_starts)


def _length(tokens: Sequence[Token]) -> int:
    return sum(len(token.text) + 1 for token in tokens)


def _cut(clause: Clause, characters: int, language: Language) -> tuple[Token, ...]:
    """Return what fits of *clause*: its beginning if a question begins there, else its end. Many write a whole story without a full stop."""
    asks_first = clause.words[0] in language.question_starts
    kept: list[Token] = []
    for token in clause.tokens if asks_first else reversed(clause.tokens):
        characters -= len(token.text) + 1
        if characters < 0:
            break
        kept.append(token)
    return tuple(kept if asks_first else reversed(kept))
