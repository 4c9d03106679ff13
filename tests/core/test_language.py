"""Stems and sounds, as the language names them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.core.language import Language

ENGLISH = Language("en", stemmer="english", sounds="metaphone")
PLAIN = Language("xx", stemmer="")


@pytest.mark.parametrize(
    ("language", "word", "stem"),
    [
        pytest.param(ENGLISH, "spasms", "spasm", id="plural"),
        pytest.param(ENGLISH, "hurting", "hurt", id="verb"),
        pytest.param(ENGLISH, "a" * 63 + "s", "a" * 63, id="the longest word"),
        pytest.param(ENGLISH, "a" * 64 + "s", "a" * 64 + "s", id="no word any more"),
        pytest.param(PLAIN, "spasms", "spasms", id="a language without a stemmer"),
        pytest.param(Language("de", stemmer="german"), "schmerzen", "schmerz", id="another language"),
    ],
)
def test_a_word_is_cut_to_its_stem(language: Language, word: str, stem: str) -> None:
    assert language.stem(word) == stem


def test_words_that_sound_alike_have_one_sound() -> None:
    assert ENGLISH.sound("nek") == ENGLISH.sound("neck") != ENGLISH.sound("back")


def test_a_language_without_sounds_hears_nothing() -> None:
    assert PLAIN.sound("neck") == ""


def test_stems_agree_whichever_thread_asks() -> None:
    """A reload stems in another thread, and a Snowball stemmer holds the word it works on."""
    words = [f"{word}{number}" for number in range(300) for word in ("stretching", "muscles", "tightness")]

    with ThreadPoolExecutor(4) as pool:
        stems = list(pool.map(Language("en", stemmer="porter").stem, words * 2))

    assert stems == [Language("en", stemmer="porter").stem(word) for word in words * 2]
