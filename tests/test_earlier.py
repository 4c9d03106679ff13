"""What a knowledge folder was: another folder, or a commit."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from bot.earlier import earlier
from bot.errors import ConfigError
from tests.commits import commit_all, git
from tests.kitchen import ENTRIES, write_kitchen


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: in the first there is no kitchen. The working folder has another egg by now."""
    home = tmp_path / "home"
    (home / "hall").mkdir(parents=True)
    (home / "hall" / "coat").write_text("A coat.", encoding="utf-8")
    commit_all(home)
    kitchen = write_kitchen(home / "kitchen")
    (kitchen / "link.yaml").symlink_to("/etc/hostname")
    commit_all(home)
    git(home, "tag", "cooked")
    (kitchen / "entries" / "eggs.yaml").write_text("7\n", encoding="utf-8")
    return kitchen


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    with earlier(str(tmp_path), tmp_path / "other") as there:
        assert there == tmp_path


@pytest.mark.parametrize("ref", ["HEAD", "cooked", "HEAD~0"])
def test_a_commit_has_the_folder_as_it_was(ref: str, repository: Path) -> None:
    with earlier(ref, repository) as there:
        files = {str(path.relative_to(there)): path.read_text(encoding="utf-8") for path in there.rglob("*") if path.is_file()}

    assert files == ENTRIES  # neither the rest of the commit, nor links in it
    assert not there.exists()


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("HEAD~1", "'HEAD~1' has no folder"),
        ("last-week", "'last-week' is no folder, and no commit"),
        ("--output=x", "'--output=x' is no folder, and no commit"),
        ("", "'' is no folder, and no commit"),
    ],
)
def test_what_there_is_not_is_named(ref: str, said: str, repository: Path) -> None:
    with pytest.raises(ConfigError, match="--against: ") as caught, earlier(ref, repository):
        pass

    assert said in str(caught.value)


def test_outside_of_a_repository_there_are_no_commits(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="of a git repository"), earlier("HEAD", write_kitchen(tmp_path / "kitchen")):
        pass


def test_without_git_a_folder_will_do(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))

    with pytest.raises(ConfigError, match=r"git cannot be run .*; install it, or name a folder"), earlier("HEAD", repository):
        pass


def test_nothing_is_written_beside_the_place(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in ("../out.yaml", "in.yaml"):
            member = tarfile.TarInfo(name)
            member.size = 2
            tar.addfile(member, io.BytesIO(b"7\n"))
    monkeypatch.setattr("bot.earlier._archive", lambda *_: packed.getvalue())

    with earlier("HEAD", repository) as there:
        assert [path.name for path in there.iterdir()] == ["in.yaml"]
        assert not (there.parent / "out.yaml").exists()
