"""A YAML file once it is read: plain values, and where in the file each of them stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.errors import Problem

Plain = dict[str, "Plain"] | list["Plain"] | str | None
"""What YAML may hold here. Every scalar is text; None is a plain `null`, `~` or nothing at all."""

Path = tuple[str | int, ...]
"""Keys and indexes that lead to a value."""

Position = tuple[int, int]
"""Line and column, both from 1."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file."""

    file: str
    """Path below the knowledge folder."""
    plain: Plain
    values: Mapping[Path, Position] = field(default_factory=dict)
    """Where each value starts."""
    keys: Mapping[Path, Position] = field(default_factory=dict)
    """Where the key of each value in a mapping starts."""

    def problem(self, what: str, path: Path = (), *, at_key: bool = False) -> Problem:
        """Return a problem at the value *path* leads to, or at its key.

        Steps that lead nowhere are skipped, so the nearest value around is named when there is no such one.
        """
        known: Path = ()
        for step in path:
            if (*known, step) in self.values:
                known = (*known, step)
        table = self.keys if at_key and known in self.keys else self.values
        line, column = table.get(known, (1, 1))
        return Problem(self.file, line, column, what)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing is written: a document, and the path to it."""

    document: Document
    path: Path = ()

    def problem(self, what: str, *steps: str | int, at_key: bool = False) -> Problem:
        """Return a problem at the value that *steps* lead to from here."""
        return self.document.problem(what, (*self.path, *steps), at_key=at_key)

    def where(self) -> str:
        """Return file and line, to point here from elsewhere."""
        at = self.problem("")
        return f"{at.file}:{at.line}"
