"""The red flags as data: what raises them, what keeps them silent, and what to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.content import Signature, Source, Tier
from bot.core.triage.pattern import Phrase


@dataclass(frozen=True, slots=True)
class Group:
    """One thing that must be said; any of its phrases says it."""

    name: str
    any_of: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """Words that make what a rule found more or less pressing."""

    to: Tier
    name: str
    any_of: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to raise a flag: every group met."""

    all_of: tuple[Group, ...]
    none_of: tuple[Phrase, ...] = ()
    """What is said in a clause that holds one of these does not count for this rule."""
    same_clause: bool = False
    """All groups in one clause, and not merely in one message."""
    tier: Tier | None = None
    """Where it differs from the flag's own."""
    soft: bool = False
    """Raises the soft form, whatever the form of the sentence."""
    even_when_asked: bool = False
    """Fires in a question or an "if" too: what it looks for is never mere interest."""
    even_when_past: bool = False
    """Counts however long ago something was: a disease once had, an operation."""
    raises: tuple[Shift, ...] = ()
    """Each gives the hit a higher tier where it is met live anywhere in the message."""
    lowers: tuple[Shift, ...] = ()
    """The same downwards, where nothing raises."""
    alarm: str | None = None
    """A key of `messages.alarms`, where this rule says something else than its flag; None takes the flag's."""


@dataclass(frozen=True, slots=True)
class Example:
    """A message as people write it, and what it needs. Triage learns from many of them what the rules do not foresee."""

    said: str
    tier: Tier | None
    """None: harmless, however it sounds."""
    flag_id: str | None = None
    tuned_on: bool = False
    """Rules were written with it in mind: that they are right about it tells nothing of how far to trust them."""


@dataclass(frozen=True, slots=True)
class Examples:
    """The examples of a folder. Two are equal when their files are; what was learned from them may spare reading them."""

    digest: str = ""
    said: tuple[Example, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class RedFlag:
    """A rule that outranks every answer."""

    id: str
    tier: Tier
    why: str
    source: Source | None
    rules: tuple[Rule, ...]
    asks_about: tuple[Phrase, ...] = ()
    """Names of the danger itself. To ask about one is soft; to name it otherwise says nothing."""
    looks_like: tuple[Phrase, ...] = ()
    """Their words do not count for this flag."""
    counts_when_past: bool = False
    """Fires although it has gone again, unless it was long ago."""
    soft_when_past: bool = False
    """What is over is answered softly and not passed over."""
    raises: tuple[Shift, ...] = ()
    """These go for all its rules."""
    lowers: tuple[Shift, ...] = ()
    read_as: str = ""
    """Opens the reply: what was read, never a disease."""
    alarm: str = ""
    """A key of `messages.alarms`."""
    first_line: str | None = None
    """A key of `messages.first_lines`."""
    soft_line: str | None = None
    """A key of `messages.first_lines`; opens a soft reply."""
    withholds: tuple[str, ...] = ()
    """Entries never offered under this alarm."""
    by_likeness: bool = False
    """It has no rules: it speaks where a message is like danger of its tier and no flag can be named."""
    fires_on: tuple[str, ...] = ()
    silent_on: tuple[str, ...] = ()
    soft_on: tuple[str, ...] = ()
    known_misses: tuple[str, ...] = ()
    """Messages that it should fire on and does not: written down so that whoever signs knows."""
    reviewed: Signature | None = None


@dataclass(frozen=True, slots=True)
class RedFlags:
    """Every flag of a topic, most dangerous first, and the words they share."""

    flags: tuple[RedFlag, ...] = ()
    """In the order of the file, which ranks flags of one tier."""
    lists: Mapping[str, tuple[Phrase, ...]] = field(default_factory=dict)
    """Word lists by name."""
    idioms: tuple[Phrase, ...] = ()
    """Turns of phrase that mean no harm: their words are blanked before anything else."""
    cues: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Phrases that add to the language's cues of the same names, where they speak of this topic's things."""
    seen: tuple[Phrase, ...] = ()
    """What says that a doctor has looked at it already."""
    reviewed: Signature | None = None
    """Who signed idioms, cues and `seen`, which all flags share."""
