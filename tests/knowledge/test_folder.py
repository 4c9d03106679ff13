"""Reading files: regular ones only, within limits, never while they change, and never with a traceback."""

import os
from pathlib import Path

import pytest

from bot.errors import KnowledgeError
from bot.knowledge.folder import FILE_LIMIT_BYTES, FOLDER_LIMIT_FILES, FolderFiles, read_files
from bot.knowledge.loader import read_knowledge
from tests.knowledge.folders import CARE, GOOD, RELIEF, write_folder


def whats(files: FolderFiles) -> dict[str, str]:
    """What is wrong, by file."""
    return {problem.file: problem.what for problem in files.problems}


def test_names_and_bytes_are_returned_sorted(tmp_path: Path) -> None:
    files = read_files(write_folder(tmp_path, {"README.md": "x", "entries/.#care.yaml": "[", "entries/b.yml": "x", "entries/old.yaml~": "["}))

    assert list(files.content_by_name) == sorted([*GOOD, "entries/b.yml"])
    assert files.content_by_name[CARE] == GOOD[CARE].encode()
    assert files.problems == ()


def test_the_version_names_every_byte_and_name(tmp_path: Path) -> None:
    first = read_files(write_folder(tmp_path / "a")).version
    versions = {
        first,
        read_files(write_folder(tmp_path / "b", {CARE: GOOD[CARE] + " "})).version,
        read_files(write_folder(tmp_path / "c", {"entries/new.yaml": ""})).version,
        read_files(write_folder(tmp_path / "d", {"entries/old.yaml": ""})).version,
    }

    assert len(versions) == 4
    assert read_files(write_folder(tmp_path / "e")).version == first
    assert len(first) == 12
    assert set(first) <= set("0123456789abcdef")


def test_a_missing_folder_is_a_problem(tmp_path: Path) -> None:
    files = read_files(tmp_path / "nowhere")

    assert "nowhere' (no such file or directory)" in whats(files)["."]


def test_a_folder_that_is_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    assert "not a directory" in whats(read_files(tmp_path / "file"))["."]


def test_a_path_no_system_knows_is_a_problem() -> None:
    assert "cannot read" in whats(read_files(Path("a\0b")))["."]


def test_a_folder_without_entries_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "topic.yaml").write_text("name: x\n")

    assert "cannot read entries/" in whats(read_files(tmp_path))["entries"]


def test_empty_entries_are_a_problem(tmp_path: Path) -> None:
    (tmp_path / "entries").mkdir()
    (tmp_path / "entries" / "notes.txt").write_text("x")

    assert "at least one .yaml file" in whats(read_files(tmp_path))["entries"]


def test_a_folder_within_entries_is_a_problem(tmp_path: Path) -> None:
    files = read_files(write_folder(tmp_path, {"entries/more/x.yaml": "[]"}))

    assert "are not read" in whats(files)["entries/more"]


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    write_folder(tmp_path / "good")
    (tmp_path / "good" / "entries" / "link.yaml").symlink_to(tmp_path / "good" / CARE)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "entries").symlink_to(tmp_path / "good" / "entries")

    assert "symbolic link" in whats(read_files(tmp_path / "good"))["entries/link.yaml"]
    assert "symbolic link" in whats(read_files(tmp_path / "linked"))["entries"]


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    """So a release is switched: `current` points at the new one."""
    write_folder(tmp_path / "v1")
    (tmp_path / "current").symlink_to(tmp_path / "v1")

    assert read_files(tmp_path / "current").problems == ()


def test_a_pipe_and_a_folder_are_no_files(tmp_path: Path) -> None:
    write_folder(tmp_path)
    os.mkfifo(tmp_path / "none.yaml.yaml")
    os.mkfifo(tmp_path / "entries" / "pipe.yaml")
    (tmp_path / "entries" / "folder.yaml").mkdir()

    found = whats(read_files(tmp_path))

    assert set(found) == {"none.yaml.yaml", "entries/pipe.yaml", "entries/folder.yaml"}
    assert all("not a regular file" in what for what in found.values())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_problem(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / CARE).chmod(0)

    assert "permission denied" in whats(read_files(tmp_path))[CARE]


def test_a_file_that_goes_away_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the listing and the reading."""
    write_folder(tmp_path)
    really_open = os.open

    def open_late(path: Path, flags: int) -> int:
        if path.name == "care.yaml":
            path.unlink()
        return really_open(path, flags)

    monkeypatch.setattr(os, "open", open_late)

    assert "no such file" in whats(read_files(tmp_path))[CARE]


def test_a_disk_that_fails_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int, length: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", fail)

    assert "input/output error" in whats(read_files(write_folder(tmp_path)))[RELIEF]


def test_a_file_that_changes_while_it_is_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path)
    really_read = os.read

    def read_late(descriptor: int, length: int) -> bytes:
        content = really_read(descriptor, length)
        if content == GOOD[CARE].encode():
            (tmp_path / CARE).write_text(GOOD[CARE] + "# saved just now\n")
        return content

    monkeypatch.setattr(os, "read", read_late)

    assert "changed while it was read" in whats(read_files(tmp_path))[CARE]


def test_a_file_that_grows_without_end_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_folder(tmp_path)
    monkeypatch.setattr(os, "read", lambda descriptor, length: b"x" * length)

    assert "changed while it was read" in whats(read_files(tmp_path))[CARE]


def test_large_files_are_refused_before_they_are_read(tmp_path: Path) -> None:
    write_folder(tmp_path, {"entries/fits.yaml": b"#" * FILE_LIMIT_BYTES, "entries/huge.yaml": b"#" * (FILE_LIMIT_BYTES + 1)})

    assert list(whats(read_files(tmp_path))) == ["entries/huge.yaml"]


def test_a_folder_of_too_much_is_refused(tmp_path: Path) -> None:
    files = read_files(write_folder(tmp_path, {f"entries/big-{n:02}.yaml": b"#" * FILE_LIMIT_BYTES for n in range(17)}))

    assert "16 MiB" in whats(files)["."]
    assert files.content_by_name == {}


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path) -> None:
    write_folder(tmp_path)
    for number in range(FOLDER_LIMIT_FILES):
        (tmp_path / "entries" / f"{number}.yaml").touch()

    assert f"at most {FOLDER_LIMIT_FILES}" in whats(read_files(tmp_path))["."]


def test_a_name_that_is_no_text_can_still_be_named(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "entries" / os.fsdecode(b"caf\xe9.yaml")).write_text("[]")
    with pytest.raises(KnowledgeError) as refusal:
        read_knowledge(tmp_path)

    assert str(refusal.value).encode()
    assert refusal.value.problems[0].file == "entries/caf\\udce9.yaml"


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    write_folder(tmp_path)
    (tmp_path / "messages.yaml").unlink()
    os.mkfifo(tmp_path / "messages.yaml")
    return tmp_path


def test_what_hangs_on_an_unreadable_file_is_not_blamed(unreadable: Path) -> None:
    """The notes and alarms of that file are not called unknown."""
    with pytest.raises(KnowledgeError) as refusal:
        read_knowledge(unreadable)

    assert [problem.file for problem in refusal.value.problems] == ["messages.yaml"]
