"""/status tells an admin how the bot is, and never waits for what is ill."""

from __future__ import annotations

import time
from datetime import date

import pytest

from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.profile import Profile
from bot.errors import StoreError
from bot.replicas import Replicas
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Replica, Tally
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN, Chat
from tests.adapters.telegram.updates import Raw, message, new, said
from tests.adapters.telegram.wire import ME, UNAUTHORIZED, Wire, bad_request

ADMIN: Raw = {"id": ADMIN_ID, "is_bot": False, "first_name": "Ada"}


async def status(chat: Chat) -> list[str]:
    *_, call = await chat(new(message("/status", user=ADMIN)))
    return call.text.split("\n")


async def test_it_tells_versions_time_counts_and_what_waits(
    application: BotApplication, chat: Chat, service: Service, store: MemoryStore, wire: Wire
) -> None:
    application.bot_data.started_at = time.monotonic() - 90_061
    delivery = Delivery(application, service, store, alone=True)
    delivery.take(said("how do i oil the chain"))
    await delivery.wait(5)
    await chat(said("my chain squeaks"))
    wire.webhook_info["pending_update_count"] = 7
    lines = await status(chat)
    await delivery.stop(0)
    knowledge = service.snapshot.knowledge

    assert lines[0].startswith("Version ")
    assert f"knowledge {knowledge.version}: {len(knowledge.entries)} entries, {len(knowledge.red_flags.flags)} red flags." in lines[0]
    assert lines[1:5] == [
        "Up for 1 day, 1:01:01, by polling.",
        "Updates since the start: answered 1. Open now: 0.",
        "Today (UTC): answered 2.",
        "Waiting at Telegram: 7.",
    ]


async def test_before_anything_has_happened_there_is_little_to_tell(chat: Chat) -> None:
    lines = await status(chat)

    assert lines[2:4] == ["Updates since the start: none. Open now: 0.", "Today (UTC): none."]


async def test_of_a_webhook_only_the_host_is_told_and_its_last_trouble(application: BotApplication, chat: Chat, wire: Wire) -> None:
    application.bot_data.by_webhook = True
    wire.webhook_info |= {
        "url": f"https://bot.example.org:8443/telegram/{TOKEN}?secret=planted",
        "last_error_date": 1_700_000_000,
        "last_error_message": f"Wrong response from the webhook: 503 at /{TOKEN}",
    }
    text = "\n".join(await status(chat))

    assert "by webhook." in text
    assert "Telegram posts to bot.example.org; waiting there: 0." in text
    assert "2023-11-14 22:13 UTC: Wrong response from the webhook: 503" in text
    assert TOKEN not in text
    assert "planted" not in text


async def test_replicas_are_named_with_what_they_serve(application: BotApplication, chat: Chat, service: Service, store: MemoryStore) -> None:
    application.bot_data.replicas = Replicas(store, service.live, "one")
    await store.report(Replica("two", 1, "0ther"))
    text = "\n".join(await status(chat))

    assert f"Replicas and what they serve: one ({service.snapshot.version}), two (0ther)." in text


async def test_alone_there_is_one(application: BotApplication, chat: Chat, service: Service, store: MemoryStore) -> None:
    application.bot_data.replicas = Replicas(store, service.live, "one", alone=True)
    await store.report(Replica("two", 1, "0ther"))

    assert f"Replicas and what they serve: one ({service.snapshot.version})." in await status(chat)


async def test_what_is_ill_is_said_to_be_and_the_rest_is_told(
    application: BotApplication, chat: Chat, service: Service, store: MemoryStore, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object, **__: object) -> tuple[Tally, ...]:
        raise StoreError("down")

    monkeypatch.setattr(store, "tallies", down)
    monkeypatch.setattr(store, "replicas", down)
    application.bot_data.replicas = Replicas(store, service.live, "one")
    wire.faults["getWebhookInfo"].append(UNAUTHORIZED)
    wire.faults["getMe"].append(UNAUTHORIZED)
    lines = await status(chat)

    assert service.say("status_store_silent") in lines
    assert service.say("status_telegram_silent") in lines
    assert not [line for line in lines if line.startswith("Replicas")]


async def test_drift_is_told(application: BotApplication, chat: Chat, service: Service, wire: Wire) -> None:
    assert service.say("status_no_drift") in await status(chat)

    application.bot_data.profile = profile = Profile(application.bot, service, frozenset({ADMIN_ID}))
    wire.faults["getMyDescription"].append(bad_request("not now"))
    await profile.keep()
    text = "\n".join(await status(chat))

    assert "Differed from the knowledge and was set: commands (default), " in text
    assert "Could not be set: description, " in text
    assert "(BadRequest)" in text


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ({}, {"status_inline_off", "status_guests_off"}),
        ({"supports_inline_queries": True, "supports_guest_queries": True}, set()),
        ({"supports_inline_queries": True, "can_read_all_group_messages": True}, {"status_guests_off", "status_reads_groups"}),
    ],
    ids=["as made", "all switched on", "sees all that groups say"],
)
async def test_what_botfather_must_be_told_is_told(
    application: BotApplication, chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch, more: Raw, keys: set[str]
) -> None:
    switches = dict.fromkeys(("supports_inline_queries", "supports_guest_queries", "can_read_all_group_messages"), False)
    monkeypatch.setattr("tests.adapters.telegram.wire.ME", ME | switches | more)
    lines = await status(chat)

    hints = ("status_inline_off", "status_guests_off", "status_reads_groups")
    assert {key for key in hints if service.say(key) in lines} == keys


async def test_today_begins_at_midnight(chat: Chat, store: MemoryStore) -> None:
    store._counts[date(2020, 1, 1), "answered", "flat-tyre"] = 5

    assert "Today (UTC): none." in await status(chat)
