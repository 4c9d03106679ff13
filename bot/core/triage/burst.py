"""What is told in bits: half a sign in one message, the other half in the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.model import Alert, HalfMet

BURST = timedelta(minutes=10)
"""How long what was said waits for the rest."""
MOST_HALF_MET = 64
"""An ordinary message leaves six halves and hardly ever sixty; where there are more, the most dangerous are kept."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What triage makes of a message that follows others."""

    alert: Alert | None
    kept: frozenset[str] = frozenset()
    """Of the ids it was told to carry those that still wait."""
    added: tuple[str, ...] = ()
    """The ids of what this message said and that waits for the rest, least dangerous first."""


def still_waiting(half_met: Iterable[HalfMet], now: datetime) -> tuple[HalfMet, ...]:
    """Return what of *half_met* is not older than a burst."""
    return tuple(half for half in half_met if now - half.at <= BURST)


def carried_on(half_met: Iterable[HalfMet], heard: Heard, now: datetime) -> tuple[HalfMet, ...]:
    """Return what waits after a message was heard: the newest, oldest first, each once."""
    old = tuple(half for half in half_met if half.group in heard.kept and half.group not in heard.added)
    return (*old, *(HalfMet(group, now) for group in heard.added))[-MOST_HALF_MET:]
