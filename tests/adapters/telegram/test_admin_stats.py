"""/stats: a picture and its numbers, for admins alone; in words where there can be no picture."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from telegram import Update
from telegram.ext import CallbackContext

from bot import chart
from bot.adapters.telegram.admin_stats import CAPTION_UNITS, AdminStats
from bot.adapters.telegram.handlers import BotApplication
from bot.chart import Chart
from bot.core.text import utf16_units
from bot.drawing import DARK, LIGHT
from bot.layout import HEIGHT, WIDTH
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Count, Effects, Tally
from tests.adapters.telegram.conftest import Chat
from tests.adapters.telegram.forgeries import ADMIN, forged, forged_presses
from tests.adapters.telegram.updates import ANN, Raw, message, new, pressed, said
from tests.adapters.telegram.wire import Call, Wire, bad_request

REFUSED = bad_request("PHOTO_INVALID_DIMENSIONS")
BOSS: dict[str, Any] = {"user": ADMIN}
TODAY = datetime.now(UTC).date
"""Of the very moment: a test may run past midnight."""


@pytest.fixture(autouse=True)
def charts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Chart, bool]]:
    """Draw what is asked for without a process of its own, as small as can be; return what was."""
    asked: list[tuple[Chart, bool]] = []

    async def drawn(of: Chart, *, dark: bool) -> bytes | None:
        asked.append((of, dark))
        return f"{of.title} {of.period} {dark}".encode()

    monkeypatch.setattr(chart, "drawn", drawn)
    return asked


async def keep(store: MemoryStore, *counted: tuple[str, str], times: int = 1, day: date | None = None) -> None:
    await store.keep(Effects(counts=tuple(Count(day or TODAY(), what, about) for what, about in counted for _ in range(times))))


async def stats(chat: Chat, behind: str = "") -> Sequence[Call]:
    return await chat(new(message(f"/stats {behind}".strip(), user=ADMIN)))


async def press(chat: Chat, data: str, **more: Any) -> list[Call]:
    first, *rest = await chat(pressed(data, **BOSS, **more))
    assert first.method == "answerCallbackQuery"
    return rest


# --- the command ----------------------------------------------------------------------------------------------------


async def test_a_picture_with_its_numbers_below(chat: Chat, store: MemoryStore, charts: list[tuple[Chart, bool]]) -> None:
    await keep(store, ("answered", "flat-tyre"), times=3)
    await keep(store, ("alarm", "rf-no-brakes"), ("helpful", "flat-tyre"), ("notthis", "gone"))
    (call,) = await stats(chat)

    (asked,) = charts
    assert (call.method, asked[1]) == ("sendPhoto", False)
    assert call.files == [("numbers.png", f"{asked[0].title} {asked[0].period} False".encode())]
    assert call.caption.splitlines()[0] == "Bicycles in numbers"
    assert "• Answered: 3 (75%)" in call.caption
    assert "• Mend a flat tyre: 3, 100% helpful (1)" in call.caption
    assert "• rf-no-brakes: 1" in call.caption
    assert "• gone (no longer there): 1" in call.caption
    assert call.data == ["o:stats:30:light", "o:stats:90:light", "o:stats:7:dark"]


async def test_the_picture_is_one_that_can_be_looked_at(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the process that draws it."""
    monkeypatch.undo()
    (call,) = await stats(chat, "dark")
    image = Image.open(io.BytesIO(call.files[0][1]))

    assert image.size == (WIDTH, HEIGHT)
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((2, 2))) == DARK["paper"] != LIGHT["paper"]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("behind", "days", "dark"),
    [("", 7, False), ("1", 1, False), ("dark", 7, True), ("30 dark", 30, True), ("DARK 400", 400, True), ("90 light", 90, False)],
)
async def test_it_shows_as_many_days_as_are_asked_for(
    chat: Chat, store: MemoryStore, charts: list[tuple[Chart, bool]], behind: str, days: int, dark: bool
) -> None:
    await keep(store, ("answered", "flat-tyre"), day=TODAY() - timedelta(days=days - 1))
    await keep(store, ("answered", "flat-tyre"), day=TODAY() - timedelta(days=days + 1))
    (call,) = await stats(chat, behind)

    assert [(len(each.bars), is_dark) for each, is_dark in charts] == [(days, dark)]
    assert "Questions: 1\n" in call.caption


@pytest.mark.parametrize("behind", ["0", "401", "-1", "x", "7 days", "١", "9" * 5000])
async def test_what_it_does_not_read_is_explained(chat: Chat, service: Service, behind: str) -> None:
    (call,) = await stats(chat, behind)

    assert (call.method, call.text) == ("sendMessage", service.say("stats_how", most="400"))


async def test_a_caption_is_no_longer_than_telegram_lets_it_be(chat: Chat, store: MemoryStore, service: Service) -> None:
    for number in range(12):
        await keep(store, ("answered", f"{number:02}" + "x" * 46), ("notthis", f"{number:02}" + "x" * 46), ("alarm", f"rf-{number:02}" + "y" * 40))
    (call,) = await stats(chat)
    rest = await press(chat, call.data[-1])

    assert utf16_units(call.caption) <= CAPTION_UNITS
    assert call.data[-1] == "o:stats-words:7:light"
    assert [each.method for each in rest] == ["sendMessage"]
    assert rest[0].text.startswith(call.caption)
    assert rest[0].text.count(service.say("reload_more", count="2")) == 3
    assert rest[0].data == []


async def test_nothing_counted_is_said_below_an_empty_picture(chat: Chat, service: Service) -> None:
    (call,) = await stats(chat)

    assert call.method == "sendPhoto"
    assert call.caption.endswith(service.say("stats_none_yet"))


# --- buttons --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "days", "dark", "buttons"),
    [
        ("o:stats:30:light", 30, False, ["o:stats:7:light", "o:stats:90:light", "o:stats:30:dark"]),
        ("o:stats:7:dark", 7, True, ["o:stats:30:dark", "o:stats:90:dark", "o:stats:7:light"]),
        ("o:stats:0:dark", 1, True, ["o:stats:7:dark", "o:stats:30:dark", "o:stats:90:dark", "o:stats:1:light"]),
        ("o:stats:9999:dark", 400, True, ["o:stats:7:dark", "o:stats:30:dark", "o:stats:90:dark", "o:stats:400:light"]),
        ("o:stats:", 7, False, ["o:stats:30:light", "o:stats:90:light", "o:stats:7:dark"]),
        ("o:stats:30:pink", 7, False, ["o:stats:30:light", "o:stats:90:light", "o:stats:7:dark"]),
    ],
)
async def test_a_button_changes_the_picture_in_its_place(
    chat: Chat, store: MemoryStore, charts: list[tuple[Chart, bool]], data: str, days: int, dark: bool, buttons: list[str]
) -> None:
    await keep(store, ("answered", "flat-tyre"))
    (call,) = await press(chat, data)

    assert (call.method, call.data) == ("editMessageMedia", buttons)
    assert [(len(each.bars), is_dark) for each, is_dark in charts] == [(days, dark)]
    assert call.parameters["media"]["type"] == "photo"
    assert "Questions: 1\n" in call.caption
    assert len(call.files) == 1


async def test_the_same_picture_again_is_no_error(chat: Chat, wire: Wire) -> None:
    wire.faults["editMessageMedia"].append(bad_request("message is not modified: specified new message content is the same"))

    assert await press(chat, "o:stats:7:light") == []


async def test_where_the_place_is_taken_it_is_sent_below(chat: Chat, wire: Wire) -> None:
    wire.faults["editMessageMedia"].append(bad_request("message can't be edited"))
    (call,) = await press(chat, "o:stats:30:light")

    assert call.method == "sendPhoto"


async def test_under_what_is_too_old_to_be_edited_it_is_told_in_words(chat: Chat) -> None:
    old: Raw = {"chat": {"id": ADMIN["id"], "type": "private", "first_name": "Ada"}, "message_id": 5, "date": 0}
    (call,) = await press(chat, "o:stats:30:light", under=old)

    assert call.method == "sendMessage"
    assert call.text.startswith("Bicycles in numbers")


# --- without a picture ----------------------------------------------------------------------------------------------


async def test_a_picture_that_is_refused_costs_no_numbers(chat: Chat, wire: Wire, store: MemoryStore) -> None:
    await keep(store, ("answered", "flat-tyre"))
    wire.faults["sendPhoto"].append(REFUSED)
    (call,) = await stats(chat)

    assert call.method == "sendMessage"
    assert "Questions: 1\n" in call.text
    assert call.data == ["o:stats:30:light", "o:stats:90:light", "o:stats:7:dark"]


async def test_a_new_picture_that_is_refused_costs_no_numbers(chat: Chat, wire: Wire) -> None:
    wire.faults["editMessageMedia"].append(REFUSED)
    wire.faults["sendPhoto"].append(REFUSED)
    (call,) = await press(chat, "o:stats:30:light")

    assert (call.method, call.text.splitlines()[0]) == ("sendMessage", "Bicycles in numbers")


async def test_what_cannot_be_drawn_is_told_in_words(chat: Chat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    async def nothing(of: Chart, *, dark: bool) -> None:
        return None

    monkeypatch.setattr(chart, "drawn", nothing)
    with caplog.at_level(logging.WARNING):
        (sent,) = await stats(chat)
        (again,) = await press(chat, "o:stats:30:light")

    assert [call.method for call in (sent, again)] == ["sendMessage"] * 2
    assert sent.text.startswith("Bicycles in numbers")
    assert "could not be drawn" in caplog.text


@pytest.mark.parametrize("data", ["", "o:stats:30:light", "o:stats-words:30:light"])
async def test_a_store_that_is_down_is_said_kindly(
    chat: Chat, store: MemoryStore, service: Service, monkeypatch: pytest.MonkeyPatch, data: str
) -> None:
    async def down(since: date) -> tuple[Tally, ...]:
        raise OSError("gone")

    monkeypatch.setattr(store, "tallies", down)
    (call,) = await (press(chat, data) if data else stats(chat))

    assert (call.method, call.text) == ("sendMessage", service.say("stats_silent"))


# --- for admins alone -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "update"), forged("/stats").items(), ids=forged("/stats"))
async def test_only_the_admin_s_own_hand_gets_it(chat: Chat, charts: list[tuple[Chart, bool]], what: str, update: Raw) -> None:
    calls = await chat(update)

    assert charts == []
    assert not any("in numbers" in call.text or call.method == "sendPhoto" for call in calls)


PRESSES = [
    pytest.param(update, id=f"{data}, {what}") for data in ("o:stats:7:dark", "o:stats-words:7:dark") for what, update in forged_presses(data).items()
]


@pytest.mark.parametrize("update", PRESSES)
async def test_only_the_admin_s_own_press_does_anything(chat: Chat, charts: list[tuple[Chart, bool]], update: Raw) -> None:
    calls = await chat(update)

    assert charts == []
    assert not any("in numbers" in call.text or call.method in ("sendPhoto", "editMessageMedia") for call in calls)


async def test_strangers_are_told_what_an_unknown_command_is_told(chat: Chat) -> None:
    (told,) = await chat(new(message("/stats", user=ANN)))
    (unknown,) = await chat(said("/nonsense"))

    assert told.text == unknown.text


async def test_a_red_flag_behind_it_is_seen(chat: Chat) -> None:
    (call,) = await chat(new(message("/stats help, my brakes failed", user=ANN)))

    assert "Steer uphill" in call.text


async def test_nothing_is_counted_by_looking(chat: Chat, store: MemoryStore) -> None:
    await stats(chat)
    await press(chat, "o:stats:30:dark")

    assert (len(store._people), len(store._counts)) == (0, 0)


async def test_an_update_without_a_message_is_no_command(application: BotApplication, service: Service, wire: Wire) -> None:
    await AdminStats(service, frozenset()).stats(Update(1), CallbackContext.from_update(Update(1), application))

    assert wire.calls == []
