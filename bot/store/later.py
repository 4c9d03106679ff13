"""What a store that is down for a while is told later: in memory, in order, and each once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import metrics
from bot.errors import StoreError
from bot.store import Store
from bot.store.bounded import LATE, bounded
from bot.store.records import NOTHING, Effects, PersonKey

BACKLOG_LIMIT = 10_000
"""Settlings that wait at most: an hour of three a second, in some 30 MB."""
FLUSH_S = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Settling:
    update_ids: tuple[int, ...]
    effects: Effects


class Backlog:
    """Settles updates, at once or later. Only what it still holds when the process is killed is lost: effects, never an answer."""

    def __init__(self, store: Store, *, limit: int = BACKLOG_LIMIT) -> None:
        self._store = store
        self._limit = limit
        self._waiting: deque[_Settling] = deque()
        self._writing = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    async def settle(self, update_ids: Sequence[int], effects: Effects) -> bool:
        """Have the store settle *update_ids* with *effects*, within 250 ms, or else later; return whether it has done so."""
        settling = _Settling(tuple(update_ids), effects)
        # One that comes while others wait goes behind them: it may be of the same chat as one of those.
        queue = bool(self._waiting)
        if not queue and await bounded(self._write(settling), otherwise=False):
            return True
        self._waiting.append(settling)
        self._make_room()
        return queue and await self.catch_up()

    async def catch_up(self) -> bool:
        """Write what waits, within 250 ms; return whether nothing waits. To be called before a context is read that may be among it."""
        return not self._waiting or await bounded(self._drain(), otherwise=False)

    async def flush(self, limit_s: float = FLUSH_S) -> int:
        """Write what waits, until the store fails or *limit_s* seconds are over; return how many wait still. To be called every few seconds."""
        try:
            async with asyncio.timeout(limit_s):
                await self._drain()
        except TimeoutError:
            metrics.STORE_ERRORS.labels(LATE).inc()
        except StoreError as error:
            metrics.STORE_ERRORS.labels(type(error).__name__).inc()
        return len(self._waiting)

    def forget(self, key: PersonKey) -> None:
        """Let go of the contexts of a person, in any chat: they asked to be forgotten."""
        names = {name.person for name in key.names}
        for place, settling in enumerate(self._waiting):
            kept = tuple(each for each in settling.effects.contexts if each[0].person not in names)
            self._waiting[place] = replace(settling, effects=replace(settling.effects, contexts=kept))

    async def _drain(self) -> bool:
        """Write what waits, in order; return True. Raises StoreError, and then the rest waits on."""
        async with self._writing:
            while self._waiting:
                settling = self._waiting[0]
                await self._write(settling)
                # Meanwhile it may have been dropped to make room, or been changed: that is written again, to no effect.
                if self._waiting and self._waiting[0] is settling:
                    self._waiting.popleft()
        return True

    async def _write(self, settling: _Settling) -> bool:
        """Have the store settle it; return True. What no store can hold is dropped, for it would hold up all that follow."""
        try:
            await self._store.settle(settling.update_ids, settling.effects)
        except ValueError:
            _dropped("unfit", "what a reply leaves behind cannot be kept by any database")
            if settling.effects != NOTHING:
                await self._write(replace(settling, effects=NOTHING))
        return True

    def _make_room(self) -> None:
        if len(self._waiting) > self._limit:
            self._waiting.popleft()
            _dropped("overflow", "it has been down for long, and what waits longest is given up")


def _dropped(kind: str, why: str) -> None:
    metrics.STORE_ERRORS.labels(kind).inc()
    _log.error("store: %s", why)
