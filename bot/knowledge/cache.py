"""Keeps what was learned from a knowledge base between starts, by a hash of the knowledge, the defaults and the code.

It is a folder of arrays, which stay in their files: a message needs a few rows of many. Beside them stands the knowledge itself, without what
only teaches, for reading and checking YAML costs more than all the rest.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sys
import tempfile
import time
import tokenize
import zlib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from bot.core.knowledge import Knowledge
from bot.core.matching.teach import Classes, Learned
from bot.core.matching.weights import Rows, Weights
from bot.core.snapshot import Lessons
from bot.core.triage.likeness import Kin, Likeness
from bot.knowledge.rows import rows_of
from bot.knowledge.thaw import freeze, thaw

_log = logging.getLogger(__name__)
_PACKAGE = Path(__file__).parent.parent
_CODE = ("core", "defaults", "knowledge")
_LIBRARIES = ("jellyfish", "numpy", "pystemmer", "rapidfuzz")
_KEPT = 4
_LEFT_BEHIND_S = 60
"""The age from which on a write that did not end will not end any more."""
_CHUNK_BYTES = 1 << 18

_MANIFEST, _KNOWLEDGE, _COUNTS = "manifest.json", "knowledge.json", "word_counts.json"
_MATRIX = "matrix"
_MATCHER = ("keys", "rarity", _MATRIX, "meaning", "centres")
_LIKENESS, _KIN = ("keys", "rarity", "targets"), ("starts", "flags", "weights")
_ROWS = f"{_MATRIX}.npy"
"""Too large to be mapped: see `RowFile`."""
# What a file raises that is missing, damaged or not what it should be.
_UNREADABLE = (OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, RecursionError, MemoryError, SyntaxError, tokenize.TokenError)


def read_kept(cache: Path, version: str) -> Knowledge | None:
    """Return the knowledge of this *version*, if it and what it taught this very code are kept; its examples and questions are not.

    None where nothing is kept, or it is damaged.
    """
    try:
        folder = cache / _name(version)
        return thaw(json.loads(_whole(folder / _KNOWLEDGE, _manifest(folder)["files"][_KNOWLEDGE])), Knowledge)
    except _UNREADABLE:
        return None


def read_lessons(cache: Path, knowledge: Knowledge) -> Lessons | None:
    """Return what was learned from *knowledge* by this very code, or None where that is not kept or cannot be read.

    The arrays stay in their files, which another process may delete but does not change.
    """
    try:
        folder = cache / _name(knowledge.version)
        manifest = _manifest(folder)
        files: dict[str, int] = manifest["files"]
        counts: dict[str, int] = json.loads(_whole(folder / _COUNTS, files[_COUNTS]))
        # Each is read once as a whole: damage is found wherever it is, and what was only read for that is not ours to keep in memory.
        paths = [_undamaged(folder / name, crc) for name, crc in files.items() if name.endswith(".npy")]
        arrays = {path.name: _array(path) for path in paths if path.name != _ROWS}
        learned = Learned(_weights(arrays, rows_of(folder / _ROWS), manifest, knowledge), counts)
        return Lessons(learned, _likeness(arrays, manifest))
    except _UNREADABLE:
        return None


def _manifest(folder: Path) -> dict[str, Any]:
    """Return what the folder should hold. Raises ValueError where it says so no more."""
    manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_bytes())
    if manifest.pop("crc") != _crc_of(manifest):
        raise ValueError("the manifest is damaged")
    return manifest


def _crc_of(manifest: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(manifest, sort_keys=True).encode())


def _whole(path: Path, crc: int) -> bytes:
    raw = path.read_bytes()
    if zlib.crc32(raw) != crc:
        raise ValueError(f"{path.name} is damaged")
    return raw


def _undamaged(path: Path, crc: int) -> Path:
    if _crc(path) != crc:
        raise ValueError(f"{path.name} is damaged")
    return path


def _array(path: Path) -> NDArray[Any]:
    array: NDArray[Any] = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    return array


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK_BYTES):
            crc = zlib.crc32(chunk, crc)
    return crc


def _weights(arrays: Mapping[str, NDArray[Any]], matrix: Rows, manifest: Mapping[str, Any], knowledge: Knowledge) -> Weights:
    keys, rarity, meaning, centres = (arrays[f"{name}.npy"] for name in _MATCHER if name != _MATRIX)
    features, classes, size = len(keys), len(Classes.of(knowledge)), knowledge.language.vectors.size
    _expect(keys, np.uint32, features)
    _expect(rarity, np.float32, features)
    _expect(matrix, np.float16, features, classes + 1)
    _expect(meaning, np.float32, size, classes + 1)
    _expect(centres, np.float32, size, classes)
    return Weights(keys, rarity, float(manifest["unknown_rarity"]), matrix, meaning, centres)


def _likeness(arrays: Mapping[str, NDArray[Any]], manifest: Mapping[str, Any]) -> Likeness | None:
    like = manifest["likeness"]
    if like is None:
        return None
    keys, rarity, targets = (arrays[f"like_{name}.npy"] for name in _LIKENESS)
    kin = Kin(*(arrays[f"kin_{name}.npy"] for name in _KIN))
    features, flag_ids = len(keys), tuple(map(str, like["flag_ids"]))
    _expect(keys, np.uint32, features)
    _expect(rarity, np.float32, features)
    _expect(targets, np.float32, features + 1, 3)
    _expect(kin.starts, np.int32, features + 1)
    _expect(kin.flags, np.uint16, int(kin.starts[-1]))
    _expect(kin.weights, np.float16, int(kin.starts[-1]))
    if (kin.flags >= len(flag_ids)).any():
        raise ValueError("what is kept does not fit together")
    return Likeness(keys, rarity, float(like["unknown_rarity"]), targets, flag_ids, kin)


def _expect(array: NDArray[Any] | Rows, kind: type[np.generic], *shape: int) -> None:
    if array.dtype != kind or array.shape != shape:
        raise ValueError("what is kept does not fit together")


def keep_lessons(cache: Path, knowledge: Knowledge, lessons: Lessons) -> None:
    """Keep *knowledge* and its *lessons* in *cache*, whole or not at all.

    Where that cannot be written it is learned again the next time, and only that.
    """
    try:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=cache, suffix=".part"))
        try:
            _write(part, lessons, knowledge)
            _put(part, cache / _name(knowledge.version))
        finally:
            _remove(part)
        _forget_old(cache)
    except (OSError, TypeError) as error:
        _log.info("cache: %s; what was learned is not kept", type(error).__name__)


def _write(folder: Path, lessons: Lessons, knowledge: Knowledge) -> None:
    weights, likeness = lessons.learned.weights, lessons.likeness
    arrays = {name: getattr(weights, name) for name in _MATCHER}
    if likeness is not None:
        arrays |= {f"like_{name}": getattr(likeness, name) for name in _LIKENESS}
        arrays |= {f"kin_{name}": getattr(likeness.kin, name) for name in _KIN}
    for name, array in arrays.items():
        with _new(folder / f"{name}.npy") as file:
            np.save(file, array, allow_pickle=False)
    taught = replace(knowledge, examples=replace(knowledge.examples, said=()), questions=replace(knowledge.questions, said=()))
    for name, value in ((_COUNTS, lessons.learned.word_counts), (_KNOWLEDGE, freeze(taught, Knowledge))):
        with _new(folder / name) as file:
            file.write(json.dumps(value).encode())
    like = None if likeness is None else {"flag_ids": likeness.flag_ids, "unknown_rarity": likeness.unknown_rarity}
    manifest = {
        "files": {path.name: _crc(path) for path in sorted(folder.iterdir())},
        "unknown_rarity": weights.unknown_rarity,
        "likeness": like,
    }
    with _new(folder / _MANIFEST) as file:
        file.write(json.dumps({**manifest, "crc": _crc_of(manifest)}).encode())


def _new(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb")


def _put(part: Path, folder: Path) -> None:
    """Let *part* be *folder*, unless another process was faster; what is spoilt there goes."""
    try:
        part.rename(folder)
    except OSError:
        if _is_whole(folder):
            return
        aside = Path(tempfile.mkdtemp(dir=folder.parent, suffix=".part"))
        try:
            folder.rename(aside / folder.name)
            part.rename(folder)
        finally:
            _remove(aside)


def _is_whole(folder: Path) -> bool:
    try:
        return all(_crc(folder / name) == crc for name, crc in _manifest(folder)["files"].items())
    except _UNREADABLE:
        return False


def _remove(path: Path) -> None:
    """Delete a file or a whole folder. Who has it mapped keeps it."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _forget_old(cache: Path) -> None:
    kept = sorted(cache.glob("learned-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    left_behind = [path for path in cache.glob("*.part") if path.stat().st_mtime < time.time() - _LEFT_BEHIND_S]
    for path in (*kept[_KEPT:], *left_behind):
        _remove(path)


def _name(version: str) -> str:
    return f"learned-{version}-{_code_version()}"


@lru_cache(maxsize=1)
def _code_version() -> str:
    """A hash of the code and the defaults: another version of either may learn something else."""
    digest = hashlib.sha256(" ".join(_library_versions()).encode())
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
