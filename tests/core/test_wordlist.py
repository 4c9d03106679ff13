"""A language's words, kept as text: a set like any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.language import Language
from bot.core.wordlist import WordList

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1, max_size=5) | st.text("ab", min_size=1, max_size=9)


@given(st.sets(WORDS, max_size=200), WORDS | st.sampled_from(["", "\n", "a\nb", "\ud800"]))
@example({"0", "0\t"}, "0")  # A tab sorts before the line feed that ends the shorter one.
def test_it_holds_what_a_set_of_the_same_words_holds(words: set[str], other: str) -> None:
    known = WordList.of(words)

    assert set(known) == words
    assert len(known) == len(words)
    assert all(word in known for word in words)
    assert (other in known) == (other in words)
    assert known | {other} == words | {other}


@given(st.sets(WORDS, max_size=200), st.text("ab", max_size=3) | WORDS)
def test_beginnings_are_found_by_alphabet(words: set[str], prefix: str) -> None:
    begun = list(WordList.of(words).beginning(prefix))

    assert set(begun) == {word for word in words if word.startswith(prefix)}
    assert begun == sorted(begun, key=str.encode)


@pytest.mark.parametrize("other", [None, 7, b"neck", ""])
def test_what_is_no_word_is_not_in_it(other: object, english: Language) -> None:
    assert other not in english.real_words
    assert other not in WordList()


def test_the_list_that_ships_is_sorted_with_every_word_once() -> None:
    """It is searched as it stands."""
    lines = (Path(__file__).parents[2] / "bot" / "defaults" / "languages" / "en_words.txt").read_bytes().splitlines(keepends=True)

    assert len(lines) > 50_000
    assert lines == sorted(set(lines))
    assert all(line.endswith(b"\n") and line.strip() == line[:-1] for line in lines)
