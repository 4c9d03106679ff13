"""From a knowledge folder to Knowledge, or to every problem in it at once.

`reading` and `trial` are imported where they are needed: YAML and pydantic would take 25 MB of a start that finds all kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.knowledge import Knowledge
from bot.core.snapshot import Snapshot, build_snapshot
from bot.core.triage import pattern
from bot.errors import KnowledgeError, Problem
from bot.knowledge.cache import keep_lessons, read_kept, read_lessons
from bot.knowledge.folder import FolderFiles, read_files

if TYPE_CHECKING:
    from bot.knowledge.draft import Draft


def read_knowledge(folder: Path) -> Knowledge:
    """Return what *folder* says, over the defaults. Raises KnowledgeError with every problem found in any of its files."""
    return _whole(read_draft(folder))


def load_snapshot(folder: Path, *, try_sentences: bool = True, cache: Path | None = None) -> Snapshot:
    """Return a snapshot of *folder*, ready to answer.

    With *try_sentences* every sentence that judges (`hits`, `misses`, `fires_on`, `silent_on`, `soft_on`) is tried on it. *cache* is a folder
    where what was learned is kept for the next time. Raises KnowledgeError.
    """
    files = read_files(folder)
    snapshot = _remembered(files, cache) if cache else None
    draft = None
    if snapshot is None:
        draft = _draft_of(files)
        snapshot = build_snapshot(_whole(draft))
        if cache:
            keep_lessons(cache, snapshot.knowledge, snapshot.lessons)
    problems = _tried(snapshot, draft) if try_sentences else []
    if problems and draft is None:  # Where a sentence stands only the files themselves tell.
        problems = _tried(snapshot, _draft_of(files))
    if problems:
        raise KnowledgeError(problems)
    return snapshot


def _remembered(files: FolderFiles, cache: Path) -> Snapshot | None:
    """Return the snapshot of what *cache* keeps of these very files, learned by this very code; None where it keeps nothing that can be used.

    It is kept only once the folder has passed the checks: they need not run again.
    """
    if files.problems:  # A file that cannot be read is no part of the version.
        return None
    knowledge = read_kept(cache, files.version)
    pattern.forget()  # Before the indexes are built, which take its room.
    lessons = read_lessons(cache, knowledge) if knowledge else None
    return build_snapshot(knowledge, lessons) if knowledge and lessons else None


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


def warnings(folder: Path) -> list[Problem]:
    """Return what in *folder* is worth a look and stops nothing, such as a signature under what has changed since."""
    return sorted(read_draft(folder).warnings)


def read_draft(folder: Path) -> Draft:
    """Return what can be read of *folder*, with its problems; the checks that its parts allow have been run. Raises for broken defaults only."""
    return _draft_of(read_files(folder))
