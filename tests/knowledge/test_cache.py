"""What was learned is kept between starts, and nothing depends on its being kept."""

from pathlib import Path

import numpy as np
import pytest

from bot.core.matching.teach import teach
from bot.errors import KnowledgeError
from bot.knowledge import checks, loader
from bot.knowledge.cache import is_kept, keep_learned, read_learned
from bot.knowledge.folder import read_files
from bot.knowledge.loader import load_snapshot, read_knowledge
from tests.kitchen import write_kitchen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_kitchen(tmp_path / "kitchen")


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "not" / "there yet"


def test_what_comes_back_is_what_was_kept(folder: Path, cache: Path) -> None:
    knowledge = read_knowledge(folder)
    learned = teach(knowledge)

    keep_learned(cache, knowledge, learned)
    kept = read_learned(cache, knowledge)

    assert kept is not None
    assert is_kept(cache, knowledge.version)
    assert kept.word_counts == learned.word_counts
    assert kept.weights.columns == learned.weights.columns
    assert kept.weights.unknown_rarity == learned.weights.unknown_rarity
    assert np.array_equal(kept.weights.matrix, learned.weights.matrix)
    assert np.array_equal(kept.weights.rarity, learned.weights.rarity)


def test_the_second_load_learns_nothing_and_checks_nothing_again(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_snapshot(folder, cache=cache)
    monkeypatch.delattr(loader, "teach")
    monkeypatch.delattr(checks, "check")

    assert load_snapshot(folder, cache=cache).version == read_version(folder)


def read_version(folder: Path) -> str:
    return read_files(folder).version


def test_a_changed_folder_is_learned_and_checked_anew(folder: Path, cache: Path) -> None:
    load_snapshot(folder, cache=cache)
    for path in (folder / "entries").glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("related: [", "related: [no-such-entry, "), encoding="utf-8")

    with pytest.raises(KnowledgeError, match="no-such-entry"):
        load_snapshot(folder, cache=cache)


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04 not a zip", b"nonsense"], ids=["empty", "cut", "other"])
def test_a_spoilt_file_is_learned_again(folder: Path, cache: Path, broken: bytes) -> None:
    before = load_snapshot(folder, cache=cache)
    (kept,) = cache.glob("learned-*.npz")
    kept.write_bytes(broken)

    assert load_snapshot(folder, cache=cache).version == before.version
    assert kept.read_bytes() != broken


def test_where_nothing_can_be_written_the_bot_still_starts(folder: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("", encoding="utf-8")

    assert load_snapshot(folder, cache=in_the_way).knowledge.entries


def test_only_the_newest_few_are_kept(folder: Path, cache: Path) -> None:
    for number in range(6):
        (folder / "none.yaml").write_text(f"- message number {number}\n", encoding="utf-8")
        load_snapshot(folder, cache=cache)

    assert len(list(cache.iterdir())) == 4
