"""The command line: what each command prints, and the exit codes."""

import asyncio
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import bootstrap
from bot.cli import main
from bot.config import Settings
from bot.errors import ConfigError
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.conftest import ROOT
from tests.kitchen import DANGERS, write_kitchen

BOIL = "how long do i boil an egg"
SIX_MINUTES = "Six minutes for a soft egg"
LONG_S = 60

pytestmark = pytest.mark.usefixtures("nowhere", "process_as_before")


@pytest.fixture
def kitchen(tmp_path: Path) -> str:
    return str(write_kitchen(tmp_path / "kitchen", DANGERS))


@pytest.fixture
def bad_kitchen(tmp_path: Path) -> str:
    return str(write_kitchen(tmp_path / "bad", {"entries/bread.yaml": "- id: Bread\n  tittle: Bread\n", "none.yaml": "7\n"}))


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


class Keyboard(io.StringIO):
    """Somebody types this."""

    def isatty(self) -> bool:
        return True


# --- usage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["dance"], ["ask"], ["ask", "--explian", "x"], ["match", "file"]])
def test_bad_usage_is_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert "usage: napebot" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "chat", "new", "ask", "match", "review", "check", "unhook", "rotate-key", "misses"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    alone = capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--help"])

    assert caught.value.code == 0
    assert f"napebot {command}" in alone
    assert re.search(rf"^ +{command} +\w", capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize("command", [["ask", BOIL], ["chat"], ["match"], ["review"], ["check"]])
def test_a_bad_setting_is_two(command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LOG_LEVEL", "chattering")
    piped(monkeypatch, "")

    assert main(command) == 2
    assert capsys.readouterr().err.startswith("LOG_LEVEL: ")


@pytest.mark.parametrize("command", [["ask", BOIL], ["chat"], ["match"], ["review"], ["check"]])
def test_bad_knowledge_is_one_and_every_problem_is_shown(
    command: list[str], bad_kitchen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    piped(monkeypatch, "")
    code = main([*command, "--knowledge", bad_kitchen])
    shown = capsys.readouterr()
    told, else_said = (shown.out, shown.err) if command == ["check"] else (shown.err, shown.out)  # a check is asked for its problems
    lines = told.splitlines()

    assert code == 1
    assert else_said == ""
    assert all(re.match(r"(entries/bread|none)\.yaml:\d+:\d+: ", line) for line in lines[:-1])
    assert {line.split(":")[0] for line in lines[:-1]} == {"entries/bread.yaml", "none.yaml"}
    assert lines[-1].startswith(f"{len(lines) - 1} problem(s) found")


def test_a_folder_that_is_not_there_is_bad_knowledge(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--knowledge", "nowhere-at-all"]) == 1
    assert "nowhere-at-all" in capsys.readouterr().out


# --- the knowledge folder -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [True, False], ids=["before the command", "after it"])
def test_the_option_may_stand_before_or_after_the_command(before: bool, kitchen: str, capsys: pytest.CaptureFixture[str]) -> None:
    option = ["--knowledge", kitchen]

    assert main([*option, "ask", BOIL] if before else ["ask", *option, BOIL]) == 0
    assert SIX_MINUTES in capsys.readouterr().out


def test_the_folder_can_be_set(kitchen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("KNOWLEDGE_DIR", kitchen)

    assert main(["ask", BOIL]) == 0
    assert SIX_MINUTES in capsys.readouterr().out


def test_a_folder_here_is_used_unasked(nowhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_kitchen(nowhere / "knowledge")

    assert main(["ask", BOIL]) == 0
    assert SIX_MINUTES in capsys.readouterr().out


# --- ask ------------------------------------------------------------------------------------------------------------


def test_ask_prints_the_reply_and_its_choices(kitchen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--knowledge", kitchen, *BOIL.split()]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith(SIX_MINUTES)
    assert shown.out.endswith("  [Fried eggs that do not stick]\n  [Not what I asked]\n  [More]\n")
    assert shown.err == ""


@pytest.mark.parametrize("text", ["", " ", "🙂", "\udcff", "-- -", "what is the capital of peru"])
def test_ask_answers_anything(text: str, kitchen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--knowledge", kitchen, "--", text]) == 0
    assert capsys.readouterr().out


def test_ask_explains_itself(kitchen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--explain", "--knowledge", kitchen, "How long to BOILL an egg?"]) == 0
    explained, _, reply = capsys.readouterr().out.partition("\n\n")
    labelled = dict(re.findall(r"^(read as|tokens|repaired|triage|decided|thresholds) +(.+)$", explained, re.MULTILINE))

    assert labelled["read as"] == "how long to boill an egg?"
    assert labelled["tokens"] == "how long to boil an egg"
    assert labelled["repaired"] == "boill -> boil"
    assert labelled["triage"] == "no red flag"
    assert labelled["decided"] == "Answered by rule: sure"
    assert re.fullmatch(r"answer: ours 0\.\d\d and right 0\.\d\d; offer: ours 0\.\d\d", labelled["thresholds"])
    assert re.findall(r"^(\d)\. [01]\.\d\d +(\S+): ", explained, re.MULTILINE)[0] == ("1", "boiled-eggs")
    assert len(re.findall(r"^\d\. [01]\.\d\d ", explained, re.MULTILINE)) == 5
    assert re.search(r"^ +.*\bboil \+\d\.\d\d", explained, re.MULTILINE), "the words that earned it"
    assert reply.startswith(SIX_MINUTES)


@pytest.mark.parametrize(
    ("text", "triage", "decided"),
    [
        (f"i smell gas. {BOIL}", "gas (emergency, live): smell, gas", "Withheld"),
        ("is a gas leak dangerous", "gas (emergency, soft): gas, leak", "Ambiguous"),
        ("hello", "no red flag", "SmallTalk"),
        ("what is the capital of peru", "no red flag", "NoMatch"),
        ("🙂", "no red flag", "NoMatch"),
    ],
)
def test_ask_explains_every_outcome(text: str, triage: str, decided: str, kitchen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "--explain", "--knowledge", kitchen, text]) == 0
    explained = capsys.readouterr().out

    assert f"triage     {triage}" in explained
    assert re.search(rf"^decided +{decided} by rule: \w", explained, re.MULTILINE)


# --- chat -----------------------------------------------------------------------------------------------------------


def test_a_piped_chat_ends_with_its_input(kitchen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    piped(monkeypatch, f"{BOIL}\n\n1\nhow do i knead")

    assert main(["chat", "--knowledge", kitchen]) == 0
    shown = capsys.readouterr().out
    assert SIX_MINUTES in shown
    assert "Use a little butter" in shown
    assert "Ten minutes by hand" in shown, "an empty line ends nothing here, and the last line needs no newline"
    assert "> " not in shown
    assert shown.endswith("Goodbye.\n")


@pytest.mark.parametrize("ended_by", ["\n/help\n", ""], ids=["an empty line", "end of input"])
def test_a_typed_chat_prompts_until_it_is_ended(
    ended_by: str, kitchen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard(f"{BOIL}\n{ended_by}"))

    assert main(["chat", "--knowledge", kitchen]) == 0
    shown = capsys.readouterr().out
    assert SIX_MINUTES in shown
    assert shown.count("> ") == 2
    assert shown.endswith("Goodbye.\n")


# --- match ----------------------------------------------------------------------------------------------------------


def test_match_writes_a_line_for_each_line(kitchen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    messages = [{"id": "a", "text": BOIL}, {"id": "b", "turns": [BOIL, "and what can i do with stale bread"]}, {"id": "c", "text": "i smell gas"}]
    piped(monkeypatch, "\n".join(map(json.dumps, messages)))

    assert main(["match", "--knowledge", kitchen]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["id"], row["kind"], row["entries"]) for row in found] == [
        ("a", "answer", ["boiled-eggs"]),
        ("b", "answer", ["stale-bread"]),
        ("c", "red_flag", []),
    ]


def test_match_names_the_line_it_cannot_read(kitchen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    piped(monkeypatch, json.dumps({"id": "a", "text": BOIL}) + "\n\nzebedee\n")

    assert main(["match", "--knowledge", kitchen]) == 1
    shown = capsys.readouterr()
    assert len(shown.out.splitlines()) == 1
    assert shown.err.startswith("line 3: ")
    assert "zebedee" not in shown.err


def test_match_reads_any_bytes(kitchen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    line = b'{"id": "\xc3\xa9", "text": "how long do i boil an egg \xff\xfe"}'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line), encoding="ascii"))

    assert main(["match", "--knowledge", kitchen]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "é"


# --- check ----------------------------------------------------------------------------------------------------------


def test_check_tries_the_embedded_sentences_and_ask_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(write_kitchen(tmp_path, {"entries/one.yaml": "- {id: one, title: One, asks: [a one], answer: One., tests: {hits: [goodbye]}}\n"}))

    assert main(["check", folder]) == 1
    assert re.match(r"entries/one\.yaml:1:\d+: 'goodbye' does not lead to 'one'", capsys.readouterr().out)
    assert main(["ask", "--knowledge", folder, BOIL]) == 0


def test_check_warns_of_a_signature_that_no_longer_fits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The rest is good, so the folder is; with the hash that the warning names it is signed."""
    review = "    reviewed: {by: Dr. A, role: GP, date: 2026-05-31, hash: 0123456789abcdef}\n"
    flags = DANGERS["red_flags.yaml"] + review
    folder = str(write_kitchen(tmp_path, DANGERS, {"red_flags.yaml": flags}))

    assert main(["check", folder]) == 0
    shown = capsys.readouterr()
    warning = re.match(r"red_flags\.yaml:\d+:61: the signature is void: .*its hash is ([0-9a-f]{16}) now.* \(warning: voided\)\n", shown.out)
    assert warning
    assert "Signed: 0 of 9" in shown.out
    assert shown.err == ""

    write_kitchen(tmp_path, DANGERS, {"red_flags.yaml": flags.replace("0123456789abcdef", warning[1])})
    assert main(["check", folder]) == 0
    shown = capsys.readouterr()
    assert "voided" not in shown.out
    assert "Signed: 1 of 9" in shown.out


# --- review ---------------------------------------------------------------------------------------------------------


FLAG_PAGES = ("despair", "gas", "deep-cut", "small-burn", "shared")
ENTRY_PAGES = ("knead-dough", "stale-bread", "boiled-eggs", "fried-eggs", "old-eggs")


def titles(shown: str) -> list[str]:
    """What the pages are headed with."""
    return re.findall(r"^# (.+?)(?: \(\w+\))?$", shown, re.MULTILINE)


def test_review_shows_a_page_for_everything_that_can_be_signed(kitchen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--knowledge", kitchen]) == 0
    assert titles(capsys.readouterr().out) == [*FLAG_PAGES[:-1], "What all red flags share", *ENTRY_PAGES]


def test_review_shows_what_is_asked_for(kitchen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--knowledge", kitchen, "old-eggs", "gas"]) == 0
    assert titles(capsys.readouterr().out) == ["old-eggs", "gas"]


def test_review_of_a_topic_without_flags_has_entries_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--knowledge", str(write_kitchen(tmp_path))]) == 0
    assert titles(capsys.readouterr().out) == [*ENTRY_PAGES]
    assert main(["review", "--knowledge", str(tmp_path), "shared"]) == 1


def test_review_names_what_has_no_page(kitchen: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "--knowledge", kitchen, "gas", "gass", "eggs", "--out", str(tmp_path / "pages")]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("no page for gass, eggs; ")
    assert not (tmp_path / "pages").exists()


def test_review_writes_a_file_a_page(kitchen: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "not there" / "pages"

    assert main(["review", "--knowledge", kitchen, "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"10 pages in {out}.\n"
    assert {path.name for path in out.iterdir()} == {f"{name}.md" for name in (*FLAG_PAGES, *ENTRY_PAGES)}
    assert all(path.read_text(encoding="utf-8").startswith("# ") for path in out.iterdir())


def test_review_says_where_it_cannot_write(kitchen: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("", encoding="utf-8")

    assert main(["review", "--knowledge", kitchen, "gas", "--out", str(in_the_way)]) == 1
    assert capsys.readouterr().err.startswith(f"cannot write into '{in_the_way}' (")


# --- run ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "  "])
def test_run_without_a_token_says_how_to_get_one(
    token: str | None, kitchen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if token is not None:
        monkeypatch.setenv("BOT_TOKEN", token)

    assert main(["run", "--knowledge", kitchen]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "@BotFather" in shown.err
    assert ".env.example" in shown.err
    assert "make chat" in shown.err
    assert "make run" in shown.err


def test_run_with_bad_knowledge_is_one_before_anything_is_sent(
    bad_kitchen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123:secret")
    monkeypatch.setenv("API_BASE_URL", "http://127.0.0.1:1")

    assert main(["run", "--knowledge", bad_kitchen]) == 1
    shown = capsys.readouterr()
    assert "problem(s) found." in shown.err
    assert "secret" not in shown.err + shown.out


def test_the_parts_are_not_joined_without_a_token(kitchen: str) -> None:
    with pytest.raises(ConfigError, match="BOT_TOKEN"):
        asyncio.run(bootstrap.run(Settings(), Path(kitchen)))


def test_a_service_is_built_over_any_folder(kitchen: str) -> None:
    service = bootstrap.build_service(Path(kitchen), MemoryStore())

    assert isinstance(service, Service)
    assert service.snapshot.knowledge.topic.name == "Kitchen"


# --- being stopped --------------------------------------------------------------------------------------------------


def test_an_interrupt_is_130(kitchen: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Interrupted(io.StringIO):
        def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # as io.StringIO itself does
            raise KeyboardInterrupt

        def __next__(self) -> str:  # type: ignore[override]
            raise KeyboardInterrupt

    monkeypatch.setattr(sys, "stdin", Interrupted())

    assert main(["chat", "--knowledge", kitchen]) == 130
    assert main(["match", "--knowledge", kitchen]) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Interrupts do what they do in a terminal, wherever the tests run."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupts")
def test_one_control_c_at_the_prompt_is_enough(kitchen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Keyboard):
        waited_on = False

        def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # as io.StringIO itself does
            signal.raise_signal(signal.SIGINT)
            self.waited_on = True
            return super().readline(-1)

    keyboard = Interrupted(f"{BOIL}\n")
    monkeypatch.setattr(sys, "stdin", keyboard)

    assert main(["chat", "--knowledge", kitchen]) == 130
    assert not keyboard.waited_on


@pytest.fixture
def command() -> list[str]:
    return [sys.executable, "-X", "utf8", "-m", "bot"]


@pytest.fixture
def surroundings() -> dict[str, str]:
    """Where a new process finds the code; and no word of it unbuffered, as for most people."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"} | {"PYTHONPATH": str(ROOT)}


def test_python_runs_it_as_a_module(command: list[str], surroundings: dict[str, str], kitchen: str) -> None:
    done = subprocess.run([*command, "ask", "--knowledge", kitchen, BOIL], env=surroundings, capture_output=True, encoding="utf-8", timeout=LONG_S)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(SIX_MINUTES)


@pytest.mark.parametrize("arguments", [["ask", BOIL], ["match"]], ids=["little to print", "much to print"])
def test_a_reader_who_has_seen_enough_is_no_fault(arguments: list[str], command: list[str], surroundings: dict[str, str], kitchen: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    lines = f"{json.dumps({'id': 1, 'text': BOIL})}\n" * 100
    try:
        done = subprocess.run(
            [*command, *arguments, "--knowledge", kitchen],
            env=surroundings, input=lines, stdout=writing, stderr=subprocess.PIPE, encoding="utf-8", timeout=LONG_S,
        )  # fmt: skip
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (0, "")
