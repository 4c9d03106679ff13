"""What of a long story is compared, and where a message may hold two questions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language import Language
from bot.core.matching.questions import parts_of, worth_comparing
from bot.core.text import normalise

STORY = "on monday we walked along the river with the dogs. " * 12


def compared(text: str, english: Language) -> str:
    return " ".join(token.text for token in worth_comparing(normalise(text, english), english).tokens)


def test_a_short_message_is_compared_whole(english: Language) -> None:
    text = normalise("my heel hurts. which plaster? thank you", english)

    assert worth_comparing(text, english) == text


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("which plaster is best? " + STORY, id="asked first"),
        pytest.param(STORY + "which plaster is best? " + STORY, id="asked in between"),
        pytest.param(STORY + "which plaster is best", id="asked last, without a mark"),
        pytest.param(STORY + "so which plaster is best?", id="with a mark, but no question word"),
        pytest.param("what a day. " * 60 + STORY + "which plaster is best", id="after many questions"),
    ],
)
def test_the_question_of_a_story_is_kept(told: str, english: Language) -> None:
    assert "which plaster is best" in compared(told, english)


def test_a_story_without_a_question_is_compared_by_its_end(english: Language) -> None:
    assert compared(STORY + "my heel is sore", english).endswith("with the dogs my heel is sore")


def test_what_is_kept_stays_in_order_with_its_marks(english: Language) -> None:
    kept = worth_comparing(normalise("is it new? " + STORY + "my heel is sore!", english), english)

    assert [clause.end for clause in kept.clauses][:1] == ["?"]
    assert [clause.end for clause in kept.clauses][-1:] == ["!"]


@pytest.mark.parametrize(
    ("told", "kept", "lost"),
    [
        pytest.param("which plaster " + "and so on " * 90 + "the end", "which plaster and", "the end", id="its beginning, where it asks at once"),
        pytest.param("well then " + "and so on " * 90 + "what helps a heel", "on what helps a heel", "well then", id="else its end"),
        pytest.param("well then " + "and so on " * 90 + "what helps a heel?", "on what helps a heel", "well then", id="its end too, with a mark"),
    ],
)
def test_a_clause_that_is_too_long_is_cut(told: str, kept: str, lost: str, english: Language) -> None:
    """Many write a whole story without a full stop, and ask at the end."""
    assert kept in compared(told, english)
    assert lost not in compared(told, english)


def test_a_word_that_is_too_long_is_left_out(english: Language) -> None:
    assert compared("ab" * 200 + " heel", english) == "heel"
    assert compared("which " + "ab" * 200 + " heel", english) == "which"
    assert compared("xab " * 100 + ". " + "ab" * 200, english).startswith("xab")


@pytest.mark.parametrize("letters", [2, 14, 62, 126], ids=str)
def test_as_much_as_fits_is_compared(letters: int, english: Language) -> None:
    kept = compared(" ".join(["ab" * (letters // 2)] * 400), english)

    assert 256 - letters - 1 <= len(kept) <= 256


@given(
    st.text(st.characters(exclude_categories=()), max_size=1_500)
    | st.lists(st.sampled_from(["what", "heel", "but", ".", "?", "a" * 90])).map(" ".join)
)
def test_at_most_256_characters_are_compared(english: Language, told: str) -> None:
    text = normalise(told, english)
    kept = worth_comparing(text, english)

    assert len(" ".join(token.text for token in kept.tokens)) <= 256
    said = iter(text.tokens)
    assert all(token in said for token in kept.tokens), "in order, and nothing that was not said"


@pytest.mark.parametrize(
    ("said", "cuts"),
    [
        pytest.param("can i run. which plaster", [("can i run", "which plaster")], id="at the end of a sentence"),
        pytest.param("can i run and which plaster", [("can i run", "and which plaster")], id="at a joining word"),
        pytest.param("can i run, which plaster", [("can i run", "which plaster")], id="at a comma"),
        pytest.param("can i run", [], id="one question"),
        pytest.param("run, which plaster", [], id="one word is no question"),
        pytest.param("which plaster, then", [], id="nor is it at the end"),
        pytest.param("", [], id="nothing"),
        pytest.param("a b, c d or e f", [("a b", "c d or e f"), ("a b c d", "or e f")], id="either of two places"),
    ],
)
def test_a_message_is_cut_where_a_second_question_may_begin(said: str, cuts: list[tuple[str, str]], english: Language) -> None:
    parts = parts_of(normalise(said, english), english)

    assert [tuple(" ".join(token.text for token in part) for part in cut) for cut in parts] == cuts


def test_at_most_six_cuts_are_tried(english: Language) -> None:
    assert len(parts_of(normalise("one two, " * 30, english), english)) == 6
