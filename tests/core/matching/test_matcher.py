"""Ranking: the entry meant comes first, and the signals tell how sure that is."""

import dataclasses
import gc
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.content import Question, Questions, Synonyms
from bot.core.knowledge import Knowledge
from bot.core.matching.matcher import RANKED, Matcher, Ranking
from bot.core.matching.signals import FOLLOWING, NAMED, PLAIN, Signals
from bot.core.matching.teach import teach
from bot.core.snapshot import Lessons, Snapshot, build_snapshot
from tests.core.builders import ENTRIES, SMALL_TALK, VAGUE, all_of, make_entry, make_knowledge, make_snapshot, make_topic, tokens_of

MANY = (
    *VAGUE,
    *(ask for entry in ENTRIES for ask in entry.asks),
    *("zorpling", "frumious zorples", "shuold i prik the blistr", "hello", "who won the match", "needle needle needle", "ice-cream at 7:30"),
)


def rank(text: str, matcher: Matcher, after: str | None = None) -> Ranking:
    return matcher.rank(tokens_of(text), after=after)


def taught(*said: Question, knowledge: Knowledge | None = None) -> Matcher:
    whole = dataclasses.replace(knowledge or make_knowledge(), questions=Questions(said=said))
    return Matcher(whole, teach(whole))


def signals_of(entry_id: str, ranking: Ranking) -> Signals:
    return next(signals for match, signals in zip(ranking.matches, ranking.signals, strict=True) if match.entry_id == entry_id)


def told(ranking: Ranking) -> tuple[object, ...]:
    return ranking.words, ranking.matches, ranking.signals, ranking.smalltalk, ranking.after


# --- the order ------------------------------------------------------------------------------------------------------


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

    ranking = rank("zorpling", taught(knowledge=make_knowledge(entries=entries, smalltalk=(), none=())))

    assert len({signals.score for signals in ranking.signals}) == 1
    assert [match.entry_id for match in ranking.matches] == ["apple", "mango", "zebra"]


def test_no_words_give_no_ranking(boots: Snapshot) -> None:
    ranking = rank("?!", boots.matcher)

    assert (ranking.matches, ranking.best, ranking.ours, ranking.right, ranking.smalltalk) == ((), None, 0.0, 0.0, None)
    assert boots.matcher.earned(ranking) == ()


def test_no_entries_give_no_ranking() -> None:
    matcher = make_snapshot(make_knowledge(entries=())).matcher
    ranking = rank("which plaster", matcher)

    assert (ranking.matches, matcher.earned(ranking)) == ((), ())


def test_one_entry_has_no_rival() -> None:
    (signals,) = rank("which plaster", make_snapshot(make_knowledge(entries=ENTRIES[1:2])).matcher).signals

    assert signals.margin == signals.score


@pytest.mark.parametrize(("said", "talk"), [("hello", "hello"), ("thank you", "thanks"), ("which plaster", None), ("who won the match", None)])
def test_small_talk_is_told_from_questions(said: str, talk: str | None, boots: Snapshot) -> None:
    assert rank(said, boots.matcher).smalltalk == talk


# --- the signals ----------------------------------------------------------------------------------------------------


def test_unknown_words_lower_the_confidence(boots: Snapshot) -> None:
    rankings = [rank("do i open a blister or leave it" + more, boots.matcher) for more in ("", " zorpling", " zorpling frumious krattle")]

    assert [ranking.best for ranking in rankings] == ["pop-a-blister"] * 3
    assert rankings[0].signals[0].unknown == 0.0 < rankings[1].signals[0].unknown < rankings[2].signals[0].unknown < 1.0
    assert rankings[0].signals[0].explained > rankings[1].signals[0].explained > rankings[2].signals[0].explained
    assert rankings[0].matches[0].confidence > rankings[1].matches[0].confidence > rankings[2].matches[0].confidence


def test_a_message_of_unknown_words_is_wholly_unknown(boots: Snapshot) -> None:
    signals = rank("zorpling frumious", boots.matcher).signals[0]

    assert (signals.unknown, signals.explained) == (1.0, 0.0)


@pytest.mark.parametrize(("said", "meant"), [("footwear", "new-boots"), ("shoes", "new-boots"), ("moisturizer", "blister-cream")])
def test_what_is_meant_without_the_words_is_near(said: str, meant: str, boots: Snapshot) -> None:
    """Nobody taught the word; it is used as those are that somebody did."""
    ranking = rank(said, boots.matcher)
    first, second = ranking.signals[:2]

    assert ranking.best == meant
    assert first.unknown == 1.0
    assert first.near > second.near
    assert first.score > first.worded


@pytest.mark.parametrize(
    ("said", "topical"),
    [("should i pop a blister", True), ("which plaster", True), ("what is the weather like today", False), ("good morning", False)],
)
def test_what_is_topical_is_told_whichever_entry(said: str, topical: bool, boots: Snapshot) -> None:
    assert (rank(said, boots.matcher).signals[0].topical > 0) is topical


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
    assert boots.matcher.names_subject(rank(said, boots.matcher).words) is subject


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        pytest.param("which plaster", True, id="words it taught"),
        pytest.param("zorpling krattle plaster", False, id="mostly words it did not"),
    ],
)
def test_a_topic_that_names_no_subject_is_meant_by_the_words_it_taught(said: str, subject: bool) -> None:
    plain = dataclasses.replace(make_topic(), subject=(), elsewhere=("tooth", "🙂"))
    matcher = make_snapshot(make_knowledge(topic=plain)).matcher
    signals = rank(said, matcher).signals[0]

    assert (signals.subject, signals.elsewhere) == (subject, False)
    assert signals.calibration is PLAIN
    assert not matcher.names_subject(rank(said, matcher).words)


# --- what words earned ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [None, "pop-a-blister"], ids=["alone", "after an entry"])
@pytest.mark.parametrize("said", ["which bandge for my heel", "boots boots or cream on the boots", "zorpling", "water bubble on my zorp", "heel"])
def test_what_each_word_earned_adds_up_to_the_score(said: str, after: str | None, boots: Snapshot) -> None:
    ranking = rank(said, boots.matcher, after)
    earned_by_match = boots.matcher.earned(ranking)

    assert len(earned_by_match) == len(ranking.matches) == RANKED
    for earned, signals in zip(earned_by_match, ranking.signals, strict=True):
        assert sum(word.weight for word in earned) == pytest.approx(signals.score, abs=1e-4)
        assert [word.weight for word in earned] == sorted((word.weight for word in earned), reverse=True)
        assert sorted((word.said, word.meant) for word in earned) == sorted((word.said, word.meant) for word in ranking.words)


# --- right after an answer ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [entry.id for entry in ENTRIES])
def test_words_that_say_little_lean_to_the_entry_just_shown(after: str, boots: Snapshot) -> None:
    """Without any example of a follow-up."""
    alone, following = rank("zorpling", boots.matcher), rank("zorpling", boots.matcher, after)

    assert following.best == following.after == after
    assert alone.after is None
    assert signals_of(after, following).score > alone.signals[0].score
    assert (following.signals[0].calibration, alone.signals[0].calibration) == (FOLLOWING, NAMED)


def test_follow_ups_that_teach_lead_on_to_another_entry() -> None:
    """Shown after one entry and after no other."""
    plain = taught()
    follow_ups = [
        Question(f"{so} when it turns yellow", ("infected-blister",), after="which-plaster", follows=True) for so in ("and", "but what", "ok so")
    ]
    led = taught(*follow_ups)
    said = "zorpling"

    assert rank(said, plain, "which-plaster").best == "which-plaster"
    before, after = (signals_of("infected-blister", rank(said, matcher, "which-plaster")) for matcher in (plain, led))
    assert after.score > before.score
    assert rank("and when it turns yellow", led, "which-plaster").best == "infected-blister"
    elsewhere = signals_of("infected-blister", rank("and when it turns yellow", led, "new-boots"))
    assert signals_of("infected-blister", rank("and when it turns yellow", led, "which-plaster")).score > elsewhere.score


def test_an_entry_that_has_gone_leans_nowhere(boots: Snapshot) -> None:
    gone, alone = rank("and at night", boots.matcher, "gone"), rank("and at night", boots.matcher)

    assert [signals.score for signals in gone.signals] == [signals.score for signals in alone.signals]


# --- what teaches ---------------------------------------------------------------------------------------------------


def test_a_contrast_pushes_its_entry_down() -> None:
    said = "how do i pop popcorn"
    without, told_apart = (
        rank(said, taught(knowledge=make_knowledge(entries=[dataclasses.replace(ENTRIES[0], contrasts=contrasts), *ENTRIES[1:]])))
        for contrasts in ((), (said,))
    )
    before, after = (signals_of("pop-a-blister", ranking) for ranking in (without, told_apart))

    assert without.best == "pop-a-blister"
    assert after.score < before.score - 1.0
    assert after.margin < before.margin


SAID = "my foot has a bubble full of water"


@pytest.mark.parametrize(
    ("entry_ids", "first", "rising"),
    [
        pytest.param(("pop-a-blister",), "pop-a-blister", {"pop-a-blister"}, id="one entry"),
        pytest.param(("walk-on",), "walk-on", {"walk-on"}, id="another"),
        pytest.param(("walk-on", "pop-a-blister"), "walk-on", {"pop-a-blister", "walk-on"}, id="two, the better first"),
    ],
)
def test_a_question_teaches_the_entries_that_answer_it(entry_ids: tuple[str, ...], first: str, rising: set[str], boots: Snapshot) -> None:
    before, after = rank(SAID, boots.matcher), rank(SAID, taught(Question(SAID, entry_ids), Question("a bubble of water", entry_ids)))

    assert after.best == first
    assert {match.entry_id for match in after.matches[: len(rising)]} == rising
    assert signals_of(first, after).score > signals_of(first, before).score
    assert after.ours > before.ours


@pytest.mark.parametrize(
    ("entry_ids", "the_same_as"),
    [
        pytest.param(("gone", "walk-on"), ("walk-on",), id="one of two"),
        pytest.param(("gone",), (), id="the only one"),
    ],
)
def test_entries_that_are_not_there_are_left_out_of_questions(entry_ids: tuple[str, ...], the_same_as: tuple[str, ...]) -> None:
    """What only another folder's entry answers, none answers here."""
    assert told(rank(SAID, taught(Question(SAID, entry_ids)))) == told(rank(SAID, taught(Question(SAID, the_same_as))))


def test_a_question_that_no_entry_answers_lowers_all(boots: Snapshot) -> None:
    before, after = rank(SAID, boots.matcher), rank(SAID, taught(Question(SAID, ())))

    assert after.ours < before.ours
    assert after.signals[0].topical < before.signals[0].topical
    assert after.signals[0].other > before.signals[0].other


@pytest.mark.parametrize("none", [(), ("should i pop the blister",)], ids=["nothing", "an entry's own sentence"])
def test_what_an_entry_asks_is_not_taught_as_none(none: tuple[str, ...]) -> None:
    said = "should i pop the blister"
    ranking = rank(said, taught(knowledge=make_knowledge(none=(*none, "cheap flights to rome"))))

    assert ranking.best == "pop-a-blister"
    assert told(ranking) == told(rank(said, taught(knowledge=make_knowledge(none=("cheap flights to rome",)))))


GREETED = "how to say hello"


@pytest.mark.parametrize(
    ("asks", "taught_as_talk"),
    [
        pytest.param(["hi there friend", "hello", "good morning", "ahoy"], {"hello": None, "good morning": None}, id="its matter is an entry's"),
        pytest.param(["good evening to you"], {"hello": "hello", "good morning": "hello", "good evening to you": None}, id="one sentence is"),
        pytest.param(["how do i tie laces"], {"hello": "hello", "good morning": "hello"}, id="nothing is"),
    ],
)
def test_small_talk_that_is_an_entrys_matter_is_none_here(asks: list[str], taught_as_talk: dict[str, str | None]) -> None:
    """Where greetings are an entry, a greeting is a question; a sentence or two alike take nothing from the rest."""
    talk = dataclasses.replace(SMALL_TALK[0], asks=("hi", "hello", "hey there", "good morning", "good evening to you", "ahoy"))
    matcher = taught(knowledge=make_knowledge(entries=[*ENTRIES, make_entry("greetings", title="Greetings", asks=asks)], smalltalk=[talk]))

    assert {said: rank(said, matcher).smalltalk for said in taught_as_talk} == taught_as_talk


def test_a_sentence_without_words_teaches_nothing() -> None:
    knowledge = make_knowledge()
    smiling = make_knowledge(entries=[dataclasses.replace(ENTRIES[0], keywords=(*ENTRIES[0].keywords, "🙂")), *ENTRIES[1:]])

    assert np.array_equal(all_of(teach(smiling).weights.matrix), all_of(teach(knowledge).weights.matrix))


# --- typos ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "meant"), [("blisyer", "blister"), ("blistter", "blister"), ("bootss", "boots")])
def test_a_typo_among_the_sentences_is_no_word_to_repair_to(said: str, meant: str) -> None:
    """People's own sentences hold many: they are read as what was meant, like any other."""
    matcher = taught(Question("my blisyer is sore", ("walk-on",)), Question("my bootss pinch", ("new-boots",)))

    assert [word.meant for word in rank(said, matcher).words] == [meant]


def test_a_seldom_word_that_is_no_typo_is_repaired_to() -> None:
    matcher = taught(Question("moleskin", ("which-plaster",)))

    assert [word.meant for word in rank("moleskni", matcher).words] == ["moleskin"]


def test_a_typo_in_what_teaches_teaches_what_was_meant() -> None:
    one, two = (
        teach(dataclasses.replace(make_knowledge(), questions=Questions(said=(Question(said, ("walk-on",)),)))) for said in ("blisyer", "blister")
    )

    assert np.array_equal(all_of(one.weights.matrix), all_of(two.weights.matrix))
    assert "blisyer" not in one.word_counts


def test_confusables_stay_apart() -> None:
    """`heal` is one letter from `heel`, and must not be repaired to it."""
    pairs = frozenset({frozenset({"blisted", "blister"})})

    assert [word.meant for word in rank("blisted", make_snapshot().matcher).words] == ["blister"]
    apart = make_snapshot(make_knowledge(synonyms=Synonyms({}, pairs)))
    assert [word.meant for word in rank("blisted", apart.matcher).words] == ["blisted"]


# --- always ---------------------------------------------------------------------------------------------------------


def test_learning_is_deterministic() -> None:
    one, two = teach(make_knowledge()), teach(make_knowledge())

    assert all_of(one.weights.matrix).tobytes() == all_of(two.weights.matrix).tobytes()
    assert one.weights.meaning.tobytes() == two.weights.meaning.tobytes()
    assert one.word_counts == two.word_counts
    assert told(rank("sore heel", Matcher(make_knowledge(), one))) == told(rank("sore heel", Matcher(make_knowledge(), two)))


def test_what_was_learned_before_serves_again() -> None:
    knowledge = make_knowledge()
    lessons = Lessons(teach(knowledge), None)

    assert told(rank("sore heel", build_snapshot(knowledge, lessons).matcher)) == told(rank("sore heel", build_snapshot(knowledge).matcher))


@given(said=st.text(st.characters(exclude_categories=()), max_size=400), after=st.sampled_from([None, "walk-on", "gone"]))
@example(said="\ud800 \x00", after=None)
@example(said="blister " * 500, after="walk-on")
@example(said="ab" * 5_000, after=None)
def test_anything_is_ranked(said: str, after: str | None, boots: Snapshot) -> None:
    ranking = rank(said, boots.matcher, after)

    assert len(ranking.matches) == (RANKED if ranking.words else 0)
    for match, signals in zip(ranking.matches, ranking.signals, strict=True):
        assert 0.0 <= match.confidence <= min(signals.ours, signals.right) <= max(signals.ours, signals.right) <= 1.0
        assert 0.0 <= signals.explained <= 1.0 + 1e-6
        assert 0.0 <= signals.unknown <= 1.0 + 1e-6
        assert abs(signals.near) <= 1.0 + 1e-5


@pytest.mark.parametrize("seed", range(3))
def test_a_ranking_does_not_depend_on_what_was_ranked_before(seed: int) -> None:
    knowledge = make_knowledge()
    learned = teach(knowledge)
    alone = {said: told(rank(said, Matcher(knowledge, learned))) for said in MANY}
    one = Matcher(knowledge, learned)
    shuffled = [said for said in MANY for _ in range(2)] + [f"zorp{chr(97 + n // 26)}{chr(97 + n % 26)} blister" for n in range(80)]
    order = np.random.default_rng(seed).permutation(len(shuffled)).tolist()

    assert {said: found for said in (shuffled[place] for place in order) if (found := told(rank(said, one))) and said in alone} == alone


def test_what_people_write_is_not_kept() -> None:
    """Words that nobody taught are looked at again and again within a message; beyond it few are remembered."""
    matcher = make_snapshot().matcher
    strange = [f"zorp{chr(97 + n // 676)}{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}" for n in range(2_000)]
    for word in strange:
        rank(f"{word} on my heel", matcher)
    kept = set(held_by(matcher))

    assert "heel" in kept, "the walk finds what is kept"
    assert len(kept.intersection(strange)) < 350


def held_by(matcher: Matcher) -> Iterator[str]:
    """Yield every string that *matcher* holds on to, through its own objects and the containers in them."""
    seen: set[int] = set()
    left: list[object] = [matcher]
    while left:
        thing = left.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, str):
            yield thing
        elif isinstance(thing, dict | list | tuple | set | frozenset) or type(thing).__module__.startswith("bot."):
            left.extend(referent for referent in gc.get_referents(thing) if not isinstance(referent, type))


def test_a_snapshot_has_the_version_of_its_knowledge(boots: Snapshot) -> None:
    assert boots.version == boots.knowledge.version == "0123456789ab"
