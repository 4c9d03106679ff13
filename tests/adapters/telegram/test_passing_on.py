"""The button under "I don't know", over the wire: shown only where nobody reads along, and nothing is kept before a yes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.handlers import BotApplication
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Miss
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN, Chat, Clock
from tests.adapters.telegram.updates import ANN, BEN, GROUP, NOW, Raw, edited, message, new, pressed, private, said
from tests.adapters.telegram.wire import ME, Call, Wire, bad_request

LOST = "where do bananas grow in the summer"
ASK, YES, NO = f"+p:{NOW}", f"y:{NOW}", f"x:{NOW}"
TODAY = datetime.fromtimestamp(NOW, UTC).date()
PASSED = Miss(TODAY, LOST, passed=True)
NAMED: dict[str, Any] = {"entities": [{"type": "mention", "offset": 0, "length": len("@bicycle_bot")}]}


@pytest.fixture
def service(folder: Path, bicycles: Snapshot, store: MemoryStore) -> Service:
    return Service(LiveKnowledge(folder, bicycles), store, keep_misses=True)


def offers(calls: list[Call]) -> list[str]:
    return [data for call in calls for data in call.data if data.lstrip("+")[:2] in ("p:", "y:", "x:")]


async def test_it_is_offered_asked_and_kept(chat: Chat, store: MemoryStore, service: Service) -> None:
    (lost,) = await chat(said(LOST))
    _, asking = await chat(pressed(ASK))
    kept_before = await store.misses()
    _, thanks = await chat(pressed(YES))

    assert offers([lost]) == [ASK]
    assert (asking.method, asking.text) == ("sendMessage", service.say("pass_on_ask", words=LOST, days="30").strip())
    assert asking.data == [YES, NO]
    assert kept_before == (Miss(TODAY, LOST),)
    assert thanks.method == "editMessageText"
    assert thanks.text.startswith(service.say("pass_on_sent"))
    assert await store.misses() == (PASSED,)


async def test_what_was_asked_stays_above_the_question_whether_to_pass_it_on(chat: Chat) -> None:
    (lost,) = await chat(said(LOST))
    calls = await chat(pressed(ASK))

    assert [call.method for call in calls] == ["answerCallbackQuery", "sendMessage"]
    assert "emergency" in lost.text


async def test_a_no_keeps_nothing_more(chat: Chat, store: MemoryStore, service: Service) -> None:
    await chat(said(LOST))
    await chat(pressed(ASK))
    _, call = await chat(pressed(NO))

    assert call.text.startswith(service.say("pass_on_not_sent"))
    assert await store.misses() == (Miss(TODAY, LOST),)


async def test_once_forgotten_it_is_gone(chat: Chat, store: MemoryStore, service: Service) -> None:
    await chat(said(LOST))
    await chat(said("/forget"))
    for press in (ASK, YES):
        call = (await chat(pressed(press)))[-1]
        assert call.text.startswith(service.say("pass_on_gone"))
    assert not any(miss.passed for miss in await store.misses())


async def test_of_an_edited_question_the_new_words_are_passed_on(chat: Chat, store: MemoryStore) -> None:
    asked = message(LOST)
    await chat(new(asked))
    calls = await chat(edited(asked | {"text": "how do i paint a wooden fence"}))
    (ask,) = offers(calls)
    await chat(pressed(f"y:{ask.partition(':')[2]}"))

    assert [miss.words for miss in await store.misses() if miss.passed] == ["how do i paint a wooden fence"]


# --- where others read along ----------------------------------------------------------------------------------------

IN_GROUP = message("Pick one.", user=ME, chat=GROUP)
PUBLIC: dict[str, Raw] = {
    "in a group": message(f"@bicycle_bot {LOST}", chat=GROUP, **NAMED),
    "by a command in a group": message(f"/nonsense@bicycle_bot {LOST}", chat=GROUP),
}


@pytest.mark.parametrize("asked", PUBLIC.values(), ids=PUBLIC)
async def test_in_a_group_it_is_never_offered(chat: Chat, asked: Raw) -> None:
    calls = await chat(new(asked))

    assert calls
    assert offers(calls) == []


async def test_in_a_guest_message_it_is_never_offered(chat: Chat) -> None:
    (call,) = await chat({"update_id": 1, "guest_message": message(LOST, chat=GROUP, guest_query_id="g")})

    assert offers(call.posts) == []
    assert call.posts


async def test_in_a_list_it_is_never_offered(chat: Chat) -> None:
    calls = await chat({"update_id": 1, "inline_query": {"id": "1", "from": ANN, "query": LOST, "offset": ""}})

    assert "p:" not in repr([call.parameters for call in calls])


@pytest.mark.parametrize("data", [ASK, YES, NO])
@pytest.mark.parametrize(
    ("where", "more"), [(IN_GROUP, {}), ({}, {"message": {}, "inline_message_id": "posted-1"})], ids=["in a group", "under an inline message"]
)
async def test_a_forged_press_elsewhere_leads_nowhere(
    chat: Chat, store: MemoryStore, service: Service, data: str, where: Raw, more: dict[str, Any]
) -> None:
    await chat(said(LOST))
    await chat(new(message(f"@bicycle_bot {LOST}", chat=GROUP, **NAMED)))
    calls = await chat(pressed(data, under=where or None, **more))

    assert calls[-1].text.startswith(service.gone().text)
    assert not any("bananas" in call.text for call in calls)
    assert not any(miss.passed for miss in await store.misses())


@pytest.mark.parametrize("data", [ASK, YES])
async def test_another_person_s_press_finds_no_words(chat: Chat, store: MemoryStore, service: Service, data: str) -> None:
    await chat(said(LOST))
    calls = await chat(pressed(data, user=BEN, under=message("x", user=ME, chat=private(BEN))))

    assert calls[-1].text.startswith(service.say("pass_on_gone"))
    assert not any(miss.passed for miss in await store.misses())


# --- delivered ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def delivery(application: BotApplication, service: Service, store: MemoryStore) -> AsyncIterator[Delivery]:
    running = Delivery(application, service, store, alone=True)
    yield running
    await running.stop(0)


async def deliver(delivery: Delivery, *updates: Raw) -> None:
    for update in updates:
        delivery.take(update)
    await delivery.wait(10)


async def test_a_press_that_comes_twice_and_one_that_is_done_twice_keep_one(delivery: Delivery, store: MemoryStore) -> None:
    await deliver(delivery, said(LOST) | {"update_id": 1})
    await deliver(delivery, *(pressed(YES) | {"update_id": number} for number in (2, 2, 3)))

    assert await store.misses() == (PASSED,)


async def test_a_press_whose_reply_met_a_fault_of_ours_is_begun_anew_and_kept_once(
    delivery: Delivery, store: MemoryStore, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, faults = service.say, [ValueError("odd")]

    def say(key: str, **values: str) -> str:
        if key == "safety_line" and faults:
            raise faults.pop()
        return real(key, **values)

    await deliver(delivery, said(LOST) | {"update_id": 1})
    monkeypatch.setattr(service, "say", say)
    await deliver(delivery, pressed(YES) | {"update_id": 2})

    assert faults == []
    assert await store.misses() == (PASSED,)


async def test_a_yes_is_kept_though_its_thanks_never_arrived(delivery: Delivery, store: MemoryStore, wire: Wire) -> None:
    await deliver(delivery, said(LOST) | {"update_id": 1})
    wire.faults["editMessageText"].append(bad_request("message to edit not found"))
    wire.faults["sendMessage"].append(bad_request("chat not found"))
    await deliver(delivery, pressed(YES) | {"update_id": 2})

    assert await store.misses() == (PASSED,)


async def test_where_nothing_is_kept_the_button_is_not_there(folder: Path, bicycles: Snapshot, wire: Wire, store: MemoryStore, clock: Clock) -> None:
    silent = Service(LiveKnowledge(folder, bicycles), store)
    async with build_application(TOKEN, silent, admin_ids=frozenset({ADMIN_ID}), request=wire, sleep=clock.sleep) as application:
        wire.calls.clear()
        chat = Chat(application, wire, store)

        assert offers(await chat(said(LOST))) == []
        assert (await chat(pressed(YES)))[-1].text.startswith(silent.say("pass_on_gone"))
    assert await store.misses() == ()
