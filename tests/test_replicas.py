"""A reload on one replica reaches the others, and whoever asked for it learns what became of it."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot import metrics
from bot.core.snapshot import Snapshot
from bot.errors import Problem, StoreError
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.knowledge.loader import load_snapshot
from bot.replicas import Pace, Replicas, judged, replica_name
from bot.store import REPLICA_LIFE
from bot.store.memory import MemoryStore
from bot.store.records import Generation, Replica
from tests.kitchen import ENTRIES, write_kitchen

EGGS = "entries/eggs.yaml"
QUICK = Pace(look_s=0.05, report_s=0.02, wait_s=5, ask_s=0.005, store_s=0.25)
HASTY = replace(QUICK, wait_s=0.2)
"""For those who will not be answered."""
LIMIT_S = 10
"""For what must come at last, on a busy machine."""
SAME = ReloadReport("v", "v")


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("kitchen")
    write_kitchen(folder)
    return load_snapshot(folder)


# --- parts that stand in --------------------------------------------------------------------------------------------


@dataclass
class Shelf:
    """The files that replicas share, as far as they can be told apart: a version."""

    version: str = "v0"


class Quick(LiveKnowledge):
    """Loads a shelf at once, or once *gate* opens; keeps what it has while there are *problems*."""

    def __init__(self, shelf: Shelf, snapshot: Snapshot) -> None:
        super().__init__(Path(), _labelled(snapshot, shelf.version))
        self.shelf = shelf
        self.problems: tuple[Problem, ...] = ()
        self.raises: Exception | None = None
        self.gate: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
        self.loads = 0
        self.losing: set[str] = set()
        """Versions that would lose something."""

    async def reload(self, *, agreed: str | None = None, ask: bool = True) -> ReloadReport:
        self.loads += 1
        before, found = self.current.version, self.shelf.version
        await self.gate()
        if self.raises is not None:
            raise self.raises
        if self.problems:
            return ReloadReport(before, before, problems=self.problems)
        if found in self.losing and ask and agreed != found:
            return ReloadReport(before, found, waiting=True)
        self._current = _labelled(self.current, found)
        return ReloadReport(before, found)


def _labelled(snapshot: Snapshot, version: str) -> Snapshot:
    return replace(snapshot, knowledge=replace(snapshot.knowledge, version=version))


@dataclass
class IllStore(MemoryStore):
    """One that fails, stays away or tells nothing, as told; and counts what it was asked."""

    failing: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    deaf: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def _called(self, name: str) -> None:
        self.asked[name] += 1
        if name in self.failing:
            raise StoreError("ill")

    async def announce(self, version: str) -> Generation:
        self._called("announce")
        return await super().announce(version)

    async def generation(self) -> Generation:
        self._called("generation")
        return await super().generation()

    async def report(self, replica: Replica) -> None:
        self._called("report")
        await super().report(replica)

    async def replicas(self) -> tuple[Replica, ...]:
        self._called("replicas")
        return await super().replicas()

    async def news(self, limit_s: float) -> None:
        self._called("news")
        await (asyncio.sleep(limit_s) if self.deaf else super().news(limit_s))


ALL = {"announce", "generation", "report", "replicas", "news"}


@asynccontextmanager
async def following(*replicas: Replicas) -> AsyncIterator[None]:
    """Let all follow; go on once each has been heard of."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(each.follow(stop)) for each in replicas]
    try:
        yield
        assert not any(task.done() for task in tasks), "one follows no more"
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), LIMIT_S)


async def until(condition: Callable[[], bool]) -> None:
    """Return once *condition* holds."""
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110  (nothing that is waited for knows of tests)
            await asyncio.sleep(0.002)


async def known(store: MemoryStore, *names: str) -> None:
    """Return once all of them have reported."""
    async with asyncio.timeout(LIMIT_S):
        while {replica.name for replica in await store.replicas()} < set(names):  # noqa: ASYNC110  (as above)
            await asyncio.sleep(0.002)


# --- with the real knowledge ----------------------------------------------------------------------------------------


def kitchens(tmp_path: Path, kitchen: Snapshot, store: MemoryStore, names: Iterable[str]) -> dict[str, tuple[Path, Replicas]]:
    """Return, by name, replicas that have each a folder of their own."""
    made = {}
    for name in names:
        write_kitchen(tmp_path / name)
        made[name] = tmp_path / name, Replicas(store, LiveKnowledge(tmp_path / name, kitchen), name, QUICK)
    return made


async def test_a_reload_reaches_all_and_each_is_named_by_what_it_did(tmp_path: Path, kitchen: Snapshot) -> None:
    """Of four: the one that is asked, one with the same files, one with others, one with bad ones."""
    store = MemoryStore()
    made = kitchens(tmp_path, kitchen, store, ("asked", "same", "other", "broken"))
    for name, text in (("asked", "Five minutes"), ("same", "Five minutes"), ("other", "Nine minutes")):
        write_kitchen(made[name][0], {EGGS: ENTRIES[EGGS].replace("Six minutes", text)})
    write_kitchen(made["broken"][0], {EGGS: "- id: no answer\n"})
    async with following(*(replicas for _, replicas in made.values())):
        await known(store, *made)
        done = await made["asked"][1].reload()

    assert done.here.changed == ("boiled-eggs",)
    assert done.took == ("asked", "same")
    assert [(replica.name, replica.version, replica.problems > 0) for replica in done.refused] == [("broken", kitchen.version, True)]
    (differing,) = done.differing
    assert (differing.name, differing.version in {kitchen.version, done.here.after}) == ("other", False)
    assert (done.loading, done.unheard, done.count, done.store_answered) == ((), (), 4, True)


async def test_a_reload_refused_here_is_not_announced(tmp_path: Path, kitchen: Snapshot) -> None:
    store = MemoryStore()
    folder, asked = kitchens(tmp_path, kitchen, store, ("asked",))["asked"]
    write_kitchen(folder, {EGGS: "- id: no answer\n"})
    done = await asked.reload()

    assert done.here.problems
    assert (done.took, done.count) == ((), 0)
    assert await store.generation() == Generation(0)


# --- with quick knowledge -------------------------------------------------------------------------------------------


def quick(store: MemoryStore, snapshot: Snapshot, name: str, pace: Pace = QUICK, shelf: Shelf | None = None) -> tuple[Quick, Replicas]:
    live = Quick(shelf or Shelf(), snapshot)
    return live, Replicas(store, live, name, pace)


async def test_whoever_is_alone_waits_for_nobody(kitchen: Snapshot) -> None:
    store = MemoryStore()
    live, only = quick(store, kitchen, "only", replace(QUICK, wait_s=1000))
    async with following(only):
        await known(store, "only")
        live.shelf.version = "v1"
        done = await asyncio.wait_for(only.reload(), LIMIT_S)

    assert (done.took, done.count) == (("only",), 1)
    assert live.loads == 1


async def test_whoever_shares_the_store_with_nobody_leaves_it_alone(kitchen: Snapshot) -> None:
    """So that a start right after an end finds nobody to wait for."""
    store = IllStore(failing=set(ALL))
    live = Quick(Shelf(), kitchen)
    only = Replicas(store, live, "only", alone=True)
    async with following(only):
        live.shelf.version = "v1"
        done = await only.reload()
        live.problems = (Problem("a.yaml", 1, 1, "odd"),)
        refused = await only.reload()

    assert (done.here.after, done.took, done.store_answered) == ("v1", ("only",), True)
    assert (refused.here.problems, refused.took) == (live.problems, ())
    assert not store.asked


async def test_whoever_has_ended_in_peace_is_not_waited_for(kitchen: Snapshot) -> None:
    store = MemoryStore()
    (_, asked), (_, leaving) = quick(store, kitchen, "asked", replace(QUICK, wait_s=1000)), quick(store, kitchen, "leaving")
    async with following(asked):
        async with following(leaving):
            await known(store, "asked", "leaving")
        done = await asyncio.wait_for(asked.reload(), LIMIT_S)

    assert (done.took, done.count) == (("asked",), 1)


async def test_whoever_is_gone_is_waited_for_a_while_and_named(kitchen: Snapshot) -> None:
    store = MemoryStore()
    _, asked = quick(store, kitchen, "asked", HASTY)
    await store.report(Replica("gone", 0, "v0"))
    async with following(asked):
        done = await asked.reload()

    assert (done.took, done.unheard, done.count) == (("asked",), ("gone",), 2)


async def test_whoever_is_still_loading_is_told_apart_from_the_gone(kitchen: Snapshot) -> None:
    store = MemoryStore()
    opened = asyncio.Event()
    _, asked = quick(store, kitchen, "asked", HASTY)
    live, slow = quick(store, kitchen, "slow")
    live.gate = opened.wait
    async with following(asked, slow):
        await known(store, "asked", "slow")
        done = await asked.reload()
        opened.set()
        await until(lambda: live.loads == 1)

    assert (done.took, done.loading, done.unheard) == (("asked",), ("slow",), ())


async def test_a_hint_that_is_lost_costs_time_only(kitchen: Snapshot) -> None:
    store, shelf = IllStore(deaf=True), Shelf()
    (_, asked), (live, other) = quick(store, kitchen, "asked", shelf=shelf), quick(store, kitchen, "other", shelf=shelf)
    async with following(asked, other):
        await known(store, "asked", "other")
        shelf.version = "v1"
        done = await asked.reload()

    assert done.took == ("asked", "other")
    assert live.current.version == "v1"


async def test_a_hint_spares_the_wait_for_the_next_look(kitchen: Snapshot) -> None:
    store, shelf, patient = MemoryStore(), Shelf(), replace(QUICK, look_s=1000)
    (_, asked), (live, other) = quick(store, kitchen, "asked", shelf=shelf), quick(store, kitchen, "other", patient, shelf)
    async with following(asked, other):
        await known(store, "asked", "other")
        shelf.version = "v1"
        done = await asked.reload()

    assert done.took == ("asked", "other")
    assert live.current.version == "v1"


async def test_a_store_that_is_down_only_delays_it(kitchen: Snapshot) -> None:
    store, shelf = IllStore(), Shelf()
    live, other = quick(store, kitchen, "other", shelf=shelf)
    async with following(other):
        await known(store, "other")
        store.failing = set(ALL)
        shelf.version = "v1"
        store._generation = Generation(1, "v1")  # announced by one that reaches the store
        asked = store.asked["news"]
        await until(lambda: store.asked["news"] > asked + 1)
        assert live.loads == 0
        store.failing.clear()
        await until(lambda: live.current.version == "v1")


async def test_a_store_that_is_down_is_not_asked_without_pause(kitchen: Snapshot) -> None:
    store = IllStore(failing=set(ALL))
    _, other = quick(store, kitchen, "other", replace(QUICK, look_s=1000, report_s=1000))
    async with following(other):
        await until(lambda: store.asked["news"] > 0)
        await asyncio.sleep(0.05)

        assert store.asked == {"generation": 1, "report": 1, "news": 1}


@pytest.mark.parametrize("failing", [{"announce"}, {"replicas"}, ALL], ids=["not told", "not asked", "down"])
async def test_a_reload_without_the_store_is_one_of_this_replica_and_says_so(kitchen: Snapshot, failing: set[str]) -> None:
    store = IllStore(failing=set(failing))
    live, asked = quick(store, kitchen, "asked", HASTY)
    live.shelf.version = "v1"
    done = await asked.reload()

    assert (done.here.after, done.took, done.store_answered) == ("v1", ("asked",), False)
    assert live.current.version == "v1"


async def test_a_store_that_hangs_holds_nothing_up(kitchen: Snapshot) -> None:
    class Hanging(MemoryStore):
        async def generation(self) -> Generation:
            await asyncio.Event().wait()
            raise AssertionError

    live, asked = quick(Hanging(), kitchen, "asked")
    live.shelf.version = "v1"
    done = await asyncio.wait_for(asked.reload(), LIMIT_S)

    assert done.took == ("asked",)


async def test_a_store_that_hangs_when_asked_for_news_is_looked_at_all_the_same(kitchen: Snapshot) -> None:
    class Hanging(MemoryStore):
        async def news(self, limit_s: float) -> None:
            await asyncio.Event().wait()

    store, shelf = Hanging(), Shelf()
    live, other = quick(store, kitchen, "other", replace(QUICK, store_s=0.01), shelf)
    async with following(other):
        await known(store, "other")
        shelf.version = "v1"
        await store.announce("v1")
        await until(lambda: live.current.version == "v1")


async def test_whatever_goes_wrong_in_following_the_next_announcement_is_followed(kitchen: Snapshot, caplog: pytest.LogCaptureFixture) -> None:
    store, shelf = MemoryStore(), Shelf()
    live, other = quick(store, kitchen, "other", shelf=shelf)
    async with following(other):
        await known(store, "other")
        live.raises = ZeroDivisionError("somebody's words")
        shelf.version = "v1"
        await store.announce("v1")
        await until(lambda: live.loads > 1)
        live.raises = None
        await until(lambda: live.current.version == "v1")

    assert "ZeroDivisionError" in caplog.text
    assert "somebody's words" not in caplog.text


async def test_a_refused_announcement_keeps_the_old_and_tells_log_and_others(kitchen: Snapshot, caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStore()
    (_, asked), (live, other) = quick(store, kitchen, "asked"), quick(store, kitchen, "other")
    live.problems = (Problem("entries/a.yaml", 3, 4, "odd"), Problem("entries/b.yaml", 1, 1, "odder"))
    async with following(asked, other):
        await known(store, "asked", "other")
        with caplog.at_level(logging.INFO):
            refused = await asked.reload()
        live.problems = ()
        taken = await asked.reload()

    assert [(replica.name, replica.problems, replica.version) for replica in refused.refused] == [("other", 2, "v0")]
    assert "entries/a.yaml:3:4: odd" in caplog.text
    assert taken.took == ("asked", "other")
    assert taken.refused == ()


# --- the start ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("announced", "others", "loads"),
    [("v0", ("other",), 0), ("v1", (), 0), ("v1", ("other",), 1)],
    ids=["what it started with", "of earlier days", "while it started"],
)
async def test_a_start_takes_the_number_as_its_own_and_reads_again_only_what_it_may_have_missed(
    kitchen: Snapshot, announced: str, others: tuple[str, ...], loads: int
) -> None:
    store = IllStore()
    for number in range(3):
        await store.announce(announced if number == 2 else "old")
    for name in others:
        await store.report(Replica(name, 3, announced))
    live, new = quick(store, kitchen, "new")
    async with following(new):
        await until(lambda: new._acted is not None)
        await known(store, "new")
        reports = store.asked["report"]
        await until(lambda: store.asked["report"] > reports + 1)

        assert live.loads == loads
        assert [replica.generation for replica in await store.replicas() if replica.name == "new"] == [3]


async def test_a_number_that_begins_anew_is_followed_too(kitchen: Snapshot) -> None:
    """As after a database was set up again."""
    store, shelf = MemoryStore(), Shelf()
    store._generation = Generation(40, "v0")
    live, other = quick(store, kitchen, "other", shelf=shelf)
    async with following(other):
        await known(store, "other")
        await until(lambda: other._acted == 40)
        shelf.version = "v1"
        store._generation = Generation(1, "v1")
        await until(lambda: live.current.version == "v1")


# --- life -----------------------------------------------------------------------------------------------------------


async def test_a_replica_that_loads_for_long_stays_alive(kitchen: Snapshot) -> None:
    now = 1_000_000.0
    store = MemoryStore(lambda: now)
    opened = asyncio.Event()
    live, slow = quick(store, kitchen, "slow")
    live.gate = opened.wait
    async with following(slow):
        await known(store, "slow")
        await store.announce("v1")
        await until(lambda: live.loads == 1)
        now += 2 * REPLICA_LIFE.total_seconds()
        await known(store, "slow")
        opened.set()


async def test_the_end_waits_for_no_loading(kitchen: Snapshot) -> None:
    store = MemoryStore()
    live, slow = quick(store, kitchen, "slow")
    live.gate = asyncio.Event().wait
    async with following(slow):
        await known(store, "slow")
        await store.announce("v1")
        await until(lambda: live.loads == 1)


async def test_reloads_are_counted_by_what_came_of_them(kitchen: Snapshot) -> None:
    def counted() -> dict[str, float]:
        return {result: metrics.RELOADS.labels(result)._value.get() for result in ("loaded", "unchanged", "refused", "waiting")}

    before = counted()
    live, only = quick(MemoryStore(), kitchen, "only")
    live.shelf.version = "v1"
    await only.reload()
    await only.reload()
    live.shelf.version, live.losing = "v2", {"v2"}
    await only.reload()
    live.problems = (Problem("a.yaml", 1, 1, "odd"),)
    await only.reload()

    assert {result: value - before[result] for result, value in counted().items()} == {"loaded": 1, "unchanged": 1, "refused": 1, "waiting": 1}


async def test_what_waits_for_a_yes_is_not_announced(kitchen: Snapshot) -> None:
    store = MemoryStore()
    live, asked = quick(store, kitchen, "asked")
    other, others = quick(store, kitchen, "other", shelf=live.shelf)
    live.losing = other.losing = {"v1"}
    async with following(asked, others):
        await known(store, "asked", "other")
        live.shelf.version = "v1"
        waits = await asked.reload()
        assert (waits.here.waiting, waits.here.after, waits.took, waits.count) == (True, "v1", (), 0)
        assert await asked.reload("another") == waits
        assert await store.generation() == Generation(0)
        assert (live.current.version, other.current.version) == ("v0", "v0")
        taken = await asked.reload("v1")

    assert not taken.here.waiting
    assert taken.took == ("asked", "other"), "who follows does not ask again"
    assert other.current.version == "v1"


async def test_a_yes_may_reach_another_replica(kitchen: Snapshot) -> None:
    """Than the one that asked: each reads its own files."""
    store = MemoryStore()
    live, asked = quick(store, kitchen, "asked")
    other, others = quick(store, kitchen, "other", shelf=live.shelf)
    live.losing = other.losing = {"v1"}
    async with following(asked, others):
        await known(store, "asked", "other")
        live.shelf.version = "v1"
        assert (await asked.reload()).here.waiting
        assert (await others.reload("v1")).took == ("asked", "other")


async def test_what_another_announced_meanwhile_is_followed_without_asking(kitchen: Snapshot) -> None:
    """It has been asked about there."""
    store = MemoryStore()
    live, asked = quick(store, kitchen, "asked")
    live.losing = {"v2"}

    async def announced_elsewhere() -> None:
        live.shelf.version = "v2"
        await store.announce("v2")
        live.gate = nothing

    live.shelf.version = "v1"
    live.gate = announced_elsewhere
    await asked.reload()

    assert (live.current.version, live.loads) == ("v2", 2)


async def nothing() -> None:
    """Holds nobody up."""


def test_a_name_is_the_setting_or_tells_processes_apart() -> None:
    assert replica_name("east") == "east"
    assert replica_name(None).rpartition("-")[2].isdigit()


# --- several at once ------------------------------------------------------------------------------------------------


async def test_files_that_change_while_another_announces_are_read_again(kitchen: Snapshot) -> None:
    """One has read the old files, another announces the new ones, then the first announces: it must not stay with the old."""
    store, shelf = MemoryStore(), Shelf("v1")
    live, asked = quick(store, kitchen, "asked", shelf=shelf)

    async def overtaken() -> None:
        shelf.version = "v2"
        await store.announce("v2")
        live.gate = lambda: asyncio.sleep(0)

    live.gate = overtaken
    done = await asked.reload()

    assert done.here.after == "v1"
    assert live.current.version == "v2"
    assert live.loads == 2


class Jittery(MemoryStore):
    """Takes some turns of the loop before and after each call, by lot."""

    def __init__(self, lots: Iterable[int]) -> None:
        super().__init__()
        self._lots = list(lots) or [0]
        self._drawn = 0

    async def turns(self) -> None:
        self._drawn += 1
        for _ in range(self._lots[self._drawn % len(self._lots)]):
            await asyncio.sleep(0)

    async def announce(self, version: str) -> Generation:
        await self.turns()
        made = await super().announce(version)
        await self.turns()
        return made

    async def generation(self) -> Generation:
        await self.turns()
        found = await super().generation()
        await self.turns()
        return found


async def test_whoever_announces_does_not_follow_itself(kitchen: Snapshot) -> None:
    """Though it hears of the announcement while the store still has its hands full with it."""

    class Slow(IllStore):
        async def announce(self, version: str) -> Generation:
            made = await super().announce(version)
            await asyncio.sleep(0.02)
            return made

    store = Slow()
    live, asked = quick(store, kitchen, "asked")
    async with following(asked):
        await until(lambda: asked._acted == 0)
        await asked.reload()
        looks = store.asked["generation"]
        await until(lambda: store.asked["generation"] > looks)

    assert live.loads == 1


@hypothesis_settings(deadline=None, max_examples=60)
@given(
    lots=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    steps=st.lists(st.tuples(st.sampled_from(["edit", "0", "1", "2"]), st.integers(0, 6)), max_size=8),
    last=st.integers(0, 2),
)
def test_however_reloads_and_edits_fall_together_all_serve_the_last_and_come_to_rest(
    kitchen: Snapshot, lots: list[int], steps: list[tuple[str, int]], last: int
) -> None:
    """Three replicas of one folder; each step waits some turns of the loop for those before it, none waits for their end."""

    async def play() -> None:
        store, shelf = Jittery(lots), Shelf()
        made = [quick(store, kitchen, str(number), replace(QUICK, wait_s=0, look_s=0.01), shelf) for number in range(3)]
        for live, _ in made:
            live.gate = store.turns
        reloads = []
        async with following(*(replicas for _, replicas in made)):
            await known(store, "0", "1", "2")
            for number, (step, turns) in enumerate([*steps, ("edit", 0), (str(last), 0)]):
                if step == "edit":
                    shelf.version = f"v{number}"
                else:
                    reloads.append(asyncio.create_task(made[int(step)][1].reload()))
                for _ in range(turns):
                    await asyncio.sleep(0)
            await asyncio.gather(*reloads)
            await until(lambda: {replicas._acted for _, replicas in made} == {len(reloads)})

            assert {live.current.version for live, _ in made} == {shelf.version}
            assert (await store.generation()).number == len(reloads), "who follows announces nothing"
            loads = [live.loads for live, _ in made]
            await asyncio.sleep(0.03)
            assert [live.loads for live, _ in made] == loads, "it does not come to rest"

    asyncio.run(play())


NAMES = st.sampled_from("abcdef")
SEEN = st.builds(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s), st.integers(0, 9))
OTHERS = st.dictionaries(NAMES, st.tuples(st.integers(0, 3), st.sampled_from(["v", "w"]), st.integers(0, 2), SEEN)).map(
    lambda found: {name: Replica(name, *rest) for name, rest in found.items()}
)


@given(OTHERS, OTHERS)
def test_each_replica_is_named_once(first: dict[str, Replica], last: dict[str, Replica]) -> None:
    done = judged(SAME, Replica("me", 2, "v"), first, last)

    named = [*done.took, *(replica.name for replica in (*done.refused, *done.differing)), *done.loading, *done.unheard]
    assert sorted(named) == sorted({"me"} | first.keys() | last.keys())
    assert done.count == len(named)
    assert "me" in done.took
    assert all(last[name].version == "v" and last[name].generation >= 2 for name in done.took if name != "me")
    assert set(done.unheard).isdisjoint(name for name, replica in last.items() if replica.generation >= 2)
