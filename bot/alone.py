"""Sees to it that one process at a time serves from a data folder: two would answer the same person twice."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import ConfigError

_WAIT_S = 12.0
"""A process told to stop is given ten seconds; its successor waits for it."""
_LOOK_AGAIN_S = 0.1


@contextmanager
def alone_in(folder: Path, *, wait_s: float = _WAIT_S) -> Iterator[bool]:
    """Hold *folder* while the block runs, waiting *wait_s* seconds for another process to let go. Raises ConfigError when it does not.

    The system lets go for a process that dies in whatever way. Gives True; on Windows, which has no such lock, nothing is held.
    """
    try:
        import fcntl
    except ImportError:
        yield True
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"cannot write into the data folder {folder} ({error.strerror}): set DATA_DIR to one that this user may write into"
        ) from None
    try:
        until = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise ConfigError(f"another napebot serves from {folder}: stop it, or give this one a DATA_DIR of its own") from None
                time.sleep(_LOOK_AGAIN_S)
        yield True
    finally:
        os.close(file)
