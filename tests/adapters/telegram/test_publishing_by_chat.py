"""An admin's whole way through the chat, with the engine behind it: from a changed folder or file to what people are answered, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.known import Known
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.versions import Versions
from bot.publishing import Publishing
from bot.replicas import Replicas
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.adapters.telegram import bicycle
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN, Chat, Clock
from tests.adapters.telegram.forgeries import ADMIN
from tests.adapters.telegram.updates import message, new, pressed, said
from tests.adapters.telegram.wire import Call, Wire

REPAIRS = bicycle.FILES["entries/repairs.yaml"]
BELL = """\
- id: bell
  title: Ring a bell
  asks: [where do i mount a bell, my bell does not ring, which bell for a racing bicycle]
  answer: Where your thumb is.
"""
WITHOUT_PADS = REPAIRS.partition("- id: brake-pads")[0]
LOUDER = REPAIRS.replace("One drop", "Two drops")


class EntryFile:
    """The file of entries in the folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def text(self) -> str:
        return self._path.read_text(encoding="utf-8")

    @text.setter
    def text(self, text: str) -> None:
        self._path.write_text(text, encoding="utf-8")


@pytest.fixture
def entries(folder: Path) -> EntryFile:
    return EntryFile(folder / "entries" / "repairs.yaml")


@pytest.fixture
def kept(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "versions")


@pytest.fixture
def service(folder: Path, bicycles: Snapshot, kept: Versions, store: MemoryStore) -> Service:
    return Service(LiveKnowledge(folder, bicycles, versions=kept), store)


@pytest.fixture
async def publishing(service: Service, kept: Versions, store: MemoryStore) -> Publishing:
    publishing = Publishing(service.live, Replicas(store, service.live, "one", alone=True), kept, may_write=True)
    await publishing.begin()
    return publishing


@pytest.fixture
async def chat(service: Service, wire: Wire, store: MemoryStore, clock: Clock, publishing: Publishing) -> AsyncIterator[Chat]:
    known = Known(publishing=publishing)
    async with build_application(
        TOKEN, service, admin_ids=frozenset({ADMIN_ID}), request=wire, known=known, sleep=clock.sleep, typing_after_s=60
    ) as application:
        wire.calls.clear()
        yield Chat(application, wire, store)


async def order(chat: Chat, text: str) -> Call:
    (call,) = await chat(new(message(text, user=ADMIN)))
    return call


async def press(chat: Chat, data: str) -> Call:
    _, call = await chat(pressed(data, user=ADMIN))
    return call


async def send(chat: Chat, wire: Wire, name: str, content: str) -> Call:
    wire.files["f"] = content.encode()
    document = {"file_id": "f", "file_unique_id": "u", "file_name": name, "file_size": len(content)}
    return (await chat(new(message(user=ADMIN, document=document))))[-1]


async def answer(chat: Chat, text: str) -> str:
    (call,) = await chat(said(text))
    return call.text


# --- /reload --------------------------------------------------------------------------------------------------------------


async def test_a_reload_tells_the_versions_and_what_changed(chat: Chat, entries: EntryFile, service: Service) -> None:
    before = service.snapshot.version
    entries.text = LOUDER + BELL
    call = await order(chat, "/reload")

    say, after = service.say, service.snapshot.version
    assert after != before
    assert call.text.split("\n")[:3] == [
        say("reload_done", before=before, after=after),
        say("reload_added", count="1", ids="bell"),
        say("reload_changed", count="1", ids="squeaky-chain"),
    ]
    assert "“where do i mount a bell”: " in call.text
    assert "→ Ring a bell" in call.text
    assert call.data == []


async def test_a_reload_of_the_same_says_so(chat: Chat, service: Service) -> None:
    assert (await order(chat, "/reload")).text == service.say("reload_same", version=service.snapshot.version)


async def test_a_refused_reload_tells_where_and_the_old_knowledge_keeps_answering(chat: Chat, entries: EntryFile, service: Service) -> None:
    before = service.snapshot
    entries.text = "- id: flat-tyre\n  title: Mend\n  asks: [x y]\n  answers: none\n"
    call = await order(chat, "/reload")

    assert service.snapshot is before
    assert call.text.startswith(service.say("reload_failed", version=before.version, count="1"))
    assert "entries/repairs.yaml:4:3: " in call.text


async def test_a_reload_that_loses_an_answer_asks_and_a_press_puts_it_live(chat: Chat, entries: EntryFile, service: Service) -> None:
    before = service.snapshot
    entries.text = WITHOUT_PADS
    call = await order(chat, "/reload")
    assert service.snapshot is before
    assert "“how do i change brake pads”: Change worn brake pads → " in call.text.partition("Answers that would")[2]

    put, leave = call.data
    left = await press(chat, leave)
    assert service.snapshot is before
    assert left.text.startswith(f"Left as it is: {before.version}")

    done = await press(chat, put)
    assert done.text.startswith(service.say("reload_done", before=before.version, after=service.snapshot.version))
    assert "brake-pads" not in service.snapshot.entries_by_id


async def test_a_red_flag_that_would_be_lost_is_told_plainly(chat: Chat, folder: Path, service: Service) -> None:
    before = service.snapshot
    (folder / "red_flags.yaml").unlink()
    call = await order(chat, "/reload")

    assert service.snapshot is before
    assert "“help, my brakes failed”: red flag rf-no-brakes (emergency) → " in call.text.partition("RED FLAGS")[2].partition("Answers")[0]


async def test_a_press_asks_again_where_the_folder_holds_another_version_by_then(chat: Chat, entries: EntryFile, service: Service) -> None:
    before = service.snapshot
    entries.text = WITHOUT_PADS
    first = await order(chat, "/reload")
    entries.text = WITHOUT_PADS.replace("One drop", "Two drops")
    again = await press(chat, first.data[0])

    assert service.snapshot is before
    assert again.data[0].startswith("o:reload:")
    assert again.data != first.data


async def test_the_files_of_what_answers_can_be_put_back_into_the_folder(chat: Chat, entries: EntryFile, service: Service) -> None:
    before = service.snapshot.version
    entries.text = WITHOUT_PADS
    asked = await order(chat, "/reload")
    left = await press(chat, asked.data[1])
    call = await press(chat, left.data[0])

    assert entries.text == REPAIRS
    assert call.text == service.say("undo_same", version=before)
    assert service.snapshot.version == before


# --- /undo ----------------------------------------------------------------------------------------------------------------


async def test_undo_brings_back_what_was_live_before(chat: Chat, entries: EntryFile, service: Service) -> None:
    first = service.snapshot.version
    entries.text = LOUDER
    await order(chat, "/reload")
    second = service.snapshot.version
    listed = await order(chat, "/undo")
    assert listed.data == [f"o:undo:{first}"]
    assert (await answer(chat, "my chain squeaks")).startswith("Two drops")

    call = await press(chat, listed.data[0])
    assert call.text.startswith(service.say("undo_done", before=second, after=first))
    assert entries.text == REPAIRS
    assert (await answer(chat, "my chain squeaks")).startswith("One drop")
    assert f"o:undo:{second}" in (await order(chat, "/undo")).data


async def test_an_undo_that_loses_an_answer_asks_first(chat: Chat, entries: EntryFile, service: Service) -> None:
    entries.text = REPAIRS + BELL
    await order(chat, "/reload")
    live = service.snapshot
    asked = await press(chat, (await order(chat, "/undo")).data[0])
    assert service.snapshot is live
    assert entries.text == REPAIRS + BELL
    assert "Ring a bell →" in asked.text

    await press(chat, asked.data[0])
    assert "bell" not in service.snapshot.entries_by_id
    assert entries.text == REPAIRS


async def test_a_press_on_a_version_that_is_no_longer_kept_says_so(chat: Chat, service: Service) -> None:
    call = await press(chat, "o:undo:ffffffffffff")

    assert call.text.startswith(service.say("undo_failed", version=service.snapshot.version, count="1"))


# --- /export, and a file sent back ----------------------------------------------------------------------------------------


async def test_export_sends_the_files_of_entries_and_no_others(chat: Chat) -> None:
    call = await order(chat, "/export")

    assert call.files == [("repairs.yaml", REPAIRS.encode())]


async def test_a_file_sent_back_goes_live_at_a_press(chat: Chat, wire: Wire, entries: EntryFile, service: Service) -> None:
    before = service.snapshot
    call = await send(chat, wire, "repairs (1).yaml", LOUDER + BELL)
    assert call.text.split("\n")[:2] == [
        service.say("file_taken_as", name="repairs.yaml"),
        service.say("file_sound", name="repairs.yaml", before=before.version),
    ]
    assert (service.snapshot, entries.text) == (before, REPAIRS)

    done = await press(chat, call.data[0])
    assert done.text.startswith(service.say("put_done", before=before.version, after=service.snapshot.version))
    assert entries.text == LOUDER + BELL
    assert (await answer(chat, "where do i mount a bell")).startswith("Where your thumb is.")

    again = await press(chat, call.data[0])
    assert again.text == service.say("already_live", version=service.snapshot.version)


async def test_a_file_that_is_left_changes_nothing(chat: Chat, wire: Wire, entries: EntryFile, service: Service) -> None:
    before = service.snapshot
    call = await send(chat, wire, "repairs.yaml", WITHOUT_PADS)
    left = await press(chat, call.data[1])

    assert left.text == service.say("left", version=before.version)
    assert (service.snapshot, entries.text) == (before, REPAIRS)


async def test_a_new_theme_may_come_by_a_file(chat: Chat, wire: Wire, folder: Path) -> None:
    call = await send(chat, wire, "bells.yaml", BELL)
    await press(chat, call.data[0])

    assert (folder / "entries" / "bells.yaml").read_text() == BELL


async def test_a_file_that_says_the_same_needs_no_press(chat: Chat, wire: Wire, service: Service) -> None:
    call = await send(chat, wire, "repairs.yaml", REPAIRS)

    assert (call.text, call.data) == (service.say("file_same", name="repairs.yaml"), [])


async def test_problems_of_a_file_are_told_where_they_are(chat: Chat, wire: Wire, entries: EntryFile) -> None:
    call = await send(chat, wire, "repairs.yaml", "- id: flat-tyre\n  title: Mend\n  asks: [x y]\n  answers: none\n")

    assert "entries/repairs.yaml:4:3: " in call.text
    assert (call.data, entries.text) == ([], REPAIRS)


@pytest.mark.parametrize("name", ["../repairs.yaml", "red_flags.yaml", "topic.yaml", ".hidden.yaml", "a/b.yaml", "..\\x.yaml", "x.yml", "é\n.yaml"])
async def test_no_other_file_is_ever_written(chat: Chat, wire: Wire, folder: Path, service: Service, name: str) -> None:
    before, files = service.snapshot, everything(folder)
    call = await send(chat, wire, name, bicycle.RED_FLAGS)

    assert call.data == []
    assert (service.snapshot, everything(folder)) == (before, files)


async def test_a_folder_that_was_changed_meanwhile_is_not_written_over(chat: Chat, wire: Wire, entries: EntryFile, service: Service) -> None:
    before = service.snapshot
    call = await send(chat, wire, "repairs.yaml", LOUDER)
    entries.text = REPAIRS + BELL
    refused = await press(chat, call.data[0])

    assert refused.text.startswith(service.say("put_failed", version=before.version, count="1"))
    assert (service.snapshot, entries.text) == (before, REPAIRS + BELL)


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
