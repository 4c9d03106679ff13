"""What every store must do. A new store joins by one more line in STORES."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot import store as store_module
from bot.core.content import Tier
from bot.core.model import Context
from bot.store import MemoryStore, Store

NOON = datetime(2026, 3, 4, 12, 0, 0, 123456, tzinfo=UTC)
FULL = Context(at=NOON, last_entry="ice-or-heat", last_tier=Tier.GP_SOON, answered=7, candidates=("a", "b", "c"))

STORES: Mapping[str, Callable[[Path], Store]] = {
    "memory": lambda folder: MemoryStore(),
}
"""A name -> how to open an empty store that may keep its files in the folder given."""


@pytest.fixture(params=list(STORES.values()), ids=list(STORES))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    opened: Store = request.param(tmp_path)
    yield opened
    await opened.close()


async def test_a_stranger_has_no_context(store: Store) -> None:
    assert await store.read_context("nobody") is None


@pytest.mark.parametrize(
    "context",
    [
        Context(),
        FULL,
        Context(at=NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))),
        *(Context(at=NOON, last_tier=tier) for tier in Tier),
        Context(candidates=tuple(f"entry-{number}" for number in range(200))),
        Context(answered=2**31),
    ],
    ids=["empty", "full", "another time zone", *(tier.key for tier in Tier), "many candidates", "many answers"],
)
async def test_a_context_comes_back_as_it_was_kept(store: Store, context: Context) -> None:
    await store.write_context("key", context)

    assert await store.read_context("key") == context


async def test_a_context_is_read_as_often_as_one_likes(store: Store) -> None:
    await store.write_context("key", FULL)
    await store.read_context("key")

    assert await store.read_context("key") == FULL


async def test_the_last_context_stands_for_the_ones_before(store: Store) -> None:
    await store.write_context("key", FULL)
    await store.write_context("key", Context(answered=8))

    assert await store.read_context("key") == Context(answered=8)


@pytest.mark.parametrize(
    ("one", "other"),
    [("1:2", "12"), ("1:2", "1:20"), ("a", "A"), ("", " "), ("%", "_"), ("клюв", "ключ"), ("é", "e\u0301"), ("'; drop table", "'")],
)
async def test_keys_that_look_alike_are_apart(store: Store, one: str, other: str) -> None:
    await store.write_context(one, FULL)
    assert await store.read_context(other) is None

    await store.write_context(other, Context(answered=1))
    assert await store.read_context(one) == FULL


@pytest.mark.parametrize("update_id", [0, 1, 2**31, 2**53 + 1, 2**63 - 1])
async def test_an_update_is_settled_from_then_on(store: Store, update_id: int) -> None:
    assert await store.settled(update_id) is False

    await store.settle(update_id)
    await store.settle(update_id)

    assert await store.settled(update_id) is True
    assert await store.settled(update_id - 1) is False


async def test_updates_settle_in_any_order(store: Store) -> None:
    for update_id in (30, 10, 20):
        await store.settle(update_id)

    assert [await store.settled(update_id) for update_id in (10, 15, 20, 25, 30)] == [True, False, True, False, True]


async def test_calls_may_overlap(store: Store) -> None:
    contexts = {f"person-{number}": Context(answered=number) for number in range(50)}
    await asyncio.gather(*(store.write_context(key, context) for key, context in contexts.items()), *(store.settle(number) for number in range(50)))

    assert await asyncio.gather(*(store.read_context(key) for key in contexts)) == list(contexts.values())
    assert all(await asyncio.gather(*(store.settled(number) for number in range(50))))


async def test_memory_forgets_the_contexts_written_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_CONTEXTS_KEPT", 3)
    store = MemoryStore()
    for key in ("a", "b", "c", "a", "d"):
        await store.write_context(key, FULL)

    assert [key for key in "abcd" if await store.read_context(key)] == ["a", "c", "d"]


async def test_memory_forgets_a_context_that_nobody_touched_for_half_an_hour() -> None:
    """Be it read again or not."""
    minutes = 0
    store = MemoryStore(lambda: 60.0 * minutes)
    await store.write_context("a", FULL)
    await store.write_context("b", FULL)
    minutes = 20
    await store.write_context("a", FULL)
    minutes = 30
    assert [await store.read_context(key) for key in "ab"] == [FULL, FULL]
    minutes = 31
    assert [await store.read_context(key) for key in "ab"] == [FULL, None]
    minutes = 51
    await store.write_context("c", FULL)

    assert list(store._contexts) == ["c"]


async def test_memory_forgets_the_updates_settled_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_UPDATES_KEPT", 3)
    store = MemoryStore()
    for update_id in (1, 2, 3, 4):
        await store.settle(update_id)

    assert [update_id for update_id in (1, 2, 3, 4) if await store.settled(update_id)] == [2, 3, 4]


async def test_memory_keeps_the_region_of_a_context_it_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no more than as many as there may be contexts."""
    monkeypatch.setattr(store_module, "_CONTEXTS_KEPT", 3)
    minutes = 0
    store = MemoryStore(lambda: 60.0 * minutes)
    await store.write_context("a", dataclasses.replace(FULL, region="uk"))
    await store.write_context("b", FULL)
    minutes = 31
    assert [await store.read_context(key) for key in "ab"] == [Context(region="uk"), None]
    await store.write_context("a", dataclasses.replace(FULL, region=""))
    minutes = 62
    assert await store.read_context("a") == Context(region="")
    for key in "cdefg":
        await store.write_context(key, dataclasses.replace(FULL, region="nz"))
        minutes += 31

    assert [key for key in "abcdefg" if await store.read_context(key)] == ["e", "f", "g"]
