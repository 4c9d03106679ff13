"""The errors this project raises on purpose.

BotError
├── ConfigError      a setting is missing or makes no sense
├── KnowledgeError   a knowledge folder cannot be used; carries every problem found
├── StoreError       the store cannot be reached or refuses
└── InputError       a line given to a command is not what it reads

Each message says where, what, and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class BotError(Exception):
    """The root: `except BotError` catches what we foresaw and nothing else."""


class ConfigError(BotError):
    """A setting is missing or makes no sense."""


class StoreError(BotError):
    """The store cannot be reached, or refused."""


class InputError(BotError):
    """A line given to a command is not what it reads."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong with a knowledge folder, and where."""

    file: str
    """Path below the knowledge folder, with forward slashes."""
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    what: str
    """What is wrong, and what to do about it."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}"


class KnowledgeError(BotError):
    """A knowledge folder cannot be used."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(sorted(set(problems)))
        """Every problem found, by file, line and column."""
        super().__init__("\n".join(map(str, self.problems)))
