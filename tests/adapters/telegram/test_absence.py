"""Who wrote while the bot was away is told once; the admins hear once for how long it was."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.telegram.absence import CALM_S, LATE_S, Absence, Away
from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.known import Known
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.adapters.telegram.conftest import TOKEN, Clock
from tests.adapters.telegram.updates import ANN, BEN, NOW, Raw, edited, message, new, pressed
from tests.adapters.telegram.wire import Wire, too_many

LIMIT_S = 10.0
SORRY = "Sorry, I was offline when you wrote."
LONG_AGO = NOW - 3 * 3600
OIL = "how do i oil the chain"


@pytest.fixture
async def delivery(application: BotApplication, service: Service, store: MemoryStore) -> AsyncIterator[Delivery]:
    delivery = Delivery(application, service, store, alone=True)
    yield delivery
    await delivery.stop(0)


async def replies(delivery: Delivery, wire: Wire, *updates: Raw) -> list[str]:
    for number, raw in enumerate(updates, start=1):
        delivery.take(raw | {"update_id": number})
    assert await delivery.wait(LIMIT_S)
    return [call.text for call in wire.sent()]


@pytest.mark.parametrize(
    ("text", "follows"),
    [
        (OIL, "One drop"),
        ("help, my brakes failed", "You wrote that you cannot brake."),
        ("why does the moon shine", "I don't have a good answer"),
        ("/topics", "Pick a topic."),
        ("/start flat-tyre", "Find the hole"),
        ("/brakes_failed", "You wrote that you cannot brake."),
    ],
)
async def test_a_late_reply_opens_with_an_apology_above_all_else(delivery: Delivery, wire: Wire, text: str, follows: str) -> None:
    (reply,) = await replies(delivery, wire, new(message(text, date=LONG_AGO)))

    assert reply.startswith(f"{SORRY}\n\n{follows}")


@pytest.mark.parametrize(("age_s", "late"), [(0, False), (LATE_S - 30, False), (LATE_S + 30, True)])
async def test_late_is_more_than_ten_minutes(delivery: Delivery, wire: Wire, age_s: float, late: bool) -> None:
    (reply,) = await replies(delivery, wire, new(message(OIL, date=int(time.time() - age_s))))

    assert reply.startswith(SORRY) is late


async def test_once_in_a_chat_and_not_for_presses_and_fresh_edits(delivery: Delivery, wire: Wire) -> None:
    late = [new(message(OIL, date=LONG_AGO, user=user)) for user in (ANN, ANN, BEN, ANN)]
    old = message("x", date=LONG_AGO)
    found = await replies(delivery, wire, *late, pressed("+t::0", under=old), edited(message(OIL, date=LONG_AGO)))

    assert sum(reply.startswith(SORRY) for reply in found) == 2
    assert [call.text.startswith(SORRY) for call in wire.sent(ANN["id"])] == [True, False, False, False, False]


async def test_it_is_said_with_the_reply_that_gets_through(delivery: Delivery, wire: Wire) -> None:
    wire.faults["sendMessage"].append(too_many(3600))
    found = await replies(delivery, wire, *(new(message(OIL, date=LONG_AGO)) for _ in range(2)))

    assert [reply.startswith(SORRY) for reply in found] == [True]


async def test_a_flood_from_before_is_apologised_for_once(delivery: Delivery, wire: Wire) -> None:
    found = await replies(delivery, wire, *(new(message(OIL, date=LONG_AGO)) for _ in range(20)))

    assert [reply.startswith(SORRY) for reply in found] == [True]


async def test_what_the_parts_share_can_be_given(service: Service, wire: Wire, clock: Clock) -> None:
    known = Known(absence=Absence(clock=lambda: 0.0))
    async with build_application(TOKEN, service, request=wire, sleep=clock.sleep, known=known) as application:
        delivery = Delivery(application, service, MemoryStore(), alone=True)
        (reply,) = await replies(delivery, wire, new(message(OIL, date=5)))

    assert reply.startswith("One drop")


# --- for how long -------------------------------------------------------------------------------------------------------


class Hours:
    """A clock that stands still until it is moved; it begins at 10,000 s."""

    def __init__(self) -> None:
        self.now = 10_000.0

    def __call__(self) -> float:
        return self.now

    def ago(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(self.now - seconds, UTC)


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def absence(hours: Hours) -> Absence:
    return Absence(hours)


def calm(hours: Hours, absence: Absence) -> Away | None:
    hours.now += CALM_S
    return absence.over()


def test_the_store_knows_how_long_it_was(hours: Hours, absence: Absence) -> None:
    absence.began(hours.ago(7200))
    for age_s in (5000, 3000, 5, 700):
        absence.came(hours.ago(age_s))

    assert absence.over() is None
    assert calm(hours, absence) == Away(timedelta(seconds=7200), 3)
    assert calm(hours, absence) is None


@pytest.mark.parametrize("beat", [None, 100], ids=["no beat", "a fresh beat"])
def test_else_the_oldest_message_tells(hours: Hours, absence: Absence, beat: float | None) -> None:
    absence.began(hours.ago(beat) if beat else None)
    for age_s in (700, 3000, 900):
        absence.came(hours.ago(age_s))

    assert calm(hours, absence) == Away(timedelta(seconds=3000), 3)


def test_nobody_waited_nobody_is_told(hours: Hours, absence: Absence) -> None:
    absence.began(hours.ago(7200))
    absence.came(hours.ago(3))

    assert calm(hours, absence) is None


def test_late_replies_keep_it_from_being_over(hours: Hours, absence: Absence) -> None:
    absence.came(hours.ago(700))
    hours.now += CALM_S - 1
    assert absence.owed(1, hours.ago(2000))
    hours.now += CALM_S - 1

    assert absence.over() is None
    assert calm(hours, absence) is not None


def test_one_straggler_while_others_are_served_is_no_absence(hours: Hours, absence: Absence) -> None:
    absence.came(hours.ago(1))
    absence.came(hours.ago(2000))
    assert calm(hours, absence) is None

    hours.now += LATE_S
    absence.came(hours.ago(2000))
    assert calm(hours, absence) == Away(timedelta(seconds=2000), 1)


def test_a_chat_is_told_again_of_the_next_absence(hours: Hours, absence: Absence) -> None:
    absence.came(hours.ago(700))
    absence.told(1)
    assert not absence.owed(1, hours.ago(700))
    calm(hours, absence)

    assert absence.owed(1, hours.ago(700))
