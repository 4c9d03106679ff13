"""The last questions: nobody counts twice, and whatever is begun anew comes to the same."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.asked import LastAsked
from bot.core.language import Language
from bot.core.model import CONTEXT_LIFE
from bot.store.records import Miss, PersonKey

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY, GROUP, BOB = PersonKey("ann-here", "ann"), PersonKey("ann-in-a-group", "ann"), PersonKey("bob-here", "bob")
PUMP, PUMPS, FENCE = "where can i buy a bicycle pump", "buying bicycle pumps", "how do i paint a fence"
OWN = Miss(NOON.date(), PUMP)


def test_much_the_same_of_one_person_counts_once(english: Language) -> None:
    asked = LastAsked()

    assert asked.in_vain(KEY, PUMP, NOON, english) == (OWN,)
    assert asked.in_vain(KEY, PUMP, NOON + MINUTE, english) == ()
    assert asked.in_vain(KEY, PUMPS, NOON + 2 * MINUTE, english) == ()
    assert asked.in_vain(GROUP, PUMP, NOON + 3 * MINUTE, english) == ()
    assert len(asked.in_vain(KEY, FENCE, NOON + 4 * MINUTE, english)) == len(asked.in_vain(BOB, PUMP, NOON, english)) == 1


def test_after_half_an_hour_it_counts_again(english: Language) -> None:
    asked = LastAsked()
    asked.in_vain(KEY, PUMP, NOON, english)

    assert asked.in_vain(KEY, PUMP, NOON + CONTEXT_LIFE, english) == ()
    assert len(asked.in_vain(KEY, PUMP, NOON + 2 * CONTEXT_LIFE + MINUTE, english)) == 1


def test_an_update_that_is_begun_anew_counts_as_it_did(english: Language) -> None:
    asked = LastAsked()
    for _ in range(3):
        assert asked.in_vain(KEY, PUMP, NOON, english) == (OWN,)
        assert asked.in_vain(KEY, PUMPS, NOON + MINUTE, english) == ()


def test_not_what_i_asked_counts_once_with_what_was_asked_in_vain(english: Language) -> None:
    asked = LastAsked()
    asked.remember(KEY, PUMP, NOON, ("tyres",))

    assert asked.not_this(KEY, "tyres", NOON + MINUTE, english) == (Miss(NOON.date(), PUMP, "tyres"),)
    assert asked.in_vain(KEY, PUMPS, NOON + MINUTE, english) == ()


@pytest.mark.parametrize(
    ("key", "number", "later"),
    [(BOB, 0, 0), (GROUP, 0, 0), (KEY, 1, 0), (KEY, 0, 31)],
    ids=["another person", "elsewhere", "another question", "too late"],
)
def test_a_question_is_found_by_when_it_was_asked_by_whom_and_where(key: PersonKey, number: int, later: int, english: Language) -> None:
    asked = LastAsked()
    asked.in_vain(KEY, PUMP, NOON, english)
    found = asked.asked(KEY, int(NOON.timestamp()), NOON + CONTEXT_LIFE)

    assert found is not None
    assert (found.words, found.counted, found.number) == (PUMP, OWN, int(NOON.timestamp()))
    assert asked.asked(key, int(NOON.timestamp()) + number, NOON + later * MINUTE) is None


def test_what_one_miss_counts_for_is_told(english: Language) -> None:
    asked = LastAsked()
    for minute, words in enumerate((PUMP, FENCE, PUMPS)):
        asked.in_vain(KEY, words, NOON + minute * MINUTE, english)
    first, fence, last = (asked.asked(KEY, int((NOON + minute * MINUTE).timestamp()), NOON) for minute in range(3))

    assert first is not None
    assert fence is not None
    assert last is not None
    assert asked.counted_with(KEY, first) == asked.counted_with(KEY, last) == {first.number, last.number}
    assert asked.counted_with(KEY, fence) == {fence.number}
    assert asked.counted_with(BOB, fence) == set()


def test_forgotten_is_forgotten_in_any_chat_and_under_any_key(english: Language) -> None:
    asked = LastAsked()
    asked.in_vain(GROUP, PUMP, NOON, english)
    asked.remember(GROUP, PUMP, NOON, ())
    asked.in_vain(BOB, PUMP, NOON, english)
    asked.forget(PersonKey("new-here", "new", KEY))

    assert not asked._last
    assert list(asked._vain) == ["bob"]


@given(said=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60), st.sampled_from([PUMP, PUMPS, FENCE])), max_size=30))
def test_memory_is_bounded_and_empties_itself(said: list[tuple[int, int, str]], english: Language) -> None:
    asked = LastAsked()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.asked.PEOPLE_KEPT", 3)
        for person, minute, words in said:
            key = PersonKey(f"{person}-here", str(person))
            asked.in_vain(key, words, NOON + minute * MINUTE, english)
            asked.remember(key, words, NOON + minute * MINUTE, ())

            assert len(asked._vain) <= 3
            assert len(asked._last) <= 3
            assert all(len(known) <= 8 for known in asked._vain.values())
    asked.drop_stale(NOON + 40 * MINUTE)
    assert all(vain.at >= NOON + 10 * MINUTE for known in asked._vain.values() for vain in known)
    asked.drop_stale(NOON + 91 * MINUTE)

    assert (len(asked._last), len(asked._vain)) == (0, 0)


def test_printed_it_shows_nothing(english: Language) -> None:
    asked = LastAsked()
    asked.in_vain(KEY, PUMP, NOON, english)

    asked.remember(KEY, PUMP, NOON, ())

    assert "pump" not in f"{asked!r} {asked} {asked._last} {asked._vain}"
