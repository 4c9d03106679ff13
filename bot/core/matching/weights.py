"""Weights learned from the authors' sentences: how much each feature speaks for each class."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.core.matching.features import VALUE_BY_KIND
from bot.core.vectors import Floats, Keys, key_of, place_of, places_of

_ROUNDS, _FEWEST_STEPS = 5, 6_000
"""How often every sentence is visited: of a small base oftener, so that it comes as far."""
_STEP, _LAST_STEP = 2.0, 0.05
"""The first step and the last: in between they shrink evenly, so that the last sentences do not have the last word."""
_SEED = 1_972
_HARDLY_WRONG = 1e-3
_FAR = 30.0
_MISSED = 0.6
"""The share of what a sentence taught that would be missed without it: the others make up for the rest. With six tenths this
says of 97 in a hundred phrasings of the shipped knowledge what learning without them says: stay or go (`python -m benchmarks.left_out`)."""
_ROWS_AT_ONCE = 4_096
MEANING_SHARE = 0.6
"""The length of a message's vector beside that of its features, which is 1."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sentence that teaches."""

    names: Sequence[str]
    """Its features; one that two words share stands there twice."""
    vector: Floats
    """What it means: of length MEANING_SHARE, or 0."""
    labels: tuple[int, ...]
    """The classes it is an example of, the best first."""
    ours: bool
    """It is a question that some entry answers."""
    contrast: bool = False
    """True when it shows what the class is not."""
    weight: float = 1.0
    """How many sentences it counts for."""
    judged: bool = False
    """Whether to find out what would become of it, had it not taught; it has one label, and is no contrast."""


class Rows(Protocol):
    """A matrix of which only rows are asked for: an array, or what reads them from a file."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The kind of its numbers."""

    def __getitem__(self, places: NDArray[np.intp], /) -> NDArray[np.float16]:
        """Return the rows at *places*."""


@dataclass(frozen=True, eq=False)
class Weights:
    """What was learned."""

    keys: Keys
    """[features], rising: `key_of` each name."""
    rarity: Floats
    """[features]: how telling each is, its inverse document frequency."""
    unknown_rarity: float
    """What a word never seen before weighs."""
    matrix: Rows
    """[features, classes and one column more]: the last says how much speaks for a question of the topic, whichever."""
    meaning: Floats
    """[numbers of a vector, the same]."""
    centres: Floats
    """[numbers of a vector, classes]: the mean of what each class's sentences mean, of length 1; 0 where none means anything."""
    rivals: NDArray[np.int32]
    """[judged samples]: the class that would be nearest to each but its own, had it not taught."""
    margins: Floats
    """[judged samples]: by how much its own class would score higher than that one; below 0, the rival takes it."""

    def rows(self, names: Collection[str]) -> tuple[Floats, float]:
        """Return what each of *names* adds to each class before scaling, [names, classes], and the square of the length of all that are known."""
        places, known = places_of(names, self.keys)
        if not known.any():
            return np.zeros((len(names), self.meaning.shape[1]), np.float32), 0.0
        kinds = np.array([VALUE_BY_KIND[name[0]] for name in names], np.float32)
        values = kinds * self.rarity[places] * known
        return self.matrix[places] * values[:, None], float(values @ values)

    def rarity_of(self, name: str) -> float | None:
        """Return how telling the feature *name* is, or None where nobody has taught it."""
        place = place_of(name, self.keys)
        return None if place is None else float(self.rarity[place])


def learn(samples: Iterable[Sample], classes: int, size: int) -> Weights:
    """Learn one softmax regression over all classes, and a logistic one for whether it is a question of ours; vectors have *size* numbers.

    Rarity follows Spärck Jones (1972). The weights are found by stochastic gradient steps, one sample at a time, in an order that is the same
    at every load, so that two loads of the same knowledge agree. The samples are read once; of each only numbers are kept.
    """
    columns: dict[str, int] = {}
    said, ends, vectors = array("i"), array("i", [0]), array("f")
    labels: list[_Label] = []
    for sample in samples:
        said.extend([columns.setdefault(name, len(columns)) for name in sample.names])
        ends.append(len(said))
        labels.append(_Label(sample.labels, sample.ours, sample.contrast, sample.weight, sample.judged))
        vectors.frombytes(sample.vector.tobytes())
    kinds = np.fromiter((VALUE_BY_KIND[name[0]] for name in columns), np.float32, len(columns))
    keys = np.fromiter(map(key_of, columns), np.uint32, len(columns))
    del columns  # From here on only numbers are needed, and there are many names.
    messages = _Messages(np.frombuffer(said, np.int32), ends, np.frombuffer(vectors, np.float32).reshape(len(labels), size))
    rarity = messages.rarity(len(keys))
    matrix, meaning, rivals, margins = messages.fit(kinds * rarity, labels, classes)
    keys, first = np.unique(keys, return_index=True)  # Of two names with one key the later is lost: one pair in some ten thousand.
    centres = _centres(messages.vectors, labels, classes)
    return Weights(keys, rarity[first], _unseen(len(labels)), _halved(matrix, first), meaning, centres, rivals, margins)


def _halved(matrix: Floats, places: NDArray[np.intp]) -> NDArray[np.float16]:
    """Return the rows at *places* in half the room, a few at a time: a copy of them all would be the most that learning ever takes."""
    halved = np.empty((len(places), matrix.shape[1]), np.float16)
    for begin in range(0, len(places), _ROWS_AT_ONCE):
        halved[begin : begin + _ROWS_AT_ONCE] = matrix[places[begin : begin + _ROWS_AT_ONCE]]
    return halved


@dataclass(frozen=True, slots=True)
class _Label:
    places: tuple[int, ...]
    ours: bool
    contrast: bool
    weight: float
    judged: bool


def _centres(vectors: Floats, labels: Sequence[_Label], classes: int) -> Floats:
    centres = np.zeros((classes, vectors.shape[1]), np.float32)
    for vector, label in zip(vectors, labels, strict=True):
        if not label.contrast:
            centres[label.places[0]] += vector
    lengths = np.linalg.norm(centres, axis=1, keepdims=True)
    return np.ascontiguousarray((centres / np.where(lengths > 0, lengths, 1.0)).T)


def _unseen(messages: int) -> float:
    return math.log((messages + 1) / 0.5)


@dataclass(frozen=True, eq=False)
class _Messages:
    """All samples as numbers."""

    at: NDArray[np.int32]
    """The columns of all messages in a row."""
    ends: Sequence[int]
    """Where each message begins, and where the last one ends."""
    vectors: Floats

    def rarity(self, columns: int) -> Floats:
        """Return the inverse document frequency of each column."""
        counts = np.zeros(columns)
        for begin, end in zip(self.ends, self.ends[1:], strict=False):
            counts[self.at[begin:end]] += 1  # Once a message, however often it stands in it.
        return np.log((len(self.vectors) + 1) / (counts + 0.5)).astype(np.float32)

    def fit(self, worth: Floats, labels: Sequence[_Label], classes: int) -> tuple[Floats, Floats, NDArray[np.int32], Floats]:
        """Return the weights of columns and of the numbers of vectors, for what each column is *worth*; and rivals and margins of those judged."""
        matrix = np.zeros((len(worth), classes + 1), np.float32)
        meaning = np.zeros((self.vectors.shape[1], classes + 1), np.float32)
        columns_of_all, values_of_all, ends = self._rows(worth)
        alike: dict[tuple[tuple[int, ...], bool], Floats] = {}
        targets = [alike.setdefault((label.places, label.ours), _target(label, classes)) for label in labels]
        order = np.random.default_rng(_SEED)  # a fixed shuffle, not chance: neighbours in a file are too alike to be visited in turn
        rounds = max(_ROUNDS, _FEWEST_STEPS // max(1, len(labels)))
        steps = iter(np.linspace(_STEP, _LAST_STEP, rounds * len(labels), dtype=np.float32))
        taught = {row: np.zeros(classes, np.float32) for row, label in enumerate(labels) if label.judged}
        for _ in range(rounds):
            for row in order.permutation(len(labels)).tolist():
                step = next(steps)
                columns, values = columns_of_all[ends[row] : ends[row + 1]], values_of_all[ends[row] : ends[row + 1]]
                vector = self.vectors[row]
                slope = _slope(values @ matrix[columns] + vector @ meaning, targets[row], contrast=labels[row].contrast)
                if float(slope @ slope) > _HARDLY_WRONG**2:
                    slope *= step * np.float32(labels[row].weight)
                    matrix[columns] -= values[:, None] * slope
                    meaning -= vector[:, None] * slope
                    if row in taught:
                        taught[row] -= slope[:-1]
        rivals, margins = array("i"), array("f")
        for row, own in taught.items():
            columns, values = columns_of_all[ends[row] : ends[row + 1]], values_of_all[ends[row] : ends[row + 1]]
            vector = self.vectors[row]
            scores = (values @ matrix[columns] + vector @ meaning)[:-1] - np.float32(_MISSED) * (values @ values + vector @ vector) * own
            rival, margin = _nearest(scores, labels[row].places[0])
            rivals.append(rival)
            margins.append(margin)
        return matrix, meaning, np.frombuffer(rivals, np.int32), np.frombuffer(margins, np.float32)

    def _rows(self, worth: Floats) -> tuple[NDArray[np.int32], Floats, Sequence[int]]:
        """The distinct columns of all messages in a row, their values, each message scaled to length 1, and where each begins and the last ends."""
        columns, values, ends = array("i"), array("f"), array("i", [0])
        for begin, end in zip(self.ends, self.ends[1:], strict=False):
            at = self.at[begin:end]
            length = np.linalg.norm(worth[at]) or 1.0
            distinct, times = np.unique(at, return_counts=True)
            columns.frombytes(distinct.tobytes())
            values.frombytes((worth[distinct] * times / length).astype(np.float32).tobytes())
            ends.append(len(columns))
        return np.frombuffer(columns, np.int32), np.frombuffer(values, np.float32), ends


def _nearest(scores: Floats, own: int) -> tuple[int, float]:
    """Return the class that scores highest but *own*, and how much higher that scores; itself where there is no other."""
    others = scores.copy()
    others[own] = -np.inf
    rival = int(others.argmax())
    return rival, float(scores[own] - others[rival])


_BEST_SHARE = 0.6
"""Of a message that several entries answer, the share of the best; the others divide the rest."""


def _target(label: _Label, classes: int) -> Floats:
    target = np.zeros(classes + 1, np.float32)
    target[list(label.places)] = (1.0 - _BEST_SHARE) / max(1, len(label.places) - 1)
    target[label.places[0]] = _BEST_SHARE if len(label.places) > 1 else 1.0
    target[-1] = label.ours
    return target


def _slope(scores: Floats, target: Floats, *, contrast: bool) -> Floats:
    """Return how the loss changes with each score: minus the logarithm of the chance of the target, or, for a contrast, of anything else."""
    slope: Floats = scores - scores[:-1].max()
    slope[-1] = -_FAR  # no class
    np.exp(slope, out=slope)
    slope[-1] = 0.0
    slope /= slope.sum()
    if contrast:
        barred = int(target[:-1].argmax())
        chance = float(slope[barred])
        slope *= -chance / max(1.0 - chance, _HARDLY_WRONG)
        slope[barred] = chance
        return slope
    slope[:-1] -= target[:-1]
    slope[-1] = 1.0 / (1.0 + math.exp(-max(-_FAR, min(_FAR, float(scores[-1]))))) - target[-1]
    return slope
