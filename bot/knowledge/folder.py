"""The files of a knowledge folder, read once and carefully: regular files only, within limits, and not while they change."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import Problem

FILE_LIMIT_BYTES = 1024 * 1024
FOLDER_LIMIT_BYTES = 16 * FILE_LIMIT_BYTES
FOLDER_LIMIT_FILES = 2_000
ENTRIES = "entries"
_ENDINGS = (".yaml", ".yml")
_MISNAMED = (*_ENDINGS, ".yaml.txt", ".yml.txt")
"""What an editor or another system makes of them; in any case of letters."""
_VERSION_DIGITS = 12


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """What a folder holds."""

    content_by_name: dict[str, bytes]
    """Path below the folder, with forward slashes -> bytes; sorted by name."""
    problems: tuple[Problem, ...]

    @property
    def version(self) -> str:
        """The first 12 hex digits of the SHA-256 over names and contents."""
        return self.digest(self.content_by_name)

    def digest(self, names: Iterable[str]) -> str:
        """Return the same over those files of *names* that there are."""
        digest = hashlib.sha256()
        for name in names:
            content = self.content_by_name.get(name)
            if content is not None:
                digest.update(f"{name}\n{len(content)}\n".encode())
                digest.update(content)
        return digest.hexdigest()[:_VERSION_DIGITS]


def read_files(folder: Path) -> FolderFiles:
    """Return the YAML files of *folder* and of its `entries/`, with every problem met on the way. Never raises."""
    problems: list[Problem] = []
    paths = _yaml_paths(folder, "", problems)
    if problems:
        return FolderFiles({}, tuple(problems))
    entries = _yaml_paths(folder, f"{ENTRIES}/", problems)
    if not entries and not problems:
        problems.append(Problem(ENTRIES, 1, 1, "no entries; put at least one .yaml file into entries/"))
    paths += entries
    if len(paths) > FOLDER_LIMIT_FILES:
        problems.append(Problem(".", 1, 1, f"{len(paths)} files, at most {FOLDER_LIMIT_FILES} are read; join some of them"))
        return FolderFiles({}, tuple(problems))
    content_by_name: dict[str, bytes] = {}
    room = FOLDER_LIMIT_BYTES
    for name, path in sorted(paths):
        content = _read(path, name)
        if isinstance(content, Problem):
            problems.append(content)
            continue
        room -= len(content)
        if room < 0:
            problems.append(Problem(".", 1, 1, f"more than {FOLDER_LIMIT_BYTES // 2**20} MiB of YAML; make it less"))
            return FolderFiles({}, tuple(problems))
        content_by_name[name] = content
    return FolderFiles(content_by_name, tuple(problems))


def _yaml_paths(folder: Path, below: str, problems: list[Problem]) -> list[tuple[str, Path]]:
    """Return name and path of each YAML file in one folder; hidden files, such as those an editor keeps, are left out."""
    found: list[tuple[str, Path]] = []
    place = below.rstrip("/") or "."
    try:
        if below and (folder / below.rstrip("/")).is_symlink():
            problems.append(Problem(place, 1, 1, "is a symbolic link; put the folder itself here"))
            return found
        with os.scandir(folder / below) as listing:
            for item in listing:
                name = below + _printable(item.name)
                if item.name.startswith("."):
                    continue
                if item.name.endswith(_ENDINGS):
                    found.append((name, Path(item.path)))
                elif item.name.casefold().endswith(_MISNAMED) and not item.is_dir(follow_symlinks=False):
                    problems.append(Problem(name, 1, 1, "is not read, for only names that end in .yaml or .yml are; rename it, or move it away"))
                elif below and item.is_dir(follow_symlinks=False):
                    problems.append(Problem(name, 1, 1, "folders inside entries/ are not read; move its files up, or the folder away"))
    except (OSError, ValueError) as error:
        where = "entries/" if below else f"the folder '{_printable(str(folder))}'"
        problems.append(Problem(place, 1, 1, f"cannot read {where} ({_reason(error)}); check the path and who may read it"))
    return found


def _read(path: Path, name: str) -> bytes | Problem:
    # O_NONBLOCK: opening a named pipe would wait for a writer for ever.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return Problem(name, 1, 1, "is a symbolic link; put the file itself here")
        return Problem(name, 1, 1, f"cannot be read ({_reason(error)}); check who may read it")
    try:
        return _read_open(descriptor, name)
    except OSError as error:
        return Problem(name, 1, 1, f"cannot be read ({_reason(error)}); check the disk it is on")
    finally:
        os.close(descriptor)


def _read_open(descriptor: int, name: str) -> bytes | Problem:
    before = os.fstat(descriptor)
    if not stat.S_ISREG(before.st_mode):
        return Problem(name, 1, 1, "is not a regular file; delete it, or give it another ending")
    if before.st_size > FILE_LIMIT_BYTES:
        return Problem(name, 1, 1, f"is larger than {FILE_LIMIT_BYTES // 1024} KiB; split it")
    parts: list[bytes] = []
    while part := os.read(descriptor, FILE_LIMIT_BYTES + 1):
        parts.append(part)
        if sum(map(len, parts)) > FILE_LIMIT_BYTES:
            break
    content = b"".join(parts)
    after = os.fstat(descriptor)
    if len(content) != before.st_size or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return Problem(name, 1, 1, "changed while it was read; wait until it is saved, and try again")
    return content


def _reason(error: OSError | ValueError) -> str:
    return error.strerror.lower() if isinstance(error, OSError) and error.strerror else type(error).__name__


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
