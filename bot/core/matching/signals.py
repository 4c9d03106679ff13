"""What the matcher's confidence is made of, and how sure the signals make it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

_LONG = 8
_FAR = 700.0

NAMES = (
    *("bias", "elsewhere", "both", "subject", "score", "worded", "near", "margin"),
    *("other", "topical", "explained", "unknown", "length"),
)
"""The order of the coefficients."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """How signals become chances, and from which chance on the bot speaks up. Chances are from 0 to 1."""

    name: str
    """What it is for, in a word or two; for explaining."""
    ours: tuple[float, ...]
    """Coefficients, in the order of NAMES: is this a question of the topic at all?"""
    right: tuple[float, ...]
    """If it is, is this the entry that was meant?"""
    answer_if_ours: float
    answer_if_right: float
    """An answer needs both."""
    offer_if_ours: float
    """An offer needs only this."""

    def chances(self, values: Numbers) -> Numbers:
        """Return [rows, 2], the chances of *ours* and *right*, for *values* [rows, NAMES]."""
        chances: Numbers = 1.0 / (1.0 + np.exp(np.minimum(_FAR, -(values @ self._coefficients))))
        return chances

    @cached_property
    def _coefficients(self) -> Numbers:
        return np.array([self.ours, self.right]).T


# Fitted by `python -m benchmarks.fit_confidence`: five folds over sentences that teach, each judged by weights that have not seen it.
NAMED = Calibration(
    name="named subject",
    ours=(-4.24, -1.22, 0.48, 0.28, 0.37, 0.07, -1.92, 0.01, -0.15, 0.96, 2.27, 0.47, 2.52),
    right=(-2.27, 0.2, 0.06, 0.22, 0.09, 0.27, -0.32, 0.92, 0.07, 0.07, 1.41, 1.37, -0.28),
    answer_if_ours=0.84,
    answer_if_right=0.46,
    offer_if_ours=0.45,
)
"""For a topic that names its subject and teaches many questions that are none of its own; from the shipped knowledge."""
PLAIN = Calibration(
    name="plain",
    ours=(-4.88, 0.0, 0.0, 0.0, 0.46, 0.5, 1.87, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    right=(-1.25, 0.0, 0.0, 0.0, 0.21, 0.0, 0.0, 1.16, 0.01, 0.0, 0.39, 0.36, -0.2),
    answer_if_ours=0.35,
    answer_if_right=0.35,
    offer_if_ours=0.3,
)
"""For any other topic; from public sets."""
FOLLOWING = Calibration(
    name="follow-up",
    ours=(-2.18, -1.26, 0.0, 0.6, 0.57, 0.26, -1.04, -0.18, -0.46, 0.35, 1.7, -1.48, 0.81),
    right=(-1.76, -0.01, 0.0, 0.26, 0.06, 0.51, -0.51, 0.59, 0.07, 0.01, -0.23, -0.82, 0.14),
    answer_if_ours=0.62,
    answer_if_right=0.42,
    offer_if_ours=0.45,
)
"""For words that leave out what they are about, right after an answer; from the shipped follow-ups."""


class Signals(NamedTuple):
    """What was measured of one entry for one message."""

    score: float
    """The learned score of the entry."""
    worded: float
    """The part of that score that words themselves have earned, not what they mean."""
    near: float
    """-1 to 1: how near what the message means is to the mean of the entry's sentences."""
    margin: float
    """The score less the best other entry's."""
    other: float
    """The highest score of what is no question: small talk, and the none-class."""
    topical: float
    """The learned score of being a question of the topic, whichever."""
    explained: float
    """0 to 1: the share of what was said, weighed by rarity, that speaks for the entry."""
    unknown: float
    """0 to 1: the share, weighed by rarity, of words never taught."""
    words: int
    """How many words were said."""
    subject: bool
    """The message names what the topic is about; where the topic does not say, it holds few unknown words."""
    elsewhere: bool
    """The message names something the topic is not about."""
    ours: float
    """0 to 1: how likely the message is a question of the topic."""
    right: float
    """0 to 1: how likely the entry is the one meant, if the message is a question of the topic."""
    calibration: Calibration
    """What made these chances of the signals."""

    @property
    def confidence(self) -> float:
        """0 to 1: both at once."""
        return self.ours * self.right


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of a message, the same for every entry; the lists have a place for each entry shown, best first."""

    scores: Sequence[float]
    worded: Sequence[float]
    near: Sequence[float]
    explained: Sequence[float]
    other: float
    topical: float
    unknown: float
    words: int
    subject: bool
    elsewhere: bool

    def signals(self, calibration: Calibration, beyond: float) -> tuple[Signals, ...]:
        """Return the signals of each entry shown; *beyond* is the score of the best entry that is not the first."""
        margins = [score - (self.scores[0] if place else beyond) for place, score in enumerate(self.scores)]
        values = np.empty((len(self.scores), len(NAMES)))
        values[:, :4] = 1.0, self.elsewhere and not self.subject, self.elsewhere and self.subject, self.subject
        values[:, 4], values[:, 5], values[:, 6], values[:, 7] = self.scores, self.worded, self.near, margins
        values[:, 8:] = self.other, self.topical, 0.0, self.unknown, min(self.words, _LONG) / _LONG
        values[:, 10] = self.explained
        chances = calibration.chances(values).tolist()
        return tuple(
            Signals(
                score=self.scores[place],
                worded=self.worded[place],
                near=self.near[place],
                margin=margins[place],
                other=self.other,
                topical=self.topical,
                explained=self.explained[place],
                unknown=self.unknown,
                words=self.words,
                subject=self.subject,
                elsewhere=self.elsewhere,
                ours=ours,
                right=right,
                calibration=calibration,
            )
            for place, (ours, right) in enumerate(chances)
        )


def values_of(signals: Signals) -> tuple[float, ...]:
    """Return *signals* in the order of NAMES."""
    named = signals.elsewhere, signals.subject
    return (
        *(1.0, float(named == (True, False)), float(named == (True, True)), float(signals.subject)),
        *(signals.score, signals.worded, signals.near, signals.margin, signals.other, signals.topical),
        *(signals.explained, signals.unknown, min(signals.words, _LONG) / _LONG),
    )
