"""While the bot serves, the store hears of it; no failure ends that."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.adapters.telegram.absence import Absence, Away
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.profile import Profile
from bot.adapters.telegram.reports import QUIET_S, Reports, gathered
from bot.adapters.telegram.upkeep import BEAT_S, PROFILE_S, PRUNE_S, RENEW_S, TELL_S, Upkeep
from bot.core.text import utf16_units
from bot.errors import StoreError
from bot.service import Service
from bot.store import LEASE_S
from bot.store.later import Backlog
from bot.store.memory import MemoryStore
from tests.adapters.telegram.conftest import ADMIN_ID
from tests.adapters.telegram.updates import ANN, NOW, message, new
from tests.adapters.telegram.wire import BAD_GATEWAY, BLOCKED, Call, Fault, Wire, too_many


class Watched(MemoryStore):
    """Counts what it is told; fails if told to."""

    def __init__(self) -> None:
        super().__init__()
        self.told: Counter[str] = Counter()
        self.pruned: list[date] = []
        self.ill = False

    def _hear(self, what: str) -> None:
        self.told[what] += 1
        if self.ill:
            raise StoreError("down")

    async def renew(self) -> None:
        self._hear("renew")

    async def beat(self) -> None:
        self._hear("beat")
        await super().beat()

    async def prune(self, *, counts_before: date) -> None:
        self._hear("prune")
        self.pruned.append(counts_before)


class Ticks:
    """Time that passes when told to, in the periods asked for."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, asyncio.Event]] = []
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        event = asyncio.Event()
        self._waiting.append((self.now + seconds, event))
        await event.wait()

    async def pass_by(self, seconds: float) -> None:
        end = self.now + seconds
        await settle_down()
        while self._waiting and min(at for at, _ in self._waiting) <= end:
            self.now = min(at for at, _ in self._waiting)
            for at, event in self._waiting:
                if at <= self.now:
                    event.set()
            self._waiting = [(at, event) for at, event in self._waiting if at > self.now]
            await settle_down()
        self.now = end


async def settle_down() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def store() -> Watched:
    return Watched()


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
async def delivery(application: BotApplication, service: Service, store: Watched) -> AsyncIterator[Delivery]:
    delivery = Delivery(application, service, store, alone=True)
    yield delivery
    await delivery.stop(0)


@pytest.fixture
def upkeep(application: BotApplication, service: Service, store: Watched, delivery: Delivery, ticks: Ticks) -> Upkeep:
    absence = application.bot_data.absence
    admins = frozenset({ADMIN_ID, ADMIN_ID + 1})
    return Upkeep(application.bot, service, store, delivery, absence, admin_ids=admins, retention_days=30, sleep=ticks.sleep)


async def test_leases_are_renewed_well_before_they_end_while_anything_is_open(
    upkeep: Upkeep, delivery: Delivery, store: Watched, ticks: Ticks, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(service, "answer", never)
    async with upkeep:
        await ticks.pass_by(LEASE_S)
        assert store.told["renew"] == 0

        delivery.take(new(message("x"), 1))
        await ticks.pass_by(LEASE_S)

    assert (store.told["renew"], RENEW_S) == (3, LEASE_S / 3)


async def test_a_lease_is_renewed_though_the_store_takes_its_time(
    upkeep: Upkeep, delivery: Delivery, store: Watched, ticks: Ticks, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.bounded.STORE_WAIT_S", 0.01)
    renewed = asyncio.Event()

    async def slow() -> None:
        await asyncio.sleep(0.05)
        renewed.set()

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(store, "renew", slow)
    monkeypatch.setattr(service, "answer", never)
    async with upkeep:
        delivery.take(new(message("x"), 1))
        await ticks.pass_by(RENEW_S)
        async with asyncio.timeout(1):
            await renewed.wait()


async def test_a_long_backlog_holds_up_no_lease(
    upkeep: Upkeep, delivery: Delivery, store: Watched, ticks: Ticks, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Backlog, "flush", never)
    monkeypatch.setattr(service, "answer", never)
    async with upkeep:
        delivery.take(new(message("x"), 1))
        await ticks.pass_by(LEASE_S)

    assert store.told["renew"] == 3


async def test_the_store_is_told_each_minute_and_tidied_every_few(upkeep: Upkeep, store: Watched, ticks: Ticks) -> None:
    async with upkeep:
        await ticks.pass_by(PRUNE_S)

    assert store.told["beat"] == PRUNE_S / BEAT_S, "none at the start: one that fails is no service"
    assert store.pruned == [(datetime.now(UTC) - timedelta(days=30)).date()]


async def test_a_store_that_is_ill_for_a_while_is_asked_again(upkeep: Upkeep, store: Watched, ticks: Ticks) -> None:
    store.ill = True
    async with upkeep:
        await ticks.pass_by(PRUNE_S)
        assert (store.told["prune"], store.pruned) == (1, [])
        store.ill = False
        await ticks.pass_by(PRUNE_S)

    assert store.told["prune"] == 2
    assert len(store.pruned) == 1


async def test_what_the_store_missed_it_is_told_soon(upkeep: Upkeep, delivery: Delivery, store: Watched, ticks: Ticks, wire: Wire) -> None:
    real = store.settle

    async def refuse(update_ids: object, effects: object) -> bool:
        raise StoreError("down")

    store.settle = refuse  # type: ignore[method-assign]
    delivery.take(new(message("how do i oil the chain"), 1))
    await delivery.wait(5)
    assert len(delivery.backlog) == 1

    store.settle = real  # type: ignore[method-assign]
    async with upkeep:
        await ticks.pass_by(RENEW_S)

    assert len(delivery.backlog) == 0


@pytest.mark.parametrize("faults", [[], [BLOCKED, BAD_GATEWAY]], ids=["told", "cannot be told"])
async def test_the_admins_hear_once_how_long_it_was_away(
    upkeep: Upkeep,
    delivery: Delivery,
    service: Service,
    store: Watched,
    ticks: Ticks,
    wire: Wire,
    faults: list[Fault],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.adapters.telegram.absence.CALM_S", 0.0)
    store._beat = datetime.now(UTC) - timedelta(hours=2, minutes=5)
    for admin_id, fault in zip((ADMIN_ID, ADMIN_ID + 1), faults, strict=False):
        wire.faults_by_chat[admin_id].append(fault)
    async with upkeep:
        for number in (1, 2):
            delivery.take(new(message("how do i oil the chain", date=NOW - 4000), number))
        await delivery.wait(5)
        await ticks.pass_by(600)

    told = [call.text for call in wire.sent() if call.parameters["chat_id"] >= ADMIN_ID]
    assert told == [service.say("admin_was_offline", hours="2", minutes="5", messages="2")] * (0 if faults else 2)
    assert wire.attempts["sendMessage"] == 4
    assert await store.last_beat() != store._beat or store._beat > datetime.now(UTC) - timedelta(minutes=1)


async def test_an_odd_answer_of_telegram_ends_nothing(upkeep: Upkeep, wire: Wire, ticks: Ticks, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def over(_absence: Absence) -> Away:
        nonlocal looked
        looked += 1
        return Away(timedelta(hours=1), 3)

    monkeypatch.setattr(Absence, "over", over)
    wire.faults["sendMessage"].append(b'{"ok": true}')
    async with upkeep:
        await ticks.pass_by(3 * TELL_S)

    assert looked == 3


async def test_after_its_end_nothing_is_at_work(upkeep: Upkeep, store: Watched, ticks: Ticks) -> None:
    async with upkeep:
        await ticks.pass_by(BEAT_S)
    told = dict(store.told)
    await ticks.pass_by(PRUNE_S)

    assert store.told == told


async def test_it_ends_though_a_deletion_ends_at_that_very_moment(
    upkeep: Upkeep, store: Watched, ticks: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cancellation that comes then must not get lost, or the process would never end."""
    deleted = asyncio.Event()

    async def prune(*, counts_before: date) -> None:
        await deleted.wait()
        store.pruned.append(counts_before)

    monkeypatch.setattr(store, "prune", prune)
    await upkeep.start()
    await ticks.pass_by(PRUNE_S)
    deleted.set()
    async with asyncio.timeout(5):
        await upkeep.stop()

    assert upkeep._tasks
    assert all(task.done() for task in upkeep._tasks)


# --- errors -----------------------------------------------------------------------------------------------------------

_log = logging.getLogger("bot.somewhere")


@pytest.fixture
def reports(ticks: Ticks) -> Iterator[Reports]:
    reports = Reports(lambda: ticks.now)
    with gathered(reports):
        yield reports


@pytest.fixture
def reporting(application: BotApplication, service: Service, store: Watched, delivery: Delivery, ticks: Ticks, reports: Reports) -> Upkeep:
    absence = application.bot_data.absence
    return Upkeep(application.bot, service, store, delivery, absence, admin_ids=frozenset({ADMIN_ID}), reports=reports, sleep=ticks.sleep)


async def test_an_error_is_told_soon_and_its_kind_once_an_hour(reporting: Upkeep, ticks: Ticks, wire: Wire, service: Service) -> None:
    async with reporting:
        for number in range(30):
            _log.error("update %d failed: %s", number, "KeyError at bot/x.py:3 in f")
            await ticks.pass_by(TELL_S)

    what = "bot.somewhere: update 0 failed: KeyError at bot/x.py:3 in f"
    assert [call.text for call in wire.sent(ADMIN_ID)] == [service.say("admin_error", what=what, count="1").strip()]


async def test_an_error_that_could_not_be_told_is_told_later_and_does_not_repeat_itself(reporting: Upkeep, ticks: Ticks, wire: Wire) -> None:
    wire.faults_by_chat[ADMIN_ID].append(BAD_GATEWAY)
    async with reporting:
        _log.error("odd")
        await ticks.pass_by(QUIET_S - 1)
        assert wire.attempts["sendMessage"] == 1
        await ticks.pass_by(2 * QUIET_S)

    assert len(wire.sent(ADMIN_ID)) == 1


async def test_many_kinds_at_once_are_one_message_that_fits(reporting: Upkeep, ticks: Ticks, wire: Wire, service: Service) -> None:
    tried: list[Call] = []
    wire.before = lambda call: tried.append(call) if call.method == "sendMessage" else None
    async with reporting:
        for number in range(50):
            _log.error(f"kind {number} {'😀' * 400}")
        await ticks.pass_by(TELL_S)

    (call,) = tried
    told = call.text.count("bot.somewhere: kind ")
    assert 1 < told < 50
    assert utf16_units(call.text) <= 4_096
    assert call.text.endswith(service.say("reload_more", count=str(50 - told)))


async def test_messages_given_up_are_told(reporting: Upkeep, delivery: Delivery, ticks: Ticks, wire: Wire, service: Service) -> None:
    wire.faults_by_chat[ANN["id"]].append(too_many(600))
    async with reporting:
        delivery.take(new(message("how do i oil the chain"), 1))
        await delivery.wait(5)
        await ticks.pass_by(TELL_S)

    assert [service.say("admin_gave_up") in call.text for call in wire.sent(ADMIN_ID)] == [True]


async def test_without_admins_nothing_is_told(
    application: BotApplication, service: Service, store: Watched, delivery: Delivery, ticks: Ticks, reports: Reports, wire: Wire
) -> None:
    async with Upkeep(application.bot, service, store, delivery, application.bot_data.absence, reports=reports, sleep=ticks.sleep):
        _log.error("odd")
        await ticks.pass_by(TELL_S)

    assert wire.attempts["sendMessage"] == 0


async def test_a_fault_in_one_work_ends_none(
    application: BotApplication, service: Service, store: Watched, delivery: Delivery, ticks: Ticks, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    profile = Profile(application.bot, service, frozenset())
    tries = Counter[str]()

    async def fail() -> None:
        tries["keep"] += 1
        raise ValueError("my secret worry")

    monkeypatch.setattr(profile, "keep", fail)
    async with Upkeep(application.bot, service, store, delivery, application.bot_data.absence, profile=profile, sleep=ticks.sleep):
        await ticks.pass_by(3 * PROFILE_S)

    assert tries["keep"] == 3
    assert "ValueError at " in caplog.text
    assert "secret" not in caplog.text
