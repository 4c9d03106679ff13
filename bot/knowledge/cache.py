"""Keeps what was learned from a knowledge base between starts, each part by a hash of what teaches it and of the code.

What was learned are arrays, which stay in their files: a message needs a few rows of many. The knowledge itself is kept too, without what only
teaches, for reading and checking YAML costs more than all the rest; and beside it that its sentences were tried.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.core.knowledge import Knowledge
from bot.core.matching.teach import Classes, Learned
from bot.core.matching.weights import Rows, Weights
from bot.core.snapshot import Lessons
from bot.core.triage.likeness import Kin, Likeness
from bot.knowledge.kept import UNREADABLE, Content, Kept, code_version, forget, forget_old, keep, new_file
from bot.knowledge.looks import KeptLooks
from bot.knowledge.rows import rows_of
from bot.knowledge.taught import Keys, keys_of
from bot.knowledge.thaw import freeze, thaw

_log = logging.getLogger(__name__)
_MOST = 4
"""How many of each kind are kept."""

_KNOWLEDGE, _MATCHER, _LIKENESS, _LOOKS = KINDS = ("knowledge", "matcher", "likeness", "looks")
_KNOWLEDGE_FILE, _COUNTS_FILE, _PASSED_FILE = "knowledge.json", "word_counts.json", "passed"
_MATRIX = "matrix"
"""Too large to be mapped: see `RowFile`."""
_OF_WEIGHTS = ("keys", "rarity", "meaning", "centres", "rivals", "margins")
_OF_LIKENESS, _OF_KIN = ("keys", "rarity", "targets"), ("starts", "flags", "weights")


@dataclass(frozen=True, slots=True)
class KeptKnowledge:
    """Knowledge that has passed the checks, without its examples and questions."""

    knowledge: Knowledge
    keys: Keys
    passed: bool
    """Its sentences were tried on it by this very code, and all got what their authors expect."""


def read_kept(cache: Path, version: str) -> KeptKnowledge | None:
    """Return the knowledge of this *version*, if this very code kept it; None where it is not, or is damaged."""
    try:
        kept = Kept(_folder(cache, _KNOWLEDGE, version))
        knowledge = thaw(json.loads(kept.read(_KNOWLEDGE_FILE)), Knowledge)
        keys = Keys(str(kept.facts[_MATCHER]), kept.facts[_LIKENESS])
        return KeptKnowledge(knowledge, keys, _has_passed(kept.folder))
    except UNREADABLE:
        return None


def read_lessons(cache: Path, kept: KeptKnowledge) -> Lessons | None:
    """Return what was learned from what is *kept*, or None where a part of it is not there or cannot be read."""
    learned = read_learned(cache, kept.keys.matcher, kept.knowledge)
    likeness = read_likeness(cache, kept.keys.likeness) if kept.keys.likeness else None
    if learned is None or (kept.keys.likeness and likeness is None):
        return None
    return Lessons(learned, None if likeness is None else likeness.value)


def read_learned(cache: Path, key: str, knowledge: Knowledge) -> Learned | None:
    """Return what the matcher learned from what has this *key*, or None."""
    try:
        kept = Kept(_folder(cache, _MATCHER, key))
        arrays = {name: kept.array(name) for name in _OF_WEIGHTS}
        counts: dict[str, int] = json.loads(kept.read(_COUNTS_FILE))
        return Learned(_weights(arrays, rows_of(kept.undamaged(f"{_MATRIX}.npy")), kept.facts, knowledge), counts)
    except UNREADABLE:
        return None


@dataclass(frozen=True, slots=True)
class KeptLikeness:
    """What triage learned: examples may teach nothing, and that is something kept too."""

    value: Likeness | None


def read_likeness(cache: Path, key: str) -> KeptLikeness | None:
    """Return what triage learned from what has this *key*, or None."""
    try:
        kept = Kept(_folder(cache, _LIKENESS, key))
        return KeptLikeness(_likeness(kept))
    except UNREADABLE:
        return None


def read_looks(cache: Path, key: str) -> KeptLooks:
    """Return what triage made of messages while it learned by what has this *key*; of none where nothing is kept, or it is damaged."""
    try:
        return KeptLooks(Kept(_folder(cache, _LOOKS, key)))
    except UNREADABLE:
        return KeptLooks()


def keep_looks(cache: Path, key: str, looks: KeptLooks) -> None:
    """Keep *looks* in place of those before, if there is anything new in them."""
    if looks.changed:
        folder = _folder(cache, _LOOKS, key)
        forget(folder)
        _keep(folder, looks.content(), {})


def _has_passed(folder: Path) -> bool:
    try:
        return (folder / _PASSED_FILE).read_text(encoding="utf-8") == folder.name
    except UNREADABLE:
        return False


def _weights(arrays: Mapping[str, NDArray[Any]], matrix: Rows, facts: Mapping[str, Any], knowledge: Knowledge) -> Weights:
    keys, rarity, meaning, centres, rivals, margins = (arrays[name] for name in _OF_WEIGHTS)
    features, classes, size = len(keys), len(Classes.of(knowledge)), knowledge.language.vectors.size
    _expect(keys, np.uint32, features)
    _expect(rarity, np.float32, features)
    _expect(matrix, np.float16, features, classes + 1)
    _expect(meaning, np.float32, size, classes + 1)
    _expect(centres, np.float32, size, classes)
    _expect(rivals, np.int32, len(margins))
    _expect(margins, np.float32, len(margins))
    if ((rivals < 0) | (rivals >= classes)).any():
        raise ValueError("what is kept does not fit together")
    return Weights(keys, rarity, float(facts["unknown_rarity"]), matrix, meaning, centres, rivals, margins)


def _likeness(kept: Kept) -> Likeness | None:
    if not kept.facts:
        return None
    keys, rarity, targets = map(kept.array, _OF_LIKENESS)
    kin = Kin(*(kept.array(f"kin_{name}") for name in _OF_KIN))
    features, flag_ids = len(keys), tuple(map(str, kept.facts["flag_ids"]))
    _expect(keys, np.uint32, features)
    _expect(rarity, np.float32, features)
    _expect(targets, np.float32, features + 1, 3)
    _expect(kin.starts, np.int32, features + 1)
    _expect(kin.flags, np.uint16, int(kin.starts[-1]))
    _expect(kin.weights, np.float16, int(kin.starts[-1]))
    if (kin.flags >= len(flag_ids)).any():
        raise ValueError("what is kept does not fit together")
    return Likeness(keys, rarity, float(kept.facts["unknown_rarity"]), targets, flag_ids, kin)


def _expect(array: NDArray[Any] | Rows, kind: type[np.generic], *shape: int) -> None:
    if array.dtype != kind or array.shape != shape:
        raise ValueError("what is kept does not fit together")


def keep_lessons(cache: Path, knowledge: Knowledge, lessons: Lessons) -> None:
    """Keep *knowledge* and its *lessons* in *cache*, each part whole or not at all; where it cannot be written it is learned again the next time."""
    keys = keys_of(knowledge)
    keep_learned(cache, keys.matcher, lessons.learned)
    if keys.likeness:
        keep_likeness(cache, keys.likeness, lessons.likeness)
    keep_knowledge(cache, knowledge, keys)


def keep_learned(cache: Path, key: str, learned: Learned) -> None:
    """Keep what the matcher learned."""
    arrays = {name: getattr(learned.weights, name) for name in (*_OF_WEIGHTS, _MATRIX)}
    content = {**arrays, _COUNTS_FILE: json.dumps(learned.word_counts).encode()}
    _keep(_folder(cache, _MATCHER, key), content, {"unknown_rarity": learned.weights.unknown_rarity})


def keep_likeness(cache: Path, key: str, likeness: Likeness | None) -> None:
    """Keep what triage learned, if it is something."""
    if likeness is None:
        _keep(_folder(cache, _LIKENESS, key), {}, {})
        return
    arrays = {name: getattr(likeness, name) for name in _OF_LIKENESS} | {f"kin_{name}": getattr(likeness.kin, name) for name in _OF_KIN}
    _keep(_folder(cache, _LIKENESS, key), arrays, {"flag_ids": likeness.flag_ids, "unknown_rarity": likeness.unknown_rarity})


def keep_knowledge(cache: Path, knowledge: Knowledge, keys: Keys) -> None:
    """Keep *knowledge*, which has passed the checks, with the *keys* of what was learned from it."""
    try:
        plain = json.dumps(freeze(without_lessons(knowledge), Knowledge)).encode()
    except TypeError:
        _log.info("cache: knowledge that cannot be written; it is not kept")
        return
    _keep(_folder(cache, _KNOWLEDGE, knowledge.version), {_KNOWLEDGE_FILE: plain}, {_MATCHER: keys.matcher, _LIKENESS: keys.likeness})
    for kind, key in ((_MATCHER, keys.matcher), (_LIKENESS, keys.likeness or "")):
        _touch(_folder(cache, kind, key))
    try:
        forget_old(cache, KINDS, _MOST)
    except OSError as error:
        _log.info("cache: %s; what is old stays", type(error).__name__)


def keep_on(cache: Path, kept: KeptKnowledge) -> None:
    """Let what is *kept* be new: it is still used, however many came since."""
    for kind, key in ((_KNOWLEDGE, kept.knowledge.version), (_MATCHER, kept.keys.matcher), (_LIKENESS, kept.keys.likeness or "")):
        _touch(_folder(cache, kind, key))


def mark_passed(cache: Path, version: str) -> None:
    """Note that all sentences of the kept knowledge of this *version* were tried by this very code, and none failed."""
    folder = _folder(cache, _KNOWLEDGE, version)
    try:
        (folder / _PASSED_FILE).unlink(missing_ok=True)
        with new_file(folder / _PASSED_FILE) as file:
            file.write(folder.name.encode())
    except OSError as error:
        _log.info("cache: %s; the sentences will be tried again", type(error).__name__)


def without_lessons(knowledge: Knowledge) -> Knowledge:
    """Return *knowledge* without what only teaches."""
    return replace(knowledge, examples=replace(knowledge.examples, said=()), questions=replace(knowledge.questions, said=()))


def _keep(folder: Path, content: Mapping[str, Content], facts: Mapping[str, Any]) -> None:
    try:
        keep(folder, content, facts)
    except OSError as error:
        _log.info("cache: %s; what was learned is not kept", type(error).__name__)


def _touch(folder: Path) -> None:
    """Let *folder* be new: what is still used is not old."""
    try:
        os.utime(folder)
    except OSError:
        return


def _folder(cache: Path, kind: str, key: str) -> Path:
    return cache / f"{kind}-{key}-{code_version()}"
