"""That the bot is alive, which replicas are, and how they hear of new knowledge."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.store import REPLICA_LIFE, Store
from bot.store.hint import Hint
from bot.store.postgres import PostgresStore
from bot.store.records import Generation, Replica
from tests.store.homes import Home
from tests.store.people import DAY

SECOND = timedelta(seconds=1)


async def test_the_last_sign_of_life_is_known(home: Home) -> None:
    store = await home.open()
    assert await store.last_beat() is None

    await store.beat()
    first = await store.last_beat()
    home.let_pass(timedelta(minutes=1))
    await store.beat()
    second = await store.last_beat()

    assert first is not None
    assert second is not None
    assert first.tzinfo is not None
    assert abs(datetime.now(UTC) - first) < timedelta(seconds=65)
    assert second - first >= timedelta(0)


async def test_what_one_process_says_another_hears(shared: Home) -> None:
    one, two = await shared.open("one"), await shared.open("two")
    await one.beat()
    await one.announce("v1")
    await one.report(Replica("one", 1, "v1"))

    assert await two.last_beat() is not None
    assert await two.generation() == Generation(1, "v1")
    assert [replica.name for replica in await two.replicas()] == ["one"]


async def test_each_announcement_has_a_higher_number(store: Store) -> None:
    assert await store.generation() == Generation(0, "")

    assert [await store.announce(version) for version in ("a", "a", "b")] == [Generation(1, "a"), Generation(2, "a"), Generation(3, "b")]
    assert await store.generation() == Generation(3, "b")


async def test_no_two_announcements_share_a_number(shared: Home) -> None:
    one, two = await shared.open("one"), await shared.open("two")
    said = await asyncio.gather(*(store.announce("v") for _ in range(10) for store in (one, two)))

    assert sorted(generation.number for generation in said) == list(range(1, 21))


async def test_replicas_tell_what_they_serve(home: Home) -> None:
    store = await home.open()
    before = datetime.fromtimestamp(home.clock(), UTC)
    for name in ("b", "B", "a"):
        await store.report(Replica(name, 0, "old"))
    await store.report(Replica("a", 3, "new", 2))
    found = await store.replicas()

    forgotten = datetime.fromtimestamp(0, UTC)
    assert [replace(replica, seen_at=forgotten) for replica in found] == [Replica("B", 0, "old"), Replica("a", 3, "new", 2), Replica("b", 0, "old")]
    assert all(before - SECOND < replica.seen_at < before + timedelta(seconds=30) for replica in found)


async def test_a_replica_that_is_not_heard_of_is_not_told_of(home: Home) -> None:
    store = await home.open()
    await store.report(Replica("a", 0, "old"))
    home.let_pass(REPLICA_LIFE - SECOND * 5)
    await store.report(Replica("b", 0, "old"))
    assert len(await store.replicas()) == 2
    home.let_pass(SECOND * 6)

    assert [replica.name for replica in await store.replicas()] == ["b"]
    await store.prune(counts_before=DAY)
    assert [replica.name for replica in await store.replicas()] == ["b"]


async def settled_in(store: Store) -> None:
    """Wait until *store* listens: PostgreSQL says so by waking the first who waits."""
    await store.news(10 if isinstance(store, PostgresStore) else 0)


async def test_whoever_waits_for_news_is_woken(store: Store) -> None:
    await settled_in(store)
    waiting = asyncio.create_task(store.news(20))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    await store.announce("v")
    await waiting

    assert time.monotonic() - began < 10


async def test_news_is_waited_for_no_longer_than_asked(store: Store) -> None:
    await settled_in(store)
    began = time.monotonic()
    await store.news(0.1)

    assert 0.09 < time.monotonic() - began < 2


async def test_a_bell_wakes_all_who_wait_and_is_kept_for_the_next_if_nobody_does() -> None:
    bell = Hint()
    waiting = [asyncio.create_task(bell.wait(20)) for _ in range(3)]
    await asyncio.sleep(0)
    bell.ring()
    await asyncio.gather(*waiting)

    bell.ring()
    bell.ring()
    async with asyncio.timeout(5):
        await bell.wait(20)
    began = time.monotonic()
    await bell.wait(0.05)
    assert time.monotonic() - began > 0.04
