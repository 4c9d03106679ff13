"""What words mean: a short vector for each stem of a language, near for words that are used alike. Data of the language, not code."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Keys = NDArray[np.uint32]


def key_of(name: str) -> int:
    """Return the 32 bits that stand for *name* in a table, the same in every process."""
    return zlib.crc32(name.encode("utf-8", "surrogatepass"))


def places_of(names: Iterable[str], keys: Keys) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return for each of *names* its place in the sorted *keys*, and whether it is there; the place of one that is not means nothing."""
    wanted = np.fromiter([zlib.crc32(name.encode("utf-8", "surrogatepass")) for name in names], np.uint32)  # `key_of`, without the call
    if not len(keys):
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), np.bool_)
    places = keys.searchsorted(wanted)
    np.minimum(places, len(keys) - 1, out=places)
    return places, keys[places] == wanted


def place_of(name: str, keys: Keys) -> int | None:
    """Return the place of one *name* in the sorted *keys*, or None."""
    key = np.uint32(key_of(name))
    place = int(keys.searchsorted(key))
    return place if place < len(keys) and keys[place] == key else None


@dataclass(frozen=True, eq=False)
class WordVectors:
    """A vector for each of many stems, already weighed by how telling the stem is: rare words are long, `the` is short."""

    keys: Keys
    """[stems], rising: `key_of` each."""
    scales: NDArray[np.float16]
    """[stems]: what a step of `steps` is worth."""
    steps: NDArray[np.int8]
    """[stems, size]."""

    @property
    def size(self) -> int:
        """How many numbers a vector has."""
        return int(self.steps.shape[1])

    def of(self, stem: str) -> Floats | None:
        """Return the vector of *stem*, or None where it has none."""
        place = place_of(stem, self.keys)
        if place is None:
            return None
        vector: Floats = self.steps[place] * np.float32(self.scales[place])
        return vector


NO_VECTORS = WordVectors(np.zeros(0, np.uint32), np.zeros(0, np.float16), np.zeros((0, 0), np.int8))
