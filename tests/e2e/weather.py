"""What befalls a message on its way to Telegram: nothing, the same faults for the same seed, or the limit that Telegram keeps for a chat."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import Enum


class Fate(Enum):
    """What becomes of one sendMessage."""

    TAKEN = "taken"
    REFUSED = "refused"
    """It is taken, and for a moment after it no connection is let in, and none that is idle is kept."""
    RESET = "reset"
    """Read, not taken, and cut off."""
    BAD_GATEWAY = "502"
    TOO_MANY = "429"
    DONE_THEN_RESET = "done-then-reset"
    """Taken, and cut off before anybody was told."""


FAULTS = (Fate.REFUSED, Fate.RESET, Fate.BAD_GATEWAY, Fate.TOO_MANY, Fate.DONE_THEN_RESET)
AMBIGUOUS = (Fate.RESET, Fate.DONE_THEN_RESET)
"""After these the sender cannot know whether the message arrived."""


@dataclass(frozen=True)
class Verdict:
    """What happens now."""

    fate: Fate
    retry_after: int = 0
    """Seconds; of a 429."""


TAKEN = Verdict(Fate.TAKEN)


@dataclass
class Weather:
    """The lot of every sendMessage; fair weather unless told otherwise."""

    probability: float = 0.0
    """Of a fault, from 0 to 1."""
    seed: int = 1
    every_s: float = 0.0
    """How many seconds must lie between two messages to one chat; a message before that is refused with a pause of 1 to 3 s."""
    latency_s: float = 0.0
    """How long Telegram takes over a message."""
    drawn: Counter[Fate] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._lots = random.Random(self.seed)  # noqa: S311  (a test is to be repeatable)
        self._free_at: defaultdict[int, float] = defaultdict(float)

    def verdict(self, chat_id: int, now_s: float) -> Verdict:
        """Decide for a message to *chat_id*."""
        found = self._verdict(chat_id, now_s)
        self.drawn[found.fate] += 1
        return found

    def _verdict(self, chat_id: int, now_s: float) -> Verdict:
        if now_s < self._free_at[chat_id]:
            return Verdict(Fate.TOO_MANY, self._lots.randint(1, 3))
        if self._lots.random() < self.probability:
            return Verdict(self._lots.choice(FAULTS), 1)
        if self.every_s:
            self._free_at[chat_id] = now_s + self.every_s
        return TAKEN
