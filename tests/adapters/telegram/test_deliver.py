"""What is posted is settled before it is acknowledged, or Telegram is told when to bring it again; both ways in come to the same."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

import pytest
from telegram import Message

from bot.adapters.telegram import delivery as module
from bot.adapters.telegram import outbox
from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.delivery import Delivery, Pushback, Settlement
from bot.adapters.telegram.handlers import BotApplication
from bot.core.model import Context, Notice, Utterance
from bot.core.snapshot import Snapshot
from bot.errors import StoreError
from bot.knowledge.live import LiveKnowledge
from bot.service import Said, Service
from bot.store.memory import MemoryStore
from bot.store.records import Claim, Effects, PersonKey, Standing
from tests.adapters.telegram.conftest import TOKEN, Clock
from tests.adapters.telegram.test_delivery import UNREADABLE
from tests.adapters.telegram.updates import ANN, BEN, Raw, message, new, pressed
from tests.adapters.telegram.wire import BLOCKED, Wire, bad_request, cut_off, too_many, unreachable

LIMIT_S = 10.0
OIL = "how do i oil the chain"


class Shared(MemoryStore):
    """Others may be at work on the same updates."""

    def __init__(self) -> None:
        super().__init__()
        self.standing: dict[int, Claim] = {}
        self.released: list[int] = []
        self.down = False

    async def claim(self, update_id: int, *, alone: bool) -> Claim:
        assert not alone
        return self.standing.get(update_id) or await super().claim(update_id, alone=alone)

    async def release(self, update_ids: Sequence[int]) -> None:
        self.released += update_ids
        await super().release(update_ids)

    async def settle(self, update_ids: Sequence[int], effects: Effects) -> bool:
        if self.down:
            raise StoreError("down")
        return await super().settle(update_ids, effects)


@pytest.fixture
def store() -> Shared:
    return Shared()


@pytest.fixture
async def delivery(application: BotApplication, service: Service, store: Shared) -> AsyncIterator[Delivery]:
    delivery = Delivery(application, service, store, alone=False)
    yield delivery
    await delivery.stop(0)


@pytest.fixture
def gate(service: Service, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Nothing is answered until this is set."""
    real, gate = service.answer, asyncio.Event()

    async def answer(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        await gate.wait()
        return await real(utterance, key, carried)

    monkeypatch.setattr(service, "answer", answer)
    return gate


def update(update_id: int, text: str = OIL, user: Raw = ANN) -> Raw:
    return new(message(text, user=user), update_id)


async def posted(delivery: Delivery, raw: Raw) -> Pushback | None:
    return await asyncio.wait_for(delivery.deliver(raw), LIMIT_S)


async def test_it_is_acknowledged_once_telegram_and_the_store_have_it(delivery: Delivery, store: Shared, wire: Wire) -> None:
    assert await posted(delivery, update(1)) is None
    assert (len(wire.sent()), (await store.claim(1, alone=False)).standing) == (1, Standing.SETTLED)


@pytest.mark.parametrize("raw", [{}, {"update_id": "1"}, UNREADABLE], ids=["no id", "odd id", "unreadable"])
async def test_what_cannot_be_read_is_acknowledged_and_counted(delivery: Delivery, raw: Raw) -> None:
    assert await posted(delivery, raw) is None
    assert delivery.counts == {Settlement.UNREADABLE: 1}


async def test_what_comes_again_is_answered_once(delivery: Delivery, store: Shared, wire: Wire, gate: asyncio.Event) -> None:
    """While it is at work, once it is settled, and settled by somebody else."""
    store.standing[5] = Claim(Standing.SETTLED)
    posts = [asyncio.create_task(delivery.deliver(update(1))) for _ in range(3)]
    await asyncio.sleep(0.02)
    gate.set()
    found = await asyncio.gather(*posts, delivery.deliver(update(1)))
    found.append(await posted(delivery, update(1)))
    found.append(await posted(delivery, update(5)))

    assert found == [None] * 6
    assert delivery.counts == {Settlement.ANSWERED: 1, Settlement.REPEATED: 2}
    assert len(wire.sent()) == 1


async def test_a_connection_that_goes_away_does_not_take_the_work_with_it(delivery: Delivery, wire: Wire, gate: asyncio.Event) -> None:
    post = asyncio.create_task(delivery.deliver(update(1)))
    await asyncio.sleep(0.02)
    post.cancel()
    await asyncio.gather(post, return_exceptions=True)
    gate.set()
    await delivery.wait(LIMIT_S)

    assert (post.cancelled(), len(wire.sent()), await posted(delivery, update(1))) == (True, 1, None)


async def test_too_many_at_once_are_brought_again(delivery: Delivery, gate: asyncio.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OPEN", 3)
    posts = [asyncio.create_task(delivery.deliver(update(number, user=ANN | {"id": number}))) for number in range(1, 5)]
    await asyncio.sleep(0.02)

    assert posts[3].done()
    assert posts[3].result() == Pushback(1, "too_many")

    gate.set()
    assert await asyncio.gather(*posts[:3]) == [None] * 3
    assert await posted(delivery, update(4)) is None


async def test_what_another_process_works_on_is_brought_again(delivery: Delivery, store: Shared, wire: Wire) -> None:
    store.standing[1] = Claim(Standing.ELSEWHERE)

    assert await posted(delivery, update(1)) == Pushback(1, "elsewhere")
    assert (wire.sent(), delivery.busy, store.released) == ([], False, [])

    del store.standing[1]
    assert await posted(delivery, update(1)) is None


async def test_polled_it_waits_for_the_other_process(delivery: Delivery, store: Shared, wire: Wire, clock: Clock) -> None:
    standings = iter([Claim(Standing.ELSEWHERE), Claim(Standing.ELSEWHERE), Claim(Standing.SETTLED)])
    store.claim = lambda update_id, *, alone: asyncio.sleep(0, next(standings))  # type: ignore[method-assign]
    delivery.take(update(1))
    await delivery.wait(LIMIT_S)

    assert (delivery.counts, clock.slept, wire.sent()) == ({Settlement.REPEATED: 1}, [1, 1], [])


async def test_a_long_pause_brings_it_again_after_the_pause(delivery: Delivery, store: Shared, wire: Wire) -> None:
    """It was no try that failed, and nobody is told to be silent by an apology."""
    for _ in range(7):
        wire.faults["sendMessage"].append(too_many(31))
        assert await posted(delivery, update(1)) == Pushback(31, "paused")
    assert store.released == [1] * 7

    assert await posted(delivery, update(1)) is None
    assert (len(wire.sent()), delivery.counts) == (1, {Settlement.ANSWERED: 1})


async def test_what_is_open_at_the_end_is_brought_to_somebody_else(delivery: Delivery, store: Shared, wire: Wire, gate: asyncio.Event) -> None:
    posts = [asyncio.create_task(delivery.deliver(update(number, user=user))) for number, user in ((1, ANN), (2, ANN), (3, BEN))]
    await asyncio.sleep(0.02)
    await delivery.stop(0)

    assert await asyncio.gather(*posts) == [Pushback(1, "stopping")] * 3
    assert sorted(store.released) == [1, 3]
    assert await posted(delivery, update(4)) == Pushback(1, "stopping")


async def test_what_the_store_could_not_be_told_it_is_told_at_the_end(delivery: Delivery, store: Shared) -> None:
    store.down = True
    assert await posted(delivery, update(1)) is None
    assert len(delivery.backlog) == 1
    store.down = False
    await delivery.stop(LIMIT_S)

    assert (await store.claim(1, alone=False)).standing is Standing.SETTLED
    assert len(store._people) == 1


async def test_only_so_many_settled_ids_are_kept_in_memory(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RECENT", 3)
    for number in range(1, 9):
        await posted(delivery, update(number))

    assert list(delivery._settled) == [6, 7, 8]


# --- tries --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("failures", "settlement"), [(4, "answered"), (5, "gave_up")])
async def test_a_fault_of_our_own_is_tried_five_times(
    delivery: Delivery, service: Service, wire: Wire, clock: Clock, monkeypatch: pytest.MonkeyPatch, failures: int, settlement: str
) -> None:
    real, left = service.answer, iter(range(failures))

    async def answer(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        if next(left, None) is not None:
            raise KeyError(utterance.text)
        return await real(utterance, key, carried)

    monkeypatch.setattr(service, "answer", answer)
    assert await posted(delivery, update(1)) is None

    assert {each.value: count for each, count in delivery.counts.items()} == {settlement: 1}
    assert clock.slept == [0.2, 0.4, 0.8, 1.6]
    assert len(wire.sent()) == 1


@pytest.mark.parametrize(("tries", "apologies"), [(5, 0), (6, 1), (60, 1)])
async def test_what_may_have_ended_the_process_five_times_is_not_begun_again(
    delivery: Delivery, service: Service, store: Shared, wire: Wire, tries: int, apologies: int
) -> None:
    store.standing[1] = Claim(Standing.OURS, tries)
    await posted(delivery, update(1))

    assert sum(call.text.startswith(service.say("gave_up").strip()) for call in wire.sent()) == apologies
    assert delivery.counts == {Settlement.GAVE_UP if apologies else Settlement.ANSWERED: 1}


@pytest.mark.parametrize("fault", [unreachable(), too_many(3), too_many(9)], ids=["outage", "pause", "longer pause"])
async def test_what_passes_is_no_try_that_failed(delivery: Delivery, store: Shared, wire: Wire, fault: Exception) -> None:
    wire.faults["sendMessage"].extend([fault] * 4)
    await posted(delivery, update(1))

    assert (delivery.counts, len(wire.sent()), store._claims) == ({Settlement.ANSWERED: 1}, 1, {})


async def test_a_fault_after_the_first_page_does_not_repeat_it(
    delivery: Delivery, service: Service, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def long(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        return Said(Notice("first " * 600 + "\n\n" + "second " * 500), Effects(), "unknown")

    monkeypatch.setattr(service, "answer", long)
    real, faults = outbox._send_page, iter([None, KeyError("ours")])

    async def send_page(*args: Any) -> Message:
        error = next(faults, None)
        if error:
            raise error
        return await real(*args)

    monkeypatch.setattr(outbox, "_send_page", send_page)
    await posted(delivery, update(1))

    assert [call.text.split()[0] for call in wire.sent()] == ["first", "second"]


async def test_another_reply_than_last_time_is_sent_whole(delivery: Delivery, service: Service, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    replies = iter(["first " * 600 + "\n\n" + "second " * 500, "third " * 600 + "\n\n" + "fourth " * 500])

    async def long(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        return Said(Notice(next(replies)), Effects(), "unknown")

    monkeypatch.setattr(service, "answer", long)
    wire.before = lambda call: wire.faults["sendMessage"].append(too_many(3)) if wire.attempts["sendMessage"] == 1 else None
    await posted(delivery, update(1))

    assert [call.text.split()[0] for call in wire.sent()] == ["first", "third", "fourth"]


async def test_five_pauses_are_kept_and_then_it_is_given_up_in_silence(delivery: Delivery, wire: Wire, clock: Clock) -> None:
    wire.faults["sendMessage"].extend([too_many(4)] * 5)
    await posted(delivery, update(1))

    assert (delivery.counts, wire.attempts["sendMessage"], clock.slept) == ({Settlement.GAVE_UP: 1}, 5, [4] * 4)


# --- one process, two ways in -------------------------------------------------------------------------------------------

EVERYTHING = (
    update(1),
    update(2, "help, my brakes failed"),
    pressed("+t::0") | {"update_id": 3},
    UNREADABLE | {"update_id": 4},
    update(5, "/topics"),
    *(update(number, user=BEN) for number in range(6, 16)),
    update(1),
)


@pytest.mark.parametrize(
    "faults",
    [[], [unreachable()] * 2, [cut_off()], [too_many(9)] * 2, [BLOCKED], [bad_request("text must be non-empty")], [KeyError("ours")]],
    ids=["fine", "unreachable", "cut off", "429", "blocked", "refused", "ours"],
)
async def test_both_ways_in_come_to_the_same(bicycles: Snapshot, folder: object, faults: list[Exception]) -> None:
    async def serve(by_webhook: bool) -> tuple[dict[Settlement, int], list[tuple[int, str]], object]:
        store, wire, clock = MemoryStore(), Wire(), Clock()
        service = Service(LiveKnowledge(None, bicycles), store)  # type: ignore[arg-type]
        async with build_application(TOKEN, service, request=wire, sleep=clock.sleep) as application:
            wire.faults_by_chat[ANN["id"]].extend(faults)
            delivery = Delivery(application, service, store, alone=True)
            if by_webhook:
                assert await asyncio.gather(*(delivery.deliver(raw) for raw in EVERYTHING)) == [None] * len(EVERYTHING)
            else:
                for raw in EVERYTHING:
                    delivery.take(raw)
            assert await delivery.wait(LIMIT_S)
            await delivery.stop(LIMIT_S)
        tallies = [(tally.what, tally.about, tally.times) for tally in await store.tallies(date.min)]
        return dict(delivery.counts), sorted((call.parameters["chat_id"], call.text) for call in wire.sent()), tallies

    assert await serve(by_webhook=True) == await serve(by_webhook=False)
