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
    fires_on: tuple[str, ...] = ()
    silent_on: tuple[str, ...] = ()
    soft_on: tuple[str, ...] = ()
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
