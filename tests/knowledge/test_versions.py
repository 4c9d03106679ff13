"""Versions of a folder: whole or not at all, never damaged, the last ten; and put back whole."""

from __future__ import annotations

import json
import logging
import os
import stat
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.errors import KnowledgeError
from bot.knowledge.folder import FolderFiles, read_files
from bot.knowledge.rewriting import may_rewrite, rewrite
from bot.knowledge.versions import Versions, files_of
from tests.knowledge.folders import CARE, GOOD, RELIEF, write_folder

A: Mapping[str, bytes] = {"entries/a.yaml": b"- id: a\n", "entries/b.yaml": b"- id: b\n", "topic.yaml": b"name: A\n"}
B: Mapping[str, bytes] = {"entries/b.yaml": b"- id: other\n", "entries/c.yaml": b"- id: c\n", "topic.yaml": b"name: A\n"}
NAMES = st.from_regex(r"\A(entries/)?[^./\\\x00-\x1f\ud800-\udfff][^/\\\x00-\x1f\ud800-\udfff]{0,20}\.ya?ml\Z")
FILES = st.dictionaries(NAMES, st.binary(max_size=200), max_size=6)


def files(content: Mapping[str, bytes]) -> FolderFiles:
    return FolderFiles(dict(sorted(content.items())), ())


def numbered(number: int) -> FolderFiles:
    return files({"entries/a.yaml": str(number).encode()})


def write(folder: Path, content: Mapping[str, bytes]) -> Path:
    for name, raw in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(raw)
    return folder


def held(folder: Path) -> dict[str, bytes]:
    """Every file there is, hidden ones as well."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def kept(versions: Versions) -> list[str]:
    return [each.version for each in versions.list()]


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "data" / "versions")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "knowledge", A)


def path_of(versions: Versions, content: Mapping[str, bytes]) -> Path:
    path = versions.path(files(content).version)
    assert path is not None
    return path


# --- keeping --------------------------------------------------------------------------------------------------------


@given(content=FILES)
def test_any_files_come_back_byte_for_byte(content: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    versions = Versions(tmp_path_factory.mktemp("any") / "versions")
    path = versions.keep(files(content))

    assert versions.read(files(content).version) == content
    assert files_of(path) == files(content)


@given(content=FILES.filter(bool), data=st.data())
def test_damage_is_never_served(content: Mapping[str, bytes], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever byte is another, and wherever the file ends: what comes back is what was kept, or nothing."""
    versions = Versions(tmp_path_factory.mktemp("damaged") / "versions")
    path = versions.keep(files(content))
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw)))])

    assert versions.read(files(content).version) in (None, content)
    assert files_of(path).problems or files_of(path) == files(content)


def test_what_is_damaged_is_told_and_kept_anew(versions: Versions) -> None:
    path = versions.keep(files(A))
    path.write_bytes(path.read_bytes()[:-1])
    (problem,) = files_of(path).problems

    assert versions.read(files(A).version) is None
    assert "gone, or damaged" in problem.what
    versions.keep(files(A))
    assert versions.read(files(A).version) == A
    assert kept(versions) == [files(A).version]


def test_another_file_of_the_same_name_is_damage(versions: Versions) -> None:
    """Sound by itself, and not what was kept."""
    path = versions.keep(files(A))
    with ZipFile(path, "w") as file:
        file.writestr("entries/a.yaml", "- id: somebody else\n")

    assert versions.read(files(A).version) is None


def test_a_name_that_leads_elsewhere_is_passed_over(versions: Versions) -> None:
    content = {"../../topic.yaml": b"name: A\n"}
    versions.keep(files(content))

    assert versions.read(files(content).version) is None


def test_a_kept_version_opens_by_hand(versions: Versions) -> None:
    path = versions.keep(files(A))
    with ZipFile(path) as file:
        assert {name: file.read(name) for name in file.namelist()} == A
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@given(numbers=st.lists(st.integers(0, 6), max_size=20), most=st.integers(1, 5))
@hypothesis_settings(max_examples=40)
def test_the_newest_are_kept_each_once(numbers: list[int], most: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    versions = Versions(tmp_path_factory.mktemp("many") / "versions", most)
    newest: list[str] = []
    for number in numbers:
        versions.keep(numbered(number))
        newest = [numbered(number).version, *(each for each in newest if each != numbered(number).version)][:most]
        assert kept(versions) == newest
    assert all(versions.read(each) is not None for each in newest)
    assert len(list(versions.list())) == len(newest)


def test_ten_are_kept(versions: Versions) -> None:
    for number in range(14):
        versions.keep(numbered(number))

    assert kept(versions) == [numbered(number).version for number in range(13, 3, -1)]
    assert len(list((versions.keep(numbered(13))).parent.iterdir())) == 10


def test_the_order_is_that_of_keeping_and_not_of_a_clock(versions: Versions, monkeypatch: pytest.MonkeyPatch) -> None:
    class Backwards(datetime):
        day = 20

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            cls.day -= 1
            return datetime(2026, 1, cls.day, tzinfo=UTC)

    monkeypatch.setattr("bot.knowledge.versions.datetime", Backwards)
    for number in range(4):
        versions.keep(numbered(number))

    assert kept(versions) == [numbered(number).version for number in (3, 2, 1, 0)]
    assert [each.kept_at for each in versions.list()] == [datetime(2026, 1, day, tzinfo=UTC) for day in (16, 17, 18, 19)]


def test_it_says_when(versions: Versions) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    versions.keep(files(A))
    (each,) = versions.list()

    assert before <= each.kept_at <= datetime.now(UTC)
    assert each.base == ""


def test_it_says_what_it_was_made_from(versions: Versions) -> None:
    versions.keep(files(B), base=files(A).version)

    assert [(each.version, each.base) for each in versions.list()] == [(files(B).version, files(A).version)]
    assert versions.read(files(B).version) == B


def test_what_is_none_of_ours_is_passed_over(versions: Versions) -> None:
    place = versions.keep(files(A)).parent
    for name in ("notes.txt", "000001-20260101T000000Z-short.zip", "000009-20269901T000000Z-0123456789ab.zip"):
        (place / name).write_text("", encoding="utf-8")

    assert kept(versions) == [files(A).version]
    assert (versions.read("0" * 12), versions.path("0" * 12)) == (None, None)


def test_where_nothing_was_kept_there_is_nothing(versions: Versions, tmp_path: Path) -> None:
    assert versions.list() == ()
    versions.forget(["0" * 12])
    assert not (tmp_path / "data").exists()


def test_some_are_forgotten(versions: Versions) -> None:
    versions.keep(files(A))
    versions.keep(files(B))
    versions.forget([files(A).version])

    assert kept(versions) == [files(B).version]


def test_a_write_that_fails_leaves_what_was_there(versions: Versions, monkeypatch: pytest.MonkeyPatch) -> None:
    place = versions.keep(files(A)).parent
    before = held(place)
    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space left"):
        versions.keep(files(B))

    assert held(place) == before


def full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_what_a_dead_process_left_is_cleared_and_what_a_live_one_writes_is_not(versions: Versions) -> None:
    place = versions.keep(files(A)).parent
    for name, age_s in (("old.part", 3600), ("new.part", 0)):
        (place / name).write_bytes(b"half")
        os.utime(place / name, (time.time() - age_s,) * 2)
    versions.keep(files(B))

    assert {path.name for path in place.glob("*.part")} == {"new.part"}


# --- putting back ---------------------------------------------------------------------------------------------------


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(KnowledgeError) as raised:
        act()
    return str(raised.value)


def put_back(versions: Versions, content: Mapping[str, bytes], folder: Path) -> None:
    versions.put_back(files(content).version, folder, read_files(folder).version)


def test_a_version_is_put_back_and_what_was_there_is_kept(versions: Versions, folder: Path) -> None:
    write(folder, {"README.md": b"mine", ".hidden.yaml": b"mine", "entries/.x.yaml": b"mine"})
    versions.keep(files(B))
    put_back(versions, B, folder)

    assert held(folder) == {**B, "README.md": b"mine", ".hidden.yaml": b"mine", "entries/.x.yaml": b"mine"}
    assert versions.read(files(A).version) == A
    put_back(versions, A, folder)
    assert read_files(folder) == files(A), "and back again"


@given(before=FILES, after=FILES)
@hypothesis_settings(max_examples=40)
def test_whatever_was_there_becomes_what_was_kept(
    before: Mapping[str, bytes], after: Mapping[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = tmp_path_factory.mktemp("any")
    versions, folder = Versions(place / "versions", 2), write(place / "knowledge", before)
    folder.mkdir(exist_ok=True)
    versions.keep(files(after))
    put_back(versions, after, folder)

    assert held(folder) == after
    assert versions.read(files(before).version) == before
    assert versions.read(files(after).version) == after


def test_what_is_the_same_is_not_touched(versions: Versions, folder: Path) -> None:
    os.utime(folder / "topic.yaml", (1, 1))
    inode = (folder / "topic.yaml").stat().st_ino
    versions.keep(files(B))
    put_back(versions, B, folder)

    assert (folder / "topic.yaml").stat().st_mtime == 1
    assert (folder / "topic.yaml").stat().st_ino == inode


def test_who_may_read_a_file_may_read_it_afterwards(versions: Versions, folder: Path) -> None:
    (folder / "entries/a.yaml").chmod(0o640)
    (folder / "entries/b.yaml").chmod(0o604)
    versions.keep(files(B))
    put_back(versions, B, folder)

    assert stat.S_IMODE((folder / "entries/b.yaml").stat().st_mode) == 0o604
    assert stat.S_IMODE((folder / "entries/c.yaml").stat().st_mode) == 0o640, "as its neighbours"


def test_the_oldest_makes_no_room_for_what_is_there_now(tmp_path: Path, folder: Path) -> None:
    versions = Versions(tmp_path / "versions", 2)
    versions.keep(files(B))
    versions.keep(numbered(1))
    put_back(versions, B, folder)

    assert set(kept(versions)) == {files(A).version, files(B).version}
    assert read_files(folder) == files(B)


def test_a_folder_that_is_not_sound_is_kept_and_replaced(versions: Versions, folder: Path) -> None:
    broken = {**A, "topic.yaml": b"name: [\n"}
    write(folder, broken)
    versions.keep(files(B))
    put_back(versions, B, folder)

    assert held(folder) == B
    assert versions.read(files(broken).version) == broken


@pytest.mark.parametrize("left", ["nothing", "an empty folder", "what nobody reads"])
def test_entries_that_are_all_gone_come_back(left: str, versions: Versions, folder: Path) -> None:
    for path in (folder / "entries").iterdir():
        path.unlink()
    if left == "nothing":
        (folder / "entries").rmdir()
    elif left == "what nobody reads":
        write(folder, {"entries/README.md": b"mine", "entries/.a.yaml": b"mine"})
    versions.keep(files(B))
    put_back(versions, B, folder)

    assert read_files(folder) == files(B)


def link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def too_large(path: Path) -> None:
    path.write_bytes(b"#" * (1024 * 1024 + 1))


@pytest.mark.parametrize("spoil", [link, too_large, Path.mkdir, os.mkfifo])
@pytest.mark.parametrize("name", ["entries/odd.yaml", "odd.yaml"])
def test_what_cannot_be_read_is_not_written_over(name: str, spoil: Callable[[Path], None], versions: Versions, folder: Path) -> None:
    spoil(folder / name)
    versions.keep(files(B))

    assert f"{name}:1:1: " in refusal(lambda: put_back(versions, B, folder))
    assert (folder / "entries/a.yaml").read_bytes() == A["entries/a.yaml"]


def test_entries_that_are_a_link_or_no_folder_are_left(versions: Versions, folder: Path, tmp_path: Path) -> None:
    versions.keep(files(B))
    (folder / "entries").rename(tmp_path / "elsewhere")
    (folder / "entries").symlink_to(tmp_path / "elsewhere")
    assert "symbolic link" in refusal(lambda: put_back(versions, B, folder))
    (folder / "entries").unlink()
    (folder / "entries").write_text("a file", encoding="utf-8")
    assert "cannot read entries/" in refusal(lambda: put_back(versions, B, folder))

    assert (folder / "topic.yaml").read_bytes() == A["topic.yaml"]
    assert held(tmp_path / "elsewhere") == {"a.yaml": A["entries/a.yaml"], "b.yaml": A["entries/b.yaml"]}


def test_a_version_that_is_not_there_changes_nothing(versions: Versions, folder: Path) -> None:
    path = versions.keep(files(B))
    path.write_bytes(b"damaged")

    assert "not kept any more" in refusal(lambda: put_back(versions, B, folder))
    assert held(folder) == A


def test_what_was_written_meanwhile_stays(versions: Versions, folder: Path) -> None:
    versions.keep(files(B))
    expected = read_files(folder).version
    write(folder, {"entries/a.yaml": b"- id: edited\n"})

    assert "changed meanwhile" in refusal(lambda: versions.put_back(files(B).version, folder, expected))
    assert held(folder) == {**A, "entries/a.yaml": b"- id: edited\n"}


def test_what_is_written_at_that_very_moment_is_told(versions: Versions, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disturbed(*arguments: object) -> None:
        rewrite(*arguments)  # type: ignore[arg-type]
        write(folder, {"entries/d.yaml": b"- id: d\n"})

    versions.keep(files(B))
    monkeypatch.setattr("bot.knowledge.versions.rewrite", disturbed)

    assert "changed while it was written" in refusal(lambda: put_back(versions, B, folder))


def test_where_the_present_cannot_be_kept_nothing_is_written(versions: Versions, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    versions.keep(files(B))
    monkeypatch.setattr(os, "fsync", full_disk)

    assert "no space left on device" in refusal(lambda: put_back(versions, B, folder))
    assert held(folder) == A


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_is_left_as_it_is(versions: Versions, folder: Path) -> None:
    versions.keep(files(B))
    (folder / "entries").chmod(0o500)
    try:
        assert "cannot write into the knowledge folder (permission denied)" in refusal(lambda: put_back(versions, B, folder))
        assert held(folder) == A
    finally:
        (folder / "entries").chmod(0o700)


def test_a_folder_that_refuses_is_left_as_it_is(versions: Versions, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(**_: object) -> None:
        raise OSError(30, "Read-only file system")

    versions.keep(files(B))
    monkeypatch.setattr("bot.knowledge.rewriting._part", lambda path, content: read_only())

    assert "cannot write into the knowledge folder (read-only file system)" in refusal(lambda: put_back(versions, B, folder))
    assert held(folder) == A


@pytest.mark.parametrize("at", range(3))
def test_a_file_that_cannot_be_replaced_takes_the_others_back(at: int, versions: Versions, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as one of somebody else's in a folder where only owners may."""
    steps = 0

    def only_some(act: Callable[..., object]) -> Callable[..., object]:
        def tried(path: Path, *arguments: object, **options: object) -> object:
            nonlocal steps
            if path.is_relative_to(folder) and not (act is Path.unlink and path.suffix != ".yaml"):
                steps += 1
                if steps == at + 1:
                    raise OSError(1, "Operation not permitted")
            return act(path, *arguments, **options)

        return tried

    versions.keep(files(B))
    monkeypatch.setattr(Path, "replace", only_some(Path.replace))
    monkeypatch.setattr(Path, "unlink", only_some(Path.unlink))

    assert "operation not permitted" in refusal(lambda: put_back(versions, B, folder))
    assert held(folder) == A
    put_back(versions, B, folder)
    assert held(folder) == B


def test_whether_it_can_be_written_is_tried_without_a_trace(folder: Path, tmp_path: Path) -> None:
    may_rewrite(folder)
    assert held(folder) == A
    with pytest.raises(FileNotFoundError):
        may_rewrite(tmp_path / "nowhere")
    (folder / "entries" / "a.yaml").unlink()
    (folder / "entries" / "b.yaml").unlink()
    (folder / "entries").rmdir()
    may_rewrite(folder)


# --- a process that ends in the middle ------------------------------------------------------------------------------


class Ended(BaseException):
    """The process ends here: nothing of it runs any more."""


def steps_of(versions: Versions, folder: Path) -> int:
    """Put B back, and return how many times a file was put in place or deleted for it."""
    with pytest.MonkeyPatch.context() as patch:
        count = ending_at(patch, folder, None)
        put_back(versions, B, folder)
    return len(count)


def ending_at(patch: pytest.MonkeyPatch, folder: Path, step: int | None) -> list[int]:
    """Let the process end before the *step*th time that a file of *folder* is put in place or deleted; nothing is tidied up then."""
    done: list[int] = []

    def counted(act: Callable[..., object]) -> Callable[..., object]:
        def tried(path: Path, *arguments: object, **options: object) -> object:
            if not path.is_relative_to(folder):
                return act(path, *arguments, **options)
            if step is not None and len(done) >= step:
                raise Ended
            done.append(1)
            return act(path, *arguments, **options)

        return tried

    patch.setattr(Path, "replace", counted(Path.replace))
    patch.setattr(Path, "unlink", counted(Path.unlink))
    return done


def died_at(step: int, versions: Versions, folder: Path) -> None:
    """Leave what is there when the process is killed before that step: the note as well."""
    note = versions.keep(files(B)).parent / "unfinished.json"
    raw = json.dumps({"folder": str(folder.absolute()), "from": files(A).version, "to": files(B).version})
    with pytest.MonkeyPatch.context() as patch:
        ending_at(patch, folder, step)
        with pytest.raises(Ended):
            put_back(versions, B, folder)
    note.write_text(raw, encoding="utf-8")


def test_a_killed_process_leaves_whole_files_and_the_next_one_finishes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Wherever it ends."""
    every = steps_of(Versions(tmp_path / "count" / "versions"), prepared(tmp_path / "count"))
    finished: set[bool] = set()
    for step in range(every):
        place = tmp_path / str(step)
        versions, folder = Versions(place / "versions"), prepared(place)
        died_at(step, versions, folder)
        between = read_files(folder).content_by_name
        assert all(content in (A.get(name), B.get(name)) for name, content in between.items()), "whole files"
        caplog.clear()
        done = versions.finish(folder)
        assert read_files(folder).content_by_name == (A if between == A else B)
        assert done == (between not in (A, B)) == bool(caplog.records)
        assert not versions.finish(folder), "once"
        assert not (place / "versions" / "unfinished.json").exists()
        finished.add(done)
        put_back(versions, A if done else B, folder)
        assert held(folder) == (A if done else B), "nothing is left behind"
    assert finished == {True, False}


def prepared(place: Path) -> Path:
    Versions(place / "versions").keep(files(B))
    return write(place / "knowledge", A)


def test_the_note_is_written_before_and_gone_after(versions: Versions, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = versions.keep(files(B)).parent / "unfinished.json"
    seen: list[object] = []

    def looked(*arguments: object) -> None:
        seen.append(json.loads(note.read_bytes()))
        rewrite(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("bot.knowledge.versions.rewrite", looked)
    put_back(versions, B, folder)

    assert seen == [{"folder": str(folder.absolute()), "from": files(A).version, "to": files(B).version}]
    assert not note.exists()


def half_way(versions: Versions, folder: Path) -> Path:
    versions.keep(files(A))
    note = versions.keep(files(B)).parent / "unfinished.json"
    note.write_text(json.dumps({"folder": str(folder.absolute()), "from": files(A).version, "to": files(B).version}), encoding="utf-8")
    write(folder, {"entries/b.yaml": B["entries/b.yaml"]})
    return note


def test_what_somebody_has_written_since_is_not_finished_over(versions: Versions, folder: Path) -> None:
    note = half_way(versions, folder)
    write(folder, {"entries/a.yaml": b"- id: repaired by hand\n"})
    before = held(folder)

    assert not versions.finish(folder)
    assert held(folder) == before
    assert not note.exists()


def test_another_folder_is_not_finished(versions: Versions, folder: Path, tmp_path: Path) -> None:
    half_way(versions, folder)
    other = write(tmp_path / "other", {**A, "entries/b.yaml": B["entries/b.yaml"]})
    before = held(other)

    assert not versions.finish(other)
    assert held(other) == before


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"{", b'{"from": 1, "to": 2, "folder": 3}'])
def test_a_note_that_says_nothing_is_passed_over(raw: bytes, versions: Versions, folder: Path) -> None:
    half_way(versions, folder).write_bytes(raw)
    before = held(folder)

    assert not versions.finish(folder)
    assert held(folder) == before


def test_without_a_note_there_is_nothing_to_finish(versions: Versions, folder: Path) -> None:
    assert not versions.finish(folder)


def test_what_cannot_be_finished_is_told(versions: Versions, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    note = half_way(versions, folder)
    with monkeypatch.context() as patch:
        patch.setattr("bot.knowledge.versions.rewrite", full_disk)
        assert not versions.finish(folder)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]

    assert note.exists()
    assert versions.finish(folder), "at the next start"
    assert held(folder) == B


def test_a_folder_is_read_as_a_folder(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "000001-20260101T000000Z-0123456789ab.zip")

    assert set(files_of(folder).content_by_name) == set(GOOD) >= {CARE, RELIEF}
