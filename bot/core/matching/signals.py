"""What the matcher's confidence is made of, and how sure the signals make it."""

from __future__ import annotations

import math
from dataclasses import dataclass

_LONG = 8

NAMES = ("bias", "elsewhere", "both", "subject", "score", "margin", "other", "explained", "unknown", "length")
"""The order of the coefficients."""

# Fitted by `python -m benchmarks.fit_confidence`: five folds over the shipped sentences, each judged by weights that have not seen it.
# OURS: is this a question of the topic at all? RIGHT: if it is, is the first entry the one that was meant?
OURS = (-4.84, -1.84, -1.37, 2.28, 6.00, -0.03, -7.29, 0.79, -1.75, 5.40)
RIGHT = (-1.22, -0.20, 0.27, 0.24, 1.36, 6.90, 0.74, 1.12, -0.33, -0.15)


@dataclass(frozen=True, slots=True)
class Signals:
    """What was measured of one entry for one message."""

    score: float
    """The learned score of the entry."""
    margin: float
    """That score less the best other entry's."""
    other: float
    """The highest score of what is no question: small talk, and the none-class."""
    explained: float
    """0 to 1: the share of what was said, weighed by rarity, that speaks for the entry."""
    unknown: float
    """0 to 1: the share, weighed by rarity, of words never seen before."""
    words: int
    """How many words were said."""
    subject: bool
    """The message names what the topic is about; where the topic does not say, it holds few unknown words."""
    elsewhere: bool
    """The message names something the topic is not about."""

    @property
    def values(self) -> tuple[float, ...]:
        """The signals in the order of NAMES."""
        return (
            1.0,
            float(self.elsewhere and not self.subject),
            float(self.elsewhere and self.subject),
            float(self.subject),
            self.score,
            self.margin,
            self.other,
            self.explained,
            self.unknown,
            min(self.words, _LONG) / _LONG,
        )

    @property
    def ours(self) -> float:
        """0 to 1: how likely the message is a question of the topic."""
        return _logistic(OURS, self.values)

    @property
    def right(self) -> float:
        """0 to 1: how likely the entry is the one meant, if the message is a question of the topic."""
        return _logistic(RIGHT, self.values)

    @property
    def confidence(self) -> float:
        """0 to 1: both at once."""
        return self.ours * self.right


def _logistic(coefficients: tuple[float, ...], values: tuple[float, ...]) -> float:
    return 1.0 / (1.0 + math.exp(-sum(coefficient * value for coefficient, value in zip(coefficients, values, strict=True))))
