"""Learning in another process: this one neither learns nor grows, and whatever becomes of the other, nothing is served that was not tried."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot import learning
from bot.core.snapshot import Snapshot
from bot.errors import KnowledgeError, Problem
from bot.knowledge import apart, loader
from bot.knowledge import live as live_module
from bot.knowledge.apart import Compared, Learning, compare_apart, learn_apart, told_of
from bot.knowledge.behaviour import MOST_CHANGES, Change, Difference, Loss, Reaction, compare
from bot.knowledge.folder import read_files
from bot.knowledge.kept import code_version
from bot.knowledge.live import LiveKnowledge, load_aside
from bot.knowledge.loader import load_passed, load_snapshot
from bot.knowledge.thaw import thaw
from bot.knowledge.versions import Versions
from tests.kitchen import DANGERS, write_kitchen

TOKEN = "123456:" + "not-a-token"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_kitchen(tmp_path / "kitchen", DANGERS)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def edit(path: Path, old: str, new: str) -> None:
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")


def misspell(folder: Path) -> None:
    edit(folder / "topic.yaml", "safety_entry", "saftey_entry")


def expect_too_much(folder: Path) -> None:
    edit(folder / "red_flags.yaml", "fires_on: [i smell gas]", "fires_on: [i smell gas, i smell toast]")


def problems_of(read: Callable[[], object]) -> tuple[Problem, ...]:
    with pytest.raises(KnowledgeError) as raised:
        read()
    return raised.value.problems


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Let a shell script run in place of Python; the name of a file that it may write is given as its `$0.told`."""

    def be(script: str) -> Path:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(path))
        return tmp_path / "python.told"

    return be


# --- the other process ---


async def test_what_it_learned_is_kept_and_tried(folder: Path, cache: Path) -> None:
    assert await learn_apart(folder, cache) is Learning.DONE
    assert load_passed(folder, cache) is not None


@pytest.mark.parametrize("spoil", [misspell, expect_too_much])
async def test_its_problems_are_those_one_finds_here(spoil: Callable[[Path], None], folder: Path, cache: Path) -> None:
    spoil(folder)
    with pytest.raises(KnowledgeError) as raised:
        await learn_apart(folder, cache)

    assert raised.value.problems == problems_of(lambda: load_snapshot(folder))
    assert load_passed(folder, cache) is None


async def test_it_is_told_no_secret(folder: Path, cache: Path, instead: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    told = instead('env > "$0.told"; echo "$@" >> "$0.told"')
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody")
    await learn_apart(folder, cache)

    assert "bot.learning" in told.read_text(encoding="utf-8")
    assert TOKEN not in told.read_text(encoding="utf-8")
    assert "DATABASE_URL" not in told.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("script", "learning"),
    [
        ("exit 0", Learning.DONE),
        ("exit 3", Learning.FAILED),
        ("exit 1", Learning.FAILED),
        ("echo '[]'; exit 1", Learning.FAILED),
        ("echo '[[1, 2]]'; exit 1", Learning.FAILED),
        ("echo 'Traceback'; exit 1", Learning.FAILED),
        ("kill -9 $$", Learning.KILLED),
    ],
)
async def test_how_it_ended_is_known(script: str, learning: Learning, folder: Path, cache: Path, instead: Callable[[str], Path]) -> None:
    instead(script)

    assert await learn_apart(folder, cache) is learning


async def test_where_none_can_be_started_that_is_known(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(folder / "no such file"))

    assert await learn_apart(folder, cache) is Learning.FAILED


async def test_cancelling_ends_it(folder: Path, cache: Path, instead: Callable[[str], Path]) -> None:
    told = instead('echo $$ > "$0.part"; mv "$0.part" "$0.told"; exec sleep 60')
    task = asyncio.create_task(learn_apart(folder, cache))
    while not told.exists():  # noqa: ASYNC110 - what is waited for happens in another process
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text(encoding="utf-8")), 0)


def test_it_makes_room_for_others_and_says_nothing_when_all_is_well(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nice: list[int] = []
    monkeypatch.setattr(os, "nice", nice.append)

    assert learning.main([str(folder), str(cache), code_version()]) == 0
    assert nice == [10]
    assert capsys.readouterr() == ("", "")
    assert gc.isenabled()


def test_it_writes_its_problems_down(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delattr(os, "nice")
    misspell(folder)

    assert learning.main([str(folder), str(cache), code_version()]) == 1
    assert [Problem(*each) for each in json.loads(capsys.readouterr().out)] == list(problems_of(lambda: load_snapshot(folder)))
    assert gc.isenabled()


async def test_other_code_learns_nothing_for_this(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be kept under another name, and learned again and again."""
    monkeypatch.setattr(apart, "code_version", lambda: "of yesterday")

    assert await learn_apart(folder, cache) is Learning.FAILED
    assert learning.main([str(folder), str(cache), "of yesterday"]) == 2
    assert load_passed(folder, cache) is None


# --- who asks for it ---


@pytest.fixture
def never_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process learns nothing, reads no YAML and tries no sentence."""
    for name in ("teach", "learn_likeness", "_draft_of", "_tried"):
        monkeypatch.delattr(loader, name)


@pytest.mark.usefixtures("never_here")
async def test_with_a_cache_folder_nothing_is_learned_here(folder: Path, cache: Path) -> None:
    live = LiveKnowledge(folder, await load_aside(folder, cache), cache)
    first = live.current.version
    edit(folder / "entries/eggs.yaml", "how do i fry an egg", "how do i fry one egg")
    report = await live.reload()

    assert report.problems == ()
    assert (report.before, report.after) == (first, live.current.version)
    assert report.changed == ("fried-eggs",)
    assert gc.isenabled()


@pytest.mark.usefixtures("never_here")
async def test_what_is_kept_needs_no_other_process(folder: Path, cache: Path, instead: Callable[[str], Path]) -> None:
    await learn_apart(folder, cache)
    told = instead('touch "$0.told"')
    live = LiveKnowledge(folder, await load_aside(folder, cache), cache)

    assert (await live.reload()).problems == ()
    assert not told.exists()


@pytest.mark.usefixtures("never_here")
@pytest.mark.parametrize("spoil", [misspell, expect_too_much])
async def test_what_it_refuses_is_not_taken(spoil: Callable[[Path], None], folder: Path, cache: Path) -> None:
    live = LiveKnowledge(folder, await load_aside(folder, cache), cache)
    before = live.current
    spoil(folder)
    report = await live.reload()

    assert live.current is before
    assert report.before == report.after == before.version
    assert {problem.line > 0 for problem in report.problems} == {True}


@pytest.mark.parametrize("script", ["exit 0", "exit 3", "echo 'Traceback'; exit 1"])
async def test_where_it_comes_to_nothing_this_process_learns(script: str, folder: Path, cache: Path, instead: Callable[[str], Path]) -> None:
    instead(script)
    live = LiveKnowledge(folder, await load_aside(folder, cache), cache)
    expect_too_much(folder)

    assert "should raise it live" in str((await live.reload()).problems)


async def test_where_nothing_can_be_kept_this_process_learns(folder: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("", encoding="utf-8")

    assert (await load_aside(folder, in_the_way)).knowledge.entries


@pytest.mark.usefixtures("never_here")
async def test_what_was_killed_there_is_not_tried_here(folder: Path, cache: Path, instead: Callable[[str], Path]) -> None:
    """What had no room in another process has none in this one."""
    live = LiveKnowledge(folder, await load_aside(folder, cache), cache)
    instead("kill -9 $$")
    edit(folder / "topic.yaml", "name: Kitchen", "name: Cooking")
    report = await live.reload()

    assert [problem.what.partition(",")[0] for problem in report.problems] == ["learning was ended from outside"]
    assert live.current.knowledge.topic.name == "Kitchen"


async def test_what_was_learned_before_it_was_killed_is_served(folder: Path, learned: tuple[Path, Snapshot], monkeypatch: pytest.MonkeyPatch) -> None:
    """There was room to learn, and none to compare: that this process can do with what it has."""
    cache, before = learned

    async def learn_and_die(source: Path, cache: Path, before: str) -> Compared:
        load_snapshot(source, cache=cache)
        return Compared(Learning.KILLED)

    monkeypatch.setattr("bot.knowledge.live.compare_apart", learn_and_die)
    edit(folder / "entries/eggs.yaml", "how do i fry an egg", "how do i fry two eggs")
    report = await LiveKnowledge(folder, before, cache).reload()

    assert report.problems == ()
    assert report.difference is not None


async def test_what_changes_while_it_learns_is_learned_too(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never half of the one and half of the other."""
    rounds: list[Compared] = []

    async def learn_and_change(folder: Path, cache: Path, before: str) -> Compared:
        rounds.append(await compare_apart(folder, cache, before))
        if len(rounds) == 1:
            edit(folder / "topic.yaml", "name: Kitchen", "name: Cooking")
        return rounds[-1]

    monkeypatch.setattr("bot.knowledge.live.compare_apart", learn_and_change)
    monkeypatch.delattr(loader, "teach")
    snapshot = await load_aside(folder, cache)

    assert snapshot.knowledge.topic.name == "Cooking"
    assert rounds == [Compared(Learning.DONE)] * 2


def test_it_starts_from_anywhere(folder: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code is found, and what the folder it starts in holds is none of it."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert asyncio.run(learn_apart(Path("kitchen"), Path("cache"))) is Learning.DONE
    assert load_passed(folder, cache) is not None


# --- comparing ---


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    """A cache folder that keeps all of the kitchen, and the kitchen."""
    place = tmp_path_factory.mktemp("learned")
    folder = write_kitchen(place / "kitchen", DANGERS)
    return place / "cache", load_snapshot(folder, cache=place / "cache")


def forget_bread(folder: Path) -> None:
    bread = (folder / "entries/bread.yaml").read_text(encoding="utf-8")
    (folder / "entries/bread.yaml").write_text(bread[: bread.index("- id: stale-bread")], encoding="utf-8")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    """A cache folder that keeps the kitchen with stale bread and without, and the kitchen with it."""
    place = tmp_path_factory.mktemp("both")
    folder = write_kitchen(place / "kitchen", DANGERS)
    before = load_snapshot(folder, cache=place / "cache")
    forget_bread(folder)
    load_snapshot(folder, cache=place / "cache")
    return place / "cache", before


@pytest.mark.usefixtures("never_here")
async def test_it_is_compared_there_as_it_would_be_here(folder: Path, learned: tuple[Path, Snapshot], monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same process that learns; to say yes to it asks no other one, and the difference is the same that both snapshots make here."""
    cache, before = learned
    live = LiveKnowledge(folder, before, cache)
    forget_bread(folder)
    with monkeypatch.context() as patch:
        patch.delattr(live_module, "compare")
        asked = await live.reload()
        patch.setattr("bot.knowledge.live.compare_apart", None)
        taken = await live.reload(agreed=asked.after)

    assert asked.waiting
    assert (taken.waiting, taken.problems) == (False, ())
    assert asked.difference == taken.difference == compare(before, live.current)
    assert asked.difference is not None
    assert {change.loss for change in asked.difference.losses} == {Loss.ANSWER}


@pytest.mark.usefixtures("never_here")
async def test_what_was_learned_before_is_compared_in_another_process(
    folder: Path, both: tuple[Path, Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as what another replica asked about."""
    cache, before = both
    forget_bread(folder)
    monkeypatch.delattr(live_module, "compare")

    assert (await LiveKnowledge(folder, before, cache).reload()).waiting


async def test_a_version_in_a_file_is_learned_and_compared_as_well(folder: Path, learned: tuple[Path, Snapshot], tmp_path: Path) -> None:
    cache, before = learned
    forget_bread(folder)
    path = Versions(tmp_path / "versions").keep(read_files(folder))
    compared = await compare_apart(path, cache, before.version)

    assert (compared.learning, compared.version) == (Learning.DONE, read_files(folder).version)
    assert compared.difference is not None
    assert compared.difference.losses
    path.write_bytes(b"damaged")
    with pytest.raises(KnowledgeError, match="damaged"):
        await compare_apart(path, cache, before.version)


def said_by_child(folder: Path, cache: Path, before: str, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    assert learning.main([str(folder), str(cache), code_version(), before]) == 0
    told: list[Any] = json.loads(capsys.readouterr().out)
    return told


def test_what_is_not_kept_cannot_be_compared(folder: Path, learned: tuple[Path, Snapshot], capsys: pytest.CaptureFixture[str]) -> None:
    cache, _ = learned

    assert said_by_child(folder, cache, "0" * 12, capsys) == [read_files(folder).version, None]


def test_who_serves_is_not_forgotten_however_many_come_after(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Few versions are kept in a cache folder, and that of who serves is compared with each."""
    cache = tmp_path / "cache"
    serves = load_snapshot(folder, cache=cache).version
    topic = (folder / "topic.yaml").read_text(encoding="utf-8")
    for number in range(6):
        for each in cache.iterdir():
            os.utime(each, ns=(0, max(0, each.stat().st_mtime_ns - 10**10)))
        (folder / "topic.yaml").write_text(f"{topic}# {number}\n", encoding="utf-8")
        assert said_by_child(folder, cache, serves, capsys)[1] is not None, number


def test_a_long_difference_is_told_in_part() -> None:
    reaction = Reaction("answered", ("a" * 48,) * 3)
    changes = tuple(Change(f"{number} {'x' * 490}", reaction, Reaction("unknown"), Loss.ANSWER) for number in range(3 * MOST_CHANGES))
    told = told_of("v", Difference(5000, changes))
    version, frozen = json.loads(told)
    difference = thaw(frozen, Difference)

    assert version == "v"
    assert (difference.changes, difference.count, difference.tried) == (changes[:MOST_CHANGES], 3 * MOST_CHANGES, 5000)
    assert len(told) < 2**20


@pytest.mark.parametrize("script", ["exit 3", "kill -9 $$", "exit 0", "echo '[1'", """echo '["v", [1]]'""", "echo '[]'"])
@pytest.mark.usefixtures("never_here")
async def test_where_another_process_cannot_compare_this_one_does(
    script: str, folder: Path, both: tuple[Path, Snapshot], instead: Callable[[str], Path]
) -> None:
    cache, before = both
    forget_bread(folder)
    instead(script)
    report = await LiveKnowledge(folder, before, cache).reload()

    assert (report.waiting, report.problems) == (True, ())


@pytest.mark.usefixtures("never_here")
async def test_what_was_compared_of_files_that_are_others_by_now_is_not_believed(
    folder: Path, both: tuple[Path, Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, before = both
    forget_bread(folder)

    async def of_another(*_: object) -> Compared:
        return Compared(Learning.DONE, "0" * 12, Difference(1, ()))

    monkeypatch.setattr("bot.knowledge.live.compare_apart", of_another)

    assert (await LiveKnowledge(folder, before, cache).reload()).waiting


@pytest.mark.usefixtures("never_here")
async def test_what_turned_bad_while_it_was_compared_is_none_of_this_reload(
    folder: Path, both: tuple[Path, Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was loaded was sound; the next reload will say what is wrong now."""
    cache, before = both
    forget_bread(folder)

    async def then_bad(source: Path, cache: Path, before: str) -> Compared:
        misspell(folder)
        return await compare_apart(source, cache, before)

    monkeypatch.setattr("bot.knowledge.live.compare_apart", then_bad)
    report = await LiveKnowledge(folder, before, cache).reload()

    assert (report.waiting, report.problems) == (True, ())
