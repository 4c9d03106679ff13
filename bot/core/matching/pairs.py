"""Two questions in one message: every way to cut it in two, and how likely both halves ask for something of their own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.language import Language
from bot.core.matching.matcher import Matcher, Ranking
from bot.core.matching.questions import parts_of
from bot.core.text import NormalText, Token

NAMES = ("bias", "right", "both_right", "both_ours", "first_behind", "second_behind", "joined", "tells", "asks", "whole", "short")
"""The order of the coefficients."""

# Fitted by `python -m benchmarks.fit_confidence` on double questions, and on single ones that can be cut.
TWICE = (-5.82, 1.14, 5.01, 1.89, -0.12, -0.28, 0.74, -0.9, 0.45, -0.45, -0.22)
BOTH_FROM = 0.64
"""From this chance on both are answered."""
OFFER_FROM = 0.35
"""From this chance on the second is offered beside the answer to the first."""
_LONG = 8
_FAR_BEHIND = 8.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions in one message."""

    entry_ids: tuple[str, str]
    """In the order they were asked."""
    values: tuple[float, ...]
    """In the order of NAMES."""

    @property
    def chance(self) -> float:
        """0 to 1: how likely these two are asked for, both and no other."""
        return 1.0 / (1.0 + math.exp(-sum(weight * value for weight, value in zip(TWICE, self.values, strict=True))))


def best_pair(text: NormalText, matcher: Matcher, language: Language, whole: Ranking) -> Pair | None:
    """Return the likeliest two questions of all ways to cut *text*, or None where it cannot be cut or both halves ask the same."""
    return max(pairs(text, matcher, language, whole), key=lambda pair: pair.chance, default=None)


def pairs(text: NormalText, matcher: Matcher, language: Language, whole: Ranking) -> Iterator[Pair]:
    """Yield every way to cut *text* into two that ask for different entries; *whole* is the ranking of all of it."""
    scores = {match.entry_id: signals.score for match, signals in zip(whole.matches, whole.signals, strict=True)}
    top = max(scores.values(), default=0.0)
    for first, second in parts_of(text, language):
        one, two = matcher.rank(first), matcher.rank(second)
        if one.best is None or two.best is None or one.best == two.best:
            continue
        behind = [min(_FAR_BEHIND, top - scores.get(best, -_FAR_BEHIND)) for best in (one.best, two.best)]
        yield Pair(
            (one.best, two.best),
            (
                1.0,
                min(one.right, two.right),
                one.right * two.right,
                one.ours * two.ours,
                *behind,
                float(second[0].text in language.joiners),
                float(first[0].text in language.owners),
                float(_asks(second, language)),
                whole.right,
                min(len(first), len(second), _LONG) / _LONG,
            ),
        )


def _asks(tokens: Sequence[Token], language: Language) -> bool:
    """True when *tokens* begin as questions do, or with whom they are about; a joining word may stand before."""
    begins = language.question_starts | language.owners
    return tokens[0].text in begins or (len(tokens) > 1 and tokens[0].text in language.joiners and tokens[1].text in begins)
