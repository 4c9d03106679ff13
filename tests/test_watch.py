"""`napebot chat --watch`: what is saved is taken in while somebody talks, and shown; what is wrong is told, and the old answers stay."""

import asyncio
import contextlib
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.adapters.console import plain
from bot.adapters.prompt import Prompt
from bot.authoring import watching
from bot.authoring.telling import line_of, titles_of
from bot.authoring.watching import Watcher, look, watched
from bot.core.content import Tier
from bot.core.snapshot import Snapshot
from bot.errors import KnowledgeError, Problem
from bot.knowledge.behaviour import Change, Reaction
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.knowledge.loader import load_snapshot
from tests.conftest import ROOT
from tests.kitchen import DANGERS, ENTRIES, write_kitchen

LONG_S = 120
BREAD, EGGS = "entries/bread.yaml", "entries/eggs.yaml"
BOIL = "how long do i boil an egg"
SEVEN = ENTRIES[EGGS].replace("Six minutes", "Seven minutes")
LONELY_BREAD = ENTRIES[BREAD].replace("- my loaf has gone hard", "- my crust has gone hard")

pytestmark = pytest.mark.usefixtures("nowhere")


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load_snapshot(write_kitchen(tmp_path_factory.mktemp("kitchen"), DANGERS))


class Bench:
    """A kitchen that somebody edits, and a watcher that looks when it is told to."""

    def __init__(self, folder: Path, snapshot: Snapshot) -> None:
        self.folder = write_kitchen(folder, DANGERS)
        self.live = LiveKnowledge(self.folder, snapshot)
        self.told: list[str] = []
        self.watcher = Watcher(self.live, self.told.append, plain)
        self._saves = 0

    def save(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        self._saves += 1
        os.utime(path, ns=(self._saves, self._saves))  # Clocks of file systems are coarse: each save shall have a time of its own.

    async def look(self, times: int = 1) -> list[str]:
        """Return what is told by so many looks."""
        before = len(self.told)
        for _ in range(times):
            await self.watcher.look_on()
        return self.told[before:]

    def ask(self, *questions: str) -> None:
        assert list(self.watcher.noting(questions)) == list(questions)


@pytest.fixture
def bench(tmp_path: Path, learned: Snapshot, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(watching, "_LONG_S", 3600.0)  # On a slow machine nobody shall be told to wait.
    return Bench(tmp_path / "kitchen", learned)


# --- when it looks --------------------------------------------------------------------------------------------------


async def test_nothing_is_told_while_nothing_is_saved(bench: Bench) -> None:
    assert await bench.look(6) == []


async def test_what_was_saved_is_taken_in_once_it_lies_still(bench: Bench) -> None:
    before = bench.live.current.version
    bench.save(EGGS, SEVEN)

    assert await bench.look() == [], "it may still be being written"
    (told,) = await bench.look()
    assert bench.live.current.version != before
    assert told.split("\n") == [
        f"Taken in: this is version {bench.live.current.version} now.",
        "Changed (1): boiled-eggs",
        "Each of 52 known sentences leads where it led before.",
    ]
    assert await bench.look(6) == []


async def test_several_files_saved_at_once_make_one_reload(bench: Bench) -> None:
    bench.save(EGGS, SEVEN)
    assert await bench.look() == []
    bench.save(BREAD, ENTRIES[BREAD].replace("Ten minutes", "Twelve minutes"))
    assert await bench.look() == [], "the folder has not lain still"

    (told,) = await bench.look(4)
    assert "Changed (2): boiled-eggs, knead-dough" in told


async def test_half_a_file_is_waited_for(bench: Bench) -> None:
    """It has problems of its own, which nobody needs to hear of."""
    for upto in (0, 300, 900):
        bench.save(EGGS, SEVEN[:upto])
        assert await bench.look(3) == []
    bench.save(EGGS, SEVEN)

    (told,) = await bench.look(6)
    assert "Changed (1): boiled-eggs" in told


async def test_what_stays_wrong_is_told_once_and_the_old_answers_stay(bench: Bench) -> None:
    before = bench.live.current
    bench.save(BREAD, ENTRIES[BREAD].replace("tier: gp_soon", "tier: gp_son").replace("\n  title: What to", "\n  titel: What to"))

    (told,) = await bench.look(8)
    assert told.split("\n") == [
        "Not taken in, so I still answer as before. Problems (2):",
        "entries/bread.yaml:15:9: no tier of this name; did you mean 'gp_soon'?",
        "entries/bread.yaml:17:3: unknown key 'titel'; did you mean 'title'?",
    ]
    assert bench.live.current is before


async def test_of_many_problems_the_first_are_told(bench: Bench) -> None:
    bench.save("none.yaml", "".join(f"- {{said: {number}}}\n" for number in range(30)))

    (told,) = await bench.look(8)
    assert len(told.split("\n")) == 14
    assert told.split("\n")[0].endswith("Problems (30):")
    assert told.endswith("\nand 18 more")


async def test_when_the_problems_are_gone_it_says_so(bench: Bench) -> None:
    bench.save(BREAD, "- [")
    assert len(await bench.look(8)) == 1
    bench.save(BREAD, ENTRIES[BREAD])

    assert await bench.look(8) == [f"Nothing has changed: still {bench.live.current.version}."]


async def test_a_mistake_that_is_mended_at_once_is_not_spoken_of(bench: Bench) -> None:
    bench.save(BREAD, "- [")
    assert await bench.look(3) == []
    bench.save(BREAD, ENTRIES[BREAD])

    assert await bench.look(8) == []


async def test_a_file_saved_without_a_change_is_nothing_to_tell_of(bench: Bench) -> None:
    bench.save(BREAD, ENTRIES[BREAD])

    assert await bench.look(8) == []


async def test_new_files_and_files_that_go_are_seen(bench: Bench) -> None:
    bench.save("entries/tea.yaml", "- {id: tea, title: Tea, asks: [how long does tea draw], answer: Three minutes.}\n")
    (told,) = await bench.look(3)
    assert "Added (1): tea" in told

    (bench.folder / "entries/tea.yaml").unlink()
    (told,) = await bench.look(3)
    assert "Removed (1): tea" in told


async def test_files_that_editors_keep_are_not_looked_at(bench: Bench) -> None:
    before = look(bench.folder)
    for name in (".eggs.yaml.swp", "entries/.eggs.yaml", "entries/eggs.yaml~", "entries/4913", "notes.txt"):
        bench.save(name, "x")

    assert look(bench.folder) == before
    assert {Path(path).name for path, *_ in before} == {"bread.yaml", "eggs.yaml", "messages.yaml", "red_flags.yaml", "topic.yaml"}


async def test_a_folder_that_is_gone_is_a_problem_and_no_end(bench: Bench) -> None:
    bench.folder.rename(bench.folder.with_name("away"))
    (told,) = await bench.look(8)
    assert "cannot read the folder" in told

    bench.folder.with_name("away").rename(bench.folder)
    assert len(await bench.look(8)) == 1


# --- what it tells --------------------------------------------------------------------------------------------------


async def test_known_sentences_that_lead_elsewhere_are_shown(bench: Bench) -> None:
    """Also where an answer is lost: the author sees it, and nobody else is served."""
    bench.save(EGGS, ENTRIES[EGGS].partition("- id: old-eggs")[0].replace("related: [fried-eggs, old-eggs]", "related: [fried-eggs]"))
    bench.save("topic.yaml", "name: Kitchen\n")

    (told,) = await bench.look(3)
    lines = told.split("\n")
    assert "Removed (1): old-eggs" in lines
    (count,) = [line for line in lines if line.endswith("of 52 known sentences now get another reply:")]
    shown = lines[lines.index(count) + 1 :]
    assert len(shown) == 6
    assert shown[0].startswith("• “")
    assert "Is this egg still good? → " in shown[0]
    assert shown[-1] == f"and {int(count.split()[0]) - 5} more"


async def test_the_last_question_is_answered_again_where_its_reply_changed(bench: Bench) -> None:
    bench.ask("how do i fry an egg", f"  {BOIL}?\n", "1", "/why something", ":edit", "")
    bench.save(EGGS, SEVEN)

    (told,) = await bench.look(3)
    told, again = told.split("\n\n", 1)
    assert again.startswith(f"You asked “{BOIL}?”. Now:\n\nSeven minutes for a soft egg")


async def test_the_words_of_an_edit_are_the_last_question(bench: Bench) -> None:
    bench.ask("how do i fry an egg", f":edit {BOIL}")
    bench.save(EGGS, SEVEN)

    assert f"“{BOIL}”" in (await bench.look(3))[0]


async def test_a_question_whose_reply_stays_is_not_answered_again(bench: Bench) -> None:
    bench.ask("how do i knead")
    bench.save(EGGS, SEVEN)

    assert "You asked" not in (await bench.look(3))[0]


async def test_who_waits_is_told_to(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_LONG_S", 0.0)
    bench.save(EGGS, SEVEN)

    busy, told = await bench.look(3)
    assert busy == "Saved. It takes me a moment to learn from it."
    assert "Taken in" in told


SAY = {
    "change_line": "{sentence}|{before}|{after}",
    "reaction_offered": "choice of {titles}",
    "reaction_alarm": "alarm {flags} {tier}",
    "reaction_waits": "alarm {flags} {tier} above {titles}",
    "reaction_also": "{reaction} beside {titles}",
    "reaction_with_flags": "{reaction} with {flags} {tier}",
    "reaction_smalltalk": "talk {about}",
    "reaction_foreign": "foreign",
    "reaction_unknown": "nothing",
}


@pytest.mark.parametrize(
    ("reaction", "told"),
    [
        (Reaction("answered", ("boiled-eggs", "no-such")), "How long to boil an egg, no-such"),
        (Reaction("offered", ("boiled-eggs",)), "choice of How long to boil an egg"),
        (Reaction("alarm", (), ("gas", "cut"), Tier.EMERGENCY), "alarm gas, cut emergency"),
        (Reaction("alarm", (), ("gas",)), "alarm gas ?"),
        (Reaction("answered", ("boiled-eggs",), ("burn",), Tier.GP_SOON), "How long to boil an egg with burn gp_soon"),
        (Reaction("alarm", ("boiled-eggs",), ("gas",), Tier.CRISIS), "alarm gas crisis above How long to boil an egg"),
        (Reaction("answered", ("boiled-eggs",), also=("old-eggs",)), "How long to boil an egg beside Is this egg still good?"),
        (Reaction("smalltalk", ("hello",)), "talk hello"),
        (Reaction("foreign"), "foreign"),
        (Reaction("unknown"), "nothing"),
        (Reaction("answered", ("x" * 90,)), "x" * 69 + "…"),
    ],
)
def test_every_reaction_has_words(reaction: Reaction, told: str, learned: Snapshot) -> None:
    def say(key: str, **values: str) -> str:
        return SAY[key].format(**values)

    line = line_of(Change(" a \n b ", Reaction("unknown"), reaction, None), titles_of(learned), say)

    assert line == f"a b|nothing|{told}"


def test_what_differs_only_far_behind_is_shown_from_there(learned: Snapshot) -> None:
    def say(key: str, **values: str) -> str:
        return SAY[key].format(**values)

    before, after = (Reaction("answered", (f"{'x' * 100}{end}",)) for end in ("-one", "-other"))

    assert line_of(Change("a", before, after, None), {}, say) == f"a|…{'x' * 21}-one|…{'x' * 21}-other"


# --- in a thread ----------------------------------------------------------------------------------------------------


def wait_for(happened: Callable[[], object]) -> None:
    """Wait until it has; or for so long that it never will."""
    end = time.monotonic() + LONG_S
    while not happened() and time.monotonic() < end:
        threading.Event().wait(0.02)
    assert happened()


def test_it_looks_on_until_the_block_ends(bench: Bench) -> None:
    told: list[str] = []
    with watched(bench.live, told.append, plain, pause_s=0.01):
        bench.save(EGGS, SEVEN)
        wait_for(lambda: told)
    bench.save(EGGS, ENTRIES[EGGS])

    assert not [thread for thread in threading.enumerate() if thread.name == "watch"]
    assert len(told) == 1


def test_a_reload_that_is_at_work_is_ended_with_the_block(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()

    async def slow(**_: object) -> ReloadReport:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    monkeypatch.setattr(bench.live, "reload", slow)
    with watched(bench.live, bench.told.append, plain, pause_s=0.01):
        bench.save(EGGS, SEVEN)
        assert begun.wait(LONG_S)

    assert ended.is_set()


async def test_a_loss_is_agreed_to_for_the_version_that_was_looked_at(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is served but the author, who is shown it."""
    agreed: list[str | None] = []

    async def reload(*, agreed_to: list[str | None] = agreed, **given: str | None) -> ReloadReport:
        agreed_to.append(given.get("agreed"))
        return ReloadReport("a", "b", waiting="agreed" not in given)

    monkeypatch.setattr(bench.live, "reload", reload)
    bench.save(EGGS, SEVEN)

    (told,) = await bench.look(2)
    assert told == "Taken in: this is version b now."
    assert agreed == [None, "b"]


# --- the prompt -----------------------------------------------------------------------------------------------------


class Buffer:
    def get_line_buffer(self) -> str:
        return "half a que"


@pytest.mark.parametrize(("buffer", "typed"), [(Buffer(), "half a que"), (None, "")], ids=["with readline", "without"])
def test_what_is_told_stands_above_and_what_was_typed_below(
    buffer: object, typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prompt = Prompt()
    monkeypatch.setattr(prompt, "_readline", buffer)

    def type_slowly(_: str) -> str:
        prompt.tell("news")
        return "line"

    monkeypatch.setattr("builtins.input", type_slowly)

    assert prompt.ask("> ") == "line"
    prompt.tell("later")
    assert capsys.readouterr().out == f"\r\x1b[Knews\n\n> {typed}later\n"


def test_the_prompt_does_without_readline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "readline", None)
    prompt = Prompt()
    monkeypatch.setattr("builtins.input", lambda _: "line")

    assert prompt.ask("> ") == "line"


# --- the command ----------------------------------------------------------------------------------------------------


class Talk:
    """`napebot chat --watch` in a process of its own."""

    def __init__(self, process: "subprocess.Popen[bytes]", reading: int, writing: int) -> None:
        self._process, self._reading, self._writing = process, reading, writing
        self.shown = ""
        self._seen = 0

    def say(self, text: str) -> None:
        os.write(self._writing, text.encode())

    def until(self, word: str) -> str:
        """Return what is shown since the last call, up to *word*."""
        end = time.monotonic() + LONG_S
        while word not in self.shown[self._seen :] and time.monotonic() < end:
            if select.select([self._reading], [], [], 1)[0]:
                try:
                    got = os.read(self._reading, 65_536)
                except OSError:  # A terminal that was closed.
                    got = b""
                if not got:
                    break
                self.shown += got.decode("utf-8", "replace").replace("\r\n", "\n")
        assert word in self.shown[self._seen :], self.shown
        before = self.shown[self._seen :].partition(word)[0]
        self._seen += len(before) + len(word)
        return before + word

    def end(self) -> int:
        return self._process.wait(LONG_S)


@contextlib.contextmanager
def talk(folder: Path, *, terminal: bool) -> Iterator[Talk]:
    """Begin to talk over *folder*, in a pseudo-terminal or over pipes."""
    command = [sys.executable, "-X", "utf8", "-m", "bot", "chat", "--watch", "--knowledge", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "INPUTRC": os.devnull}
    if terminal:
        reading, stdin = os.openpty()
        writing = reading
        with subprocess.Popen(command, env=environment, stdin=stdin, stdout=stdin, stderr=stdin) as process:
            os.close(stdin)
            try:
                yield Talk(process, reading, writing)
            finally:
                process.kill()
                os.close(reading)
    else:
        with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                yield Talk(process, process.stdout.fileno(), process.stdin.fileno())
            finally:
                process.kill()


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    """Without its dangers: it learns in a second."""
    return write_kitchen(tmp_path / "kitchen")


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_in_a_terminal_the_prompt_stays_usable(kitchen: Path) -> None:
    with talk(kitchen, terminal=True) as author:
        author.until("> ")
        author.say(f"{BOIL}\n")
        author.until("Six minutes")
        author.until("> ")
        author.say("how do i kn")
        author.until("kn")
        (kitchen / EGGS).write_text(SEVEN, encoding="utf-8")
        told = author.until("Seven minutes for a soft egg")
        assert "Changed (1): boiled-eggs" in told
        assert f"You asked “{BOIL}”" in told
        author.until("\n\n> how do i kn")
        author.say("ead\n")
        author.until("Ten minutes by hand")
        author.until("> ")
        (kitchen / EGGS).write_text(SEVEN.replace("  title: Fried", "\ttitle: Fried"), encoding="utf-8")
        assert "a tab at the beginning of a line; indent with spaces" in author.until("\n\n> ")
        author.say(f"{BOIL}\n")
        author.until("Seven minutes")
        author.until("> ")
        author.say("\x04")
        author.until("Goodbye.")
        assert author.end() == 0


def test_over_pipes_it_watches_too(kitchen: Path) -> None:
    with talk(kitchen, terminal=False) as author:
        author.until("[1]")
        author.say(f"{BOIL}\n")
        author.until("Six minutes")
        (kitchen / EGGS).write_text(SEVEN, encoding="utf-8")
        author.until("Seven minutes for a soft egg")
        author.say(f"{BOIL}\n/goodbye\n")
        author.until("Seven minutes")

    assert "\x1b" not in author.shown
    assert "> " not in author.shown


def test_a_folder_that_is_bad_from_the_beginning_is_refused_as_ever(kitchen: Path) -> None:
    (kitchen / EGGS).write_text("- [", encoding="utf-8")

    with pytest.raises(KnowledgeError) as refused:
        load_snapshot(kitchen)
    assert isinstance(refused.value.problems[0], Problem)
    with talk(kitchen, terminal=False) as author:
        author.until("problem(s) found.")
        assert author.end() == 1
