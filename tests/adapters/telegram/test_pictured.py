"""The talks in the pictures of `docs/` are those that the real application has: the same words and buttons, in the same places."""

import pytest

from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge
from bot.service import Service
from bot.store.memory import MemoryStore
from pictures.play import BEGUN, USERNAME, Bubble, played
from pictures.script import PICTURES, Edits, Overheard, Presses, Says
from pictures.script import Chat as Script
from tests.adapters.telegram.conftest import Chat
from tests.adapters.telegram.phone import Phone
from tests.adapters.telegram.updates import ANN, BEN, GROUP, Raw, said
from tests.adapters.telegram.wire import ME, Wire
from tests.conftest import ROOT

NAME = f"@{ME['username']}"
SCRIPTS = [pytest.param(chat, id=f"{picture.name} {number}") for picture in PICTURES for number, chat in enumerate(picture.chats, 1)]


@pytest.fixture
def live(snapshot: Snapshot) -> LiveKnowledge:
    return LiveKnowledge(ROOT / "knowledge", snapshot)


@pytest.fixture
def service(live: LiveKnowledge, store: MemoryStore) -> Service:
    """In place of the one about bicycles."""
    return Service(live, store)


def _done(step: Says | Overheard | Edits | Presses, phone: Phone, played_so_far: tuple[Bubble, ...]) -> Raw:
    """Return the update that *step* brings."""
    match step:
        case Says(words):
            named = words.replace(f"@{USERNAME}", NAME)
            return phone.write(named, **({"entities": [{"type": "mention", "offset": 0, "length": len(NAME)}]} if named != words else {}))
        case Overheard(_, words):
            return said(words, user=BEN, chat=phone.chat)
        case Edits(words):
            return phone.write_anew(words)
    return phone.press(_label(step, played_so_far))


def _label(step: Presses, bubbles: tuple[Bubble, ...]) -> str:
    """Return what stands on the button that *step* presses, as the player of scripts finds it."""
    button, _ = next(filter(None, (bubble.find(step) for bubble in reversed(bubbles))))
    return button.label


@pytest.mark.parametrize("script", SCRIPTS)
async def test_a_picture_shows_what_the_application_sends(script: Script, chat: Chat, wire: Wire, live: LiveKnowledge) -> None:
    phone = Phone(ANN, GROUP if script.group else None)
    for number, step in enumerate(script.steps):
        before = await played(Script(script.steps[:number], script.group), Service(live, MemoryStore(BEGUN.timestamp)))
        for call in await chat(_done(step, phone, before)):
            phone.take(call.method, call.parameters, call.parameters.get("message_id", wire.last_message_id))
    bubbles = await played(script, Service(live, MemoryStore(BEGUN.timestamp)))

    shown = [(bubble.html, [[button.label for button in row] for row in bubble.rows]) for bubble in bubbles if bubble.by == USERNAME]
    assert shown
    assert [(message.text, [[button.label for button in row] for row in message.rows]) for message in phone.screen.values()] == shown
