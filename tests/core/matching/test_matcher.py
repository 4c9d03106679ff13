"""Ranking: the entry meant comes first, and the signals tell how sure that is."""

import dataclasses

import numpy as np
import pytest

from bot.core.content import Synonyms
from bot.core.matching.matcher import RANKED, Matcher, Ranking
from bot.core.matching.teach import teach
from bot.core.snapshot import Lessons, Snapshot, build_snapshot
from tests.core.builders import ENTRIES, make_entry, make_knowledge, make_snapshot, make_topic, tokens_of


def rank(text: str, matcher: Matcher) -> Ranking:
    return matcher.rank(tokens_of(text))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        pytest.param("should i pop a blister", "pop-a-blister", id="as taught"),
        pytest.param("SHOULD I POP A BLISTER???", "pop-a-blister", id="shouted"),
        pytest.param("shuold i prik the blistr", "pop-a-blister", id="mistyped"),
        pytest.param("which plaster for the heel", "which-plaster", id="in other words"),
        pytest.param("which bandage is best for a blister", "which-plaster", id="by a synonym"),
        pytest.param("breaking in boots", "new-boots", id="other forms"),
        pytest.param("antiseptic", "blister-cream", id="a keyword"),
    ],
)
def test_the_entry_meant_comes_first(said: str, meant: str, boots: Snapshot) -> None:
    assert rank(said, boots.matcher).best == meant


def test_at_most_five_are_ranked_best_first(boots: Snapshot) -> None:
    ranking = rank("which plaster", boots.matcher)

    assert len(ranking.matches) == len(ranking.signals) == RANKED == 5
    assert [match.confidence for match in ranking.matches] == [signals.confidence for signals in ranking.signals]
    assert [signals.score for signals in ranking.signals] == sorted((signals.score for signals in ranking.signals), reverse=True)
    assert (ranking.ours, ranking.right) == (ranking.signals[0].ours, ranking.signals[0].right)


def test_the_margin_is_to_the_best_other_entry(boots: Snapshot) -> None:
    first, second, third = rank("which plaster or cream for a blister", boots.matcher).signals[:3]

    assert first.margin == pytest.approx(first.score - second.score)
    assert second.margin == pytest.approx(second.score - first.score)
    assert third.margin == pytest.approx(third.score - first.score)


def test_equal_entries_come_by_alphabet() -> None:
    entries = [make_entry(name, title="Laces", asks=["how do i tie laces"]) for name in ("zebra", "apple", "mango")]

    ranking = rank("zorpling", make_snapshot(make_knowledge(entries=entries)).matcher)

    assert {signals.score for signals in ranking.signals} == {0.0}
    assert [match.entry_id for match in ranking.matches] == ["apple", "mango", "zebra"]


def test_no_words_give_no_ranking(boots: Snapshot) -> None:
    ranking = rank("?!", boots.matcher)

    assert (ranking.matches, ranking.best, ranking.ours, ranking.right, ranking.smalltalk) == ((), None, 0.0, 0.0, None)


def test_no_entries_give_no_ranking() -> None:
    assert rank("which plaster", make_snapshot(make_knowledge(entries=())).matcher).matches == ()


def test_one_entry_has_no_rival() -> None:
    (signals,) = rank("which plaster", make_snapshot(make_knowledge(entries=ENTRIES[1:2])).matcher).signals

    assert signals.margin == signals.score


@pytest.mark.parametrize(("said", "talk"), [("hello", "hello"), ("thank you", "thanks"), ("which plaster", None), ("who won the match", None)])
def test_small_talk_is_told_from_questions(said: str, talk: str | None, boots: Snapshot) -> None:
    assert rank(said, boots.matcher).smalltalk == talk


def test_a_contrast_lowers_the_entry_it_stands_in() -> None:
    said = "how do i pop popcorn"
    scores = []
    for contrasts in ([], [said]):
        entries = [dataclasses.replace(ENTRIES[0], contrasts=tuple(contrasts)), *ENTRIES[1:]]
        ranking = rank(said, make_snapshot(make_knowledge(entries=entries)).matcher)
        scores += [signals.score for match, signals in zip(ranking.matches, ranking.signals, strict=True) if match.entry_id == "pop-a-blister"]

    assert scores[1] < scores[0]


def test_unknown_words_lower_the_confidence(boots: Snapshot) -> None:
    rankings = [rank("do i open a blister or leave it" + more, boots.matcher) for more in ("", " zorpling", " zorpling frumious krattle")]

    assert [ranking.best for ranking in rankings] == ["pop-a-blister"] * 3
    assert rankings[0].signals[0].unknown == 0.0 < rankings[1].signals[0].unknown < rankings[2].signals[0].unknown < 1.0
    assert rankings[0].ours > rankings[1].ours > rankings[2].ours


def test_a_message_of_unknown_words_is_wholly_unknown(boots: Snapshot) -> None:
    signals = rank("zorpling frumious", boots.matcher).signals[0]

    assert (signals.unknown, signals.explained) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("said", "subject", "elsewhere"),
    [
        pytest.param("my heel hurts", True, False, id="the subject"),
        pytest.param("blisters", True, False, id="in another form"),
        pytest.param("my tooth hurts", False, True, id="something else"),
        pytest.param("blister near the knee", True, True, id="both"),
        pytest.param("it hurts", False, False, id="neither"),
        pytest.param("the sole of my foot", True, False, id="a phrase"),
        pytest.param("the foot of my sole", False, False, id="its words in another order"),
        pytest.param("burnt by a frying pan", False, True, id="a phrase for something else"),
        pytest.param("frying", False, False, id="a part of it"),
    ],
)
def test_what_is_named_is_told(said: str, subject: bool, elsewhere: bool, boots: Snapshot) -> None:
    signals = rank(said, boots.matcher).signals[0]

    assert (signals.subject, signals.elsewhere) == (subject, elsewhere)
    assert boots.matcher.names_subject(tokens_of(said)) is subject


def test_a_topic_that_names_no_subject_is_meant_by_the_words_it_taught() -> None:
    plain = dataclasses.replace(make_topic(), subject=(), elsewhere=())
    signals = rank("my tooth hurts", make_snapshot(make_knowledge(topic=plain)).matcher).signals[0]

    assert signals.subject
    assert not signals.elsewhere


def test_what_each_word_earned_adds_up_to_the_score(boots: Snapshot) -> None:
    ranking = rank("which bandge for my heel", boots.matcher)

    for match, signals in zip(ranking.matches, ranking.signals, strict=True):
        assert sum(earned.weight for earned in match.earned) == pytest.approx(signals.score, abs=1e-5)
        assert [earned.weight for earned in match.earned] == sorted((earned.weight for earned in match.earned), reverse=True)
        assert {(earned.said, earned.meant) for earned in match.earned} == {(word.said, word.meant) for word in ranking.words}


def test_an_entry_in_mind_is_leant_towards(boots: Snapshot) -> None:
    plain = boots.matcher.rank(tokens_of("and at night"))
    leaning = boots.matcher.rank(tokens_of("and at night"), leaning="new-boots", by=5.0)

    assert leaning.best == "new-boots"
    assert leaning.signals[0].score > plain.signals[0].score
    assert boots.matcher.rank(tokens_of("and at night"), leaning="gone", by=5.0) == plain


def test_a_question_that_leaves_its_subject_out_borrows_it(boots: Snapshot) -> None:
    last = boots.entries_by_id["pop-a-blister"]

    assert [token.text for token in boots.matcher.about(tokens_of("how long"), last)] == ["how", "long", "blister"]
    assert boots.matcher.about(tokens_of("how long for blisters"), last) == tokens_of("how long for blisters")


def test_confusables_stay_apart() -> None:
    """`heal` is one letter from `heel`, and must not be repaired to it."""
    pairs = frozenset({frozenset({"blisted", "blister"})})

    assert [word.meant for word in rank("blisted", make_snapshot().matcher).words] == ["blister"]
    apart = make_snapshot(make_knowledge(synonyms=Synonyms({}, pairs)))
    assert [word.meant for word in rank("blisted", apart.matcher).words] == ["blisted"]


def test_learning_is_deterministic() -> None:
    one, two = teach(make_knowledge()), teach(make_knowledge())

    assert np.array_equal(one.weights.matrix, two.weights.matrix)
    assert one.word_counts == two.word_counts
    assert rank("sore heel", Matcher(make_knowledge(), one)) == rank("sore heel", Matcher(make_knowledge(), two))


def test_what_was_learned_before_serves_again() -> None:
    knowledge = make_knowledge()
    lessons = Lessons(teach(knowledge), None)

    assert rank("sore heel", build_snapshot(knowledge, lessons).matcher) == rank("sore heel", build_snapshot(knowledge).matcher)


def test_a_sentence_without_words_teaches_nothing() -> None:
    knowledge = make_knowledge()
    smiling = make_knowledge(entries=[dataclasses.replace(ENTRIES[0], keywords=(*ENTRIES[0].keywords, "🙂")), *ENTRIES[1:]])

    assert np.array_equal(teach(smiling).weights.matrix, teach(knowledge).weights.matrix)


def test_a_snapshot_has_the_version_of_its_knowledge(boots: Snapshot) -> None:
    assert boots.version == boots.knowledge.version == "0123456789ab"
