"""Who wrote while the bot was away is told so, once, above the reply; the admins hear for how long it was away."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.core.model import Advice, Menu, Reply

LATE_S = 600.0
"""A reply to a message older than this is late."""
CALM_S = 10.0
"""After so long without a late message or a late reply, what waited is dealt with."""


@dataclass(frozen=True, slots=True)
class Away:
    """One absence, once it is over."""

    lasted: timedelta
    waited: int
    """How many late messages there were."""


class Absence:
    """Counts late messages, and remembers which chats have been told. It knows nobody's words."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        """Seconds since 1970."""
        self._gap_s: float | None = None
        """How long nobody served before this process began, as far as the store knows and the admins have not heard."""
        self._in_time_at = -math.inf
        """When a message last came in time: while they do, one that is late is no sign of an absence."""
        self._late_at = -math.inf
        self._waited = 0
        self._longest_s = 0.0
        """How old the oldest late message was when it came."""
        self._told: set[int] = set()

    def began(self, last_beat: datetime | None) -> None:
        """Note when the bot last served before this process."""
        gap_s = self._clock() - last_beat.timestamp() if last_beat else 0.0
        self._gap_s = gap_s if gap_s > LATE_S else None

    def came(self, at: datetime) -> None:
        """Note that a message of *at* (UTC) has come only now."""
        now, age_s = self._clock(), self._clock() - at.timestamp()
        if age_s <= LATE_S:
            self._in_time_at = now
        elif self._waited or self._gap_s is not None or now - self._in_time_at > LATE_S:
            self._late_at = now
            self._waited += 1
            self._longest_s = max(self._longest_s, age_s)

    def owed(self, chat_id: int, at: datetime) -> bool:
        """Return True when the reply to a message of *at* comes late, and the chat has not been told so."""
        late = self._clock() - at.timestamp() > LATE_S
        if late and self._waited:
            self._late_at = self._clock()
        return late and chat_id not in self._told

    def told(self, chat_id: int) -> None:
        """Note that the chat has been told."""
        self._told.add(chat_id)

    def over(self) -> Away | None:
        """Return the absence once all that waited is dealt with, each only once; else None."""
        if self._clock() - self._late_at < CALM_S:
            return None
        self._told.clear()
        if not self._waited:
            return None
        lasted_s = self._longest_s if self._gap_s is None else self._gap_s
        away = Away(timedelta(seconds=lasted_s), self._waited)
        self._gap_s, self._waited, self._longest_s = None, 0, 0.0
        return away


def opened(reply: Reply, sentence: str) -> Reply:
    """Return *reply* with *sentence* above everything else."""
    if isinstance(reply, Menu):  # No message is answered with one.
        return reply
    if isinstance(reply, Advice):
        return replace(reply, lead=f"{sentence}\n\n{reply.lead}".strip())
    return replace(reply, text=f"{sentence}\n\n{reply.text}")
