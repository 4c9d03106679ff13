"""What could not be settled while the store was down is settled once it is back: in order, and once."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.core.model import Context
from bot.errors import StoreError
from bot.metrics import REGISTRY
from bot.store import Store
from bot.store import bounded as bounded_module
from bot.store.later import BACKLOG_LIMIT, Backlog
from bot.store.memory import MemoryStore
from bot.store.records import NOTHING, Effects, Miss, Standing, Tally
from tests.store.people import DAY, FULL, carries, counted, person

ANN, BOB = person("ann"), person("bob")


class Moody(MemoryStore):
    """Settles, refuses, hangs, waits at its gate, or settles and then hangs, as its mood is."""

    mood = "well"
    calls = 0

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def settle(self, update_ids: Sequence[int], effects: Effects) -> bool:
        self.calls += 1
        if self.mood == "down":
            raise StoreError("down")
        if self.mood == "hung":
            await asyncio.Event().wait()
        if self.mood == "slow":
            await self.gate.wait()
        kept = await super().settle(update_ids, effects)
        if self.mood == "lost its voice":
            await asyncio.Event().wait()
        return kept


@pytest.fixture
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_module, "STORE_WAIT_S", 0.02)


def errors(kind: str) -> float:
    return REGISTRY.get_sample_value("napebot_store_errors_total", {"kind": kind}) or 0.0


async def tallied(store: Store) -> list[tuple[str, int]]:
    return [(tally.what, tally.times) for tally in await store.tallies(DAY - timedelta(days=1))]


async def test_while_the_store_is_well_nothing_waits() -> None:
    store = Moody()
    backlog = Backlog(store)

    assert await backlog.settle((1,), counted("answered") + carries(ANN, FULL)) is True
    assert (len(backlog), await backlog.flush(), store.calls) == (0, 0, 1)
    assert await store.read_context(ANN) == FULL


@pytest.mark.parametrize(("mood", "kind"), [("down", "StoreError"), ("hung", "late"), ("lost its voice", "late")])
@pytest.mark.usefixtures("_short_waits")
async def test_what_the_store_did_not_take_is_written_once_it_is_back(mood: str, kind: str) -> None:
    store = Moody()
    backlog = Backlog(store)
    before = errors(kind)
    store.mood = mood
    assert [await backlog.settle((number,), counted("answered") + carries(ANN, Context(answered=number))) for number in (1, 2, 3)] == [False] * 3
    assert len(backlog) == 3
    assert errors(kind) == before + 3

    store.mood = "well"
    assert await backlog.flush() == 0

    assert await store.tallies(DAY) == (Tally(DAY, "answered", "", 3),)
    assert await store.read_context(ANN) == Context(answered=3)
    assert [(await store.claim(number, alone=True)).standing for number in (1, 2, 3)] == [Standing.SETTLED] * 3


async def test_the_next_settling_brings_those_before_it_along_and_does_not_overtake_them() -> None:
    store = Moody()
    backlog = Backlog(store)
    store.mood = "down"
    await backlog.settle((1,), carries(ANN, Context(answered=1)))
    store.mood = "well"

    assert await backlog.settle((2,), carries(ANN, Context(answered=2))) is True

    assert len(backlog) == 0
    assert await store.read_context(ANN) == Context(answered=2)


@pytest.mark.usefixtures("_short_waits")
@pytest.mark.parametrize(("mood", "kind"), [("down", "StoreError"), ("hung", "late")])
async def test_a_flush_ends_when_the_store_fails(mood: str, kind: str) -> None:
    store = Moody()
    backlog = Backlog(store)
    store.mood = mood
    for number in (1, 2):
        await backlog.settle((number,), counted("answered"))
    store.calls, before = 0, errors(kind)

    assert await backlog.flush(limit_s=0.02) == 2
    assert store.calls == 1
    assert errors(kind) == before + 1


async def test_many_at_once_are_each_written_once() -> None:
    store = Moody()
    backlog = Backlog(store)
    store.mood = "down"
    await asyncio.gather(*(backlog.settle((number,), counted("answered")) for number in range(50)))
    assert len(backlog) == 50
    store.mood = "well"

    await asyncio.gather(*(backlog.settle((number,), counted("answered")) for number in range(40, 90)), *(backlog.flush() for _ in range(3)))

    assert len(backlog) == 0
    assert await tallied(store) == [("answered", 90)]


async def test_one_at_a_time_writes_what_waits() -> None:
    store = Moody()
    backlog = Backlog(store)
    store.mood = "down"
    await backlog.settle((1,), counted("answered"))
    store.mood, store.calls = "slow", 0
    flushes = [asyncio.create_task(backlog.flush()) for _ in range(3)]
    await asyncio.sleep(0)
    assert store.calls == 1
    store.gate.set()

    assert await asyncio.gather(*flushes) == [0, 0, 0]
    assert store.calls == 1


async def test_a_caller_who_leaves_loses_nothing() -> None:
    store = Moody()
    backlog = Backlog(store)
    store.mood = "down"
    await backlog.settle((1,), counted("answered"))
    store.mood = "hung"
    flush = asyncio.create_task(backlog.flush())
    await asyncio.sleep(0)
    flush.cancel()
    await asyncio.wait({flush})
    store.mood = "well"

    assert await backlog.flush() == 0
    assert await tallied(store) == [("answered", 1)]


async def test_when_too_many_wait_the_oldest_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    assert BACKLOG_LIMIT == 10_000
    store = Moody()
    backlog = Backlog(store, limit=3)
    store.mood, before = "down", errors("overflow")
    for number in range(5):
        await backlog.settle((number,), counted(str(number)))
    assert (len(backlog), errors("overflow") - before) == (3, 2)
    store.mood = "well"
    await backlog.flush()

    assert await tallied(store) == [("2", 1), ("3", 1), ("4", 1)]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        "store: it has been down for long, and what waits longest is given up"
    ] * 2


async def test_one_given_up_while_it_is_written_takes_no_other_with_it() -> None:
    store = Moody()
    backlog = Backlog(store, limit=2)
    store.mood = "down"
    for number in (1, 2):
        await backlog.settle((number,), counted("answered"))
    store.mood = "slow"
    flush = asyncio.create_task(backlog.flush())
    await asyncio.sleep(0)
    third = asyncio.create_task(backlog.settle((3,), counted("answered")))
    await asyncio.sleep(0)
    assert len(backlog) == 2
    store.mood = "well"
    store.gate.set()

    assert (await flush, await third, len(backlog)) == (0, True, 0)
    assert await tallied(store) == [("answered", 3)]


async def test_whoever_is_forgotten_is_forgotten_here_too() -> None:
    store = Moody()
    backlog = Backlog(store)
    key = person("ann", "work", earlier=True)
    assert key.earlier is not None
    store.mood = "down"
    await backlog.settle((1,), counted("answered") + carries(ANN, FULL) + carries(BOB, FULL))
    await backlog.settle((2,), carries(key.earlier, FULL))

    backlog.forget(key)
    store.mood = "well"
    await backlog.flush()

    assert [await store.read_context(each) for each in (ANN, BOB, key)] == [None, FULL, None]
    assert await tallied(store) == [("answered", 1)]


async def test_what_no_database_can_hold_holds_up_nobody(shared_store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """Its update is settled all the same, if that can be."""
    backlog = Backlog(shared_store)
    before = errors("unfit")
    unfit = counted("answered") + carries(ANN, Context(last_entry="\ud800"))
    assert await backlog.settle((1,), unfit) is True
    assert await backlog.settle((2**64,), Effects(misses=(Miss(DAY, "my secret words"),))) is True
    assert await backlog.settle((2**64,), NOTHING) is True
    assert await backlog.settle((2,), counted("answered")) is True

    assert errors("unfit") == before + 4
    assert (await shared_store.claim(1, alone=True)).standing is Standing.SETTLED
    assert await tallied(shared_store) == [("answered", 1)]
    assert "secret" not in caplog.text
    assert str(2**64) not in caplog.text
