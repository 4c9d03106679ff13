"""Updates are settled once, in order within a chat, side by side across chats; whatever fails, the next person is answered."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from bot import metrics
from bot.adapters.telegram import delivery as module
from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.delivery import Delivery, Settlement
from bot.adapters.telegram.handlers import BotApplication
from bot.core.model import Context, Utterance
from bot.errors import StoreError
from bot.service import Said, Service
from bot.store.memory import MemoryStore
from bot.store.records import Claim, Effects, PersonKey, Standing
from tests.adapters.telegram.conftest import TOKEN, Clock
from tests.adapters.telegram.updates import ANN, BEN, GROUP, Raw, message, new, said
from tests.adapters.telegram.wire import BAD_GATEWAY, BLOCKED, Fault, Refusal, Wire, bad_request, cut_off, too_many, unreachable

LONG_S = 10.0
UNREADABLE: Raw = {"update_id": 60, "message": {"message_id": 1, "date": "my secret worry", "chat": {"id": 1, "type": "private"}}}


@pytest.fixture
async def delivery(application: BotApplication, service: Service, store: MemoryStore) -> AsyncIterator[Delivery]:
    delivery = Delivery(application, service, store, alone=True)
    yield delivery
    await delivery.stop(0)


@pytest.fixture
def gates(service: Service, monkeypatch: pytest.MonkeyPatch) -> dict[str, asyncio.Event]:
    """A message whose text has a gate here waits in the service until it is opened."""
    real = service.answer
    gates: dict[str, asyncio.Event] = {}

    async def answer(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        if utterance.text in gates:
            await gates[utterance.text].wait()
        return await real(utterance, key, carried)

    monkeypatch.setattr(service, "answer", answer)
    return gates


def update(update_id: int, text: str = "how do i oil the chain", user: Raw = ANN) -> Raw:
    return new(message(text, user=user), update_id)


async def is_settled(store: MemoryStore, update_id: int) -> bool:
    return (await store.claim(update_id, alone=True)).standing is Standing.SETTLED


async def settle(delivery: Delivery, *updates: Raw) -> dict[Settlement, int]:
    for raw in updates:
        delivery.take(raw)
    assert await delivery.wait(LONG_S)
    return dict(delivery.counts)


async def test_messages_of_one_chat_keep_their_order_and_chats_do_not_wait_for_each_other(
    delivery: Delivery, wire: Wire, gates: dict[str, asyncio.Event]
) -> None:
    gates["slow"] = asyncio.Event()
    delivery.take(update(1, "slow"))
    delivery.take(update(2, "my chain squeaks"))
    delivery.take(update(3, user=BEN))
    assert not await delivery.wait(0.05)
    assert ([len(wire.sent(user["id"])) for user in (ANN, BEN)], delivery.offset) == ([0, 1], 1)

    gates["slow"].set()
    await settle(delivery)

    assert [len(wire.sent(user["id"])) for user in (ANN, BEN)] == [2, 1]
    assert [call.text.startswith("One drop") for call in wire.sent(ANN["id"])] == [False, True]


async def test_only_so_many_chats_are_served_at_once(
    application: BotApplication, service: Service, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, at_work, most = service.answer, 0, 0

    async def answer(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        found = await real(utterance, key, carried)
        await asyncio.sleep(0)
        at_work -= 1
        return found

    monkeypatch.setattr(service, "answer", answer)
    delivery = Delivery(application, service, store, alone=True, lanes_at_work=3)
    await settle(delivery, *(update(number, user=ANN | {"id": number}) for number in range(1, 20)))

    assert (most, delivery.counts) == (3, {Settlement.ANSWERED: 19})


async def test_the_offset_rises_only_past_what_is_settled(delivery: Delivery, gates: dict[str, asyncio.Event]) -> None:
    gates["slow"] = asyncio.Event()
    assert delivery.offset == 0
    delivery.take(update(7, user=BEN))
    delivery.take(update(8, "slow"))
    delivery.take(update(9, user=BEN))
    await delivery.wait(0.05)
    assert (delivery.offset, delivery.busy, delivery.counts[Settlement.ANSWERED]) == (8, True, 2)

    gates["slow"].set()
    await settle(delivery)

    assert (delivery.offset, delivery.busy) == (10, False)


async def test_what_comes_again_while_open_or_settled_is_answered_once(delivery: Delivery, wire: Wire, gates: dict[str, asyncio.Event]) -> None:
    gates["slow"] = asyncio.Event()
    batch = [update(1, "slow"), update(2, user=BEN)]
    for raw in batch:
        delivery.take(raw)
    await delivery.wait(0.05)
    for raw in batch:
        delivery.take(raw)
    gates["slow"].set()
    await settle(delivery, *batch)

    assert len(wire.sent()) == 2
    assert delivery.counts == {Settlement.ANSWERED: 2}


async def test_what_an_earlier_process_settled_is_not_answered_again(
    application: BotApplication, service: Service, store: MemoryStore, wire: Wire, gates: dict[str, asyncio.Event]
) -> None:
    """Half a batch is done when the process dies; Telegram sends all of it again."""
    gates["dies here"] = asyncio.Event()
    batch = [update(1), update(2, "dies here"), update(3, user=BEN)]
    first = Delivery(application, service, store, alone=True)
    for raw in batch:
        first.take(raw)
    await first.wait(0.05)
    await first.stop(0)
    assert [call.parameters["chat_id"] for call in wire.sent()].count(ANN["id"]) == 1
    assert first.offset == 2

    gates["dies here"].set()
    again = Delivery(application, service, store, alone=True)
    counts = await settle(again, *batch)

    assert counts == {Settlement.REPEATED: 2, Settlement.ANSWERED: 1}
    assert len(wire.sent()) == 3


async def test_ids_that_telegram_counts_anew_are_new_updates(delivery: Delivery, wire: Wire) -> None:
    await settle(delivery, update(9_000))
    delivery.confirmed(delivery.offset)
    await settle(delivery, update(5))

    assert (len(wire.sent()), delivery.offset) == (2, 6)


@pytest.mark.parametrize("raw", [{}, {"update_id": "7"}, {"update_id": None}])
async def test_what_carries_no_id_is_let_pass(delivery: Delivery, raw: Raw) -> None:
    assert await settle(delivery, raw) == {}


async def test_an_update_that_cannot_be_read_is_settled_and_logged_by_its_id(
    delivery: Delivery, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    counts = await settle(delivery, UNREADABLE, update(61))

    assert counts == {Settlement.UNREADABLE: 1, Settlement.ANSWERED: 1}
    assert (delivery.offset, len(wire.sent())) == (62, 1)
    assert "update 60" in caplog.text
    assert "secret" not in caplog.text


async def test_an_update_that_is_odd_within_is_given_up_and_stops_no_other(delivery: Delivery, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """The mention begins in the middle of a character."""
    odd = message("\U0001f600 secret", chat=GROUP, entities=[{"type": "mention", "offset": 1, "length": 1}])
    counts = await settle(delivery, new(odd, 1), update(2))

    assert counts == {Settlement.GAVE_UP: 1, Settlement.ANSWERED: 1}
    assert "update 1 is odd: UnicodeDecodeError" in caplog.text
    assert "secret" not in caplog.text


async def test_updates_without_a_chat_have_their_own_lanes(delivery: Delivery) -> None:
    poll = {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False, "is_anonymous": True}
    poll |= {"type": "regular", "allows_multiple_answers": False, "allows_revoting": False, "members_only": False}
    asked = {"id": "1", "from": ANN, "query": "", "offset": ""}
    counts = await settle(delivery, {"update_id": 1, "poll": poll}, {"update_id": 2, "inline_query": asked})

    assert counts == {Settlement.ANSWERED: 2}


# --- odd answers --------------------------------------------------------------------------------------------------------

UNREADABLE_ANSWERS = [b'{"ok": true}', b'{"ok": true, "result": {}}', b'{"ok": true, "result": []}']


@pytest.mark.parametrize("odd", UNREADABLE_ANSWERS)
async def test_what_telegram_took_is_sent_once_though_its_answer_cannot_be_read(delivery: Delivery, wire: Wire, odd: bytes) -> None:
    wire.faults["sendMessage"].append(odd)
    counts = await settle(delivery, update(1), update(2))

    assert (counts, wire.attempts["sendMessage"]) == ({Settlement.ANSWERED: 2}, 2)


@pytest.mark.parametrize("odd", UNREADABLE_ANSWERS)
async def test_a_chat_is_served_on_whatever_becomes_of_an_apology(delivery: Delivery, wire: Wire, odd: bytes) -> None:
    wire.faults["sendMessage"].extend([bad_request("no"), odd])
    counts = await settle(delivery, update(1), update(2))

    assert (counts, len(wire.sent())) == ({Settlement.GAVE_UP: 1, Settlement.ANSWERED: 1}, 1)


async def test_what_is_at_work_shows_nothing_of_the_person_when_printed(delivery: Delivery, wire: Wire, pauses: asyncio.Event) -> None:
    wire.faults_by_chat[ANN["id"]].append(unreachable())
    delivery.take(update(1, "help, my brakes failed"))
    await delivery.wait(0.05)
    (lane,) = delivery._workers._lanes.values()

    assert lane.hand is not None
    assert lane.hand.effects.contexts
    assert not [word for word in ("brakes", "here=", str(ANN["id"])) if word in repr(lane)]


async def test_a_sign_of_typing_is_no_message_sent_twice(service: Service, store: MemoryStore, wire: Wire, gates: dict[str, asyncio.Event]) -> None:
    gates["slow"] = asyncio.Event()
    wire.faults["sendChatAction"].append(cut_off())
    application = build_application(TOKEN, service, request=wire, typing_after_s=0.0, sleep=Clock().sleep)
    before = metrics.MAYBE_TWICE._value.get()
    async with application:
        delivery = Delivery(application, service, store, alone=True)
        delivery.take(update(1, "slow"))
        await delivery.wait(0.05)
        gates["slow"].set()
        await settle(delivery)

    assert (wire.attempts["sendChatAction"], metrics.MAYBE_TWICE._value.get()) == (2, before)


# --- failures -----------------------------------------------------------------------------------------------------------


async def test_a_pause_that_telegram_asks_of_one_chat_holds_up_no_other(
    application: BotApplication, delivery: Delivery, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused, woken = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        clock.slept.append(seconds)
        paused.set()
        await woken.wait()

    monkeypatch.setattr(application.bot.rate_limiter, "_sleep", sleep)
    wire.faults_by_chat[ANN["id"]].append(too_many(9))
    delivery.take(update(1))
    await asyncio.wait_for(paused.wait(), LONG_S)
    delivery.take(update(2))
    delivery.take(update(3, user=BEN))
    await delivery.wait(0.05)
    assert [len(wire.sent(user["id"])) for user in (ANN, BEN)] == [0, 1]

    woken.set()
    await settle(delivery)

    assert [len(wire.sent(user["id"])) for user in (ANN, BEN)] == [2, 1]
    assert clock.slept == [9]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELD_UP_S", 0.0)
    monkeypatch.setattr(module, "HELD_UP_RESTING_S", 0.0)


@pytest.fixture
def pauses(application: BotApplication, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Pauses last until this is set."""
    woken = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await woken.wait()

    monkeypatch.setattr(application.bot.rate_limiter, "_sleep", sleep)
    return woken


@pytest.mark.parametrize("text", ["how do i oil the chain", "/topics"], ids=["words", "command"])
@pytest.mark.usefixtures("hurried")
async def test_what_holds_up_others_is_let_go_and_answered_all_the_same(
    delivery: Delivery, store: MemoryStore, wire: Wire, pauses: asyncio.Event, text: str
) -> None:
    """To the store it is settled: a crash from here on would leave it given up, not forgotten."""
    wire.faults_by_chat[ANN["id"]].append(too_many(29))
    for number in range(1, 4):
        delivery.take(update(number, text))
    await delivery.wait(0.05)
    await delivery.let_go()
    assert (+delivery.counts, delivery.offset, delivery.busy) == ({}, 1, True)

    await settle_one_of(BEN, delivery)
    await delivery.let_go()
    assert (+delivery.counts, delivery.offset, delivery.busy) == ({Settlement.GAVE_UP: 3, Settlement.ANSWERED: 1}, 10, False)
    assert not delivery.take(update(2))
    assert await is_settled(store, 1)
    assert delivery.at_work

    pauses.set()
    await settle(delivery)

    assert (+delivery.counts, len(wire.sent(ANN["id"]))) == ({Settlement.ANSWERED: 4}, 3)
    assert len(store._people) == (1 if text == "/topics" else 2)
    assert not delivery.at_work


async def settle_one_of(user: Raw, delivery: Delivery) -> None:
    delivery.take(update(9, user=user))
    await delivery.wait(0.05)


async def test_what_is_open_for_a_moment_only_is_not_let_go(delivery: Delivery, wire: Wire, pauses: asyncio.Event) -> None:
    wire.faults_by_chat[ANN["id"]].append(too_many(29))
    delivery.take(update(1))
    await delivery.wait(0.05)
    await delivery.let_go()

    assert (delivery.counts, delivery.offset) == ({}, 1)


@pytest.mark.usefixtures("hurried")
async def test_in_an_outage_nothing_is_let_go(delivery: Delivery, wire: Wire, pauses: asyncio.Event) -> None:
    wire.faults["sendMessage"].extend([BAD_GATEWAY, unreachable()])
    delivery.take(update(1))
    delivery.take(update(2, user=BEN))
    await delivery.wait(0.05)
    await delivery.let_go()

    assert (delivery.counts, delivery.offset) == ({}, 1)


@pytest.mark.parametrize(
    "refusal",
    [BLOCKED, bad_request("chat not found"), Refusal(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -5})],
    ids=["blocked", "chat not found", "migrated"],
)
async def test_a_chat_that_is_gone_settles_its_update_without_a_word(delivery: Delivery, wire: Wire, refusal: Refusal) -> None:
    wire.faults["sendMessage"].append(refusal)
    counts = await settle(delivery, update(1), update(2, user=BEN))

    assert counts == {Settlement.CHAT_GONE: 1, Settlement.ANSWERED: 1}
    assert wire.attempts["sendMessage"] == 2


@pytest.mark.parametrize("outage", [[unreachable()] * 40, [BAD_GATEWAY] * 40], ids=["unreachable", "5xx"])
async def test_an_outage_of_any_length_loses_nothing_and_keeps_the_order(delivery: Delivery, wire: Wire, clock: Clock, outage: list[Fault]) -> None:
    wire.faults["sendMessage"].extend(outage)
    counts = await settle(delivery, update(1), update(2, "my tyre has a puncture"))

    assert counts == {Settlement.ANSWERED: 2}
    assert [call.text[:8] for call in wire.sent()] == ["One drop", "Find the"]
    assert max(clock.slept) == 30


async def test_a_reply_that_telegram_refuses_ends_in_an_apology_with_when_to_call_for_help(delivery: Delivery, service: Service, wire: Wire) -> None:
    wire.faults["sendMessage"].append(bad_request("text must be non-empty"))
    counts = await settle(delivery, update(1))

    assert counts == {Settlement.GAVE_UP: 1}
    assert [call.text for call in wire.sent()] == [service.say("gave_up").strip() + "\n\nStop riding at once if anything cracks."]


async def test_a_fault_of_our_own_is_found_out_and_apologised_for(
    delivery: Delivery, service: Service, wire: Wire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The library swallows what handlers raise; here it must not pass for an answer."""

    async def broken(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        raise ValueError(utterance.text)

    monkeypatch.setattr(service, "answer", broken)
    counts = await settle(delivery, update(1, "my secret worry"))

    assert counts == {Settlement.GAVE_UP: 1}
    assert wire.sent()[0].text.startswith(service.say("gave_up").strip())
    assert "ValueError at" in caplog.text
    assert "secret" not in caplog.text


async def test_an_apology_that_fails_too_settles_all_the_same(delivery: Delivery, wire: Wire) -> None:
    wire.faults["sendMessage"].extend([bad_request("text must be non-empty"), BAD_GATEWAY])

    assert await settle(delivery, update(1), update(2)) == {Settlement.GAVE_UP: 1, Settlement.ANSWERED: 1}
    assert len(wire.sent()) == 1


async def test_told_to_be_silent_for_long_the_bot_is_silent(delivery: Delivery, wire: Wire) -> None:
    wire.faults["sendMessage"].append(too_many(3600))

    assert await settle(delivery, update(1)) == {Settlement.GAVE_UP: 1}
    assert wire.attempts["sendMessage"] == 1


async def test_a_fault_without_a_chat_is_settled(application: BotApplication, delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    for handlers in application.handlers.values():
        for handler in handlers:
            monkeypatch.setattr(type(handler), "check_update", lambda self, update: 1 / 0)
    asked = {"id": "1", "from": ANN, "query": "", "offset": ""}

    assert await settle(delivery, {"update_id": 2, "inline_query": asked}) == {Settlement.GAVE_UP: 1}


async def test_even_a_fault_beyond_the_handlers_leaves_the_lane_working(
    application: BotApplication, delivery: Delivery, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    real = application.process_update
    broken = iter([True])

    async def process(update: object) -> None:
        if next(broken, False):
            raise RuntimeError("not initialised")
        await real(update)

    monkeypatch.setattr(application, "process_update", process)

    assert await settle(delivery, update(1), update(2)) == {Settlement.ANSWERED: 2}
    assert clock.slept == [0.2]


# --- the store ----------------------------------------------------------------------------------------------------------


class IllStore(MemoryStore):
    """Fails, or hangs, at everything that has to do with updates."""

    def __init__(self, error: Exception | None) -> None:
        super().__init__()
        self._error = error

    async def _fail(self) -> None:
        if self._error:
            raise self._error
        await asyncio.Event().wait()

    async def claim(self, update_id: int, *, alone: bool) -> Claim:
        await self._fail()
        return await super().claim(update_id, alone=alone)

    async def settle(self, update_ids: Sequence[int], effects: Effects) -> bool:
        await self._fail()
        return await super().settle(update_ids, effects)


@pytest.mark.parametrize("error", [StoreError("down"), OSError("disk"), None], ids=["refuses", "breaks", "hangs"])
async def test_a_store_that_is_ill_costs_nobody_the_answer(
    application: BotApplication, service: Service, wire: Wire, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    monkeypatch.setattr("bot.store.bounded.STORE_WAIT_S", 0.01)
    delivery = Delivery(application, service, IllStore(error), alone=True)
    counts = await settle(delivery, update(1), update(1), update(2))

    assert counts == {Settlement.ANSWERED: 2}
    assert (len(wire.sent()), delivery.offset) == (2, 3)


# --- the end, and the log -----------------------------------------------------------------------------------------------


async def test_at_the_end_what_is_open_is_finished(delivery: Delivery, wire: Wire) -> None:
    for number in range(1, 6):
        delivery.take(update(number))
    await delivery.stop(LONG_S)

    assert (len(wire.sent()), delivery.offset) == (5, 6)


async def test_what_cannot_be_finished_in_time_stays_unsettled(delivery: Delivery, store: MemoryStore, gates: dict[str, asyncio.Event]) -> None:
    gates["slow"] = asyncio.Event()
    delivery.take(update(1, "slow"))
    delivery.take(update(2, user=BEN))
    await delivery.stop(0.05)

    assert (delivery.offset, await is_settled(store, 1), await is_settled(store, 2)) == (1, False, True)


async def test_the_log_tells_update_outcome_and_time_and_nothing_of_the_person(delivery: Delivery, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    asked = said("how do i oil the chain", user=ANN | {"first_name": "Annabel", "username": "annabel", "id": 987654321}, chat=GROUP)
    await settle(delivery, asked | {"update_id": 31}, update(32, user=ANN | {"first_name": "Annabel", "id": 987654321}))

    every: list[dict[str, Any]] = [getattr(record, "fields", {}) for record in caplog.records]
    (fields,) = [each for each in every if each.get("update_id") == 32]
    assert {key: fields[key] for key in ("settlement", "outcome", "about", "tries", "maybe_twice")} == {
        "settlement": "answered",
        "outcome": "answered",
        "about": ["squeaky-chain"],
        "tries": 1,
        "maybe_twice": 0,
    }
    assert 0.5 < fields["confidence"] <= 1.0
    assert fields["ms"] >= 0
    logged = str([vars(record) for record in caplog.records])
    assert not [word for word in ("Annabel", "annabel", "987654321", "oil the chain", "100777", TOKEN) if word in logged]


async def test_at_the_end_the_log_counts_what_became_of_all(
    delivery: Delivery, gates: dict[str, asyncio.Event], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    gates["slow"] = asyncio.Event()
    for raw in (update(1), update(2, user=BEN), UNREADABLE, update(61, "slow")):
        delivery.take(raw)
    await delivery.stop(0.05)

    assert caplog.messages[-1] == "updates settled: 2 answered, 1 unreadable; left open: 1"


async def test_a_picture_is_not_complained_of_when_words_stand_under_another_of_its_album(delivery: Delivery, wire: Wire, clock: Clock) -> None:
    """Whichever of the album comes first; a second is given to what is still on its way."""
    pictures: list[Raw] = [{"caption": "how do i oil the chain"} if number == 3 else {} for number in range(5)]
    await settle(delivery, *(new(message(photo=[], media_group_id="a", **more), number) for number, more in enumerate(pictures, start=1)))

    assert ([call.text[:8] for call in wire.sent()], clock.slept) == (["One drop"], [1])


@pytest.mark.parametrize("fault", [BLOCKED, bad_request("text must be non-empty")], ids=["chat gone", "given up"])
async def test_an_answer_that_nobody_got_is_not_counted(delivery: Delivery, store: MemoryStore, wire: Wire, fault: Fault) -> None:
    wire.faults_by_chat[ANN["id"]].append(fault)
    await settle(delivery, update(1), update(2, user=BEN))

    assert [count for (_, what, _), count in store._counts.items() if what == "answered"] == [1]
