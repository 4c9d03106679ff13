"""Writes the files of a knowledge folder anew: each whole, beside its place first, and all of them or none where anything is refused."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bot.knowledge.folder import ENTRIES

_PART = ".napebot-part"
"""The ending of what is being written; its name begins with a dot, so that nobody reads it."""


def may_rewrite(folder: Path) -> None:
    """Raise OSError where *folder* or its `entries/` cannot be written; nothing is left there."""
    for place in (folder, folder / ENTRIES):
        if place == folder or place.exists():
            descriptor, part = tempfile.mkstemp(dir=place, prefix=".", suffix=_PART)
            os.close(descriptor)
            Path(part).unlink()


def rewrite(folder: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> None:
    """Let *folder*, which holds the files of *before*, hold those of *after*; what is in both alike is not touched. Raises OSError, nothing changed.

    All is written and on the disk before the first file takes its place. What goes, goes last: whoever reads the folder in between rather finds
    an entry twice, which is refused, than not at all.
    """
    _clear(folder)
    written = {name: content for name, content in after.items() if before.get(name) != content}
    gone = [name for name in before if name not in after]
    done: list[str] = []
    try:
        (folder / ENTRIES).mkdir(exist_ok=True)
        parts = [(name, _part(folder / name, content)) for name, content in written.items()]
        for name, part in parts:
            part.replace(folder / name)
            done.append(name)
        for name in gone:
            (folder / name).unlink(missing_ok=True)
            done.append(name)
        _settle(folder)
    except OSError:
        for name in done:
            with suppress(OSError):  # As far as it can be.
                _restore(folder / name, before.get(name))
        raise
    finally:
        _clear(folder)


def _part(path: Path, content: bytes) -> Path:
    """Write what is to become *path* beside it, with the rights of what is there, and return where."""
    mode = path.stat().st_mode & 0o777 if path.exists() else _usual_mode(path.parent)
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=_PART)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(part).chmod(mode)
    return Path(part)


def _usual_mode(place: Path) -> int:
    """Return the rights of a file beside it: who may read those may read the new one; of the owner alone where there is none."""
    return next((path.stat().st_mode & 0o777 for path in sorted(place.glob("*.y*ml")) if path.is_file()), 0o600)


def _restore(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        _part(path, content).replace(path)


def _settle(folder: Path) -> None:
    """Have the names on the disk too, where the system can say that."""
    for place in (folder, folder / ENTRIES):
        with suppress(OSError, AttributeError):
            descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _clear(folder: Path) -> None:
    """Delete what was being written, perhaps by a process that ended."""
    for place in (folder, folder / ENTRIES):
        for part in place.glob(f".*{_PART}"):
            with suppress(OSError):
                part.unlink()
