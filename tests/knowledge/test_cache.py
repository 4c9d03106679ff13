"""What was learned is kept between starts, and nothing depends on its being kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core import snapshot as snapshots
from bot.core.content import Tier
from bot.core.matching.teach import teach
from bot.core.snapshot import Lessons
from bot.core.triage.likeness import Floats, Likeness, Sample, learn
from bot.errors import KnowledgeError
from bot.knowledge import checks
from bot.knowledge.cache import is_kept, keep_lessons, read_lessons
from bot.knowledge.folder import read_files
from bot.knowledge.loader import load_snapshot, read_knowledge
from tests.kitchen import DANGERS, write_kitchen

HARMLESS = (
    "how do i boil an egg without gas",
    "the gas bill came today",
    "my kitchen has no gas",
    "i cut the onion",
    "which knife for deep pans",
    "die cut paper for cakes",
)
DANGEROUS = ("the cooker hisses and it stinks", "it stinks of rotten eggs by the cooker", "the cooker hisses", "we all feel sick by the cooker")
EXAMPLES = {
    "examples_danger.yaml": "gas:\n  emergency:\n" + "".join(f"    - {said}\n" for said in DANGEROUS),
    "examples_harmless.yaml": "".join(f"- {said}\n" for said in HARMLESS),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_kitchen(tmp_path / "kitchen")


@pytest.fixture
def taught(tmp_path: Path) -> Path:
    """A kitchen with dangers and with examples of them."""
    return write_kitchen(tmp_path / "taught", DANGERS, EXAMPLES)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "not" / "there yet"


def assert_the_same(one: Likeness | None, other: Likeness | None) -> None:
    """Both know the same; the kin may be rounded, for it only ranks."""
    assert one is not None
    assert other is not None
    assert (one.columns, one.flag_ids, one.unknown_rarity) == (other.columns, other.flag_ids, other.unknown_rarity)
    assert np.array_equal(one.rarity, other.rarity)
    assert np.array_equal(one.targets, other.targets)
    assert np.allclose(one.kin, other.kin, atol=1e-3)


def test_what_comes_back_is_what_was_kept(folder: Path, cache: Path) -> None:
    knowledge = read_knowledge(folder)
    learned = teach(knowledge)

    keep_lessons(cache, knowledge, Lessons(learned, None))
    lessons = read_lessons(cache, knowledge)

    assert lessons is not None
    kept = lessons.learned
    assert is_kept(cache, knowledge.version)
    assert kept.word_counts == learned.word_counts
    assert kept.weights.columns == learned.weights.columns
    assert kept.weights.unknown_rarity == learned.weights.unknown_rarity
    assert np.array_equal(kept.weights.matrix, learned.weights.matrix)
    assert np.array_equal(kept.weights.rarity, learned.weights.rarity)
    assert lessons.likeness is None


def test_likeness_comes_back_too(taught: Path, cache: Path) -> None:
    first, again = load_snapshot(taught, cache=cache), load_snapshot(taught, cache=cache)

    assert_the_same(again.lessons.likeness, first.lessons.likeness)
    assert again.triage.likeness is again.lessons.likeness
    assert again.lessons.likeness is not None
    assert again.lessons.likeness.flag_ids == ("gas",)
    assert read_lessons(cache, first.knowledge) is not None


def test_likeness_that_knows_no_flag_and_no_word_comes_back(folder: Path, cache: Path) -> None:
    """Few examples, of which no flag has enough, or that share no word."""
    knowledge = read_knowledge(folder)
    bare = learn([Sample(["gas"], Tier.EMERGENCY, "gas"), Sample(["egg"], None, None)])
    assert bare is not None
    assert (bare.columns, bare.flag_ids) == ({}, ())

    keep_lessons(cache, knowledge, Lessons(teach(knowledge), bare))
    lessons = read_lessons(cache, knowledge)

    assert lessons is not None
    assert_the_same(lessons.likeness, bare)


def test_without_examples_nothing_about_likeness_is_kept(folder: Path, taught: Path, cache: Path) -> None:
    kept = []
    for each in (folder, taught):
        load_snapshot(each, cache=cache)
        (path,) = cache.glob(f"learned-{read_version(each)}-*.npz")
        with np.load(path) as arrays:
            kept.append({name for name in arrays if name.startswith("like_")})

    assert kept == [set(), {"like_names", "like_flags", "like_rarity", "like_unknown", "like_targets", "like_kin"}]


def test_the_second_load_learns_nothing_and_checks_nothing_again(taught: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_snapshot(taught, cache=cache)
    monkeypatch.delattr(snapshots, "teach")
    monkeypatch.delattr(snapshots, "teach_triage")
    monkeypatch.delattr(checks, "check")

    again = load_snapshot(taught, cache=cache)
    assert again.version == read_version(taught)
    assert again.knowledge.examples.said == (), "what they taught is kept"


def read_version(folder: Path) -> str:
    return read_files(folder).version


def test_a_changed_folder_is_learned_and_checked_anew(folder: Path, cache: Path) -> None:
    load_snapshot(folder, cache=cache)
    for path in (folder / "entries").glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("related: [", "related: [no-such-entry, "), encoding="utf-8")

    with pytest.raises(KnowledgeError, match="no-such-entry"):
        load_snapshot(folder, cache=cache)


@pytest.mark.parametrize("broken", [b"", b"PK\x03\x04 not a zip", b"nonsense", b"\x93NUMPY"], ids=["empty", "cut", "other", "one array"])
def test_a_spoilt_file_is_learned_again(taught: Path, cache: Path, broken: bytes) -> None:
    before = load_snapshot(taught, cache=cache)
    (kept,) = cache.glob("learned-*.npz")
    kept.write_bytes(broken)

    after = load_snapshot(taught, cache=cache)
    assert after.version == before.version
    assert len(after.knowledge.examples.said) == len(HARMLESS) + len(DANGEROUS), "the examples are read after all"
    assert_the_same(after.lessons.likeness, before.lessons.likeness)
    assert kept.read_bytes() != broken
    assert read_lessons(cache, before.knowledge) is not None


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("like_rarity", lambda array: array[:-1]),
        ("like_targets", lambda array: array[:, :-1]),
        ("like_targets", lambda array: array[:2]),
        ("like_kin", lambda array: array[:, :-1]),
        ("like_kin", lambda array: array[:0]),
        ("like_names", lambda array: array[:-9]),
        ("like_names", lambda array: array + np.uint8(128)),
        ("like_flags", lambda array: array[:0]),
        ("matrix", lambda array: array[:, :-1]),
        ("counts", lambda array: array[:-1]),
        ("rarity", None),
        ("like_kin", None),
    ],
)
def test_what_does_not_fit_together_is_learned_again(name: str, spoil: Callable[[Floats], Floats] | None, taught: Path, cache: Path) -> None:
    before = load_snapshot(taught, cache=cache)
    (kept,) = cache.glob("learned-*.npz")
    with np.load(kept) as arrays:
        others = {each: arrays[each] for each in arrays if each != name}
        spoilt = {name: spoil(arrays[name])} if spoil else {}
    arrays_by_name: dict[str, Any] = others | spoilt
    np.savez(kept, **arrays_by_name)

    assert read_lessons(cache, before.knowledge) is None
    assert_the_same(load_snapshot(taught, cache=cache).lessons.likeness, before.lessons.likeness)


@given(at=st.integers(0, 1 << 20), byte=st.integers(0, 255), end=st.booleans())
@example(at=6, byte=1, end=False)
@example(at=8, byte=99, end=False)
def test_no_single_byte_stops_a_start(at: int, byte: int, end: bool, tmp_path: Path) -> None:
    """Read, or not: nothing is raised, wherever the file was damaged; most often the lists at its ends tell where things are."""
    cache = tmp_path / "cache"
    knowledge = read_knowledge(write_kitchen(tmp_path / "kitchen"))
    if not is_kept(cache, knowledge.version):
        keep_lessons(cache, knowledge, Lessons(teach(knowledge), None))
        (path,) = cache.glob("learned-*.npz")
        (tmp_path / "whole").write_bytes(path.read_bytes())
    (path,) = cache.glob("learned-*.npz")
    raw = bytearray((tmp_path / "whole").read_bytes())
    raw[len(raw) - 1 - at % 600 if end else at % len(raw)] = byte
    path.write_bytes(raw)

    lessons = read_lessons(cache, knowledge)

    assert lessons is None or lessons.learned.weights.columns


def test_where_nothing_can_be_written_the_bot_still_starts(folder: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("", encoding="utf-8")

    assert load_snapshot(folder, cache=in_the_way).knowledge.entries


def test_only_the_newest_few_are_kept(folder: Path, cache: Path) -> None:
    for number in range(6):
        (folder / "none.yaml").write_text(f"- message number {number}\n", encoding="utf-8")
        load_snapshot(folder, cache=cache)

    assert len(list(cache.iterdir())) == 4
