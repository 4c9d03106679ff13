"""What is found wrong with a bot under random updates, and how it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

SHOWN = 5
"""Updates named for each sort of fault."""


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it should be. It names the update by its number, from which it can be made again."""

    number: int
    kind: str
    what: str

    def __str__(self) -> str:
        return f"update {self.number} ({self.kind}): {self.what}"


@dataclass
class Report:
    """What became of updates."""

    updates: Counter[str] = field(default_factory=Counter)
    """By kind."""
    duties: Counter[str] = field(default_factory=Counter)
    """By what was owed to them."""
    calls: Counter[str] = field(default_factory=Counter)
    """By method."""
    settled: Counter[str] = field(default_factory=Counter)
    exceptions: list[Fault] = field(default_factory=list)
    """What was raised, or logged as a warning or worse."""
    unreadable: list[Fault] = field(default_factory=list)
    """What the library could not read."""
    silent: list[Fault] = field(default_factory=list)
    """Who was owed an answer and got none."""
    invalid: list[Fault] = field(default_factory=list)
    """Requests that the Bot API data or Telegram's parser refuse."""
    unexpected: list[Fault] = field(default_factory=list)
    """Requests that should not have been made."""

    @property
    def faults(self) -> list[Fault]:
        """All of them."""
        return [*self.exceptions, *self.unreadable, *self.silent, *self.invalid, *self.unexpected]


def gathered(faults: Iterable[Fault]) -> list[str]:
    """Return a line for each sort of fault, the most frequent first, with the numbers of the first updates that show it."""
    numbers: dict[tuple[str, str], list[int]] = {}
    for fault in faults:
        numbers.setdefault((fault.kind, fault.what), []).append(fault.number)
    most = sorted(numbers.items(), key=lambda sort: -len(sort[1]))
    return [f"{len(which)} of {kind}: {what}; updates {', '.join(map(str, which[:SHOWN]))}" for (kind, what), which in most]
