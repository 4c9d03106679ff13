"""What authors write, once it has been read and checked: entries, sources, signatures, notes, topic, messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Tier(IntEnum):
    """How much help a matter needs, least first; the names people see come from `topic.yaml`."""

    SELF_CARE = 1
    PHARMACIST = 2
    GP_SOON = 3
    URGENT_TODAY = 4
    EMERGENCY = 5
    CRISIS = 6

    @property
    def key(self) -> str:
        """The word used in YAML and in machine output, such as `gp_soon`."""
        return self.name.lower()


TIERS_BY_KEY: Mapping[str, Tier] = {tier.key: tier for tier in Tier}


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so, and where."""

    name: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Signature:
    """A named person has checked or reviewed something."""

    by: str
    role: str
    """Empty for a check of the facts, which anyone may do."""
    date: str
    """ISO date."""


@dataclass(frozen=True, slots=True)
class NoteWordings:
    """The see-a-doctor note of a tier or of a named case, in two lengths, each with one wording or more."""

    full: tuple[str, ...]
    short: tuple[str, ...]
    """One line, 90 characters at most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer and the ways to ask for it. The intent is the entry id."""

    id: str
    theme: str
    """The name of the file it stands in, without ending."""
    title: str
    asks: tuple[str, ...]
    keywords: tuple[str, ...]
    contrasts: tuple[str, ...]
    """`not:` in YAML: near, and not meant."""
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    answer: str
    """The opening: what to do or know now."""
    more: str
    """The long part; may be empty."""
    tier: Tier
    note: str | None
    """A key of `notes` that fits better than the tier's own note."""
    full_note: bool
    related: tuple[str, ...]
    sources: tuple[Source, ...]
    checked: Signature | None
    reviewed: Signature | None
    unsourced: bool


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Other words for the same thing, and pairs that are never to be confused."""

    say_by_phrase: Mapping[str, str]
    """A lay phrase -> the word that stands for it; both normalised."""
    confusables: frozenset[frozenset[str]]
    """Typo repair never turns one of a pair into the other."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A kind reply to something that is no question of the topic."""

    id: str
    asks: tuple[str, ...]
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A message as people write it, and the entries that answer it. The matcher learns from many of them what no phrasing foresees."""

    said: str
    entry_ids: tuple[str, ...]
    """Best first. Empty: no entry answers it."""
    after: str | None = None
    """The entry shown just before, for a message that leaves out what it is about; None for any other."""
    follows: bool = False
    """Said right after an answer."""


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of a folder. Two are equal when their files are; what was learned from them may spare reading them."""

    digest: str = ""
    said: tuple[Question, ...] = field(default=(), compare=False)


NUMBER_KINDS = ("emergency", "nurse", "poison", "listen")
"""What there are phone numbers for; `{emergency}` in the text of an alarm is the list of them."""


@dataclass(frozen=True, slots=True)
class Region:
    """A country, or some that share their numbers."""

    key: str
    """Short: it travels in button data."""
    name: str
    numbers: Mapping[str, str]
    """By kind; a region may lack one."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whom to call, by region. Without any, no alarm names a number and nobody is asked where they are."""

    regions: tuple[Region, ...] = ()
    """In the order to show them."""
    anywhere: Region | None = None
    """What holds in every country; ends each list."""

    def region(self, key: str | None) -> Region | None:
        """Return the region of this key, if there is one."""
        return next((region for region in self.regions if region.key == key), None)

    def named(self, kind: str, key: str | None) -> Mapping[str, tuple[str, ...]]:
        """Return each number of *kind* -> the names of its regions: of the region *key* if there is one, else of all. Every number has a name."""
        one = self.region(key)
        names_by_number: dict[str, tuple[str, ...]] = {}
        for region in (*((one,) if one else self.regions), *((self.anywhere,) if self.anywhere else ())):
            if kind in region.numbers:
                names_by_number[region.numbers[kind]] = (*names_by_number.get(region.numbers[kind], ()), region.name)
        return names_by_number


@dataclass(frozen=True, slots=True)
class Topic:
    """What the knowledge folder as a whole is about."""

    name: str
    language: str
    region: str | None
    """The key of the region whose phone numbers are shown to those who chose none; None shows the list of all."""
    contact: str
    """How to reach the operator, to report a wrong answer; may be empty."""
    emergency_line: str
    """Ends every full note; may be empty for a topic that knows no emergencies."""
    safety_entry: str | None
    """The entry offered beside the safety line when nothing fits."""
    notes_by_tier: Mapping[Tier, NoteWordings]
    theme_titles: Mapping[str, str]
    """Every theme there is -> what it is called, in the order to show them."""
    subject: tuple[str, ...] = ()
    """Words that name what the topic is about, `neck`."""
    elsewhere: tuple[str, ...] = ()
    """Words and phrases that name what it is not about, `knee`."""


@dataclass(frozen=True, slots=True)
class Messages:
    """Every sentence that is not an answer, by key."""

    sentences: Mapping[str, tuple[str, ...]]
    notes: Mapping[str, NoteWordings]
    alarms: Mapping[str, str]
    first_lines: Mapping[str, str]
    reminders: Mapping[str, str] = field(default_factory=dict)
    """What opens the answers after an alarm, by the key of the alarm or of a tier."""
    other_languages: Mapping[str, str] = field(default_factory=dict)
    """What is said to those who write in another language, by its code, in that language."""

    def say(self, key: str, turn: int = 0, **values: str) -> str:
        """Return the wording of *key* for this *turn*, with `{name}` replaced by *values*.

        Authored braces that name nothing stay as they are: no format language runs on authored text.
        """
        wordings = self.sentences[key]
        text = wordings[turn % len(wordings)]
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text
