"""One thing worth telling an author, and how much it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from bot.errors import Problem


class Weight(IntEnum):
    """How much a finding matters."""

    NOTE = 0
    """Worth knowing."""
    WARNING = 1
    """Worth a change."""
    PROBLEM = 2
    """Refused: a folder with one is not loaded."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, where, and what to do about it."""

    kind: str
    """In small letters with hyphens, the same for all findings of one sort: `stolen`, `overdue`, `too-long` and so on."""
    weight: Weight
    problem: Problem
    """Where, what, and the cure."""
    words: tuple[str, ...] = ()
    """The words to blame, the worst first."""
    entries: tuple[str, ...] = ()
    """Ids of other entries, or red flags, that have a part in it."""
