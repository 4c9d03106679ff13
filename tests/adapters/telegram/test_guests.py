"""Guest messages are answered where the person is, once, short and by links only; nothing is ever sent to a chat the bot is not in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.adapters.telegram.delivery import Delivery, Settlement
from bot.adapters.telegram.handlers import BotApplication
from bot.core.model import Context, Utterance
from bot.service import Said, Service
from bot.store.memory import MemoryStore
from bot.store.records import Claim, PersonKey, Standing
from tests.adapters.telegram.conftest import Chat, Clock
from tests.adapters.telegram.updates import ANN, BEN, GROUP, Raw, message, new, private, said
from tests.adapters.telegram.wire import BLOCKED, ME, Fault, Wire, bad_request, cut_off, too_many, unreachable

FLAT = "how do i mend a flat tyre"
NAME = f"@{ME['username']}"
LIMIT_S = 10.0
TOO_OLD = bad_request("query is too old and response timeout expired or query ID is invalid")
SHORT = "About: Mend a flat tyre\nFind the hole, roughen it & patch it: <sandpaper> helps."
EMERGENCY = "Stop riding at once if anything cracks."
STICKER: Raw = {"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}


def summoned(text: str | None = FLAT, update_id: int = 1, *, chat: Raw = GROUP, user: Raw = ANN, **more: Any) -> Raw:
    """A message that names the bot in a chat it is not in."""
    words: Raw = {}
    if text is not None:
        words = {"text": f"{NAME} {text}".strip(), "entities": [{"type": "mention", "offset": 0, "length": len(NAME)}]}
    return {"update_id": update_id, "guest_message": message(chat=chat, user=user, guest_query_id=f"g{update_id}") | words | more}


# --- what is answered ---------------------------------------------------------------------------------------------------


async def test_a_guest_gets_the_opening_and_a_link(chat: Chat) -> None:
    (call,) = await chat(summoned())

    assert (call.method, call.parameters["guest_query_id"]) == ("answerGuestQuery", "g1")
    (post,) = call.posts
    assert post.text == f"{SHORT}\n\nThis is general information. For your own case, ask someone who knows it.\n\n{EMERGENCY}"
    assert post.data == ["https://t.me/bicycle_bot?start=flat-tyre"]
    assert call.parameters["result"]["input_message_content"]["link_preview_options"] == {"is_disabled": True}
    assert call.parameters["result"]["title"] == "Bicycles"


async def test_an_alarm_is_whole(chat: Chat) -> None:
    (call,) = await chat(summoned("help, my brakes failed"))

    assert call.posts[0].text == "You wrote that you cannot brake.\n\nSteer uphill & off the road now.\n\nPut a foot down, <gently>."


async def test_an_alarm_that_names_numbers_names_them_all(chat: Chat) -> None:
    (call,) = await chat(summoned("my frame is cracked"))

    (post,) = call.posts
    assert all(number in post.text for number in ("222", "444", "the next <workshop>"))
    assert all(button.startswith("https://t.me/") for button in post.data)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        (summoned(""), "start"),
        (summoned(None, sticker=STICKER), "unsupported_sticker"),
        (summoned(None, contact={"phone_number": "1", "first_name": "Al"}), "unsupported_contact"),
        (summoned("who won the match last night"), "dont_know"),
        (summoned("what about chains and brakes or tyres"), ""),
    ],
    ids=["only the name", "a sticker", "a contact", "not ours", "an offer or an answer"],
)
async def test_whatever_a_guest_sends_gets_an_answer_with_links_only(chat: Chat, service: Service, raw: Raw, key: str) -> None:
    (call,) = await chat(raw)

    (post,) = call.posts
    assert call.method == "answerGuestQuery"
    assert post.text.startswith(service.say(key).strip() if key else "")
    assert post.data
    assert all(button.startswith("https://t.me/bicycle_bot") for button in post.data)


@pytest.mark.parametrize(
    "raw",
    [
        summoned(user={"id": 77, "is_bot": True, "first_name": "Other"}),
        summoned(via_bot={"id": 77, "is_bot": True, "first_name": "Other"}),
        summoned(sender_chat=GROUP),
        {"update_id": 1, "guest_message": {key: value for key, value in summoned()["guest_message"].items() if key != "guest_query_id"}},
        {"update_id": 1, "guest_message": {key: value for key, value in summoned()["guest_message"].items() if key != "from"}},
    ],
    ids=["a bot", "through a bot", "a chat as a writer", "nothing to answer", "nobody"],
)
async def test_nobody_else_is_answered(chat: Chat, raw: Raw) -> None:
    assert await chat(raw) == []


@pytest.mark.parametrize("refusal", ["can't parse entities: unsupported start tag", "BUTTON_URL_INVALID"])
async def test_words_are_not_lost_for_their_looks(chat: Chat, wire: Wire, refusal: str) -> None:
    wire.faults["answerGuestQuery"].append(bad_request(refusal))
    (call,) = await chat(summoned())

    assert "parse_mode" not in call.posts[0].parameters
    assert call.posts[0].text.startswith(SHORT)
    assert call.posts[0].data == []


# --- what is carried on -------------------------------------------------------------------------------------------------


async def test_the_next_answer_to_the_same_person_in_that_chat_has_a_short_note(chat: Chat) -> None:
    full = [
        EMERGENCY in (await chat(raw))[0].posts[0].text
        for raw in (summoned(), summoned(), summoned(user=BEN), summoned(chat=private(BEN)), summoned(chat=private(BEN)))
    ]

    assert full == [True, False, True, True, False]


async def test_a_chat_that_is_visited_is_not_the_one_with_its_number(chat: Chat) -> None:
    await chat(summoned(chat=private(ANN)))
    (call,) = await chat(said(FLAT))

    assert EMERGENCY in call.text


async def test_what_is_carried_on_is_forgotten_with_the_rest(chat: Chat) -> None:
    await chat(summoned())
    await chat(said("/forget"))
    (call,) = await chat(summoned())

    assert EMERGENCY in call.posts[0].text


# --- delivery -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def delivery(application: BotApplication, service: Service, store: MemoryStore) -> AsyncIterator[Delivery]:
    delivery = Delivery(application, service, store, alone=True)
    yield delivery
    await delivery.stop(0)


async def settle(delivery: Delivery, *updates: Raw) -> dict[Settlement, int]:
    for raw in updates:
        delivery.take(raw)
    assert await delivery.wait(LIMIT_S)
    return dict(delivery.counts)


async def test_each_of_many_questions_has_its_own_answer(delivery: Delivery, wire: Wire) -> None:
    counts = await settle(delivery, *(summoned(update_id=number) for number in range(1, 12)))

    assert counts == {Settlement.ANSWERED: 11}
    assert [call.parameters["guest_query_id"] for call in wire.calls] == [f"g{number}" for number in range(1, 12)]


async def test_a_guest_does_not_wait_for_the_private_chat(delivery: Delivery, service: Service, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    real, slow = service.answer, asyncio.Event()

    async def answer(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        if utterance.text == "slow":
            await slow.wait()
        return await real(utterance, key, carried)

    monkeypatch.setattr(service, "answer", answer)
    delivery.take(new(message("slow"), 1))
    delivery.take(summoned(update_id=2, chat=private(ANN)))
    await delivery.wait(0.05)
    assert [call.method for call in wire.calls] == ["answerGuestQuery"]
    slow.set()

    assert await settle(delivery) == {Settlement.ANSWERED: 2}


@pytest.mark.parametrize(
    ("faults", "settlement", "attempts"),
    [
        ([unreachable()] * 3, Settlement.ANSWERED, 4),
        ([cut_off()], Settlement.ANSWERED, 2),
        ([too_many(3)] * 2, Settlement.ANSWERED, 3),
        ([too_many(300)], Settlement.GAVE_UP, 1),
        ([TOO_OLD], Settlement.CHAT_GONE, 1),
        ([cut_off(), TOO_OLD], Settlement.CHAT_GONE, 2),
        ([BLOCKED], Settlement.CHAT_GONE, 1),
        ([bad_request("strange")] * 2, Settlement.GAVE_UP, 3),
        ([bad_request("strange")] * 3, Settlement.GAVE_UP, 3),
    ],
    ids=["unreachable", "cut off", "429", "a long 429", "too old", "taken, and then cut off", "gone", "refused", "apology refused"],
)
async def test_whatever_fails_nothing_is_sent_to_that_chat(
    delivery: Delivery, wire: Wire, faults: list[Fault], settlement: Settlement, attempts: int
) -> None:
    wire.faults["answerGuestQuery"].extend(faults)

    assert await settle(delivery, summoned()) == {settlement: 1}
    assert wire.attempts["answerGuestQuery"] == attempts
    assert {method for method, times in wire.attempts.items() if times} <= {"answerGuestQuery", "getMe"}


@pytest.mark.parametrize("query", [{}, {"guest_query_id": ""}], ids=["apology", "nothing to answer"])
async def test_who_cannot_be_answered_gets_the_apology_by_the_same_way(
    delivery: Delivery, service: Service, store: MemoryStore, wire: Wire, monkeypatch: pytest.MonkeyPatch, query: Raw
) -> None:
    """What ended the process five times is not begun again."""

    async def claim(update_id: int, *, alone: bool) -> Claim:
        return Claim(Standing.OURS, 6)

    monkeypatch.setattr(store, "claim", claim)

    assert await settle(delivery, summoned(**query)) == {Settlement.GAVE_UP: 1}
    assert [call.method for call in wire.calls] == ["answerGuestQuery"] * (not query)
    assert all(call.posts[0].text == f"{service.say('gave_up').strip()}\n\n{EMERGENCY}" for call in wire.calls)


async def test_a_fault_of_our_own_is_tried_again_and_then_owned_up_to(
    delivery: Delivery, service: Service, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        raise KeyError(utterance.text)

    monkeypatch.setattr(service, "answer", answer)

    assert await settle(delivery, summoned()) == {Settlement.GAVE_UP: 1}
    (call,) = wire.calls
    assert call.posts[0].text.startswith(service.say("gave_up").strip())
    assert clock.slept == [0.2, 0.4, 0.8, 1.6]


async def test_what_comes_again_after_a_crash_leaves_its_traces_once(application: BotApplication, service: Service, wire: Wire) -> None:
    store = MemoryStore()
    first = Delivery(application, service, store, alone=True)
    assert await settle(first, summoned(update_id=5)) == {Settlement.ANSWERED: 1}
    second = Delivery(application, service, store, alone=True)

    assert await settle(second, summoned(update_id=5)) == {Settlement.REPEATED: 1}
    assert (wire.attempts["answerGuestQuery"], len(store._people), sum(store._counts.values())) == (1, 1, 1)
