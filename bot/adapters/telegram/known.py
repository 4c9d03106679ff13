"""What the parts that serve one bot share, where the library keeps such things: `Application.bot_data`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from telegram import Update

from bot.adapters.telegram.absence import Absence
from bot.adapters.telegram.at_hand import AtHand
from bot.adapters.telegram.claim import Claim
from bot.adapters.telegram.endings import Settlement
from bot.adapters.telegram.profile import Profile
from bot.keyring import Keyring
from bot.publishing import Publishing
from bot.replicas import Replicas
from bot.store.later import Backlog


@dataclass(slots=True)
class Known:
    """Made by the library without arguments: then what people carry on ends with the process."""

    keyring: Keyring = field(default_factory=Keyring.for_this_process)
    absence: Absence = field(default_factory=Absence)
    backlog: Backlog | None = None
    """What the store is still to be told; None before anything is delivered."""
    hands: Callable[[], Iterable[AtHand]] = tuple
    """What is being handled, in any chat."""
    replicas: Replicas | None = None
    """None: a reload concerns this process alone."""
    publishing: Publishing | None = None
    """None: nobody changes the knowledge while it serves."""
    claim: Claim | None = None
    """None where there are admins already."""
    profile: Profile | None = None
    orders: Callable[[Update], bool] = lambda update: False  # noqa: ARG005
    """Whether an update that is no command does something for an admin: then no reply to another may stand for it."""
    by_webhook: bool = False
    started_at: float = field(default_factory=time.monotonic)
    """On the clock of `time.monotonic`."""
    settled: Mapping[Settlement, int] = field(default_factory=dict)
    """How many updates were settled, and how; it goes on counting."""
    open: Callable[[], int] = lambda: 0
    """How many updates are open now."""
