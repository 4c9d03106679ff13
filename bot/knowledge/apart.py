"""Learning in another process: what the module `bot.learning` does, asked for from a running event loop."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from enum import Enum
from pathlib import Path

from bot.errors import KnowledgeError, Problem
from bot.knowledge.kept import code_version

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


async def learn_apart(folder: Path, cache: Path) -> Learning:
    """Learn from *folder* into *cache* in a process of low priority. Raises KnowledgeError with the problems it found. Cancelling ends it."""
    arguments = ("-m", _MODULE, os.fspath(folder), os.fspath(cache), code_version())  # It starts in the same folder.
    try:
        child = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=_environment())
    except OSError:
        return Learning.FAILED
    try:
        told, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == 1 and (problems := _problems(told)):
        raise KnowledgeError(problems)
    if child.returncode is not None and child.returncode < 0:
        return Learning.KILLED
    return Learning.FAILED if child.returncode else Learning.DONE


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
