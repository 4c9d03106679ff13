"""How like a message is to those that people in danger write: what triage learns from examples, beside the rules.

Rules know what somebody foresaw. The ways to say that a face hangs or that life is too much have no end, and a linear model over words and
pairs of words, learned from some thousands of labelled messages, knows the shape of what no rule names. It is a ridge regression on
rarity-weighted features scaled to length 1, as the matcher's, with a target for each question. It is data like the rules: the examples stand in
the knowledge folder, and each weight can be shown.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from bot.core.content import Tier
from bot.core.triage.features import RULE
from bot.core.vectors import Floats, Keys, key_of, places_of

_Numbers = NDArray[np.float64]

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
_STRIDE = 7_919
_ROWS_AT_ONCE = 2_048


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
    def of(cls, directions: Iterable[_Numbers], features: int) -> Kin:
        """Return the *directions* of all flags, each [features], without their zeros."""
        rows, flags, weights = array("i"), array("H"), [np.zeros(0, np.float16)]
        for flag, direction in enumerate(directions):
            (here,) = direction.nonzero()
            rows.frombytes(here.astype(np.int32).tobytes())
            flags.extend([flag] * len(here))
            weights.append(direction[here].astype(np.float16))
        order = np.frombuffer(rows, np.int32).argsort(kind="stable")
        starts = np.searchsorted(np.frombuffer(rows, np.int32)[order], np.arange(features + 1))
        return cls(starts.astype(np.int32), np.frombuffer(flags, np.uint16)[order], np.concatenate(weights)[order])

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


def learn(samples: Iterable[Sample], beside: int = 0) -> Likeness | None:
    """Return what *samples* teach, the same for the same samples in the same order; None where danger or its absence has no example.

    With *beside* each sample is learned once more beside one of so many last ones: people put an ordinary question into the same message,
    and neither makes the other less true. The samples are read once; of each only numbers are kept.
    """
    told = _Told(samples)
    tiers = np.array(told.tiers, np.int8).repeat(2 if beside else 1)
    danger, pressing, crisis = tiers >= Tier.URGENT_TODAY, tiers >= Tier.EMERGENCY, tiers == Tier.CRISIS
    if not danger.any() or danger.all():
        return None
    names = told.names()
    rarity = np.log((len(tiers) + 1) / (names.counts + 0.5))
    rarity *= np.where(names.of_rules, _RULE_WEIGHS, 1.0)
    unknown_rarity = math.log((len(tiers) + 1) / 0.5)
    rows = names.rows_twice(beside) if beside else names.rows_once()
    examples = _Examples(rows, rarity, unknown_rarity**2, np.array(told.weights).repeat(2 if beside else 1))
    everywhere = np.ones(len(tiers), bool)
    targets = [examples.fit(danger, everywhere), examples.fit(pressing, danger), examples.fit(crisis, everywhere)]
    flags = [flag_id for flag_id in told.flag_ids for _ in range(2 if beside else 1)]
    flag_ids = tuple(sorted(flag_id for flag_id, count in Counter(flags).items() if flag_id is not None and count >= _KIN_FROM))
    # Of two names with one key the later is lost: one pair in some ten thousand.
    keys, first = np.unique(names.keys, return_index=True)
    directions = (examples.direction([row for row, flag_id in enumerate(flags) if flag_id == each])[first] for each in flag_ids)
    return Likeness(
        keys,
        rarity[first].astype(np.float32),
        unknown_rarity,
        np.ascontiguousarray(np.array(targets).T[np.append(first, len(rarity))], np.float32),
        flag_ids,
        Kin.of(directions, len(keys)),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Examples by their columns."""

    at: NDArray[np.int32]
    """The columns of all rows, one behind the other; last in each row, when it is to be learned from, that of the constant."""
    starts: NDArray[np.int64]
    """Where each row begins, and the last one ends."""
    unknown: NDArray[np.int64]
    """[rows]: how many words of each have no column."""


@dataclass(frozen=True, slots=True)
class _Names:
    """The features that more than one sample has, in the order in which they were met: the columns."""

    keys: Keys
    counts: NDArray[np.int64]
    of_rules: NDArray[np.bool_]
    """What the rules make of a message."""
    rows: _Rows

    def rows_once(self) -> _Rows:
        """Return each row."""
        rows = self.rows
        return _Rows(np.insert(rows.at, rows.starts[1:], len(self.keys)), rows.starts + np.arange(len(rows.starts)), rows.unknown)

    def rows_twice(self, beside: int) -> _Rows:
        """Return each row, and after it the same with the features added of one of the *beside* last rows."""
        at, starts, rows = self.rows.at, self.rows.starts.tolist(), len(self.rows.unknown)
        both, ends = array("i"), array("q", [0])
        constant, unknown = len(self.keys), np.repeat(self.rows.unknown, 2)
        here = np.zeros(len(self.keys), bool)
        for row in range(rows):
            # A fixed walk through them all, so that two loads of the same knowledge learn the same.
            other = rows - beside + row * _STRIDE % beside
            alone, added = at[starts[row] : starts[row + 1]], at[starts[other] : starts[other + 1]]
            here[alone] = True
            for part in (alone, np.concatenate((alone, added[~here[added]]))):
                both.frombytes(part.tobytes())
                both.append(constant)
                ends.append(len(both))
            here[alone] = False
            if other != row:  # No two samples share a word that has no column.
                unknown[2 * row + 1] += self.rows.unknown[other]
        return _Rows(np.frombuffer(both, np.int32), np.frombuffer(ends, np.int64), unknown)


class _Told:
    """All samples, read once. What is kept of their features is the number of each name."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._numbers: dict[str, int] = {}
        self._said, self._starts = array("i"), array("q", [0])
        self.tiers: list[int] = []
        self.flag_ids: list[str | None] = []
        self.weights: list[float] = []
        for sample in samples:
            self._said.extend([self._numbers.setdefault(name, len(self._numbers)) for name in sample.features])
            self._starts.append(len(self._said))
            self.tiers.append(sample.tier or 0)
            self.flag_ids.append(sample.flag_id)
            self.weights.append(sample.weight)

    def names(self) -> _Names:
        """Return what the names are, and forget them: there are many."""
        numbers, self._numbers = self._numbers, {}
        said, starts = np.frombuffer(self._said, np.int32), np.frombuffer(self._starts, np.int64)
        counts = np.bincount(said, minlength=len(numbers))
        taken = counts >= _SEEN_FROM
        strange = np.fromiter(map(str.isalpha, numbers), bool, len(numbers)) & ~taken
        columns = np.where(taken, taken.cumsum() - 1, -1).astype(np.int32)[said]
        before = np.concatenate(([0], (columns >= 0).cumsum()))  # how many of all features before each have a column
        strangers = np.concatenate(([0], strange[said].cumsum()))
        rows = _Rows(columns[columns >= 0], before[starts], np.diff(strangers[starts]))
        keys = np.fromiter(map(key_of, numbers), np.uint32, len(numbers))
        of_rules = np.fromiter((name.startswith(RULE) for name in numbers), bool, len(numbers))
        return _Names(keys[taken], counts[taken], of_rules[taken], rows)


class _Examples:
    """The examples as one sparse matrix: where each row begins, and its columns and values. It is gone through a block of rows at a time."""

    def __init__(self, rows: _Rows, rarity: _Numbers, unknown: float, weights: _Numbers) -> None:
        """*unknown*: what a word without a column adds to the square of a row's length."""
        self._weights = weights
        self._constant = len(rarity)
        self._at, self._starts = rows.at, rows.starts
        self._values = np.append(rarity, 0.0)[self._at]
        for first, last, starts, lengths in self._blocks():
            values = self._values[starts[0] : starts[0] + lengths.sum()]
            norms = np.sqrt(np.add.reduceat(values * values, starts - starts[0]) + rows.unknown[first:last] * unknown)
            values /= np.repeat(np.where(norms > 0, norms, 1.0), lengths)
        self._values[self._starts[1:] - 1] = _CONSTANT

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
        chosen = np.zeros(len(self._weights))
        chosen[list(rows)] = 1.0
        mean = self._summed(chosen)[: self._constant]
        return mean / (math.sqrt(float(mean @ mean)) or 1.0)

    def _scored(self, weights: _Numbers) -> _Numbers:
        scored = np.empty(len(self._weights))
        for first, last, starts, lengths in self._blocks():
            part = slice(starts[0], starts[0] + lengths.sum())
            scored[first:last] = np.add.reduceat(self._values[part] * weights[self._at[part]], starts - starts[0])
        return scored

    def _summed(self, of_rows: _Numbers) -> _Numbers:
        summed = np.zeros(self._constant + 1)
        for first, last, starts, lengths in self._blocks():
            part = slice(starts[0], starts[0] + lengths.sum())
            np.add.at(summed, self._at[part], self._values[part] * np.repeat(of_rows[first:last], lengths))
        return summed

    def _blocks(self) -> Iterator[tuple[int, int, NDArray[np.int64], NDArray[np.int64]]]:
        """Yield the first row of each block, the first behind it, where its rows begin, and how long they are."""
        for first in range(0, len(self._weights), _ROWS_AT_ONCE):
            starts = self._starts[first : first + _ROWS_AT_ONCE + 1]
            yield first, first + len(starts) - 1, starts[:-1], np.diff(starts)
