"""What people carry from message to message: how long, under which key, and that it goes when they say so."""

import asyncio
from datetime import timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.content import Tier
from bot.core.model import CONTEXT_LIFE, Context, HalfMet
from bot.store import REGION_LIFE, Store
from bot.store.records import NOTHING, Effects
from bot.store.rows import dump_context, load_context
from tests.store.homes import Home
from tests.store.people import DAY, FULL, NOON, before_the_change, carries, person

ANN = person("ann")
SOON = timedelta(minutes=1)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
CONTEXTS = st.builds(
    Context,
    at=st.none() | st.datetimes(timezones=st.just(NOON.tzinfo)),
    last_entry=st.none() | TEXT,
    last_tier=st.none() | st.sampled_from(Tier),
    answered=st.integers(0, 2**40),
    candidates=st.lists(TEXT).map(tuple),
    offered=st.lists(TEXT).map(tuple),
    half_met=st.lists(st.builds(HalfMet, TEXT, st.datetimes(timezones=st.just(NOON.tzinfo)))).map(tuple),
    alerted=st.lists(TEXT).map(tuple),
    alerted_at=st.lists(st.sampled_from(Tier)).map(tuple),
    region=st.none() | TEXT,
)


async def test_a_stranger_has_no_context(store: Store) -> None:
    assert await store.read_context(ANN) is None


@pytest.mark.parametrize(
    "context",
    [
        Context(),
        FULL,
        Context(at=NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))),
        *(Context(at=NOON, last_tier=tier) for tier in Tier),
        Context(candidates=tuple(f"entry-{number}" for number in range(200))),
        Context(answered=2**31),
        Context(region=""),
    ],
    ids=["empty", "full", "another time zone", *(tier.key for tier in Tier), "many candidates", "many answers", "all regions"],
)
async def test_a_context_comes_back_as_it_was_kept(store: Store, context: Context) -> None:
    await store.keep(carries(ANN, context))

    assert [await store.read_context(ANN) for _ in range(2)] == [context, context]


@given(CONTEXTS)
def test_any_context_comes_back_from_json(context: Context) -> None:
    assert load_context(dump_context(context)) == context


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)).map(str))
def test_json_that_makes_no_sense_is_no_context(json: str) -> None:
    load_context(json)

    assert load_context('{"last_tier": 99}') is load_context('{"half_met": [3]}') is load_context("") is load_context("[]") is None
    assert load_context('{"answered": 2, "mood": "blue"}') == Context(answered=2)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.sampled_from("abc"), CONTEXTS), max_size=6))
async def test_the_last_context_stands_for_the_ones_before(home: Home, kept: list[tuple[str, Context]]) -> None:
    store = await home.open()
    await asyncio.gather(*(store.forget(person(name)) for name in "abc"))
    half = len(kept) // 2
    for part in (kept[:half], kept[half:]):
        await store.keep(Effects(contexts=tuple((person(name), context) for name, context in part)))

    assert {name: await store.read_context(person(name)) for name, _ in kept} == dict(kept)
    await store.close()


@pytest.mark.parametrize(
    ("one", "other"), [("1:2", "12"), ("1:2", "1:20"), ("a", "A"), ("", " "), ("%", "_"), ("клюв", "ключ"), ("é", "e\u0301"), ("'; drop table", "'")]
)
async def test_keys_that_look_alike_are_apart(store: Store, one: str, other: str) -> None:
    await store.keep(carries(person(one), FULL))
    assert await store.read_context(person(other)) is None

    await store.keep(carries(person(other), Context(answered=1)))
    assert await store.read_context(person(one)) == FULL
    assert await store.forget(person(other)) == 1
    assert await store.read_context(person(one)) == FULL


# --- how long -------------------------------------------------------------------------------------------------------


async def test_a_context_ends_and_its_region_outlives_it(home: Home) -> None:
    """Reading prolongs nothing, and whether it was pruned meanwhile makes no difference."""
    store = await home.open()
    bob = person("bob")
    await store.keep(carries(ANN, FULL) + carries(bob, Context(answered=1)))
    home.let_pass(CONTEXT_LIFE - SOON)
    assert [await store.read_context(key) for key in (ANN, bob)] == [FULL, Context(answered=1)]
    home.let_pass(2 * SOON)
    assert [await store.read_context(key) for key in (ANN, bob)] == [Context(region="uk"), None]

    await store.prune(counts_before=DAY)
    assert [await store.read_context(key) for key in (ANN, bob)] == [Context(region="uk"), None]
    home.let_pass(REGION_LIFE - CONTEXT_LIFE - 2 * SOON)
    await store.prune(counts_before=DAY)
    assert await store.read_context(ANN) == Context(region="uk")
    home.let_pass(2 * SOON)
    assert await store.read_context(ANN) is None
    await store.prune(counts_before=DAY)
    assert [await store.forget(key) for key in (ANN, bob)] == [0, 0]


async def test_writing_again_prolongs(home: Home) -> None:
    store = await home.open()
    for _ in range(3):
        await store.keep(carries(ANN, FULL))
        home.let_pass(CONTEXT_LIFE - SOON)
        await store.prune(counts_before=DAY)

    assert await store.read_context(ANN) == FULL


async def test_whoever_wants_all_regions_is_remembered_too(home: Home) -> None:
    store = await home.open()
    await store.keep(carries(ANN, Context(answered=3, region="")))
    home.let_pass(CONTEXT_LIFE + SOON)
    await store.prune(counts_before=DAY)

    assert await store.read_context(ANN) == Context(region="")
    await store.keep(carries(ANN, Context(answered=1)))
    assert await store.read_context(ANN) == Context(answered=1)
    home.let_pass(CONTEXT_LIFE + SOON)
    assert await store.read_context(ANN) is None, "the region was given up with the last writing"


# --- keys -----------------------------------------------------------------------------------------------------------


async def test_after_a_change_of_key_a_conversation_goes_on(store: Store) -> None:
    new = person("ann", earlier=True)
    await store.keep(carries(before_the_change(new), FULL))

    assert await store.read_context(new) == FULL


async def test_a_row_under_the_new_key_takes_the_place_of_the_old_one(store: Store) -> None:
    new = person("ann", earlier=True)
    await store.keep(carries(before_the_change(new), FULL))
    await store.settle((1,), carries(new, Context(answered=8)))

    assert await store.read_context(before_the_change(new)) is None
    assert await store.read_context(new) == Context(answered=8)
    assert await store.forget(new) == 1


async def test_to_forget_leaves_nothing_in_any_chat_under_any_key(store: Store) -> None:
    home, work = person("ann", "home", earlier=True), person("ann", "work", earlier=True)
    await store.keep(carries(home, FULL) + carries(work, FULL) + carries(person("bob", "home"), FULL))
    await store.keep(carries(before_the_change(person("ann", "club", earlier=True)), FULL))

    assert await store.forget(home) == 3
    assert await store.forget(home) == 0
    assert [await store.read_context(key) for key in (home, work, before_the_change(home))] == [None, None, None]
    assert await store.read_context(person("bob", "home")) == FULL


async def test_a_region_past_its_context_is_forgotten_as_well(home: Home) -> None:
    store = await home.open()
    await store.keep(carries(ANN, FULL))
    home.let_pass(CONTEXT_LIFE + SOON)
    await store.prune(counts_before=DAY)

    assert await store.forget(ANN) == 1
    assert await store.read_context(ANN) is None


async def test_nothing_to_keep_is_nothing_done(store: Store) -> None:
    await store.keep(NOTHING)

    assert (await store.misses(), await store.tallies(DAY)) == ((), ())
