"""A reload is a transaction: all of the new knowledge, or all of the old."""

import asyncio
import gc
import logging
import threading
import weakref
from pathlib import Path

import pytest

from bot.core.snapshot import Snapshot
from bot.knowledge import live as live_module
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from tests.knowledge.folders import CARE, EXAMPLES, GOOD, RELIEF, write_folder


@pytest.fixture
def live(tmp_path: Path) -> LiveKnowledge:
    write_folder(tmp_path)
    return LiveKnowledge(tmp_path, load_snapshot(tmp_path))


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
    report = await live.reload()

    assert report.problems == ()
    assert (report.before, report.after) == (before.version, live.current.version)
    assert report.before != report.after
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
    live: LiveKnowledge, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = "should i " + "put ice on it"

    def fail(folder: Path, *, cache: Path | None) -> Snapshot:
        raise ZeroDivisionError(words)

    before = live.current
    monkeypatch.setattr(live_module, "load_snapshot", fail)
    with caplog.at_level(logging.ERROR):
        report = await live.reload()

    assert live.current is before
    assert report.before == report.after
    assert "ZeroDivisionError" in report.problems[0].what
    assert "ZeroDivisionError" in caplog.text
    assert "test_live.py" in caplog.text, "where it happened"
    assert words not in caplog.text + str(report)


async def test_reloads_wait_for_each_other_and_leave_the_loop_free(live: LiveKnowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    first_started, may_end = threading.Event(), threading.Event()
    running: list[int] = []
    most: list[int] = []

    def load(folder: Path, *, cache: Path | None) -> Snapshot:
        running.append(1)
        most.append(len(running))
        first_started.set()
        assert may_end.wait(10), "the loop was held up"
        running.pop()
        return load_snapshot(folder)

    monkeypatch.setattr(live_module, "load_snapshot", load)
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
