"""A reload is a transaction: all of the new knowledge, or all of the old."""

import asyncio
import gc
import logging
import threading
import time
import weakref
from pathlib import Path

import pytest

from bot.core.snapshot import Snapshot
from bot.errors import KnowledgeError, Problem
from bot.knowledge import live as live_module
from bot.knowledge.behaviour import Difference, known_sentences
from bot.knowledge.folder import read_files
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.knowledge.loader import load_snapshot
from bot.knowledge.versions import Versions
from tests.knowledge.folders import CARE, EXAMPLES, GOOD, RELIEF, write_folder


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load_snapshot(write_folder(tmp_path_factory.mktemp("good")))


@pytest.fixture
def live(tmp_path: Path, good: Snapshot) -> LiveKnowledge:
    return LiveKnowledge(write_folder(tmp_path), good)


async def test_nothing_new_is_reported_as_nothing(live: LiveKnowledge) -> None:
    report = await live.reload()

    assert report.before == report.after == live.current.version
    assert (report.added, report.removed, report.changed, report.problems) == ((), (), (), ())


async def test_the_report_names_what_came_went_and_changed(live: LiveKnowledge, tmp_path: Path) -> None:
    before = live.current
    new = "- {id: new-one, title: N, asks: [a new question], answer: N}\n- {id: also-new, title: N, asks: [one more question], answer: N}\n"
    (tmp_path / CARE).unlink()
    write_folder(
        tmp_path,
        {
            CARE: new,
            RELIEF: GOOD[RELIEF].replace("Either can help.", "Both can help.").replace("[see-a-doctor]", "[new-one]"),
            "topic.yaml": GOOD["topic.yaml"].replace("see-a-doctor", "new-one"),
            "red_flags.yaml": GOOD["red_flags.yaml"].replace("It may be the heart.", "The heart."),
            "none.yaml": "- how do i fix a tyre\n",
        },
    )
    report = await live.reload(ask=False)

    assert report.problems == ()
    assert (report.before, report.after) == (before.version, live.current.version)
    assert report.before != report.after
    assert (report.difference, report.waiting) == (None, False)
    assert report.added == ("also-new", "new-one")
    assert report.removed == ("see-a-doctor",)
    assert report.changed == ("ice-or-heat", "none", "red_flags", "topic")
    assert set(live.current.entries_by_id) == {"also-new", "ice-or-heat", "new-one"}


async def test_a_comment_gives_a_new_version_and_no_change(live: LiveKnowledge, tmp_path: Path) -> None:
    write_folder(tmp_path, {name: content + "# a comment\n" for name, content in GOOD.items()})
    report = await live.reload()

    assert report.before != report.after
    assert (report.added, report.removed, report.changed, report.problems) == ((), (), (), ())


@pytest.mark.parametrize("file", sorted(GOOD))
async def test_the_old_knowledge_serves_on_after_a_failure(file: str, live: LiveKnowledge, tmp_path: Path) -> None:
    before = live.current
    write_folder(tmp_path, {file: "a: [\n"})
    report = await live.reload()

    assert live.current is before
    assert report.before == report.after == before.version
    assert [problem.file for problem in report.problems] == [file]


async def test_a_sentence_that_fails_refuses_the_reload(live: LiveKnowledge, tmp_path: Path) -> None:
    before = live.current
    write_folder(tmp_path, {"red_flags.yaml": GOOD["red_flags.yaml"].replace("any: [chest pain]", "any: [chest trouble]")})
    report = await live.reload()

    assert live.current is before
    assert [problem.line for problem in report.problems] == [13]


async def test_a_repaired_folder_loads_after_a_failure(live: LiveKnowledge, tmp_path: Path) -> None:
    write_folder(tmp_path, {CARE: "["})
    assert (await live.reload()).problems
    write_folder(tmp_path, {CARE: GOOD[CARE].replace("tier: gp_soon", "tier: urgent_today")})
    report = await live.reload()

    assert (report.problems, report.changed) == ((), ("see-a-doctor",))


async def test_a_fault_of_ours_keeps_the_old_and_logs_no_words(
    live: LiveKnowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = "should i " + "put ice on it"

    def fail(folder: Path, *, cache: Path | None) -> Snapshot:
        raise ZeroDivisionError(words)

    before = live.current
    monkeypatch.setattr(live_module, "load_snapshot", fail)
    write_folder(tmp_path, {RELIEF: GOOD[RELIEF].replace("Either can help.", "Both can help.")})
    with caplog.at_level(logging.ERROR):
        report = await live.reload()

    assert live.current is before
    assert report.before == report.after
    assert "ZeroDivisionError" in report.problems[0].what
    assert "ZeroDivisionError" in caplog.text
    assert "test_live.py" in caplog.text, "where it happened"
    assert words not in caplog.text + str(report)


async def test_reloads_wait_for_each_other_and_leave_the_loop_free(live: LiveKnowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_started, may_end = threading.Event(), threading.Event()
    running: list[int] = []
    most: list[int] = []

    def load(folder: Path, *, cache: Path | None) -> Snapshot:
        running.append(1)
        most.append(len(running))
        first_started.set()
        assert may_end.wait(10), "the loop was held up"
        running.pop()
        loaded = load_snapshot(folder)
        write_folder(tmp_path, {RELIEF: GOOD[RELIEF].replace("Either can help.", f"Both can help, {len(most)}.")})
        return loaded

    monkeypatch.setattr(live_module, "load_snapshot", load)
    write_folder(tmp_path, {RELIEF: GOOD[RELIEF].replace("Either can help.", "Both can help.")})
    reloads = [asyncio.create_task(live.reload()) for _ in range(4)]
    await asyncio.to_thread(first_started.wait, 10)
    assert live.current.version, "it answers while it loads"
    may_end.set()
    reports = await asyncio.wait_for(asyncio.gather(*reloads), 30)

    assert most == [1, 1, 1, 1]
    assert all(report.problems == () for report in reports)


async def test_whoever_holds_a_snapshot_keeps_it_whole(live: LiveKnowledge, tmp_path: Path) -> None:
    held = live.current
    write_folder(tmp_path, {RELIEF: GOOD[RELIEF].replace("Either can help.", "Both can help.")})
    await live.reload()

    assert held.entries_by_id["ice-or-heat"].answer == "Either can help."
    assert live.current.entries_by_id["ice-or-heat"].answer == "Both can help."


def test_a_snapshot_nobody_holds_goes_at_once(tmp_path: Path) -> None:
    """Without being looked for as garbage: after a reload nobody looks for it."""
    gc.disable()
    try:
        snapshot = load_snapshot(write_folder(tmp_path, EXAMPLES))
        matcher, triage = weakref.ref(snapshot.matcher), weakref.ref(snapshot.triage)
        del snapshot
        assert matcher() is None
        assert triage() is None
    finally:
        gc.enable()


# --- asking first ---------------------------------------------------------------------------------------------------


def take_out(folder: Path) -> None:
    """Let the folder say nothing of doctors any more."""
    write_folder(
        folder,
        {
            CARE: "- {id: new-one, title: Something new, asks: [a new question], answer: N}\n",
            RELIEF: GOOD[RELIEF].replace("[see-a-doctor]", "[new-one]"),
            "topic.yaml": GOOD["topic.yaml"].replace("see-a-doctor", "new-one"),
        },
    )


async def test_where_an_answer_would_be_lost_it_waits(live: LiveKnowledge, tmp_path: Path) -> None:
    before = live.current
    take_out(tmp_path)
    report = await live.reload()

    assert live.current is before
    assert report.waiting
    assert (report.before, report.problems) == (before.version, ())
    assert report.after == read_files(tmp_path).version != before.version
    assert (report.added, report.removed) == (("new-one",), ("see-a-doctor",))
    assert report.difference is not None
    assert {change.sentence for change in report.difference.losses} >= {"when do i see a doctor about my neck"}


async def test_it_asks_again_until_somebody_says_yes(live: LiveKnowledge, tmp_path: Path) -> None:
    take_out(tmp_path)
    asked = await live.reload()

    assert await live.reload() == asked
    assert await live.reload(agreed="0" * 12) == asked, "to something else"
    report = await live.reload(agreed=asked.after)
    assert (report.waiting, report.before, report.after) == (False, asked.before, asked.after)
    assert report.difference == asked.difference
    assert live.current.version == asked.after


async def test_a_yes_to_what_is_no_longer_there_asks_again(live: LiveKnowledge, tmp_path: Path) -> None:
    before = live.current
    take_out(tmp_path)
    asked = await live.reload()
    with (tmp_path / "topic.yaml").open("a", encoding="utf-8") as topic:
        topic.write("# edited meanwhile\n")
    report = await live.reload(agreed=asked.after)

    assert live.current is before
    assert report.waiting
    assert report.after not in (asked.before, asked.after)


async def test_what_loses_nothing_is_compared_and_taken(live: LiveKnowledge, tmp_path: Path) -> None:
    write_folder(tmp_path, {RELIEF: GOOD[RELIEF].replace("Either can help.", "Both can help.")})
    report = await live.reload()

    assert (report.problems, report.waiting) == ((), False)
    assert report.difference == Difference(len(known_sentences(live.current.knowledge)), ())
    assert live.current.version == report.after


async def test_who_does_not_ask_compares_nothing(live: LiveKnowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(live_module, "compare")
    take_out(tmp_path)
    report = await live.reload(ask=False)

    assert (report.problems, report.waiting, report.difference) == ((), False, None)
    assert live.current.version == report.after


async def test_nothing_new_is_told_at_once(live: LiveKnowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither loaded nor compared."""
    for name in ("load_snapshot", "load_passed", "compare_apart", "compare"):
        monkeypatch.delattr(live_module, name)
    before = live.current

    assert await live.reload() == ReloadReport(before.version, before.version)
    assert live.current is before


async def test_a_look_replaces_nothing(live: LiveKnowledge, tmp_path: Path) -> None:
    before, other = live.current, tmp_path / "other"
    write_folder(other)
    assert await live.look(other) == ReloadReport(before.version, before.version)
    take_out(other)
    version, report = read_files(other).version, await live.look(other)
    write_folder(other, {CARE: "["})
    refused = await live.look(other)

    assert live.current is before
    assert (report.waiting, report.after, report.removed) == (True, version, ("see-a-doctor",))
    assert [problem.file for problem in refused.problems] == [CARE]


async def test_a_fault_while_comparing_replaces_nothing(live: LiveKnowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be tried is nothing to put live."""

    def fail(*_: object) -> Difference:
        raise ZeroDivisionError

    before = live.current
    take_out(tmp_path)
    monkeypatch.setattr(live_module, "compare", fail)
    report = await live.reload()

    assert live.current is before
    assert "ZeroDivisionError" in report.problems[0].what


async def test_the_loop_has_its_turn_between_two_sentences(live: LiveKnowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    take_out(tmp_path)
    report = await live.reload()

    assert report.difference is not None
    assert len(pauses) == 2 * report.difference.tried
    assert min(pauses) > 0


async def test_a_long_difference_is_cut(live: LiveKnowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "MOST_CHANGES", 1)
    take_out(tmp_path)
    report = await live.reload()

    assert report.waiting
    assert report.difference is not None
    assert len(report.difference.changes) == 1
    assert report.difference.cut > 0


async def test_only_the_last_few_differences_are_remembered(live: LiveKnowledge, tmp_path: Path) -> None:
    take_out(tmp_path)
    topic = (tmp_path / "topic.yaml").read_text(encoding="utf-8")
    for number in range(5):
        (tmp_path / "topic.yaml").write_text(f"{topic}# {number}\n", encoding="utf-8")
        assert (await live.reload()).waiting

    assert len(live._known) == 4


# --- keeping what serves --------------------------------------------------------------------------------------------


@pytest.fixture
def keeping(tmp_path: Path, good: Snapshot) -> tuple[Path, Versions, LiveKnowledge]:
    folder, versions = tmp_path / "knowledge", Versions(tmp_path / "data")
    return folder, versions, LiveKnowledge(write_folder(folder), good, versions=versions)


def kept(versions: Versions) -> list[str]:
    return [each.version for each in versions.list()]


async def test_what_serves_is_kept(keeping: tuple[Path, Versions, LiveKnowledge]) -> None:
    """From the start, and whatever is taken; not what is refused, nor what waits."""
    folder, versions, live = keeping
    first = live.current.version
    assert await live.keep()
    write_folder(folder, {CARE: "["})
    await live.reload()
    take_out(folder)
    waiting = await live.reload()
    assert kept(versions) == [first]
    taken = await live.reload(agreed=waiting.after)

    assert taken.kept
    assert kept(versions) == [waiting.after, first]
    assert versions.read(first) == {name: content.encode() for name, content in sorted(GOOD.items())}


async def test_a_reload_of_nothing_new_keeps_what_was_not_kept_before(keeping: tuple[Path, Versions, LiveKnowledge]) -> None:
    _, versions, live = keeping

    assert (await live.reload()).kept
    assert kept(versions) == [live.current.version]


async def test_where_nothing_can_be_kept_it_serves_on_and_says_so(
    keeping: tuple[Path, Versions, LiveKnowledge], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, _, live = keeping
    (tmp_path / "data").write_text("a file in the way", encoding="utf-8")
    assert not await live.keep()
    write_folder(folder, {RELIEF: GOOD[RELIEF].replace("Either can help.", "Both can help.")})
    report = await live.reload()

    assert (report.kept, report.problems) == (False, ())
    assert live.current.version == report.after != report.before
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2
    assert "cannot be kept" in caplog.text


async def test_files_that_are_others_by_now_are_not_kept_for_what_serves(
    keeping: tuple[Path, Versions, LiveKnowledge], caplog: pytest.LogCaptureFixture
) -> None:
    folder, versions, live = keeping
    take_out(folder)
    assert not await live.keep()
    assert "has changed since" in caplog.text
    write_folder(folder)
    assert await live.keep()
    (folder / "topic.yaml").write_text("[", encoding="utf-8")

    assert await live.keep(), "it was, before"
    assert kept(versions) == [live.current.version]


# --- writing the folder ---------------------------------------------------------------------------------------------


async def test_nothing_is_reloaded_while_the_folder_is_written(live: LiveKnowledge, tmp_path: Path) -> None:
    writing, may_end = threading.Event(), threading.Event()

    def change() -> None:
        writing.set()
        assert may_end.wait(10)
        write_folder(tmp_path, {RELIEF: GOOD[RELIEF].replace("Either can help.", "Both can help.")})

    written = asyncio.create_task(live.write(change))
    await asyncio.to_thread(writing.wait, 10)
    reload = asyncio.create_task(live.reload())
    await asyncio.sleep(0)
    assert not reload.done()
    may_end.set()

    assert await written == ()
    assert (await reload).changed == ("ice-or-heat",)


async def test_what_keeps_the_folder_from_being_written_is_told(live: LiveKnowledge) -> None:
    problem = Problem("topic.yaml", 1, 1, "no")

    def change() -> None:
        raise KnowledgeError([problem])

    assert await live.write(change) == (problem,)
