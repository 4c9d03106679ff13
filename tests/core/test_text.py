"""Normalising: folded letters, whole words, clauses."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.language import Language
from bot.core.text import LIMIT, NormalText, normalise, words_of


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("I can’t move my NECK", "i cannot move my neck"),
        ("im stiff, ive had it 3 days", "i am stiff, i have had it 3 days"),
        ("chest\u200b pa\u0301in", "chest pain"),
        ("che\u200bst", "chest"),
        ("p̶a̷i̸n̵", "pain"),
        ("fеver", "fever"),
        ("neeeeeck hurrrts", "neck hurts"),
        ("temp 38.5, bp 200/120", "temperature 38.5, bp 200/120"),
        ("1000mg", "1000 mg"),
        ("_stiff_ neck _39C", "stiff neck 39 c"),
        ("neck🚨pain ⻳stiff", "neck pain stiff"),
        ("the physio's hands", "the physio hands"),
        ("why??  ... really", "why? really"),
        ("ＮＥＣＫ　ｐａｉｎ", "neck pain"),
        ("it's 39°C", "it is 39 c"),
        ("गर्दन में दर्द", "गर्दन में दर्द"),
        ("", ""),
        ("🙂🙂", ""),
        ("\ud800 neck", "neck"),
    ],
)
def test_writing_habits_fold_away(typed: str, canonical: str, english: Language) -> None:
    assert normalise(typed, english).canonical == canonical


@pytest.mark.parametrize(
    ("typed", "clauses"),
    [
        ("no fever but stiff neck", ["no fever", "but stiff neck"]),
        ("one. two! three? four", ["one", "two", "three", "four"]),
        ("one\ntwo", ["one", "two"]),
        ("sore - very sore", ["sore", "very sore"]),
        ("well-known", ["well known"]),
        ("38.5 today", ["38.5 today"]),
    ],
)
def test_clauses_end_where_a_reader_would_pause(typed: str, clauses: list[str], english: Language) -> None:
    assert [" ".join(clause.words) for clause in normalise(typed, english).clauses] == clauses


def test_marks_and_commas_are_kept_with_their_words(english: Language) -> None:
    text = normalise("no fever, rash or pain? help!", english)

    assert [clause.end for clause in text.clauses] == ["?", "!"]
    assert [token.text for token in text.tokens if token.after_comma] == ["rash"]


def test_a_question_mark_on_its_own_belongs_to_the_clause_before(english: Language) -> None:
    assert normalise("is it bad. ?", english).clauses[0].end == "?"


def test_an_empty_text_is_false(english: Language) -> None:
    assert not normalise("…!?", english)
    assert normalise("neck", english)


def test_what_telegram_can_send_is_read_to_its_end(english: Language) -> None:
    typed = ("dont " * 818 + "help")[:4096]

    assert normalise(typed, english).tokens[-1].text == "help"


def test_letters_that_fold_into_sentences_push_nothing_out(english: Language) -> None:
    """One such character becomes eighteen; a message full of them must still be read to its end."""
    assert normalise("\ufdfa " * 2_000 + "help", english).tokens[-1].text == "help"


def test_what_is_kept_is_bounded(english: Language) -> None:
    assert len(normalise("dont " * 10_000, english).canonical) <= LIMIT
    assert len(normalise("\ufdfa" * 4096, english).canonical) <= LIMIT


@given(st.text(max_size=300))
@example("_0A")
@example("u'm fine")
@example("AA'A")
@example("stiff_neck __and__ 39_c")
def test_normalising_twice_changes_nothing(english: Language, typed: str) -> None:
    once = normalise(typed, english)

    assert normalise(once.canonical, english) == once


@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "Z")), max_size=60))
def test_composed_and_decomposed_text_agree(english: Language, typed: str) -> None:
    import unicodedata

    assert normalise(unicodedata.normalize("NFD", typed), english) == normalise(unicodedata.normalize("NFC", typed), english)


def test_words_of_a_text_are_its_clauses_in_order(english: Language) -> None:
    text: NormalText = normalise("a b. c", english)

    assert [token.text for token in text.tokens] == ["a", "b", "c"]


@given(
    st.one_of(
        st.text(max_size=200), st.lists(st.sampled_from(["can't", "u'm", "'tis", "gonna", "''a'", "3.5", "-", ",", "no.", "but"])).map(" ".join)
    )
)
@example("can't " * 6_000)
def test_words_alone_are_the_same_words(english: Language, typed: str) -> None:
    assert words_of(typed, english) == tuple(token.text for token in normalise(typed, english).tokens)
