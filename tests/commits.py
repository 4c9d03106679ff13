"""A git repository of a test's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_WHO = ("-c", "user.name=A", "-c", "user.email=a@example.org")


def git(folder: Path, *arguments: str) -> None:
    """Run git in *folder*. Raises CalledProcessError."""
    subprocess.run([shutil.which("git") or "git", "-C", str(folder), *_WHO, *arguments], check=True, capture_output=True)


def commit_all(folder: Path) -> None:
    """Make *folder* a repository, if it is none, and commit all that is in it."""
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "As it is")
