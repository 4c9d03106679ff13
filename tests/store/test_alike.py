"""All kinds of store say the same to the same calls, whatever those are."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.model import Context
from bot.store import Store
from bot.store.records import Count, Effects, Miss, PersonKey
from tests.store.homes import HOMES, Home
from tests.store.people import DAY, person
from tests.store.servers import PostgresServer

IDS = st.lists(st.integers(1, 6), max_size=3)
KEYS = st.builds(person, st.sampled_from("ab"), st.sampled_from("xy"), earlier=st.booleans())
MISSES = st.builds(Miss, st.just(DAY), st.sampled_from(["why", "how"]), passed=st.booleans())
EFFECTS = st.builds(
    Effects,
    st.lists(st.tuples(KEYS, st.builds(Context, answered=st.integers(0, 9), region=st.sampled_from([None, "uk"]))), max_size=3).map(tuple),
    st.lists(st.builds(Count, st.sampled_from([DAY, DAY - timedelta(days=1)]), st.sampled_from(["a", "B"])), max_size=3).map(tuple),
    st.lists(MISSES, max_size=1).map(tuple),
    st.lists(MISSES, max_size=2).map(tuple),
)
CALLS = st.lists(
    st.tuples(st.just("claim"), st.integers(1, 6))
    | st.tuples(st.just("release"), IDS)
    | st.tuples(st.just("settle"), IDS, EFFECTS)
    | st.tuples(st.just("keep"), EFFECTS)
    | st.tuples(st.just("read_context"), KEYS)
    | st.tuples(st.just("forget"), KEYS)
    | st.tuples(st.just("wait"), st.sampled_from([timedelta(minutes=20), timedelta(days=1), timedelta(days=20)]))
    | st.tuples(st.just("prune")),
    min_size=5,
    max_size=25,
)


async def told(home: Home, store: Store, call: str, *values: Any) -> object:
    """What a store says to *call*; nothing, where it may say this or that."""
    match call:
        case "claim":
            return await store.claim(*values, alone=True)
        case "wait":
            home.let_pass(*values)
            return None
        case "prune":
            await store.prune(counts_before=DAY)
            return None
        case "forget":
            # How many rows there were depends on when it was pruned; that none is left does not.
            await store.forget(*values)
            return await store.forget(*values)
    return await getattr(store, call)(*values)


@settings(max_examples=15)
@example([("claim", 1), ("claim", 1), ("wait", timedelta(days=20)), ("prune",), ("claim", 1)])
@example([("claim", 1), ("claim", 1), ("release", [1]), ("release", [1]), ("claim", 1)])
@given(CALLS)
async def test_all_stores_agree(server: PostgresServer, calls: list[tuple[Any, ...]]) -> None:
    with TemporaryDirectory() as folder:
        answers = []
        for made in HOMES.values():
            home = made(Path(folder), lambda: server)
            store = await home.open()
            said = [await told(home, store, *call) for call in calls]
            people = [await store.read_context(PersonKey(f"{chat}/{name}", name)) for chat in "xy" for name in "ab"]
            answers.append((said, people, await store.tallies(DAY - timedelta(days=9)), await store.misses()))
            await home.close()

    assert answers[0] == answers[1]
    assert answers[1] == answers[2]
