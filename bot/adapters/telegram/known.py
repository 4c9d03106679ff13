"""What the parts that serve one bot share, where the library keeps such things: `Application.bot_data`."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.adapters.telegram.absence import Absence
from bot.keyring import Keyring
from bot.replicas import Replicas
from bot.store.later import Backlog


@dataclass(slots=True)
class Known:
    """Made by the library without arguments: then what people carry on ends with the process."""

    keyring: Keyring = field(default_factory=Keyring.for_this_process)
    absence: Absence = field(default_factory=Absence)
    backlog: Backlog | None = None
    """What the store is still to be told; None before anything is delivered."""
    replicas: Replicas | None = None
    """None: a reload concerns this process alone."""
