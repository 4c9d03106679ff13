"""What was counted, summed up: questions a day, what became of them, and what they were about. No person is in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.store.records import ALSO, Tally

DEFAULT_DAYS = 7
MOST_DAYS = 400
"""As long as counts are kept where nothing else is set."""

_OUTCOMES = {
    "answered": "answered",
    "offered": "offered",
    "unknown": "declined",
    "foreign": "foreign",
    "alarm": "red_flags",
    "smalltalk": "smalltalk",
}
"""How an outcome is counted -> what it is called here."""
_OF_ENTRY = {
    "answered": "answered",
    "answered" + ALSO: "answered",
    "showentry": "shown",
    "helpful": "helpful",
    "unhelpful": "unhelpful",
    "notthis": "not_this",
}
_OF_FLAG = frozenset({"alarm", "alarm" + ALSO})


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of messages. Each message is in one of these, and is there once."""

    answered: int = 0
    offered: int = 0
    """Two or three entries to choose from."""
    declined: int = 0
    """"I don't know"."""
    foreign: int = 0
    """In a language that the bot does not read."""
    red_flags: int = 0
    smalltalk: int = 0
    """No question: hello, thank you."""

    @property
    def questions(self) -> int:
        """All messages but small talk."""
        return self.answered + self.offered + self.unanswered + self.red_flags

    @property
    def unanswered(self) -> int:
        """Declined, or in another language."""
        return self.declined + self.foreign

    @property
    def share_answered(self) -> float | None:
        """The part of the questions that was answered at once, from 0 to 1; None without any question."""
        return self.answered / self.questions if self.questions else None

    def __add__(self, other: Outcomes) -> Outcomes:
        """Return both together."""
        return Outcomes(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Day:
    """One day, from midnight to midnight UTC."""

    day: date
    outcomes: Outcomes = field(default_factory=Outcomes)


@dataclass(frozen=True, slots=True)
class Votes:
    """Whether answers helped: counted once for each answer in a talk, and without a person."""

    helpful: int = 0
    unhelpful: int = 0

    @property
    def all(self) -> int:
        """How many there are."""
        return self.helpful + self.unhelpful

    @property
    def share_helpful(self) -> float | None:
        """From 0 to 1; None without any vote."""
        return self.helpful / self.all if self.all else None


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """How often one entry was seen, and what people made of it."""

    entry_id: str
    title: str
    """Empty where the knowledge has no such entry any more."""
    answered: int = 0
    """To a question."""
    shown: int = 0
    """By a button: chosen from an offer or a list, or read behind an alarm."""
    votes: Votes = field(default_factory=Votes)
    not_this: int = 0
    """How often it was "not what I asked"."""

    @property
    def times(self) -> int:
        """How often it was seen in full."""
        return self.answered + self.shown


@dataclass(frozen=True, slots=True)
class FlagCounts:
    """How often one red flag was raised."""

    flag_id: str
    times: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What was counted from one day to another, both included."""

    days: tuple[Day, ...]
    """Every day of the period in its order, and those on which nothing happened too; at least one."""
    entries: tuple[EntryCounts, ...]
    """All that were seen, voted on or not what was asked; the most seen first."""
    red_flags: tuple[FlagCounts, ...]
    """All that were raised, the most frequent first. One alarm may have several."""

    @property
    def total(self) -> Outcomes:
        """Of all days together."""
        return sum((day.outcomes for day in self.days), Outcomes())

    @property
    def votes(self) -> Votes:
        """On all entries together."""
        return Votes(sum(each.votes.helpful for each in self.entries), sum(each.votes.unhelpful for each in self.entries))

    @property
    def empty(self) -> bool:
        """Nothing was counted."""
        return self.total == Outcomes() and not self.entries


def summed(tallies: Iterable[Tally], first: date, last: date, titles: Mapping[str, str]) -> Stats:
    """Return *tallies* of the days *first* to *last* (UTC, both included) summed up; *titles* by the id of an entry.

    What is counted under names that nothing here reads is left out, and so are other days. Raises ValueError where *last* is before *first*.
    """
    if last < first:
        raise ValueError(f"{last} is before {first}: a period has at least one day")
    outcomes: defaultdict[date, Counter[str]] = defaultdict(Counter)
    entries: defaultdict[str, Counter[str]] = defaultdict(Counter)
    flags: Counter[str] = Counter()
    for tally in tallies:
        if not first <= tally.day <= last:
            continue
        if tally.what in _OUTCOMES:
            outcomes[tally.day][_OUTCOMES[tally.what]] += tally.times
        if tally.what in _OF_ENTRY and tally.about:
            entries[tally.about][_OF_ENTRY[tally.what]] += tally.times
        if tally.what in _OF_FLAG and tally.about:
            flags[tally.about] += tally.times
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return Stats(
        tuple(Day(day, Outcomes(**outcomes[day])) for day in days),
        tuple(
            sorted((_entry(name, titles.get(name, ""), counted) for name, counted in entries.items()), key=lambda each: (-each.times, each.entry_id))
        ),
        tuple(FlagCounts(*named) for named in sorted(flags.items(), key=lambda named: (-named[1], named[0]))),
    )


def period(last: date, days: int) -> tuple[date, date]:
    """Return the first and the last of the *days* that end with *last*; of no more than there may be counts for, and at least one."""
    return last - timedelta(days=min(max(days, 1), MOST_DAYS) - 1), last


def _entry(entry_id: str, title: str, counted: Counter[str]) -> EntryCounts:
    votes = Votes(counted["helpful"], counted["unhelpful"])
    return EntryCounts(entry_id, title, counted["answered"], counted["shown"], votes, counted["not_this"])
