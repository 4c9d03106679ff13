"""The bot in a terminal: what is written to whom types what."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.console import converse, plain
from bot.core.action import Choice, ShowEntry
from bot.core.content import Tier
from bot.core.model import Advice, Alarm, Note, Notice, Part, Reply
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.kitchen import DANGERS, ENTRIES, write_kitchen

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LONG = "This sentence is here to be longer than a line of the terminal, so that it must be broken. " * 3


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    bread = ENTRIES["entries/bread.yaml"].replace("Wet your hands rather than adding flour.", f'"{LONG}\\n\\n• {LONG}"')
    folder = write_kitchen(tmp_path_factory.mktemp("kitchen"), DANGERS, {"entries/bread.yaml": bread})
    return folder, load_snapshot(folder)


@pytest.fixture
def service(kitchen: tuple[Path, Snapshot]) -> Service:
    return Service(LiveKnowledge(*kitchen), MemoryStore())


async def talk(service: Service, *lines: str) -> list[str]:
    """Return what is written: the welcome, the greeting, one text for each of *lines*, the goodbye."""
    written: list[str] = []
    await converse(service, lines, written.append)
    return written


# --- the chat -------------------------------------------------------------------------------------------------------


async def test_a_chat_opens_with_a_welcome_and_the_greeting_and_ends_kindly(service: Service) -> None:
    welcome, greeting, goodbye = await talk(service)

    assert "Kitchen" in welcome
    assert service.say("start").strip() in greeting
    assert greeting.rstrip().endswith("[1] Bread\n  [2] Eggs")
    assert goodbye == service.say("chat_goodbye")


async def test_privacy_and_forget_are_there_as_on_telegram(service: Service) -> None:
    *_, kept, forgotten, _ = await talk(service, "/privacy", "/forget")

    assert "/forget" in kept
    assert service.say("forgotten").split(".", maxsplit=1)[0] in forgotten


async def test_a_question_gets_its_answer_with_note_and_numbered_choices(service: Service) -> None:
    *_, answer, _ = await talk(service, "how long do i boil an egg")
    paragraphs = answer.strip().split("\n\n")

    assert paragraphs[0] == "Six minutes for a soft egg, ten for a hard one."
    assert paragraphs[-2] == "Get out and call for help if you smell gas."
    assert paragraphs[-1].split("\n") == [
        "  [1] Fried eggs that do not stick",
        "  [2] Not what I asked",
        "  [3] More",
    ]


async def test_a_number_picks_the_choice_of_that_number(service: Service) -> None:
    *_, eggs, boiled, _ = await talk(service, "2", "1")

    assert "[3] Is this egg still good?" in eggs
    assert boiled.strip().startswith("Six minutes")


async def test_numbers_belong_to_the_last_reply(service: Service) -> None:
    *_, first, second, _ = await talk(service, "how long do i boil an egg", "1", "1")

    assert "butter" in first
    assert "butter" not in second


@pytest.mark.parametrize("number", ["0", "3", "99", "00"])
async def test_a_number_without_a_choice_is_said_to_be(service: Service, number: str) -> None:
    *_, told, eggs, _ = await talk(service, number, "2")

    assert told == service.say("chat_no_such_choice")
    assert "[1] How long to boil an egg" in eggs, "the choices still stand"


@pytest.mark.parametrize("said", ["100", "-1", "1.", "²", "1 egg"])
async def test_what_is_no_plain_number_is_a_message(service: Service, said: str) -> None:
    *_, reply, _ = await talk(service, said)

    assert reply != service.say("chat_no_such_choice")
    assert "[1]" in reply


async def test_digits_of_any_script_count(service: Service) -> None:
    *_, eggs, _ = await talk(service, "٢")

    assert "Eggs: pick a question." in eggs


async def test_without_choices_a_number_is_a_message(service: Service) -> None:
    *_, alarm, reply, _ = await talk(service, "i want to die", "1")

    assert "[1]" not in alarm
    assert reply != service.say("chat_no_such_choice")


@pytest.mark.parametrize(("command", "key"), [("/start", "start"), ("/help", "help"), ("/topics", "topics_intro"), ("/HELP", "help")])
async def test_commands_do_what_they_do_elsewhere(service: Service, command: str, key: str) -> None:
    *_, reply, _ = await talk(service, f"  {command} \n")

    assert reply.strip().startswith(service.say(key).split("\n")[0])
    assert "[2] Eggs" in reply


async def test_empty_lines_are_passed_over(service: Service) -> None:
    assert len(await talk(service, "", "  \n", "\t")) == len(await talk(service))


async def test_the_chat_remembers(service: Service) -> None:
    """The second answer of a chat has the short note."""
    *_, first, second, _ = await talk(service, "how long do i boil an egg", "how do i fry an egg")

    assert "smell gas" in first
    assert "smell gas" not in second


async def test_an_alarm_stands_with_what_waits_behind_it(service: Service) -> None:
    *_, alarm, _ = await talk(service, "i smell gas! how long do i boil an egg?")

    assert alarm.strip().split("\n\n") == ["You wrote about a smell of gas.", "Get out and call for help now.", "  [1] How long to boil an egg"]


async def test_a_region_is_chosen_by_number(tmp_path: Path) -> None:
    numbers = """\
checked: 2026-01-02
anywhere: {name: Anywhere, emergency: a shout, nurse: a shout, poison: a shout, listen: a friend}
regions:
  hill: {name: The Hills, emergency: "111"}
  sea: {name: The Coast, emergency: "333"}
"""
    calling = DANGERS["messages.yaml"].replace("Get out and call for help now.", '"Get out and call:\\n{emergency}"')
    write_kitchen(tmp_path, DANGERS, {"messages.yaml": calling, "numbers.yaml": numbers})
    other = Service(LiveKnowledge(tmp_path, load_snapshot(tmp_path)), MemoryStore())
    *_, alarm, choosing, chosen, answer, over, _ = await talk(other, "i smell gas! how long do i boil an egg?", "2", "2", "2", "4")

    assert "• The Hills: 111\n• The Coast: 333\n• Anywhere: a shout\n\n  [1] How long to boil an egg\n  [2] Numbers for my country" in alarm
    assert choosing.split("\n\n")[-1].strip().split("\n") == [
        "[1] How long to boil an egg",
        "  [2] The Hills",
        "  [3] The Coast",
        "  [4] All countries",
    ]
    assert "• The Hills: 111\n• Anywhere: a shout\n\n  [1] Copy 111\n  [2] How long to boil an egg\n  [3] Numbers for my country" in chosen
    assert answer.strip().startswith("From earlier. You wrote about a smell of gas.")
    assert "[4] Not happening now" in answer
    assert "Fried eggs" not in answer, "the alarm holds it back"
    assert " ".join(over.split()) == " ".join(other.say("not_happening_heard").split())


async def test_no_line_is_wider_than_a_hundred_columns(service: Service) -> None:
    written = await talk(service, "how long do i knead dough", "/help", "how long do i boil an egg")
    lines = [line for text in written for line in text.split("\n")]

    assert max(map(len, lines)) <= 100
    assert [line for line in lines if line.startswith("• This")]
    bullet = lines.index(next(line for line in lines if line.startswith("• This")))
    assert lines[bullet + 1].startswith("  "), "a bullet's second line hangs under its first"


async def test_an_address_is_never_broken(tmp_path: Path) -> None:
    address = "https://example.org/" + "a-long-way-down-the-hall/" * 6
    write_kitchen(tmp_path, {"entries/eggs.yaml": ENTRIES["entries/eggs.yaml"].replace("https://example.org/eggs", address)})
    other = Service(LiveKnowledge(tmp_path, load_snapshot(tmp_path)), MemoryStore())
    *_, sources, _ = await talk(other, "how long do i boil an egg", "3", "1")

    assert address in sources.split()


async def test_lines_are_taken_one_at_a_time(service: Service) -> None:
    """Whoever types sees the reply before the next line is asked for."""
    written: list[str] = []
    seen: list[int] = []

    def typed() -> Iterable[str]:
        for line in ("how long do i boil an egg", "1"):
            seen.append(len(written))
            yield line

    await converse(service, typed(), written.append)

    assert seen == [2, 3]


# --- the kinds of reply ---------------------------------------------------------------------------------------------

NOTE = Note("See the cook.", "Call the fire brigade.")
ROWS = ((Choice("A label", ShowEntry("x")),),)


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Notice(" Words. \n", ROWS), "Words."),
        (Alarm(Tier.EMERGENCY, ("gas",), "Out.\n\nNow.\n"), "Out.\n\nNow."),
        (Advice((Part("x", "", "An answer.\n"),), Note("See the cook.")), "An answer.\n\nSee the cook."),
        (Advice((Part("x", "Title", "An answer.\n", "More.\n"),), NOTE), "Title\n\nAn answer.\n\nMore.\n\nSee the cook.\n\nCall the fire brigade."),
        (Advice((Part("x", "", "An answer."),), NOTE, lead="Mind this."), "Mind this.\n\nAn answer.\n\nSee the cook.\n\nCall the fire brigade."),
        (Advice((Part("x", "One", "First."), Part("y", "Two", "Second.")), Note("See.")), "One\n\nFirst.\n\nTwo\n\nSecond.\n\nSee."),
    ],
    ids=["notice", "alarm", "short note", "whole answer", "lead", "two answers"],
)
def test_a_reply_as_plain_text_has_all_its_words_and_no_choices(reply: Reply, text: str) -> None:
    assert plain(reply) == text


# --- what an author tries -------------------------------------------------------------------------------------------


async def test_an_edit_asks_the_last_question_anew(service: Service) -> None:
    *_, first, edited, nothing, _ = await talk(service, "how long do i boil an egg", ":edit how do i fry an egg", ":edit")

    assert "Six minutes" in first
    assert "butter" in edited
    assert nothing.strip() == service.say("chat_edit_what")


async def test_why_shows_what_decided_and_changes_nothing(service: Service) -> None:
    *_, why, nothing, answer, _ = await talk(service, "/why i smell gas", "/why", "how long do i boil an egg")

    assert "decided    Withheld by rule: red flag" in why
    assert nothing.strip() == service.say("chat_why_what")
    assert answer.strip().startswith("Six minutes"), "and not with a word on the alarm"


@pytest.mark.parametrize(("command", "key"), [("/about", "about_bot"), ("/region", "no_regions")])
async def test_further_commands_do_what_they_do_elsewhere(service: Service, command: str, key: str) -> None:
    *_, reply, _ = await talk(service, command)

    assert reply.strip().startswith(service.say(key, name="Kitchen").split("\n")[0][:60])


async def test_a_vote_is_thanked_for(service: Service) -> None:
    *_, more, thanks, _ = await talk(service, "how long do i boil an egg", "3", "3")

    assert "[3] Helpful\n  [4] Not helpful" in more
    assert thanks.strip().startswith(service.say("thanks_for_vote"))


async def test_a_command_that_is_none_gets_its_hint_unless_it_names_a_danger(service: Service) -> None:
    *_, hint, alarm, _ = await talk(service, "/nonsense", "/i_smell_gas")

    assert " ".join(hint.split()) == " ".join(service.say("unknown_command").split())
    assert "Get out and call" in alarm
