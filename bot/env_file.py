"""What is odd about `.env` and would otherwise go unsaid: a name that means nothing, or a file that others may read."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OF_OTHERS = ("COMPOSE_", "DOCKER_", "NAPEBOT_", "PODMAN_", "POSTGRES_")
"""Names that `compose` reads from the same file begin like this."""
_READ_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH


def env_file_concerns(path: Path, known: Collection[str], secret: Collection[str]) -> tuple[str, ...]:
    """Return a sentence for each thing to look after; none for a file that is not there.

    *known* are all names that mean something, *secret* those whose values others must not see, both in lower case. No value is told, nor a line
    that has no name. Raises UnicodeDecodeError for a file in another encoding.
    """
    if not path.is_file():
        return ()
    written = {name.lower(): value for name, value in dotenv_values(path, interpolate=False, encoding="utf-8").items()}
    return (*_names(path, written, known), *_rights(path, written, secret))


def _names(path: Path, written: Mapping[str, str | None], known: Collection[str]) -> list[str]:
    told = []
    for name in sorted(set(written) - set(known)):
        if not _NAME.fullmatch(name) or written[name] is None:  # it may be a secret pasted without its name
            told.append(f"{path}: there is a line in it that is not NAME=value, and it was passed over")
        elif not name.upper().startswith(_OF_OTHERS):
            near = get_close_matches(name, known, n=1)
            told.append(f"{path}: {name.upper()} is no setting, and was passed over" + (f"; did you mean {near[0].upper()}?" if near else ""))
    return list(dict.fromkeys(told))


def _rights(path: Path, written: Mapping[str, str | None], secret: Collection[str]) -> list[str]:
    if os.name != "posix" or not any(written.get(name) for name in secret) or not path.stat().st_mode & _READ_BY_OTHERS:
        return []
    return [f"{path}: it holds secrets, and others on this machine may read it; take the right away: chmod 600 {path}"]
