"""Only an admin's own hand commands, and the admin always learns what came of it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from telegram import Update
from telegram.ext import CallbackContext

from bot.adapters.telegram import outbox
from bot.adapters.telegram.admin import asked_by_admin
from bot.adapters.telegram.admin_commands import AdminCommands
from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.claim import Claim, like_a_code
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.known import Known
from bot.config import NEVER_ADMINS
from bot.core.text import utf16_units
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN, Chat, Clock
from tests.adapters.telegram.forgeries import ADMIN, TELEGRAM, forged
from tests.adapters.telegram.oracle import complaints_about_value
from tests.adapters.telegram.updates import ANN, BEN, Raw, message, new, said
from tests.adapters.telegram.wire import Call, Wire

WHY, CODE = "why does my chain squeak", "ABCD-2345"


def command(text: str, user: Raw = ADMIN, **more: Any) -> Raw:
    return message(text, user=user, **more)


COMMANDS = {"why": f"/why {WHY}", "status": "/status", "claim": f"/claim {CODE}"}
CASES = [
    pytest.param(name, update, id=f"{name}, {what}")
    for name, text in COMMANDS.items()
    for what, update in forged(text).items()
    if (name, what) != ("claim", "a stranger")
]
"""Whoever has the code may claim: that is what it is for."""


class Sure(Claim):
    """A claim whose code is known."""

    def __init__(self) -> None:
        super().__init__()
        self.code = CODE


@pytest.fixture
async def open_to_claims(service: Service, wire: Wire, store: MemoryStore) -> AsyncIterator[Chat]:
    """A bot for which there are an admin and a code at once, as there never are."""
    known = Known(claim=Sure())
    async with build_application(TOKEN, service, admin_ids=frozenset({ADMIN_ID}), request=wire, known=known) as application:
        wire.calls.clear()
        yield Chat(application, wire, store)


def told_to_admins(service: Service, calls: list[Call]) -> list[Call]:
    """Those of *calls* that say what only an admin is told."""
    marks = ("read as", "Version ", f"ADMIN_IDS={ADMIN_ID}")
    return [call for call in calls if call.method == "sendMessage" and any(mark in call.text for mark in marks)]


@pytest.mark.parametrize("text", COMMANDS.values(), ids=COMMANDS)
async def test_the_admin_s_own_hand_passes(open_to_claims: Chat, service: Service, text: str) -> None:
    assert told_to_admins(service, await open_to_claims(new(command(text))))


@pytest.mark.parametrize(("name", "update"), CASES)
async def test_only_the_admin_s_own_hand_passes(open_to_claims: Chat, folder: Path, service: Service, name: str, update: Raw) -> None:
    """Judged by the check itself, and by what the whole bot does."""
    assert complaints_about_value("Update", update) == []
    before = service.snapshot
    (folder / "topic.yaml").write_text("name: Changed\n")

    assert not asked_by_admin(Update.de_json(update), frozenset({ADMIN_ID}))
    assert told_to_admins(service, await open_to_claims(update)) == []
    assert service.snapshot is before


@pytest.mark.parametrize("lent", sorted(NEVER_ADMINS))
async def test_accounts_that_speak_for_many_are_never_admins(application: BotApplication, lent: int) -> None:
    update = new(command("/status", user=TELEGRAM | {"id": lent}))

    assert not asked_by_admin(Update.de_json(update, application.bot), NEVER_ADMINS)


@pytest.mark.parametrize("text", ["/reload", "/undo", "/export", "/why", "/status", "/claim", f"/claim {CODE}"])
async def test_strangers_are_told_what_an_unknown_command_is_told(chat: Chat, text: str) -> None:
    """Also of a code, where nobody is to claim anything."""
    (told_call,) = await chat(new(command(text, user=ANN)))
    (unknown_call,) = await chat(said("/nonsense"))

    assert (told_call.text == unknown_call.text) or text.endswith(CODE)
    assert "ADMIN_IDS" not in told_call.text


@pytest.mark.parametrize("name", [*COMMANDS, "reload", "undo", "export"])
async def test_a_red_flag_behind_a_command_of_admins_is_seen(open_to_claims: Chat, name: str) -> None:
    (call,) = await open_to_claims(new(command(f"/{name} help, my brakes failed", user=ANN)))

    assert "Steer uphill" in call.text


@pytest.mark.parametrize("name", COMMANDS)
async def test_an_update_without_a_message_is_no_command(application: BotApplication, service: Service, wire: Wire, name: str) -> None:
    """The library's types allow for one; its handlers do not let it through."""
    handle = getattr(AdminCommands(service, frozenset()), name)
    await handle(Update(1), CallbackContext.from_update(Update(1), application))

    assert wire.calls == []


# --- /why -------------------------------------------------------------------------------------------------------------


async def test_why_tells_how_it_is_read_and_what_would_be_said(chat: Chat, store: MemoryStore) -> None:
    explained, said_then = await chat(new(command(f"/why {WHY}")))

    assert explained.text.startswith(f"read as    {WHY}\ntokens")
    assert "decided    " in explained.text
    assert explained.parameters["text"].startswith("<pre>")
    assert said_then.text.startswith("One drop")
    assert (len(store._people), len(store._counts)) == (0, 0), "nothing is kept of it"


async def test_why_takes_as_many_messages_as_it_needs(chat: Chat) -> None:
    calls = await chat(new(command("/why " + "how do i mend a flat tyre and is that <all> & done " * 70)))

    assert len(calls) > 1
    assert all(utf16_units(call.text) <= 4096 for call in calls)


async def test_why_alone_says_what_it_takes(chat: Chat, service: Service) -> None:
    (call,) = await chat(new(command("/why")))

    assert call.text == service.say("why_what")


# --- /claim -----------------------------------------------------------------------------------------------------------


async def test_whoever_has_the_code_is_told_the_line_once(open_to_claims: Chat) -> None:
    (line,) = await open_to_claims(new(command("/claim abcd-2345", user=ANN)))
    (again,) = await open_to_claims(new(command(f"/claim {CODE}", user=BEN)))

    assert line.text.endswith(f"ADMIN_IDS={ANN['id']}")
    assert "ADMIN_IDS" not in again.text


async def test_a_claim_that_is_begun_anew_is_answered_all_the_same(
    service: Service, wire: Wire, store: MemoryStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first go meets a fault of our own after the code was taken."""
    faults = [ValueError("odd")]
    real = outbox.answer

    async def answer(*asked: Any, **more: Any) -> int | None:
        if faults:
            raise faults.pop()
        return await real(*asked, **more)

    monkeypatch.setattr(outbox, "answer", answer)
    async with build_application(TOKEN, service, request=wire, known=Known(claim=Sure()), sleep=clock.sleep) as application:
        delivery = Delivery(application, service, store, alone=True)
        delivery.take(new(command(f"/claim {CODE}", user=ANN)))
        await delivery.wait(5)
        await delivery.stop(0)

    assert [call.text.split("=")[-1] for call in wire.sent()] == [str(ANN["id"])]


async def test_a_wrong_code_is_words_behind_an_unknown_command(open_to_claims: Chat) -> None:
    """`cant-walk` has the form of a code, and may be a red flag."""
    (claimed,) = await open_to_claims(new(command("/claim cant-stop", user=ANN)))
    (unknown,) = await open_to_claims(new(command("/nonsense cant-stop", user=ANN)))

    assert like_a_code("cant-stop")
    assert claimed.text == unknown.text


async def test_after_ten_wrong_codes_the_right_one_is_worth_nothing(open_to_claims: Chat) -> None:
    for number in range(10):
        await open_to_claims(new(command(f"/claim AAAA-000{number}", user=ANN)))
    (call,) = await open_to_claims(new(command(f"/claim {CODE}", user=ANN)))

    assert "ADMIN_IDS" not in call.text


def test_codes_are_long_and_no_two_are_alike() -> None:
    codes = {Claim().code for _ in range(200)}

    assert len(codes) == 200
    assert all(re.fullmatch("[A-Z2-9]{4}-[A-Z2-9]{4}", code) for code in codes)
    assert all(like_a_code(code.lower()) for code in codes)


def test_a_claim_does_not_show_its_code() -> None:
    claim = Claim()

    assert claim.code not in f"{claim!r} {Known(claim=claim)!r}"
