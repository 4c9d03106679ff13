"""What is counted, and what was asked in vain."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store import MISS_LIFE, Store
from bot.store import memory as memory_module
from bot.store import postgres as postgres_module
from bot.store import sqlite as sqlite_module
from bot.store.records import Count, Effects, Miss, Tally
from tests.store.homes import Home
from tests.store.people import DAY, counted

LONG_AGO = date(2000, 1, 1)
ONE = timedelta(days=1)


async def test_what_happened_is_counted_by_day_what_and_about(store: Store) -> None:
    await store.keep(counted("answered", "answered", "alarm") + counted("answered", about="heat"))
    await store.keep(counted("answered", day=DAY - ONE))
    await store.keep(counted("answered"))

    later = (Tally(DAY, "alarm", "", 1), Tally(DAY, "answered", "", 3), Tally(DAY, "answered", "heat", 1))
    assert await store.tallies(DAY) == later
    assert await store.tallies(DAY - ONE) == (Tally(DAY - ONE, "answered", "", 1), *later)
    assert await store.tallies(DAY + ONE) == ()


@settings(max_examples=10)
@given(st.lists(st.tuples(st.dates(LONG_AGO, LONG_AGO + 3 * ONE), st.text(max_size=3), st.sampled_from(["", "a", "B", "é", "\0"])), max_size=20))
async def test_counts_add_up_and_come_in_order_whatever_they_are_called(home: Home, seen: list[tuple[date, str, str]]) -> None:
    store = await home.open()
    await store.prune(counts_before=LONG_AGO + 4 * ONE)
    for day, what, about in seen:
        await store.keep(Effects(counts=(Count(day, what, about),) * 2))
    found = await store.tallies(LONG_AGO)
    await store.close()

    assert sum(tally.times for tally in found) == 2 * len(seen)
    named = [(tally.day, tally.what, tally.about) for tally in found]
    assert named == sorted(set(named))


async def test_old_counts_go(store: Store) -> None:
    for day in (DAY - ONE, DAY, DAY + ONE):
        await store.keep(counted("answered", day=day))
    await store.prune(counts_before=DAY)

    assert [tally.day for tally in await store.tallies(LONG_AGO)] == [DAY, DAY + ONE]


async def test_what_was_asked_in_vain_comes_oldest_first(store: Store) -> None:
    asked = [Miss(DAY, "why do pigeons nod"), Miss(DAY, "is\0it \ud800 contagious", "ice"), Miss(DAY - ONE, "who")]
    for miss in asked:
        await store.keep(Effects(misses=(miss,)))

    found = await store.misses()
    assert found[:2] == (asked[2], asked[0])
    assert (found[2].not_this, found[2].words.endswith("contagious")) == ("ice", True)


async def test_what_was_passed_on_is_told_apart(store: Store) -> None:
    kept = (Miss(DAY, "why do pigeons nod"), Miss(DAY, "why do pigeons nod", passed=True))
    await store.keep(Effects(misses=kept))

    assert await store.misses() == kept


async def test_what_is_passed_on_takes_the_place_of_one_that_was_kept_before(store: Store) -> None:
    asked, other = Miss(DAY, "why do pigeons nod \ud800"), Miss(DAY, "how", "ice")
    passed = Miss(DAY, "why do pigeons nod", passed=True)
    await store.keep(Effects(misses=(asked, other, asked)))
    await store.keep(Effects(misses=(passed,), unmissed=(asked, Miss(DAY, "never asked"), Miss(DAY - ONE, asked.words))))

    left = await store.misses()
    assert (left[1:], len(left)) == ((other, passed), 3)
    assert left[0].words.startswith(passed.words)


async def test_it_takes_the_place_once_however_often_it_is_settled(store: Store) -> None:
    asked, passed = Miss(DAY, "why do pigeons nod"), Miss(DAY, "why do pigeons nod", passed=True)
    await store.keep(Effects(misses=(asked, asked)))

    assert [await store.settle((7,), Effects(misses=(passed,), unmissed=(asked,))) for _ in range(2)] == [True, False]
    assert await store.misses() == (asked, passed)


async def test_what_was_asked_long_ago_goes(store: Store) -> None:
    today = datetime.now(UTC).date()
    kept = [Miss(today - MISS_LIFE, "a"), Miss(today, "b")]
    await store.keep(Effects(misses=(kept[1], Miss(today - MISS_LIFE - ONE, "c"), kept[0], Miss(LONG_AGO, "d"))))
    await store.prune(counts_before=DAY)

    assert await store.misses() == tuple(kept)


async def test_a_flood_of_questions_does_not_fill_the_disk(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (memory_module, sqlite_module, postgres_module):
        monkeypatch.setattr(module, "MISSES_KEPT", 3)
    store = await home.open()
    today = datetime.now(UTC).date()
    await store.keep(Effects(misses=tuple(Miss(today, str(number)) for number in range(9))))
    await store.prune(counts_before=DAY)

    assert [miss.words for miss in await store.misses()] == ["6", "7", "8"]
