"""What is kept of a question asked in vain, and what is shown of many."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language import Language
from bot.core.misses import SIMILAR_FROM, Missed, MissGroup, _alike, _stems, alike, groups, redacted, without_gaps

KNOWN = frozenset({"ibuprofen", "voltarol"})


def keep(said: str, english: Language) -> str | None:
    return redacted(said, english, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Can I take Voltarol with tea?", "can i take … with tea"),
        ("can i take voltarol with tea?", "can i take voltarol with tea"),
        ("CAN I TAKE VOLTAROL WITH TEA", "can i take voltarol with tea"),
        ("my name is rose and my knee hurts", "my name … knee hurts"),
        ("i am called will smith, which pillow helps", "i am called … pillow helps"),
        ("ask Dr Brown about my knee pain", "ask … about my knee pain"),
        ("write to ann.lee@example.org about knee pain", "write to … about knee pain"),
        ("see https://example.org/ann for my knee pain", "see … for my knee pain"),
        ("see example.com/ann?x=1 for my knee pain", "see … for my knee pain"),
        ("tell @ann_lee my knee pain is back", "tell … my knee pain is back"),
        ("my number is 07700 900123, knee pain", "my number is … knee pain"),
        ("born 3/4/1971 with knee pain", "born … with knee pain"),
        ("xqzanna wyrbelow has knee pain", "… has knee pain"),
        ("knee pain since lunch 🙂", "knee pain since lunch"),
    ],
)
def test_what_may_name_a_person_is_taken_out(said: str, kept: str, english: Language) -> None:
    assert keep(said, english) == kept


@pytest.mark.parametrize("said", ["", "🙂", "12345", "Anna", "the of and", "knee", "@ann https://x.org 07700900123"])
def test_where_too_little_is_left_nothing_is_kept(said: str, english: Language) -> None:
    assert keep(said, english) is None


def test_a_long_question_is_cut(english: Language) -> None:
    kept = keep("my knee hurts " * 50, english)

    assert kept is not None
    assert len(kept.split()) == 20


@given(said=st.text(max_size=200))
def test_no_digit_and_no_unknown_word_survives(said: str, english: Language) -> None:
    kept = keep(said, english)

    for word in (kept or "").split():
        assert word == "…" or word in english.real_words or word in english.stop_words or word in KNOWN
        assert not any(sign.isdigit() for sign in word)


# --- many -----------------------------------------------------------------------------------------------------------

PUMP = "where can i buy a bicycle pump"


def test_only_what_enough_people_asked_is_shown(english: Language) -> None:
    asked = [Missed(PUMP)] * SIMILAR_FROM + [Missed("how do i paint a fence")] * (SIMILAR_FROM - 1)

    assert groups(asked, english) == (MissGroup(PUMP, SIMILAR_FROM),)
    assert groups(asked, english, 4) == (MissGroup(PUMP, 5), MissGroup("how do i paint a fence", 4))
    assert groups(asked, english, 6) == ()
    assert groups([], english) == ()


def test_other_words_for_the_same_go_together_and_what_one_said_alone_is_not_shown(english: Language) -> None:
    asked = [Missed(PUMP)] * 4 + [Missed("where can i buy bicycle pumps for my bankrupt uncle"), Missed("buying a bicycle pump")]
    found = groups(asked, english)

    assert [group.count for group in found] == [6]
    assert "uncle" not in found[0].words
    assert "bicycle" in found[0].words


def test_what_was_not_asked_for_stands_beside_it_if_it_was_often(english: Language) -> None:
    asked = [Missed(PUMP, "tyres")] * 5 + [Missed(PUMP, "chains")]

    assert groups(asked, english) == (MissGroup(PUMP, 6, ("tyres",)),)


def test_what_one_passed_on_is_shown_in_all_its_words(english: Language) -> None:
    asked = [Missed(PUMP, passed=True), Missed("how do i paint a fence")]

    assert groups(asked, english) == (MissGroup(PUMP, 1, passed=(PUMP,)),)


def test_those_that_were_not_passed_on_are_neither_shown_nor_counted_beside_it_unless_they_are_enough(english: Language) -> None:
    asked = [Missed(f"{PUMP} uncle", "tyres")] * 2 + [Missed(PUMP, passed=True)]
    few, many = groups(asked, english), groups([*asked, *asked], english)

    assert few == (MissGroup(PUMP, 1, passed=(PUMP,)),)
    assert many == (MissGroup(PUMP, 6, passed=(PUMP,)),)


def test_all_that_was_passed_on_is_shown_what_most_did_first(english: Language) -> None:
    other = "where can i buy bicycle pumps for my uncle"
    asked = [Missed(other, passed=True), *[Missed(PUMP, passed=True)] * 2, Missed("i may buy a bicycle pump")]

    assert groups(asked, english) == (MissGroup(PUMP, 3, passed=(PUMP, other)),)


@given(seed=st.integers(0, 999))
def test_of_what_was_not_passed_on_no_word_is_shown_that_too_few_said(seed: int, english: Language) -> None:
    chance = random.Random(seed)  # noqa: S311
    words = ["bicycle", "pump", "fence", "paint", "door", "wash"]
    asked = [Missed(" ".join(chance.choices(words, k=3)), passed=chance.random() < 0.1) for _ in range(20)]
    found = groups(asked, english)

    passed = {word for each in asked if each.passed for word in each.words.split()}
    for group in found:
        for word in without_gaps(group.words).split():
            assert word in passed or sum(word in each.words.split() for each in asked) >= SIMILAR_FROM
    assert {words for group in found for words in group.passed} == {each.words for each in asked if each.passed}


def test_two_questions_count_as_one_when_most_of_what_they_say_is_the_same(english: Language) -> None:
    assert alike(PUMP, "buying bicycle pumps", english)
    assert alike("of the", "of the", english)
    assert not alike(PUMP, "how do i paint a fence", english)


def test_gaps_are_left_out() -> None:
    assert without_gaps("can i take … with … tea") == "can i take with tea"


def test_questions_that_share_nothing_telling_are_not_alike(english: Language) -> None:
    asked = [Missed(f"can i {verb} it") for verb in ("paint", "fold", "wash", "sell", "bend")]

    assert groups(asked, english) == ()
    assert groups([Missed("of the")] * 9, english) == ()


def test_where_nothing_is_common_to_enough_of_them_nothing_is_shown(english: Language) -> None:
    asked = [
        Missed(f"{one} {other}") for one, other in (("paint", "fence"), ("paint", "door"), ("paint", "wall"), ("paint", "roof"), ("paint", "shed"))
    ]

    assert groups(asked, english, 9) == ()


@given(seed=st.integers(0, 99))
def test_the_same_questions_give_the_same_groups(seed: int, english: Language) -> None:
    words = ["bicycle", "pump", "fence", "paint", "door", "wash"]
    chance = random.Random(seed)  # noqa: S311
    asked = [Missed(" ".join(chance.sample(words, 3))) for _ in range(30)]
    found = groups(asked, english)

    assert found == groups(list(asked), english)
    assert sum(group.count for group in found) <= len(asked)
    assert all(group.count >= SIMILAR_FROM for group in found)


@given(seed=st.integers(0, 999))
def test_each_joins_the_group_it_is_most_like(seed: int, english: Language) -> None:
    """As told by looking at every group there is."""
    chance = random.Random(seed)  # noqa: S311
    words = ["bicycle", "pump", "fence", "paint", "door", "wash", "roof", "cat"]
    asked = [Missed(" ".join(chance.choices(words, k=chance.randint(1, 5)))) for _ in range(60)]
    sizes: list[tuple[frozenset[str], int]] = []
    for each in asked:
        stems = _stems(each.words, english)
        likeness = [_alike(first, stems) for first, _ in sizes]
        best = max(range(len(sizes)), key=likeness.__getitem__, default=0)
        if likeness and likeness[best] >= 0.5:
            sizes[best] = (sizes[best][0], sizes[best][1] + 1)
        else:
            sizes.append((stems, 1))

    assert sorted(group.count for group in groups(asked, english, 1)) == sorted(size for _, size in sizes)


def test_each_is_compared_with_few(english: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """With each group that shares a rare word, and not with all there are: of those that are kept that would be fifty million."""
    compared = 0

    def counted(one: frozenset[str], other: frozenset[str]) -> float:
        nonlocal compared
        compared += 1
        return _alike(one, other)

    chance = random.Random(1)  # noqa: S311
    words = chance.sample(sorted(english.real_words), 800)
    asked = [Missed("neck pain " + " ".join(chance.choices(words, k=chance.randint(3, 8)))) for _ in range(2_000)]
    monkeypatch.setattr("bot.core.misses._alike", counted)
    groups(asked, english)

    assert 0 < compared < 2_000 * 2_000 / 10
