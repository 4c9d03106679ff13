"""What an operator does to the knowledge that serves: nothing is lost unasked, nothing is half done, and all of it can be taken back."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.snapshot import Snapshot
from bot.errors import Problem
from bot.knowledge import live as live_module
from bot.knowledge.folder import read_files
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.knowledge.loader import load_snapshot
from bot.knowledge.versions import Versions, files_of
from bot.publishing import STAGED_LIFE, Publishing
from bot.replicas import Pace, Replicas, ReplicatedReload
from bot.store.memory import MemoryStore
from tests.kitchen import DANGERS, ENTRIES, write_kitchen

EGGS, BREAD = "entries/eggs.yaml", "entries/bread.yaml"
SHORTER = ENTRIES[BREAD][: ENTRIES[BREAD].index("- id: stale-bread")]
"""Without an answer."""
REWORDED = ENTRIES[EGGS].replace("Six minutes", "Five minutes")
SILENT = DANGERS["red_flags.yaml"].replace("any: [smell of gas, smell gas]", "any: [hiss of gas]").replace("[i smell gas]", "[a hiss of gas]")
"""Without a red flag."""


@dataclass
class Bench:
    """A kitchen that serves, alone, with versions kept."""

    folder: Path
    data: Path
    live: LiveKnowledge
    publishing: Publishing
    now: datetime

    @property
    def held(self) -> str:
        return read_files(self.folder).version

    @property
    def serves(self) -> str:
        return self.live.current.version

    def write(self, name: str, text: str) -> str:
        """Write a file as an editor would, and return the version that the folder holds then."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.held

    def files(self) -> dict[str, bytes]:
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}

    def kept(self) -> list[str]:
        return [each.version for each in self.publishing.versions()]


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load_snapshot(write_kitchen(tmp_path_factory.mktemp("kitchen"), DANGERS))


@pytest.fixture(autouse=True)
def _learned_once(kitchen: Snapshot, learned: dict[str, Snapshot], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each version is learned once for all tests, and nobody is served who would need the pauses."""

    def load(source: Path, *, cache: Path | None) -> Snapshot:
        version = files_of(source).version
        if version not in learned:
            learned[version] = load_snapshot(source, cache=cache)
        return learned[version]

    monkeypatch.setattr(live_module, "load_snapshot", load)
    monkeypatch.setattr(live_module, "_PAUSE_S", 0)


@pytest.fixture(scope="module")
def learned(kitchen: Snapshot) -> dict[str, Snapshot]:
    return {kitchen.version: kitchen}


def bench_in(place: Path, kitchen: Snapshot, *, may_write: bool = True, store: MemoryStore | None = None) -> Bench:
    folder, data = write_kitchen(place / "kitchen", DANGERS), place / "data"
    versions = Versions(data / "versions")
    live = LiveKnowledge(folder, kitchen, versions=versions)
    replicas = Replicas(store or MemoryStore(), live, place.name, Pace(look_s=0.05, report_s=0.02, wait_s=5, ask_s=0.005), alone=store is None)
    made = Bench(folder, data, live, Publishing(live, replicas, versions, may_write=may_write, clock=lambda: made.now), datetime.now(UTC))
    return made


@pytest.fixture
async def bench(tmp_path: Path, kitchen: Snapshot) -> Bench:
    made = bench_in(tmp_path, kitchen)
    await made.publishing.begin()
    return made


def said(report: ReloadReport) -> str:
    """Return its only problem."""
    (problem,) = report.problems
    return problem.what


def read_only(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """Let nothing new come into *place*, as in a folder that is mounted read-only; a test may run as root, whom no rights stop."""
    make = tempfile.mkstemp

    def refused(**options: object) -> tuple[int, str]:
        if Path(str(options["dir"])).is_relative_to(place):
            raise OSError(30, "Read-only file system")
        return make(**options)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(tempfile, "mkstemp", refused)


# --- reload ---------------------------------------------------------------------------------------------------------


async def test_what_serves_from_the_start_can_be_brought_back(bench: Bench) -> None:
    assert bench.kept() == [bench.serves]


@pytest.mark.parametrize(("name", "text", "lost"), [(BREAD, SHORTER, "stale-bread"), ("red_flags.yaml", SILENT, "gas")])
async def test_a_reload_asks_before_anything_is_lost(name: str, text: str, lost: str, bench: Bench) -> None:
    first, second = bench.serves, bench.write(name, text)
    asked = await bench.publishing.reload()
    assert (asked.here.waiting, asked.here.before, asked.here.after, asked.took) == (True, first, second, ())
    assert bench.serves == first
    assert asked.here.difference is not None
    assert lost in {each for change in asked.here.difference.losses for each in (*change.before.about, *change.before.flags)}
    done = await bench.publishing.reload(second)

    assert (done.here.waiting, done.count) == (False, 1)
    assert bench.serves == second
    assert bench.kept() == [second, first]


async def test_what_loses_nothing_is_taken_at_once(bench: Bench) -> None:
    second = bench.write(EGGS, REWORDED)

    assert not (await bench.publishing.reload()).here.waiting
    assert bench.serves == second


# --- undo -----------------------------------------------------------------------------------------------------------


async def test_an_undo_brings_files_and_answers_back_and_an_undo_of_it_as_well(bench: Bench) -> None:
    first, before = bench.serves, bench.files()
    second = bench.write(EGGS, REWORDED)
    after = bench.files()
    await bench.publishing.reload()
    done = await bench.publishing.undo(first)

    assert (done.here.before, done.here.after, done.here.waiting, done.count) == (second, first, False, 1)
    assert done.here.changed == ("boiled-eggs",)
    assert bench.files() == before
    assert bench.serves == bench.held == first
    assert bench.kept() == [first, second]
    await bench.publishing.undo(second)
    assert bench.files() == after
    assert bench.serves == second


async def test_an_undo_asks_before_anything_is_lost_and_writes_nothing_meanwhile(bench: Bench) -> None:
    first = bench.write(BREAD, SHORTER)
    await bench.publishing.reload(first)
    second = bench.write(BREAD, ENTRIES[BREAD])
    await bench.publishing.reload()
    before = bench.files()
    asked = await bench.publishing.undo(first)
    assert (asked.here.waiting, asked.here.before, asked.here.after, asked.count) == (True, second, first, 0)
    assert (bench.files(), bench.serves) == (before, second)
    done = await bench.publishing.undo(first, agreed=True)

    assert not done.here.waiting
    assert done.here.removed == ("stale-bread",)
    assert bench.serves == bench.held == first


async def test_a_yes_to_a_folder_that_has_changed_since_asks_again(bench: Bench) -> None:
    first = bench.write(BREAD, SHORTER)
    await bench.publishing.reload(first)
    bench.write(BREAD, ENTRIES[BREAD])
    await bench.publishing.reload()
    assert (await bench.publishing.undo(first)).here.waiting
    edited = bench.write(EGGS, REWORDED)

    assert (await bench.publishing.undo(first, agreed=True)).here.waiting
    assert bench.held == edited
    assert not (await bench.publishing.undo(first, agreed=True)).here.waiting
    assert edited in bench.kept(), "what an editor had written can be had again"


async def test_a_yes_that_reaches_another_process_is_one(bench: Bench, kitchen: Snapshot) -> None:
    """Than the one that asked, which may have ended since."""
    first = bench.write(BREAD, SHORTER)
    await bench.publishing.reload(first)
    bench.write(BREAD, ENTRIES[BREAD])
    await bench.publishing.reload()

    assert not (await bench.publishing.undo(first, agreed=True)).here.waiting
    assert bench.serves == first


async def test_an_undo_of_a_folder_that_waits_puts_the_files_back(bench: Bench) -> None:
    """To what serves all the while."""
    first, before = bench.serves, bench.files()
    second = bench.write(BREAD, SHORTER)
    assert (await bench.publishing.reload()).here.waiting
    done = await bench.publishing.undo(first)

    assert (done.here.before, done.here.after, done.here.problems) == (first, first, ())
    assert bench.files() == before
    assert second in bench.kept()


async def test_an_undo_of_a_broken_folder_keeps_what_was_there(bench: Bench) -> None:
    first, before = bench.serves, bench.files()
    broken = bench.write(BREAD, "- [\n")
    assert (await bench.publishing.reload()).here.problems
    done = await bench.publishing.undo(first)

    assert not done.here.problems
    assert bench.files() == before
    assert broken in bench.kept()
    assert (await bench.publishing.undo(broken)).here.problems, "it is no better than it was"
    assert bench.files() == before


async def test_an_undo_to_what_is_there_changes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where nothing could be written."""
    read_only(monkeypatch, bench.folder)
    first = bench.serves

    assert (await bench.publishing.undo(first)).here == ReloadReport(first, first)


async def test_where_the_folder_cannot_be_written_an_undo_says_so_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An undo that a restart forgets would be worse than none; nor is anybody asked for nothing."""
    first = bench.write(BREAD, SHORTER)
    await bench.publishing.reload(first)
    second = bench.write(BREAD, ENTRIES[BREAD])
    await bench.publishing.reload()
    read_only(monkeypatch, bench.folder)
    refused = await bench.publishing.undo(first)

    assert "cannot write into the knowledge folder (read-only file system)" in said(refused.here)
    assert (refused.here.before, refused.here.after, refused.count) == (second, second, 0)
    assert bench.serves == bench.held == second


async def test_what_could_not_be_kept_is_not_written_over(bench: Bench) -> None:
    first = bench.serves
    (bench.folder / "entries/odd.yaml").symlink_to("/etc/hostname")

    assert "symbolic link" in said((await bench.publishing.undo(first)).here)


@pytest.mark.parametrize("version", ["0" * 12, "", "../../etc", "x"])
async def test_a_version_that_is_not_kept_is_not_brought_back(version: str, bench: Bench) -> None:
    assert "is not kept" in said((await bench.publishing.undo(version)).here)


async def test_a_version_that_is_damaged_is_not_brought_back(bench: Bench) -> None:
    first = bench.serves
    second = bench.write(EGGS, REWORDED)
    await bench.publishing.reload()
    (path,) = (bench.data / "versions").glob(f"*{first}*")
    path.write_bytes(path.read_bytes()[:-9])

    assert "damaged" in said((await bench.publishing.undo(first)).here)
    assert bench.held == bench.serves == second


async def test_without_a_data_folder_it_reloads_and_undoes_nothing(tmp_path: Path, kitchen: Snapshot) -> None:
    folder = write_kitchen(tmp_path / "kitchen", DANGERS)
    live = LiveKnowledge(folder, kitchen)
    publishing = Publishing(live, Replicas(MemoryStore(), live, "only", alone=True), None, may_write=True)
    await publishing.begin()
    (folder / EGGS).write_text(REWORDED, encoding="utf-8")

    assert (await publishing.reload()).here.changed == ("boiled-eggs",)
    assert publishing.versions() == ()
    assert "DATA_DIR" in said((await publishing.undo("0" * 12)).here)
    assert not publishing.may_write
    assert "KNOWLEDGE_BY_CHAT" in said((await publishing.stage("eggs.yaml", b"")).report)


async def test_what_turns_out_to_have_no_room_is_withdrawn(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restart shall not bring what the report says was refused."""
    first = bench.serves
    second = bench.write(EGGS, REWORDED)
    await bench.publishing.reload()
    problem = Problem(".", 1, 1, "no room")

    async def refused(**_: object) -> ReloadReport:
        assert bench.held == first
        return ReloadReport(second, second, problems=(problem,))

    monkeypatch.setattr(bench.live, "reload", refused)

    assert (await bench.publishing.undo(first)).here.problems == (problem,)
    assert bench.held == bench.serves == second


async def test_a_file_that_turns_out_to_have_no_room_may_be_put_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    staged, before = await bench.publishing.stage("eggs.yaml", REWORDED.encode()), bench.files()
    problem = Problem(".", 1, 1, "no room")

    async def refused(**_: object) -> ReloadReport:
        return ReloadReport(bench.serves, bench.serves, problems=(problem,))

    with monkeypatch.context() as patch:
        patch.setattr(bench.live, "reload", refused)
        assert (await bench.publishing.put(staged.version)).here.problems == (problem,)
    assert bench.files() == before
    await bench.publishing.put(staged.version)

    assert bench.serves == bench.held == staged.version


async def test_what_is_written_while_it_is_looked_at_stays(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first, look = bench.serves, bench.live.look
    bench.write(EGGS, REWORDED)
    await bench.publishing.reload()

    async def meanwhile(source: Path) -> ReloadReport:
        report = await look(source)
        bench.write(BREAD, SHORTER)
        return report

    monkeypatch.setattr(bench.live, "look", meanwhile)

    assert "changed meanwhile" in said((await bench.publishing.undo(first)).here)
    assert (bench.folder / BREAD).read_text(encoding="utf-8") == SHORTER


async def test_what_an_announcement_had_loaded_first_is_told_as_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first = bench.serves
    second = bench.write(EGGS, REWORDED)
    await bench.publishing.reload()
    write = bench.live.write

    async def then_followed(change: Callable[[], None]) -> tuple[Problem, ...]:
        problems = await write(change)
        await bench.live.reload(ask=False)
        return problems

    monkeypatch.setattr(bench.live, "write", then_followed)
    done = await bench.publishing.undo(first)

    assert (done.here.before, done.here.after, done.here.changed) == (second, first, ("boiled-eggs",))
    assert done.count == 1


async def test_an_undo_reaches_replicas_that_read_the_same_files(tmp_path: Path, kitchen: Snapshot) -> None:
    store = MemoryStore()
    bench = bench_in(tmp_path, kitchen, may_write=False, store=store)
    await bench.publishing.begin()
    other = LiveKnowledge(bench.folder, kitchen)
    following, stop = Replicas(store, other, "other", Pace(look_s=0.05, report_s=0.02, ask_s=0.005)), asyncio.Event()
    task = asyncio.create_task(following.follow(stop))
    try:
        async with asyncio.timeout(10):
            while not await store.replicas():  # noqa: ASYNC110  (the store tells nobody who comes)
                await asyncio.sleep(0.002)
        first, second = bench.serves, bench.write(BREAD, SHORTER)
        assert (await bench.publishing.reload(second)).count == 2
        assert other.current.version == second
        done = await bench.publishing.undo(first)
    finally:
        stop.set()
        await task

    assert set(done.took) == {"other", tmp_path.name}
    assert other.current.version == first


# --- files sent by chat ---------------------------------------------------------------------------------------------


async def test_the_files_of_entries_are_exported(bench: Bench) -> None:
    (bench.folder / "entries/.hidden.yaml").write_text("", encoding="utf-8")
    (bench.folder / "entries/notes.md").write_text("", encoding="utf-8")

    assert bench.publishing.export() == (("bread.yaml", ENTRIES[BREAD].encode()), ("eggs.yaml", ENTRIES[EGGS].encode()))


async def test_a_file_is_looked_at_and_put_live_by_a_yes(bench: Bench) -> None:
    first, before = bench.serves, bench.files()
    staged = await bench.publishing.stage("bread.yaml", SHORTER.encode())
    assert (staged.report.waiting, staged.report.before, staged.report.after) == (True, first, staged.version)
    assert staged.report.removed == ("stale-bread",)
    assert (bench.files(), bench.serves) == (before, first), "nothing is written meanwhile"
    assert staged.version not in bench.kept()
    done = await bench.publishing.put(staged.version)

    assert (done.here.before, done.here.after, done.here.waiting, done.count) == (first, staged.version, False, 1)
    assert done.here.difference == staged.report.difference
    assert bench.files() == {**before, BREAD: SHORTER.encode()}
    assert bench.serves == staged.version
    assert bench.kept() == [staged.version, first]
    assert "send it again" in said((await bench.publishing.put(staged.version)).here), "once"
    await bench.publishing.undo(first)
    assert bench.files() == before


async def test_a_new_theme_is_a_new_file(bench: Bench) -> None:
    text = b"- {id: boil-rice, title: How long to boil rice, asks: [how long do i boil rice], answer: Twelve minutes.}\n"
    staged = await bench.publishing.stage("rice.yaml", text)
    assert staged.report.added == ("boil-rice",)
    await bench.publishing.put(staged.version)

    assert (bench.folder / "entries/rice.yaml").read_bytes() == text


async def test_a_file_that_is_there_already_says_so(bench: Bench) -> None:
    staged = await bench.publishing.stage("eggs.yaml", ENTRIES[EGGS].encode())

    assert staged.report == ReloadReport(bench.serves, bench.serves)
    assert staged.version == ""


async def test_a_file_with_problems_is_refused_with_their_places(bench: Bench) -> None:
    text = ENTRIES[EGGS].replace("title: How long to boil an egg", "titel: How long to boil an egg")
    staged = await bench.publishing.stage("eggs.yaml", text.encode())

    assert staged.version == ""
    assert (EGGS, 2) in {(problem.file, problem.line) for problem in staged.report.problems}
    assert not list((bench.data / "staged").glob("*.zip"))


async def test_a_file_joins_what_waits_in_the_folder(bench: Bench) -> None:
    """It says so: all that would come with it is compared with what serves."""
    bench.write(BREAD, SHORTER)
    staged = await bench.publishing.stage("eggs.yaml", REWORDED.encode())

    assert staged.report.waiting
    assert (staged.report.removed, staged.report.changed) == (("stale-bread",), ("boiled-eggs",))


@pytest.mark.parametrize(
    "name",
    [
        "../topic.yaml", "entries/eggs.yaml", "a/b.yaml", "a\\b.yaml", "/etc/passwd.yaml", ".hidden.yaml", "..yaml", ".yaml", "eggs.yml", "eggs.txt",
        "eggs.yaml.exe", "eggs", "", "eggs.yaml\n", "e ggs.yaml", "x" * 80 + ".yaml", "a\x00b.yaml", "a.b.yaml", "\udcff.yaml", "Eggs.yaml",
    ],
)  # fmt: skip
async def test_only_files_of_entries_come_this_way(name: str, bench: Bench) -> None:
    before = bench.files()
    staged = await bench.publishing.stage(name, ENTRIES[EGGS].encode())

    assert staged.version == ""
    assert "is no name for a file of entries" in said(staged.report)
    str(staged.report.problems[0]).encode()
    assert bench.files() == before


async def test_a_file_of_red_flags_is_none_of_entries(bench: Bench) -> None:
    """Whatever it is called."""
    before = bench.files()
    for name in ("red_flags.yaml", "topic.yaml", "flags.yaml"):
        staged = await bench.publishing.stage(name, SILENT.encode())
        assert staged.report.problems, name
        assert bench.files() == before


async def test_a_file_that_is_too_large_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    large = b"#" * (1024 * 1024 + 1)
    assert "larger than 1024 KiB" in said((await bench.publishing.stage("eggs.yaml", large)).report)
    monkeypatch.setattr("bot.publishing.FOLDER_LIMIT_FILES", 5)
    assert "at most 5 files" in said((await bench.publishing.stage("rice.yaml", b"[]")).report)
    assert not (await bench.publishing.stage("eggs.yaml", REWORDED.encode())).report.problems
    monkeypatch.setattr("bot.publishing.FOLDER_LIMIT_BYTES", 1024)
    assert "make it less" in said((await bench.publishing.stage("eggs.yaml", REWORDED.encode())).report)


async def test_a_folder_that_cannot_be_read_takes_none(bench: Bench) -> None:
    (bench.folder / "entries/odd.yaml").symlink_to("/etc/hostname")

    assert "symbolic link" in said((await bench.publishing.stage("eggs.yaml", REWORDED.encode())).report)


async def test_a_file_is_not_put_over_what_was_written_since(bench: Bench) -> None:
    staged = await bench.publishing.stage("eggs.yaml", REWORDED.encode())
    edited = bench.write(BREAD, SHORTER)
    refused = await bench.publishing.put(staged.version)

    assert "changed since the file was sent" in said(refused.here)
    assert bench.held == edited


async def test_a_file_waits_for_a_day(bench: Bench) -> None:
    staged = await bench.publishing.stage("eggs.yaml", REWORDED.encode())
    bench.now += STAGED_LIFE + timedelta(minutes=1)
    assert "send it again" in said((await bench.publishing.put(staged.version)).here)
    assert not list((bench.data / "staged").glob("*.zip"))
    bench.now = datetime.now(UTC)
    staged = await bench.publishing.stage("eggs.yaml", REWORDED.encode())
    bench.now += STAGED_LIFE + timedelta(minutes=1)
    await bench.publishing.begin()
    assert not list((bench.data / "staged").glob("*.zip")), "nor longer than to the next start"


async def test_what_is_stale_and_cannot_be_deleted_is_not_put_either(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = await bench.publishing.stage("eggs.yaml", REWORDED.encode())
    bench.now += STAGED_LIFE + timedelta(minutes=1)

    def fail(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "unlink", fail)

    assert "send it again" in said((await bench.publishing.put(staged.version)).here)


async def test_what_is_staged_and_damaged_is_not_put(bench: Bench) -> None:
    staged = await bench.publishing.stage("eggs.yaml", REWORDED.encode())
    (path,) = (bench.data / "staged").glob("*.zip")
    path.write_bytes(b"damaged")

    assert "send it again" in said((await bench.publishing.put(staged.version)).here)


async def test_what_no_longer_loads_is_not_put(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = await bench.publishing.stage("eggs.yaml", REWORDED.encode())
    before = bench.files()

    def fail(*_: object, **__: object) -> Snapshot:
        raise ZeroDivisionError

    monkeypatch.setattr(live_module, "load_snapshot", fail)

    assert "ZeroDivisionError" in said((await bench.publishing.put(staged.version)).here)
    assert bench.files() == before


async def test_where_nothing_can_be_written_no_file_is_taken(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        read_only(patch, bench.folder)
        assert "read-only file system" in said((await bench.publishing.stage("eggs.yaml", REWORDED.encode())).report)
    with monkeypatch.context() as patch:
        read_only(patch, bench.data)
        assert "read-only file system" in said((await bench.publishing.stage("eggs.yaml", REWORDED.encode())).report)
    staged = await bench.publishing.stage("eggs.yaml", REWORDED.encode())
    before = bench.files()
    for place in (bench.folder, bench.data):
        with monkeypatch.context() as patch:
            read_only(patch, place)
            assert "read-only file system" in said((await bench.publishing.put(staged.version)).here)
        assert bench.files() == before
    assert not (await bench.publishing.put(staged.version)).here.problems


async def test_by_default_nothing_comes_by_chat(tmp_path: Path, kitchen: Snapshot) -> None:
    bench = bench_in(tmp_path, kitchen, may_write=False)
    before = bench.files()

    assert not bench.publishing.may_write
    assert bench.publishing.export() == ()
    assert "KNOWLEDGE_BY_CHAT" in said((await bench.publishing.stage("eggs.yaml", REWORDED.encode())).report)
    assert "KNOWLEDGE_BY_CHAT" in said((await bench.publishing.put("0" * 12)).here)
    assert bench.files() == before


# --- two at once ----------------------------------------------------------------------------------------------------


async def test_two_admins_at_once_come_one_after_the_other(bench: Bench) -> None:
    """Whatever each asks for, the folder holds at the end what serves, and each was told of a whole step."""
    first = bench.serves
    second = bench.write(EGGS, REWORDED)
    await bench.publishing.reload()
    staged = await bench.publishing.stage("bread.yaml", SHORTER.encode())
    done: tuple[ReplicatedReload, ...] = await asyncio.gather(
        bench.publishing.put(staged.version), bench.publishing.undo(first, agreed=True), bench.publishing.reload(), bench.publishing.undo(second)
    )

    steps = [(each.here.before, each.here.after) for each in done if not each.here.problems]
    assert steps == [(second, staged.version), (staged.version, first), (first, first), (first, second)]
    assert bench.serves == bench.held == second


async def test_a_full_disk_is_no_crash(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    second = bench.write(EGGS, REWORDED)
    done = await bench.publishing.reload()

    assert (done.here.problems, done.here.kept) == ((), False)
    assert bench.serves == second
    assert second not in bench.kept()
