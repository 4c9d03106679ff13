"""A knowledge folder as it was: another folder, or what git has of this one."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import ConfigError


@contextmanager
def earlier(named: str, folder: Path) -> Iterator[Path]:
    """Give the folder called *named*; where there is none, *folder* as the commit, branch or tag of that name has it.

    Raises ConfigError that says what is missing: git, a repository, the commit, or the folder in it.
    """
    if named and Path(named).is_dir():
        yield Path(named)
        return
    packed = _archive(named, folder)
    with tempfile.TemporaryDirectory(prefix="napebot-") as there:
        _unpack(packed, Path(there))
        yield Path(there)


def _unpack(packed: bytes, there: Path) -> None:
    """Write the regular files of the archive: what else a commit may hold, links above all, is no knowledge."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            path = there / member.name
            if content is not None and path.resolve().is_relative_to(there.resolve()):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())


def _archive(ref: str, folder: Path) -> bytes:
    place = folder.resolve()
    commit = _git(place, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        what = f"'{ref}' is no folder, and no commit, branch or tag of a git repository that '{folder}' lies in; name one of these"
        raise ConfigError(f"--against: {what}")
    # Of the folder that git is run in, and with names below it.
    packed = _git(place, "archive", "--format=tar", commit.decode().strip())
    if packed is None:
        raise ConfigError(f"--against: '{ref}' has no folder '{folder}'; name a commit in which it was there already")
    return packed


def _git(place: Path, *arguments: str) -> bytes | None:
    """Return what git prints; None where it fails."""
    try:
        done = subprocess.run(["git", "-C", str(place), *arguments], capture_output=True, check=False)  # noqa: S603, S607
    except OSError as error:
        raise ConfigError(f"--against: git cannot be run ({error.strerror}); install it, or name a folder") from error
    return done.stdout if done.returncode == 0 else None
