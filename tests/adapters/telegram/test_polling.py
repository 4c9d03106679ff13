"""Updates are fetched as long as the bot runs, faults pass, and what no waiting mends ends it with one clear line."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.adapters.telegram.app import ALLOWED_UPDATES
from bot.adapters.telegram.delivery import Delivery, Settlement
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.polling import confirm, persistently, poll
from bot.errors import ConfigError
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.adapters.telegram.conftest import TOKEN, Clock
from tests.adapters.telegram.updates import ANN, BEN, Raw, message, new
from tests.adapters.telegram.wire import BAD_GATEWAY, CONFLICT, UNAUTHORIZED, Call, Fault, Refusal, Wire, cut_off, too_many, unreachable

LIMIT_S = 10.0


@pytest.fixture
async def delivery(application: BotApplication, service: Service, store: MemoryStore) -> AsyncIterator[Delivery]:
    delivery = Delivery(application, service, store, alone=True)
    yield delivery
    await delivery.stop(0)


async def run(application: BotApplication, delivery: Delivery, wire: Wire, clock: Clock) -> None:
    """Poll until there is nothing left to fetch."""
    stop = asyncio.Event()
    wire.when_empty = stop.set
    await asyncio.wait_for(poll(application.bot, delivery, stop, poll_timeout_s=7, sleep=clock.sleep), LIMIT_S)


def update(update_id: int, user: Raw = ANN, text: str = "how do i oil the chain") -> Raw:
    return new(message(text, user=user), update_id)


async def test_all_is_fetched_answered_and_confirmed(application: BotApplication, delivery: Delivery, wire: Wire, clock: Clock) -> None:
    """More than one batch, and the offset passes nothing that is not settled."""
    wire.updates = [update(number, ANN | {"id": 1000 + number % 90}) for number in range(500, 750)]
    answered_at_offsets: list[tuple[int, int]] = []

    def count(call: Call) -> None:
        if call.method == "getUpdates":
            answered_at_offsets.append((call.parameters["offset"], len(wire.sent())))

    wire.before = count
    await run(application, delivery, wire, clock)

    assert delivery.counts == {Settlement.ANSWERED: 250}
    assert len(answered_at_offsets) >= 3
    assert all(answered >= offset - 500 for offset, answered in answered_at_offsets)
    assert answered_at_offsets[-1] == (750, 250)


@pytest.mark.parametrize(
    ("waiting", "text", "given_up"),
    [(1, "how do i oil the chain", 1), (150, "how do i oil the chain", 1), (150, "/topics", 150)],
    ids=["one message", "a flood", "a flood of commands"],
)
async def test_a_chat_that_must_wait_holds_up_no_other(
    application: BotApplication,
    delivery: Delivery,
    wire: Wire,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    waiting: int,
    text: str,
    given_up: int,
) -> None:
    """Telegram hands out a hundred at a time, from the lowest that is open."""
    woken = asyncio.Event()

    async def sleep(seconds: float) -> None:
        assert seconds == 29
        await woken.wait()

    monkeypatch.setattr(application.bot.rate_limiter, "_sleep", sleep)
    monkeypatch.setattr("bot.adapters.telegram.delivery.HELD_UP_S", 0.3)
    monkeypatch.setattr("bot.adapters.telegram.delivery.HELD_UP_RESTING_S", 0.3)
    wire.faults_by_chat[ANN["id"]].append(too_many(29))
    others = [BEN | {"id": number} for number in range(1000, 1200)]
    # Somebody else comes first: that Telegram takes messages is heard from them.
    users = [*others[:1], *[ANN] * waiting, *others[1:]]
    wire.updates = [update(number, user, text if user is ANN else "how do i oil the chain") for number, user in enumerate(users, start=1)]
    await run(application, delivery, wire, clock)

    assert {call.parameters["chat_id"] for call in wire.sent()} == {user["id"] for user in others}
    assert delivery.counts[Settlement.GAVE_UP] == given_up
    assert delivery.counts[Settlement.COVERED] == (waiting - 1 if given_up < waiting else 0)

    woken.set()
    await delivery.wait(LIMIT_S)

    assert len(wire.sent(ANN["id"])) == given_up
    assert delivery.counts[Settlement.GAVE_UP] == 0


async def test_updates_are_asked_for_by_kind_and_in_bounds(application: BotApplication, delivery: Delivery, wire: Wire, clock: Clock) -> None:
    await run(application, delivery, wire, clock)

    (call,) = wire.of("getUpdates")
    assert call.parameters == {"offset": 0, "limit": 100, "timeout": 7, "allowed_updates": list(ALLOWED_UPDATES)}


async def test_one_update_that_cannot_be_read_stops_no_other(application: BotApplication, delivery: Delivery, wire: Wire, clock: Clock) -> None:
    odd: Raw = {"update_id": 2, "message": {"message_id": 1, "date": "odd", "chat": {"id": 1, "type": "private"}}}
    wire.updates = [update(1), odd, update(3)]
    await run(application, delivery, wire, clock)

    assert delivery.counts == {Settlement.ANSWERED: 2, Settlement.UNREADABLE: 1}
    assert wire.offsets[-1] == 4


@pytest.mark.parametrize(
    "fault",
    [cut_off(), unreachable(), BAD_GATEWAY, b'{"ok":tru', b"[]", b"{}", b'{"ok":true,"result":{}}', Refusal(500, "Internal Server Error")],
    ids=["cut off", "unreachable", "5xx", "half a body", "no object", "no result", "no list", "500"],
)
async def test_passing_faults_are_waited_out(
    application: BotApplication, delivery: Delivery, wire: Wire, clock: Clock, caplog: pytest.LogCaptureFixture, fault: Fault
) -> None:
    wire.faults["getUpdates"].append(fault)
    wire.updates = [update(1)]
    await run(application, delivery, wire, clock)

    assert clock.slept == [1.0]
    assert delivery.counts == {Settlement.ANSWERED: 1}
    assert "trying again in 1.0 s" in caplog.text


async def test_pauses_grow_to_half_a_minute_and_begin_anew_after_success(
    application: BotApplication, delivery: Delivery, wire: Wire, clock: Clock
) -> None:
    wire.faults["getUpdates"].extend([BAD_GATEWAY] * 10)
    wire.updates = [update(1)]
    await run(application, delivery, wire, clock)
    wire.faults["getUpdates"].append(BAD_GATEWAY)
    await run(application, delivery, wire, clock)

    assert clock.slept == [pytest.approx(min(1.5**power, 30)) for power in range(10)] + [1.0]


async def test_a_pause_that_telegram_asks_for_is_kept(application: BotApplication, delivery: Delivery, wire: Wire, clock: Clock) -> None:
    wire.faults["getUpdates"].append(too_many(12))
    await run(application, delivery, wire, clock)

    assert clock.slept == [12]


@pytest.mark.parametrize(
    ("fault", "line"),
    [(UNAUTHORIZED, "BOT_TOKEN"), (Refusal(404, "Not Found"), "BOT_TOKEN"), (CONFLICT, "stop that process")],
    ids=["401", "404", "409"],
)
async def test_what_no_waiting_mends_ends_the_bot_with_one_line(
    application: BotApplication, delivery: Delivery, wire: Wire, clock: Clock, fault: Refusal, line: str
) -> None:
    wire.faults["getUpdates"].append(fault)
    with pytest.raises(ConfigError, match=line) as raised:
        await run(application, delivery, wire, clock)

    assert "\n" not in str(raised.value)
    assert TOKEN not in str(raised.value)
    assert clock.slept == []


async def test_a_stop_ends_the_longest_pause(application: BotApplication) -> None:
    stop = asyncio.Event()

    async def fails() -> bool:
        stop.set()
        raise unreachable()

    async def for_ever(_seconds: float) -> None:
        await asyncio.Event().wait()

    assert await asyncio.wait_for(persistently(fails, stop, for_ever), LIMIT_S) is None


async def test_stopped_before_it_began_it_fetches_nothing(application: BotApplication, delivery: Delivery, wire: Wire) -> None:
    stop = asyncio.Event()
    stop.set()
    await poll(application.bot, delivery, stop, poll_timeout_s=7)

    assert wire.of("getUpdates") == []


async def test_the_last_word_tells_telegram_what_is_settled(application: BotApplication, delivery: Delivery, wire: Wire) -> None:
    wire.updates = [update(1), update(2)]
    await confirm(application.bot, delivery)
    assert wire.of("getUpdates") == []

    delivery.take(update(1))
    await delivery.wait(LIMIT_S)
    await confirm(application.bot, delivery)

    assert [call.parameters["offset"] for call in wire.of("getUpdates")] == [2]
    assert [left["update_id"] for left in wire.updates] == [2]


async def test_a_last_word_that_fails_is_no_error(application: BotApplication, delivery: Delivery, wire: Wire) -> None:
    wire.faults["getUpdates"].append(cut_off())
    delivery.take(update(1))
    await delivery.wait(LIMIT_S)
    await confirm(application.bot, delivery)

    assert wire.attempts["getUpdates"] == 1
