"""What was learned is kept between starts, and nothing depends on its being kept."""

import io
import json
import os
import shutil
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bot.core import snapshot as snapshots
from bot.core.content import Tier
from bot.core.matching.teach import teach
from bot.core.model import Context, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Lessons
from bot.core.triage.likeness import Likeness, Sample, learn
from bot.errors import KnowledgeError
from bot.knowledge import checks, reading, strict_yaml
from bot.knowledge.cache import keep_lessons, read_kept, read_lessons
from bot.knowledge.folder import read_files
from bot.knowledge.loader import load_snapshot, read_knowledge
from bot.knowledge.rows import RowFile
from tests.core.builders import all_of
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


@pytest.fixture
def kept(folder: Path, cache: Path) -> Path:
    """What is kept of a kitchen."""
    load_snapshot(folder, cache=cache)
    return only(cache)


def only(cache: Path) -> Path:
    (kept,) = cache.glob("learned-*")
    return kept


def assert_the_same(one: Likeness | None, other: Likeness | None) -> None:
    """Both know the same, to the last bit."""
    assert one is not None
    assert other is not None
    assert (one.flag_ids, one.unknown_rarity) == (other.flag_ids, other.unknown_rarity)
    for name in ("keys", "rarity", "targets"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    for name in ("starts", "flags", "weights"):
        assert np.array_equal(getattr(one.kin, name), getattr(other.kin, name)), name


def test_what_comes_back_is_what_was_kept(folder: Path, cache: Path) -> None:
    knowledge = read_knowledge(folder)
    learned = teach(knowledge)

    keep_lessons(cache, knowledge, Lessons(learned, None))
    lessons = read_lessons(cache, knowledge)

    assert lessons is not None
    again = lessons.learned
    places = np.arange(len(learned.weights.keys))[::-2]
    assert read_kept(cache, knowledge.version) == knowledge
    assert again.word_counts == learned.word_counts
    assert again.weights.unknown_rarity == learned.weights.unknown_rarity
    for name in ("keys", "rarity", "meaning", "centres"):
        assert np.array_equal(getattr(again.weights, name), getattr(learned.weights, name)), name
    assert np.array_equal(again.weights.matrix[places], learned.weights.matrix[places])
    assert again.weights.matrix[places[:0]].shape == learned.weights.matrix[places[:0]].shape
    assert again.weights.matrix.shape == learned.weights.matrix.shape
    assert lessons.likeness is None


def test_it_is_for_the_user_alone(kept: Path) -> None:
    assert kept.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}


def test_what_is_in_use_may_be_deleted(taught: Path, cache: Path) -> None:
    first = load_snapshot(taught, cache=cache)
    again = load_snapshot(taught, cache=cache)
    for path in only(cache).iterdir():
        path.unlink()

    for said in (*HARMLESS, *DANGEROUS, "zorp"):
        one, other = (respond(Utterance(said, datetime(2024, 5, 1, 12, tzinfo=UTC)), each, Context()) for each in (first, again))
        assert one == other


def test_where_nothing_is_read_at_a_place_the_file_is_mapped(taught: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_snapshot(taught, cache=cache)
    monkeypatch.delattr(os, "pread")
    lessons = read_lessons(cache, before.knowledge)

    assert lessons is not None
    assert np.array_equal(all_of(lessons.learned.weights.matrix), all_of(before.lessons.learned.weights.matrix))


@pytest.mark.parametrize("array", [np.zeros(3), np.asfortranarray(np.zeros((2, 3)))], ids=["flat", "by columns"])
def test_only_rows_are_read_as_rows(array: NDArray[np.float64], tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", array)

    with pytest.raises(ValueError, match="holds no rows"):
        RowFile(tmp_path / "x.npy")


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
    assert (len(bare.keys), bare.flag_ids) == (0, ())

    keep_lessons(cache, knowledge, Lessons(teach(knowledge), bare))
    lessons = read_lessons(cache, knowledge)

    assert lessons is not None
    assert_the_same(lessons.likeness, bare)


def test_without_examples_nothing_about_likeness_is_kept(folder: Path, taught: Path, tmp_path: Path) -> None:
    kept = []
    for each in (folder, taught):
        load_snapshot(each, cache=tmp_path / "kept" / each.name)
        kept.append({path.name for path in only(tmp_path / "kept" / each.name).iterdir() if path.name.startswith(("like_", "kin_"))})

    assert kept == [set(), {f"{name}.npy" for name in ("like_keys", "like_rarity", "like_targets", "kin_starts", "kin_flags", "kin_weights")}]


def test_the_second_load_reads_no_yaml_learns_nothing_and_checks_nothing_again(taught: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_snapshot(taught, cache=cache)
    monkeypatch.delattr(snapshots, "teach")
    monkeypatch.delattr(snapshots, "teach_triage")
    monkeypatch.delattr(checks, "check")
    monkeypatch.delattr(reading, "draft_of")
    monkeypatch.delattr(strict_yaml, "parse_yaml")

    again = load_snapshot(taught, cache=cache)
    assert again.version == read_version(taught)
    assert again.knowledge.examples.said == (), "what they taught is kept"
    assert replace(again.knowledge, examples=first.knowledge.examples, questions=first.knowledge.questions) == first.knowledge


def test_a_sentence_that_fails_is_named_with_its_place_each_time(taught: Path, cache: Path) -> None:
    path = taught / "red_flags.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("silent_on: [", "silent_on: [the cooker hisses and i smell gas, "), encoding="utf-8")
    told = []
    for _ in range(2):
        with pytest.raises(KnowledgeError) as raised:
            load_snapshot(taught, cache=cache)
        told.append(raised.value.problems)

    assert told[0] == told[1]
    assert all(problem.line > 1 for problem in told[0])


def read_version(folder: Path) -> str:
    return read_files(folder).version


def test_a_changed_folder_is_learned_and_checked_anew(folder: Path, cache: Path) -> None:
    load_snapshot(folder, cache=cache)
    for path in (folder / "entries").glob("*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").replace("related: [", "related: [no-such-entry, "), encoding="utf-8")

    with pytest.raises(KnowledgeError, match="no-such-entry"):
        load_snapshot(folder, cache=cache)


NAMES = ("manifest.json", "knowledge.json", "word_counts.json", "matrix.npy", "like_targets.npy", "kin_flags.npy")


@pytest.mark.parametrize(
    "broken", [None, b"", b"nonsense", b"[]", b"{}", b"7", b"\x93NUMPY"], ids=["gone", "empty", "other", "list", "bare", "7", "cut short"]
)
@pytest.mark.parametrize("name", NAMES)
def test_a_spoilt_file_is_learned_again(name: str, broken: bytes | None, taught: Path, cache: Path) -> None:
    before = load_snapshot(taught, cache=cache)
    path = only(cache) / name
    path.unlink()
    if broken is not None:
        path.write_bytes(broken)

    after = load_snapshot(taught, cache=cache)
    assert after.version == before.version
    assert len(after.knowledge.examples.said) == len(HARMLESS) + len(DANGEROUS), "the examples are read after all"
    assert_the_same(after.lessons.likeness, before.lessons.likeness)
    assert (only(cache) / name).read_bytes() != broken
    assert read_lessons(cache, before.knowledge) is not None
    assert [path.name for path in cache.iterdir()] == [only(cache).name]


def respell(folder: Path, name: str, raw: bytes) -> None:
    """Change a file, and the manifest with it."""
    (folder / name).write_bytes(raw)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["crc"]
    manifest["files"][name] = zlib.crc32(raw)
    manifest["crc"] = zlib.crc32(json.dumps(manifest, sort_keys=True).encode())
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("like_rarity", lambda array: array[:-1]),
        ("like_targets", lambda array: array[:, :-1]),
        ("like_targets", lambda array: array[:2]),
        ("like_targets", lambda array: array.astype(np.float64)),
        ("like_keys", lambda array: array[:-9]),
        ("kin_starts", lambda array: array[:-1]),
        ("kin_flags", lambda array: array + np.uint16(1)),
        ("kin_weights", lambda array: array[:0]),
        ("matrix", lambda array: array[:, :-1]),
        ("matrix", lambda array: array[0]),
        ("meaning", lambda array: array[1:]),
        ("centres", lambda array: array[:, 1:]),
        ("rarity", lambda array: array[1:]),
        ("keys", lambda array: np.array([{}])),
    ],
)
def test_what_does_not_fit_together_is_learned_again(name: str, spoil: Callable[[NDArray[Any]], NDArray[Any]], taught: Path, cache: Path) -> None:
    before = load_snapshot(taught, cache=cache)
    file = io.BytesIO()
    np.save(file, spoil(np.load(only(cache) / f"{name}.npy")))
    respell(only(cache), f"{name}.npy", file.getvalue())

    assert read_lessons(cache, before.knowledge) is None
    assert_the_same(load_snapshot(taught, cache=cache).lessons.likeness, before.lessons.likeness)


@given(at=st.integers(0, 1 << 20), change=st.integers(1, 255), data=st.data())
def test_no_single_byte_goes_unnoticed(at: int, change: int, data: st.DataObject, kept: Path, cache: Path, folder: Path) -> None:
    """Wherever a file was damaged."""
    knowledge = read_knowledge(folder)
    path = kept / data.draw(st.sampled_from(sorted(path.name for path in kept.iterdir())))
    whole = path.read_bytes()
    spoilt = bytearray(whole)
    spoilt[at % len(spoilt)] ^= change
    path.write_bytes(spoilt)
    read = read_lessons(cache, knowledge), read_kept(cache, knowledge.version)
    path.write_bytes(whole)

    assert None in read
    assert read_lessons(cache, knowledge) is not None


def test_who_comes_second_leaves_what_is_there(folder: Path, cache: Path, kept: Path) -> None:
    snapshot = load_snapshot(folder)
    first = kept.stat()
    keep_lessons(cache, snapshot.knowledge, snapshot.lessons)

    assert kept.stat().st_ino == first.st_ino
    assert [path.name for path in cache.iterdir()] == [kept.name]


def test_a_file_in_the_place_of_the_folder_goes(folder: Path, cache: Path, kept: Path) -> None:
    shutil.rmtree(kept)
    kept.write_text("in the way", encoding="utf-8")
    knowledge = load_snapshot(folder, cache=cache).knowledge

    assert read_lessons(cache, knowledge) is not None


def test_where_nothing_can_be_written_the_bot_still_starts(folder: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("", encoding="utf-8")

    assert load_snapshot(folder, cache=in_the_way).knowledge.entries


def test_only_the_newest_few_are_kept(folder: Path, cache: Path) -> None:
    """Whatever wrote them; and nothing of a write that did not end."""
    cache.mkdir(parents=True)
    (cache / "learned-of-old.npz").write_bytes(b"PK")
    (cache / "broken.part").mkdir()
    (cache / "broken.part" / "keys.npy").write_bytes(b"")
    (cache / "older.part").write_bytes(b"")
    (cache / "now.part").mkdir()
    for name in ("learned-of-old.npz", "broken.part", "older.part"):
        os.utime(cache / name, (1, 1))
    for number in range(6):
        (folder / "none.yaml").write_text(f"- message number {number}\n", encoding="utf-8")
        load_snapshot(folder, cache=cache)

    assert len(list(cache.glob("learned-*-*"))) == 4
    assert len(list(cache.iterdir())) == 5
    assert (cache / "now.part").is_dir(), "another process may still be writing it"
