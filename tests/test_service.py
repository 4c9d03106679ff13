"""The service: context by key, and an answer whatever the store does."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.action import Action, NotThis, PassOn, ShowEntry, Sources, Topics, Vote
from bot.core.model import CONTEXT_LIFE, Advice, Alarm, Ambiguous, Answered, Context, Notice, Reply, Turn, Utterance, choices_of
from bot.core.snapshot import Snapshot
from bot.errors import StoreError
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Service
from bot.store import Store
from bot.store.bounded import STORE_WAIT_S
from bot.store.memory import MemoryStore
from bot.store.records import Count, Effects, Miss, PersonKey
from tests.kitchen import DANGERS, ENTRIES, write_kitchen

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
KEY = PersonKey("ann-here", "ann")
BOB = PersonKey("bob-here", "bob")
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
    def over(store: Store | None = None, **settings: bool) -> Service:
        return Service(LiveKnowledge(*kitchen), store or MemoryStore(), **settings)

    return over


async def ask(service: Service, text: str, key: PersonKey = KEY, at: datetime = NOON) -> Turn:
    """Return how it was understood; what it leaves behind is kept, as by whoever delivers the reply."""
    said = await service.answer(Utterance(text, at), key)
    await service.keep(said.effects)
    assert said.turn is not None
    assert said.reply == said.turn.reply or PassOn in {type(choice.action) for choice in choices_of(said.reply)}
    return said.turn


async def act(service: Service, action: Action, key: PersonKey = KEY) -> Reply:
    said = await service.act(action, key, NOON)
    await service.keep(said.effects)
    return said.reply


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
    await ask(service, BOIL)
    await ask(service, BOIL)

    assert (await ask(service, BOIL, BOB)).context.answered == 1
    assert (await ask(service, BOIL)).context.answered == 3


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
    async def read_context(self, key: PersonKey) -> Context | None:
        raise StoreError("the disk is full")

    async def keep(self, effects: Effects) -> None:
        raise OSError("the cable is out")

    async def forget(self, key: PersonKey) -> int:
        raise StoreError("the disk is full")


class HangingStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.never = asyncio.Event()
        self.left_waiting = 0

    async def read_context(self, key: PersonKey) -> Context | None:
        await self._hang()
        return None

    async def keep(self, effects: Effects) -> None:
        await self._hang()

    async def forget(self, key: PersonKey) -> int:
        await self._hang()
        return 0

    async def _hang(self) -> None:
        self.left_waiting += 1
        try:
            await self.never.wait()
        finally:
            self.left_waiting -= 1


class SlowStore(MemoryStore):
    """Answers a few turns of the loop later."""

    async def read_context(self, key: PersonKey) -> Context | None:
        await self._dawdle()
        return await super().read_context(key)

    async def keep(self, effects: Effects) -> None:
        await self._dawdle()
        await super().keep(effects)

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
        reply = await act(serve(store_class()), ShowEntry("boiled-eggs"))

    assert isinstance(reply, Advice)


@BAD_STORES
async def test_a_fault_of_the_store_is_logged_without_key_or_words(
    serve: Serve, store_class: type[MemoryStore], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await ask(serve(store_class()), BOIL)

    records = [record for record in caplog.records if record.name.startswith("bot")]
    assert [record.levelname for record in records] == ["WARNING", "WARNING"]
    assert KEY.here not in caplog.text
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

        async def keep(self, effects: Effects) -> None:
            if not self.up:
                raise StoreError("down")
            await super().keep(effects)

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
    reply = await act(service, ShowEntry("old-eggs"))

    assert isinstance(reply, Advice)
    assert [part.entry_id for part in reply.parts] == ["old-eggs"]
    assert (await ask(service, BOIL)).context.answered == 2


async def test_not_this_leads_to_the_next_candidates_and_at_last_to_the_topics(serve: Serve) -> None:
    store = MemoryStore()
    service = serve(store)
    candidates = ("fried-eggs", "boiled-eggs", "knead-dough", "stale-bread", "old-eggs")
    await store.keep(Effects(((KEY, Context(at=NOON, last_entry="boiled-eggs", candidates=candidates)),)))
    first = await act(service, NotThis("boiled-eggs"))
    second = await act(service, NotThis("fried-eggs"))
    third = await act(service, NotThis("old-eggs"))

    assert [choice.action for choice in choices_of(first)] == [*map(ShowEntry, ("fried-eggs", "knead-dough", "stale-bread")), NotThis("fried-eggs")]
    assert [choice.action for choice in choices_of(second)] == [ShowEntry("old-eggs"), NotThis("old-eggs")]
    assert [choice.action for choice in choices_of(third)] == [Topics("bread"), Topics("eggs")]


async def test_sources_and_topics_are_a_choice_away(serve: Serve) -> None:
    service = serve()
    sources = await act(service, Sources("boiled-eggs"))
    eggs = await act(service, Topics("eggs"))

    assert isinstance(sources, Notice)
    assert "https://example.org/eggs" in sources.text
    assert [choice.action for choice in choices_of(eggs)] == [*map(ShowEntry, ("boiled-eggs", "fried-eggs", "old-eggs")), Topics()]


@pytest.mark.parametrize("action", [ShowEntry("gone"), Sources("gone")])
async def test_a_choice_that_leads_nowhere_is_said_to(serve: Serve, action: ShowEntry | Sources) -> None:
    service = serve()

    assert await act(service, action) == service.gone()


# --- fixed replies --------------------------------------------------------------------------------------------------


def test_start_help_topics_and_gone_say_their_sentence_and_lead_to_the_topics(serve: Serve) -> None:
    service = serve()
    said = service.snapshot.knowledge.messages
    replies = {"start": service.start(), "help": service.help(), "topics_intro": service.topics(), "stale_button": service.gone()}

    for key, reply in replies.items():
        assert reply.text == said.say(key)
        assert labels(reply) == ["Bread", "Eggs"]


def test_a_sentence_takes_its_values(serve: Serve) -> None:
    assert serve().say("about", title="Old {title} eggs") == "About: Old {title} eggs"


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

    assert await act(service, ShowEntry("stale-bread")) == service.gone()
    following = await ask(service, BOIL)
    assert isinstance(following.outcome, Answered | Ambiguous)


async def test_an_alarm_speaks_whatever_was_said_before(serve: Serve) -> None:
    service = serve()
    await ask(service, BOIL)
    turn = await ask(service, "i smell gas")

    assert isinstance(turn.reply, Alarm)
    assert turn.reply.flag_ids == ("gas",)


async def test_asked_for_alarms_alone_it_leaves_nothing_behind_unless_one_speaks(serve: Serve) -> None:
    service = serve()

    assert await service.alarm(Utterance(BOIL, NOON), KEY) is None

    said = await service.alarm(Utterance("i smell gas", NOON), KEY)
    assert said is not None
    assert said.turn is not None
    assert isinstance(said.reply, Alarm)
    assert said.effects.contexts == ((KEY, said.turn.context),)


async def test_answering_keeps_nothing_before_the_reply_is_delivered(serve: Serve) -> None:
    store = MemoryStore()
    await serve(store).answer(Utterance(BOIL, NOON), KEY)

    assert await store.read_context(KEY) is None
    assert await store.tallies(NOON.date()) == ()


# --- counts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "outcome", "about"),
    [
        (BOIL, "answered", ("boiled-eggs",)),
        ("i smell gas", "alarm", ("gas",)),
        ("what is the capital of france", "unknown", ()),
        ("hello", "smalltalk", ("hello",)),
        ("où est la gare", "foreign", ("fr",)),
    ],
)
async def test_each_message_is_counted_by_what_was_decided(serve: Serve, said: str, outcome: str, about: tuple[str, ...]) -> None:
    done = await serve().answer(Utterance(said, NOON), KEY)

    assert (done.outcome, done.about) == (outcome, about)
    assert done.effects.counts == tuple(Count(NOON.date(), outcome, each) for each in about or ("",))


async def test_an_offer_is_counted_for_each_of_its_entries(snapshot: Snapshot, tmp_path: Path) -> None:
    done = await Service(LiveKnowledge(tmp_path, snapshot), MemoryStore()).answer(Utterance("tablets or massage", NOON), KEY)

    assert done.outcome == "offered"
    assert len(done.about) > 1
    assert [count.about for count in done.effects.counts] == list(done.about)
    assert [count.what for count in done.effects.counts] == ["offered", *["offered_also"] * (len(done.about) - 1)], "one message, counted as one"


async def test_two_answers_to_one_message_are_counted_as_one_message(serve: Serve) -> None:
    done = await serve().answer(Utterance(f"{BOIL} and is this egg still good", NOON), KEY)

    assert (done.outcome, done.about) == ("answered", ("boiled-eggs", "old-eggs"))
    assert done.effects.counts == (Count(NOON.date(), "answered", "boiled-eggs"), Count(NOON.date(), "answered_also", "old-eggs"))


@pytest.mark.parametrize(
    ("action", "outcome", "about"),
    [(ShowEntry("old-eggs"), "showentry", ("old-eggs",)), (NotThis("old-eggs"), "notthis", ("old-eggs",)), (Topics(), "topics", ())],
)
async def test_a_choice_is_counted_by_what_it_does(serve: Serve, action: Action, outcome: str, about: tuple[str, ...]) -> None:
    done = await serve().act(action, KEY, NOON)

    assert (done.outcome, done.about) == (outcome, about)
    assert [count.what for count in done.effects.counts] == [outcome]


@pytest.mark.parametrize(("helpful", "outcome"), [(True, "helpful"), (False, "unhelpful")])
async def test_a_vote_counts_once_and_the_count_names_nobody(serve: Serve, helpful: bool, outcome: str) -> None:
    service = serve()
    done = await service.act(Vote("old-eggs", helpful), KEY, NOON)
    await service.keep(done.effects)
    again = await service.act(Vote("old-eggs", not helpful), KEY, NOON)
    other = await service.act(Vote("fried-eggs", helpful), KEY, NOON)
    later = await service.act(Vote("old-eggs", helpful), KEY, NOON + CONTEXT_LIFE + timedelta(minutes=1))

    assert done.effects.counts == (Count(NOON.date(), outcome, "old-eggs"),)
    assert again.effects.counts == ()
    assert len(other.effects.counts) == len(later.effects.counts) == 1


async def test_a_vote_on_what_has_gone_is_no_vote(serve: Serve) -> None:
    done = await serve().act(Vote("gone", helpful=True), KEY, NOON)

    assert done.effects.counts == ()
    assert done.reply == serve().gone()


# --- questions asked in vain ----------------------------------------------------------------------------------------

LOST = "where can i buy a bicycle pump near me"


async def test_a_question_without_an_answer_is_kept_only_where_that_is_switched_on(serve: Serve) -> None:
    kept = await serve(keep_misses=True).answer(Utterance(LOST, NOON), KEY)
    not_kept = await serve().answer(Utterance(LOST, NOON), KEY)

    assert [(miss.day, miss.not_this) for miss in kept.effects.misses] == [(NOON.date(), "")]
    assert "bicycle" in kept.effects.misses[0].words
    assert not_kept.effects.misses == ()


@pytest.mark.parametrize("said", [BOIL, "i smell gas near the bicycle pump", "hello", "zzz 12345", "wie lange muss ich das kochen, boil an egg"])
async def test_what_was_answered_or_says_nothing_is_not_kept(serve: Serve, said: str) -> None:
    assert (await serve(keep_misses=True).answer(Utterance(said, NOON), KEY)).effects.misses == ()


async def test_not_what_i_asked_keeps_the_question_once(serve: Serve) -> None:
    service = serve(keep_misses=True)
    await ask(service, BOIL)
    first = await service.act(NotThis("boiled-eggs"), KEY, NOON)
    again = await service.act(NotThis("boiled-eggs"), KEY, NOON)

    assert [(miss.not_this, "boil" in miss.words) for miss in first.effects.misses] == [("boiled-eggs", True)]
    assert again.effects.misses == ()


@pytest.mark.parametrize(
    ("before", "later_s"),
    [([], 0), (["hello"], 0), (["i smell gas"], 0), (["gracias"], 0), ([], 2_000)],
    ids=["forgotten", "small talk since", "an alarm since", "another language since", "long ago"],
)
async def test_not_what_i_asked_without_a_question_keeps_nothing(serve: Serve, before: list[str], later_s: int) -> None:
    service = serve(keep_misses=True)
    await ask(service, BOIL)
    for said in before:
        await ask(service, said)
    if not before and not later_s:
        await service.forget(KEY)
    done = await service.act(NotThis("boiled-eggs"), KEY, NOON + timedelta(seconds=later_s))

    assert done.effects.misses == ()


async def test_not_what_i_asked_under_an_older_answer_is_not_about_the_last_question(serve: Serve) -> None:
    service = serve(keep_misses=True)
    await ask(service, BOIL)

    assert (await service.act(NotThis("stale-bread"), KEY, NOON)).effects.misses == ()
    assert len((await service.act(NotThis("boiled-eggs"), KEY, NOON)).effects.misses) == 1


async def test_last_questions_are_let_go_of_in_their_time_though_nobody_asks_again(serve: Serve) -> None:
    service = serve(keep_misses=True)
    await ask(service, LOST)
    service.tidy(NOON + CONTEXT_LIFE)
    assert service._asked is not None
    assert len(service._asked._last) == len(service._asked._vain) == 1
    service.tidy(NOON + CONTEXT_LIFE + timedelta(seconds=1))

    assert not service._asked._last
    assert not service._asked._vain
    serve().tidy(NOON)


async def test_questions_are_remembered_for_a_bounded_number_of_people(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.asked.PEOPLE_KEPT", 1)
    service = serve(keep_misses=True)
    await ask(service, BOIL)
    await ask(service, BOIL, BOB)

    assert (await service.act(NotThis("boiled-eggs"), KEY, NOON)).effects.misses == ()
    assert len((await service.act(NotThis("boiled-eggs"), BOB, NOON)).effects.misses) == 1


async def test_misses_are_shown_from_five_alike_on(serve: Serve) -> None:
    store = MemoryStore()
    service = serve(store, keep_misses=True)
    for number in range(5):
        assert await service.misses() == ()
        await ask(service, LOST, PersonKey(f"here-{number}", f"person-{number}"))

    assert [(group.count, group.not_this) for group in await service.misses()] == [(5, ())]
    assert await service.misses(6) == ()
    assert [miss.words for miss in await store.misses()] == 5 * [(await service.misses())[0].words]
    assert all(isinstance(miss, Miss) for miss in await store.misses())


# --- privacy --------------------------------------------------------------------------------------------------------


async def test_forget_leaves_nothing_of_a_person_and_all_of_others(serve: Serve) -> None:
    store = MemoryStore()
    service = serve(store)
    for key in (KEY, PersonKey("ann-in-a-group", "ann"), BOB):
        await ask(service, BOIL, key)
    said = await service.forget(KEY)

    assert said.text == service.say("forgotten").strip()
    assert await store.read_context(KEY) is None
    assert await store.read_context(PersonKey("ann-in-a-group", "ann")) is None
    assert await store.read_context(BOB) is not None
    assert await store.forget(KEY) == 0


@BAD_STORES
async def test_forget_says_when_nothing_was_deleted(serve: Serve, store_class: type[MemoryStore]) -> None:
    service = serve(store_class())

    assert (await service.forget(KEY)).text == service.say("not_forgotten")


async def test_privacy_says_whether_questions_are_kept(serve: Serve) -> None:
    kept, not_kept = serve(keep_misses=True), serve()

    assert kept.say("privacy_misses", fewest="5", days="30").strip() in kept.privacy().text
    assert not_kept.say("privacy_no_misses") in not_kept.privacy().text
    assert "400 days" in not_kept.privacy().text
    assert "/forget" in not_kept.privacy().text


async def test_forget_says_what_it_cannot_find(serve: Serve) -> None:
    """A question kept without a name may be anybody's."""
    service = serve(keep_misses=True)
    said = (await service.forget(KEY)).text

    assert said.startswith(service.say("forgotten").strip())
    assert said.endswith(service.say("forgotten_misses").strip())


def test_privacy_never_says_both_that_words_are_kept_and_that_none_are(serve: Serve) -> None:
    kept, not_kept = serve(keep_misses=True), serve()

    assert kept.say("privacy_no_misses") not in kept.privacy().text
    assert not_kept.say("privacy_misses", fewest="5", days="30").strip() not in not_kept.privacy().text
