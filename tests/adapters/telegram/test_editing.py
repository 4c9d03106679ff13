"""What is edited is edited in its place, where that can be done and nothing is lost by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.adapters.telegram.app import build_application
from bot.core.model import REPLY_LIMIT_UNITS, Context, Notice, Utterance
from bot.service import Said, Service
from bot.store.memory import MemoryStore
from bot.store.records import Effects, PersonKey
from tests.adapters.telegram.conftest import TOKEN, Chat
from tests.adapters.telegram.updates import ANN, GROUP, NOW, Raw, edited, message, new, pressed, private, said
from tests.adapters.telegram.wire import Wire, bad_request, unreachable

FLAT, CHAIN, ALARM = "how do i mend a flat tyre", "my chain squeaks", "my brakes failed"
MENTION: Raw = {"entities": [{"type": "mention", "offset": 0, "length": 12}]}


def asked(text: str, **more: Any) -> Raw:
    return message(text, **more)


# --- an edited question ---------------------------------------------------------------------------------------------


async def test_an_edited_question_edits_its_answer(chat: Chat, wire: Wire) -> None:
    question = asked(FLAT)
    (first,) = await chat(new(question))
    (second,) = await chat(edited(question | {"text": CHAIN}))

    assert first.method == "sendMessage"
    assert (second.method, second.parameters["chat_id"], second.parameters["message_id"]) == ("editMessageText", ANN["id"], wire.last_message_id)
    assert second.text.startswith("One drop")


async def test_it_may_be_edited_again_and_again(chat: Chat) -> None:
    question = asked(FLAT)
    await chat(new(question))
    methods = [(await chat(edited(question | {"text": text})))[0].method for text in (CHAIN, FLAT, CHAIN)]

    assert methods == ["editMessageText"] * 3


async def test_each_of_the_last_questions_keeps_its_own_answer(chat: Chat) -> None:
    questions = [asked(FLAT) for _ in range(6)]
    for question in questions:
        await chat(new(question))
    methods = [(await chat(edited(question | {"text": CHAIN})))[0].method for question in (*questions[1:], questions[0])]

    assert methods == [*["editMessageText"] * 5, "sendMessage"], "the oldest is answered anew"


async def test_in_a_group_the_short_answer_is_edited(chat: Chat) -> None:
    question = asked(f"@bicycle_bot {FLAT}", chat=GROUP, **MENTION)
    await chat(new(question))
    (second,) = await chat(edited(question | {"text": f"@bicycle_bot {CHAIN}"}))

    assert (second.method, second.parameters["chat_id"]) == ("editMessageText", GROUP["id"])
    assert second.text.startswith("About: ")


async def test_an_alarm_is_never_hidden_in_an_edit(chat: Chat) -> None:
    """Nobody is told of an edit: the person may have put the phone away."""
    question = asked(FLAT)
    await chat(new(question))
    (call,) = await chat(edited(question | {"text": ALARM}))

    assert call.method == "sendMessage"
    assert "You wrote that you cannot brake." in call.text


async def test_what_stands_above_an_alarm_is_edited_no_more(chat: Chat) -> None:
    """Nobody would look for it there."""
    question = asked(FLAT)
    await chat(new(question))
    await chat(edited(question | {"text": ALARM}))
    (call,) = await chat(edited(question | {"text": CHAIN}))

    assert call.method == "sendMessage"


async def test_an_alarm_is_never_edited_away(chat: Chat) -> None:
    question = asked(ALARM)
    await chat(new(question))
    (call,) = await chat(edited(question | {"text": FLAT}))

    assert call.method == "sendMessage"


@pytest.mark.parametrize("complaint", ["message can't be edited", "message to edit not found", "MESSAGE_ID_INVALID"])
async def test_what_can_be_edited_no_more_is_answered_anew(chat: Chat, wire: Wire, complaint: str) -> None:
    question = asked(FLAT)
    await chat(new(question))
    wire.faults["editMessageText"].append(bad_request(complaint))
    (anew,) = await chat(edited(question | {"text": CHAIN}))
    (again,) = await chat(edited(question | {"text": FLAT}))

    assert (anew.method, again.method) == ("sendMessage", "editMessageText"), "and the new answer is the one to edit"


async def test_an_edit_that_says_the_same_is_left_at_that(chat: Chat, wire: Wire) -> None:
    question = asked(FLAT)
    await chat(new(question))
    wire.faults["editMessageText"].append(bad_request("message is not modified"))

    assert await chat(edited(question)) == []


async def test_what_was_never_answered_is_answered(chat: Chat) -> None:
    (call,) = await chat(edited(asked(FLAT)))

    assert call.method == "sendMessage"


async def test_an_answer_of_many_messages_is_answered_anew(chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    question = asked(FLAT)
    await chat(new(question))

    async def long(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        kept = await service.context(key)
        return Said(Notice("word " * REPLY_LIMIT_UNITS), Effects(((key, kept),)), "unknown")

    with monkeypatch.context() as patched:
        patched.setattr(service, "answer", long)
        calls = await chat(edited(question))
        assert {call.method for call in calls} == {"sendMessage"}
        assert len(calls) > 1
    (after,) = await chat(edited(question | {"text": CHAIN}))
    assert after.method == "sendMessage", "and so is the one after it"


async def test_an_alarm_of_another_message_comes_back_when_an_answer_is_edited(chat: Chat) -> None:
    question = asked(FLAT)
    await chat(new(question))
    await chat(said("my frame is cracked"))
    (call,) = await chat(edited(question | {"text": CHAIN}))

    assert call.method == "sendMessage", "what opens with a warning stays, and is seen"
    assert call.text.startswith("From earlier. You wrote about a crack.")


# --- more -------------------------------------------------------------------------------------------------------------


async def test_more_changes_the_buttons_and_leaves_the_words(chat: Chat) -> None:
    acknowledged, menu = await chat(pressed("m:flat-tyre"))
    _, back = await chat(pressed("b:flat-tyre"))

    assert (acknowledged.method, menu.method) == ("answerCallbackQuery", "editMessageReplyMarkup")
    assert [data.split("?")[0] for data in menu.data] == ["q:flat-tyre", "https://t.me/share/url", "h:flat-tyre", "u:flat-tyre", "b:flat-tyre"]
    assert back.data == ["+s:squeaky-chain", "n:flat-tyre", "m:flat-tyre"]


async def test_under_a_warning_everything_leads_below(chat: Chat) -> None:
    await chat(said("my frame is cracked"))
    (answer,) = await chat(said(FLAT))
    _, menu = await chat(pressed(answer.data[-2]))
    _, back = await chat(pressed(menu.data[-1]))
    _, sources = await chat(pressed(menu.data[0]))

    assert answer.data[-2] == "+m:flat-tyre"
    assert [data for data in menu.data if ":flat" in data] == ["+q:flat-tyre", "+h:flat-tyre", "+u:flat-tyre", "+b:flat-tyre"]
    assert back.data == answer.data
    assert sources.method == "sendMessage"


@pytest.mark.parametrize(("data", "outcome"), [("h:flat-tyre", "helpful"), ("u:flat-tyre", "unhelpful")])
async def test_a_vote_is_thanked_for_in_passing_and_counted_once(chat: Chat, service: Service, store: MemoryStore, data: str, outcome: str) -> None:
    thanked, menu = await chat(pressed(data))
    again, _ = await chat(pressed(data))

    assert thanked.parameters["text"] == again.parameters["text"] == service.say("thanks_for_vote")
    assert menu.method == "editMessageReplyMarkup"
    assert [count for (_, what, _), count in store._counts.items() if what == outcome] == [1]


async def test_a_vote_on_what_has_gone_is_answered(chat: Chat) -> None:
    acknowledged, shown = await chat(pressed("h:gone"))

    assert acknowledged.method == "answerCallbackQuery"
    assert shown.data == ["t:repairs:0"]


@pytest.mark.parametrize(
    ("under", "complaint"), [(None, "message can't be edited"), ({"chat": private(), "message_id": 5, "date": 0}, "")], ids=["refused", "too old"]
)
async def test_where_buttons_cannot_be_changed_they_are_sent(chat: Chat, wire: Wire, under: Raw | None, complaint: str) -> None:
    if complaint:
        wire.faults["editMessageReplyMarkup"].append(bad_request(complaint))
    _, menu = await chat(pressed("m:flat-tyre", under=under))

    assert (menu.method, menu.text) == ("sendMessage", "About: Mend a flat tyre")
    assert menu.data[0] == "q:flat-tyre"


async def test_buttons_that_stand_there_already_are_left(chat: Chat, wire: Wire) -> None:
    wire.faults["editMessageReplyMarkup"].append(bad_request("message is not modified"))

    assert [call.method for call in await chat(pressed("m:flat-tyre"))] == ["answerCallbackQuery"]


@pytest.mark.parametrize("data", ["s:flat-tyre", "+s:flat-tyre", "s:gone", "what?"])
async def test_an_old_button_in_a_group_shows_no_more_than_others_may_read(chat: Chat, data: str) -> None:
    _, shown = await chat(pressed(data, under=message("Pick.", chat=GROUP)))

    assert "Pump it up" not in shown.text
    assert all(link.startswith("https://t.me/bicycle_bot") for link in shown.data)


# --- typing -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def slow(service: Service, wire: Wire, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chat]:
    """A bot whose answers take longer than it takes until typing is shown."""
    real, shown = service.answer, asyncio.Event()
    wire.before = lambda call: shown.set() if call.method == "sendChatAction" else None

    async def answer(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        await asyncio.wait_for(shown.wait(), 5)
        return await real(utterance, key, carried)

    monkeypatch.setattr(service, "answer", answer)
    async with build_application(TOKEN, service, request=wire, typing_after_s=0.01) as application:
        wire.calls.clear()
        yield Chat(application, wire, store)


async def test_a_slow_answer_shows_that_it_is_coming(slow: Chat) -> None:
    action, answer = await slow(said(FLAT))

    assert (action.method, action.parameters) == ("sendChatAction", {"chat_id": ANN["id"], "action": "typing"})
    assert answer.text.startswith("Find the hole")


async def test_a_quick_answer_shows_nothing_of_the_kind(chat: Chat) -> None:
    assert [call.method for call in await chat(said(FLAT))] == ["sendMessage"]


async def test_that_it_cannot_be_shown_costs_nobody_the_answer(slow: Chat, wire: Wire) -> None:
    wire.faults["sendChatAction"].append(bad_request("chat not found"))
    (answer,) = await slow(said(FLAT))

    assert answer.text.startswith("Find the hole")


async def test_it_does_not_outlive_the_answer(slow: Chat, wire: Wire) -> None:
    wire.faults["sendChatAction"].extend(unreachable() for _ in range(3))
    await slow(said(FLAT, date=NOW))
    before = wire.attempts["sendChatAction"]
    for _ in range(10):
        await asyncio.sleep(0)

    assert wire.attempts["sendChatAction"] == before
