"""What a choice does: each is a button, or a number in the terminal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShowEntry:
    """Show one answer in full."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class NotThis:
    """Not what I asked: the next candidates, then the topics."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class More:
    """Further choices under an answer: its sources, to pass it on, to say whether it helped."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class Back:
    """The choices that stood under an answer at first."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class Sources:
    """Who says so, and whether anybody has checked and signed."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class Vote:
    """Whether an answer helped."""

    entry_id: str
    helpful: bool


@dataclass(frozen=True, slots=True)
class Share:
    """Pass a link to one answer on to somebody else. Nothing comes back from it."""

    entry_id: str
    title: str


@dataclass(frozen=True, slots=True)
class InPrivate:
    """Go on where nobody else reads along, with one answer in full."""

    entry_id: str = ""
    """Empty for a talk that begins with nothing."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Browse: the themes, or one page of a theme's entries."""

    theme: str = ""
    page: int = 0
    """From 0."""


@dataclass(frozen=True, slots=True)
class ChooseRegion:
    """The same alarm, with the regions to choose from."""

    flag_id: str
    """The flag that spoke."""
    alarm: str
    """The key of `messages.alarms` it spoke with."""


@dataclass(frozen=True, slots=True)
class ShowNumbers:
    """The same alarm, with the phone numbers of one region; they are kept for the alarms that follow."""

    flag_id: str
    alarm: str
    region: str = ""
    """Empty for all of them."""


@dataclass(frozen=True, slots=True)
class CopyNumber:
    """Take a phone number along, to paste it where one calls. Nothing comes back from it."""

    number: str


@dataclass(frozen=True, slots=True)
class Regions:
    """The regions to choose from, under no alarm."""


@dataclass(frozen=True, slots=True)
class SetRegion:
    """The phone numbers of one region; they are kept for the alarms that follow."""

    region: str = ""
    """Empty for all of them."""


@dataclass(frozen=True, slots=True)
class NotHappening:
    """What raised the last alarm is not happening now: answers no longer open with it. Every rule stays armed."""


@dataclass(frozen=True, slots=True)
class PassOn:
    """Show what would be kept of a question asked in vain, if the person agreed. Only who keeps such questions does it, and Consent."""

    question: int
    """When it was asked: seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Let what was shown be kept, or not."""

    question: int
    given: bool


@dataclass(frozen=True, slots=True)
class Operate:
    """What whoever runs the bot asks for by a button; only a way in that knows who they are does it."""

    verb: str
    """Small letters and hyphens."""
    about: str = ""
    """What it is done to: a version, an id."""


Action = (
    ShowEntry
    | NotThis
    | More
    | Back
    | Sources
    | Vote
    | Share
    | InPrivate
    | Topics
    | ChooseRegion
    | ShowNumbers
    | CopyNumber
    | Regions
    | SetRegion
    | NotHappening
    | PassOn
    | Consent
    | Operate
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a person may pick: a button, or a number in the terminal."""

    label: str
    action: Action


Rows = tuple[tuple[Choice, ...], ...]
"""Choices as rows of buttons."""
