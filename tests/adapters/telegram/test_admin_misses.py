"""/misses: the questions asked in vain, for admins alone, and for each a line to write that was tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from telegram import Update
from telegram.ext import CallbackContext

from bot.adapters.telegram import admin_misses
from bot.adapters.telegram.admin_misses import GROUPS_A_PAGE, AdminMisses
from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.handlers import BotApplication
from bot.core.misses import MissGroup
from bot.core.snapshot import Snapshot
from bot.errors import Problem, StoreError
from bot.inbox import name_of
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.phrasing_trial import Addition, Line, Trial
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Effects, Miss
from tests.adapters.telegram import bicycle
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN, Chat, Clock
from tests.adapters.telegram.forgeries import ADMIN, forged, forged_presses
from tests.adapters.telegram.updates import ANN, Raw, message, new, pressed, said
from tests.adapters.telegram.wire import Call, Wire

DAY = date(2026, 3, 4)
SQUEAL = "my wheel squeals like a pig"
GAPPED = "may … chain squeal"
BOSS: dict[str, Any] = {"user": ADMIN}


@pytest.fixture
def service(folder: Path, bicycles: Snapshot, store: MemoryStore) -> Service:
    return Service(LiveKnowledge(folder, bicycles), store, keep_misses=True)


async def keep(store: MemoryStore, *words: str, times: int = 1, passed: bool = True, not_this: str = "") -> None:
    await store.keep(Effects(misses=tuple(Miss(DAY, each, not_this, passed) for each in words for _ in range(times))))


def digest(words: str) -> str:
    return name_of(MissGroup(words, 1))


async def press(chat: Chat, data: str) -> list[Call]:
    """Press it as the admin; return what came of it, the end of the clock on the button aside."""
    first, *rest = await chat(pressed(data, **BOSS))
    assert first.method == "answerCallbackQuery"
    return [call for call in rest if call.method != "sendChatAction"]


async def opened(chat: Chat, words: str) -> Call:
    (call,) = await press(chat, f"o:miss:{digest(words)}")
    return call


# --- the list -------------------------------------------------------------------------------------------------------


async def test_what_was_asked_in_vain_is_listed_with_what_it_was_not(chat: Chat, store: MemoryStore, service: Service) -> None:
    await keep(store, SQUEAL, times=5, passed=False, not_this="flat-tyre")
    await keep(store, "where do bananas grow")
    await keep(store, "how do i paint a fence", times=4, passed=False)
    (call,) = await chat(new(message("/misses", user=ADMIN)))

    assert call.text.split("\n\n") == [
        service.say("misses_intro", count="2"),
        f"1. 5 × {SQUEAL} (not flat-tyre)",
        "2. 1 × where do bananas grow (passed on)",
    ]
    assert call.data == [f"o:miss:{digest(SQUEAL)}", f"o:miss:{digest('where do bananas grow')}"]


async def test_a_long_list_has_pages(chat: Chat, store: MemoryStore) -> None:
    things = ("fence", "window", "banana", "kitchen", "mountain", "river", "garden", "doctor", "teacher", "summer", "winter", "bottle", "carpet")
    await keep(store, *things)
    (first,) = await chat(new(message("/misses", user=ADMIN)))
    (second,) = await press(chat, "o:misses:1")
    (last,) = await press(chat, "o:misses:2")

    assert (first.data[-1], len(first.data)) == ("o:misses:1", GROUPS_A_PAGE + 1)
    assert second.data[-2:] == ["o:misses:0", "o:misses:2"]
    assert last.data[-1] == "o:misses:1"
    assert last.text.split("\n\n")[1].startswith("13. 1 × ")
    assert second.method == "editMessageText"


@pytest.mark.parametrize(("about", "page"), [("", 0), ("x", 0), ("99999", 1), ("9", 1), ("-1", 0)])
async def test_an_odd_page_is_one_there_is(chat: Chat, store: MemoryStore, about: str, page: int) -> None:
    await keep(store, "fence", "window", "banana", "kitchen", "mountain", "river", "garden")
    (call,) = await press(chat, f"o:misses:{about}")

    assert call.text.split("\n\n")[1].startswith(f"{page * GROUPS_A_PAGE + 1}. ")


async def test_it_says_when_there_are_none_yet(chat: Chat, store: MemoryStore, service: Service) -> None:
    await keep(store, "where do bananas grow", times=4, passed=False)
    (call,) = await chat(new(message("/misses", user=ADMIN)))

    assert (call.text, call.data) == (service.say("misses_none", fewest="5"), [])


async def test_it_says_when_none_are_kept(folder: Path, bicycles: Snapshot, wire: Wire, store: MemoryStore, clock: Clock) -> None:
    await keep(store, SQUEAL)
    silent = Service(LiveKnowledge(folder, bicycles), store)
    async with build_application(TOKEN, silent, admin_ids=frozenset({ADMIN_ID}), request=wire, sleep=clock.sleep) as application:
        wire.calls.clear()
        chat = Chat(application, wire, store)
        (listed,) = await chat(new(message("/misses", user=ADMIN)))
        gone = await opened(chat, SQUEAL)

    assert listed.text == silent.say("misses_off")
    assert gone.text == silent.say("misses_gone")


# --- one question ---------------------------------------------------------------------------------------------------


async def test_a_question_is_opened_with_the_entries_that_fit_it_best(chat: Chat, store: MemoryStore, service: Service) -> None:
    await keep(store, SQUEAL, times=5, passed=False, not_this="flat-tyre")
    call = await opened(chat, SQUEAL)

    name = digest(SQUEAL)
    assert call.text.split("\n\n") == [f"5 × {SQUEAL} (not flat-tyre)", service.say("misses_which")]
    *tries, other, back = call.data
    assert sorted(tries) == [f"o:as:{name}:brake-pads", f"o:as:{name}:squeaky-chain"], "flat-tyre was not what they asked"
    assert (other, back) == (f"o:in:{name}::0", "o:misses:0")


async def test_all_that_was_passed_on_is_shown(chat: Chat, store: MemoryStore, service: Service) -> None:
    await keep(store, SQUEAL, times=2)
    await keep(store, f"{SQUEAL} lately")
    call = await opened(chat, SQUEAL)

    assert service.say("misses_also", words=f"{SQUEAL} lately") in call.text


async def test_any_entry_can_be_found_by_its_theme(chat: Chat, store: MemoryStore) -> None:
    await keep(store, SQUEAL)
    name = digest(SQUEAL)
    (themes,) = await press(chat, f"o:in:{name}::0")
    (entries,) = await press(chat, f"o:in:{name}:repairs:0")

    assert themes.data == [f"o:in:{name}:repairs:0", f"o:miss:{name}"]
    assert entries.data == [f"o:as:{name}:flat-tyre", f"o:as:{name}:squeaky-chain", f"o:as:{name}:brake-pads", f"o:miss:{name}"]


@pytest.mark.parametrize(
    ("page", "shown"), [("0", ["flat-tyre", "squeaky-chain"]), ("1", ["brake-pads"]), ("9", ["brake-pads"]), ("x", ["flat-tyre", "squeaky-chain"])]
)
async def test_a_theme_of_many_entries_has_pages(
    chat: Chat, store: MemoryStore, monkeypatch: pytest.MonkeyPatch, page: str, shown: list[str]
) -> None:
    monkeypatch.setattr(admin_misses, "ENTRIES_A_PAGE", 2)
    await keep(store, SQUEAL)
    (call,) = await press(chat, f"o:in:{digest(SQUEAL)}:repairs:{page}")

    name = digest(SQUEAL)
    other = 0 if shown == ["brake-pads"] else 1
    assert call.data == [*(f"o:as:{name}:{entry_id}" for entry_id in shown), f"o:in:{name}:repairs:{other}", f"o:miss:{name}"]


@pytest.mark.parametrize("data", ["o:miss:00000000", "o:in:00000000::0", "o:as:00000000:flat-tyre", "o:miss:", "o:in:", "o:as:", "o:as:{name}:gone"])
async def test_what_is_no_longer_kept_in_these_words_says_so(chat: Chat, store: MemoryStore, service: Service, data: str) -> None:
    await keep(store, SQUEAL)
    (call,) = await press(chat, data.replace("{name}", digest(SQUEAL)))

    assert (call.text, call.data) == (service.say("misses_gone"), ["o:misses:0"])


@pytest.mark.parametrize("data", ["o:misses:0", "o:miss:{name}", "o:in:{name}::0", "o:as:{name}:flat-tyre", "/misses"])
async def test_a_store_that_does_not_answer_is_told(
    chat: Chat, store: MemoryStore, service: Service, monkeypatch: pytest.MonkeyPatch, data: str
) -> None:
    async def silent() -> None:
        raise StoreError("down")

    monkeypatch.setattr(store, "misses", silent)
    calls = await chat(new(message(data, user=ADMIN))) if data == "/misses" else await press(chat, data.replace("{name}", digest(SQUEAL)))

    assert [call.text for call in calls] == [service.say("misses_silent")]


# --- tried ----------------------------------------------------------------------------------------------------------


async def test_a_press_tries_it_and_shows_the_line_to_write(chat: Chat, store: MemoryStore, service: Service, folder: Path) -> None:
    await keep(store, SQUEAL)
    before = (folder / "entries" / "repairs.yaml").read_text()
    (call,) = await press(chat, f"o:as:{digest(SQUEAL)}:squeaky-chain")

    place = service.say("misses_where", file="entries/repairs.yaml", line="20") + service.say("misses_in_brackets")
    assert call.text.split("\n\n") == [service.say("misses_tried", title="Oil a squeaky chain"), place, f", {SQUEAL}"]
    assert f"<pre>, {SQUEAL}</pre>" in call.parameters["text"]
    assert (folder / "entries" / "repairs.yaml").read_text() == before, "it is for the author to write"


async def test_a_line_keeps_the_spaces_before_it(chat: Chat, store: MemoryStore, service: Service, folder: Path) -> None:
    text = bicycle.ENTRIES.replace("asks: [my chain squeaks, how do i oil the chain, which", "asks:\n    - my chain squeaks\n    - which")
    (folder / "entries" / "repairs.yaml").write_text(text.replace("bicycle chain]", "bicycle chain"))
    await keep(store, GAPPED)
    (call,) = await press(chat, f"o:as:{digest(GAPPED)}:squeaky-chain")

    assert "<pre>    - may chain squeal</pre>" in call.parameters["text"]
    assert call.text.endswith(service.say("misses_gaps"))
    assert service.say("misses_where", file="entries/repairs.yaml", line="23") in call.text


async def test_what_stands_elsewhere_is_refused_with_the_place(chat: Chat, store: MemoryStore, service: Service) -> None:
    await keep(store, "my chain squeaks")
    (call,) = await press(chat, f"o:as:{digest('my chain squeaks')}:flat-tyre")

    head, problem = call.text.split("\n")
    assert head == service.say("misses_refused", words="my chain squeaks", title="Mend a flat tyre", count="1")
    assert problem.startswith("entries/repairs.yaml:20:10: 'my chain squeaks' asks for 'flat-tyre' and for 'squeaky-chain'")
    assert "<pre>" not in call.parameters["text"]


async def test_many_problems_fit_one_message(chat: Chat, store: MemoryStore, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = tuple(Problem("entries/repairs.yaml", line, 1, "wrong " * 9) for line in range(1, 501))

    async def tried(_folder: Path, additions: Sequence[Addition], **_cache: object) -> tuple[Trial, ...]:
        return (Trial(additions[0], Line("entries/repairs.yaml", 1, "x", in_brackets=False), problems),)

    monkeypatch.setattr(admin_misses, "try_all", tried)
    await keep(store, SQUEAL)
    (call,) = await press(chat, f"o:as:{digest(SQUEAL)}:flat-tyre")

    lines = call.text.split("\n")
    assert 30 < len(lines) < 500
    assert lines[-1] == service.say("reload_more", count=str(500 - (len(lines) - 2)))


async def test_the_admin_sees_that_it_is_at_work(
    service: Service, wire: Wire, store: MemoryStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tried(_folder: Path, additions: Sequence[Addition], **_cache: object) -> tuple[Trial, ...]:
        while not wire.of("sendChatAction"):
            await clock.sleep(0)
        return (Trial(additions[0], None, (Problem("entries", 1, 1, "odd"),)),)

    monkeypatch.setattr(admin_misses, "try_all", tried)
    await keep(store, SQUEAL)
    async with build_application(TOKEN, service, admin_ids=frozenset({ADMIN_ID}), request=wire, sleep=clock.sleep, typing_after_s=0) as application:
        wire.calls.clear()
        calls = await Chat(application, wire, store)(pressed(f"o:as:{digest(SQUEAL)}:flat-tyre", **BOSS))

    assert [call.method for call in calls] == ["answerCallbackQuery", "sendChatAction", "sendMessage"]


# --- nobody else ----------------------------------------------------------------------------------------------------

PRESSES = ["o:misses:0", f"o:miss:{digest(SQUEAL)}", f"o:in:{digest(SQUEAL)}::0", f"o:as:{digest(SQUEAL)}:flat-tyre"]


@pytest.mark.parametrize("update", [pytest.param(update, id=f"{data[:5]} {by}") for data in PRESSES for by, update in forged_presses(data).items()])
async def test_who_is_no_admin_has_no_such_buttons(chat: Chat, store: MemoryStore, service: Service, update: Raw) -> None:
    await keep(store, SQUEAL)
    calls = await chat(update)

    assert calls[-1].text.startswith(service.gone().text)
    assert not any("pig" in repr(call.parameters) for call in calls)


@pytest.mark.parametrize("update", forged("/misses").values(), ids=forged("/misses"))
async def test_who_is_no_admin_has_no_such_command(chat: Chat, store: MemoryStore, update: Raw) -> None:
    await keep(store, SQUEAL)

    assert not any("pig" in repr(call.parameters) for call in await chat(update))


async def test_a_stranger_is_told_what_an_unknown_command_is_told(chat: Chat) -> None:
    (told,) = await chat(new(message("/misses", user=ANN)))
    (unknown,) = await chat(said("/nonsense"))

    assert told.text == unknown.text


async def test_an_update_without_a_message_is_no_command(application: BotApplication, service: Service, wire: Wire) -> None:
    await AdminMisses(service, frozenset()).misses(Update(1), CallbackContext.from_update(Update(1), application))

    assert wire.calls == []
