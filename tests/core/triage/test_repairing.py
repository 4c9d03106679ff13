"""Typos in the words of danger: short ones are repaired with care, names and slang never."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language import Language
from bot.core.triage.spelling import repairing

NAMED = {"dizziness": 2, "meningitis": 2, "nan": 2, "sickly": 1}
SHORT = ("neck", "stiff", "fever", "chest", "face", "weak", "week", "legs")
SLANG = ("sicily", "fave", "yall")


@pytest.fixture
def repair(english: Language) -> Callable[[str], str]:
    cues = {"short-words": SHORT, "no-typos": SLANG}
    return repairing(NAMED, dataclasses.replace(english, cues=cues), [frozenset({"wex", "week"})])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("nekc", "neck", id="neighbours swapped"),
        pytest.param("sitff", "stiff", id="in the middle"),
        pytest.param("enck", "neck", id="the first two swapped"),
        pytest.param("fver", "fever", id="a vowel left out"),
        pytest.param("chst", "chest", id="of five letters"),
        pytest.param("legz", "legs", id="another letter"),
        pytest.param("nck", "neck", id="of three letters a vowel"),
        pytest.param("nek", "nek", id="of three letters another"),
        pytest.param("feve", "fever", id="the last left out"),
        pytest.param("eever", "eever", id="another first letter"),
        pytest.param("fxvxr", "fxvxr", id="two slips"),
        pytest.param("ec", "ec", id="two letters"),
        pytest.param("leaks", "leaks", id="a real word"),
        pytest.param("nan", "nan", id="what rules name"),
        pytest.param("fave", "fave", id="slang"),
        pytest.param("sicily", "sicily", id="a name as long as those that are repaired"),
        pytest.param("wex", "wex", id="a confusable"),
        pytest.param("dizzyness", "dizziness", id="a longer word"),
        pytest.param("menigitis", "meningitis", id="as long as any"),
    ],
)
def test_what_is_repaired(typed: str, meant: str, repair: Callable[[str], str]) -> None:
    assert repair(typed) == meant


def test_without_its_cues_a_language_repairs_no_short_word(english: Language) -> None:
    repair = repairing(NAMED, dataclasses.replace(english, cues={}), [])

    assert [repair(word) for word in ("nekc", "fver", "dizzyness")] == ["nekc", "fver", "dizziness"]


@given(st.text("acefhknstw", max_size=6))
def test_a_short_word_becomes_one_of_the_few_or_stays(word: str) -> None:
    repair = repairing({}, Language(code="x", stemmer="", cues={"short-words": SHORT}), [])

    assert repair(word) in {word, *SHORT}
    assert repair(repair(word)) == repair(word)


@pytest.mark.parametrize("word", SHORT)
def test_what_is_right_stays(word: str, repair: Callable[[str], str]) -> None:
    assert repair(word) == word
