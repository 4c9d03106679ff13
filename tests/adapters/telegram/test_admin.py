"""Only an admin's own hand commands, and the admin always learns what came of it."""

import asyncio
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
from bot.core.snapshot import Snapshot
from bot.core.text import utf16_units
from bot.errors import Problem
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.replicas import Pace, Replicas, ReplicatedReload
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Replica
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN, Chat, Clock
from tests.adapters.telegram.oracle import complaints_about_value
from tests.adapters.telegram.updates import ANN, BEN, GROUP, Raw, edited, message, new, private, said
from tests.adapters.telegram.wire import Call, Wire

ADMIN: Raw = {"id": ADMIN_ID, "is_bot": False, "first_name": "Ada"}
ROBOT: Raw = {"id": 7, "is_bot": True, "first_name": "Robot"}
ANONYMOUS: Raw = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
TELEGRAM: Raw = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
CHANNEL_MASK: Raw = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
CHANNEL: Raw = {"id": -100888, "type": "channel", "title": "News"}


WHY, CODE = "why does my chain squeak", "ABCD-2345"


def command(text: str, user: Raw = ADMIN, **more: Any) -> Raw:
    return message(text, user=user, **more)


def reload(user: Raw = ADMIN, **more: Any) -> Raw:
    return command("/reload", user, **more)


def forged(text: str) -> dict[str, Raw]:
    """The command *text* as anybody but the admin could get it to the bot, by what they do."""
    return {
        "a stranger": new(command(text, user=ANN)),
        "the admin in a group": new(command(text, chat=GROUP)),
        "an anonymous group admin": new(command(text, user=ANONYMOUS, chat=GROUP, sender_chat=GROUP)),
        "a linked channel": new(command(text, user=TELEGRAM, chat=GROUP, sender_chat=CHANNEL, is_automatic_forward=True)),
        "somebody as a channel": new(command(text, user=CHANNEL_MASK, chat=GROUP, sender_chat=CHANNEL)),
        "the admin forwards a stranger": new(command(text, forward_origin={"type": "user", "date": 1, "sender_user": ANN})),
        "the admin forwards a hidden stranger": new(command(text, forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "Cy"})),
        "the admin via another bot": new(command(text, via_bot=ROBOT)),
        "the admin edits an old message": edited(command(text)),
        "a business message": {"update_id": 1, "business_message": command(text, business_connection_id="b")},
        "a business message as a plain one": new(command(text, business_connection_id="b")),
        "a business bot for the admin": new(command(text, sender_business_bot=ROBOT)),
        "a guest message": {"update_id": 1, "guest_message": command(text, guest_query_id="g")},
        "a guest message as a plain one": new(command(text, guest_query_id="g")),
        "a channel post": {"update_id": 1, "channel_post": command(text, chat=CHANNEL, sender_chat=CHANNEL)},
        "a bot with the admin's id": new(command(text, user=ADMIN | {"is_bot": True})),
        "the admin in another's private chat": new(command(text, chat=private(ANN))),
        "a private message in a chat's name": new(command(text, sender_chat=CHANNEL)),
        "a private automatic forward": new(command(text, is_automatic_forward=True)),
        "a message from nobody": new(command(text, user={}, chat=private(ADMIN))),
        "a press": {"update_id": 1, "callback_query": {"id": "1", "from": ADMIN, "chat_instance": "1", "data": "s:a"}},
    }


FORGED = forged("/reload")
COMMANDS = {"reload": "/reload", "why": f"/why {WHY}", "status": "/status", "claim": f"/claim {CODE}"}
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
    marks = ("Reloaded", "Nothing has changed", "read as", "Version ", f"ADMIN_IDS={ADMIN_ID}")
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
    update = new(reload(user=TELEGRAM | {"id": lent}))

    assert not asked_by_admin(Update.de_json(update, application.bot), NEVER_ADMINS)


@pytest.mark.parametrize("text", ["/reload", "/why", "/status", "/claim", f"/claim {CODE}"])
async def test_strangers_are_told_what_an_unknown_command_is_told(chat: Chat, text: str) -> None:
    """Also of a code, where nobody is to claim anything."""
    (told_call,) = await chat(new(command(text, user=ANN)))
    (unknown_call,) = await chat(said("/nonsense"))

    assert (told_call.text == unknown_call.text) or text.endswith(CODE)
    assert "ADMIN_IDS" not in told_call.text


@pytest.mark.parametrize("name", COMMANDS)
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


# --- /reload ----------------------------------------------------------------------------------------------------------


async def test_a_reload_tells_the_versions_and_what_changed(chat: Chat, folder: Path, service: Service) -> None:
    before = service.snapshot.version
    entries = folder / "entries" / "repairs.yaml"
    kept = entries.read_text().replace("One drop", "Two drops").partition("- id: brake-pads")[0]
    entries.write_text(kept + "- id: bell\n  title: Ring\n  asks: [where do i mount a bell]\n  answer: Where your thumb is.\n")
    (folder / "red_flags.yaml").unlink()
    (call,) = await chat(new(reload()))

    after = service.snapshot.version
    say = service.say
    assert after != before
    assert call.text.split("\n")[0] == say("reload_done", before=before, after=after)
    assert say("reload_added", count="1", ids="bell") in call.text
    assert say("reload_removed", count="1", ids="brake-pads") in call.text
    assert say("reload_changed", count="2", ids="red_flags, squeaky-chain") in call.text


async def test_a_reload_of_the_same_says_so(chat: Chat, service: Service) -> None:
    (call,) = await chat(new(reload()))

    assert call.text == service.say("reload_same", version=service.snapshot.version)


async def test_a_refused_reload_tells_where_and_the_old_knowledge_keeps_answering(chat: Chat, folder: Path, service: Service) -> None:
    before = service.snapshot
    (folder / "entries" / "repairs.yaml").write_text("- id: flat-tyre\n  title: Mend\n  asks: [x y]\n  answers: none\n")
    (call,) = await chat(new(reload()))

    assert service.snapshot is before
    assert call.text.startswith(service.say("reload_failed", version=before.version, count="1"))
    assert "entries/repairs.yaml:4:3: " in call.text


async def test_many_problems_fit_one_message_and_the_rest_is_counted(chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    problems = tuple(Problem("entries/repairs.yaml", line, 1, "wrong " * 9) for line in range(1, 501))

    async def refused() -> ReloadReport:
        return ReloadReport("old", "old", problems=problems)

    monkeypatch.setattr(service, "reload", refused)
    (call,) = await chat(new(reload()))

    lines = call.text.split("\n")
    assert utf16_units(call.text) < 4096
    assert 30 < len(lines) < 500
    assert lines[-1] == service.say("reload_more", count=str(500 - (len(lines) - 2)))


async def test_many_changed_entries_are_counted_not_all_named(chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def reloaded() -> ReloadReport:
        return ReloadReport("old", "new", added=tuple(f"entry-{number}" for number in range(30)))

    monkeypatch.setattr(service, "reload", reloaded)
    (call,) = await chat(new(reload()))

    assert "entry-19 " in call.text
    assert "entry-20" not in call.text
    assert call.text.endswith(service.say("reload_more", count="10"))


# --- several replicas -----------------------------------------------------------------------------------------------


async def test_a_reload_over_several_replicas_names_those_that_took_it(
    application: BotApplication, chat: Chat, folder: Path, service: Service, store: MemoryStore, bicycles: Snapshot
) -> None:
    pace = Pace(look_s=0.05, report_s=0.02, ask_s=0.01)
    others = [Replicas(store, LiveKnowledge(folder, bicycles), name, pace) for name in ("b", "c")]
    application.bot_data.replicas = Replicas(store, service.live, "a", pace)
    stop = asyncio.Event()
    following = [asyncio.create_task(replicas.follow(stop)) for replicas in others]
    async with asyncio.timeout(10):
        while len(await store.replicas()) < len(others):  # noqa: ASYNC110  (they tell the store alone)
            await asyncio.sleep(0.005)
    before = service.snapshot.version
    (folder / "red_flags.yaml").unlink()
    (call,) = await chat(new(reload()))
    stop.set()
    await asyncio.gather(*following)

    lines = call.text.split("\n")
    assert lines[0] == service.say("reload_done", before=before, after=service.snapshot.version)
    assert lines[-1] == service.say("reload_took", took="3", count="3", names="a, b, c")


class Reloaded(Replicas):
    """Says what it was told to say."""

    def __init__(self, done: ReplicatedReload) -> None:
        self._done = done

    async def reload(self) -> ReplicatedReload:
        return self._done


LOADED = ReloadReport("old", "new")


async def test_a_replica_that_did_not_take_it_is_named_with_the_reason(application: BotApplication, chat: Chat, service: Service) -> None:
    done = ReplicatedReload(
        LOADED,
        took=("a", "b"),
        refused=(Replica("c", 7, "old", problems=3),),
        differing=(Replica("d", 7, "odd"),),
        loading=("e",),
        unheard=("f",),
    )
    application.bot_data.replicas = Reloaded(done)
    (call,) = await chat(new(reload()))

    say = service.say
    assert call.text.split("\n") == [
        say("reload_done", before="old", after="new"),
        say("reload_took", took="2", count="6", names="a, b"),
        say("reload_replica_refused", name="c", version="old", count="3"),
        say("reload_replica_differs", name="d", version="odd"),
        say("reload_replica_loading", name="e"),
        say("reload_replica_unheard", name="f"),
    ]


async def test_many_replicas_are_counted_not_all_named(application: BotApplication, chat: Chat, service: Service) -> None:
    names = tuple(f"replica-{number}" for number in range(25))
    application.bot_data.replicas = Reloaded(ReplicatedReload(LOADED, took=("a",), unheard=names))
    (call,) = await chat(new(reload()))

    assert "replica-19 " in call.text
    assert "replica-20" not in call.text
    assert call.text.endswith(service.say("reload_more", count="5"))


@pytest.mark.parametrize(
    ("done", "last"),
    [
        (ReplicatedReload(LOADED, took=("a",)), "reload_done"),
        (ReplicatedReload(LOADED, took=("a",), store_answered=False), "reload_untold"),
        (ReplicatedReload(ReloadReport("old", "old", problems=(Problem("a.yaml", 1, 1, "odd"),))), "a.yaml:1:1: odd"),
    ],
    ids=["alone", "the store is down", "refused here"],
)
async def test_of_other_replicas_nothing_is_said_but_where_there_are_any_or_may_be(
    application: BotApplication, chat: Chat, service: Service, done: ReplicatedReload, last: str
) -> None:
    application.bot_data.replicas = Reloaded(done)
    (call,) = await chat(new(reload()))

    lines = call.text.split("\n")
    assert len(lines) == (1 if last == "reload_done" else 2)
    assert lines[-1] == (service.say(last, before="old", after="new") if last.startswith("reload_") else last)


@pytest.mark.parametrize("update", FORGED.values(), ids=FORGED)
async def test_a_forged_reload_reaches_no_replica(application: BotApplication, chat: Chat, store: MemoryStore, service: Service, update: Raw) -> None:
    application.bot_data.replicas = Replicas(store, service.live, "a")
    await chat(update)

    assert (await store.generation()).number == 0
