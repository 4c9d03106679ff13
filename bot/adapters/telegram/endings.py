"""What becomes of an update, or of one go at it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Settlement(Enum):
    """How an update was settled; the value is the word in the log."""

    ANSWERED = "answered"
    COVERED = "covered"
    """The reply to another message of the same flood stands for it."""
    REPEATED = "repeated"
    """It had been settled before this process, or the store would not have known it."""
    UNREADABLE = "unreadable"
    CHAT_GONE = "chat_gone"
    GAVE_UP = "gave_up"


@dataclass(frozen=True, slots=True)
class Pushback:
    """Telegram is to bring an update again later: 503, with Retry-After."""

    retry_after_s: int
    why: str
    """In a word, for counts: `too_many`, `elsewhere`, `paused`, `stopping`."""


Ending = Settlement | Pushback


@dataclass(frozen=True, slots=True)
class Rest:
    """Not ended: the chat is to rest, and then the update is begun anew."""

    seconds: float
