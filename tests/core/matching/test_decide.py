"""One decision a message: answer, offer, small talk, or "I don't know"."""

import dataclasses

import pytest

from bot.core.language import Language
from bot.core.matching.decide import Decision, decide
from bot.core.model import Ambiguous, Answered, NoMatch, SmallTalk
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from tests.core.builders import ENTRIES, POINTING, VAGUE, make_knowledge, make_snapshot


def decided(text: str, snapshot: Snapshot, last: str | None = None) -> Decision:
    language = snapshot.knowledge.language
    return decide(normalise(text, language), snapshot.matcher, language, snapshot.entries_by_id, last)


@pytest.mark.parametrize(
    ("said", "outcome", "reason"),
    [
        pytest.param("should i pop a blister on my heel", Answered(("pop-a-blister",)), "sure", id="a question"),
        pytest.param("is my blister infected", Answered(("infected-blister",)), "sure", id="another"),
        pytest.param("hello", SmallTalk("hello"), "small talk", id="a greeting"),
        pytest.param("who won the match last night", NoMatch(), "too little known", id="not ours"),
        pytest.param("zorpling frumious", NoMatch(), "too little known", id="nothing known"),
        pytest.param("🙂 …", NoMatch(), "no words", id="no words"),
        pytest.param(
            "should i pop a blister? how do i break in new boots?", Answered(("pop-a-blister", "new-boots")), "two questions", id="two sentences"
        ),
        pytest.param(
            "how do i break in new boots and should i pop a blister", Answered(("new-boots", "pop-a-blister")), "two questions", id="a joining word"
        ),
        pytest.param("should i pop a blister, or do i leave the blister", Answered(("pop-a-blister",)), "sure", id="one question asked twice"),
        pytest.param("should i pop a blister? what is the weather like today?", Answered(("pop-a-blister",)), "sure", id="a second one not ours"),
    ],
)
def test_one_rule_decides(said: str, outcome: object, reason: str, boots: Snapshot) -> None:
    decision = decided(said, boots)

    assert (decision.outcome, decision.reason) == (outcome, reason)


def test_a_close_call_offers_the_best_two_or_three(boots: Snapshot) -> None:
    """The third only if it is not far behind; the second always, for one choice is none."""
    offers = [decision for said in VAGUE if (decision := decided(said, boots)).reason == "close call"]
    lengths = set()

    for decision in offers:
        assert isinstance(decision.outcome, Ambiguous)
        shown = decision.outcome.entry_ids
        lengths.add(len(shown))
        first, _, third = (match.confidence for match in decision.ranking.matches[:3])
        best = [match.entry_id for match in decision.ranking.matches]
        assert shown == tuple(best[: 3 if third >= first / 4 else 2])
    assert lengths == {2, 3}


def test_of_two_entries_two_are_offered() -> None:
    pair = make_snapshot(make_knowledge(entries=ENTRIES[:2]))
    outcomes = {decided(said, pair).outcome for said in VAGUE}

    assert {len(outcome.entry_ids) for outcome in outcomes if isinstance(outcome, Ambiguous)} == {2}


def test_candidates_are_the_ranked_entries_best_first(boots: Snapshot) -> None:
    """Those that score too little are not worth showing next."""
    decision = decided("should i pop a blister or cover it with a plaster", boots)
    ranked = [match.entry_id for match in decision.ranking.matches]

    assert decision.candidates == tuple(ranked[: len(decision.candidates)])
    assert 2 <= len(decision.candidates) < len(ranked)


def test_a_follow_up_is_about_the_entry_before(boots: Snapshot) -> None:
    said = "do i drain it with a needle"
    alone, after = decided(said, boots), decided(said, boots, "pop-a-blister")

    assert after.reason == "follow-up"
    assert after.outcome == Answered(("pop-a-blister",))
    assert after.ranking.ours > alone.ranking.ours


@pytest.mark.parametrize(
    ("said", "last"),
    [
        pytest.param("which plaster is best for a blister", "pop-a-blister", id="the subject is named"),
        pytest.param("do i drain it with a needle", "gone-since", id="the entry has gone"),
        pytest.param("do i drain it with a needle or do i wait for a day or a week or two", "pop-a-blister", id="a long question stands alone"),
        pytest.param("zorpling", "blister-cream", id="not even then known"),
    ],
)
def test_a_question_that_stands_alone_is_no_follow_up(said: str, last: str, boots: Snapshot) -> None:
    assert decided(said, boots, last).outcome == decided(said, boots).outcome


@pytest.mark.parametrize(
    ("last", "offered"),
    [
        pytest.param("which-plaster", ("which-plaster", "blister-cream", "pop-a-blister"), id="with its related ones"),
        pytest.param("infected-blister", ("infected-blister", "pop-a-blister"), id="with its only one"),
        pytest.param("walk-on", ("walk-on", "new-boots"), id="with the best other one"),
    ],
)
def test_a_few_words_that_point_back_are_offered_what_was_said_before(last: str, offered: tuple[str, ...], boots: Snapshot) -> None:
    assert decided(POINTING, boots).outcome == NoMatch()
    assert decided(POINTING, boots, last).outcome == Ambiguous(offered)


@pytest.mark.parametrize("last", [entry.id for entry in ENTRIES])
@pytest.mark.parametrize(
    "said",
    [
        pytest.param("who won the match", id="not ours"),
        pytest.param("how is the weather today", id="a question, and not ours"),
        pytest.param("which cream for my tooth", id="something else is named"),
        pytest.param("frumious zorples", id="nothing known"),
        pytest.param("asdf qwer", id="mash"),
        pytest.param("how do i bake zorples", id="half known"),
    ],
)
def test_what_is_foreign_does_not_borrow_the_subject(said: str, last: str, boots: Snapshot) -> None:
    """Whatever was answered before: a guess after an answer is still a guess."""
    assert decided(said, boots, last).outcome == NoMatch()


@pytest.mark.parametrize("last", [entry.id for entry in ENTRIES])
@pytest.mark.parametrize("said", [POINTING, "can i", "how far", "do i have to", "which is it"])
def test_every_offer_holds_two_or_three(said: str, last: str, boots: Snapshot) -> None:
    outcome = decided(said, boots, last).outcome

    assert not isinstance(outcome, Ambiguous) or 2 <= len(set(outcome.entry_ids)) == len(outcome.entry_ids) <= 3


def test_two_questions_are_looked_for_in_what_is_compared() -> None:
    """A long story is not ranked piece by piece."""
    snapshot = make_snapshot()
    story = ("ab" * 200 + ", ") * 9

    decision = decided(f"{story}. should i pop a blister? how do i break in new boots?", snapshot)

    assert decision.outcome == Answered(("pop-a-blister", "new-boots"))
    assert sum(len(word.said) + 1 for word in decision.ranking.words) <= 256


def test_a_language_without_word_lists_still_answers() -> None:
    bare = Language("xx", stemmer="")

    decision = decided("should i pop a blister", make_snapshot(make_knowledge(language=bare)))

    assert decision.outcome == Answered(("pop-a-blister",))


def test_a_base_without_entries_does_not_know() -> None:
    knowledge = dataclasses.replace(make_knowledge(), entries=())

    assert decided("should i pop a blister", make_snapshot(knowledge)).outcome == NoMatch()
