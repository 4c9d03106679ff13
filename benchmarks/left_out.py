"""What the matcher says would become of each phrasing had it not taught, beside what does: `python -m benchmarks.left_out [KNOWLEDGE] [ROUNDS]`.

In each round a tenth of the phrasings is left out, all else is learned anew, and they are ranked by what was learned. Printed is how many then
come out under another entry, how many the one learning of everything says would, how many of both are the same, and how alike the margins are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.core.knowledge import Knowledge
from bot.core.matching.matcher import Matcher
from bot.core.matching.teach import Classes, teach
from bot.core.text import normalise
from bot.knowledge.loader import read_knowledge

_TENTHS = 10
_SEED = 1_972


@dataclass(frozen=True, slots=True)
class Judged:
    """One phrasing, and both opinions of it."""

    entry_id: str
    rival: str
    """The entry that the one learning names."""
    margin: float
    found: str
    """The entry that comes out first when it has not taught."""

    @property
    def said_lost(self) -> bool:
        """Whether the one learning says that another entry would take it."""
        return self.margin < 0

    @property
    def lost(self) -> bool:
        """Whether another entry does take it."""
        return self.found != self.entry_id


def judged(knowledge: Knowledge, rounds: int) -> Iterator[Judged]:
    """Yield the phrasings of so many tenths of *knowledge*. What is taken for small talk, or for nothing of ours, is left aside."""
    names = [*Classes.of(knowledge).entry_ids]
    weights = teach(knowledge).weights
    asks = [(entry.id, ask) for entry in knowledge.entries for ask in entry.asks if normalise(ask, knowledge.language).tokens]
    told = list(zip(asks, weights.rivals.tolist(), weights.margins.tolist(), strict=True))
    tenth = np.random.default_rng(_SEED).integers(0, _TENTHS, len(told))
    for number in range(rounds):
        out = {ask for (ask, *_), of in zip(told, tenth, strict=True) if of == number}
        kept = (replace(entry, asks=tuple(ask for ask in entry.asks if (entry.id, ask) not in out)) for entry in knowledge.entries)
        rest = replace(knowledge, entries=tuple(kept))
        matcher = Matcher(rest, teach(rest))
        for ((entry_id, ask), rival, margin), of in zip(told, tenth, strict=True):
            if of == number and rival < len(names):
                found = matcher.rank(normalise(ask, knowledge.language).tokens).best or ""
                yield Judged(entry_id, names[rival], margin, found)


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "knowledge")
    rows = list(judged(read_knowledge(folder), int(sys.argv[2]) if len(sys.argv) > 2 else 3))
    lost, said = sum(row.lost for row in rows), sum(row.said_lost for row in rows)
    both = [row for row in rows if row.lost and row.said_lost]
    print(f"{len(rows)} phrasings left out")
    print(f"come out under another entry:        {lost:5}  {lost / len(rows):6.1%}")
    print(f"said so by the one learning:         {said:5}  {said / len(rows):6.1%}")
    print(f"both:                                {len(both):5}  with the same rival {sum(row.found == row.rival for row in both)}")
    print(f"agree on stay or go:                 {sum(row.lost == row.said_lost for row in rows) / len(rows):6.1%}")


if __name__ == "__main__":
    main()
