"""`napebot new`: a folder to begin with is sound, answers its own questions, and nothing that is there is touched."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.authoring.beginning import begin
from bot.cli import main
from bot.core.model import Answered, Context, NoMatch, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.errors import InputError
from bot.knowledge.behaviour import react
from bot.knowledge.json_schema import first_line, schemas
from bot.knowledge.loader import load_snapshot, read_draft
from tests.conftest import ROOT
from tests.test_schemas import refusals

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
FILES = ("README.md", "entries/first-steps.yaml", "messages.yaml", "red_flags.yaml", "synonyms.yaml", "topic.yaml")

pytestmark = pytest.mark.usefixtures("nowhere")


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "corner-bakery"
    assert begin(folder) == FILES
    return folder


@pytest.fixture(scope="module")
def snapshot(bakery: Path) -> Snapshot:
    return load_snapshot(bakery)


def test_it_is_sound_without_a_warning(bakery: Path) -> None:
    draft = read_draft(bakery)

    assert (draft.problems, draft.warnings) == ([], [])


def test_the_check_has_nothing_to_warn_of(bakery: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only notes, such as that nobody has signed it."""
    assert main(["check", "--all", str(bakery)]) == 0
    shown = capsys.readouterr()

    assert re.findall(r"\(warning.*\)", shown.err + shown.out) == []
    assert "note" in shown.err + shown.out, "it looked"


def test_it_answers_its_own_questions(snapshot: Snapshot) -> None:
    own = [(entry.id, ask) for entry in snapshot.knowledge.entries for ask in (entry.title, *entry.asks, *entry.hits)]

    assert len(own) > 60
    assert [(ask, react(snapshot, ask)) for entry_id, ask in own if react(snapshot, ask).about != (entry_id,)] == []


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("are you open tomorrow evening", ("opening-hours",)),
        ("how can i get there by train", ("find-us",)),
        ("can i phone somebody about a bill", ("reach-a-person",)),
        ("who baked the first bread", ()),
        ("what is the capital of peru", ()),
    ],
)
def test_it_answers_what_is_like_them_and_nothing_else(said: str, about: tuple[str, ...], snapshot: Snapshot) -> None:
    outcome = respond(Utterance(said, NOON), snapshot, Context()).outcome

    assert outcome == NoMatch() if not about else isinstance(outcome, Answered) and outcome.entry_ids == about


def test_each_entry_has_tests_and_enough_ways_to_ask(snapshot: Snapshot) -> None:
    assert [entry.id for entry in snapshot.knowledge.entries] == ["opening-hours", "find-us", "reach-a-person"]
    for entry in snapshot.knowledge.entries:
        assert entry.hits
        assert entry.misses
        assert len(entry.asks) >= 20


def test_its_example_of_a_red_flag_fires(snapshot: Snapshot) -> None:
    assert react(snapshot, "help, it is burning in the hall").flags == ("fire",)
    assert react(snapshot, "no fire here").flags == ()


def test_it_is_sound_without_the_example(tmp_path: Path) -> None:
    """As the file itself suggests."""
    begin(tmp_path / "x")
    (tmp_path / "x" / "red_flags.yaml").unlink()

    assert read_draft(tmp_path / "x").problems == []


def test_no_word_of_it_is_about_medicine() -> None:
    """Nor of the schemas that come along, but the names of tiers and of kinds of numbers."""
    texts = [path for folder in ("templates", "schemas") for path in (ROOT / "bot" / folder).rglob("*") if path.is_file()]

    assert len(texts) > 15
    for path in texts:
        found = re.findall(r"(?i)\b\w*(?:doctor|clinic|medic|drug|neck|nape|pain|spasm|paracetamol|NHS)\w*", path.read_text(encoding="utf-8"))
        assert [word for word in found if word != "napebot"] == [], path.name


def test_editors_find_the_schemas(bakery: Path) -> None:
    assert {path.name for path in (bakery / ".schemas").iterdir()} == schemas().keys()
    for name in FILES[1:]:
        content = (bakery / name).read_bytes()
        assert content.decode().split("\n", 1)[0] == first_line(name)
        assert refusals(name, content) == []


# --- the name -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "name", "called"),
    [
        ("corner-bakery", None, "Corner bakery"),
        ("my_old-shop", None, "My old shop"),
        ("x", "Joe's & Sons: shoes #1", "Joe's & Sons: shoes #1"),
        ("x", "  two \n lines ", "two lines"),
        ("x", "null", "null"),
        ("x", "Café $5 – 日本", "Café $5 – 日本"),
        ("x", "n" * 64, "n" * 64),
    ],
)
def test_the_topic_is_called_as_said_or_as_the_folder(folder: str, name: str | None, called: str, tmp_path: Path) -> None:
    begin(tmp_path / folder, name)
    draft = read_draft(tmp_path / folder)

    assert draft.problems == []
    assert draft.topic is not None
    assert draft.topic.name == called
    assert draft.messages is not None
    assert called in draft.messages.say("start", 0)


@pytest.mark.parametrize("name", ["", "  ", "n" * 65, "a {b}", 'say "x"', "back\\slash", "a\x00b", "\udcff", "a\u202eb"])
def test_a_name_that_cannot_be_one_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="name of a topic"):
        begin(tmp_path / "x", name)
    assert not (tmp_path / "x").exists()


# --- what is there ----------------------------------------------------------------------------------------------------


def test_nothing_in_a_folder_is_touched(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_text("mine", encoding="utf-8")

    with pytest.raises(InputError, match="is not empty"):
        begin(tmp_path, "X")
    assert [path.name for path in tmp_path.iterdir()] == [".hidden"]


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    begin(tmp_path / "empty")

    assert read_draft(tmp_path / "empty").problems == []


@pytest.mark.parametrize("below", ["a file", "a file/below"])
def test_a_file_in_the_way_is_no_folder(below: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("mine", encoding="utf-8")

    with pytest.raises(InputError, match="cannot write into"):
        begin(tmp_path / below, "X")
    assert (tmp_path / "a file").read_text(encoding="utf-8") == "mine"


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_says_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "my shop", "--name", "Shop"]) == 0
    shown = capsys.readouterr().out

    assert all(name in shown for name in FILES)
    assert shown.endswith("  napebot chat --watch --knowledge 'my shop'\n")
    assert main(["check", "my shop"]) == 0
    assert main(["ask", "--knowledge", "my shop", "when are you open"]) == 0
    assert "nine to five" in capsys.readouterr().out


def test_the_command_refuses_a_folder_that_holds_something(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "shop"]) == 0
    capsys.readouterr()

    assert main(["new", "shop"]) == 1
    assert capsys.readouterr() == ("", "'shop' is not empty, and nothing in it shall be lost; name a folder that is new\n")
