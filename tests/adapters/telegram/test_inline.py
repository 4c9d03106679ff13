"""Inline mode: what is listed while somebody types, and that it leaves nothing behind: no claim, no count, no context, no apology."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from telegram import Update
from telegram.ext import CallbackContext

from bot.adapters.telegram import delivery as delivery_module
from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.delivery import Delivery, Settlement
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.inline import Inline
from bot.core import alarms
from bot.core.content import Tier
from bot.core.model import REPLY_LIMIT_UNITS, Advice, Alert, Context, FlagHit, Note, Notice, Part, Utterance
from bot.core.public import in_public
from bot.core.search import Finding, Findings
from bot.core.snapshot import Snapshot
from bot.core.text import utf16_units
from bot.errors import StoreError
from bot.knowledge.live import LiveKnowledge
from bot.service import Said, Service
from bot.store.memory import MemoryStore
from bot.store.records import Claim, PersonKey, Standing
from tests.adapters.telegram.conftest import TOKEN, Chat, Clock
from tests.adapters.telegram.oracle import parse_html
from tests.adapters.telegram.updates import ANN, BEN, Raw, message, new, pressed
from tests.adapters.telegram.wire import BAD_GATEWAY, BLOCKED, Call, Fault, Wire, bad_request, cut_off, too_many, unreachable

FLAT = "how do i mend a flat tyre"
LIMIT_S = 10.0
TOO_OLD = bad_request("query is too old and response timeout expired or query ID is invalid")


def asked(query: str, update_id: int = 1, *, user: Raw = ANN, offset: str = "") -> Raw:
    return {"update_id": update_id, "inline_query": {"id": f"q{update_id}", "from": user, "query": query, "offset": offset}}


def titles(call: Call) -> list[str]:
    return [result["title"] for result in call.parameters["results"]]


# --- what is listed -----------------------------------------------------------------------------------------------------


async def test_an_answer_is_listed_for_the_one_who_types_and_sent_whole(chat: Chat, service: Service) -> None:
    (call,) = await chat(asked(FLAT))

    assert (call.method, call.parameters["inline_query_id"]) == ("answerInlineQuery", "q1")
    assert (call.parameters["is_personal"], call.parameters["cache_time"]) == (True, 0)
    assert call.parameters["button"] == {"text": service.say("in_private"), "start_parameter": "ask"}
    first = call.parameters["results"][0]
    assert (first["title"], first["description"]) == ("Mend a flat tyre", "Find the hole, roughen it & patch it: <sandpaper> helps.")
    assert first["input_message_content"]["link_preview_options"] == {"is_disabled": True}
    post = call.posts[0]
    assert post.text.startswith("About: Mend a flat tyre\nFind the hole, roughen it & patch it: <sandpaper> helps.")
    assert "Look for the thorn" in post.text
    assert "<blockquote expandable>" in post.parameters["text"]
    assert post.text.endswith("Stop riding at once if anything cracks.")
    assert post.data == ["https://t.me/bicycle_bot?start=flat-tyre"]


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("", ["Mend a flat tyre", "Oil a squeaky chain", "Change worn brake pads"]),
        ("who won the match last night", []),
        ("help, my brakes failed, how do i mend a flat tyre", ["This may need help now"]),
    ],
    ids=["no words", "not ours", "an alarm"],
)
async def test_what_is_listed(chat: Chat, query: str, listed: list[str]) -> None:
    (call,) = await chat(asked(query))

    assert titles(call)[: len(listed) or None] == listed


async def test_an_alarm_is_sent_whole(chat: Chat) -> None:
    (call,) = await chat(asked("help, my brakes failed"))

    (post,) = call.posts
    assert post.text == "You wrote that you cannot brake.\n\nSteer uphill & off the road now.\n\nPut a foot down, <gently>."


@pytest.mark.parametrize(
    ("offset", "listed", "following"),
    [("", ["a", "b"], "2"), ("2", ["c"], None), ("9", [], None), ("-1", ["a", "b"], "2"), ("1e3", ["a", "b"], "2"), ("9" * 400, ["a", "b"], "2")],
    ids=["first", "second", "past the end", "below", "no number", "too long"],
)
async def test_a_long_list_comes_in_parts_whatever_a_client_sends(
    chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch, offset: str, listed: list[str], following: str | None
) -> None:
    lines = [Finding(name, name, "More.", Notice("Words.")) for name in "abc"]

    def find(utterance: Utterance, start: int = 0) -> Findings:
        return Findings(tuple(lines[start : start + 2]), start + 2 if start + 2 < len(lines) else None)

    monkeypatch.setattr(service, "find", find)
    (call,) = await chat(asked("", offset=offset))

    assert (titles(call), call.parameters.get("next_offset")) == (listed, following)


LONG = "Pump it up. " * 400


@pytest.mark.parametrize(
    ("answer", "more", "kept"),
    [
        ("Short.", "Long. " * 100, ["Short.", "Long."]),
        ("Short.\n\nMore.", LONG, ["Short.", "More."]),
        ("Short." + "Fill. " * 400 + "\n\n" + LONG + LONG, "Long.", ["Short."]),
        (LONG + LONG, "Long.", ["Pump it up."]),
    ],
    ids=["fits", "without the long part", "only the opening", "only how it begins"],
)
async def test_what_does_not_fit_one_message_is_left_out(
    chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch, answer: str, more: str, kept: list[str]
) -> None:
    advice = Advice((Part("flat-tyre", "About: Flat", answer, more),), Note("See somebody.", "Call."))
    monkeypatch.setattr(service, "find", lambda utterance, start=0: Findings((Finding("a", "A", "More.", advice),)))
    (call,) = await chat(asked("flat"))

    (post,) = call.posts
    assert utf16_units(post.text) <= REPLY_LIMIT_UNITS
    assert [each for each in ("Short.", "More.", "Pump it up.", "Long.") if each in post.text] == kept
    assert ("…" in post.text) is (kept == ["Pump it up."])
    assert post.text.endswith("See somebody.\n\nCall.")


async def test_other_words_than_advice_are_cut_where_a_message_ends(chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "find", lambda utterance, start=0: Findings((Finding("a", "A", "More.", Notice(LONG)),)))
    (call,) = await chat(asked("flat"))

    assert 3_000 < utf16_units(call.posts[0].text) <= REPLY_LIMIT_UNITS


async def test_what_is_no_query_is_left_alone(application: BotApplication, service: Service, wire: Wire) -> None:
    await Inline(service).list(Update(1), CallbackContext(application))

    assert wire.calls == []


# --- what ships ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def shipped(snapshot: Snapshot, wire: Wire) -> AsyncIterator[Callable[..., Any]]:
    """Asks the bot that ships; every call is judged at the end, as everywhere."""
    service = Service(LiveKnowledge(None, snapshot), MemoryStore())  # type: ignore[arg-type]
    async with build_application(TOKEN, service, request=wire) as application:
        chat = Chat(application, wire, MemoryStore())

        async def ask(query: str, offset: str = "", found: Findings | None = None) -> Call:
            with pytest.MonkeyPatch.context() as patched:
                if found is not None:
                    patched.setattr(service, "find", lambda utterance, start=0: found)
                (call,) = await chat(asked(query, offset=offset))
                return call

        yield ask


def check(call: Call) -> None:
    """Beside what the judges look at: what is sent is one message that says what it says without its looks."""
    for post in call.posts:
        assert 0 < utf16_units(parse_html(post.parameters["text"]).text) <= REPLY_LIMIT_UNITS
        assert all(button.startswith("https://t.me/bicycle_bot") for button in post.data)


async def test_every_entry_that_ships_can_be_listed_and_sent(shipped: Callable[..., Any], snapshot: Snapshot) -> None:
    found: list[str] = []
    offset: str | None = ""
    while offset is not None:
        call = await shipped("", offset)
        check(call)
        found += [result["id"] for result in call.parameters["results"]]
        assert all(entry.more in post.text for result, post in zip(call.parameters["results"], call.posts, strict=True)
                   if (entry := snapshot.entries_by_id[result["id"]]).more)  # fmt: skip
        offset = call.parameters.get("next_offset")

    assert sorted(found) == sorted(snapshot.entries_by_id)
    assert len(found) >= 40


async def test_every_alarm_that_ships_can_be_listed_and_is_sent_whole(shipped: Callable[..., Any], snapshot: Snapshot) -> None:
    every = {
        alarms.alarm(Alert((FlagHit(flag.id, max(flag.tier, Tier.URGENT_TODAY), soft=False, words=(), alarm=key),)), snapshot, Context(), ())[0]
        for flag in snapshot.knowledge.red_flags.flags
        for key in (None, *snapshot.knowledge.messages.alarms)
    }
    assert len(every) > 100

    for alarm in every:
        shown = in_public(alarm, snapshot, links_only=True)
        assert not isinstance(shown, Advice)
        call = await shipped("x", found=Findings((Finding("alarm", "Now", "Call.", shown),)))  # type: ignore[arg-type]
        check(call)
        assert call.posts[0].text == alarm.text


async def test_what_authors_say_raises_a_red_flag_shows_its_card_alone(shipped: Callable[..., Any], snapshot: Snapshot) -> None:
    for flag in snapshot.knowledge.red_flags.flags:
        for said in flag.fires_on:
            call = await shipped(said[:256])
            check(call)
            assert len(call.posts) == 1


# --- what Telegram says -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", ["can't parse entities: unsupported start tag", "BUTTON_URL_INVALID", "RESULT_ID_INVALID"])
async def test_what_is_refused_is_listed_without_looks_and_buttons(chat: Chat, wire: Wire, refusal: str) -> None:
    wire.faults["answerInlineQuery"].append(bad_request(refusal))
    (call,) = await chat(asked(FLAT))

    content = call.parameters["results"][0]["input_message_content"]
    assert content["message_text"].startswith("About: Mend a flat tyre\nFind the hole, roughen it & patch it: <sandpaper> helps.")
    assert "parse_mode" not in content
    assert "reply_markup" not in call.parameters["results"][0]
    assert wire.attempts["answerInlineQuery"] == 2


@pytest.fixture
async def delivery(application: BotApplication, service: Service, store: MemoryStore) -> AsyncIterator[Delivery]:
    delivery = Delivery(application, service, store, alone=True)
    yield delivery
    await delivery.stop(0)


class Gate:
    """Holds up the answers to inline queries."""

    def __init__(self, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = asyncio.Event()
        self.held: list[str] = []
        real = wire._result

        async def result(call: Call) -> object:
            if call.method == "answerInlineQuery":
                self.held.append(call.parameters["inline_query_id"])
                await self.open.wait()
            return await real(call)

        monkeypatch.setattr(wire, "_result", result)


@pytest.fixture
def gate(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(wire, monkeypatch)


async def settle(delivery: Delivery, *updates: Raw) -> dict[Settlement, int]:
    for raw in updates:
        delivery.take(raw)
    assert await delivery.wait(LIMIT_S)
    return dict(delivery.counts)


@pytest.mark.parametrize(
    ("faults", "settlement", "tries"),
    [
        ([TOO_OLD], Settlement.CHAT_GONE, 1),
        ([BLOCKED], Settlement.CHAT_GONE, 1),
        ([bad_request("RESULT_ID_INVALID")] * 2, Settlement.GAVE_UP, 2),
        ([unreachable()], Settlement.GAVE_UP, 1),
        ([cut_off()], Settlement.GAVE_UP, 1),
        ([BAD_GATEWAY], Settlement.GAVE_UP, 1),
        ([too_many(3)], Settlement.GAVE_UP, 1),
        ([too_many(300)], Settlement.GAVE_UP, 1),
    ],
    ids=["too old", "blocked", "refused", "unreachable", "cut off", "502", "429", "a long 429"],
)
async def test_a_list_that_is_not_taken_is_dropped_without_a_word(
    delivery: Delivery, wire: Wire, clock: Clock, faults: list[Fault], settlement: Settlement, tries: int, caplog: pytest.LogCaptureFixture
) -> None:
    wire.faults["answerInlineQuery"].extend(faults)

    assert await settle(delivery, asked(FLAT)) == {settlement: 1}
    assert (wire.calls, wire.attempts["answerInlineQuery"], clock.slept) == ([], tries, [])
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_post_of_it_is_not_brought_again_after_a_long_pause(delivery: Delivery, wire: Wire) -> None:
    """By then nobody waits for it."""
    wire.faults["answerInlineQuery"].append(too_many(300))

    assert await delivery.deliver(asked(FLAT)) is None
    assert delivery.counts == {Settlement.GAVE_UP: 1}


async def test_a_fault_of_our_own_is_logged_and_nobody_is_told(
    delivery: Delivery, service: Service, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def find(utterance: Utterance, start: int = 0) -> Findings:
        raise KeyError(utterance.text)

    monkeypatch.setattr(service, "find", find)

    assert await settle(delivery, asked("my secret worry")) == {Settlement.GAVE_UP: 1}
    assert (wire.calls, clock.slept) == ([], [])
    assert "KeyError at " in caplog.text
    assert "secret" not in caplog.text


async def test_a_press_under_what_was_sent_from_a_list_has_no_chat_to_say_sorry_in(
    delivery: Delivery, store: MemoryStore, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def claim(update_id: int, *, alone: bool) -> Claim:
        return Claim(Standing.OURS, 6)

    monkeypatch.setattr(store, "claim", claim)

    assert await settle(delivery, pressed("s:flat-tyre", message={}, inline_message_id="posted-1")) == {Settlement.GAVE_UP: 1}
    assert wire.calls == []


# --- nothing is left behind ---------------------------------------------------------------------------------------------


class Asked(MemoryStore):
    """Notes what it is asked about updates and people, and is down."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        if name in ("claim", "settle", "keep", "release", "read_context", "renew"):
            self.heard.append(name)
            raise StoreError("down")
        return super().__getattribute__(name)


async def test_the_store_hears_nothing_of_it(application: BotApplication, service: Service, wire: Wire) -> None:
    store = Asked()
    delivery = Delivery(application, service, store, alone=True)
    chosen = {"update_id": 9, "chosen_inline_result": {"result_id": "flat-tyre", "from": ANN, "query": FLAT}}
    counts = await settle(delivery, asked(FLAT, 1), asked("", 2, user=BEN), asked("help, my brakes failed", 3, user=BEN | {"id": 503}), chosen)
    await delivery.stop(LIMIT_S)

    assert counts == {Settlement.ANSWERED: 4}
    assert (store.heard, len(delivery.backlog), delivery.offset, delivery.busy) == ([], 0, 10, False)
    assert [call.method for call in wire.calls] == ["answerInlineQuery"] * 3


async def test_what_was_listed_is_not_carried_on(chat: Chat, store: MemoryStore, service: Service) -> None:
    await chat(asked("help, my brakes failed"))
    await chat(asked(FLAT))

    assert (store._people, store._counts, store._misses) == ({}, {}, type(store._misses)())
    (call,) = await chat(new(message(FLAT)))
    assert "From earlier" not in call.text
    assert "Stop riding at once" in call.text


async def test_to_be_let_go_is_no_news_for_the_store(
    application: BotApplication, service: Service, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Asked()
    delivery = Delivery(application, service, store, alone=True)
    delivery.take(asked(FLAT))
    await delivery.wait(0.02)
    monkeypatch.setattr(delivery_module, "HELD_UP_S", -1.0)
    monkeypatch.setattr(delivery._patience, "heard_at", math.inf)
    assert await delivery.let_go()
    gate.open.set()
    await delivery._workers.wait(LIMIT_S)

    assert (store.heard, len(delivery.backlog), +delivery.counts) == ([], 0, {Settlement.ANSWERED: 1})


async def test_after_a_crash_it_is_listed_again(application: BotApplication, service: Service, store: MemoryStore, wire: Wire, gate: Gate) -> None:
    first = Delivery(application, service, store, alone=True)
    first.take(asked(FLAT, 7))
    await first.wait(0.02)
    await first.stop(0)
    assert (first.offset, gate.held) == (7, ["q7"])
    gate.open.set()
    second = Delivery(application, service, store, alone=True)

    assert await settle(second, asked(FLAT, 7)) == {Settlement.ANSWERED: 1}
    assert (gate.held, second.offset) == (["q7", "q7"], 8)


# --- whoever types on ---------------------------------------------------------------------------------------------------


async def test_of_what_waits_only_the_latest_is_answered(delivery: Delivery, gate: Gate) -> None:
    delivery.take(asked("n", 1))
    await delivery.wait(0.02)
    for update_id, typed in ((2, "ne"), (3, "nec"), (4, "neck")):
        delivery.take(asked(typed, update_id))
    delivery.take(asked("b", 5, user=BEN))
    await delivery.wait(0.02)
    assert (delivery.counts, gate.held) == ({Settlement.COVERED: 2}, ["q1", "q5"])
    gate.open.set()

    assert await settle(delivery) == {Settlement.COVERED: 2, Settlement.ANSWERED: 3}
    assert (gate.held, delivery.offset) == (["q1", "q5", "q4"], 6)


async def test_what_comes_late_does_not_push_out_what_was_typed_later(delivery: Delivery, gate: Gate) -> None:
    """Posts may overtake each other."""
    posts = [asyncio.create_task(delivery.deliver(asked("n", 1)))]
    await asyncio.sleep(0.02)
    posts += [asyncio.create_task(delivery.deliver(asked(typed, update_id))) for update_id, typed in ((4, "neck"), (3, "nec"))]
    await asyncio.sleep(0.02)
    assert [post.done() for post in posts] == [False, False, True]
    gate.open.set()

    assert await asyncio.gather(*posts) == [None] * 3
    assert gate.held == ["q1", "q4"]


async def test_a_list_does_not_wait_for_a_chat_nor_a_chat_for_a_list(
    delivery: Delivery, service: Service, wire: Wire, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, slow = service.answer, asyncio.Event()

    async def answer(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        await slow.wait()
        return await real(utterance, key, carried)

    monkeypatch.setattr(service, "answer", answer)
    delivery.take(new(message(FLAT), 1))
    delivery.take(asked(FLAT, 2))
    await delivery.wait(0.02)
    assert gate.held == ["q2"]
    slow.set()
    await delivery.wait(0.05)
    assert (len(wire.sent(ANN["id"])), delivery.counts) == (1, {Settlement.ANSWERED: 1})
    gate.open.set()

    assert await settle(delivery) == {Settlement.ANSWERED: 2}
