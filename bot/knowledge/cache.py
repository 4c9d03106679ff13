"""Keeps what was learned from a knowledge base between starts, by a hash of the knowledge, the defaults and the code."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import zipfile
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from bot.core.knowledge import Knowledge
from bot.core.matching.teach import Classes, Learned
from bot.core.matching.weights import Weights

_log = logging.getLogger(__name__)
_PACKAGE = Path(__file__).parent.parent
_CODE = ("core", "defaults", "knowledge")
_LIBRARIES = ("jellyfish", "numpy", "pystemmer", "rapidfuzz")
_KEPT = 4


def is_kept(cache: Path, version: str) -> bool:
    """True where something is kept for the knowledge of this *version*, learned by this very code."""
    return (cache / _name(version)).is_file()


def read_learned(cache: Path, knowledge: Knowledge) -> Learned | None:
    """Return what was learned from *knowledge* by this very code, or None where that is not kept or cannot be read."""
    try:
        with (cache / _name(knowledge.version)).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            names = kept["names"].tobytes().decode().split("\n")
            words = kept["words"].tobytes().decode().split("\n")
            weights = Weights(dict(zip(names, range(len(names)), strict=True)), kept["rarity"], float(kept["unknown_rarity"]), kept["matrix"])
            counts = dict(zip(words, kept["counts"].tolist(), strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return Learned(weights, counts) if weights.matrix.shape == (len(names), len(Classes.of(knowledge))) else None


def keep_learned(cache: Path, knowledge: Knowledge, learned: Learned) -> None:
    """Keep *learned* in *cache*, whole or not at all. Where that cannot be written it is learned again the next time, and only that."""
    weights = learned.weights
    try:
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=cache, suffix=".part", delete=False) as part:
            np.savez(
                part,
                names=np.frombuffer("\n".join(weights.columns).encode(), np.uint8),
                words=np.frombuffer("\n".join(learned.word_counts).encode(), np.uint8),
                counts=np.array(list(learned.word_counts.values()), np.int64),
                rarity=weights.rarity,
                unknown_rarity=np.float64(weights.unknown_rarity),
                matrix=weights.matrix,
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
