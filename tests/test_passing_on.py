"""A question asked in vain is passed on only with a yes, in the words that were shown, and once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.action import Action, Consent, PassOn
from bot.core.model import CONTEXT_LIFE, Context, Notice, Reply, Utterance, choices_of
from bot.core.snapshot import Snapshot
from bot.errors import StoreError
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Said, Service
from bot.store import Store
from bot.store.memory import MemoryStore
from bot.store.records import Effects, Miss, PersonKey
from tests.kitchen import DANGERS, write_kitchen

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
AT = int(NOON.timestamp())
MINUTE = timedelta(minutes=1)
KEY, GROUP, BOB = PersonKey("ann-here", "ann"), PersonKey("ann-in-a-group", "ann"), PersonKey("bob-here", "bob")
LOST = "where can i buy a bicycle pump from Quirinalia"
WORDS = "where can i buy a bicycle pump from …"
ANEW = "i may buy a bicycle pump where"
ELSE = "how do i paint my garden fence"
YES, NO = Consent(AT, given=True), Consent(AT, given=False)


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    folder = write_kitchen(tmp_path_factory.mktemp("kitchen"), DANGERS)
    return folder, load_snapshot(folder)


Serve = Callable[..., Service]


@pytest.fixture
def serve(kitchen: tuple[Path, Snapshot]) -> Serve:
    def over(store: Store | None = None, *, keep_misses: bool = True) -> Service:
        return Service(LiveKnowledge(*kitchen), store or MemoryStore(), keep_misses=keep_misses)

    return over


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def service(serve: Serve, store: MemoryStore) -> Service:
    return serve(store)


async def ask(service: Service, text: str = LOST, key: PersonKey = KEY, at: datetime = NOON) -> Said:
    said = await service.answer(Utterance(text, at), key)
    await service.keep(said.effects)
    return said


async def press(service: Service, action: Action, key: PersonKey = KEY, now: datetime = NOON + MINUTE) -> Said:
    said = await service.act(action, key, now)
    await service.keep(said.effects)
    return said


def actions(reply: Reply) -> list[Action]:
    return [choice.action for choice in choices_of(reply) if isinstance(choice.action, PassOn | Consent)]


def says(service: Service, said: Said, key: str) -> bool:
    assert isinstance(said.reply, Notice)
    return service.say(key) in said.reply.text


# --- who is asked ---------------------------------------------------------------------------------------------------


async def test_i_dont_know_carries_one_more_button(service: Service) -> None:
    said = await ask(service)

    assert actions(said.reply) == [PassOn(AT)]
    assert said.reply.choices[:-1] == said.turn.reply.choices if said.turn else False


@pytest.mark.parametrize(
    "text",
    [
        "how long do i boil an egg",
        "i smell gas near the bicycle pump",
        "is a gas leak dangerous",
        "hello",
        "zzz 12345",
        "wo kaufe ich eine luftpumpe",
    ],
    ids=["answered", "an alarm", "asked about a danger", "small talk", "nothing is left", "another language"],
)
async def test_nothing_else_does(service: Service, text: str) -> None:
    assert actions((await ask(service, text)).reply) == []


async def test_where_nothing_is_kept_nothing_can_be_passed_on(serve: Serve, store: MemoryStore) -> None:
    service = serve(store, keep_misses=False)
    asked = await ask(service)

    assert actions(asked.reply) == []
    for action in (PassOn(AT), YES):
        assert says(service, await press(service, action), "pass_on_gone")
    assert await store.misses() == ()


async def test_in_public_nobody_is_asked(service: Service) -> None:
    assert actions(service.in_public((await ask(service)).reply)) == []


# --- what is asked --------------------------------------------------------------------------------------------------


async def test_what_would_be_kept_is_shown_word_for_word_with_who_reads_it_and_how_long(service: Service, store: MemoryStore) -> None:
    await ask(service)
    said = await press(service, PassOn(AT))

    assert isinstance(said.reply, Notice)
    assert said.reply.text == service.say("pass_on_ask", words=WORDS, days="30").strip()
    assert actions(said.reply) == [YES, NO]
    assert [miss.passed for miss in await store.misses()] == [False], "nothing is passed on yet"


async def test_with_a_yes_those_words_are_kept_and_nothing_else(service: Service, store: MemoryStore) -> None:
    await ask(service)
    shown = await press(service, PassOn(AT))
    said = await press(service, YES)

    assert says(service, said, "pass_on_sent")
    assert says(service, said, "safety_line")
    assert await store.misses() == (Miss(NOON.date(), WORDS, passed=True),)
    assert isinstance(shown.reply, Notice)
    assert f"“{WORDS}”" in shown.reply.text
    assert [(group.words, group.count) for group in await service.misses()] == [(WORDS, 1)]


async def test_with_a_no_nothing_is(service: Service, store: MemoryStore) -> None:
    await ask(service)
    await press(service, PassOn(AT))
    said = await press(service, NO)

    assert says(service, said, "pass_on_not_sent")
    assert [miss.passed for miss in await store.misses()] == [False]
    assert await service.misses() == ()


async def test_a_no_may_become_a_yes_and_a_yes_stays_one(service: Service, store: MemoryStore) -> None:
    await ask(service)
    for action, key in ((NO, "pass_on_not_sent"), (YES, "pass_on_sent"), (NO, "pass_on_already"), (PassOn(AT), "pass_on_already")):
        assert says(service, await press(service, action), key)
    assert await store.misses() == (Miss(NOON.date(), WORDS, passed=True),)


# --- once -----------------------------------------------------------------------------------------------------------


async def test_pressed_twice_it_is_kept_once(service: Service, store: MemoryStore) -> None:
    await ask(service)
    first, second = await press(service, YES), await press(service, YES)

    assert (len(first.effects.misses), len(second.effects.misses)) == (1, 0)
    assert says(service, second, "pass_on_already")
    assert len(await store.misses()) == 1


async def test_a_press_that_is_begun_anew_keeps_it_all_the_same(service: Service, store: MemoryStore) -> None:
    """The first go ended before anything was settled."""
    await ask(service)
    lost = await service.act(YES, KEY, NOON + MINUTE)
    again = await service.act(YES, KEY, NOON + 2 * MINUTE)

    assert lost.effects.misses == again.effects.misses
    assert await store.settle((7,), again.effects)
    assert not await store.settle((7,), lost.effects)
    assert await store.misses() == (Miss(NOON.date(), WORDS, passed=True),)


async def test_questions_of_one_person_count_once_whether_passed_on_or_not(service: Service, store: MemoryStore) -> None:
    for number, text in enumerate((LOST, ANEW, LOST)):
        await ask(service, text, at=NOON + number * MINUTE)
    await press(service, Consent(AT + 60, given=True), now=NOON + 4 * MINUTE)

    assert [(miss.words, miss.passed) for miss in await store.misses()] == [(ANEW, True)]


async def test_what_another_asked_in_the_same_words_still_counts(service: Service, store: MemoryStore) -> None:
    """Each of the two passes on both ways of asking, and each once counted for one."""
    for key in (KEY, BOB):
        await ask(service, key=key)
    await ask(service, ANEW, at=NOON + MINUTE)
    for number in (AT, AT + 60):
        await press(service, Consent(number, given=True), now=NOON + 2 * MINUTE)

    assert [(miss.words, miss.passed) for miss in await store.misses()] == [(WORDS, False), (WORDS, True), (ANEW, True)]


async def test_each_button_is_about_its_own_question(service: Service, store: MemoryStore) -> None:
    await ask(service)
    await ask(service, ELSE, at=NOON + MINUTE)
    said = await press(service, PassOn(AT))
    await press(service, YES)

    assert isinstance(said.reply, Notice)
    assert WORDS in said.reply.text
    assert {miss.words: miss.passed for miss in await store.misses()} == {WORDS: True, ELSE: False}


async def test_what_was_passed_on_is_remembered_without_its_words(service: Service, store: MemoryStore) -> None:
    await ask(service)
    await press(service, YES)
    context = await store.read_context(KEY)

    assert context is not None
    assert context.passed_on == (AT,)


async def test_only_the_last_few_are_remembered(service: Service, store: MemoryStore) -> None:
    for number, thing in enumerate(("fence", "garden", "chair", "table", "window", "roof", "wall", "floor", "stairs", "curtain")):
        await ask(service, f"paint my {thing} {thing}", at=NOON + number * MINUTE)
        await press(service, Consent(AT + 60 * number, given=True), now=NOON + number * MINUTE)
    context = await store.read_context(KEY)

    assert context is not None
    assert len(context.passed_on) == 8


# --- the words are gone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [PassOn(AT), YES])
@pytest.mark.parametrize(
    ("key", "later", "what"),
    [(KEY, MINUTE, "forget"), (KEY, CONTEXT_LIFE + MINUTE, ""), (GROUP, MINUTE, ""), (BOB, MINUTE, ""), (KEY, MINUTE, "restart")],
    ids=["forgotten", "long ago", "in another chat", "another person", "another process"],
)
async def test_where_the_words_are_gone_it_asks_to_be_asked_again(
    serve: Serve, store: MemoryStore, action: Action, key: PersonKey, later: timedelta, what: str
) -> None:
    service = serve(store)
    await ask(service)
    if what == "forget":
        await service.forget(KEY)
    said = await press(serve(store) if what == "restart" else service, action, key, NOON + later)

    assert says(service, said, "pass_on_gone")
    assert says(service, said, "safety_line")
    assert not any(miss.passed for miss in await store.misses())


# --- an ill store ---------------------------------------------------------------------------------------------------


class Deaf(MemoryStore):
    deaf = False

    async def read_context(self, key: PersonKey) -> Context | None:
        if self.deaf:
            raise StoreError("down")
        return await super().read_context(key)


async def test_a_yes_that_nobody_could_tell_from_a_second_one_is_asked_for_again(serve: Serve) -> None:
    store = Deaf()
    service = serve(store)
    await ask(service)
    store.deaf = True
    shown, said = await press(service, PassOn(AT)), await press(service, YES)
    store.deaf = False

    assert actions(shown.reply) == actions(said.reply) == [YES, NO]
    assert says(service, said, "pass_on_later")
    assert not says(service, shown, "pass_on_later")
    assert says(service, await press(service, YES), "pass_on_sent")


# --- counted, not told apart ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "what"), [(PassOn(AT), "passon"), (YES, "consent"), (NO, "consent")])
async def test_presses_are_counted_without_a_word(service: Service, action: Action, what: str) -> None:
    await ask(service)
    said = await press(service, action)

    assert [(count.what, count.about) for count in said.effects.counts] == [(what, "")]
    assert (said.outcome, said.about) == (what, ())
    assert "pump" not in repr(Effects(misses=said.effects.misses, unmissed=said.effects.unmissed))


async def test_one_person_who_asks_five_times_is_one_person(service: Service) -> None:
    for number in range(5):
        await ask(service, at=NOON + number * MINUTE)

    assert await service.misses() == ()
    for number in range(4):
        await ask(service, key=PersonKey(f"here-{number}", f"person-{number}"))
    assert [group.count for group in await service.misses()] == [5]
