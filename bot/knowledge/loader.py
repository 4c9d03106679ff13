"""From a knowledge folder to Knowledge, or to every problem in it at once.

`reading` and `trial` are imported where they are needed: YAML and pydantic would take 25 MB of a start that finds all kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.knowledge import Knowledge
from bot.core.matching.teach import teach
from bot.core.snapshot import Lessons, Snapshot, build_snapshot, learn_likeness
from bot.core.triage import pattern
from bot.core.triage.likeness import Likeness
from bot.errors import KnowledgeError, Problem
from bot.knowledge.cache import (
    KeptKnowledge,
    KeptLikeness,
    keep_knowledge,
    keep_learned,
    keep_likeness,
    keep_looks,
    keep_on,
    mark_passed,
    read_kept,
    read_learned,
    read_lessons,
    read_likeness,
    read_looks,
)
from bot.knowledge.folder import FolderFiles, read_files
from bot.knowledge.taught import key_of_looks, keys_of
from bot.knowledge.versions import files_of

if TYPE_CHECKING:
    from bot.knowledge.draft import Draft


def read_knowledge(folder: Path) -> Knowledge:
    """Return what *folder* says, over the defaults. Raises KnowledgeError with every problem found in any of its files."""
    return _whole(read_draft(folder))


def load_snapshot(folder: Path, *, try_sentences: bool = True, cache: Path | None = None) -> Snapshot:
    """Return a snapshot of *folder*, or of a version kept in a file, ready to answer.

    With *try_sentences* every sentence that judges (`hits`, `misses`, `fires_on`, `silent_on`, `soft_on`) is tried on it, unless *cache* says
    that this was done. *cache* is a folder where what was learned is kept for the next time. Raises KnowledgeError.
    """
    files = files_of(folder)
    kept = _kept(files, cache) if cache else None
    snapshot = _remembered(kept, cache) if kept and cache else None
    passed = snapshot is not None and kept is not None and kept.passed
    if snapshot is None:
        snapshot = _learned(_whole(_draft_of(files)), cache)
    if try_sentences and not passed:
        if _tried(snapshot, None):  # Where a sentence stands only the files themselves tell.
            raise KnowledgeError(_tried(snapshot, _draft_of(files)))
        if cache:
            mark_passed(cache, snapshot.version)
    return snapshot


@dataclass(frozen=True, slots=True)
class Read:
    """A folder as its author wrote it, and as it answers."""

    draft: Draft
    snapshot: Snapshot | None
    """None where the draft has problems."""
    passed: bool
    """Every sentence that judges was tried on it before, by this very code."""


def read_for_author(folder: Path, cache: Path | None = None) -> Read:
    """Return *folder* with every place in it; its sentences are not tried. Raises for broken defaults only."""
    files = files_of(folder)
    draft = _draft_of(files)
    knowledge = draft.knowledge()
    if draft.problems or knowledge is None:
        return Read(draft, None, passed=False)
    kept = _kept(files, cache) if cache else None
    snapshot = _remembered(kept, cache) if kept and cache else None
    return Read(draft, snapshot or _learned(knowledge, cache), passed=snapshot is not None and kept is not None and kept.passed)


def load_passed(folder: Path, cache: Path) -> Snapshot | None:
    """Return a snapshot of *folder* if *cache* keeps all of it, its sentences tried by this very code; else None. Never learns."""
    kept = _kept(files_of(folder), cache)
    return _remembered(kept, cache) if kept and kept.passed else None


def load_kept(version: str, cache: Path) -> Snapshot | None:
    """Return a snapshot of this *version* if *cache* keeps all of it, from whatever files it was; else None. Never learns."""
    kept = read_kept(cache, version)
    if kept:
        keep_on(cache, kept)
    return _remembered(kept, cache) if kept else None


def _kept(files: FolderFiles, cache: Path) -> KeptKnowledge | None:
    """Return what *cache* keeps of these very files. It is kept only once they have passed the checks: they need not run again."""
    return None if files.problems else read_kept(cache, files.version)  # A file that cannot be read is no part of the version.


def _remembered(kept: KeptKnowledge, cache: Path) -> Snapshot | None:
    pattern.forget()  # Before the indexes are built, which take its room.
    lessons = read_lessons(cache, kept)
    return build_snapshot(kept.knowledge, lessons) if lessons else None


def _learned(knowledge: Knowledge, cache: Path | None) -> Snapshot:
    """Return a snapshot of *knowledge*, learning what *cache* does not keep.

    One part after the other, the first in its file by then: that takes less room.
    """
    if cache is None:
        return build_snapshot(knowledge)
    keys = keys_of(knowledge)
    learned = read_learned(cache, keys.matcher, knowledge)
    if learned is None:
        learned = teach(knowledge)
        keep_learned(cache, keys.matcher, learned)
        learned = read_learned(cache, keys.matcher, knowledge) or learned
    likeness = _likeness(knowledge, keys.likeness, cache) if keys.likeness else None
    keep_knowledge(cache, knowledge, keys)
    return build_snapshot(knowledge, Lessons(learned, likeness))


def _likeness(knowledge: Knowledge, key: str, cache: Path) -> Likeness | None:
    kept = read_likeness(cache, key)
    if kept is None:
        looks = read_looks(cache, key_of_looks(knowledge))
        likeness = learn_likeness(knowledge, looks)
        keep_looks(cache, key_of_looks(knowledge), looks)
        keep_likeness(cache, key, likeness)
        kept = read_likeness(cache, key) or KeptLikeness(likeness)
    return kept.value


def _draft_of(files: FolderFiles) -> Draft:
    from bot.knowledge.reading import draft_of

    return draft_of(files)


def _tried(snapshot: Snapshot, draft: Draft | None) -> list[Problem]:
    from bot.knowledge.trial import try_sentences

    return try_sentences(snapshot, draft.places() if draft else None)


def _whole(draft: Draft) -> Knowledge:
    knowledge = draft.knowledge()
    if draft.problems or knowledge is None:
        raise KnowledgeError(draft.problems)
    return knowledge


def read_draft(folder: Path) -> Draft:
    """Return what can be read of *folder*, with its problems; the checks that its parts allow have been run. Raises for broken defaults only."""
    return _draft_of(read_files(folder))
