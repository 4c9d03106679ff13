"""The data of a conversation: what was said, what was found, what to say. All of it frozen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.action import Choice, Rows
from bot.core.content import Tier

CONTEXT_LIFE = timedelta(minutes=30)
REPLY_LIMIT_UNITS = 3_900
"""What one message holds, in UTF-16 units: Telegram refuses more than 4,096 and has been seen to count otherwise, so we stay below."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a person said, and when. No name, no id."""

    text: str
    at: datetime
    """UTC."""


# --- what was found -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FlagHit:
    """A red flag that a message raised, and how."""

    flag_id: str
    tier: Tier
    soft: bool
    words: tuple[str, ...]
    """The words that met its groups, for explaining; never logged."""
    alarm: str | None = None
    """A key of `messages.alarms` that the rule which was met names itself; None takes the flag's."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What triage found. `hits` is never empty; live ones come first, then by tier, then in the order of the file."""

    hits: tuple[FlagHit, ...]
    seen: bool = False
    """A doctor has seen it already, or so the message says."""

    @property
    def live(self) -> bool:
        """True when something is happening to somebody, false when it was only asked about."""
        return not self.hits[0].soft

    @property
    def tier(self) -> Tier:
        """The highest tier among the live flags, or among the soft ones when none is live."""
        return self.hits[0].tier

    @property
    def flag_ids(self) -> tuple[str, ...]:
        """The flags that count: the live ones, or the soft ones when none is live."""
        return tuple(hit.flag_id for hit in self.hits if hit.soft is not self.live)


@dataclass(frozen=True, slots=True)
class Earned:
    """A word of the message, and what it added to the score of an entry."""

    said: str
    meant: str
    """The same unless a typo was repaired."""
    weight: float


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate entry and its confidence."""

    entry_id: str
    confidence: float
    """0.0 to 1.0, calibrated: of matches with 0.8 about eight in ten are right."""


# --- what was decided -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answered:
    """One entry answers, or two when two questions were asked; best first."""

    entry_ids: tuple[str, ...]
    also: tuple[str, ...] = ()
    """Entries offered beside the answer: a second question that was not sure enough."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """An offer: two or three entries to choose from."""

    entry_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Nothing fits: "I don't know", and the topics; or it is in another language, and that is said in it."""

    language: str = ""
    """The code of that language, or ANY_OTHER; empty for the one the bot reads."""


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Small talk, with its own kind reply."""

    smalltalk_id: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """A live alarm speaks; the answers wait behind buttons, if they may be shown at all."""

    entry_ids: tuple[str, ...]


Outcome = Answered | Ambiguous | NoMatch | SmallTalk | Withheld


# --- what to say ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Note:
    """The see-a-doctor note under an answer. It cannot be empty."""

    line: str
    """Who to see and when."""
    emergency_line: str = ""
    """When to call for help at once; only in a full note."""

    def __post_init__(self) -> None:
        if not self.line.strip():
            raise ValueError("a note without words is no note: give the tier a wording in topic.yaml")

    @property
    def full(self) -> bool:
        """True for the long form."""
        return bool(self.emergency_line)


@dataclass(frozen=True, slots=True)
class Part:
    """One entry's answer within a reply."""

    entry_id: str
    title: str
    """Stands above the text: a line that says what it is about, where that is not plain; the entry's own title where two stand together."""
    answer: str
    more: str = ""
    """The long part, folded where the medium can fold; empty in a reply that holds two answers."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Medical content. Its note is part of the type: there is no advice without one."""

    parts: tuple[Part, ...]
    note: Note
    lead: str = ""
    """What stands before the answer: what an alarm was about, "if this is happening now", or a prompt to see a doctor soon."""
    choices: Rows = ()

    def __post_init__(self) -> None:
        if not self.parts or not isinstance(self.note, Note):
            raise ValueError("advice needs at least one part and a note")


@dataclass(frozen=True, slots=True)
class Alarm:
    """A red flag spoke. It is its own note."""

    tier: Tier
    flag_ids: tuple[str, ...]
    text: str
    choices: Rows = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Words without medical advice: greetings, offers, topics, sources, "I don't know"."""

    text: str
    choices: Rows = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """Other choices under what is shown already."""

    text: str
    """Stands above them where they cannot take the place of those before."""
    choices: Rows
    word: str = ""
    """Said in passing, where anything is."""


Reply = Advice | Alarm | Notice | Menu


# --- what is carried on ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HalfMet:
    """A group of a red flag that was met, when others of its rule were not: the next message may meet them."""

    group: str
    """The id of the group: a digest of its phrases, which a reload that leaves them alone leaves as it was."""
    at: datetime
    """When the message came (UTC)."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A question and the reply to it, by the numbers that the medium gives messages: who edits the one gets the other edited."""

    question: int
    reply: int


@dataclass(frozen=True, slots=True)
class Context:
    """What one person in one chat carries to the next message. Ids and counts; never text."""

    at: datetime | None = None
    """When it was last touched (UTC); None for a fresh one."""
    last_entry: str | None = None
    last_tier: Tier | None = None
    """The tier of the last answer's note."""
    answered: int = 0
    """Answers given so far in this chat; picks wordings, so that no randomness is needed."""
    candidates: tuple[str, ...] = ()
    """Ranked entries not yet shown, best first, for "not what I asked"."""
    offered: tuple[str, ...] = ()
    """The entries of the last offer, if an offer came last; under an alarm the answer that waits, which is a candidate as well."""
    half_met: tuple[HalfMet, ...] = ()
    """Groups met within the last minutes, oldest first; a group stands once."""
    alerted: tuple[str, ...] = ()
    """The flags of the last live alarm, the one that spoke first, until the person says that it is not happening now. A crisis stays."""
    alerted_at: tuple[Tier, ...] = ()
    """The tier each of them was raised at, in the same order; without it, the flag's own counts."""
    region: str | None = None
    """The region the person chose for phone numbers, empty for all of them; outlives the rest."""
    voted: tuple[str, ...] = ()
    """The entries they said of whether they helped, the newest last: each vote counts once."""
    passed_on: tuple[int, ...] = ()
    """The last few questions they had passed on, by when those were asked in seconds since 1970, the newest last: each is kept once."""
    shown: tuple[Shown, ...] = ()
    """The last few replies that may be edited, the newest last."""

    def fresh_at(self, now: datetime) -> Context:
        """Return this context, or an empty one when it is older than CONTEXT_LIFE."""
        if self.at is None or now - self.at > CONTEXT_LIFE:
            return Context(at=now, region=self.region)
        return self


@dataclass(frozen=True, slots=True)
class Turn:
    """One message answered."""

    alert: Alert | None
    outcome: Outcome
    reply: Reply
    context: Context
    ranking: tuple[Match, ...] = ()
    """The five best entries, whatever was decided."""
    reason: str = ""
    """Which rule decided, in a word or two; for explaining and counting."""


def choices_of(reply: Reply) -> Iterator[Choice]:
    """All choices of *reply*, row by row."""
    for row in reply.choices:
        yield from row
