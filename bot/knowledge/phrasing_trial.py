"""Whether one more phrasing may stand under an entry: it is put into a copy of the folder, and all that judges is tried on what that teaches."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bot.errors import KnowledgeError, Problem
from bot.knowledge.apart import Learning, learn_apart
from bot.knowledge.folder import ENTRIES, FolderFiles, read_files
from bot.knowledge.phrasing import Insertion, insert

_LENT = "looks-*"
"""What of the cache stays true whatever is added: see `knowledge.looks`."""
_NOT_LEARNED = {
    Learning.FAILED: "it could not be tried, for a reason that lies not in the knowledge; restart the bot, and try again",
    Learning.KILLED: "trying it was ended from outside, most likely for want of memory; give the machine about 300 MB to spare, and try again",
}


@dataclass(frozen=True, slots=True)
class Addition:
    """A phrasing, and the entry it is to lead to."""

    entry_id: str
    phrasing: str


@dataclass(frozen=True, slots=True)
class Line:
    """What an author is to write, and where."""

    file: str
    line: int
    """Where it stands once it is written there, from 1, with nothing else added."""
    added: str
    """A whole line; or, in brackets, the piece that belongs behind the last phrasing."""
    in_brackets: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one addition."""

    addition: Addition
    line: Line | None
    """None where no place was found for it."""
    problems: tuple[Problem, ...] = ()
    """Why it must not stand there; in the lines of the folder as it is. Empty where it may."""

    @property
    def passed(self) -> bool:
        """True where it may stand there."""
        return self.line is not None and not self.problems


async def try_all(
    folder: Path, additions: Sequence[Addition], progress: Callable[[int], None] | None = None, *, cache: Path | None = None
) -> tuple[Trial, ...]:
    """Return what came of each of *additions*, in order: those that pass may stand in *folder* together.

    They are tried together, and where that fails each with all that passed before it. *progress* is told how often was learned. Of
    the *cache* folder only what spares a third of the learning is read; nothing is written into it, nor into *folder*. Cancelling ends it.
    """
    files = await asyncio.to_thread(read_files, folder)
    lines = await asyncio.to_thread(_lines, files, additions)
    able = [addition for addition in dict.fromkeys(additions) if lines[addition] is not None]
    nowhere = {addition: (_no_place(files, addition),) for addition in lines if lines[addition] is None}
    tries = bool(able) and not files.problems
    refused = nowhere | (await _refused(files, able, cache, progress or _nobody_looks) if tries else dict.fromkeys(able, files.problems))
    return tuple(Trial(addition, lines[addition], refused.get(addition, ())) for addition in additions)


def _nobody_looks(_done: int) -> None: ...


async def _refused(
    files: FolderFiles, able: Sequence[Addition], cache: Path | None, progress: Callable[[int], None]
) -> dict[Addition, tuple[Problem, ...]]:
    """Return what is wrong with those that may not stand beside the others."""
    problems = await _problems(files, able, cache)
    progress(1)
    if not problems or len(able) == 1:
        return {able[0]: problems} if problems else {}
    refused: dict[Addition, tuple[Problem, ...]] = {}
    for number, addition in enumerate(able, 2):
        found = await _problems(files, [*(each for each in able[: number - 2] if each not in refused), addition], cache)
        if found:
            refused[addition] = found
        progress(number)
    return refused


async def _problems(files: FolderFiles, additions: Sequence[Addition], cache: Path | None = None) -> tuple[Problem, ...]:
    """Return what is wrong with *files* once *additions* stand in them, by the lines they have now."""
    content, added = await asyncio.to_thread(_with_all, files, additions)
    try:
        with tempfile.TemporaryDirectory(prefix="napebot-", ignore_cleanup_errors=True) as scratch:
            folder = Path(scratch) / "knowledge"
            await asyncio.to_thread(_write, folder, content)
            learning = await learn_apart(folder, await asyncio.to_thread(_lent, cache, Path(scratch) / "cache"))
    except KnowledgeError as error:
        return tuple(_as_it_is(problem, added) for problem in error.problems)
    except OSError as error:
        return (Problem(".", 1, 1, f"there is no place to try it ({error.strerror}); make room in the folder for temporary files"),)
    return () if learning is Learning.DONE else (Problem(".", 1, 1, _NOT_LEARNED[learning]),)


def _lines(files: FolderFiles, additions: Sequence[Addition]) -> dict[Addition, Line | None]:
    """Return where each would stand, with nothing else added."""
    return {addition: _line(files.content_by_name, addition) for addition in additions}


def _line(content_by_name: dict[str, bytes], addition: Addition) -> Line | None:
    found = _place(content_by_name, addition)
    return Line(found[0], found[1].line, found[1].added, found[1].in_brackets) if found else None


def _place(content_by_name: dict[str, bytes], addition: Addition) -> tuple[str, Insertion] | None:
    """Return the file that an addition belongs into, with it."""
    for name, content in content_by_name.items():
        if name.startswith(f"{ENTRIES}/") and addition.entry_id.encode() in content:
            found = insert(content, addition.entry_id, addition.phrasing)
            if found is not None:
                return name, found
    return None


def _no_place(files: FolderFiles, addition: Addition) -> Problem:
    named = (name for name, content in files.content_by_name.items() if name.startswith(f"{ENTRIES}/") and addition.entry_id.encode() in content)
    what = f"there is no telling where under '{addition.entry_id}' it belongs; see that the file has no problems, and write it there by hand"
    return Problem(next(named, ENTRIES), 1, 1, what)


def _with_all(files: FolderFiles, additions: Sequence[Addition]) -> tuple[dict[str, bytes], dict[str, list[int]]]:
    """Return the files with *additions*, and which of their lines were not there before, by file."""
    content_by_name, added = dict(files.content_by_name), defaultdict[str, list[int]](list)
    for addition in additions:
        found = _place(content_by_name, addition)
        if found is not None:  # pragma: no branch - each has its place, and those put in before do not take it
            name, insertion = found
            content_by_name[name] = insertion.content
            if not insertion.in_brackets:
                added[name] = [*(line + (line >= insertion.line) for line in added[name]), insertion.line]
    return content_by_name, dict(added)


def _write(folder: Path, content_by_name: dict[str, bytes]) -> None:
    (folder / ENTRIES).mkdir(parents=True)
    for name, content in content_by_name.items():
        (folder / name).write_bytes(content)


def _lent(cache: Path | None, scratch: Path) -> Path:
    """Return the folder *scratch* for what is learned, with what triage made of messages before, where that can be had."""
    scratch.mkdir()
    with suppress(OSError):  # Such as on Windows, where not everybody may make links.
        for path in cache.glob(_LENT) if cache is not None else ():
            (scratch / path.name).symlink_to(path.resolve(), target_is_directory=True)
    return scratch


def _as_it_is(problem: Problem, added: dict[str, list[int]]) -> Problem:
    """Return *problem* with the lines that the files have without what was *added* to them: in its place, and where it names another."""
    what = problem.what
    for name, lines in added.items():
        what = re.sub(rf"(?<=\b{re.escape(name)}:)\d+", lambda number, lines=lines: str(_before(int(number[0]), lines)), what)  # type: ignore[misc]
    return replace(problem, line=_before(problem.line, added.get(problem.file, ())), what=what)


def _before(line: int, added: Sequence[int]) -> int:
    """Return the number a line had before those *added* were there; of one of these, the one it will have."""
    return line - sum(each < line for each in added)
