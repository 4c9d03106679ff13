"""A flood gets one reply and is settled at once; whatever was said in it, and wherever the process dies, the alarm goes out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.cover import Cover
from bot.adapters.telegram.delivery import Delivery, Pushback, Settlement
from bot.adapters.telegram.handlers import BotApplication, Handlers
from bot.adapters.telegram.known import Known
from bot.adapters.telegram.pages import Page
from bot.adapters.telegram.render import Rendered
from bot.core.model import Context, Utterance
from bot.core.snapshot import Snapshot
from bot.errors import StoreError
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Claim, Effects, PersonKey, Standing
from tests.adapters.telegram import bicycle
from tests.adapters.telegram.conftest import TOKEN
from tests.adapters.telegram.test_flood import FOG
from tests.adapters.telegram.updates import ANN, BEN, GROUP, Raw, edited, message, new, pressed
from tests.adapters.telegram.wire import Call, Fault, Wire, too_many, unreachable

LONG_S = 10.0
OIL = "how do i oil the chain"
PHOTO: Raw = {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]}
ALARM = "Steer uphill & off the road now."


@pytest.fixture(scope="module")
def foggy(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = bicycle.write(tmp_path_factory.mktemp("foggy"))
    (folder / "red_flags.yaml").write_text(bicycle.RED_FLAGS.rstrip() + FOG, encoding="utf-8")
    return load_snapshot(folder)


@pytest.fixture
def service(foggy: Snapshot, store: MemoryStore) -> Service:
    return Service(LiveKnowledge(Path(), foggy), store)


@pytest.fixture
async def delivery(application: BotApplication, service: Service, store: MemoryStore) -> AsyncIterator[Delivery]:
    delivery = Delivery(application, service, store, alone=True)
    yield delivery
    await delivery.stop(0)


@pytest.fixture
def pauses(application: BotApplication, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Pauses last until this is set."""
    woken = asyncio.Event()

    async def sleep(_seconds: float) -> None:
        await woken.wait()

    monkeypatch.setattr(application.bot.rate_limiter, "_sleep", sleep)
    return woken


def update(update_id: int, text: str = OIL, user: Raw = ANN, **more: Any) -> Raw:
    return new(message(text, user=user, **more), update_id)


async def until(reached: Callable[[], bool]) -> None:
    for _ in range(1000):
        if reached():
            break
        await asyncio.sleep(0.01)
    assert reached()


async def settled_ids(store: MemoryStore, *ids: int) -> list[int]:
    return [each for each in ids if (await store.claim(each, alone=True)).standing is Standing.SETTLED]


async def settle(delivery: Delivery, *updates: Raw) -> dict[Settlement, int]:
    for raw in updates:
        delivery.take(raw)
    assert await delivery.wait(LONG_S)
    return dict(+delivery.counts)


@pytest.mark.parametrize(
    ("texts", "replies", "begins"),
    [
        ([OIL] * 5, 5, "One drop"),
        ([OIL] * 6, 1, "One drop"),
        ([OIL] * 100, 1, "One drop"),
        ([OIL, "hello", "hello", "my brakes failed", "hello", OIL, OIL], 1, "You wrote that you cannot brake."),
        (["i have fog", "hello", OIL, "my brakes are soft", "hello", OIL], 1, "You wrote of fog."),
    ],
    ids=["five", "six", "a hundred", "an emergency among them", "an emergency across them"],
)
async def test_more_than_five_that_wait_get_one_reply(delivery: Delivery, wire: Wire, texts: list[str], replies: int, begins: str) -> None:
    counts = await settle(delivery, *(update(number, text) for number, text in enumerate(texts, start=1)))

    assert [call.text.startswith(begins) for call in wire.sent()] == [True] * replies
    assert counts.get(Settlement.COVERED, 0) == len(texts) - replies
    assert counts[Settlement.ANSWERED] == replies
    assert delivery.offset == len(texts) + 1


@pytest.mark.parametrize("fault", [too_many(29), unreachable()], ids=["a pause", "an outage"])
async def test_while_a_chat_waits_what_comes_is_settled_at_once(
    delivery: Delivery, store: MemoryStore, wire: Wire, pauses: asyncio.Event, fault: Fault
) -> None:
    wire.faults_by_chat[ANN["id"]].append(fault)
    delivery.take(update(1, "i have fog"))
    await delivery.wait(0.05)
    for number in range(2, 60):
        delivery.take(update(number, "my brakes are soft" if number == 20 else OIL))
        await asyncio.sleep(0)
    await until(lambda: delivery.counts[Settlement.COVERED] >= 59 - 6)

    assert wire.sent() == []
    assert delivery.counts[Settlement.COVERED] >= 59 - 6
    assert len(await settled_ids(store, *range(1, 20), *range(21, 60))) == delivery.counts[Settlement.COVERED]
    assert not await settled_ids(store, 20)

    pauses.set()
    await settle(delivery)

    assert any("You wrote of fog." in call.text for call in wire.sent())
    assert len(wire.sent()) <= 7


async def test_a_reply_on_its_way_leaves_behind_what_was_said_meanwhile_too(
    delivery: Delivery, store: MemoryStore, wire: Wire, pauses: asyncio.Event
) -> None:
    """The first message is still being answered when six are covered; one of them is half of a danger, the other half comes later."""
    wire.faults_by_chat[ANN["id"]].append(unreachable())
    delivery.take(update(1))
    await delivery.wait(0.05)
    for number in range(2, 9):
        delivery.take(update(number, "i have fog" if number == 3 else OIL))
    await until(lambda: delivery.counts[Settlement.COVERED] == 6)

    pauses.set()
    await settle(delivery)
    await settle(delivery, update(20, "my brakes are soft"))

    assert ALARM in wire.sent()[-1].text
    ((_, _, context),) = store._people.values()
    assert context.answered == 2


async def test_what_a_message_is_about_to_leave_behind_does_not_undo_what_is_covered(
    delivery: Delivery, store: MemoryStore, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first message has read what is carried on, and has not yet said what it leaves behind, when the flood comes."""
    real, read = store.read_context, asyncio.Event()

    async def slow(key: PersonKey) -> Context | None:
        found = await real(key)
        if not read.is_set():
            read.set()
            await asyncio.sleep(0.05)
        return found

    monkeypatch.setattr(store, "read_context", slow)
    delivery.take(update(1))
    await asyncio.wait_for(read.wait(), LONG_S)
    for number in range(2, 9):
        delivery.take(update(number, "i have fog" if number == 3 else OIL))
    await settle(delivery)
    await settle(delivery, update(20, "my brakes are soft"))

    assert delivery.counts[Settlement.COVERED] == 6
    assert ALARM in wire.sent()[-1].text


async def test_commands_presses_and_other_people_are_not_covered(delivery: Delivery, wire: Wire) -> None:
    for number in range(1, 9):
        delivery.take(update(number, "/help"))
    for number in range(11, 19):
        delivery.take(pressed("+t::0") | {"update_id": number})
    for number in range(21, 29):
        user = ANN | {"id": 600 + number}
        delivery.take(update(number, f"@bicycle_bot {OIL}", user, chat=GROUP, entities=[{"type": "mention", "offset": 0, "length": 12}]))
    counts = await settle(delivery)

    assert counts == {Settlement.ANSWERED: 24}
    assert len(wire.sent()) == 24


async def test_one_person_of_a_group_may_be_covered(delivery: Delivery, wire: Wire) -> None:
    mention: Raw = {"entities": [{"type": "mention", "offset": 0, "length": 12}]}
    for number in range(1, 15):
        delivery.take(update(number, f"@bicycle_bot {OIL}", (ANN, BEN)[number % 2] if number < 13 else BEN, chat=GROUP, **mention))
    for number in range(21, 30):
        delivery.take(update(number, "talk among themselves", BEN, chat=GROUP))
    counts = await settle(delivery)

    assert counts == {Settlement.ANSWERED: 2 + 9, Settlement.COVERED: 12}
    assert len(wire.sent()) == 2


async def test_edits_and_pictures_are_covered_like_words(delivery: Delivery, wire: Wire) -> None:
    photos = [new(message(**PHOTO), number) for number in range(1, 7)]
    edits = [edited(message(OIL)) | {"update_id": number} for number in range(7, 10)]
    counts = await settle(delivery, *photos, *edits)

    assert counts == {Settlement.ANSWERED: 1, Settlement.COVERED: 8}
    assert wire.sent()[0].text.startswith("One drop")


async def test_of_a_long_album_the_words_are_answered(delivery: Delivery, wire: Wire) -> None:
    pictures: list[Raw] = [{"caption": OIL} if number == 3 else {} for number in range(10)]
    counts = await settle(delivery, *(new(message(**PHOTO, media_group_id="a", **more), number) for number, more in enumerate(pictures, start=1)))

    assert ([call.text[:8] for call in wire.sent()], counts) == (["One drop"], {Settlement.ANSWERED: 1, Settlement.COVERED: 9})


async def test_a_reply_half_sent_is_finished_and_not_covered(
    delivery: Delivery, service: Service, wire: Wire, pauses: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.telegram.outbox.render", paged)

    def pause_the_second(call: Call) -> None:
        if call.method == "sendMessage" and wire.attempts["sendMessage"] == 1:
            wire.faults["sendMessage"].append(too_many(9))

    wire.before = pause_the_second
    delivery.take(update(1))
    await delivery.wait(0.05)
    for number in range(2, 20):
        delivery.take(update(number))
    await delivery.wait(0.05)
    pauses.set()
    await settle(delivery)

    assert [call.text for call in wire.sent()] == ["first", "second"] * 2
    assert delivery.counts == {Settlement.ANSWERED: 2, Settlement.COVERED: 17}


def paged(*_: object, **__: object) -> Any:
    return Rendered((Page("first", "first"), Page("second", "second")), None)


async def test_what_was_said_after_forget_is_not_covered_before_it(delivery: Delivery, wire: Wire, pauses: asyncio.Event) -> None:
    """Half of a danger that was stored before its turn would be deleted, and the other half raise no alarm."""
    wire.faults_by_chat[ANN["id"]].append(too_many(9))
    for number, text in enumerate((OIL, "/forget", "i have fog", *[OIL] * 4, "my brakes are soft"), start=1):
        delivery.take(update(number, text))
        await delivery.wait(0.05)
    pauses.set()
    counts = await settle(delivery)

    assert any(ALARM in call.text for call in wire.sent())
    assert counts[Settlement.COVERED] == 5, "the flood behind it is covered once its turn has come"


async def test_while_somebody_is_being_forgotten_nothing_is_read_of_them(
    delivery: Delivery, store: MemoryStore, service: Service, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flood behind /forget comes while the store deletes: what is carried on from before must not be written again."""
    key = delivery._application.bot_data.keyring.name(ANN["id"], ANN["id"])
    await store.keep(Effects(((key, Context(at=datetime.now(UTC), region="hill", alerted=("rf-no-brakes",))),)))
    real, begun, go = store.forget, asyncio.Event(), asyncio.Event()

    async def slow(key: PersonKey) -> int:
        begun.set()
        await go.wait()
        return await real(key)

    monkeypatch.setattr(store, "forget", slow)
    delivery.take(update(1, "/forget"))
    await asyncio.wait_for(begun.wait(), LONG_S)
    for number in range(2, 9):
        delivery.take(update(number))
    await asyncio.sleep(0.02)
    go.set()
    await settle(delivery)

    ((_, _, context),) = store._people.values()
    assert (context.region, context.alerted) == (None, ())


async def test_a_flood_that_nobody_saw_answered_is_not_what_a_press_is_about(
    foggy: Snapshot, application: BotApplication, store: MemoryStore, wire: Wire, pauses: asyncio.Event
) -> None:
    """The press waits for /help; the flood behind it is covered meanwhile. Of what it asked in vain each wording is kept once."""
    lost = "where do bananas grow in the summer"
    service = Service(LiveKnowledge(Path(), foggy), store, keep_misses=True)
    application.handlers.clear()
    Handlers(service, application.bot_data).register(application)
    delivery = Delivery(application, service, store, alone=True)
    await settle(delivery, update(1, "how do i change brake pads"))
    wire.faults_by_chat[ANN["id"]].append(unreachable())
    delivery.take(update(2, "/help"))
    await delivery.wait(0.05)
    delivery.take(pressed("n:brake-pads") | {"update_id": 3})
    for number in range(4, 11):
        delivery.take(update(number, lost if number < 10 else OIL))
    await until(lambda: delivery.counts[Settlement.COVERED] == 6)
    pauses.set()
    await settle(delivery)

    kept = [(miss.words, miss.not_this) for miss in await store.misses()]
    assert sorted(kept) == [("how do i change brake pads", "brake-pads"), (lost, "")]


# --- the store ----------------------------------------------------------------------------------------------------------


class Shared(MemoryStore):
    """Somebody else is at work on `elsewhere`, has settled `done`, and began `begun` so often; some calls fail."""

    def __init__(self) -> None:
        super().__init__()
        self.elsewhere: set[int] = set()
        self.done: set[int] = set()
        self.begun: dict[int, int] = {}
        self.refuses: set[str] = set()

    async def claim(self, update_id: int, *, alone: bool) -> Claim:
        if "claim" in self.refuses:
            raise StoreError("down")
        if update_id in self.elsewhere:
            return Claim(Standing.ELSEWHERE)
        if update_id in self.done:
            return Claim(Standing.SETTLED)
        return Claim(Standing.OURS, self.begun[update_id]) if update_id in self.begun else await super().claim(update_id, alone=alone)

    async def settle(self, update_ids: Sequence[int], effects: Effects) -> bool:
        if "settle" in self.refuses:
            raise StoreError("down")
        return await super().settle(update_ids, effects)


@pytest.fixture
def store() -> Shared:
    return Shared()


@pytest.mark.parametrize("refuses", ["claim", "settle"])
async def test_without_the_store_each_gets_its_own_reply(delivery: Delivery, store: Shared, wire: Wire, refuses: str) -> None:
    store.refuses.add(refuses)
    counts = await settle(delivery, *(update(number) for number in range(1, 13)))

    assert (counts, len(wire.sent())) == ({Settlement.ANSWERED: 12}, 12)


async def test_nothing_is_covered_on_top_of_what_could_not_be_read(
    delivery: Delivery, store: Shared, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the danger is stored, and the store fails once, when the flood with the other half comes."""
    await settle(delivery, update(1, "i have fog"))
    real, reads = store.read_context, 0

    async def read(key: PersonKey) -> Context | None:
        nonlocal reads
        reads += 1
        if reads == 1:
            raise StoreError("down")
        return await real(key)

    monkeypatch.setattr(store, "read_context", read)
    await settle(delivery, *(update(number, text) for number, text in enumerate(("hello", "my brakes are soft", *[OIL] * 5), start=2)))

    assert any(ALARM in call.text for call in wire.sent())


async def test_what_could_not_be_read_is_not_written_over(delivery: Delivery, store: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    key = delivery._application.bot_data.keyring.name(ANN["id"], ANN["id"])
    kept = Context(at=datetime.now(UTC), region="hill", alerted=("rf-no-brakes",))
    await store.keep(Effects(((key, kept),)))

    async def ill(_key: PersonKey) -> Context | None:
        raise StoreError("down")

    with monkeypatch.context() as patched:
        patched.setattr(store, "read_context", ill)
        await settle(delivery, update(1))

    assert await store.read_context(key) == kept


async def test_a_store_that_owes_a_settling_is_told_nothing_new_yet(delivery: Delivery, store: Shared, wire: Wire) -> None:
    store.refuses.add("settle")
    await settle(delivery, update(1))
    store.refuses.clear()
    delivery.take(update(2))
    counts = await settle(delivery, *(update(number) for number in range(3, 9)))

    assert counts[Settlement.ANSWERED] >= 2
    assert len(delivery.backlog) == 0


async def test_what_a_message_left_behind_while_the_store_was_ill_counts_for_the_next(delivery: Delivery, store: Shared, wire: Wire) -> None:
    store.refuses.add("settle")
    await settle(delivery, update(1, "i have fog"))
    store.refuses.clear()
    await settle(delivery, update(2, "my brakes are soft"))

    assert ALARM in wire.sent()[-1].text


async def test_claims_that_are_heard_of_too_late_are_no_tries(
    delivery: Delivery, store: Shared, wire: Wire, pauses: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store does what it is asked, and says so too late: each look at the flood claims again, and begins nothing."""
    monkeypatch.setattr("bot.store.bounded.STORE_WAIT_S", 0.01)
    real, late = store.claim, True

    async def claim(update_id: int, *, alone: bool) -> Claim:
        found = await real(update_id, alone=alone)
        if late:
            await asyncio.sleep(0.03)
        return found

    monkeypatch.setattr(store, "claim", claim)
    wire.faults_by_chat[ANN["id"]].append(too_many(9))
    for number in range(1, 51):
        delivery.take(update(number))
        await asyncio.sleep(0.01)
    late = False
    pauses.set()
    counts = await settle(delivery)

    assert Settlement.GAVE_UP not in counts


async def test_a_fault_of_the_covering_costs_nobody_a_reply(
    delivery: Delivery, wire: Wire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("my secret worry")

    monkeypatch.setattr(Cover, "_settle", broken)
    counts = await settle(delivery, *(update(number) for number in range(1, 9)))

    assert (counts, len(wire.sent())) == ({Settlement.ANSWERED: 8}, 8)
    assert "could not be covered: ValueError at" in caplog.text
    assert "secret" not in caplog.text


async def test_what_others_do_or_did_is_left_to_them(delivery: Delivery, store: Shared, wire: Wire) -> None:
    store.done, store.elsewhere, store.begun = {1, 2}, {3}, {4: 6}
    posts = [asyncio.create_task(delivery.deliver(update(number))) for number in range(1, 10)]
    found = await asyncio.wait_for(asyncio.gather(*posts), LONG_S)

    assert found == [None, None, Pushback(1, "elsewhere"), *[None] * 6]
    assert delivery.counts == {Settlement.REPEATED: 2, Settlement.GAVE_UP: 1, Settlement.COVERED: 4, Settlement.ANSWERED: 1}
    assert len(wire.sent()) == 2


async def test_by_polling_what_another_process_works_on_stays_in_its_place(
    delivery: Delivery, store: Shared, wire: Wire, pauses: asyncio.Event
) -> None:
    store.elsewhere = {1, 8}
    for number in range(1, 9):
        delivery.take(update(number))
    await until(lambda: delivery.counts == {Settlement.COVERED: 5})
    assert delivery.offset == 1

    store.elsewhere = set()
    pauses.set()
    assert await settle(delivery) == {Settlement.COVERED: 5, Settlement.ANSWERED: 3}


async def test_what_was_let_go_is_covered_all_the_same(
    delivery: Delivery, store: Shared, wire: Wire, pauses: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.adapters.telegram.delivery.HELD_UP_RESTING_S", -1.0)
    wire.faults_by_chat[ANN["id"]].append(too_many(29))
    for number, text in enumerate(("hello", "i have fog", "hello"), start=1):
        delivery.take(update(number, text))
    await delivery.wait(0.05)
    delivery._patience.heard_at = float("inf")
    await delivery.let_go()
    assert not delivery.busy
    for number in range(4, 9):
        delivery.take(update(number, "hello" if number < 8 else OIL))
    await until(lambda: delivery.counts == {Settlement.COVERED: 7, Settlement.GAVE_UP: 0})

    pauses.set()
    await settle(delivery)
    await settle(delivery, update(20, "my brakes are soft"))

    assert ALARM in wire.sent()[-1].text


@pytest.mark.parametrize("keeps", [True, False], ids=["kept", "not kept"])
async def test_when_all_that_is_covered_was_let_go_what_it_said_is_kept(
    delivery: Delivery, store: Shared, wire: Wire, pauses: asyncio.Event, monkeypatch: pytest.MonkeyPatch, keeps: bool
) -> None:
    monkeypatch.setattr("bot.adapters.telegram.delivery.HELD_UP_RESTING_S", -1.0)
    wire.faults_by_chat[ANN["id"]].append(too_many(29))
    for number, text in enumerate(("hello", "i have fog", "hello", "hello", "hello"), start=1):
        delivery.take(update(number, text))
    await delivery.wait(0.05)
    delivery._patience.heard_at = float("inf")
    await delivery.let_go()
    if not keeps:
        monkeypatch.setattr(store, "keep", refuse)
    delivery.take(update(6, OIL))
    await delivery.wait(0.05)

    assert delivery.counts[Settlement.COVERED] == (5 if keeps else 0)


async def refuse(_effects: Effects) -> None:
    raise StoreError("down")


# --- a crash ------------------------------------------------------------------------------------------------------------

SAID = ("i have fog", "my brakes are soft", "no fog any more", "help, my brakes failed", OIL, "hello", "/help")


@settings(max_examples=60)
@given(said=st.lists(st.sampled_from(SAID), min_size=6, max_size=14), gap=st.integers(0, 14), fault=st.sampled_from(["pause", "outage"]))
def test_after_a_crash_nothing_is_lost_and_the_alarm_still_comes(foggy: Snapshot, said: list[str], gap: int, fault: str) -> None:
    """Before anything was sent the process dies; the next one gets all again that was not settled, in batches as Telegram gives it."""
    batch = [update(number, text) for number, text in enumerate(said, start=1)]
    alarm = alarming(said, foggy)

    async def live(store: MemoryStore, known: Known, serve: Callable[[Delivery, Wire], Awaitable[None]]) -> Wire:
        service, wire, never = Service(LiveKnowledge(Path(), foggy), store), Wire(), asyncio.Event()

        async def sleep(_seconds: float) -> None:
            await never.wait()

        async with build_application(TOKEN, service, request=wire, known=known, sleep=sleep) as application:
            delivery = Delivery(application, service, store, alone=True)
            await serve(delivery, wire)
            await delivery.stop(0)
        return wire

    async def dies(delivery: Delivery, wire: Wire) -> None:
        wire.faults_by_chat[ANN["id"]].append(too_many(29) if fault == "pause" else unreachable())
        for place, raw in enumerate(batch):
            delivery.take(raw)
            if place >= gap:
                await delivery.wait(0.002)
        await delivery.wait(0.02)

    async def serves(delivery: Delivery, wire: Wire) -> None:
        for raw in batch:
            delivery.take(raw)
        assert await delivery.wait(LONG_S)

    async def check() -> None:
        store, known = MemoryStore(), Known()
        before = await live(store, known, dies)
        after = await live(store, known, serves)

        assert before.sent() == []
        assert len(await settled_ids(store, *range(1, len(said) + 1))) == len(said)
        assert any(ALARM in call.text for call in after.sent()) or not alarm

    asyncio.run(check())


def alarming(said: Sequence[str], snapshot: Snapshot) -> bool:
    """Return True when, each answered in its turn, any of them raises the emergency."""
    service = Service(LiveKnowledge(Path(), snapshot), MemoryStore())

    async def ask() -> bool:
        context, raised = Context(), False
        for text in said:
            if text.startswith("/"):
                continue
            turn = (await service.answer(Utterance(text, datetime.now(UTC)), PersonKey("a", "b"), context)).turn
            assert turn is not None
            context = turn.context
            raised = raised or turn.alert is not None
        return raised

    return asyncio.run(ask())
