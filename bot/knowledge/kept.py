"""A folder of files that is kept in the cache: written whole or not at all, and not believed where a bit of it has changed."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import tokenize
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

UNREADABLE = (OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError, SyntaxError, tokenize.TokenError)
"""What a file raises that is missing, damaged or not what it should be."""

_PACKAGE = Path(__file__).parent.parent
_CODE = ("core", "defaults", "knowledge")
_LIBRARIES = ("jellyfish", "numpy", "pystemmer", "rapidfuzz")
_MANIFEST = "manifest.json"
_PART = ".part"
_LEFT_BEHIND_S = 60
"""The age from which on a write that did not end will not end any more."""
_CHUNK_BYTES = 1 << 18

Content = NDArray[Any] | bytes


class Kept:
    """A folder that is there. Every way to read it raises one of UNREADABLE where it is not what was written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_bytes())
        if manifest.pop("crc") != _crc_of(manifest):
            raise ValueError("the manifest is damaged")
        self._files: dict[str, int] = manifest["files"]
        self.facts: dict[str, Any] = manifest["facts"]

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        raw = (self.folder / name).read_bytes()
        if zlib.crc32(raw) != self._files[name]:
            raise ValueError(f"{name} is damaged")
        return raw

    def undamaged(self, name: str) -> Path:
        """Return the path of a file, read once as a whole: damage is found wherever it is, and what was only read for that is not kept in memory."""
        path = self.folder / name
        if _crc(path) != self._files[name]:
            raise ValueError(f"{name} is damaged")
        return path

    def array(self, name: str) -> NDArray[Any]:
        """Return an array, which stays in its file; another process may delete that, but does not change it."""
        array: NDArray[Any] = np.asarray(np.load(self.undamaged(f"{name}.npy"), mmap_mode="r", allow_pickle=False))
        return array

    def check(self) -> None:
        """Look at every file."""
        for name in self._files:
            self.undamaged(name)


def keep(folder: Path, content_by_name: Mapping[str, Content], facts: Mapping[str, Any]) -> None:
    """Write *folder*, whole or not at all, unless it is there and whole: arrays as `.npy`, and a manifest with *facts*. Raises OSError."""
    cache = folder.parent
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=cache, suffix=_PART))
    try:
        for name, content in content_by_name.items():
            if isinstance(content, bytes):
                with new_file(part / name) as file:
                    file.write(content)
            else:
                with new_file(part / f"{name}.npy") as file:
                    np.save(file, content, allow_pickle=False)
        manifest = {"files": {path.name: _crc(path) for path in sorted(part.iterdir())}, "facts": dict(facts)}
        with new_file(part / _MANIFEST) as file:
            file.write(json.dumps({**manifest, "crc": _crc_of(manifest)}).encode())
        _put(part, folder)
    finally:
        _remove(part)


def new_file(path: Path) -> BinaryIO:
    """Open a file that is not there yet, for this user alone."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb")


def _put(part: Path, folder: Path) -> None:
    """Let *part* be *folder*, unless another process was faster; what is spoilt there goes."""
    try:
        part.rename(folder)
    except OSError:
        if _is_whole(folder):
            return
        aside = Path(tempfile.mkdtemp(dir=folder.parent, suffix=_PART))
        try:
            folder.rename(aside / folder.name)
            part.rename(folder)
        finally:
            _remove(aside)


def _is_whole(folder: Path) -> bool:
    try:
        Kept(folder).check()
    except UNREADABLE:
        return False
    return True


def _remove(path: Path) -> None:
    """Delete a file or a whole folder. Who has it mapped keeps it."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def forget(folder: Path) -> None:
    """Delete what is kept there, if it is."""
    _remove(folder)


def forget_old(cache: Path, kinds: Iterable[str], most: int) -> None:
    """Delete all but so many of each kind, the newest, and what a write left behind that did not end."""
    for kind in kinds:
        newest_first = sorted(cache.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in newest_first[most:]:
            _remove(path)
    for path in cache.glob(f"*{_PART}"):
        if path.stat().st_mtime < time.time() - _LEFT_BEHIND_S:
            _remove(path)


def _crc_of(manifest: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(manifest, sort_keys=True).encode())


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            crc = zlib.crc32(chunk, crc)
    return crc


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return a hash of the code and the defaults: another version of either may learn something else."""
    digest = sha256(" ".join(_library_versions()).encode())
    for part in _CODE:
        for folder, _, files in sorted(os.walk(_PACKAGE / part)):
            for name in sorted(files):
                if name.endswith((".py", ".yaml", ".txt", ".npy")):
                    digest.update(f"{folder}/{name}\n".encode())
                    digest.update((Path(folder) / name).read_bytes())
    return digest.hexdigest()[:12]


def _library_versions() -> list[str]:
    """Return what says the versions of the libraries that have a part in what is learned: the names of the folders their installers left."""
    beginnings = tuple(f"{name}-" for name in _LIBRARIES)
    names = {item.name for place in map(Path, sys.path) if place.is_dir() for item in place.iterdir() if item.name.lower().startswith(beginnings)}
    found = sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))
    if len(found) >= len(_LIBRARIES):
        return found
    from importlib.metadata import version  # It brings 3 MB along.

    return [version(name) for name in _LIBRARIES]
