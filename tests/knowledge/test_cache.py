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
from bot.knowledge import cache as kept_cache
from bot.knowledge import checks, loader, reading, strict_yaml, trial
from bot.knowledge.cache import keep_lessons, keep_likeness, mark_passed, read_kept, read_lessons, read_likeness
from bot.knowledge.folder import read_files
from bot.knowledge.loader import load_passed, load_snapshot, read_knowledge
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
    """What is kept of the knowledge of a kitchen; the rest stands beside it."""
    load_snapshot(folder, cache=cache)
    return only(cache, "knowledge")


def only(cache: Path, kind: str = "matcher") -> Path:
    """The one folder of this kind that is kept."""
    (kept,) = cache.glob(f"{kind}-*")
    return kept


def holding(cache: Path, name: str) -> Path:
    """The file of this name, in whichever folder."""
    (file,) = cache.glob(f"*/{name}")
    return file


def lessons_of(cache: Path, version: str) -> Lessons | None:
    """What is kept of this version and what it taught."""
    kept = read_kept(cache, version)
    return read_lessons(cache, kept) if kept else None


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
    lessons = lessons_of(cache, knowledge.version)

    assert lessons is not None
    again = lessons.learned
    places = np.arange(len(learned.weights.keys))[::-2]
    assert (kept := read_kept(cache, knowledge.version)) is not None
    assert kept.knowledge == knowledge
    assert not kept.passed, "nobody has tried it"
    assert again.word_counts == learned.word_counts
    assert again.weights.unknown_rarity == learned.weights.unknown_rarity
    for name in ("keys", "rarity", "meaning", "centres"):
        assert np.array_equal(getattr(again.weights, name), getattr(learned.weights, name)), name
    assert np.array_equal(again.weights.matrix[places], learned.weights.matrix[places])
    assert again.weights.matrix[places[:0]].shape == learned.weights.matrix[places[:0]].shape
    assert again.weights.matrix.shape == learned.weights.matrix.shape
    assert lessons.likeness is None


def test_it_is_for_the_user_alone(kept: Path, cache: Path) -> None:
    assert {path.name.partition("-")[0] for path in cache.iterdir()} == {"knowledge", "matcher"}
    assert {path.stat().st_mode & 0o777 for path in cache.iterdir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in cache.glob("*/*")} == {0o600}


def test_what_is_in_use_may_be_deleted(taught: Path, cache: Path) -> None:
    first = load_snapshot(taught, cache=cache)
    again = load_snapshot(taught, cache=cache)
    for path in cache.glob("*/*"):
        path.unlink()

    for said in (*HARMLESS, *DANGEROUS, "zorp"):
        one, other = (respond(Utterance(said, datetime(2024, 5, 1, 12, tzinfo=UTC)), each, Context()) for each in (first, again))
        assert one == other


def test_where_nothing_is_read_at_a_place_the_file_is_mapped(taught: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_snapshot(taught, cache=cache)
    matrix = all_of(before.lessons.learned.weights.matrix)
    monkeypatch.delattr(os, "pread")
    lessons = lessons_of(cache, before.version)

    assert lessons is not None
    assert np.array_equal(all_of(lessons.learned.weights.matrix), matrix)


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
    assert lessons_of(cache, first.version) is not None


def test_likeness_that_knows_no_flag_and_no_word_comes_back(folder: Path, cache: Path) -> None:
    """Few examples, of which no flag has enough, or that share no word."""
    bare = learn([Sample(["gas"], Tier.EMERGENCY, "gas"), Sample(["egg"], None, None)])
    assert bare is not None
    assert (len(bare.keys), bare.flag_ids) == (0, ())

    keep_likeness(cache, "a", bare)
    again = read_likeness(cache, "a")

    assert again is not None
    assert_the_same(again.value, bare)


def test_examples_that_teach_nothing_are_not_asked_again(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anything harmless beside them, say."""
    (folder / "examples_harmless.yaml").write_text(EXAMPLES["examples_harmless.yaml"], encoding="utf-8")
    first = load_snapshot(folder, cache=cache)
    monkeypatch.delattr(loader, "learn_likeness")
    (folder / "topic.yaml").write_text("name: Another\n", encoding="utf-8")

    assert first.lessons.likeness is None
    assert load_snapshot(folder, cache=cache).lessons.likeness is None
    assert lessons_of(cache, first.version) is not None


def test_without_examples_nothing_about_likeness_is_kept(folder: Path, taught: Path, tmp_path: Path) -> None:
    kept = []
    for each in (folder, taught):
        load_snapshot(each, cache=tmp_path / "kept" / each.name)
        kept.append({path.name for path in (tmp_path / "kept" / each.name).glob("likeness-*/*.npy")})

    assert kept == [set(), {f"{name}.npy" for name in ("keys", "rarity", "targets", "kin_starts", "kin_flags", "kin_weights")}]


def test_the_second_load_reads_no_yaml_learns_nothing_and_checks_nothing_again(taught: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_snapshot(taught, cache=cache)
    monkeypatch.delattr(snapshots, "teach")
    monkeypatch.delattr(snapshots, "teach_triage")
    monkeypatch.delattr(loader, "teach")
    monkeypatch.delattr(trial, "try_sentences")
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


NAMES = ("knowledge.json", "word_counts.json", "matrix.npy", "targets.npy", "kin_flags.npy")
MANIFESTS = ("knowledge", "matcher", "likeness")


@pytest.mark.parametrize(
    "broken", [None, b"", b"nonsense", b"[]", b"{}", b"7", b"\x93NUMPY"], ids=["gone", "empty", "other", "list", "bare", "7", "cut short"]
)
@pytest.mark.parametrize("name", [*NAMES, *MANIFESTS])
def test_a_spoilt_file_is_learned_again(name: str, broken: bytes | None, taught: Path, cache: Path) -> None:
    before = load_snapshot(taught, cache=cache)
    path = only(cache, name) / "manifest.json" if name in MANIFESTS else holding(cache, name)
    path.unlink()
    if broken is not None:
        path.write_bytes(broken)

    after = load_snapshot(taught, cache=cache)
    assert after.version == before.version
    if name != "knowledge.json":
        assert len(after.knowledge.examples.said) == len(HARMLESS) + len(DANGEROUS), "the examples are read after all"
    assert_the_same(after.lessons.likeness, before.lessons.likeness)
    assert path.read_bytes() != broken
    assert lessons_of(cache, before.version) is not None
    assert len(list(cache.iterdir())) == 4, "knowledge, matcher, likeness and looks"


def respell(folder: Path, name: str, raw: bytes) -> None:
    """Change a file, and the manifest with it."""
    (folder / name).unlink()  # Whoever has it mapped keeps what was there.
    (folder / name).write_bytes(raw)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["crc"]
    manifest["files"][name] = zlib.crc32(raw)
    manifest["crc"] = zlib.crc32(json.dumps(manifest, sort_keys=True).encode())
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("likeness/rarity", lambda array: array[:-1]),
        ("likeness/targets", lambda array: array[:, :-1]),
        ("likeness/targets", lambda array: array[:2]),
        ("likeness/targets", lambda array: array.astype(np.float64)),
        ("likeness/keys", lambda array: array[:-9]),
        ("likeness/kin_starts", lambda array: array[:-1]),
        ("likeness/kin_flags", lambda array: array + np.uint16(1)),
        ("likeness/kin_weights", lambda array: array[:0]),
        ("matcher/matrix", lambda array: array[:, :-1]),
        ("matcher/matrix", lambda array: array[0]),
        ("matcher/meaning", lambda array: array[1:]),
        ("matcher/centres", lambda array: array[:, 1:]),
        ("matcher/rarity", lambda array: array[1:]),
        ("matcher/keys", lambda array: np.array([{}])),
        ("matcher/rivals", lambda array: array + np.int32(10_000)),
        ("matcher/margins", lambda array: array[1:]),
    ],
)
def test_what_does_not_fit_together_is_learned_again(name: str, spoil: Callable[[NDArray[Any]], NDArray[Any]], taught: Path, cache: Path) -> None:
    before = load_snapshot(taught, cache=cache)
    file = io.BytesIO()
    kind, _, array = name.partition("/")
    np.save(file, spoil(np.load(only(cache, kind) / f"{array}.npy")))
    respell(only(cache, kind), f"{array}.npy", file.getvalue())

    assert lessons_of(cache, before.version) is None
    assert_the_same(load_snapshot(taught, cache=cache).lessons.likeness, before.lessons.likeness)


@given(at=st.integers(0, 1 << 20), change=st.integers(1, 255), data=st.data())
def test_no_single_byte_goes_unnoticed(at: int, change: int, data: st.DataObject, kept: Path, cache: Path, folder: Path) -> None:
    """Wherever a file was damaged."""
    version = read_version(folder)
    files = sorted(str(path.relative_to(cache)) for path in cache.glob("*/*") if path.name != "passed")
    path = cache / data.draw(st.sampled_from(files))
    whole = path.read_bytes()
    spoilt = bytearray(whole)
    spoilt[at % len(spoilt)] ^= change
    path.write_bytes(spoilt)
    lessons = lessons_of(cache, version)
    path.write_bytes(whole)

    assert lessons is None
    assert lessons_of(cache, version) is not None


def test_who_comes_second_leaves_what_is_there(folder: Path, cache: Path, kept: Path) -> None:
    snapshot = load_snapshot(folder)
    first = {path.name: path.stat().st_ino for path in cache.iterdir()}
    keep_lessons(cache, snapshot.knowledge, snapshot.lessons)

    assert {path.name: path.stat().st_ino for path in cache.iterdir()} == first
    assert (read := read_kept(cache, snapshot.version)) is not None
    assert read.passed


def test_a_file_in_the_place_of_the_folder_goes(folder: Path, cache: Path, kept: Path) -> None:
    for path in (kept, only(cache)):
        shutil.rmtree(path)
        path.write_text("in the way", encoding="utf-8")
    snapshot = load_snapshot(folder, cache=cache)

    assert lessons_of(cache, snapshot.version) is not None


def test_where_nothing_can_be_written_the_bot_still_starts(folder: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("", encoding="utf-8")

    assert load_snapshot(folder, cache=in_the_way).knowledge.entries


def test_only_the_newest_few_are_kept(folder: Path, cache: Path) -> None:
    """Whatever wrote them; and nothing of a write that did not end."""
    cache.mkdir(parents=True)
    (cache / "matcher-of-old.npz").write_bytes(b"PK")
    (cache / "broken.part").mkdir()
    (cache / "broken.part" / "keys.npy").write_bytes(b"")
    (cache / "older.part").write_bytes(b"")
    (cache / "now.part").mkdir()
    for name in ("matcher-of-old.npz", "broken.part", "older.part"):
        os.utime(cache / name, (1, 1))
    for number in range(6):
        (folder / "none.yaml").write_text(f"- message number {number}\n", encoding="utf-8")
        load_snapshot(folder, cache=cache)

    assert len(list(cache.glob("matcher-*-*"))) == len(list(cache.glob("knowledge-*-*"))) == 4
    assert len(list(cache.iterdir())) == 9
    assert (cache / "now.part").is_dir(), "another process may still be writing it"


def test_what_is_still_used_is_not_old(folder: Path, cache: Path) -> None:
    """However often only an answer changes, and whatever else was learned in between."""
    load_snapshot(folder, cache=cache)
    used = only(cache)
    os.utime(used, (1, 1))
    for number in range(6):
        (folder / "topic.yaml").write_text(f"name: Kitchen {number}\n", encoding="utf-8")
        load_snapshot(folder, cache=cache)

    assert only(cache) == used
    assert used.stat().st_mtime > 1


# --- tried once ---


def test_sentences_are_tried_once(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_snapshot(folder, cache=cache, try_sentences=False)
    assert load_passed(folder, cache) is None, "nobody has tried it"
    first = load_snapshot(folder, cache=cache)
    monkeypatch.delattr(trial, "try_sentences")

    assert load_snapshot(folder, cache=cache).version == first.version
    assert (passed := load_passed(folder, cache)) is not None
    assert passed.version == first.version


@pytest.mark.parametrize("written", [None, b"", b"knowledge", b"\xff"], ids=["nothing", "empty", "something", "no text"])
def test_what_does_not_say_that_they_were_tried_does_not_count(written: bytes | None, folder: Path, cache: Path, kept: Path) -> None:
    (kept / "passed").unlink()
    if written is not None:
        (kept / "passed").write_bytes(written)

    assert load_passed(folder, cache) is None
    load_snapshot(folder, cache=cache)
    assert load_passed(folder, cache) is not None


def test_what_failed_is_never_taken(taught: Path, cache: Path) -> None:
    path = taught / "red_flags.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("silent_on: [", "silent_on: [the cooker hisses and i smell gas, "), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(KnowledgeError):
            load_snapshot(taught, cache=cache)

    assert lessons_of(cache, read_version(taught)) is not None, "it is kept, and yet"
    assert load_passed(taught, cache) is None


def test_a_folder_that_cannot_be_read_has_not_passed(folder: Path, cache: Path, kept: Path) -> None:
    (folder / "none.yaml").symlink_to(folder / "entries" / "eggs.yaml")

    assert load_passed(folder, cache) is None


def test_where_that_cannot_be_noted_they_are_tried_again(folder: Path, cache: Path, kept: Path) -> None:
    (kept / "passed").unlink()
    (kept / "passed").mkdir()
    load_snapshot(folder, cache=cache)
    mark_passed(cache, "nothing of this name")

    assert load_passed(folder, cache) is None


def test_where_nothing_old_can_be_deleted_it_stays(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(kept_cache, "forget_old", fail)

    assert load_snapshot(folder, cache=cache).knowledge.entries
    assert load_passed(folder, cache) is not None
