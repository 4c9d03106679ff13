"""What only the store in memory has to see to: that it does not grow."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.model import CONTEXT_LIFE, Context
from bot.store import UPDATE_LIFE, memory
from bot.store.memory import MemoryStore
from bot.store.records import NOTHING, Effects, Standing
from tests.store.homes import MemoryHome
from tests.store.people import DAY, FULL, carries, person

LATER = CONTEXT_LIFE + timedelta(minutes=1)


@pytest.fixture
def home() -> MemoryHome:
    return MemoryHome()


@pytest.fixture
def store(home: MemoryHome) -> MemoryStore:
    return MemoryStore(home.clock)


async def kept(store: MemoryStore, names: str) -> list[str]:
    return [name for name in names if await store.read_context(person(name))]


async def test_the_contexts_written_longest_ago_go_when_there_are_too_many(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_CONTEXTS_KEPT", 3)
    for name in "abcad":
        await store.keep(carries(person(name), FULL))

    assert await kept(store, "abcd") == ["a", "c", "d"]


async def test_and_so_do_the_regions(store: MemoryStore, home: MemoryHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_CONTEXTS_KEPT", 3)
    for name in "abcde":
        await store.keep(carries(person(name), replace(FULL, region=None if name == "d" else "nz")))
        home.let_pass(LATER)

    assert await kept(store, "abcde") == ["b", "c", "e"]


async def test_the_updates_settled_longest_ago_go_when_there_are_too_many(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_UPDATES_KEPT", 3)
    for update_id in (1, 2, 3, 4):
        await store.settle((update_id,), NOTHING)

    assert [update_id for update_id in (1, 2, 3, 4) if (await store.claim(update_id, alone=True)).standing is Standing.SETTLED] == [2, 3, 4]


async def test_nothing_is_held_of_those_who_left(store: MemoryStore, home: MemoryHome) -> None:
    """Even if nobody reads their context again, nor prunes."""
    for name in "abc":
        await store.keep(carries(person(name), Context(answered=1)))
    home.let_pass(LATER)
    await store.keep(carries(person("d"), Context(answered=1)))

    assert list(store._people) == ["home/d"]


async def test_claims_and_updates_leave_nothing(store: MemoryStore, home: MemoryHome) -> None:
    for update_id in range(10):
        await store.claim(update_id, alone=True)
    await store.release((0, 1))
    await store.settle(range(2, 10), Effects())
    home.let_pass(UPDATE_LIFE + timedelta(hours=1))
    await store.prune(counts_before=DAY)

    assert (len(store._claims), len(store._settled)) == (0, 0)
