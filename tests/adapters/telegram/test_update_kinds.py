"""Every kind of update and of message in the Bot API: what is called for it. The tables are those of docs/updates.md.

Whatever the Bot API data names and no table here does makes a test fail, so that a new kind is a decision and never an accident.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from bot.adapters.telegram.app import ALLOWED_UPDATES
from bot.service import Service
from tests.adapters.telegram.conftest import Chat
from tests.adapters.telegram.expectations import service_fields
from tests.adapters.telegram.kinds import ABOUT, CHANNEL, CONTENT, FLAT, SENTENCES, SERVICE, UPDATES, WRITERS, Calls
from tests.adapters.telegram.oracle import SPEC, complaints_about_value
from tests.adapters.telegram.random_updates import OTHER_BOT
from tests.adapters.telegram.random_values import Raw, Values
from tests.adapters.telegram.test_oracle import needs_spec
from tests.adapters.telegram.updates import ANN, GROUP, NOW, message, pressed, private
from tests.conftest import ROOT

pytestmark = [
    needs_spec,
    # The library says so of any timer that it reads.
    pytest.mark.filterwarnings("ignore:.*attribute `message_auto_delete_time` will be of type:telegram.warnings.PTBDeprecationWarning"),
]

DOC = ROOT / "docs" / "updates.md"
ALWAYS_THE_SAME = Random(1)  # noqa: S311


@pytest.fixture(scope="module")
def least() -> Values:
    """Makes things with what they need and no more."""
    assert SPEC is not None
    return Values(SPEC, {"User": lambda rng, depth: dict(ANN), "Chat": lambda rng, depth: private()}, NOW, chance=0.0)


def names(kind: str) -> set[str]:
    assert SPEC is not None
    return {field["name"] for field in SPEC["types"][kind]["fields"]}


def holding(least: Values, name: str, **more: Any) -> Raw:
    """Return a message that holds *name*."""
    if name == "text":
        return message(FLAT, **more)
    held: Raw = {"photo": None, "caption": FLAT} if name == "caption" else {name: None}
    if name == "venue":
        held |= {"location": None}  # Telegram sends both.
    return message(**more) | {each: value or least.field("Message", each, ALWAYS_THE_SAME) for each, value in held.items()}


def of_kind(least: Values, kind: str) -> Raw:
    """Return an update of a *kind*."""
    assert SPEC is not None
    fields = {field["name"]: field["types"][0] for field in SPEC["types"]["Update"]["fields"]}
    more: Mapping[str, Raw] = {
        "edited_message": {"edit_date": NOW + 1},
        "channel_post": {"chat": CHANNEL, "user": {}, "sender_chat": CHANNEL},
        "edited_channel_post": {"chat": CHANNEL, "user": {}, "sender_chat": CHANNEL, "edit_date": NOW + 1},
        "business_message": {"business_connection_id": "b"},
        "edited_business_message": {"business_connection_id": "b", "edit_date": NOW + 1},
        "guest_message": {"chat": GROUP, "guest_query_id": "g"},
    }
    if kind == "callback_query":
        return pressed("s:flat-tyre")
    if kind == "inline_query":
        return {"update_id": 1, kind: {"id": "i", "from": ANN, "query": FLAT, "offset": ""}}
    held = message(FLAT, **more.get(kind, {})) if fields[kind] == "Message" else least.fill(fields[kind], ALWAYS_THE_SAME)
    return {"update_id": 1, kind: held}


# --- the tables hold --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", UPDATES)
async def test_each_kind_of_update_leads_to_its_calls(chat: Chat, least: Values, kind: str) -> None:
    update = of_kind(least, kind)
    calls = await chat(update)

    assert complaints_about_value("Update", update) == []
    assert tuple(call.method for call in calls) == UPDATES[kind]


@pytest.mark.parametrize("name", CONTENT)
async def test_whatever_a_person_sends_in_private_is_answered(chat: Chat, service: Service, least: Values, name: str) -> None:
    update = {"update_id": 1, "message": holding(least, name)}
    calls = await chat(update)

    assert complaints_about_value("Update", update) == []
    assert tuple(call.method for call in calls) == CONTENT[name]
    assert {call.parameters["chat_id"] for call in calls} == {ANN["id"]}
    if name in SENTENCES:
        assert calls[0].text == service.unsupported(SENTENCES[name]).text


@pytest.mark.parametrize("name", SERVICE)
async def test_nobody_is_told_anything_for_what_merely_happens_in_a_chat(chat: Chat, least: Values, name: str) -> None:
    update = {"update_id": 1, "message": holding(least, name)}

    assert complaints_about_value("Update", update) == []
    assert await chat(update) == []


@pytest.mark.parametrize("name", [*CONTENT, *SERVICE])
async def test_what_is_not_meant_for_the_bot_is_left_alone_in_a_group(chat: Chat, least: Values, name: str) -> None:
    assert await chat({"update_id": 1, "message": holding(least, name, chat=GROUP)}) == []


@pytest.mark.parametrize("name", CONTENT)
async def test_what_others_wrote_for_others_is_left_alone(chat: Chat, least: Values, name: str) -> None:
    """Posts of channels, messages through another bot, messages of a business."""
    post = holding(least, name, chat=CHANNEL, user={}, sender_chat=CHANNEL)

    assert await chat({"update_id": 1, "channel_post": post}) == []
    assert await chat({"update_id": 2, "message": holding(least, name, via_bot=OTHER_BOT)}) == []
    assert await chat({"update_id": 3, "business_message": holding(least, name, business_connection_id="b")}) == []


@pytest.mark.parametrize("who", WRITERS)
async def test_who_is_answered(chat: Chat, who: str) -> None:
    raw, expected = WRITERS[who]
    update = {"update_id": 1, "message": raw}
    calls = await chat(update)

    assert complaints_about_value("Update", update) == []
    assert tuple(call.method for call in calls) == expected


# --- the tables are complete ------------------------------------------------------------------------------------------


def test_no_kind_of_update_is_forgotten() -> None:
    assert set(UPDATES) == names("Update") - {"update_id"}


def test_telegram_is_asked_for_what_is_answered_and_for_nothing_else() -> None:
    assert set(ALLOWED_UPDATES) == {kind for kind, calls in UPDATES.items() if calls}


def test_no_kind_of_message_is_forgotten() -> None:
    tables = [set(CONTENT), set(SERVICE), ABOUT]

    assert sum(map(len, tables)) == len(names("Message"))
    assert set().union(*tables) == names("Message")
    assert set(SENTENCES) == set(CONTENT) - {"text", "caption"}


def test_what_the_bot_api_calls_a_service_message_is_one() -> None:
    assert SPEC is not None
    assert set(SERVICE) == service_fields(SPEC)


# --- the page for readers says the same -------------------------------------------------------------------------------


def chapter(title: str) -> str:
    return DOC.read_text(encoding="utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> dict[str, Calls]:
    """Return the rows of the table in a chapter: name -> what is called."""
    lines = [line for line in chapter(title).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    return {first.strip("`"): tuple(re.findall(r"`(\w+)`", last)) for first, *_, last in cells}


@pytest.mark.parametrize(
    ("title", "table"),
    [
        ("Kinds of update", UPDATES),
        ("What a person sends", CONTENT),
        ("Who is answered", {who: calls for who, (_, calls) in WRITERS.items()}),
    ],
)
def test_the_page_says_what_the_tables_say(title: str, table: Mapping[str, Calls]) -> None:
    assert rows(title) == table


def test_the_page_says_which_sentence_fits_what_is_no_words() -> None:
    lines = [line.strip("|").split("|") for line in chapter("What a person sends").splitlines() if line.startswith("| `")]

    assert {field.strip(" `"): sentence.strip() for field, _, sentence, _ in lines} == dict.fromkeys(CONTENT, "an answer") | dict(SENTENCES)


def test_the_page_lists_every_service_message() -> None:
    assert re.findall(r"`([a-z_]+)`", chapter("What merely happens in a chat")) == list(SERVICE)


def test_every_test_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", DOC.read_text(encoding="utf-8"))

    assert len(named) > 10
    assert [test for file, test in named if not re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)] == []
