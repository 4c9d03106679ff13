"""What is listed for words typed in any chat: the best entries, or the one card of a red flag; and nothing is carried on."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import compose
from bot.core.action import CopyNumber, InPrivate, ShowEntry
from bot.core.content import Talk, Tier
from bot.core.model import Advice, Alarm, Ambiguous, Answered, Context, NoMatch, Notice, Utterance, choices_of
from bot.core.respond import respond
from bot.core.search import DESCRIPTION_CHARACTERS, PAGE, Findings, search
from bot.core.snapshot import Snapshot
from tests.core.builders import NOON, VAGUE, make_entry, make_knowledge, make_snapshot, make_topic
from tests.core.test_respond import SAYS, texts


def find(said: str, snapshot: Snapshot, start: int = 0) -> Findings:
    return search(Utterance(said, NOON), snapshot, start)


def listed(said: str, snapshot: Snapshot) -> list[str]:
    return [finding.id for finding in find(said, snapshot).listed]


# --- no words -----------------------------------------------------------------------------------------------------------


def test_without_words_all_entries_are_listed_in_the_order_of_the_topics() -> None:
    topic = dataclasses.replace(make_topic(), theme_titles={"walking-kit": "Kit", "feet": "Feet"})
    ids = listed(" ", make_snapshot(make_knowledge(topic=topic)))

    assert ids == ["new-boots", "walk-on", "pop-a-blister", "which-plaster", "blister-cream", "infected-blister"]


def test_long_lists_come_in_parts() -> None:
    entries = [make_entry(f"lace-number-{number}") for number in range(2 * PAGE + 5)]
    snapshot = make_snapshot(make_knowledge(entries=entries, topic=dataclasses.replace(make_topic(), safety_entry=None)))
    parts = [find("", snapshot)]
    while (start := parts[-1].following) is not None:
        parts.append(find("", snapshot, start))

    assert [len(part.listed) for part in parts] == [PAGE, PAGE, 5]
    assert [finding.id for part in parts for finding in part.listed] == [entry.id for entry in entries]
    assert find("", snapshot, 10**6) == Findings()


# --- words --------------------------------------------------------------------------------------------------------------


def test_the_answer_comes_first_and_then_what_else_may_be_meant(boots: Snapshot) -> None:
    turn = respond(Utterance("is it ok to burst a blister on my heel", NOON), boots, Context())
    ids = listed("is it ok to burst a blister on my heel", boots)

    assert ids == ["pop-a-blister", *turn.context.candidates]
    assert len(ids) > 1


def test_of_two_questions_each_has_its_line(boots: Snapshot) -> None:
    ids = listed("should i pop a blister? and how do i break in new boots?", boots)

    assert ids[:2] == ["pop-a-blister", "new-boots"]
    assert len(set(ids)) == len(ids)


def test_a_second_question_that_is_less_sure_stands_once(boots: Snapshot) -> None:
    said = "hike? blister is hot and throbbing"
    turn = respond(Utterance(said, NOON), boots, Context())
    assert isinstance(turn.outcome, Answered)
    assert turn.outcome.also == turn.context.candidates[:1]

    assert listed(said, boots) == [*turn.outcome.entry_ids, *turn.context.candidates]


def test_when_it_is_not_clear_what_is_meant_the_likeliest_are_listed(boots: Snapshot) -> None:
    turns = {said: turn for said in VAGUE if isinstance((turn := respond(Utterance(said, NOON), boots, Context())).outcome, Ambiguous)}

    assert turns
    for said, turn in turns.items():
        assert listed(said, boots) == [choice.action.entry_id for choice in choices_of(turn.reply) if isinstance(choice.action, ShowEntry)] + list(
            turn.context.candidates
        )


@pytest.mark.parametrize("said", ["who won the match last night", "hello", "?", "qwxz"])
def test_what_is_not_ours_lists_nothing(said: str, boots: Snapshot) -> None:
    assert find(said, boots) == Findings()


@pytest.mark.parametrize("said", ["pizza near me", "bitcoin price", "football results tonight", "best laptop", "neck tattoo", "ice cream", "thanks"])
def test_what_is_not_ours_lists_nothing_of_what_ships(said: str, snapshot: Snapshot) -> None:
    assert find(said, snapshot) == Findings()


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("neck pain", "release-neck-spasm"),
        ("ice", "ice-or-heat"),
        ("pillow", "sleep-position-and-pillow"),
        ("headache back of head", "back-of-head-base-hurts"),
        ("desk", "desk-posture-and-phone-neck"),
        ("pillo", "sleep-position-and-pillow"),
    ],
)
def test_a_word_or_two_find_what_ships(said: str, first: str, snapshot: Snapshot) -> None:
    assert listed(said, snapshot)[0] == first


def test_a_line_shows_the_title_and_the_first_sentence_and_sends_the_whole_answer(boots: Snapshot) -> None:
    finding = find("is it ok to burst a blister on my heel", boots).listed[0]

    assert (finding.id, finding.title, finding.description) == ("pop-a-blister", "Pop a blister?", "Leave it closed if you can.")
    assert isinstance(finding.reply, Advice)
    assert [(part.title, part.answer, part.more) for part in finding.reply.parts] == [
        ("About: Pop a blister?", "Leave it closed if you can.\n\nThe skin over it keeps dirt out.", "A closed blister dries in a few days.")
    ]
    assert finding.reply.note.full
    assert [choice.action for choice in choices_of(finding.reply)] == [InPrivate("pop-a-blister")]


@pytest.mark.parametrize(
    ("answer", "description"),
    [
        ("• Rest it. Then walk.", "Rest it."),
        ("Rest it\nand keep\n\nit dry. Then walk.", "Rest it and keep it dry."),
        ("Wear two pairs, " * 7 + "if it rubs.", "Wear two pairs, " * 5 + "Wear two pairs…"),
        ("Rest" * 40, "Rest" * 24 + "Res…"),
        ("先休息。然后再走。", "先休息。"),
    ],
    ids=["a list", "lines", "too long", "one word", "no blanks"],
)
def test_a_description_is_one_line_and_breaks_no_word(answer: str, description: str) -> None:
    entries = [make_entry("rest", asks=["when do i rest"], answer=answer)]
    snapshot = make_snapshot(make_knowledge(entries=entries, topic=dataclasses.replace(make_topic(), safety_entry=None)))

    assert find("", snapshot).listed[0].description == description
    assert len(description) <= DESCRIPTION_CHARACTERS


# --- red flags ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "tier"),
    [
        ("i want to die", Tier.CRISIS),
        ("i have chest pain, should i pop a blister", Tier.EMERGENCY),
        ("a red line runs up my leg, should i pop a blister", Tier.URGENT_TODAY),
    ],
)
def test_an_alarm_is_the_only_line(said: str, tier: Tier, boots: Snapshot) -> None:
    turn = respond(Utterance(said, NOON), boots, Context())
    (finding,) = find(said, boots).listed

    assert (finding.title, finding.description) == (SAYS("card_alarm"), SAYS(f"card_{tier.key}"))
    assert isinstance(finding.reply, Alarm)
    assert isinstance(turn.reply, Alarm)
    assert (finding.reply.text, finding.reply.tier) == (turn.reply.text, tier)
    assert {type(choice.action) for choice in choices_of(finding.reply)} <= {InPrivate, CopyNumber}


def test_what_a_doctor_should_see_soon_is_the_only_line(boots: Snapshot) -> None:
    (finding,) = find("my blister never heals, which plaster is best for a blister", boots).listed

    assert (finding.title, finding.description) == ("Which plaster?", SAYS("gp_line"))
    assert isinstance(finding.reply, Advice)
    assert (finding.reply.lead, finding.reply.parts[0].title) == (SAYS("gp_line"), "About: Which plaster?")


@pytest.mark.parametrize(
    ("said", "line"), [("it never heals", "gp_line"), ("my tooth never heals", "gp_line")], ids=["an offer otherwise", "nothing otherwise"]
)
def test_where_nothing_answers_it_the_card_leads_to_the_safety_entry(said: str, line: str, boots: Snapshot) -> None:
    (finding,) = find(said, boots).listed

    assert (finding.title, finding.description) == (SAYS("card_read_first"), SAYS(line))
    assert isinstance(finding.reply, Notice)
    assert finding.reply.text == SAYS(line) + "\n\n" + SAYS("safety_line")
    assert [choice.action for choice in choices_of(finding.reply)] == [InPrivate("infected-blister")]


def test_a_danger_asked_about_opens_each_answer(boots: Snapshot) -> None:
    found = find("is sepsis a sign of infection in a blister", boots).listed

    assert found[0].id == "infected-blister"
    assert {finding.reply.lead for finding in found if isinstance(finding.reply, Advice)} == {
        "If a red line is spreading on you now, see somebody today."
    }
    assert all(isinstance(finding.reply, Advice) for finding in found)


def test_a_danger_that_no_entry_answers_leads_to_the_safety_entry(boots: Snapshot) -> None:
    (finding,) = find("what are the signs of a heart attack", boots).listed

    assert finding.id == "infected-blister"
    assert isinstance(finding.reply, Advice)
    assert finding.reply.lead == SAYS("soft_lead")


def test_without_a_safety_entry_it_is_a_card_of_its_own() -> None:
    told = Talk("signs", ("what are the signs of a heart attack", "heart attack signs"), ("Good question!",))
    bare = make_snapshot(make_knowledge(topic=dataclasses.replace(make_topic(), safety_entry=None), smalltalk=[told]))
    (finding,) = find("what are the signs of a heart attack", bare).listed

    assert (finding.title, finding.description) == (SAYS("card_read_first"), SAYS("soft_lead"))
    assert finding.reply == Notice(compose.without_answer(SAYS("soft_lead"), bare).text)


def test_another_language_is_told_in_its_own_words(snapshot: Snapshot) -> None:
    said = "me duele mucho el cuello desde ayer"
    turn = respond(Utterance(said, NOON), snapshot, Context())
    (finding,) = find(said, snapshot).listed

    assert isinstance(turn.outcome, NoMatch)
    assert turn.outcome.language == "es"
    assert (finding.id, finding.reply) == ("other-language", turn.reply)
    assert finding.title in snapshot.knowledge.messages.other_languages["es"]
    assert "emergencias" in finding.description


# --- always -------------------------------------------------------------------------------------------------------------


def check(found: Findings, snapshot: Snapshot) -> None:
    ids = [finding.id for finding in found.listed]
    assert len(set(ids)) == len(ids) <= 50
    for finding in found.listed:
        assert finding.title.strip()
        assert finding.description.strip()
        assert "\n" not in finding.description
        assert len(finding.description) <= DESCRIPTION_CHARACTERS
        assert {type(choice.action) for choice in choices_of(finding.reply)} <= {InPrivate, CopyNumber}
        assert not isinstance(finding.reply, Alarm) or len(ids) == 1


@given(st.data())
@settings(max_examples=200)
def test_whatever_is_typed_the_list_holds(boots: Snapshot, data: st.DataObject) -> None:
    said = data.draw(texts())
    turn = respond(Utterance(said, NOON), boots, Context())
    found = find(said, boots)

    check(found, boots)
    if isinstance(turn.reply, Alarm):
        assert [type(finding.reply) for finding in found.listed] == [Alarm]
    if turn.alert is not None:
        opening = compose.lead(turn.alert, boots)
        assert found.listed
        assert all(
            isinstance(each.reply, Alarm) or opening in (each.reply.lead if isinstance(each.reply, Advice) else each.reply.text)
            for each in found.listed
        )
        assert not turn.alert.live or len(found.listed) == 1


def test_every_example_of_a_red_flag_is_the_only_line(snapshot: Snapshot) -> None:
    said = [example for flag in snapshot.knowledge.red_flags.flags for example in flag.fires_on]
    assert len(said) > 100

    for each in said:
        found = find(each, snapshot)
        check(found, snapshot)
        assert len(found.listed) == 1, each


def test_every_entry_is_found_by_its_title(snapshot: Snapshot) -> None:
    """Or in the one card that its title raises: what keeps coming back is to be shown to a doctor."""
    for entry in snapshot.knowledge.entries:
        advice = [each.reply for each in find(entry.title, snapshot).listed if isinstance(each.reply, Advice)]
        assert entry.id in {part.entry_id for reply in advice for part in reply.parts}
