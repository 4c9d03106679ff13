"""Keeps what was learned from a knowledge base between starts, by a hash of the knowledge, the defaults and the code."""

from __future__ import annotations

import hashlib
import logging
import os
import struct
import tempfile
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.core.knowledge import Knowledge
from bot.core.matching.teach import Classes, Learned
from bot.core.matching.weights import Weights
from bot.core.snapshot import Lessons
from bot.core.triage.likeness import Likeness

_log = logging.getLogger(__name__)
_PACKAGE = Path(__file__).parent.parent
_CODE = ("core", "defaults", "knowledge")
_LIBRARIES = ("jellyfish", "numpy", "pystemmer", "rapidfuzz")
_KEPT = 4
# What zip files and their headers raise where a byte of them was damaged.
_UNREADABLE = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, RuntimeError, MemoryError, SyntaxError),
    *(struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error),
)


def is_kept(cache: Path, version: str) -> bool:
    """True where something is kept for the knowledge of this *version*, learned by this very code."""
    return (cache / _name(version)).is_file()


def read_lessons(cache: Path, knowledge: Knowledge) -> Lessons | None:
    """Return what was learned from *knowledge* by this very code, or None where that is not kept or cannot be read."""
    try:
        with (cache / _name(knowledge.version)).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            names, words = _texts(kept["names"]), _texts(kept["words"])
            weights = Weights(dict(zip(names, range(len(names)), strict=True)), kept["rarity"], float(kept["unknown_rarity"]), kept["matrix"])
            counts = dict(zip(words, kept["counts"].tolist(), strict=True))
            likeness = _likeness(kept)
    except _UNREADABLE:
        return None
    fits = weights.matrix.shape == (len(names), len(Classes.of(knowledge)))
    return Lessons(Learned(weights, counts), likeness) if fits else None


def _likeness(kept: Mapping[str, NDArray[np.generic]]) -> Likeness | None:
    if "like_names" not in kept:
        return None
    names, flag_ids = (_texts(kept[key]) for key in ("like_names", "like_flags"))
    columns = dict(zip(names, range(len(names)), strict=True))
    rarity, targets, kin = (kept[key].astype(np.float32) for key in ("like_rarity", "like_targets", "like_kin"))
    if rarity.shape != (len(names),) or targets.shape != (3, len(names) + 1) or kin.shape != (len(flag_ids), len(names)):
        raise ValueError("what is kept of likeness does not fit together")
    return Likeness(columns, rarity, float(kept["like_unknown"]), targets, tuple(flag_ids), kin)


def _arrays(likeness: Likeness | None) -> dict[str, Any]:
    if likeness is None:
        return {}
    return {
        "like_names": _bytes(likeness.columns),
        "like_flags": _bytes(likeness.flag_ids),
        "like_rarity": likeness.rarity,
        "like_unknown": np.float64(likeness.unknown_rarity),
        "like_targets": likeness.targets,
        "like_kin": likeness.kin.astype(np.float16),  # It only ranks flags: half the room will do.
    }


def _bytes(texts: Iterable[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def _texts(kept: NDArray[np.generic]) -> list[str]:
    return kept.tobytes().decode().split("\n") if kept.size else []


def keep_lessons(cache: Path, knowledge: Knowledge, lessons: Lessons) -> None:
    """Keep *lessons* in *cache*, whole or not at all. Where that cannot be written it is learned again the next time, and only that."""
    learned = lessons.learned
    weights = learned.weights
    try:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache, suffix=".part", delete=False) as part:
            np.savez(
                part,
                names=_bytes(weights.columns),
                words=_bytes(learned.word_counts),
                counts=np.array(list(learned.word_counts.values()), np.int64),
                rarity=weights.rarity,
                unknown_rarity=np.float64(weights.unknown_rarity),
                matrix=weights.matrix,
                **_arrays(lessons.likeness),
            )
        Path(part.name).replace(cache / _name(knowledge.version))
        _forget_old(cache)
    except OSError as error:
        _log.info("cache: %s; what was learned is not kept", type(error).__name__)


def _forget_old(cache: Path) -> None:
    kept = sorted(cache.glob("learned-*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in (*kept[_KEPT:], *cache.glob("*.part")):
        path.unlink(missing_ok=True)


def _name(version: str) -> str:
    return f"learned-{version}-{_code_version()}.npz"


@lru_cache(maxsize=1)
def _code_version() -> str:
    """A hash of the code and the defaults: another version of either may learn something else."""
    digest = hashlib.sha256(" ".join(version(name) for name in _LIBRARIES).encode())
    for part in _CODE:
        for folder, _, files in sorted(os.walk(_PACKAGE / part)):
            for name in sorted(files):
                if name.endswith((".py", ".yaml", ".txt")):
                    digest.update(f"{folder}/{name}\n".encode())
                    digest.update((Path(folder) / name).read_bytes())
    return digest.hexdigest()[:12]
