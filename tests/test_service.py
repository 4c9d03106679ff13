"""The service: context by key, and an answer whatever the store does."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.model import (
    Advice,
    Alarm,
    Ambiguous,
    Answered,
    Context,
    Notice,
    NotThis,
    Reply,
    ShowEntry,
    Sources,
    Topics,
    Turn,
    Utterance,
    choices_of,
)
from bot.core.snapshot import Snapshot
from bot.errors import StoreError
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Service
from bot.store import Store
from bot.store.memory import MemoryStore
from bot.store.bounded import STORE_WAIT_S
from tests.kitchen import DANGERS, ENTRIES, write_kitchen

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
KEY = "key-of-ann"
BOIL = "how long do i boil an egg"
LONG_S = 30
"""More than any of this takes; only a service that waits for ever meets it."""


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    folder = write_kitchen(tmp_path_factory.mktemp("kitchen"), DANGERS)
    return folder, load_snapshot(folder)


Serve = Callable[..., Service]


@pytest.fixture
def serve(kitchen: tuple[Path, Snapshot]) -> Serve:
    def over(store: Store | None = None) -> Service:
        return Service(LiveKnowledge(*kitchen), store or MemoryStore())

    return over


async def ask(service: Service, text: str, key: str = KEY, at: datetime = NOON) -> Turn:
    return await service.answer(Utterance(text, at), key)


def labels(reply: Reply) -> list[str]:
    return [choice.label for choice in choices_of(reply)]


# --- context --------------------------------------------------------------------------------------------------------


async def test_what_was_said_before_counts(serve: Serve) -> None:
    service = serve()
    first = await ask(service, BOIL)
    second = await ask(service, "how do i fry an egg")

    assert first.outcome == Answered(("boiled-eggs",))
    assert (first.context.answered, second.context.answered) == (1, 2)
    assert second.context.last_entry == "fried-eggs"


async def test_each_key_has_a_context_of_its_own(serve: Serve) -> None:
    service = serve()
    await ask(service, BOIL, "ann")
    await ask(service, BOIL, "ann")

    assert (await ask(service, BOIL, "bob")).context.answered == 1
    assert (await ask(service, BOIL, "ann")).context.answered == 3


async def test_an_old_context_is_forgotten(serve: Serve) -> None:
    service = serve()
    await ask(service, BOIL)

    assert (await ask(service, BOIL, at=NOON + timedelta(hours=2))).context.answered == 1


async def test_what_is_kept_holds_no_words(serve: Serve) -> None:
    store = MemoryStore()
    await ask(serve(store), f"{BOIL} says zebedee")

    assert "zebedee" not in repr(await store.read_context(KEY))


# --- the store fails ------------------------------------------------------------------------------------------------


class BrokenStore(MemoryStore):
    async def read_context(self, key: str) -> Context | None:
        raise StoreError("the disk is full")

    async def write_context(self, key: str, context: Context) -> None:
        raise OSError("the cable is out")


class HangingStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.never = asyncio.Event()
        self.left_waiting = 0

    async def read_context(self, key: str) -> Context | None:
        await self._hang()
        return None

    async def write_context(self, key: str, context: Context) -> None:
        await self._hang()

    async def _hang(self) -> None:
        self.left_waiting += 1
        try:
            await self.never.wait()
        finally:
            self.left_waiting -= 1


class SlowStore(MemoryStore):
    """Answers a few turns of the loop later."""

    async def read_context(self, key: str) -> Context | None:
        await self._dawdle()
        return await super().read_context(key)

    async def write_context(self, key: str, context: Context) -> None:
        await self._dawdle()
        await super().write_context(key, context)

    async def _dawdle(self) -> None:
        done = asyncio.Event()
        asyncio.get_running_loop().call_later(STORE_WAIT_S / 50, done.set)
        await done.wait()


BAD_STORES = pytest.mark.parametrize("store_class", [BrokenStore, HangingStore])


@BAD_STORES
@pytest.mark.parametrize("said", [BOIL, "i smell gas", "hello", "🙂"])
async def test_no_fault_of_the_store_costs_an_answer(serve: Serve, store_class: type[MemoryStore], said: str) -> None:
    expected = await ask(serve(), said)
    async with asyncio.timeout(LONG_S):
        turn = await ask(serve(store_class()), said)

    assert turn == expected


@BAD_STORES
async def test_no_fault_of_the_store_costs_a_choice(serve: Serve, store_class: type[MemoryStore]) -> None:
    async with asyncio.timeout(LONG_S):
        reply = await serve(store_class()).act(ShowEntry("boiled-eggs"), KEY, NOON)

    assert isinstance(reply, Advice)


@BAD_STORES
async def test_a_fault_of_the_store_is_logged_without_key_or_words(
    serve: Serve, store_class: type[MemoryStore], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await ask(serve(store_class()), BOIL)

    records = [record for record in caplog.records if record.name.startswith("bot")]
    assert [record.levelname for record in records] == ["WARNING", "WARNING"]
    assert KEY not in caplog.text
    assert BOIL not in caplog.text
    assert "boiled-eggs" not in caplog.text


async def test_nobody_waits_long_for_the_store(serve: Serve) -> None:
    """A quarter of a second to read and one to write; the rest is room for a busy machine."""
    clock = asyncio.get_running_loop().time
    began = clock()
    await ask(serve(HangingStore()), BOIL)

    assert STORE_WAIT_S == 0.25
    assert clock() - began < 10 * STORE_WAIT_S


async def test_calls_given_up_on_are_ended(serve: Serve) -> None:
    store = HangingStore()
    await ask(serve(store), BOIL)

    assert store.left_waiting == 0


async def test_a_store_that_is_merely_slow_is_used(serve: Serve) -> None:
    service = serve(SlowStore())
    await ask(service, BOIL)

    assert (await ask(service, BOIL)).context.answered == 2


async def test_a_store_that_comes_back_is_used_again(serve: Serve) -> None:
    class Moody(MemoryStore):
        up = False

        async def write_context(self, key: str, context: Context) -> None:
            if not self.up:
                raise StoreError("down")
            await super().write_context(key, context)

    store = Moody()
    service = serve(store)
    lost = await ask(service, BOIL)
    store.up = True
    kept = await ask(service, BOIL)
    after = await ask(service, BOIL)

    assert [turn.context.answered for turn in (lost, kept, after)] == [1, 1, 2]


async def test_an_answer_called_off_stays_called_off(serve: Serve) -> None:
    """Stopping the bot is no fault of the store."""
    answering = asyncio.create_task(ask(serve(HangingStore()), BOIL))
    asyncio.get_running_loop().call_soon(answering.cancel)

    with pytest.raises(asyncio.CancelledError):
        await answering


# --- choices --------------------------------------------------------------------------------------------------------


async def test_a_choice_shows_its_answer(serve: Serve) -> None:
    service = serve()
    reply = await service.act(ShowEntry("old-eggs"), KEY, NOON)

    assert isinstance(reply, Advice)
    assert [part.entry_id for part in reply.parts] == ["old-eggs"]
    assert (await ask(service, BOIL)).context.answered == 2


async def test_not_this_leads_to_the_next_candidates_and_at_last_to_the_topics(serve: Serve) -> None:
    store = MemoryStore()
    service = serve(store)
    await store.write_context(
        KEY, Context(at=NOON, last_entry="boiled-eggs", candidates=("fried-eggs", "boiled-eggs", "knead-dough", "stale-bread", "old-eggs"))
    )
    first = await service.act(NotThis("boiled-eggs"), KEY, NOON)
    second = await service.act(NotThis("fried-eggs"), KEY, NOON)
    third = await service.act(NotThis("old-eggs"), KEY, NOON)

    assert [choice.action for choice in choices_of(first)] == [*map(ShowEntry, ("fried-eggs", "knead-dough", "stale-bread")), NotThis("fried-eggs")]
    assert [choice.action for choice in choices_of(second)] == [ShowEntry("old-eggs"), NotThis("old-eggs")]
    assert [choice.action for choice in choices_of(third)] == [Topics("bread"), Topics("eggs")]


async def test_sources_and_topics_are_a_choice_away(serve: Serve) -> None:
    service = serve()
    sources = await service.act(Sources("boiled-eggs"), KEY, NOON)
    eggs = await service.act(Topics("eggs"), KEY, NOON)

    assert isinstance(sources, Notice)
    assert "https://example.org/eggs" in sources.text
    assert [choice.action for choice in choices_of(eggs)] == [*map(ShowEntry, ("boiled-eggs", "fried-eggs", "old-eggs")), Topics()]


@pytest.mark.parametrize("action", [ShowEntry("gone"), Sources("gone")])
async def test_a_choice_that_leads_nowhere_is_said_to(serve: Serve, action: ShowEntry | Sources) -> None:
    service = serve()

    assert await service.act(action, KEY, NOON) == service.gone()


# --- fixed replies --------------------------------------------------------------------------------------------------


def test_start_help_topics_and_gone_say_their_sentence_and_lead_to_the_topics(serve: Serve) -> None:
    service = serve()
    said = service.snapshot.knowledge.messages
    replies = {"start": service.start(), "help": service.help(), "topics_intro": service.topics(), "stale_button": service.gone()}

    for key, reply in replies.items():
        assert reply.text == said.say(key)
        assert labels(reply) == ["Bread", "Eggs"]


def test_a_sentence_takes_its_values(serve: Serve) -> None:
    assert serve().say("read_all", title="Old {title} eggs") == "Read all: Old {title} eggs"


# --- reload ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def edited(tmp_path: Path) -> tuple[Path, Service]:
    write_kitchen(tmp_path)
    return tmp_path, Service(LiveKnowledge(tmp_path, load_snapshot(tmp_path)), MemoryStore())


def _said(turn: Turn) -> str:
    assert isinstance(turn.reply, Advice)
    return turn.reply.parts[0].answer


async def test_a_reload_changes_the_answers(edited: tuple[Path, Service]) -> None:
    folder, service = edited
    write_kitchen(folder, {"entries/eggs.yaml": ENTRIES["entries/eggs.yaml"].replace("Six minutes", "Five minutes")})
    before = _said(await ask(service, BOIL))
    report = await service.reload()

    assert report.changed == ("boiled-eggs",)
    assert before.startswith("Six minutes")
    assert _said(await ask(service, BOIL)).startswith("Five minutes")
    assert service.snapshot is service.live.current


async def test_a_reload_of_bad_knowledge_changes_nothing(edited: tuple[Path, Service]) -> None:
    folder, service = edited
    write_kitchen(folder, {"entries/eggs.yaml": "- id: no answer\n"})
    report = await service.reload()

    assert report.problems
    assert _said(await ask(service, BOIL)).startswith("Six minutes")


async def test_a_choice_from_before_a_reload_may_lead_nowhere(edited: tuple[Path, Service]) -> None:
    folder, service = edited
    await ask(service, "what can i do with stale bread")
    (folder / "entries/bread.yaml").unlink()
    await service.reload()

    assert await service.act(ShowEntry("stale-bread"), KEY, NOON) == service.gone()
    following = await ask(service, BOIL)
    assert isinstance(following.outcome, Answered | Ambiguous)


async def test_an_alarm_speaks_whatever_was_said_before(serve: Serve) -> None:
    service = serve()
    await ask(service, BOIL)
    turn = await ask(service, "i smell gas")

    assert isinstance(turn.reply, Alarm)
    assert turn.reply.flag_ids == ("gas",)


async def test_asked_for_alarms_alone_it_keeps_nothing_unless_one_speaks(serve: Serve) -> None:
    store = MemoryStore()
    service = serve(store)

    assert await service.alarm(Utterance(BOIL, NOON), KEY) is None
    assert await store.read_context(KEY) is None

    turn = await service.alarm(Utterance("i smell gas", NOON), KEY)
    assert turn is not None
    assert isinstance(turn.reply, Alarm)
    assert await store.read_context(KEY) == turn.context
