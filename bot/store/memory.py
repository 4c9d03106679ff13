"""A store that ends with the process."""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice

from bot.core.model import CONTEXT_LIFE, Context
from bot.store import MISS_LIFE, MISSES_KEPT, REGION_LIFE, REPLICA_LIFE, UPDATE_LIFE
from bot.store.hint import Hint
from bot.store.records import Claim, Effects, Generation, Miss, PersonKey, Replica, Standing, Tally

_CONTEXTS_KEPT = 50_000
_UPDATES_KEPT = 100_000

_People = OrderedDict[str, tuple[float, str, Context]]
"""By `PersonKey.here`: when written, `PersonKey.person`, and what they carry; oldest first."""


@dataclass(frozen=True, slots=True)
class _Claimed:
    at: float
    tries: int
    held: bool = True
    """Until it is released."""


class MemoryStore:
    """For the terminal, for tests, and for whoever wants nothing on disk. The oldest rows go first when it is full."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        """Seconds since 1970."""
        self._people: _People = OrderedDict()
        """Those who wrote within CONTEXT_LIFE."""
        self._regions: _People = OrderedDict()
        """Those before, of whom the region is kept."""
        self._claims: OrderedDict[int, _Claimed] = OrderedDict()
        """Of updates that are not settled, those claimed longest ago first."""
        self._settled: OrderedDict[int, float] = OrderedDict()
        """With when, oldest first."""
        self._counts: Counter[tuple[date, str, str]] = Counter()
        self._misses: deque[Miss] = deque(maxlen=MISSES_KEPT)
        self._beat: datetime | None = None
        self._generation = Generation()
        self._replicas: dict[str, Replica] = {}
        self._hint = Hint()

    async def claim(self, update_id: int, *, alone: bool) -> Claim:  # noqa: ARG002  (it always is)
        """See Store."""
        if update_id in self._settled:
            return Claim(Standing.SETTLED)
        before = self._claims.pop(update_id, None)
        tries = 1 + (before.tries if before else 0)
        self._claims[update_id] = _Claimed(self._clock(), tries)
        return Claim(Standing.OURS, tries)

    async def renew(self) -> None:
        """See Store. Nobody else can take what is claimed here."""

    async def release(self, update_ids: Sequence[int]) -> None:
        """See Store."""
        for update_id in set(update_ids):
            claimed = self._claims.get(update_id)
            if claimed and claimed.held:
                self._claims[update_id] = _Claimed(claimed.at, claimed.tries - 1, held=False)

    async def settle(self, update_ids: Sequence[int], effects: Effects) -> bool:
        """See Store."""
        news = [update_id for update_id in update_ids if update_id not in self._settled]
        for update_id in news:
            self._settled[update_id] = self._clock()
            self._claims.pop(update_id, None)
        for update_id in tuple(islice(self._settled, max(0, len(self._settled) - _UPDATES_KEPT))):
            del self._settled[update_id]
        if news:
            await self.keep(effects)
        return bool(news)

    async def read_context(self, key: PersonKey) -> Context | None:
        """See Store."""
        self._drop_stale()
        for name in key.names:
            found = self._people.get(name.here) or self._regions.get(name.here)
            if found:
                return found[2]
        return None

    async def keep(self, effects: Effects) -> None:
        """See Store."""
        for key, context in effects.contexts:
            for name in key.names:
                self._people.pop(name.here, None)
                self._regions.pop(name.here, None)
            self._people[key.here] = self._clock(), key.person, context
        self._counts.update((count.day, count.what, count.about) for count in effects.counts)
        for miss in effects.unmissed:
            self._drop(miss)
        self._misses.extend(effects.misses)
        self._drop_stale()
        _shorten(self._people)

    async def forget(self, key: PersonKey) -> int:
        """See Store."""
        names = {name.person for name in key.names}
        count = 0
        for people in (self._people, self._regions):
            for here in [here for here, (_, person, _) in people.items() if person in names]:
                del people[here]
                count += 1
        return count

    async def tallies(self, since: date) -> tuple[Tally, ...]:
        """See Store."""
        return tuple(Tally(*named, times) for named, times in sorted(self._counts.items()) if named[0] >= since)

    async def misses(self) -> tuple[Miss, ...]:
        """See Store."""
        return tuple(sorted(self._misses, key=lambda miss: miss.day))

    async def beat(self) -> None:
        """See Store."""
        self._beat = self._now()

    async def last_beat(self) -> datetime | None:
        """See Store."""
        return self._beat

    async def prune(self, *, counts_before: date) -> None:
        """See Store."""
        self._drop_stale()
        oldest_update = self._clock() - UPDATE_LIFE.total_seconds()
        while self._settled and next(iter(self._settled.values())) < oldest_update:
            self._settled.popitem(last=False)
        while self._claims and next(iter(self._claims.values())).at < oldest_update:
            self._claims.popitem(last=False)
        for named in [named for named in self._counts if named[0] < counts_before]:
            del self._counts[named]
        oldest = (self._now() - MISS_LIFE).date()
        self._misses = deque((miss for miss in self._misses if miss.day >= oldest), maxlen=MISSES_KEPT)
        self._replicas = {replica.name: replica for replica in await self.replicas()}

    async def announce(self, version: str) -> Generation:
        """See Store."""
        self._generation = Generation(self._generation.number + 1, version)
        self._hint.ring()
        return self._generation

    async def generation(self) -> Generation:
        """See Store."""
        return self._generation

    async def report(self, replica: Replica) -> None:
        """See Store."""
        self._replicas[replica.name] = Replica(replica.name, replica.generation, replica.version, replica.problems, self._now())

    async def replicas(self) -> tuple[Replica, ...]:
        """See Store."""
        oldest = self._now() - REPLICA_LIFE
        return tuple(replica for _, replica in sorted(self._replicas.items()) if replica.seen_at >= oldest)

    async def news(self, limit_s: float) -> None:
        """See Store."""
        await self._hint.wait(limit_s)

    async def close(self) -> None:
        """See Store. What it holds stays until it is let go of."""

    def _drop(self, miss: Miss) -> None:
        place = next((place for place in reversed(range(len(self._misses))) if self._misses[place] == miss), None)
        if place is not None:
            del self._misses[place]

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _drop_stale(self) -> None:
        """Delete contexts past their time; of those with a region only that stays, for REGION_LIFE."""
        now = self._clock()
        while (here := _first_before(self._people, now - CONTEXT_LIFE.total_seconds())) is not None:
            at, person, context = self._people.pop(here)
            if context.region is not None:
                self._regions[here] = at, person, Context(region=context.region)
        while (here := _first_before(self._regions, now - REGION_LIFE.total_seconds())) is not None:
            del self._regions[here]
        _shorten(self._regions)


def _first_before(people: _People, at: float) -> str | None:
    here = next(iter(people), None)
    return here if here is not None and people[here][0] < at else None


def _shorten(people: _People) -> None:
    while len(people) > _CONTEXTS_KEPT:
        people.popitem(last=False)
