"""What becomes of the knowledge's own phrasings as people send them: `python -m benchmarks.own_phrasings [KNOWLEDGE]`.

Each draw takes one `asks` sentence and changes it: its case, an emoji, two neighbouring words swapped, a typo, or several of these. Printed
is the share of draws that were answered right, offered, declined, offered other entries, and answered wrong; and some of the wrong ones.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.core.matching.decide import decide
from bot.core.model import Ambiguous, Answered, Outcome
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from bot.knowledge.loader import load_snapshot

_DRAWS = 20_000
_SEED = 1_972
_SHOWN = 20
_TYPO_FROM = 4
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_EMOJI = ("😩", "🙏", "😣", "🥺", "🤔")

RIGHT, OFFERED, DECLINED, OFFERED_OTHERS, WRONG = KINDS = ("right", "offered", "declined", "offered others", "wrong")
"""What may become of a phrasing."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One phrasing, changed, and what became of it."""

    ask: str
    entry_id: str
    said: str
    outcome: Outcome

    @property
    def kind(self) -> str:
        """One of KINDS."""
        if isinstance(self.outcome, Answered):
            if self.entry_id in self.outcome.entry_ids:
                return RIGHT
            return OFFERED if self.entry_id in self.outcome.also else WRONG
        if isinstance(self.outcome, Ambiguous):
            return OFFERED if self.entry_id in self.outcome.entry_ids else OFFERED_OTHERS
        return DECLINED


def draws(snapshot: Snapshot, count: int) -> Iterator[Draw]:
    """Yield *count* changed phrasings of the entries of *snapshot*, the same at every call."""
    chance = random.Random(_SEED)  # noqa: S311
    language = snapshot.knowledge.language
    asks = [(ask, entry.id) for entry in snapshot.knowledge.entries for ask in entry.asks]
    for _ in range(count):
        ask, entry_id = chance.choice(asks)
        said = changed(ask, chance)
        yield Draw(ask, entry_id, said, decide(normalise(said, language), snapshot.matcher, language, snapshot.entries_by_id, None).outcome)


def changed(ask: str, chance: random.Random) -> str:
    """Return *ask* with one or more of the changes made to it, each of them at most once."""
    for change in chance.sample(_CHANGES, chance.randint(1, len(_CHANGES))):
        ask = change(ask, chance)
    return ask


def _case(said: str, chance: random.Random) -> str:
    return chance.choice((str.upper, str.title, str.capitalize, str.swapcase))(said)


def _emoji(said: str, chance: random.Random) -> str:
    words = said.split()
    words.insert(chance.randint(0, len(words)), chance.choice(_EMOJI))
    return " ".join(words)


def _swap(said: str, chance: random.Random) -> str:
    words = said.split()
    if len(words) > 1:
        at = chance.randrange(len(words) - 1)
        words[at : at + 2] = words[at + 1], words[at]
    return " ".join(words)


def _typo(said: str, chance: random.Random) -> str:
    """Hit one letter of one word of four letters or more: a neighbouring key instead of it or after it, left out, or swapped with the next."""
    words = said.split()
    long = [place for place, word in enumerate(words) if len(word) >= _TYPO_FROM and word.isalpha()]
    if long:
        place = chance.choice(long)
        word = words[place]
        at = chance.randrange(len(word) - 1)
        before, letter, after = word[:at], word[at], word[at + 1 :]
        near = chance.choice(_neighbours(letter))
        words[place] = before + chance.choice((near + after, after, letter + near + after, after[0] + letter + after[1:]))
    return " ".join(words)


def _neighbours(letter: str) -> str:
    """The keys beside that of *letter*, and itself: keys are hit twice as well."""
    row = next((row for row in _ROWS if letter.lower() in row), letter)
    at = row.find(letter.lower())
    return row[max(0, at - 1) : at + 2]


_CHANGES: tuple[Callable[[str, random.Random], str], ...] = (_case, _emoji, _swap, _typo)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("knowledge")
    drawn = list(draws(load_snapshot(folder, try_sentences=False), _DRAWS))
    counts = Counter(draw.kind for draw in drawn)
    print(f"{len(drawn):,} draws: " + ", ".join(f"{kind} {counts[kind] / len(drawn):.2%}" for kind in KINDS))
    for draw in [draw for draw in drawn if draw.kind == WRONG][:_SHOWN]:
        print(f"  {draw.said!r} for {draw.ask!r} of {draw.entry_id}: {draw.outcome}")


if __name__ == "__main__":
    main()
