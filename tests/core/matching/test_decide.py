"""One decision a message: answer, offer, small talk, or "I don't know"."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pytest

from bot.core.language import Language
from bot.core.matching.decide import Decision, decide
from bot.core.matching.features import Word
from bot.core.matching.matcher import Matcher, Ranking
from bot.core.matching.pairs import BOTH_FROM, OFFER_FROM
from bot.core.matching.signals import FOLLOWING, NAMED, Calibration, Signals
from bot.core.model import Ambiguous, Answered, Match, NoMatch, Outcome, SmallTalk
from bot.core.snapshot import Snapshot
from bot.core.text import Token, normalise
from tests.core.builders import ENTRIES, VAGUE, make_knowledge, make_snapshot

JUDGE = dataclasses.replace(NAMED, answer_if_ours=0.8, answer_if_right=0.5, offer_if_ours=0.4)
AFTERWARDS = dataclasses.replace(FOLLOWING, answer_if_ours=0.6, answer_if_right=0.3, offer_if_ours=0.2)


def decided(text: str, snapshot: Snapshot, last: str | None = None) -> Decision:
    language = snapshot.knowledge.language
    return decide(normalise(text, language), snapshot.matcher, language, snapshot.entries_by_id, last)


class Scripted(Matcher):
    """Ranks what it has been told, so that every rule can be met at its very edge."""

    def __init__(self, ranking: Ranking, *, parts: Mapping[str, Ranking] | None = None, afterwards: Ranking | None = None, subject: bool = False):
        self._ranking, self._parts_said = ranking, parts or {}
        self._afterwards, self._names = afterwards, subject

    def rank(self, tokens: Iterable[Token], *, after: str | None = None) -> Ranking:
        if after is not None and self._afterwards is not None:
            return self._afterwards
        return self._parts_said.get(" ".join(token.text for token in tokens), self._ranking)

    def names_subject(self, words: Sequence[Word]) -> bool:
        return self._names


def ranked(
    *entry_ids: str,
    ours: float = 0.9,
    right: float = 0.9,
    margin: float = 1.0,
    confidences: Sequence[float] = (),
    scores: Sequence[float] = (),
    calibration: Calibration = JUDGE,
    smalltalk: str | None = None,
) -> Ranking:
    """A ranking of these entries, the first of them with these signals."""
    each = [
        Signals(
            score=scores[place] if scores else 3.0 - place,
            margin=margin,
            worded=0.0,
            near=0.0,
            other=0.0,
            topical=0.0,
            explained=0.0,
            unknown=0.0,
            words=1,
            subject=False,
            elsewhere=False,
            ours=ours,
            right=0.05 if place else right,
            calibration=calibration,
        )
        for place in range(len(entry_ids))
    ]
    shown = confidences or [signals.confidence for signals in each]
    matches = tuple(Match(entry_id, confidence) for entry_id, confidence in zip(entry_ids, shown, strict=True))
    return Ranking((), matches, tuple(each), smalltalk)


def ruled(matcher: Matcher, english: Language, said: str = "how is it done", last: str | None = None) -> Decision:
    entries = {entry.id: entry for entry in ENTRIES}
    return decide(normalise(said, english), matcher, english, entries, last)


# --- one entry ------------------------------------------------------------------------------------------------------

A, B, C = "pop-a-blister", "which-plaster", "walk-on"


@pytest.mark.parametrize(
    ("ranking", "outcome", "reason"),
    [
        pytest.param(ranked(A, B, ours=0.8, right=0.5), Answered((A,)), "sure", id="just sure enough"),
        pytest.param(ranked(A, B, ours=0.79, right=0.99), Ambiguous((A, B)), "close call", id="not surely ours"),
        pytest.param(ranked(A, B, ours=0.99, right=0.49), Ambiguous((A, B)), "close call", id="not surely this one"),
        pytest.param(ranked(A, B, ours=0.99, right=0.99, margin=0.009), Ambiguous((A, B)), "close call", id="as good as equal"),
        pytest.param(ranked(A, B, ours=0.4, right=0.0), Ambiguous((A, B)), "close call", id="just ours enough to offer"),
        pytest.param(ranked(A, B, ours=0.39, right=0.99), NoMatch(), "too little known", id="not ours"),
        pytest.param(ranked(A, margin=0.0), Answered((A,)), "sure", id="one entry has no equal"),
        pytest.param(ranked(A, ours=0.5), Ambiguous((A,)), "close call", id="one entry to offer"),
        pytest.param(ranked(), NoMatch(), "no words", id="nothing ranked"),
        pytest.param(ranked(A, B, ours=0.79, smalltalk="hello"), SmallTalk("hello"), "small talk", id="small talk"),
        pytest.param(ranked(A, B, ours=0.8, smalltalk="hello"), Answered((A,)), "sure", id="small talk with a question"),
    ],
)
def test_one_rule_decides(ranking: Ranking, outcome: Outcome, reason: str, english: Language) -> None:
    decision = ruled(Scripted(ranking), english)

    assert (decision.outcome, decision.reason) == (outcome, reason)
    assert decision.ranking is ranking


@pytest.mark.parametrize(
    ("confidences", "offered"),
    [
        pytest.param((0.4, 0.3, 0.1, 0.1), (A, B, C), id="three"),
        pytest.param((0.4, 0.3, 0.09, 0.0), (A, B), id="the third far behind"),
        pytest.param((0.4, 0.0, 0.0, 0.0), (A, B), id="the second always: one choice is none"),
    ],
)
def test_an_offer_holds_the_best_two_or_three(confidences: Sequence[float], offered: tuple[str, ...], english: Language) -> None:
    ranking = ranked(A, B, C, "new-boots", ours=0.7, confidences=confidences)

    assert ruled(Scripted(ranking), english).outcome == Ambiguous(offered)


@pytest.mark.parametrize(
    ("scores", "candidates"),
    [((9.0, 3.0, 2.9), (A, B)), ((9.0, 9.0, 9.0), (A, B, C)), ((9.0, 2.0, -7.0), (A,))],
    ids=["those not far behind", "all", "none other"],
)
def test_candidates_are_the_ranked_entries_worth_showing_next(scores: Sequence[float], candidates: tuple[str, ...], english: Language) -> None:
    assert ruled(Scripted(ranked(A, B, C, scores=scores)), english).candidates == candidates
    assert ruled(Scripted(ranked()), english).candidates == ()


# --- two questions --------------------------------------------------------------------------------------------------

TWO = "can i run, how is it done"


def halves(right: float, first: str = A, second: str = B) -> dict[str, Ranking]:
    return {"can i run": ranked(first, C, ours=1.0, right=right), "how is it done": ranked(second, C, ours=1.0, right=right)}


def halves_between(least: float, most: float, whole: Ranking, english: Language) -> dict[str, Ranking]:
    """Return two halves so sure that the chance of both being asked is in this range, whatever the coefficients are."""
    for right in np.linspace(0, 1, 101):
        pair = ruled(Scripted(whole, parts=halves(float(right))), english, TWO).pair
        if pair is not None and least <= pair.chance < most:
            return halves(float(right))
    raise AssertionError(f"no pair with a chance from {least} to {most}")


def test_two_sure_halves_are_both_answered_in_their_order(english: Language) -> None:
    whole = ranked(B, A, C)
    decision = ruled(Scripted(whole, parts=halves_between(BOTH_FROM, 1.0, whole, english)), english, TWO)

    assert (decision.outcome, decision.reason) == (Answered((A, B)), "two questions")
    assert decision.pair is not None
    assert decision.pair.entry_ids == (A, B)
    assert decision.pair.chance >= BOTH_FROM


@pytest.mark.parametrize(
    ("whole", "outcome"),
    [
        pytest.param(ranked(A, B, C), Answered((A,), (B,)), id="the first answered"),
        pytest.param(ranked(B, A, C), Answered((B,), (A,)), id="the second answered"),
        pytest.param(ranked(C, A, B), Answered((C,)), id="another answered"),
    ],
)
def test_a_likely_second_question_is_offered_beside_the_answer(whole: Ranking, outcome: Outcome, english: Language) -> None:
    decision = ruled(Scripted(whole, parts=halves_between(OFFER_FROM, BOTH_FROM, whole, english)), english, TWO)

    assert (decision.outcome, decision.reason) == (outcome, "sure")


def test_an_unlikely_second_question_is_not_mentioned(english: Language) -> None:
    whole = ranked(A, B, C)
    decision = ruled(Scripted(whole, parts=halves_between(0.0, OFFER_FROM, whole, english)), english, TWO)

    assert decision.outcome == Answered((A,))
    assert decision.pair is not None


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        pytest.param(ranked(A, B, ours=0.79), TWO, id="the whole is not surely ours"),
        pytest.param(ranked(A, B), "how is it done", id="it cannot be cut"),
    ],
)
def test_no_second_question_is_looked_for(whole: Ranking, said: str, english: Language) -> None:
    decision = ruled(Scripted(whole, parts=halves(1.0)), english, said)

    assert decision.pair is None
    assert decision.reason != "two questions"


# --- follow-ups -----------------------------------------------------------------------------------------------------

SURER = ranked(B, A, ours=0.7, right=0.4, calibration=AFTERWARDS)


@pytest.mark.parametrize(
    ("ranking", "outcome", "reason"),
    [
        pytest.param(ranked(A, B, ours=0.3, right=0.3), Answered((B,)), "follow-up", id="surer than alone"),
        pytest.param(ranked(A, B, ours=0.99, right=0.99), Answered((A,)), "sure", id="surer alone"),
    ],
)
def test_the_surer_reading_counts(ranking: Ranking, outcome: Outcome, reason: str, english: Language) -> None:
    """Judged by its own thresholds."""
    decision = ruled(Scripted(ranking, afterwards=SURER), english, last=C)

    assert (decision.outcome, decision.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("again", "outcome", "reason"),
    [
        pytest.param(ranked(B, A, ours=0.59, right=0.9, calibration=AFTERWARDS), Ambiguous((B, A)), "close call", id="an offer"),
        pytest.param(ranked(B, A, ours=0.19, right=0.9, calibration=AFTERWARDS), NoMatch(), "too little known", id="not even now"),
    ],
)
def test_a_follow_up_may_still_be_unsure(again: Ranking, outcome: Outcome, reason: str, english: Language) -> None:
    decision = ruled(Scripted(ranked(A, C, ours=0.1, right=0.1), afterwards=again), english, last=C)

    assert (decision.outcome, decision.reason) == (outcome, reason)
    assert decision.ranking is again


@pytest.mark.parametrize(
    ("said", "last", "subject"),
    [
        pytest.param("how is it done", None, False, id="nothing was shown before"),
        pytest.param("how is it done", "gone-since", False, id="the entry has gone"),
        pytest.param("how is it done", C, True, id="the subject is named"),
        pytest.param("so " * 12 + "how", C, False, id="a long question stands alone"),
    ],
)
def test_a_question_that_stands_alone_is_no_follow_up(said: str, last: str | None, subject: bool, english: Language) -> None:
    alone = ranked(A, B, ours=0.3)

    assert ruled(Scripted(alone, afterwards=SURER, subject=subject), english, said, last).ranking is alone


def test_twelve_words_may_be_a_follow_up(english: Language) -> None:
    assert ruled(Scripted(ranked(A, B, ours=0.3), afterwards=SURER), english, "so " * 11 + "how", C).ranking is SURER


def test_two_sure_questions_are_no_follow_up(english: Language) -> None:
    whole = ranked(A, B, C, right=0.6)
    parts = halves_between(BOTH_FROM, 1.0, whole, english)
    surest = ranked(C, A, ours=1.0, right=1.0, calibration=AFTERWARDS)

    assert ruled(Scripted(whole, parts=parts, afterwards=surest), english, TWO, C).reason == "two questions"


# --- a real matcher -------------------------------------------------------------------------------------------------


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
    ],
)
def test_a_message_is_decided_on(said: str, outcome: Outcome, reason: str, boots: Snapshot) -> None:
    decision = decided(said, boots)

    assert (decision.outcome, decision.reason) == (outcome, reason)


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
    assert not isinstance(decided(said, boots, last).outcome, Answered)


@pytest.mark.parametrize("last", [None, *(entry.id for entry in ENTRIES)])
def test_every_outcome_names_entries_there_are(last: str | None, boots: Snapshot) -> None:
    for said in (*VAGUE, "how long", "can i", "how far", "is it ok", "and at night"):
        outcome = decided(said, boots, last).outcome

        assert not isinstance(outcome, Ambiguous) or 2 <= len(set(outcome.entry_ids)) == len(outcome.entry_ids) <= 3, said
        if isinstance(outcome, Answered | Ambiguous):
            assert set(outcome.entry_ids) <= set(boots.entries_by_id), said


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
