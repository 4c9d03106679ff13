"""Word vectors: keys that never change, places in a table, and the vector of a stem."""

import numpy as np
import pytest

from bot.core.language import Language
from bot.core.vectors import NO_VECTORS, WordVectors, key_of, places_of

NAMES = sorted(("neck", "ach", "heat"), key=key_of)
VECTORS = WordVectors(
    np.array([key_of(name) for name in NAMES], np.uint32),
    np.array([0.5, 1, 2], np.float16),
    np.array([[1, -2], [3, 127], [0, 4]], np.int8),
)


@pytest.mark.parametrize(
    ("name", "key"),
    [("", 0), ("neck", 538_039_891), ("ni\u00f1o", 355_749_265), ("\ud800", 499_426_600)],
    ids=["nothing", "a stem", "an accent", "half a pair"],
)
def test_a_key_is_the_same_on_every_machine(name: str, key: int) -> None:
    """Tables are written on one and read on another."""
    assert key_of(name) == key


def test_places_are_those_in_the_table() -> None:
    places, known = places_of([NAMES[2], "window", NAMES[0]], VECTORS.keys)

    assert known.tolist() == [True, False, True]
    assert places[known].tolist() == [2, 0]


def test_every_place_is_one_of_the_table() -> None:
    """Also of names whose key is above all of its keys."""
    names = [f"name{number}" for number in range(100)]
    places, known = places_of(names, VECTORS.keys)

    assert max(map(key_of, names)) > VECTORS.keys[-1]
    assert not known.any()
    assert set(places.tolist()) <= {0, 1, 2}


@pytest.mark.parametrize("names", [[], ["neck", "ach"]], ids=["nothing asked", "two asked"])
def test_an_empty_table_knows_nothing(names: list[str]) -> None:
    places, known = places_of(names, NO_VECTORS.keys)

    assert (len(places), known.tolist()) == (len(names), [False] * len(names))


def test_a_known_stem_has_a_vector_in_floats() -> None:
    vector = VECTORS.of(NAMES[1])

    assert vector is not None
    assert vector.dtype == np.float32
    assert vector.tolist() == [3.0, 127.0]


def test_an_unknown_stem_has_none() -> None:
    assert VECTORS.of("window") is None
    assert NO_VECTORS.of("neck") is None


def test_the_size_is_that_of_one_vector() -> None:
    assert (VECTORS.size, NO_VECTORS.size) == (2, 0)


def test_a_language_has_no_vectors_unless_given_some() -> None:
    """Two languages are the same whatever their vectors: these come with the code, not with a folder."""
    assert Language("xx", "").vectors is NO_VECTORS
    assert Language("xx", "", vectors=VECTORS) == Language("xx", "")
    assert "vectors" not in repr(Language("xx", "", vectors=VECTORS))
