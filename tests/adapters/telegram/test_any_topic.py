"""A bot about anything, on Telegram: the same walk through all it can be asked and pressed, on the shipped knowledge and on a folder about bicycles.

Whoever reads what the other topic says anywhere on that walk finds no doctor, no drug and no part of the body.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.profile import Profile
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.adapters.telegram.both_ways import by_polling, by_webhook, stop_the_clock
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN, Chat, Clock
from tests.adapters.telegram.forgeries import ADMIN
from tests.adapters.telegram.fuzzing import Watched, fuzzing
from tests.adapters.telegram.oracle import SPEC, parse_html
from tests.adapters.telegram.phone import Phone
from tests.adapters.telegram.random_updates import RandomUpdates
from tests.adapters.telegram.random_words import words_of
from tests.adapters.telegram.test_oracle import needs_spec
from tests.adapters.telegram.updates import ANN, GROUP, Raw, message, new
from tests.adapters.telegram.wire import ME, Call, Wire
from tests.conftest import OTHER_TOPIC, ROOT
from tests.knowledge_base.test_other_topics import medical

NAME = f"@{ME['username']}"
NAMED: Raw = {"entities": [{"type": "mention", "offset": 0, "length": len(NAME)}]}
COMMANDS = ("/start", "/help", "/topics", "/about", "/privacy", "/region", "/id", "/forget", "/nonsense")
OF_ADMINS = ("/status", "/why my chain squeaks", "/misses", "/reload", "/undo", "/export", "/stats")
FOREIGN = (
    "hola, necesito ayuda por favor, no funciona nada desde ayer",
    "добрый вечер, ничего не работает",
    "wie geht das bitte, ich habe keine Ahnung",
)
WORDLESS: Raw = {
    "voice": {"file_id": "f", "file_unique_id": "u", "duration": 1},
    "sticker": {"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False},
    "photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}],
    "location": {"latitude": 1.0, "longitude": 1.0},
    "contact": {"phone_number": "1", "first_name": "Cara"},
    "document": {"file_id": "f", "file_unique_id": "u"},
    "dice": {"emoji": "🎲", "value": 3},
}
PRESSES = 250
"""Buttons that are pressed at most, each with different data."""

_TEXTS = {"text", "caption", "message_text", "description", "short_description", "title", "question", "name"}
"""Parameters that somebody reads, at any depth."""


@pytest.fixture
def folder(any_topic: Snapshot, cycling: Snapshot) -> Path:
    return OTHER_TOPIC if any_topic is cycling else ROOT / "knowledge"


@pytest.fixture
def service(folder: Path, any_topic: Snapshot, store: MemoryStore) -> Service:
    return Service(LiveKnowledge(folder, any_topic), store)


@pytest.fixture
async def walker(service: Service, wire: Wire, clock: Clock, store: MemoryStore) -> AsyncIterator[Chat]:
    async with build_application(TOKEN, service, admin_ids=frozenset({ADMIN_ID}), request=wire, sleep=clock.sleep) as application:
        await Profile(application.bot, service, frozenset({ADMIN_ID})).keep()
        yield Chat(application, wire, store)


def said(value: object, key: str = "") -> Iterator[str]:
    """Yield the texts that somebody reads in the parameters of a call."""
    if isinstance(value, dict):
        plain = parse_html(value["text"]).text if value.get("parse_mode") == "HTML" and isinstance(value.get("text"), str) else None
        for name, held in value.items():
            yield from (plain,) if name == "text" and plain is not None else said(held, name)
    elif isinstance(value, list):
        for held in value:
            yield from said(held, key)
    elif isinstance(value, str) and key in _TEXTS:
        yield value


def questions(snapshot: Snapshot) -> Iterator[str]:
    """Yield what asks for each entry, raises each flag in both forms, is small talk, fits nothing, or is two questions at once."""
    knowledge = snapshot.knowledge
    asks = [entry.asks[0] for entry in knowledge.entries]
    yield from asks
    yield f"{asks[0]} and {asks[3]}"
    for flag in knowledge.red_flags.flags:
        yield from (*flag.fires_on[:1], *flag.soft_on[:1], asks[0])
    yield from (talk.asks[0] for talk in knowledge.smalltalk)
    yield from ("zzz qqq", "sudden worst headache and a stiff neck", "why", *FOREIGN)


async def pressed_through(walker: Chat, phone: Phone, seen: set[str], calls: list[Call]) -> None:
    """Press what is on the screen and what comes of it, each kind of button once."""
    for _ in range(PRESSES):
        waiting = {button.data for shown in phone.screen.values() for row in shown.rows for button in row if button.data} - seen
        if not waiting or len(seen) >= PRESSES:
            return
        data = min(waiting)
        seen.add(data)
        number = next(number for number, shown in phone.screen.items() if data in {button.data for row in shown.rows for button in row})
        calls += taken(phone, await walker(phone.press_under(number, data)))


def taken(phone: Phone, calls: list[Call]) -> list[Call]:
    for call in calls:
        if call.method == "sendMessage":
            phone.take(call.method, call.parameters, 1_000_000 + len(phone.screen))
        elif call.parameters.get("message_id") in phone.screen:
            phone.take(call.method, call.parameters, call.parameters["message_id"])
    return calls


async def walk(walker: Chat, snapshot: Snapshot) -> list[Call]:
    """Return every call of the walk; each message in private gets an answer."""
    phone, calls, seen = Phone(ANN), list[Call](), set[str]()
    entry = snapshot.knowledge.entries[0]
    for text in (*COMMANDS, f"/start {entry.id}", "/start nothing", *questions(snapshot)):
        told = taken(phone, await walker(phone.write(text)))
        assert told, text
        calls += told
        await pressed_through(walker, phone, seen, calls)
        phone.screen.clear()
    calls += await walker(phone.write_anew(entry.asks[1]))
    for kind, held in WORDLESS.items():
        told = await walker(phone.write(None, **{kind: held}))
        assert told, kind
        calls += told
    for text in (*questions(snapshot), "/start", "/help", "/privacy"):
        calls += await walker(new(message(f"{NAME} {text}", user=ANN, chat=GROUP, **NAMED)))
        query = {"id": "list-1", "from": ANN, "query": text, "offset": ""}
        calls += await walker({"update_id": new({})["update_id"], "inline_query": query})
        guest = message(f"{NAME} {text}", user=ANN, chat=GROUP, guest_query_id="guest-1", **NAMED)
        calls += await walker({"update_id": new({})["update_id"], "guest_message": guest})
    for text in OF_ADMINS:
        calls += await walker(new(message(text, user=ADMIN)))
    return calls


async def test_all_that_can_be_asked_and_pressed_is_answered_and_taken(walker: Chat, any_topic: Snapshot, cycling: Snapshot, wire: Wire) -> None:
    calls = [*wire.calls, *await walk(walker, any_topic)]
    texts = {text for call in calls for text in said(dict(call.parameters))}

    assert wire.complaints == []
    assert {call.method for call in calls} > {"sendMessage", "editMessageText", "answerCallbackQuery", "answerInlineQuery", "answerGuestQuery"}
    assert len(texts) > 150
    if any_topic is cycling:
        assert {text: medical(text) for text in texts if medical(text)} == {}
    else:
        assert any(medical(text) for text in texts)


@needs_spec
@pytest.mark.filterwarnings("ignore:.*attribute `message_auto_delete_time` will be of type:telegram.warnings.PTBDeprecationWarning")
async def test_random_updates_break_nothing(folder: Path, any_topic: Snapshot) -> None:
    assert SPEC is not None
    store = Watched()
    updates = RandomUpdates(SPEC, words_of(any_topic), 11)
    async with fuzzing(updates, Service(LiveKnowledge(folder, any_topic), store), store) as fuzz:
        await fuzz.run(range(150))

    assert fuzz.report.faults == []


async def test_polled_or_posted_it_says_the_same(folder: Path, any_topic: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_the_clock(monkeypatch)
    live = LiveKnowledge(folder, any_topic)
    rounds = [[{**new(message(text)), "update_id": number}] for number, text in enumerate((*COMMANDS, *questions(any_topic)), start=1)]
    polled, posted = await by_polling(live, rounds), await by_webhook(live, rounds)

    assert posted == polled
    assert sum(polled.settled.values()) == len(rounds) > 30


def test_texts_are_found_wherever_somebody_reads_them() -> None:
    parameters: dict[str, Any] = {
        "chat_id": 1,
        "text": "<b>A</b> &amp; B",
        "parse_mode": "HTML",
        "reply_markup": {"inline_keyboard": [[{"text": "C", "callback_data": "d"}]]},
        "results": [{"id": "e", "title": "F", "input_message_content": {"message_text": "G"}}],
    }

    assert sorted(said(parameters)) == ["A & B", "C", "F", "G"]
