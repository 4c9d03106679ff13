"""The word vectors that ship: mapped, sorted, and near where the words are; and what happens where there are none."""

import zipfile
from importlib.resources.abc import Traversable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.core.vectors import NO_VECTORS, WordVectors
from bot.errors import KnowledgeError
from bot.knowledge.defaults import VECTOR_SIZE, VECTORS_ROW, read_language, read_vectors
from tests.conftest import ROOT

SHIPPED = ROOT / "bot" / "defaults" / "languages" / "en_vectors.npy"
LARGEST_BYTES = 3_500_000


@pytest.fixture(scope="module")
def vectors() -> WordVectors:
    return read_vectors("en")


def _read(folder: Traversable, monkeypatch: pytest.MonkeyPatch) -> WordVectors:
    monkeypatch.setattr("bot.knowledge.defaults._folder", lambda: folder)
    read_anew = read_vectors.__wrapped__
    found: WordVectors = read_anew("en")
    return found


def _near(vectors: WordVectors, one: str, other: str) -> float:
    """Return the cosine of two stems, both of which must be known."""
    left, right = vectors.of(one), vectors.of(other)
    assert left is not None
    assert right is not None
    return float(left @ right / (np.linalg.norm(left) * np.linalg.norm(right)))


def test_english_ships_with_sorted_vectors(vectors: WordVectors) -> None:
    assert vectors.size == VECTOR_SIZE
    assert len(vectors.keys) == len(vectors.scales) == len(vectors.steps) > 30_000
    assert (np.diff(vectors.keys.astype(np.int64)) > 0).all()
    assert (vectors.scales > 0).all()
    assert SHIPPED.stat().st_size < LARGEST_BYTES


def test_the_language_brings_its_vectors(vectors: WordVectors) -> None:
    assert read_language("en").vectors is vectors


def test_the_vectors_stay_in_the_file_and_their_keys_do_not(vectors: WordVectors) -> None:
    assert _is_mapped(vectors.steps)
    assert _is_mapped(vectors.scales)
    assert not _is_mapped(vectors.keys)
    assert vectors.keys.flags.c_contiguous


def _is_mapped(array: object) -> bool:
    while isinstance(array, np.ndarray) and not isinstance(array, np.memmap):
        array = array.base
    return isinstance(array, np.memmap)


@pytest.mark.parametrize(
    ("stem", "near", "far"),
    [("ach", "pain", "window"), ("massag", "rub", "invoic"), ("doctor", "physician", "river"), ("stiff", "rigid", "cheap"), ("pillow", "bed", "tax")],
)
def test_words_used_alike_are_near(vectors: WordVectors, stem: str, near: str, far: str) -> None:
    assert _near(vectors, stem, near) > 0.4 > 0.2 > _near(vectors, stem, far)


def test_a_rare_word_is_longer_than_a_common_one(vectors: WordVectors) -> None:
    rare, common = vectors.of("ibuprofen"), vectors.of("the")

    assert rare is not None
    assert common is not None
    assert np.linalg.norm(rare) > 2 * np.linalg.norm(common)


# --- other places, other files ------------------------------------------------------------------------------------------


def test_what_cannot_be_mapped_is_read(vectors: WordVectors, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From a package that is run out of its zip file."""
    with zipfile.ZipFile(tmp_path / "bot.zip", "w") as archive:
        archive.write(SHIPPED, "defaults/languages/en_vectors.npy")
    with zipfile.ZipFile(tmp_path / "bot.zip") as archive:
        found = _read(zipfile.Path(archive, "defaults/"), monkeypatch)

    assert not _is_mapped(found.steps)
    assert (found.keys == vectors.keys).all()
    assert (found.steps == vectors.steps).all()


def test_a_language_may_have_no_vectors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert _read(tmp_path, monkeypatch) is NO_VECTORS


def _saved(table: NDArray[np.generic]) -> bytes:
    written = BytesIO()
    np.save(written, table)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"", "cannot be read", id="empty"),
        pytest.param(b"no table at all", "cannot be read", id="no table"),
        pytest.param(_saved(np.zeros(9, VECTORS_ROW))[:-1], "cannot be read", id="cut off"),
        pytest.param(_saved(np.zeros(9, np.float32)), "holds something else", id="another table"),
    ],
)
def test_a_broken_file_says_so(content: bytes, complaint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "en_vectors.npy").write_bytes(content)

    with pytest.raises(KnowledgeError, match=rf"defaults/languages/en_vectors\.npy:1:1: .*{complaint}.*install it again"):
        _read(tmp_path, monkeypatch)


def test_an_empty_table_is_no_mistake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "languages").mkdir()
    np.save(tmp_path / "languages" / "en_vectors.npy", np.zeros(0, VECTORS_ROW))

    assert _read(tmp_path, monkeypatch).of("neck") is None
