"""Learning in another process: this one neither learns nor grows, and whatever becomes of the other, nothing is served that was not tried."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import learning
from bot.errors import KnowledgeError, Problem
from bot.knowledge import apart, loader
from bot.knowledge.apart import Learning, learn_apart
from bot.knowledge.kept import code_version
from bot.knowledge.live import LiveKnowledge, load_aside
from bot.knowledge.loader import load_passed, load_snapshot
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


async def test_what_changes_while_it_learns_is_learned_too(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never half of the one and half of the other."""
    rounds: list[Learning] = []

    async def learn_and_change(folder: Path, cache: Path) -> Learning:
        rounds.append(await learn_apart(folder, cache))
        if len(rounds) == 1:
            edit(folder / "topic.yaml", "name: Kitchen", "name: Cooking")
        return rounds[-1]

    monkeypatch.setattr("bot.knowledge.live.learn_apart", learn_and_change)
    monkeypatch.delattr(loader, "teach")
    snapshot = await load_aside(folder, cache)

    assert snapshot.knowledge.topic.name == "Cooking"
    assert rounds == [Learning.DONE] * 2


def test_it_starts_from_anywhere(folder: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code is found, and what the folder it starts in holds is none of it."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    assert asyncio.run(learn_apart(Path("kitchen"), Path("cache"))) is Learning.DONE
    assert load_passed(folder, cache) is not None
