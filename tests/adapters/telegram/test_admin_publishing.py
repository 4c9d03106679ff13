"""What an admin does to the knowledge from a private chat: nobody else can, it asks before anything is lost, and always tells what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from telegram import Update
from telegram.ext import CallbackContext

from bot.adapters.telegram import outbox
from bot.adapters.telegram.admin_publishing import AdminPublishing
from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.delivery import Delivery, Settlement
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.known import Known
from bot.config import NEVER_ADMINS
from bot.core.snapshot import Snapshot
from bot.errors import Problem
from bot.knowledge.behaviour import Change, Difference, Loss, Reaction
from bot.knowledge.folder import FILE_LIMIT_BYTES
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.knowledge.versions import KeptVersion
from bot.publishing import Publishing, Staged
from bot.replicas import ReplicatedReload
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN, Chat, Clock
from tests.adapters.telegram.forgeries import ADMIN, forged, forged_presses
from tests.adapters.telegram.oracle import complaints_about_value
from tests.adapters.telegram.posting import until
from tests.adapters.telegram.updates import ANN, Raw, message, new, pressed, said
from tests.adapters.telegram.wire import FETCH, Call, Refusal, Wire, bad_request, cut_off

ADMINS = frozenset({ADMIN_ID}) | NEVER_ADMINS
"""As somebody could write them down in error."""
OLD, NEW = "0123456789ab", "cdef01234567"
LOST = Difference(
    9, (Change("my chain squeaks", Reaction("answered", ("squeaky-chain",), (), None), Reaction("unknown", (), (), None), Loss.ANSWER),)
)
DONE = ReplicatedReload(ReloadReport(OLD, NEW, difference=Difference(9, ())), ("a",))
WAITS = ReplicatedReload(ReloadReport(OLD, NEW, difference=LOST, waiting=True))
REFUSED = ReplicatedReload(ReloadReport(OLD, OLD, problems=(Problem("topic.yaml", 1, 1, "wrong"),)))
SOUND = Staged(ReloadReport(OLD, NEW, added=("bell",), difference=Difference(9, ())), NEW)
CONTENT = b"- id: secret-worry\n"


class Told(Publishing):
    """Says what it was told to say, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.done = DONE
        self.staged = SOUND
        self.kept: tuple[KeptVersion, ...] = ()
        self.files: tuple[tuple[str, bytes], ...] = ()
        self.writes = True
        self.ready = asyncio.Event()
        """What takes long waits for it."""
        self.ready.set()

    async def _long(self, *asked: object) -> ReplicatedReload:
        self.asked.append(asked)
        await self.ready.wait()
        return self.done

    async def reload(self, agreed: str | None = None) -> ReplicatedReload:
        return await self._long("reload", agreed)

    def versions(self) -> tuple[KeptVersion, ...]:
        self.asked.append(("versions",))
        return self.kept

    async def undo(self, version: str, agreed: bool = False) -> ReplicatedReload:
        return await self._long("undo", version, agreed)

    @property
    def may_write(self) -> bool:
        return self.writes

    def export(self) -> tuple[tuple[str, bytes], ...]:
        self.asked.append(("export",))
        return self.files

    async def stage(self, name: str, content: bytes) -> Staged:
        await self._long("stage", name, content)
        return self.staged

    async def put(self, version: str) -> ReplicatedReload:
        return await self._long("put", version)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def publishing_bot(service: Service, wire: Wire, clock: Clock, told: Told) -> AsyncIterator[BotApplication]:
    known = Known(publishing=told)
    async with build_application(TOKEN, service, admin_ids=ADMINS, request=wire, known=known, sleep=clock.sleep, typing_after_s=0.05) as application:
        wire.calls.clear()
        yield application


@pytest.fixture
def admin(publishing_bot: BotApplication, wire: Wire, store: MemoryStore) -> Chat:
    return Chat(publishing_bot, wire, store)


@pytest.fixture
async def delivery(publishing_bot: BotApplication, service: Service, store: MemoryStore) -> AsyncIterator[Delivery]:
    delivery = Delivery(publishing_bot, service, store, alone=True)
    yield delivery
    await delivery.stop(0)


def order(text: str, **more: Any) -> Raw:
    return new(message(text, user=ADMIN, **more))


def press(verb: str, about: str = NEW) -> Raw:
    return pressed(f"o:{verb}:{about}", user=ADMIN)


def file(name: str | None = "repairs.yaml", *, size: int | None = None) -> Raw:
    """What a message holds that carries a file."""
    document = {"file_id": "f", "file_unique_id": "u"} | ({"file_name": name} if name is not None else {}) | ({"file_size": size} if size else {})
    return {"document": document}


def sent_file(name: str | None = "repairs.yaml", *, size: int | None = None, **more: Any) -> Raw:
    return new(message(user=ADMIN, **file(name, size=size), **more))


@pytest.fixture(autouse=True)
def stored_file(wire: Wire) -> None:
    wire.files["f"] = CONTENT


def methods(calls: list[Call]) -> list[str]:
    return [call.method for call in calls]


# --- who may --------------------------------------------------------------------------------------------------------------

OURS: dict[str, dict[str, Raw]] = {
    **{text: forged(text) for text in ("/reload", "/undo", "/export")},
    "a file": forged(None, **file()),
    "a file with words": forged(None, caption="how do i oil the chain", **file()),
    **{verb: forged_presses(f"o:{verb}:{NEW}") for verb in ("reload", "undo", "undo-agreed", "put", "leave")},
}


@pytest.fixture
async def anybody_s(folder: Any, bicycles: Snapshot, clock: Clock) -> AsyncIterator[Chat]:
    """A bot without admins."""
    store, wire = MemoryStore(), Wire()
    async with build_application(TOKEN, Service(LiveKnowledge(folder, bicycles), store), request=wire, sleep=clock.sleep) as application:
        yield Chat(application, wire, store)


@pytest.mark.parametrize("forgeries", OURS.values(), ids=OURS)
async def test_anybody_else_gets_what_a_bot_without_admins_says(admin: Chat, anybody_s: Chat, told: Told, forgeries: dict[str, Raw]) -> None:
    assert len(forgeries) > 8
    for name, update in forgeries.items():
        assert complaints_about_value("Update", update) == []
        calls, plain = [[(call.method, call.parameters) for call in await chat(update)] for chat in (admin, anybody_s)]

        assert calls == plain, name
    assert told.asked == []


@pytest.mark.parametrize(
    ("update", "asked"),
    [
        (order("/reload"), ("reload", None)),
        (order("/undo"), ("versions",)),
        (order("/export"), ("export",)),
        (sent_file(), ("stage", "repairs.yaml", CONTENT)),
        (sent_file(caption="my words"), ("stage", "repairs.yaml", CONTENT)),
        (press("reload"), ("reload", NEW)),
        (press("undo"), ("undo", NEW, False)),
        (press("undo-agreed"), ("undo", NEW, True)),
        (press("put"), ("put", NEW)),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else "",
)
async def test_the_admin_s_own_hand_passes(admin: Chat, told: Told, update: Raw, asked: tuple[object, ...]) -> None:
    calls = await admin(update)

    assert told.asked == [asked]
    assert calls


@pytest.mark.parametrize("name", ["reload", "undo", "export", "document"])
async def test_an_update_without_a_message_is_none(publishing_bot: BotApplication, service: Service, wire: Wire, told: Told, name: str) -> None:
    """The library's types allow for one; its handlers do not let it through."""
    handle = getattr(AdminPublishing(service, told, ADMINS), name)
    await handle(Update(1), CallbackContext.from_update(Update(1), publishing_bot))

    assert (wire.calls, told.asked) == ([], [])


# --- what came of it ------------------------------------------------------------------------------------------------------


async def test_a_reload_that_would_lose_something_asks_below(admin: Chat, told: Told, service: Service) -> None:
    told.done = WAITS
    (call,) = await admin(order("/reload"))

    assert call.text.startswith(service.say("publish_waits", before=OLD, after=NEW))
    assert "“my chain squeaks”: Oil a squeaky chain → no answer" in call.text
    assert call.data == [f"o:reload:{NEW}", f"o:leave:{NEW}"]


@pytest.mark.parametrize("verb", ["reload", "undo", "undo-agreed", "put"])
@pytest.mark.parametrize("done", [DONE, WAITS, REFUSED], ids=["done", "asks again", "refused"])
async def test_a_press_puts_what_came_of_it_in_the_place_of_the_question(admin: Chat, told: Told, verb: str, done: ReplicatedReload) -> None:
    told.done = done
    calls = await admin(press(verb))

    assert methods(calls) == ["answerCallbackQuery", "editMessageText"]
    assert bool(calls[1].data) is (done is WAITS)


async def test_to_leave_it_changes_nothing_and_says_what_answers(admin: Chat, told: Told, service: Service) -> None:
    _, call = await admin(press("leave", ""))

    assert (call.method, call.text) == ("editMessageText", service.say("left", version=service.snapshot.version))
    assert told.asked == []


async def test_what_the_folder_still_holds_can_be_taken_out_of_it_again(admin: Chat, told: Told, service: Service) -> None:
    _, call = await admin(press("leave"))
    (button,) = call.data
    await admin(pressed(button, user=ADMIN))

    assert service.say("left_waiting", version=service.snapshot.version, waiting=NEW) == call.text
    assert told.asked == [("undo", service.snapshot.version, False)]


@pytest.mark.parametrize("verb", ["reload", "put"])
async def test_a_press_on_what_is_live_by_now_does_nothing_more(admin: Chat, told: Told, service: Service, verb: str) -> None:
    """As after a crash between the change and the word on it."""
    version = service.snapshot.version
    _, call = await admin(press(verb, version))

    assert call.text == service.say("already_live", version=version)
    assert told.asked == []


@pytest.mark.parametrize("update", [order("/reload"), sent_file(), press("undo"), press("put")], ids=["command", "file", "undo", "put"])
async def test_long_work_shows_that_it_is_under_way(admin: Chat, told: Told, wire: Wire, update: Raw) -> None:
    told.ready.clear()
    wire.before = lambda call: told.ready.set() if call.method == "sendChatAction" else None
    calls = await asyncio.wait_for(admin(update), 10)

    assert "sendChatAction" in methods(calls)
    assert calls[-1].method in ("sendMessage", "editMessageText")


async def test_it_is_shown_for_as_long_as_the_work_takes(admin: Chat, told: Told, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Telegram forgets the sign after five seconds, and learning takes longer."""
    monkeypatch.setattr(outbox, "_TYPING_S", 0.01)
    told.ready.clear()
    wire.before = lambda call: told.ready.set() if wire.attempts["sendChatAction"] == 2 else None
    calls = await asyncio.wait_for(admin(order("/reload")), 10)

    assert methods(calls)[:2] == ["sendChatAction"] * 2


async def test_other_chats_go_on_meanwhile(delivery: Delivery, told: Told, wire: Wire) -> None:
    told.ready.clear()
    delivery.take(order("/reload"))
    delivery.take(said("my chain squeaks"))
    await until(lambda: bool(wire.sent()))
    assert [call.text[:8] for call in wire.sent()] == ["One drop"]

    told.ready.set()
    await delivery.wait(10)

    assert [call.parameters["chat_id"] for call in wire.sent()] == [ANN["id"], ADMIN_ID]


@pytest.mark.parametrize("update", [order("/reload"), press("undo"), press("put"), sent_file()], ids=["command", "undo", "put", "file"])
async def test_what_fails_inside_is_begun_again_and_answered_once(delivery: Delivery, told: Told, wire: Wire, update: Raw) -> None:
    real, faults = told._long, [ValueError("odd")]

    async def long(*asked: object) -> ReplicatedReload:
        if faults:
            raise faults.pop()
        return await real(*asked)

    told._long = long  # type: ignore[method-assign]
    delivery.take(update)
    await delivery.wait(10)

    assert delivery.counts[Settlement.ANSWERED] == 1
    assert len(wire.sent()) + len(wire.of("editMessageText")) == 1


# --- /undo ----------------------------------------------------------------------------------------------------------------


async def test_undo_says_when_nothing_is_kept(admin: Chat, service: Service) -> None:
    (call,) = await admin(order("/undo"))

    assert call.text == service.say("undo_none")


# --- /export --------------------------------------------------------------------------------------------------------------


async def test_export_is_off_by_default_and_says_what_turns_it_on(admin: Chat, told: Told, service: Service) -> None:
    told.writes = False
    (call,) = await admin(order("/export"))

    assert call.text == service.say("export_off")
    assert "KNOWLEDGE_BY_CHAT=true" in call.text
    assert told.asked == []


async def test_export_says_when_there_is_nothing(admin: Chat, service: Service) -> None:
    (call,) = await admin(order("/export"))

    assert call.text == service.say("export_none")


@pytest.mark.parametrize(("count", "albums"), [(1, [1]), (2, [2]), (8, [8]), (10, [10]), (11, [5, 6]), (23, [7, 8, 8])])
async def test_export_sends_each_file_as_it_is(admin: Chat, told: Told, service: Service, count: int, albums: list[int]) -> None:
    told.files = tuple((f"theme-{number}.yaml", f"# {number}\n- id: é\n".encode()) for number in range(count))
    calls = await admin(order("/export"))

    assert methods(calls) == ["sendDocument" if size == 1 else "sendMediaGroup" for size in albums]
    assert [len(call.files) for call in calls] == albums
    assert [each for call in calls for each in call.files] == list(told.files)
    assert {call.parameters["chat_id"] for call in calls} == {ADMIN_ID}
    for call in calls:
        captions = [part.get("caption") for part in call.parameters.get("media", [call.parameters])]
        assert captions == [None] * (len(captions) - 1) + [service.say("export_how")]


# --- a file sent back -----------------------------------------------------------------------------------------------------


async def test_a_sound_file_is_looked_at_and_asked_about(admin: Chat, service: Service) -> None:
    calls = await admin(sent_file())

    assert methods(calls) == ["getFile", FETCH, "sendMessage"]
    assert calls[-1].text.startswith(service.say("file_sound", name="repairs.yaml", before=OLD))
    assert calls[-1].data == [f"o:put:{NEW}", "o:leave:"]


async def test_a_file_with_problems_is_told_where(admin: Chat, told: Told, service: Service) -> None:
    told.staged = Staged(ReloadReport(OLD, OLD, problems=(Problem("entries/repairs.yaml", 4, 3, "wrong"),)), "")
    call = (await admin(sent_file()))[-1]

    assert call.text == f"{service.say('file_refused', name='repairs.yaml', version=OLD, count='1')}\nentries/repairs.yaml:4:3: wrong"
    assert call.data == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("repairs.yaml", "repairs.yaml"),
        ("repairs (1).yaml", "repairs.yaml"),
        ("repairs(12).yaml", "repairs.yaml"),
        ("repairs.yml", "repairs.yaml"),
        ("repairs (2).YML", "repairs.yaml"),
        ("bells (1).yaml", "bells (1).yaml"),
        ("bells.yml", "bells.yml"),
        ("../repairs.yaml", "../repairs.yaml"),
        ("..\\repairs (1).yaml", "..\\repairs (1).yaml"),
        ("repairs (1)\n.yaml", "repairs (1)\n.yaml"),
        (".yaml", ".yaml"),
        ("<b>&.yaml", "<b>&.yaml"),
    ],
)
async def test_a_name_that_a_phone_changed_is_taken_for_the_theme_it_was(admin: Chat, told: Told, service: Service, name: str, meant: str) -> None:
    """Whatever else it holds is for the engine to refuse."""
    call = (await admin(sent_file(name)))[-1]

    assert told.asked == [("stage", meant, CONTENT)]
    assert call.text.startswith(service.say("file_taken_as", name=meant)) is (name != meant)


@pytest.mark.parametrize("name", [None, "", "repairs.txt", "repairs.yaml.txt", "yaml", "red_flags.json"])
async def test_a_file_of_another_kind_is_answered_as_anybody_s(admin: Chat, told: Told, service: Service, name: str | None) -> None:
    (call,) = await admin(sent_file(name))

    assert call.text == service.unsupported("file").text
    assert told.asked == []


async def test_where_it_is_off_a_file_is_answered_as_anybody_s(admin: Chat, told: Told, service: Service) -> None:
    told.writes = False
    (call,) = await admin(sent_file())

    assert call.text == service.unsupported("file").text
    assert told.asked == []


async def test_a_file_that_says_it_is_too_large_is_not_fetched(admin: Chat, told: Told, service: Service) -> None:
    (call,) = await admin(sent_file(size=FILE_LIMIT_BYTES + 1))

    assert call.text == service.say("file_too_large", most="1024")
    assert told.asked == []


@pytest.mark.parametrize(("more", "taken"), [(0, True), (1, False)])
async def test_a_file_that_turns_out_too_large_is_not_looked_at(
    admin: Chat, wire: Wire, told: Told, service: Service, more: int, taken: bool
) -> None:
    wire.files["f"] = b"#" * (FILE_LIMIT_BYTES + more)
    call = (await admin(sent_file(size=FILE_LIMIT_BYTES)))[-1]

    assert (call.text == service.say("file_too_large", most="1024")) is not taken
    assert bool(told.asked) is taken


async def test_a_file_that_is_no_text_is_not_looked_at(admin: Chat, wire: Wire, told: Told, service: Service) -> None:
    wire.files["f"] = "- id: café".encode("latin-1")
    call = (await admin(sent_file()))[-1]

    assert call.text == service.say("file_no_text")
    assert told.asked == []


def lost(wire: Wire) -> None:
    del wire.files["f"]


def refused(wire: Wire) -> None:
    wire.faults["getFile"].append(bad_request("file is too big"))


def gone(wire: Wire) -> None:
    wire.faults[FETCH].append(Refusal(404, "Not Found"))


def broken_off(wire: Wire) -> None:
    wire.faults[FETCH].extend([cut_off(), cut_off()])


@pytest.mark.parametrize("spoil", [lost, refused, gone, broken_off])
async def test_a_file_that_telegram_does_not_hand_over_is_asked_for_again(
    admin: Chat, wire: Wire, told: Told, service: Service, spoil: Callable[[Wire], None]
) -> None:
    spoil(wire)
    call = (await admin(sent_file()))[-1]

    assert call.text == service.say("file_not_fetched")
    assert told.asked == []


@pytest.mark.parametrize("method", ["getFile", FETCH])
async def test_one_cut_while_it_is_fetched_costs_nobody_a_word(admin: Chat, wire: Wire, told: Told, method: str) -> None:
    wire.faults[method].append(cut_off())
    await admin(sent_file())

    assert told.asked == [("stage", "repairs.yaml", CONTENT)]


async def test_nothing_of_a_file_is_logged(admin: Chat, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "bot")
    await admin(sent_file("secret-worry.yaml"))

    assert "secret-worry" not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("bot"))


async def test_many_files_at_once_are_each_answered(delivery: Delivery, told: Told, wire: Wire) -> None:
    """A flood of anybody's messages gets one reply; of files that an admin edited none may be passed over."""
    told.ready.clear()
    for number in range(8):
        delivery.take(sent_file(f"theme-{number}.yaml", media_group_id="g"))
    told.ready.set()
    await delivery.wait(10)

    assert [asked[1] for asked in told.asked] == [f"theme-{number}.yaml" for number in range(8)]
    assert len(wire.sent(ADMIN_ID)) == 8


async def test_a_flood_of_files_from_a_stranger_is_still_covered(delivery: Delivery, told: Told, wire: Wire) -> None:
    for _ in range(8):
        delivery.take(new(message(user=ANN, **file())))
    await delivery.wait(10)

    assert told.asked == []
    assert 1 <= len(wire.sent(ANN["id"])) < 8
