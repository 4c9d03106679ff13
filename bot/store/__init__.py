"""What outlives a message: contexts, and which updates are settled."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from bot.core.model import CONTEXT_LIFE, Context

_CONTEXTS_KEPT = 50_000
_UPDATES_KEPT = 100_000


class Store(Protocol):
    """Where state lives. Every method may raise StoreError; callers bound the wait."""

    async def read_context(self, key: str) -> Context | None:
        """Return what the person behind *key* carries, or None."""
        ...

    async def write_context(self, key: str, context: Context) -> None:
        """Keep *context* for *key*, in place of the one before."""
        ...

    async def settled(self, update_id: int) -> bool:
        """True when this update was answered already."""
        ...

    async def settle(self, update_id: int) -> None:
        """Remember that this update is answered."""
        ...

    async def close(self) -> None:
        """Let go of what is held."""
        ...


class MemoryStore:
    """A store that ends with the process. The oldest rows go first when it is full; contexts go once nobody touched them for CONTEXT_LIFE, save
    for the region somebody chose.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        """In seconds."""
        self._contexts: OrderedDict[str, tuple[float, Context]] = OrderedDict()
        """With when each was written, oldest first."""
        self._regions: OrderedDict[str, str] = OrderedDict()
        """What was chosen by those whose context has gone."""
        self._settled: OrderedDict[int, None] = OrderedDict()

    async def read_context(self, key: str) -> Context | None:
        """See Store."""
        self._drop_stale()
        found = self._contexts.get(key)
        if found:
            return found[1]
        return Context(region=self._regions[key]) if key in self._regions else None

    async def write_context(self, key: str, context: Context) -> None:
        """See Store."""
        self._drop_stale()
        self._contexts[key] = self._clock(), context
        self._contexts.move_to_end(key)
        self._regions.pop(key, None)
        while len(self._contexts) > _CONTEXTS_KEPT:
            self._contexts.popitem(last=False)

    async def settled(self, update_id: int) -> bool:
        """See Store."""
        return update_id in self._settled

    async def settle(self, update_id: int) -> None:
        """See Store."""
        self._settled[update_id] = None
        while len(self._settled) > _UPDATES_KEPT:
            self._settled.popitem(last=False)

    async def close(self) -> None:
        """See Store."""

    def _drop_stale(self) -> None:
        stale_before = self._clock() - CONTEXT_LIFE.total_seconds()
        while self._contexts and next(iter(self._contexts.values()))[0] < stale_before:
            key, (_, context) = self._contexts.popitem(last=False)
            if context.region is not None:
                self._regions[key] = context.region
        while len(self._regions) > _CONTEXTS_KEPT:
            self._regions.popitem(last=False)
