"""What likeness looks at in a message, as triage lays it out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language import Language
from bot.core.text import normalise
from bot.core.triage.engine import Triage

SOME = ("no", "fever", "39", "ago", "years", "is", "a", "stroke", "seizure", "?", ".", "my", "stiff", "neck", ",", "if", "🙂")


def features(said: str, triage: Triage, language: Language) -> list[str]:
    return triage.words_alone()(normalise(said, language))


@pytest.mark.parametrize(
    ("said", "has"),
    [
        ("my stiff neck", ["my", "stiff", "neck", "my stiff", "stiff neck", "my _ neck"]),
        ("vomiting", ["vomit"]),
        ("39 C", ["#temperature"]),
        ("200/130", ["#pressure"]),
        ("took 20 tablets", ["#count", "took #count", "#count tablet"]),
        ("since 3 days", ["#duration"]),
        ("0800", ["#count"]),
        ("no seizure", ["denied: seizur"]),
        ("a seizure years ago", ["past: seizur"]),
        ("is it a stroke", ["asked: stroke"]),
        ("seizures", ["seiz~"]),
        ("one. two! three? four", ["end .", "end !", "end ?", "end "]),
    ],
)
def test_a_message_has_features(said: str, has: list[str], toy_triage: Triage, english: Language) -> None:
    found = features(said, toy_triage, english)

    assert [each for each in has if each not in found] == []


@pytest.mark.parametrize(
    ("said", "has_not"),
    [
        ("my neck is numb", ["neck~", "numb~", "my is", "my _ numb"]),
        ("39 C", ["39"]),
        ("no seizure", ["denied: no", "past: seizur", "asked: seizur"]),
        ("my seizure", ["denied: seizur", "past: seizur", "asked: seizur"]),
        ("my neck", ["end .", "end ?", "end !"]),
        ("", ["end "]),
    ],
)
def test_a_message_has_no_others(said: str, has_not: list[str], toy_triage: Triage, english: Language) -> None:
    found = features(said, toy_triage, english)

    assert [each for each in has_not if each in found] == []


def test_a_number_that_is_no_reading_is_a_number_still(toy_triage: Triage, english: Language) -> None:
    assert "#" in features("call 1234567", toy_triage, english)


def test_a_typo_is_repaired_before(toy_triage: Triage, english: Language) -> None:
    assert features("my seizrue", toy_triage, english) == features("my seizure", toy_triage, english)


@pytest.mark.parametrize(
    ("said", "has"),
    [
        ("a seizure", ["rule: face emergency", "rules: live"]),
        ("is it meningitis", ["rule: neck-fever asked", "rules: asked"]),
        ("is it meningitis? a seizure", ["rule: face emergency", "rule: neck-fever asked", "rules: live", "rules: asked"]),
        ("a seizure, and a rash and itch", ["rule: face emergency", "rule: both-here urgent_today", "rules: live"]),
        ("im 60 and a new headache", []),
        ("no seizure", []),
    ],
)
def test_what_the_rules_make_of_it_is_a_feature(said: str, has: list[str], toy_triage: Triage, english: Language) -> None:
    """With its tier, where it interrupts; what can wait for days says nothing of danger. Where that was tuned on the message it is left out."""
    text = normalise(said, english)

    assert toy_triage.features(text) == [*has, *toy_triage.words_alone()(text)]
    assert not any(each.startswith("rule") for each in toy_triage.words_alone()(text))


def test_nothing_has_no_features(toy_triage: Triage, english: Language) -> None:
    assert features("🙂", toy_triage, english) == []


@given(said=st.lists(st.sampled_from(SOME), max_size=20).map(" ".join))
def test_each_stands_once_in_a_fixed_order(said: str, toy_triage: Triage, english: Language) -> None:
    found = features(said, toy_triage, english)

    assert len(found) == len(set(found))
    assert found == features(said, toy_triage, english)
    assert not any("\n" in each for each in found), "they are kept by lines"


@given(said=st.text(max_size=200))
def test_any_text_has_features_that_can_be_kept(said: str, toy_triage: Triage, english: Language) -> None:
    found = toy_triage.features(normalise(said, english))

    assert "\n".join(found).encode().decode().split("\n") == (found or [""])
