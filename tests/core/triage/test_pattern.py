"""The language of phrases: what it means, and what it says about mistakes."""

from __future__ import annotations

import pytest

from bot.core.triage.pattern import GAP, WIDE_GAP, Item, ListName, Measure, PatternError, Word, Words, parse


def test_a_phrase_is_a_row_of_items_with_gaps() -> None:
    phrase = parse("hit .. <head> hard +now")

    (part,) = phrase.parts
    assert [item.gap for item in part] == [GAP, WIDE_GAP, GAP, 0]
    assert part[1].alternatives == (ListName("head"),)


def test_an_ampersand_makes_parts() -> None:
    assert len(parse("chest & tight & arm").parts) == 3


def test_alternatives_may_be_of_any_kind() -> None:
    ((item,),) = parse("=Fit/numb/para*/went_away/<list>/{age < 3 months}").parts

    assert item == Item(
        (
            Word("fit", "exact"),
            Word("numb", "stem"),
            Word("para", "prefix"),
            Words((Word("went", "stem"), Word("away", "stem"))),
            ListName("list"),
            Measure("age", float("-inf"), pytest.approx(3 * 30.4 / 365.0, abs=1e-6)),  # type: ignore[arg-type]
        )
    )


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("{temperature >= 100.4 F}", 38.0, float("inf")),
        ("{temperature > 38 C}", 38.0, float("inf")),
        ("{duration <= 2 weeks}", float("-inf"), 14.0),
        ("{weeks 20..42}", 20.0, 42.0),
        ("{count = 3}", 3.0, 3.0),
        ("{age 1..11}", 1.0, 11.0),
    ],
)
def test_bounds_are_kept_in_the_unit_of_the_kind(text: str, low: float, high: float) -> None:
    ((item,),) = parse(text).parts
    measure = item.alternatives[0]

    assert isinstance(measure, Measure)
    assert measure.low == pytest.approx(low, abs=1e-6)
    assert measure.high == pytest.approx(high, abs=1e-6)


def test_the_gap_of_plain_neighbours_can_be_set() -> None:
    assert [item.gap for item in parse("hot bottle", gap=0).parts[0]] == [0, 0]


def test_a_phrase_names_its_lists() -> None:
    assert list(parse("<a> b & c/<d>").lists()) == ["a", "d"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty phrase"),
        ("  ", "empty phrase"),
        ("a ..", "ends where"),
        ("a &", "ends where"),
        ("& a", "both sides"),
        ("a .. & b", "both sides"),
        (".. a", "both sides"),
        ("a .. .. b", "both sides"),
        ("+a", "no word to stand beside"),
        ("a .. +b", "no word to stand beside"),
        ("{age >= 3", "not closed"),
        ("<head", "not closed"),
        ("a//b", "run-on"),
        ("a/", "run-on"),
        ("<a><b>", "run-on"),
        ("<Head>", "list name"),
        ("a,b", "no word"),
        ("=a*", "very word"),
        ("a__b", "no word"),
        ("{age}", "no reading"),
        ("{height >= 3}", "no kind"),
        ("{age >= 3 C}", "no unit"),
        ("{duration >= 3}", "no unit"),
        ("{pressure >= 180}", "two numbers"),
        ("{count >= 3/4}", "two numbers"),
    ],
)
def test_a_mistake_is_named(text: str, says: str) -> None:
    with pytest.raises(PatternError, match=says):
        parse(text)
