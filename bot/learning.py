"""`python -m bot.learning SOURCE CACHE CODE [BEFORE]`: learns from a knowledge folder, or a kept version, in a process of its own.

Whoever serves meanwhile neither waits nor grows. What was learned is kept in the cache folder; who started this loads it from there. With the
version BEFORE, of which the cache keeps what was learned, how both answer what their authors wrote down stands on standard output as JSON.
Exit codes: 0 learned, tried and kept; 1 the knowledge has problems, which stand on standard output as JSON; 2 this is not the CODE that asked,
which would not find what is kept: it was changed since.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

from bot.errors import KnowledgeError
from bot.knowledge.apart import told_of
from bot.knowledge.behaviour import compare
from bot.knowledge.kept import code_version
from bot.knowledge.loader import load_kept, load_snapshot

_NICE = 10


def main(arguments: Sequence[str]) -> int:
    """Learn from the source that *arguments* name first into the cache folder they name second, compare with BEFORE, and return the exit code."""
    source, cache, code, *rest = arguments
    if code != code_version():
        return 2
    with suppress(OSError, AttributeError):  # Windows has no such thing.
        os.nice(_NICE)
    gc.disable()  # Hardly anything that is made here points at itself.
    try:
        after = load_snapshot(Path(source), cache=Path(cache))
        for version in rest:
            before = load_kept(version, Path(cache))
            sys.stdout.write(told_of(after.version, compare(before, after) if before else None))
    except KnowledgeError as error:
        sys.stdout.write(json.dumps([astuple(problem) for problem in error.problems]))
        return 1
    finally:
        gc.enable()
    return 0


if __name__ == "__main__":  # pragma: no cover - tried in a process of its own
    sys.exit(main(sys.argv[1:]))
