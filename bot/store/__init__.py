"""What outlives a message: contexts, which updates are settled, counts; and how replicas hear of each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Protocol

from bot.core.model import Context
from bot.store.records import Claim, Effects, Generation, Miss, PersonKey, Replica, Tally

UPDATE_LIFE = timedelta(hours=48)
"""How long an update is remembered: twice as long as Telegram keeps one."""
REGION_LIFE = timedelta(days=30)
"""How long the region somebody chose is remembered after they last wrote."""
MISS_LIFE = timedelta(days=30)
MISSES_KEPT = 10_000
"""How many misses are kept at most, the newest: a flood of nonsense must not fill the disk."""
LEASE_S = 15.0
"""How long a claim is respected after its process was last heard of; it renews every third of that."""
REPLICA_LIFE = timedelta(seconds=20)
"""How long a replica counts as alive after it was last heard of."""


class Store(Protocol):
    """Where state lives.

    Every method may raise StoreError, and what it was called for may then have been done or not: callers bound the wait and call again.
    Called off in the middle, a method is done wholly or not at all. `settle` may be repeated to no effect; `keep` counts twice, `announce`
    announces twice and `claim` counts a try. ValueError is for what no database can hold, such as half a character in an id.
    """

    # --- updates ---

    async def claim(self, update_id: int, *, alone: bool) -> Claim:
        """Take an update on. *alone* says that no other process can be at work, so that any claim left is of one that has died.

        Without it, a claim of another process is respected while that was heard of within LEASE_S: by `renew`, or by that claim.
        """
        ...

    async def renew(self) -> None:
        """Say that this process still works on all it has claimed."""
        ...

    async def release(self, update_ids: Sequence[int]) -> None:
        """Give back claims of this process that it will not settle, so that others need not wait for the lease; the try does not count."""
        ...

    async def settle(self, update_ids: Sequence[int], effects: Effects) -> bool:
        """Remember that these are answered, claimed or not, and keep *effects*, in one transaction.

        Effects are kept only if any of the updates was not settled before; return whether they were.
        """
        ...

    # --- people ---

    async def read_context(self, key: PersonKey) -> Context | None:
        """Return what the person behind *key* carries; else under the earlier key; else None.

        What was kept more than CONTEXT_LIFE ago only has its region, and nothing is left after REGION_LIFE. Reading prolongs neither.
        What cannot be read, or is of another version, is None.
        """
        ...

    async def keep(self, effects: Effects) -> None:
        """Keep *effects* of something that was no update. A context under the current key takes the place of the one under the earlier."""
        ...

    async def forget(self, key: PersonKey) -> int:
        """Delete all that is kept of this person in any chat, under the current and the earlier key; return how many rows that were."""
        ...

    # --- numbers ---

    async def tallies(self, since: date) -> tuple[Tally, ...]:
        """Return what was counted from *since* on, by day, what and about."""
        ...

    async def misses(self) -> tuple[Miss, ...]:
        """Return the questions asked in vain, oldest day first."""
        ...

    # --- life ---

    async def beat(self) -> None:
        """Say that the bot is serving now."""
        ...

    async def last_beat(self) -> datetime | None:
        """Return when any process last said so (UTC), or None."""
        ...

    async def prune(self, *, counts_before: date) -> None:
        """Delete what is past its time: updates, contexts, regions, misses, replicas, and counts of days before *counts_before*.

        Of misses the newest MISSES_KEPT stay. To be called every few minutes, for contexts are not to lie about after their time.
        """
        ...

    # --- replicas ---

    async def announce(self, version: str) -> Generation:
        """Say that all replicas should load what is there now; the others are told at once where that can be."""
        ...

    async def generation(self) -> Generation:
        """Return the last announcement."""
        ...

    async def report(self, replica: Replica) -> None:
        """Say what this process serves; `seen_at` is set by the store."""
        ...

    async def replicas(self) -> tuple[Replica, ...]:
        """Return all that are alive, by name."""
        ...

    async def news(self, limit_s: float) -> None:
        """Wait for an announcement, *limit_s* seconds at most. It is a hint, and may come without cause or not at all: `generation` is the truth.

        One that came since the last wait ends this one at once.
        """
        ...

    async def close(self) -> None:
        """Let go of what is held; closing again does nothing."""
        ...
