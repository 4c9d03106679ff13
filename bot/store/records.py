"""What stores keep and give back. All of it frozen; none of it holds words, save a miss, nor an id that can be read without the key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum

from bot.core.model import Context


@dataclass(frozen=True, slots=True)
class PersonKey:
    """One person in one chat, named so that nobody without the key file can tell who it is."""

    here: str
    """The person in this chat: 64 hexadecimal digits."""
    person: str
    """The person in whichever chat; what is to be forgotten is found by it."""
    earlier: PersonKey | None = None
    """The same under the key before the current one, while there is one."""

    @property
    def names(self) -> tuple[PersonKey, ...]:
        """All names of this person here: the current one, then earlier ones."""
        return (self, *self.earlier.names) if self.earlier else (self,)


class Standing(Enum):
    """Whose an update is."""

    OURS = "ours"
    ELSEWHERE = "elsewhere"
    """Another process works on it, and has been heard of lately."""
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of claiming an update."""

    standing: Standing
    tries: int = 1
    """How often it was begun, this time included; from 1. More than a few: it may be what ends the process."""


ALSO = "_also"
"""Ends the name of what is counted for the second entry of one reply and those behind it: `answered` says how many messages were answered."""


@dataclass(frozen=True, slots=True)
class Count:
    """One thing that happened once."""

    day: date
    """UTC."""
    what: str
    """Such as `answered`, `offered`, `unknown`, `alarm`; and `answered_also`, see ALSO."""
    about: str = ""
    """The id of an entry, a red flag, or a small talk; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Miss:
    """A question asked in vain, without what could name a person."""

    day: date
    """UTC."""
    words: str = field(repr=False)
    """Redacted."""
    not_this: str = ""
    """The entry that was not what they asked; empty where there was no answer at all."""
    passed: bool = False
    """Who asked has seen these words and had them passed on."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What an update leaves behind once it is settled; kept with the settling, all or nothing, so that it happens once."""

    contexts: tuple[tuple[PersonKey, Context], ...] = ()
    """In order: of two for one key the later stands."""
    counts: tuple[Count, ...] = ()
    misses: tuple[Miss, ...] = ()
    unmissed: tuple[Miss, ...] = ()
    """Of each, one that was kept before and equals it goes, if there is one: what is among `misses` takes its place."""

    def __add__(self, later: Effects) -> Effects:
        """Return both, *later* after these."""
        return Effects(self.contexts + later.contexts, self.counts + later.counts, self.misses + later.misses, self.unmissed + later.unmissed)


NOTHING = Effects()


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was counted on a day."""

    day: date
    what: str
    about: str
    times: int


@dataclass(frozen=True, slots=True)
class Generation:
    """The knowledge all replicas should serve."""

    number: int = 0
    """Rises by one with every announcement; 0 before the first."""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Replica:
    """What one process says of itself."""

    name: str
    generation: int
    """The last announcement it has acted on."""
    version: str
    """Of the knowledge it serves."""
    problems: int = 0
    """How many kept it from taking the announced one."""
    seen_at: datetime = field(default=datetime.fromtimestamp(0, UTC))
    """When it last said so (UTC, by the store's clock)."""
