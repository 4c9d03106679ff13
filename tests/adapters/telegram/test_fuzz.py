"""Five hundred random updates of every kind: nobody who is owed an answer is met with silence, and nothing breaks. `make fuzz` gives many more."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from telegram import Message
from telegram.ext import filters

from bot.adapters.telegram import incoming, outbox
from bot.adapters.telegram.handlers import Handlers
from bot.core.snapshot import Snapshot
from bot.service import Service
from tests.adapters.telegram.fuzz_report import Fault, gathered
from tests.adapters.telegram.fuzzing import Fuzz, Watched, fuzzing
from tests.adapters.telegram.oracle import SPEC, complaints_about_value
from tests.adapters.telegram.random_updates import RandomUpdates
from tests.adapters.telegram.random_words import units, words_of
from tests.adapters.telegram.test_oracle import needs_spec

pytestmark = [
    needs_spec,
    # The library says so of any timer that it reads.
    pytest.mark.filterwarnings("ignore:.*attribute `message_auto_delete_time` will be of type:telegram.warnings.PTBDeprecationWarning"),
]

UPDATES = 500
SEED = 6


@pytest.fixture
def store() -> Watched:
    return Watched()


@pytest.fixture
def updates(bicycles: Snapshot) -> RandomUpdates:
    assert SPEC is not None
    return RandomUpdates(SPEC, words_of(bicycles), SEED)


async def fuzzed(updates: RandomUpdates, service: Service, store: Watched, count: int = UPDATES) -> Fuzz:
    async with fuzzing(updates, service, store) as fuzz:
        await fuzz.run(range(count))
    return fuzz


def told(faults: list[Fault]) -> str:
    return "\n".join(gathered(faults))


async def test_five_hundred_random_updates_break_nothing_and_leave_nobody_in_silence(
    updates: RandomUpdates, service: Service, store: Watched
) -> None:
    report = (await fuzzed(updates, service, store)).report

    assert report.updates.total() == UPDATES
    assert set(report.updates) == set(updates.kinds)
    assert min(report.duties[duty] for duty in ("answer", "may", "silence")) > 0
    assert told(report.faults) == ""


async def test_a_burst_from_one_chat_and_many_chats_at_once_are_taken_as_well(updates: RandomUpdates, service: Service, store: Watched) -> None:
    async with fuzzing(updates, service, store) as fuzz:
        await fuzz.run_at_once(range(200), at_once=40)

    assert told(fuzz.report.faults) == ""
    assert fuzz.report.updates.total() == 200


def test_they_are_such_as_telegram_sends(updates: RandomUpdates) -> None:
    made = [updates.update(number) for number in range(UPDATES)]

    assert [complaint for update in made for complaint in complaints_about_value("Update", update)] == []
    assert all(json.loads(json.dumps(update, ensure_ascii=False).encode()) == update for update in made)
    for marked, text in [(entity, text) for update in made for entity, text in _marked(update)]:
        assert 0 <= marked["offset"] < marked["offset"] + marked["length"] <= units(text) <= 4_096


def test_the_same_seed_and_number_make_the_same_update(updates: RandomUpdates, bicycles: Snapshot) -> None:
    assert SPEC is not None
    again = RandomUpdates(SPEC, words_of(bicycles), SEED, now=1_700_000_000)
    once_more = RandomUpdates(SPEC, words_of(bicycles), SEED, now=1_700_000_000)
    other = RandomUpdates(SPEC, words_of(bicycles), SEED + 1, now=1_700_000_000)

    assert [again.update(number) for number in (7, 8, 9)] == [once_more.update(number) for number in (7, 8, 9)]
    assert again.update(7) != other.update(7)


def _marked(update: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    held = next(value for name, value in update.items() if name != "update_id")
    pairs = [("text", "entities"), ("caption", "caption_entities")]
    return [(entity, held[text]) for text, entities in pairs if isinstance(held.get(entities), list) for entity in held[entities] if text in held]


# --- what they are there to find, they find ---------------------------------------------------------------------------


def _deaf_to_stickers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(incoming, "WITHOUT_WORDS", incoming.WITHOUT_WORDS & ~filters.Sticker.ALL)


def _raises_on_contacts(patch: pytest.MonkeyPatch) -> None:
    real = incoming.kind

    def kind(message: Message) -> str:
        if message.contact:
            raise ValueError("planted")
        return real(message)

    patch.setattr(incoming, "kind", kind)


def _answers_other_bots(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(incoming._FromPerson, "filter", lambda self, message: message.from_user is not None)


def _leaves_buttons_turning(patch: pytest.MonkeyPatch) -> None:
    async def acknowledge(*_args: object, **_named: object) -> None: ...

    patch.setattr(outbox, "acknowledge", acknowledge)


def _says_nothing_of_buttons(patch: pytest.MonkeyPatch) -> None:
    async def button(*_args: object) -> None: ...

    patch.setattr(Handlers, "button", button)


def _logs_a_warning(patch: pytest.MonkeyPatch) -> None:
    real = incoming.when

    def when(message: Message) -> object:
        if message.dice:
            logging.getLogger("bot").warning("planted")
        return real(message)

    patch.setattr(incoming, "when", when)


@pytest.mark.parametrize(
    ("plant", "sort", "kind", "what"),
    [
        (_deaf_to_stickers, "silent", "message", "silent"),
        (_raises_on_contacts, "exceptions", "message", "planted"),
        (_answers_other_bots, "unexpected", "message", "calls sendMessage"),
        (_leaves_buttons_turning, "silent", "callback_query", "no answerCallbackQuery"),
        (_says_nothing_of_buttons, "silent", "callback_query", "silent"),
        (_logs_a_warning, "exceptions", "message", "logged: planted"),
    ],
)
async def test_a_planted_fault_is_found(
    updates: RandomUpdates,
    service: Service,
    store: Watched,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    sort: str,
    kind: str,
    what: str,
) -> None:
    plant(monkeypatch)
    found: list[Fault] = getattr((await fuzzed(updates, service, store)).report, sort)

    assert [fault for fault in found if fault.kind == kind and what in fault.what]
