"""A store that ends with the process."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import islice

from bot.core.model import CONTEXT_LIFE, Context
from bot.store import MISS_LIFE, REGION_LIFE, UPDATE_LIFE
from bot.store.records import Claim, Effects, Generation, Miss, PersonKey, Replica, Standing, Tally

_CONTEXTS_KEPT = 50_000
_UPDATES_KEPT = 100_000
_MISSES_KEPT = 10_000


class MemoryStore:
    """For the terminal, for tests, and for whoever wants nothing on disk. The oldest rows go first when it is full."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        """Seconds since 1970."""
        self._people: OrderedDict[str, tuple[float, str, Context]] = OrderedDict()
        """By `PersonKey.here`: when written, `PersonKey.person`, and what they carry; oldest first."""
        self._tries: Counter[int] = Counter()
        """Of updates that are claimed and not settled."""
        self._settled: OrderedDict[int, float] = OrderedDict()
        """With when, oldest first."""
        self._counts: Counter[tuple[date, str, str]] = Counter()
        self._misses: deque[Miss] = deque(maxlen=_MISSES_KEPT)
        self._beat: datetime | None = None
        self._generation = Generation()
        self._replicas: dict[str, Replica] = {}
        self._announced = asyncio.Event()

    async def claim(self, update_id: int, *, alone: bool) -> Claim:  # noqa: ARG002  (it always is)
        """See Store."""
        if update_id in self._settled:
            return Claim(Standing.SETTLED)
        self._tries[update_id] += 1
        return Claim(Standing.OURS, self._tries[update_id])

    async def renew(self) -> None:
        """See Store."""

    async def release(self, update_ids: Sequence[int]) -> None:
        """See Store."""
        for update_id in update_ids:
            if self._tries[update_id] > 1:
                self._tries[update_id] -= 1
            else:
                del self._tries[update_id]

    async def settle(self, update_ids: Sequence[int], effects: Effects) -> bool:
        """See Store."""
        news = [update_id for update_id in update_ids if update_id not in self._settled]
        for update_id in news:
            self._settled[update_id] = self._clock()
            self._tries.pop(update_id, None)
        for update_id in tuple(islice(self._settled, max(0, len(self._settled) - _UPDATES_KEPT))):
            del self._settled[update_id]
        if news:
            await self.keep(effects)
        return bool(news)

    async def read_context(self, key: PersonKey) -> Context | None:
        """See Store."""
        self._drop_stale()
        found = self._people.get(key.here)
        if found is None:
            return await self.read_context(key.earlier) if key.earlier else None
        at, _, context = found
        return context if self._clock() - at <= CONTEXT_LIFE.total_seconds() else Context(region=context.region)

    async def keep(self, effects: Effects) -> None:
        """See Store."""
        for key, context in effects.contexts:
            self._people[key.here] = self._clock(), key.person, context
            self._people.move_to_end(key.here)
            if key.earlier:
                self._people.pop(key.earlier.here, None)
        self._counts.update((count.day, count.what, count.about) for count in effects.counts)
        self._misses.extend(effects.misses)
        while len(self._people) > _CONTEXTS_KEPT:
            self._people.popitem(last=False)

    async def forget(self, key: PersonKey) -> int:
        """See Store."""
        names = {key.person, key.earlier.person} if key.earlier else {key.person}
        found = [here for here, (_, person, _) in self._people.items() if person in names]
        for here in found:
            del self._people[here]
        return len(found)

    async def tallies(self, since: date) -> tuple[Tally, ...]:
        """See Store."""
        return tuple(Tally(*named, times) for named, times in sorted(self._counts.items()) if named[0] >= since)

    async def misses(self) -> tuple[Miss, ...]:
        """See Store."""
        return tuple(self._misses)

    async def beat(self) -> None:
        """See Store."""
        self._beat = self._now()

    async def last_beat(self) -> datetime | None:
        """See Store."""
        return self._beat

    async def prune(self, *, counts_before: date) -> None:
        """See Store."""
        self._drop_stale()
        while self._settled and next(iter(self._settled.values())) < self._clock() - UPDATE_LIFE.total_seconds():
            self._settled.popitem(last=False)
        for named in [named for named in self._counts if named[0] < counts_before]:
            del self._counts[named]
        oldest = (self._now() - MISS_LIFE).date()
        while self._misses and self._misses[0].day < oldest:
            self._misses.popleft()

    async def announce(self, version: str) -> Generation:
        """See Store."""
        self._generation = Generation(self._generation.number + 1, version)
        self._announced.set()
        self._announced = asyncio.Event()
        return self._generation

    async def generation(self) -> Generation:
        """See Store."""
        return self._generation

    async def report(self, replica: Replica) -> None:
        """See Store."""
        self._replicas[replica.name] = Replica(replica.name, replica.generation, replica.version, replica.problems, self._now())

    async def replicas(self) -> tuple[Replica, ...]:
        """See Store. Whoever shares the process lives as long as it does."""
        return tuple(self._replicas[name] for name in sorted(self._replicas))

    async def news(self, limit_s: float) -> None:
        """See Store."""
        try:
            await asyncio.wait_for(self._announced.wait(), limit_s)
        except TimeoutError:
            return

    async def close(self) -> None:
        """See Store."""

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _drop_stale(self) -> None:
        """Delete contexts past their time; of those with a region only that stays, for REGION_LIFE."""
        now = self._clock()
        kept: list[str] = []
        for here, (at, person, context) in self._people.items():
            if now - at <= CONTEXT_LIFE.total_seconds():
                break
            if context.region is None or now - at > REGION_LIFE.total_seconds():
                kept.append(here)
            elif context != Context(region=context.region):
                self._people[here] = at, person, Context(region=context.region)
        for here in kept:
            del self._people[here]
