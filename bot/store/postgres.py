"""A store in PostgreSQL: for several replicas. All times are by the server's clock, so that theirs may differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.core.model import CONTEXT_LIFE, Context
from bot.store import LEASE_S, MISS_LIFE, MISSES_KEPT, REGION_LIFE, REPLICA_LIFE, UPDATE_LIFE
from bot.store.hint import Hint
from bot.store.listening import CHANNEL, Listener
from bot.store.postgres_pool import Connection, PostgresPool
from bot.store.records import Claim, Effects, Generation, Miss, PersonKey, Replica, Standing, Tally
from bot.store.rows import count_rows, distinct, living, load_context, miss_rows, outdated_names, people_rows, plain

_LEASE = timedelta(seconds=LEASE_S)
_PRUNE_LOCK = 0x4E617066
_CLAIM = """
INSERT INTO napebot.updates AS mine (update_id, at, holder, tries, settled) VALUES ($1, now(), $2, 1, false)
ON CONFLICT (update_id) DO UPDATE SET at = now(), holder = $2, tries = mine.tries + 1
WHERE NOT mine.settled AND (
    $3 OR mine.holder IS NULL OR mine.holder = $2
    OR (mine.at < now() - $4::interval
        AND NOT EXISTS (SELECT FROM napebot.holders WHERE name = mine.holder AND seen_at >= now() - $4::interval))
)
RETURNING tries
"""
_SETTLE = """
WITH news AS (
    INSERT INTO napebot.updates AS mine (update_id, at, holder, tries, settled)
    SELECT new, now(), NULL, 0, true FROM unnest($1::bigint[]) AS new
    ON CONFLICT (update_id) DO UPDATE SET at = now(), holder = NULL, settled = true WHERE NOT mine.settled
    RETURNING 1
)
SELECT count(*) FROM news
"""
_KEEP_PEOPLE = """
INSERT INTO napebot.people (here, person, at, context) SELECT here, person, now(), context::jsonb
FROM unnest($1::text[], $2::text[], $3::text[]) AS new (here, person, context)
ON CONFLICT (here) DO UPDATE SET person = excluded.person, at = excluded.at, context = excluded.context
"""
_KEEP_COUNTS = """
INSERT INTO napebot.counts AS old (day, what, about, times) SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::bigint[])
ON CONFLICT (day, what, about) DO UPDATE SET times = old.times + excluded.times
"""
_KEEP_MISSES = """
INSERT INTO napebot.misses (day, words, not_this, passed) SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::boolean[])
"""
_DROP_MISS = """
DELETE FROM napebot.misses WHERE number = (
    SELECT number FROM napebot.misses WHERE day = $1 AND words = $2 AND not_this = $3 AND passed = $4
    ORDER BY number DESC LIMIT 1 FOR UPDATE SKIP LOCKED
)
"""
_RENEW = "INSERT INTO napebot.holders VALUES ($1, now()) ON CONFLICT (name) DO UPDATE SET seen_at = now()"
_RELEASE = """
UPDATE napebot.updates SET holder = NULL, tries = tries - 1 WHERE update_id = ANY ($1::bigint[]) AND holder = $2 AND NOT settled
"""
_READ = "SELECT here, extract(epoch FROM now() - at)::float8 AS age_s, context FROM napebot.people WHERE here = ANY ($1::text[])"
_ANNOUNCE = f"""
WITH new AS (
    INSERT INTO napebot.knowledge AS old VALUES (1, 1, $1)
    ON CONFLICT (one) DO UPDATE SET number = old.number + 1, version = excluded.version
    RETURNING number
)
SELECT number, pg_notify('{CHANNEL}', '') FROM new
"""  # noqa: S608  (a constant)
_REPORT = """
INSERT INTO napebot.replicas VALUES ($1, $2, $3, $4, now())
ON CONFLICT (name) DO UPDATE SET
    generation = excluded.generation, version = excluded.version, problems = excluded.problems, seen_at = excluded.seen_at
"""


class PostgresStore:
    """See Store. A lost server is an error for as long as it is lost, and nothing is to be done once it is back."""

    def __init__(self, pool: PostgresPool, holder: str) -> None:
        self._pool = pool
        self._holder = holder
        self._hint = Hint()
        self._listener = Listener(pool, self._hint)

    @classmethod
    async def open(cls, url: str, *, holder: str) -> PostgresStore:
        """Connect to the database at *url*. *holder* names this process in claims. Raises ConfigError, StoreError."""
        return cls(await PostgresPool.open(url), holder)

    async def claim(self, update_id: int, *, alone: bool) -> Claim:
        """See Store."""
        taken = await self._pool.fetch(_CLAIM, update_id, self._holder, alone, _LEASE)
        if taken:
            return Claim(Standing.OURS, taken[0]["tries"])
        found = await self._pool.fetch("SELECT settled FROM napebot.updates WHERE update_id = $1", update_id)
        # Between the two it may have been pruned: then another had it.
        return Claim(Standing.SETTLED if found and found[0]["settled"] else Standing.ELSEWHERE)

    async def renew(self) -> None:
        """See Store."""
        await self._pool.execute(_RENEW, self._holder)

    async def release(self, update_ids: Sequence[int]) -> None:
        """See Store."""
        await self._pool.execute(_RELEASE, distinct(update_ids), self._holder)

    async def settle(self, update_ids: Sequence[int], effects: Effects) -> bool:
        """See Store."""

        async def work(connection: Connection) -> bool:
            # Whoever settles the same ones at this moment is waited for, and then they are no news.
            news: int = await connection.fetchval(_SETTLE, distinct(update_ids))
            if news:
                await _keep(connection, effects)
            return news > 0

        return await self._pool.transaction(work)

    async def read_context(self, key: PersonKey) -> Context | None:
        """See Store."""
        names = [name.here for name in key.names]
        rows = await self._pool.fetch(_READ, names)
        found = {row["here"]: living(load_context(row["context"]), row["age_s"]) for row in rows}
        return next((found[name] for name in names if found.get(name)), None)

    async def keep(self, effects: Effects) -> None:
        """See Store."""
        await self._pool.transaction(lambda connection: _keep(connection, effects))

    async def forget(self, key: PersonKey) -> int:
        """See Store."""
        gone = await self._pool.fetch("DELETE FROM napebot.people WHERE person = ANY ($1::text[]) RETURNING 1", [name.person for name in key.names])
        return len(gone)

    async def tallies(self, since: date) -> tuple[Tally, ...]:
        """See Store."""
        rows = await self._pool.fetch("SELECT day, what, about, times FROM napebot.counts WHERE day >= $1 ORDER BY day, what, about", since)
        return tuple(Tally(*row) for row in rows)

    async def misses(self) -> tuple[Miss, ...]:
        """See Store."""
        return tuple(Miss(*row) for row in await self._pool.fetch("SELECT day, words, not_this, passed FROM napebot.misses ORDER BY day, number"))

    async def beat(self) -> None:
        """See Store."""
        await self._pool.execute("INSERT INTO napebot.life VALUES (1, now()) ON CONFLICT (one) DO UPDATE SET beat_at = now()")

    async def last_beat(self) -> datetime | None:
        """See Store."""
        found = await self._pool.fetch("SELECT beat_at FROM napebot.life")
        return found[0]["beat_at"] if found else None

    async def prune(self, *, counts_before: date) -> None:
        """See Store."""

        async def work(connection: Connection) -> None:
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _PRUNE_LOCK):
                return  # Another replica is at it.
            await connection.execute("DELETE FROM napebot.updates WHERE at < now() - $1::interval", UPDATE_LIFE)
            await connection.execute("DELETE FROM napebot.holders WHERE seen_at < now() - $1::interval", UPDATE_LIFE)
            await connection.execute("DELETE FROM napebot.replicas WHERE seen_at < now() - $1::interval", REPLICA_LIFE)
            await connection.execute("DELETE FROM napebot.counts WHERE day < $1", counts_before)
            await connection.execute("DELETE FROM napebot.misses WHERE day < (now() AT TIME ZONE 'UTC' - $1::interval)::date", MISS_LIFE)
            await connection.execute("DELETE FROM napebot.misses WHERE number <= (SELECT max(number) FROM napebot.misses) - $1", MISSES_KEPT)
            await _prune_people(connection)

        await self._pool.transaction(work)

    async def announce(self, version: str) -> Generation:
        """See Store."""
        rows = await self._pool.fetch(_ANNOUNCE, plain(version))
        return Generation(rows[0]["number"], version)

    async def generation(self) -> Generation:
        """See Store."""
        found = await self._pool.fetch("SELECT number, version FROM napebot.knowledge")
        return Generation(*found[0]) if found else Generation()

    async def report(self, replica: Replica) -> None:
        """See Store."""
        await self._pool.execute(_REPORT, replica.name, replica.generation, replica.version, replica.problems)

    async def replicas(self) -> tuple[Replica, ...]:
        """See Store."""
        sql = "SELECT name, generation, version, problems, seen_at FROM napebot.replicas WHERE seen_at >= now() - $1::interval ORDER BY name"
        return tuple(Replica(*row) for row in await self._pool.fetch(sql, REPLICA_LIFE))

    async def news(self, limit_s: float) -> None:
        """See Store."""
        self._listener.start()
        await self._hint.wait(limit_s)

    async def close(self) -> None:
        """See Store."""
        await self._listener.stop()
        await self._pool.close()


async def _keep(connection: Connection, effects: Effects) -> None:
    """Write *effects*, counts last: the rows of counts are those that many replicas want at once."""
    if people := people_rows(effects):
        await connection.execute(_KEEP_PEOPLE, *_columns(people))
    if outdated := outdated_names(effects):
        await connection.execute("DELETE FROM napebot.people WHERE here = ANY ($1::text[])", outdated)
    for row in miss_rows(effects.unmissed):
        await connection.execute(_DROP_MISS, *row)
    if misses := miss_rows(effects.misses):
        await connection.execute(_KEEP_MISSES, *_columns(misses))
    if counts := count_rows(effects):
        await connection.execute(_KEEP_COUNTS, *_columns(counts))


async def _prune_people(connection: Connection) -> None:
    """Delete contexts past their time; of those with a region only that stays, for REGION_LIFE."""
    await connection.execute(
        "DELETE FROM napebot.people WHERE at < now() - $1::interval OR (at < now() - $2::interval AND context ->> 'region' IS NULL)",
        REGION_LIFE,
        CONTEXT_LIFE,
    )
    await connection.execute(
        "UPDATE napebot.people SET context = jsonb_build_object('region', context -> 'region') "
        "WHERE at < now() - $1::interval AND context <> jsonb_build_object('region', context -> 'region')",
        CONTEXT_LIFE,
    )


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
