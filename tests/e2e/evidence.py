"""What a bot leaves behind that can be held against what was seen from outside: the rows of its database, the words of its log."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

_SETTLEMENT = re.compile(r'"settlement": ?"(\w+)"')
_TWICE = re.compile(r'"maybe_twice": ?(\d+)')
_LET_GO = re.compile(r"gave_up, for it holds up others")


@dataclass(frozen=True)
class Rows:
    """What SQLite says."""

    settled: frozenset[int]
    """Ids of updates."""
    counted: int
    """Answers that were counted, over all entries."""
    uneven: int
    """Entries that were not counted as often as the others."""
    integrity: str


NO_ROWS = Rows(frozenset(), 0, 0, "-")


@dataclass(frozen=True)
class Words:
    """What the log says, of all processes that wrote to it."""

    settlements: Counter[str] = field(default_factory=Counter)
    maybe_twice: int = 0


NO_WORDS = Words()


def read_rows(database: Path) -> Rows:
    """Read the database of a bot that has ended; no rows where there is none."""
    if not database.exists():
        return NO_ROWS
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        settled = frozenset(update_id for (update_id,) in connection.execute("SELECT update_id FROM updates WHERE settled"))
        times = Counter(dict(connection.execute("SELECT about, sum(times) FROM counts WHERE what = 'answered' GROUP BY about")))
        usual = Counter(times.values()).most_common(1)
        uneven = sum(each != usual[0][0] for each in times.values()) if usual else 0
        return Rows(settled, times.total(), uneven, connection.execute("PRAGMA integrity_check").fetchone()[0])


def read_words(log: Path) -> Words:
    """Read the log, in JSON lines; what was let go counts as given up, whatever became of it."""
    said = log.read_text()
    settlements = Counter(_SETTLEMENT.findall(said))
    settlements["gave_up"] += len(_LET_GO.findall(said))
    return Words(settlements, sum(int(times) for times in _TWICE.findall(said)))
