"""What typos are repaired into, beyond the words that rules name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.language import Language
from bot.core.text import normalise
from bot.core.triage.engine import Triage
from bot.core.triage.spelling import spellings
from bot.core.wordlist import WordList
from tests.core.triage.conftest import CONFUSABLES, read_red_flags

SHORT = """
flags:
- id: odd
  tier: emergency
  why: w
  rules:
  - all_of:
    - {name: odd, any: [tingl*, confuse, sweat, num*]}
  fires_on: [tingling]
"""


@pytest.mark.parametrize("said", ["tingilng", "confuesd", "swaeting"])
def test_forms_that_no_rule_names_are_repaired(said: str, english: Language) -> None:
    triage = Triage(read_red_flags(SHORT), english, CONFUSABLES)

    assert triage.examine(normalise(f"my arm, {said} again", english)) is not None


def test_only_real_words_of_the_same_stem_are_forms(english: Language) -> None:
    language = replace(english, real_words=WordList.of(["hugged", "hugging", "tasting", "tastes", "tasty", "numbers", "tingling"]))

    known = spellings(language, {"hug", "taste", "go", ""}, {"hug", "tast"}, ["tingl", "num"])

    assert known.keys() == {"hug", "taste", "go", "", "hugged", "hugging", "tasting", "tastes", "tingling"}


def test_a_named_word_counts_for_more_than_a_form(english: Language) -> None:
    known = spellings(replace(english, real_words=WordList.of(["sweats"])), {"sweat"}, {"sweat"}, [])

    assert known["sweat"] > known["sweats"]
