"""The straight line: what a message gets, whoever says it and however."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Never

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import compose, pieces
from bot.core import respond as respond_module
from bot.core.action import NotThis, ShowEntry, Sources, Topics
from bot.core.content import Talk, Tier
from bot.core.model import (
    CONTEXT_LIFE,
    Advice,
    Alarm,
    Ambiguous,
    Answered,
    Context,
    NoMatch,
    Notice,
    Outcome,
    SmallTalk,
    Turn,
    Utterance,
    Withheld,
    choices_of,
)
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.knowledge.red_flag_schema import RedFlagsFile
from tests.core.builders import ENTRIES, NOON, POINTING, VAGUE, make_knowledge, make_messages, make_snapshot, make_topic, say

SAYS = make_messages().say
AFTER_BLISTER = Context(at=NOON, last_entry="pop-a-blister", last_tier=Tier.SELF_CARE, answered=3, candidates=("walk-on",))
AFTER_PLASTER = dataclasses.replace(AFTER_BLISTER, last_entry="which-plaster")


def shown(turn: Turn) -> tuple[str, ...]:
    """The entries behind the choices of a turn's reply."""
    return tuple(choice.action.entry_id for choice in choices_of(turn.reply) if isinstance(choice.action, ShowEntry))


# --- one message ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "outcome", "kind"),
    [
        pytest.param("should i pop a blister", Answered(("pop-a-blister",)), Advice, id="a question"),
        pytest.param("how do i break in new boots and should i pop a blister", Answered(("new-boots", "pop-a-blister")), Advice, id="two questions"),
        pytest.param("hello", SmallTalk("hello"), Notice, id="small talk"),
        pytest.param("who won the match", NoMatch(), Notice, id="not ours"),
        pytest.param("", NoMatch(), Notice, id="nothing"),
        pytest.param("👍", NoMatch(), Notice, id="no words"),
        pytest.param("i have chest pain", Withheld(()), Alarm, id="an emergency"),
        pytest.param("i have chest pain, should i pop a blister on my heel", Withheld(("pop-a-blister",)), Alarm, id="an emergency and a question"),
        pytest.param("i have chest pain, can i walk on with a blister", Withheld(()), Alarm, id="an emergency and a question it withholds"),
        pytest.param("a red line runs up my leg", Withheld(()), Alarm, id="urgent today"),
        pytest.param("my toe turned black", Withheld(()), Alarm, id="a rule above its flag's tier"),
        pytest.param("i want to die", Withheld(()), Alarm, id="a crisis"),
        pytest.param("i want to die, should i pop a blister", Withheld(()), Alarm, id="a crisis and a question"),
        pytest.param("what are the signs of a heart attack", Ambiguous(("infected-blister",)), Notice, id="a danger asked about"),
    ],
)
def test_a_message_gets_one_kind_of_reply(said: str, outcome: Outcome, kind: type, boots: Snapshot) -> None:
    turn = say(said, boots)

    assert turn.outcome == outcome
    assert type(turn.reply) is kind


def test_a_turn_tells_how_it_came_about(boots: Snapshot) -> None:
    turn = say("should i pop a blister", boots)

    assert turn.alert is None
    assert turn.reason == "sure"
    assert turn.ranking[0].entry_id == "pop-a-blister"
    assert len(turn.ranking) == 5


def test_the_same_message_gets_the_same_turn(boots: Snapshot) -> None:
    assert say("sore heel", boots, AFTER_BLISTER) == say("sore heel", boots, AFTER_BLISTER) == say("sore heel", make_snapshot(), AFTER_BLISTER)


def test_an_answer_that_is_not_sure_says_what_it_is_about(boots: Snapshot) -> None:
    answers = [(turn, turn.reply) for said in (*VAGUE, *(ask for entry in ENTRIES for ask in entry.asks)) for turn in [say(said, boots)]]
    titled = {bool(reply.parts[0].title) for _, reply in answers if isinstance(reply, Advice) and len(reply.parts) == 1}

    assert titled == {False, True}


def test_two_questions_get_two_openings_under_one_note(boots: Snapshot) -> None:
    turn = say("should i pop a blister? how do i break in new boots?", boots)

    assert isinstance(turn.reply, Advice)
    assert [part.entry_id for part in turn.reply.parts] == ["pop-a-blister", "new-boots"]
    assert all(part.title and not part.more for part in turn.reply.parts)
    assert shown(turn) == ("pop-a-blister", "new-boots")
    assert all(choice.action == ShowEntry(part.entry_id) for choice, part in zip(choices_of(turn.reply), turn.reply.parts, strict=True))


def test_an_offer_has_two_or_three_choices_and_a_way_out(boots: Snapshot) -> None:
    turns = [turn for said in VAGUE if isinstance((turn := say(said, boots)).outcome, Ambiguous)]

    assert turns
    for turn in turns:
        assert isinstance(turn.outcome, Ambiguous)
        assert 2 <= len(turn.outcome.entry_ids) <= 3
        assert shown(turn) == turn.outcome.entry_ids
        assert list(choices_of(turn.reply))[-1].action == NotThis(turn.outcome.entry_ids[0])
        assert not set(turn.context.candidates) & set(turn.outcome.entry_ids)


def test_i_do_not_know_shows_the_topics(boots: Snapshot) -> None:
    turn = say("who won the match", boots)

    assert isinstance(turn.reply, Notice)
    assert SAYS("safety_line") in turn.reply.text
    assert [choice.action for choice in choices_of(turn.reply)] == [Topics("feet"), Topics("walking-kit")]


@pytest.mark.parametrize("said", ["who won the match", "hello", POINTING], ids=["not ours", "small talk", "an offer"])
def test_wordings_vary_with_the_turn(said: str, boots: Snapshot) -> None:
    replies = [say(said, boots, dataclasses.replace(AFTER_PLASTER, answered=answered)).reply for answered in range(2)]

    assert len({reply.text for reply in replies if isinstance(reply, Notice)}) == 2


# --- alarms ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["i have chest pain and i took all the tablets", "a red line runs up my leg and i have chest pain"])
def test_one_alarm_at_most(said: str, boots: Snapshot) -> None:
    """The highest tier speaks, then the order of the file; all that was raised is told."""
    turn = say(said, boots)

    assert isinstance(turn.reply, Alarm)
    assert turn.alert is not None
    assert turn.reply.flag_ids == turn.alert.flag_ids
    assert len(turn.reply.flag_ids) == 2
    assert turn.reply.tier is Tier.EMERGENCY
    assert turn.reply.text.count("Call for help now.") == 1
    assert "poison" not in turn.reply.text


def test_a_crisis_stands_alone(boots: Snapshot) -> None:
    turn = say("i want to die and i have chest pain, should i pop a blister", boots)

    assert turn.reply == Alarm(Tier.CRISIS, ("despair", "chest-pain"), "Please talk to somebody now.")


def test_a_crisis_that_has_been_acted_on_hears_of_help_first(boots: Snapshot) -> None:
    turn = say("i want to die, i took all the tablets", boots)

    assert turn.reply == Alarm(Tier.CRISIS, ("despair", "many-tablets"), "Call the poison line now, and stay with somebody.")


def test_an_alarm_forgets_what_waited(boots: Snapshot) -> None:
    """ "Not what I asked" under an older answer must not offer what an alarm withholds."""
    turn = say("i have chest pain", boots, AFTER_BLISTER)

    assert turn.context == dataclasses.replace(AFTER_BLISTER, candidates=(), alerted=("chest-pain",), alerted_at=(Tier.EMERGENCY,))


STORY = "we walked along the river with the dogs and had soup. " * 30


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(STORY + "i have chest pain", id="at the end"),
        pytest.param("i have chest pain. " + STORY, id="at the beginning"),
        pytest.param(STORY + "i have chest pain. " + STORY + "should i pop a blister?", id="in between, and a question after it"),
    ],
)
def test_triage_reads_all_of_a_story(said: str, boots: Snapshot) -> None:
    turn = say(said, boots)

    assert isinstance(turn.reply, Alarm)
    assert turn.reply.flag_ids == ("chest-pain",)


def test_the_question_of_a_story_is_answered(boots: Snapshot) -> None:
    """The matcher sees 256 characters of it."""
    turn = say("ab" * 150 + ". " + "should i pop a blister? " + "ab" * 150, boots)

    assert turn.outcome == Answered(("pop-a-blister",))


# --- what is no alarm, and no plain answer either -------------------------------------------------------------------


def test_a_danger_asked_about_leads_an_answer_that_fits(boots: Snapshot) -> None:
    turn = say("is sepsis a sign of infection in a blister", boots)

    assert turn.alert is not None
    assert not turn.alert.live
    assert isinstance(turn.reply, Advice)
    assert turn.reply.lead == "If a red line is spreading on you now, see somebody today."


@pytest.mark.parametrize(
    "said", ["what are the signs of a heart attack", "hello, what are the signs of a heart attack"], ids=["no entry", "a greeting"]
)
def test_a_danger_asked_about_without_an_answer_leads_to_the_safety_entry(said: str, boots: Snapshot) -> None:
    turn = say(said, boots)

    assert turn.reply == compose.without_answer(SAYS("soft_lead"), boots)
    assert shown(turn) == ("infected-blister",)


def test_a_danger_asked_about_is_no_small_talk() -> None:
    told = Talk("signs", ("what are the signs of a heart attack", "signs of a heart attack", "heart attack signs"), ("Good question!",))
    turn = say("what are the signs of a heart attack", make_snapshot(make_knowledge(smalltalk=[told])))

    assert turn.reason == "small talk"
    assert shown(turn) == ("infected-blister",)


def test_without_a_safety_entry_a_danger_asked_about_is_not_known() -> None:
    bare = make_snapshot(make_knowledge(topic=dataclasses.replace(make_topic(), safety_entry=None)))
    turn = say("what are the signs of a heart attack", bare)

    assert turn.outcome == NoMatch()
    assert turn.reply == Notice(SAYS("soft_lead") + "\n\n" + SAYS("safety_line"))


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        pytest.param("my blister never heals, which plaster is best for a blister", Answered, id="an answer"),
        pytest.param("it never heals", Ambiguous, id="an offer"),
    ],
)
def test_something_to_show_a_doctor_soon_is_said_above_the_rest(said: str, outcome: type, boots: Snapshot) -> None:
    turn = say(said, boots)

    assert turn.alert is not None
    assert (turn.alert.live, turn.alert.tier) == (True, Tier.GP_SOON)
    assert type(turn.outcome) is outcome
    opening = turn.reply.lead if isinstance(turn.reply, Advice) else turn.reply.text
    assert opening.startswith(SAYS("gp_line"))


def test_it_is_said_above_an_offer_and_above_small_talk() -> None:
    """With a flag that fires on the very words of both."""
    flag = {
        "id": "any",
        "tier": "gp_soon",
        "why": "A test.",
        "rules": [{"all_of": [{"name": "x", "any": ["heel/blister", "hello"]}]}],
        "fires_on": ["x"],
    }
    snapshot = make_snapshot(make_knowledge(red_flags=RedFlagsFile.model_validate({"flags": [flag]}).to_rules()))
    turns = [turn for said in VAGUE if (turn := say(said, snapshot)).alert is not None and turn.alert.live and turn.reason == "close call"]

    assert turns
    assert {turn.reply.text for turn in turns if isinstance(turn.reply, Notice)} == {SAYS("gp_line") + "\n\n" + SAYS("offer")}
    assert say("hello", snapshot).reply == Notice(SAYS("gp_line") + "\n\nHello.", pieces.themes(snapshot))


# --- what is carried on ---------------------------------------------------------------------------------------------


def test_an_answer_is_remembered_with_what_else_might_have_been_meant(boots: Snapshot) -> None:
    turn = say("should i pop a blister", boots)

    assert turn.context == Context(NOON, "pop-a-blister", Tier.SELF_CARE, 1, turn.context.candidates)
    assert turn.context.candidates == tuple(match.entry_id for match in turn.ranking if match.entry_id in turn.context.candidates)
    assert "pop-a-blister" not in turn.context.candidates


@pytest.mark.parametrize("said", ["thanks", "who won the match", "", "what are the signs of a heart attack"])
def test_what_is_no_answer_leaves_what_waits(said: str, boots: Snapshot) -> None:
    """Somebody says thanks, and then presses "not what I asked": the candidates are still those of the question."""
    later = NOON + timedelta(minutes=5)

    assert say(said, boots, AFTER_BLISTER, at=later).context == dataclasses.replace(AFTER_BLISTER, at=later)


def test_a_follow_up_uses_the_last_entry(boots: Snapshot) -> None:
    said = "do i drain it with a needle"

    assert say(said, boots, AFTER_BLISTER).reason == "follow-up"
    assert say(said, boots).reason != "follow-up"
    assert say(said, boots, AFTER_BLISTER, at=NOON + CONTEXT_LIFE + timedelta(seconds=1)).reason != "follow-up"


def test_the_second_note_of_a_chat_is_short(boots: Snapshot) -> None:
    first = say("should i pop a blister", boots)
    second = say("how do i break in new boots", boots, first.context)
    third = say("can i walk on with a blister", boots, second.context)
    late = say("can i walk on with a blister", boots, second.context, at=NOON + timedelta(hours=1))

    notes = [turn.reply.note for turn in (first, second, third, late) if isinstance(turn.reply, Advice)]
    assert [note.full for note in notes] == [True, False, False, True]
    assert notes[1].line != notes[2].line


# --- always ---------------------------------------------------------------------------------------------------------

PHRASES = (
    *(ask for entry in ENTRIES for ask in entry.asks[:2]),
    *VAGUE[:6],
    "hello",
    "thanks",
    "i have chest pain",
    "a red line runs up my leg",
    "i want to die",
    "i took all the tablets",
    "signs of a heart attack",
    "is sepsis common",
    "it never heals",
    "my tooth hurts",
    "how many",
    "and then",
    "no",
    "?",
    ".",
    "but",
    "\n",
    "🙂",
    "\ud800",
)


def texts() -> st.SearchStrategy[str]:
    """Any Unicode at all, lone surrogates too; and what people say, in any order, cut anywhere."""
    anything = st.text(st.characters(exclude_categories=()), max_size=400)
    said = st.lists(st.sampled_from(PHRASES) | st.text(max_size=8), max_size=6).map(" ".join)
    return anything | said | st.tuples(said, st.integers(0, 80)).map(lambda cut: cut[0][cut[1] :])


def contexts(snapshot: Snapshot) -> st.SearchStrategy[Context]:
    """Any context a store may hand back: fresh, old, or from another knowledge."""
    some_id, some_flag = st.sampled_from([*snapshot.entries_by_id, "gone-since"]), st.sampled_from([*snapshot.flags_by_id, "gone-since"])
    alerted = st.dictionaries(some_flag, st.sampled_from(Tier), max_size=3)
    built = st.builds(
        Context,
        at=st.none() | st.sampled_from([NOON, NOON - timedelta(minutes=29), NOON - timedelta(days=2), NOON + timedelta(minutes=1)]),
        last_entry=st.none() | some_id,
        last_tier=st.none() | st.sampled_from(Tier),
        answered=st.integers(0, 10**6),
        candidates=st.lists(some_id, max_size=6, unique=True).map(tuple),
        region=st.none() | st.sampled_from(["", "uk", "gone"]),
    )
    return st.builds(lambda context, by: dataclasses.replace(context, alerted=tuple(by), alerted_at=tuple(by.values())), built, alerted)


def check(turn: Turn, before: Context, snapshot: Snapshot) -> None:
    """What holds of every turn."""
    reply, topic = turn.reply, snapshot.knowledge.topic
    live = turn.alert is not None and turn.alert.live and turn.alert.tier >= Tier.URGENT_TODAY
    assert isinstance(reply, Alarm) is live is isinstance(turn.outcome, Withheld)
    assert isinstance(reply, Advice) is isinstance(turn.outcome, Answered)
    if isinstance(reply, Advice):
        entries = [snapshot.entries_by_id[part.entry_id] for part in reply.parts]
        gravest, kept = max(entry.tier for entry in entries), before.fresh_at(NOON)
        must = kept.answered == 0 or gravest != kept.last_tier or gravest >= Tier.GP_SOON or any(entry.full_note for entry in entries)
        assert reply.note.line.strip()
        assert reply.note.emergency_line == (topic.emergency_line if must else "")
        assert must or ("\n" not in reply.note.line and len(reply.note.line) <= 90)
        assert turn.context.last_entry == entries[0].id
    else:
        assert reply.text.strip()
    if isinstance(reply, Alarm):
        answers = [part for entry in snapshot.knowledge.entries for part in (entry.answer, entry.more) if part]
        assert not any(answer in reply.text for answer in answers)
        withheld = {entry_id for flag in snapshot.knowledge.red_flags.flags if flag.id in reply.flag_ids for entry_id in flag.withholds}
        assert not withheld & set(shown(turn))
        assert len(shown(turn)) <= (0 if reply.tier is Tier.CRISIS else 1)
        assert turn.context.candidates == turn.context.offered == shown(turn)
        assert set(reply.flag_ids[:1]) <= set(turn.context.alerted)
    elif turn.alert is not None:
        opening = reply.lead if isinstance(reply, Advice) else reply.text
        assert compose.lead(turn.alert, snapshot) in opening
    for choice in choices_of(reply):
        assert choice.label.strip()
        if isinstance(choice.action, ShowEntry | NotThis | Sources):
            assert choice.action.entry_id in snapshot.entries_by_id
    assert turn.context.at in (NOON, before.at)
    assert set(turn.context.candidates) <= {*snapshot.entries_by_id, *before.candidates}


@given(st.data())
@settings(max_examples=300)
def test_whatever_is_said_gets_a_reply(boots: Snapshot, data: st.DataObject) -> None:
    """Nothing raises; advice has its note and an alarm has no answer, whoever says what."""
    said, before = data.draw(texts()), data.draw(contexts(boots))

    check(say(said, boots, before), before, boots)


@given(st.data())
@settings(max_examples=60)
def test_whatever_is_said_to_what_ships_gets_a_reply(snapshot: Snapshot, data: st.DataObject) -> None:
    entries = snapshot.knowledge.entries
    asks = st.sampled_from([ask for entry in entries for ask in (*entry.asks, *entry.hits)])
    fires = st.sampled_from([said for flag in snapshot.knowledge.red_flags.flags for said in (*flag.fires_on, *flag.silent_on, *flag.soft_on)])
    said = data.draw(texts() | st.lists(asks | fires | st.text(max_size=8), min_size=1, max_size=3).map(" ".join))
    before = data.draw(contexts(snapshot))

    check(say(said, snapshot, before), before, snapshot)


def sentences(snapshot: Snapshot) -> Iterator[str]:
    for entry in snapshot.knowledge.entries:
        yield from (entry.title, *entry.asks[::10])
    for flag in snapshot.knowledge.red_flags.flags:
        yield from (*flag.fires_on[:2], *flag.soft_on[:1])
    for talk in snapshot.knowledge.smalltalk:
        yield talk.asks[0]


def test_what_authors_wrote_gets_a_reply_that_holds(snapshot: Snapshot) -> None:
    said = list(sentences(snapshot))
    before = Context(at=NOON, last_entry=snapshot.knowledge.entries[0].id, last_tier=Tier.SELF_CARE, answered=2)

    assert len(said) > 200
    for sentence in said:
        for context in (Context(), before):
            check(say(sentence, snapshot, context), context, snapshot)


# --- what may not fail, and what may not be said ---------------------------------------------------------------------


def broken(*_: object) -> Never:
    raise RuntimeError("the matcher is broken")


def test_an_alarm_goes_out_whatever_becomes_of_the_matcher(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(respond_module, "decide", broken)
    turn = respond(Utterance("stiff neck, fever 39 and the light hurts my eyes", NOON), snapshot, Context())

    assert isinstance(turn.reply, Alarm)
    assert turn.outcome == Withheld(())
    assert turn.ranking == ()


def test_without_an_alarm_a_broken_matcher_is_not_hidden(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(respond_module, "decide", broken)

    with pytest.raises(RuntimeError):
        respond(Utterance("ice or heat", NOON), snapshot, Context())


# --- said instead of pressed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["Not happening now", "not happening now.", "no, it's not happening now"])
def test_the_words_on_the_button_end_the_warning_when_they_are_typed(said: str, boots: Snapshot) -> None:
    alarmed = say("crushing chest pain", boots).context
    turn = respond(Utterance(said, NOON), boots, alarmed)

    assert alarmed.alerted
    assert turn.context.alerted == ()
    assert turn.reply == Notice(SAYS("not_happening_heard"))
    assert turn.reason == "not happening now"


@pytest.mark.parametrize("said", ["it says on the box that it is not happening now", "not happening"])
def test_other_words_end_nothing(said: str, boots: Snapshot) -> None:
    alarmed = say("crushing chest pain", boots).context

    assert respond(Utterance(said, NOON), boots, alarmed).context.alerted == alarmed.alerted


def test_without_a_warning_the_same_words_are_words(boots: Snapshot) -> None:
    assert say("not happening now", boots).reason != "not happening now"
