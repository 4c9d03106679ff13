"""Learning and comparing in another process: what the module `bot.learning` does, asked for from a running event loop."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bot.errors import KnowledgeError, Problem
from bot.knowledge.behaviour import MOST_CHANGES, Difference
from bot.knowledge.kept import UNREADABLE, code_version
from bot.knowledge.thaw import freeze, thaw

_MODULE = "bot.learning"
_ROOT = Path(__file__).parent.parent.parent
_PASSED_ON = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "SYSTEMROOT", "TEMP", "TMPDIR")
"""All that a child gets of the environment: settings, and with them the token, are none of its business."""


class Learning(Enum):
    """What came of it."""

    DONE = 0
    """All is in the cache folder, its sentences tried."""
    FAILED = 1
    """For a reason that lies not in the knowledge, such as code that was changed since this process began."""
    KILLED = 2
    """By a signal: most likely there was no room for it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of learning a version, and of comparing it with another."""

    learning: Learning
    version: str = ""
    """The version that was compared; empty where none was."""
    difference: Difference | None = None
    """None where it could not be compared: of the other version nothing was kept."""


async def learn_apart(source: Path, cache: Path) -> Learning:
    """Learn from *source*, a knowledge folder or a version kept in a file, into *cache*, in a process of low priority.

    Raises KnowledgeError with the problems it found. Cancelling ends it.
    """
    return (await compare_apart(source, cache, "")).learning


async def compare_apart(source: Path, cache: Path, before: str) -> Compared:
    """Do the same, and then compare it with the version *before*, of which *cache* keeps what was learned; with none where that is empty."""
    arguments = ("-m", _MODULE, os.fspath(source), os.fspath(cache), code_version(), *((before,) if before else ()))  # It starts in the same folder.
    try:
        child = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=_environment())
    except OSError:
        return Compared(Learning.FAILED)
    try:
        told, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == 1 and (problems := _problems(told)):
        raise KnowledgeError(problems)
    if child.returncode is not None and child.returncode < 0:
        return Compared(Learning.KILLED)
    return Compared(Learning.FAILED) if child.returncode else await asyncio.to_thread(_compared, told)


def _environment() -> dict[str, str]:
    given = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # The code that runs here, wherever it was started from; and one thread, for sums come out the same then.
    return {**given, "PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1", "OPENBLAS_NUM_THREADS": "1"}


def _problems(told: bytes) -> list[Problem]:
    """Return the problems that a child wrote; none where it wrote something else."""
    try:
        return [Problem(*each) for each in json.loads(told)]
    except (ValueError, TypeError):
        return []


def told_of(version: str, difference: Difference | None) -> str:
    """Return what a child writes down of a comparison; no more than some hundred kilobytes of it."""
    frozen = freeze(difference.at_most(MOST_CHANGES), Difference) if difference is not None else None
    return json.dumps([version, frozen])


def _compared(told: bytes) -> Compared:
    """Return what a child wrote of its comparison; of none where it wrote nothing, or something else."""
    try:
        version, frozen = json.loads(told)
        return Compared(Learning.DONE, str(version), None if frozen is None else thaw(frozen, Difference))
    except UNREADABLE:
        return Compared(Learning.DONE)
