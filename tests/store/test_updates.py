"""Updates: whose they are, that each is settled once, and that what it leaves behind is kept with it."""

import asyncio
from datetime import timedelta

import pytest

from bot.core.model import Context
from bot.store import LEASE_S, UPDATE_LIFE, Store
from bot.store.records import NOTHING, Claim, Effects, Miss, Standing, Tally
from tests.store.homes import Home
from tests.store.people import DAY, FULL, carries, counted, person

ANN = person("ann")
SETTLED = Claim(Standing.SETTLED)
ELSEWHERE = Claim(Standing.ELSEWHERE)
LEASE = timedelta(seconds=LEASE_S + 1)


def ours(tries: int = 1) -> Claim:
    return Claim(Standing.OURS, tries)


@pytest.mark.parametrize("update_id", [0, 1, 2**31, 2**53 + 1, 2**63 - 1, -1])
async def test_an_update_is_settled_from_then_on(store: Store, update_id: int) -> None:
    assert await store.claim(update_id, alone=True) == ours()

    assert await store.settle((update_id,), NOTHING) is True
    assert await store.settle((update_id,), NOTHING) is False

    assert await store.claim(update_id, alone=True) == SETTLED
    assert await store.claim(update_id, alone=False) == SETTLED
    assert await store.claim(abs(update_id - 1), alone=True) == ours()


async def test_a_claim_tells_how_often_the_update_was_begun(store: Store) -> None:
    assert [await store.claim(1, alone=True) for _ in range(3)] == [ours(1), ours(2), ours(3)]
    assert await store.claim(2, alone=True) == ours()


async def test_a_try_that_is_given_back_does_not_count(store: Store) -> None:
    for update_id in (1, 1, 2, 3):
        await store.claim(update_id, alone=True)
    await store.settle((3,), NOTHING)

    await store.release((1, 2, 3, 4, 1))

    assert [await store.claim(update_id, alone=True) for update_id in (1, 2, 3, 4)] == [ours(2), ours(1), SETTLED, ours(1)]


async def test_nothing_given_back_is_nothing_done(store: Store) -> None:
    await store.release(())

    assert await store.claim(1, alone=True) == ours()


async def test_updates_settle_in_any_order_claimed_or_not(store: Store) -> None:
    await store.claim(20, alone=True)
    for update_ids in ((30,), (10, 20), ()):
        await store.settle(update_ids, NOTHING)

    found = [(await store.claim(update_id, alone=True)).standing for update_id in (10, 15, 20, 25, 30)]
    assert found == [Standing.SETTLED, Standing.OURS, Standing.SETTLED, Standing.OURS, Standing.SETTLED]


@pytest.mark.parametrize(
    ("before", "update_ids", "kept"),
    [((), (1,), True), ((1,), (1,), False), ((1,), (1, 2), True), ((1, 2), (2, 1), False), ((), (1, 1), True), ((), (), False)],
    ids=["new", "settled", "one of two is new", "both settled", "the same twice", "none"],
)
async def test_effects_are_kept_if_any_of_the_updates_is_new(store: Store, before: tuple[int, ...], update_ids: tuple[int, ...], kept: bool) -> None:
    await store.settle(before, NOTHING)

    assert await store.settle(update_ids, counted("answered", "answered", about="heat") + carries(ANN, FULL)) is kept

    assert await store.tallies(DAY) == ((Tally(DAY, "answered", "heat", 2),) if kept else ())
    assert await store.read_context(ANN) == (FULL if kept else None)


async def test_all_effects_are_kept_with_the_settling(store: Store) -> None:
    effects = carries(ANN, Context(answered=1)) + carries(person("bob"), FULL) + counted("offered") + carries(ANN, Context(answered=2))
    await store.settle((1,), effects + Effects(misses=(Miss(DAY, "why do pigeons nod"),)))

    assert await store.read_context(ANN) == Context(answered=2)
    assert await store.read_context(person("bob")) == FULL
    assert await store.tallies(DAY) == (Tally(DAY, "offered", "", 1),)
    assert await store.misses() == (Miss(DAY, "why do pigeons nod"),)


async def test_a_settling_that_fails_leaves_nothing(shared_store: Store) -> None:
    """Not the mark of an update either, else what it leaves behind could never be kept."""
    store = shared_store
    with pytest.raises(ValueError, match=r"cannot|surrogate"):
        await store.settle((1,), counted("answered") + carries(ANN, Context(answered=1, last_entry="\ud800")))
    with pytest.raises(ValueError, match="cannot hold this value"):
        await store.settle((1, 2**64), counted("answered"))

    assert await store.tallies(DAY) == ()
    assert await store.settle((1,), counted("answered")) is True


async def test_calls_may_overlap(store: Store) -> None:
    effects = [counted("answered") + carries(person(str(number)), Context(answered=number)) for number in range(50)]
    claims = await asyncio.gather(*(store.claim(number, alone=False) for number in range(50)))
    kept = await asyncio.gather(*(store.settle((number, number + 1), effects[number]) for number in range(50)))

    assert claims == [ours()] * 50
    tally = (await store.tallies(DAY))[0]
    assert tally.times == sum(kept) >= 25
    found = await asyncio.gather(*(store.read_context(person(str(number))) for number in range(50)))
    assert found == [Context(answered=number) if was_kept else None for number, was_kept in enumerate(kept)]


async def test_a_caller_who_leaves_early_breaks_nothing(store: Store) -> None:
    """Be it before a call began, in the middle, or at its end: each is done wholly or not at all."""
    for number in range(60):
        call = asyncio.create_task(store.settle((number,), counted("answered") + carries(ANN, Context(answered=number))))
        await asyncio.sleep(number % 6 * 0.0004)
        call.cancel()
        await asyncio.wait({call})
    assert not any([await store.settle((number,), counted("answered")) is None for number in range(60)])

    assert await store.tallies(DAY) == (Tally(DAY, "answered", "", 60),)


async def test_an_update_is_forgotten_after_two_days(home: Home) -> None:
    store = await home.open()
    await store.settle((1,), NOTHING)
    await store.claim(2, alone=True)
    home.let_pass(UPDATE_LIFE - timedelta(hours=1))
    await store.settle((3,), NOTHING)
    await store.prune(counts_before=DAY)
    assert await store.claim(1, alone=True) == SETTLED

    home.let_pass(timedelta(hours=2))
    await store.prune(counts_before=DAY)

    assert await store.claim(1, alone=True) == ours()
    assert await store.claim(3, alone=True) == SETTLED


# --- two processes --------------------------------------------------------------------------------------------------


async def test_what_another_process_works_on_is_left_to_it(shared: Home) -> None:
    one, two = await shared.open("one"), await shared.open("two")

    assert await one.claim(1, alone=False) == ours()
    assert await two.claim(1, alone=False) == ELSEWHERE
    await one.settle((1,), NOTHING)
    assert await two.claim(1, alone=False) == SETTLED


async def test_what_a_silent_process_had_is_taken_over(shared: Home) -> None:
    one, two = await shared.open("one"), await shared.open("two")
    await one.renew()
    await one.claim(1, alone=False)
    shared.let_pass(LEASE)

    assert await two.claim(1, alone=False) == ours(2)
    assert await one.claim(1, alone=False) == ELSEWHERE


async def test_a_process_that_is_heard_of_keeps_what_it_has(shared: Home) -> None:
    one, two = await shared.open("one"), await shared.open("two")
    await one.claim(1, alone=False)
    for _ in range(3):
        shared.let_pass(LEASE / 2)
        await one.renew()

    assert await two.claim(1, alone=False) == ELSEWHERE
    assert await one.claim(1, alone=False) == ours(2)


async def test_a_claim_counts_as_being_heard_of(shared: Home) -> None:
    one, two = await shared.open("one"), await shared.open("two")
    await one.renew()
    shared.let_pass(LEASE)
    await one.claim(1, alone=False)

    assert await two.claim(1, alone=False) == ELSEWHERE


async def test_who_is_alone_takes_what_a_dead_process_left(shared: Home) -> None:
    one, two = await shared.open("one"), await shared.open("two")
    await one.renew()
    await one.claim(1, alone=True)

    assert await two.claim(1, alone=True) == ours(2)


async def test_what_is_given_back_need_not_be_waited_for(shared: Home) -> None:
    one, two = await shared.open("one"), await shared.open("two")
    for update_id in (1, 2):
        await one.claim(update_id, alone=False)

    await two.release((1, 2))
    assert await two.claim(1, alone=False) == ELSEWHERE
    await one.release((1,))

    assert await two.claim(1, alone=False) == ours(1)
    assert await two.claim(2, alone=False) == ELSEWHERE


async def test_of_two_processes_one_gets_an_update_and_one_keeps_its_effects(shared: Home) -> None:
    one, two = await shared.open("one"), await shared.open("two")

    claims = await asyncio.gather(*(each.claim(number, alone=False) for number in range(100) for each in (one, two)))
    kept = await asyncio.gather(*(each.settle((number,), counted("answered")) for number in range(100) for each in (one, two)))

    assert [sorted((a.standing.value, b.standing.value)) for a, b in zip(claims[::2], claims[1::2], strict=True)] == [["elsewhere", "ours"]] * 100
    assert [a + b for a, b in zip(kept[::2], kept[1::2], strict=True)] == [1] * 100
    assert await one.tallies(DAY) == (Tally(DAY, "answered", "", 100),)
