"""How like a message is to those that people in danger write: what triage learns from examples, beside the rules.

Rules know what somebody foresaw. The ways to say that a face hangs or that life is too much have no end, and a linear model over words and
pairs of words, learned from some thousands of labelled messages, knows the shape of what no rule names. It is a ridge regression on
rarity-weighted features scaled to length 1, as the matcher's, with a target for each question. It is data like the rules: the examples stand in
the knowledge folder, and each weight can be shown.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from bot.core.content import Tier
from bot.core.triage.features import RULE
from bot.core.vectors import Floats, Keys, key_of, places_of

_Numbers = NDArray[np.float64]
_Places = NDArray[np.int64]

_RIDGE = 1.0
_ROUNDS = 40
_CLOSE_ENOUGH = 1e-4
_RULE_WEIGHS = 2.0
"""What the rules make of a message weighs more than a word of it."""
_SEEN_FROM = 2
"""A feature of one example alone says more about that example than about danger."""
_CONSTANT = 0.5
"""The value of the feature that all messages have."""
_KIN_FROM = 3
"""Examples a flag needs before a message can be told to be its kin."""
_KIN_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Sample:
    """One example, as features."""

    features: Sequence[str]
    """Each once."""
    tier: Tier | None
    """None: harmless."""
    flag_id: str | None = None
    weight: float = 1.0
    """How many examples it counts for."""
    again: bool = False
    """An example that was there already, in other company: it makes nothing of it more common."""


@dataclass(frozen=True, slots=True)
class Resemblance:
    """What a message is like. Each number is about 1 for a clear yes and -1 for a clear no."""

    danger: float
    """Like what needs help today or sooner."""
    pressing: float
    """Like what cannot wait until later today; only of meaning where there is danger."""
    crisis: float
    """Like what people write who want to die or harm themselves."""
    words: int = 0
    """How many different words were looked at, known or not."""
    kin: tuple[tuple[str, float], ...] = ()
    """The flags whose examples it is most like, the nearest first, each with how near, 0 to 1."""


@dataclass(frozen=True, eq=False)
class Kin:
    """The mean direction of each flag's examples: a matrix of features and flags, of which few places are not 0."""

    starts: NDArray[np.int32]
    """[features and one more]: where in the others each feature begins, and the last one ends."""
    flags: NDArray[np.uint16]
    """The places of flags."""
    weights: NDArray[np.float16]
    """As many. They only rank flags: half the room will do."""

    @classmethod
    def of(cls, matrix: NDArray[np.float64]) -> Kin:
        """Return *matrix*, [features, flags], without its zeros."""
        rows, flags = matrix.nonzero()
        starts = np.searchsorted(rows, np.arange(len(matrix) + 1))
        return cls(starts.astype(np.int32), flags.astype(np.uint16), matrix[rows, flags].astype(np.float16))

    def of_each(self, columns: NDArray[np.intp], values: Floats, flags: int) -> list[float]:
        """Return how near features with *values* are to each of so many *flags*."""
        starts = self.starts[columns]
        counts = self.starts[1:][columns] - starts
        which = np.arange(len(columns)).repeat(counts)
        at = np.arange(len(which)) + (starts - counts.cumsum() + counts)[which]
        near: list[float] = np.bincount(self.flags[at], self.weights[at] * values[which], flags).tolist()
        return near


@dataclass(frozen=True, eq=False)
class Likeness:
    """What was learned from examples."""

    keys: Keys
    """[features], rising: `key_of` each name."""
    rarity: Floats
    """[features]: inverse document frequency; doubled for what rules make of a message."""
    unknown_rarity: float
    """What a word that no two examples hold weighs: it is like nothing, and makes the message less like anything."""
    targets: Floats
    """[features and the constant; danger, pressing and crisis]."""
    flag_ids: tuple[str, ...]
    kin: Kin

    def read(self, features: Iterable[str], *, kin: bool = True) -> Resemblance:
        """Return what a message of *features* is like; without *kin*, which cost as much as the rest, where nobody asks for them."""
        names = list(features)
        places, known = places_of(names, self.keys)
        columns = places[known]
        values = self.rarity[columns]
        unknown = sum(map(str.isalpha, compress(names, (~known).tolist())))
        values = values / np.float32(math.sqrt(float(values @ values) + unknown * self.unknown_rarity**2) or 1.0)
        danger, pressing, crisis = (values @ self.targets[columns] + np.float32(_CONSTANT) * self.targets[-1]).tolist()
        words = sum(map(str.isalnum, names))
        if not kin:
            return Resemblance(danger, pressing, crisis, words)
        kinship = self.kin.of_each(columns, values, len(self.flag_ids))
        nearest = sorted(zip(kinship, self.flag_ids, strict=True), reverse=True)[:_KIN_SHOWN]
        return Resemblance(danger, pressing, crisis, words, tuple((flag_id, near) for near, flag_id in nearest))

    def telling(self, features: Iterable[str], most: int) -> tuple[tuple[str, float], ...]:
        """Return the *most* features that speak loudest for or against danger, each with its weight; for explaining."""
        names = list(features)
        places, known = places_of(names, self.keys)
        columns = places[known]
        values = self.rarity[columns]
        weights = self.targets[columns, 0] * values / np.float32(math.sqrt(float(values @ values)) or 1.0)
        weighed = zip(compress(names, known.tolist()), weights.tolist(), strict=True)
        return tuple(sorted(weighed, key=lambda each: (-abs(each[1]), each[0]))[:most])


def learn(samples: Iterable[Sample]) -> Likeness | None:
    """Return what *samples* teach, the same for the same samples in the same order; None where danger or its absence has no example."""
    taught = tuple(samples)
    tiers = np.array([sample.tier or 0 for sample in taught])
    danger, pressing, crisis = tiers >= Tier.URGENT_TODAY, tiers >= Tier.EMERGENCY, tiers == Tier.CRISIS
    if not danger.any() or danger.all():
        return None
    counts = Counter(name for sample in taught if not sample.again for name in sample.features)
    columns = {name: column for column, name in enumerate(name for name, count in counts.items() if count >= _SEEN_FROM)}
    rarity = np.log((len(taught) + 1) / (np.array([counts[name] for name in columns]) + 0.5))
    rarity *= [_RULE_WEIGHS if name.startswith(RULE) else 1.0 for name in columns]
    unknown_rarity = math.log((len(taught) + 1) / 0.5)
    unknown = np.array([sum(name.isalpha() and name not in columns for name in sample.features) for sample in taught])
    rows = [[columns[name] for name in sample.features if name in columns] for sample in taught]
    examples = _Examples(rows, rarity, unknown * unknown_rarity**2, np.array([sample.weight for sample in taught]))
    everywhere = np.ones(len(taught), bool)
    targets = [examples.fit(danger, everywhere), examples.fit(pressing, danger), examples.fit(crisis, everywhere)]
    members = Counter(sample.flag_id for sample in taught if sample.flag_id is not None)
    flag_ids = tuple(sorted(flag_id for flag_id, count in members.items() if count >= _KIN_FROM))
    kin = np.array([examples.direction([row for row, sample in enumerate(taught) if sample.flag_id == each]) for each in flag_ids])
    # Of two names with one key the later is lost: one pair in some ten thousand.
    keys, first = np.unique(np.fromiter(map(key_of, columns), np.uint32, len(columns)), return_index=True)
    return Likeness(
        keys,
        rarity[first].astype(np.float32),
        unknown_rarity,
        np.ascontiguousarray(np.array(targets).T[np.append(first, len(columns))], np.float32),
        flag_ids,
        Kin.of(kin.reshape(len(flag_ids), len(columns)).T[first]),
    )


class _Examples:
    """The examples as one sparse matrix: where each row begins, and its columns and values."""

    def __init__(self, rows: Sequence[Sequence[int]], rarity: _Numbers, unknown: _Numbers, weights: _Numbers) -> None:
        """*unknown*: what words without a column add to the square of a row's length."""
        self._weights = weights
        self._constant = len(rarity)
        lengths = np.array([len(row) + 1 for row in rows])
        self._starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        self._lengths = lengths
        self._at: _Places = np.array([column for row in rows for column in (*row, self._constant)], np.int64)
        values = np.append(rarity, 0.0)[self._at]
        norms = np.sqrt(np.add.reduceat(values * values, self._starts) + unknown)
        self._values = values / np.repeat(np.where(norms > 0, norms, 1.0), lengths)
        self._values[self._at == self._constant] = _CONSTANT

    def fit(self, yes: NDArray[np.bool_], among: NDArray[np.bool_]) -> _Numbers:
        """Return the weights that tell *yes* (1) from no (-1) *among* the examples, both sides weighing the same.

        By conjugate gradients on the normal equations (Hestenes and Stiefel, 1952).
        """
        weight = np.zeros(len(yes))
        for side in (yes & among, ~yes & among):
            weight[side] = self._weights[side] * 0.5 * len(yes) / max(1.0, float(self._weights[side].sum()))
        ahead = self._summed(weight * np.where(yes, 1.0, -1.0))
        found, left = np.zeros_like(ahead), ahead.copy()
        length = goal = float(left @ left)
        for _ in range(_ROUNDS):
            if length <= _CLOSE_ENOUGH * goal:
                break
            turned = self._summed(weight * self._scored(ahead)) + _RIDGE * ahead
            step = length / float(ahead @ turned)
            found += step * ahead
            left -= step * turned
            before, length = length, float(left @ left)
            ahead = left + (length / before) * ahead
        return found

    def direction(self, rows: Sequence[int]) -> _Numbers:
        """Return the mean of *rows* without the constant, scaled to length 1."""
        chosen = np.zeros(len(self._lengths))
        chosen[list(rows)] = 1.0
        mean = self._summed(chosen)[: self._constant]
        return mean / (math.sqrt(float(mean @ mean)) or 1.0)

    def _scored(self, weights: _Numbers) -> _Numbers:
        scored: _Numbers = np.add.reduceat(self._values * weights[self._at], self._starts)
        return scored

    def _summed(self, of_rows: _Numbers) -> _Numbers:
        summed: _Numbers = np.bincount(self._at, self._values * np.repeat(of_rows, self._lengths), self._constant + 1).astype(np.float64)
        return summed
