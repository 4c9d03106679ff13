"""Only an admin's own hand reloads, and the admin always learns what came of it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from telegram import Update

from bot.adapters.telegram.admin import asked_by_admin
from bot.adapters.telegram.handlers import BotApplication
from bot.config import NEVER_ADMINS
from bot.core.snapshot import Snapshot
from bot.core.text import utf16_units
from bot.errors import Problem
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.replicas import Pace, Replicas, ReplicatedReload
from bot.service import Service
from bot.store.memory import MemoryStore
from bot.store.records import Replica
from tests.adapters.telegram.conftest import ADMIN_ID, Chat
from tests.adapters.telegram.oracle import complaints_about_value
from tests.adapters.telegram.updates import ANN, GROUP, Raw, edited, message, new, private, said

ADMIN: Raw = {"id": ADMIN_ID, "is_bot": False, "first_name": "Ada"}
ROBOT: Raw = {"id": 7, "is_bot": True, "first_name": "Robot"}
ANONYMOUS: Raw = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
TELEGRAM: Raw = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
CHANNEL_MASK: Raw = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
CHANNEL: Raw = {"id": -100888, "type": "channel", "title": "News"}


def reload(user: Raw = ADMIN, **more: Any) -> Raw:
    return message("/reload", user=user, **more)


FORGED = {
    "a stranger": new(reload(user=ANN)),
    "the admin in a group": new(reload(chat=GROUP)),
    "an anonymous group admin": new(reload(user=ANONYMOUS, chat=GROUP, sender_chat=GROUP)),
    "a linked channel": new(reload(user=TELEGRAM, chat=GROUP, sender_chat=CHANNEL, is_automatic_forward=True)),
    "somebody as a channel": new(reload(user=CHANNEL_MASK, chat=GROUP, sender_chat=CHANNEL)),
    "the admin forwards a stranger": new(reload(forward_origin={"type": "user", "date": 1, "sender_user": ANN})),
    "the admin forwards a hidden stranger": new(reload(forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "Cy"})),
    "the admin via another bot": new(reload(via_bot=ROBOT)),
    "the admin edits an old message": edited(reload()),
    "a business message": {"update_id": 1, "business_message": reload(business_connection_id="b")},
    "a business message as a plain one": new(reload(business_connection_id="b")),
    "a business bot for the admin": new(reload(sender_business_bot=ROBOT)),
    "a guest message": {"update_id": 1, "guest_message": reload(guest_query_id="g")},
    "a guest message as a plain one": new(reload(guest_query_id="g")),
    "a channel post": {"update_id": 1, "channel_post": reload(chat=CHANNEL, sender_chat=CHANNEL)},
    "a bot with the admin's id": new(reload(user=ADMIN | {"is_bot": True})),
    "the admin in another's private chat": new(reload(chat=private(ANN))),
    "a private message in a chat's name": new(reload(sender_chat=CHANNEL)),
    "a private automatic forward": new(reload(is_automatic_forward=True)),
    "a message from nobody": new(reload(user={}, chat=private(ADMIN))),
    "a press": {"update_id": 1, "callback_query": {"id": "1", "from": ADMIN, "chat_instance": "1", "data": "s:a"}},
}


@pytest.mark.parametrize("update", FORGED.values(), ids=FORGED)
async def test_only_the_admin_s_own_hand_passes(application: BotApplication, chat: Chat, folder: Path, service: Service, update: Raw) -> None:
    """Judged by the check itself, and by what the whole bot does."""
    assert complaints_about_value("Update", update) == []
    before = service.snapshot
    (folder / "topic.yaml").write_text("name: Changed\n")

    assert not asked_by_admin(Update.de_json(update, application.bot), frozenset({ADMIN_ID}))
    calls = await chat(update)
    assert service.snapshot is before
    assert all(call.method == "answerCallbackQuery" or call.text != service.say("reload_same", version=before.version) for call in calls)


@pytest.mark.parametrize("lent", sorted(NEVER_ADMINS))
async def test_accounts_that_speak_for_many_are_never_admins(application: BotApplication, lent: int) -> None:
    update = new(reload(user=TELEGRAM | {"id": lent}))

    assert not asked_by_admin(Update.de_json(update, application.bot), NEVER_ADMINS)


async def test_strangers_are_told_what_an_unknown_command_is_told(chat: Chat) -> None:
    (reload_call,) = await chat(new(reload(user=ANN)))
    (unknown_call,) = await chat(said("/nonsense"))

    assert reload_call.text == unknown_call.text


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
