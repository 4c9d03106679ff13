"""Why the bot said what it said: everything that led to a turn, in lines."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.matching.pairs import BOTH_FROM, OFFER_FROM
from bot.core.matching.signals import FOLLOWING, NAMED, PLAIN, Calibration
from bot.core.model import Context, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.explain import explain
from tests.core.builders import NOON, make_knowledge, make_snapshot, make_topic, say

NUMBER = r"[+-]\d+\.\d\d"


@pytest.fixture(scope="module")
def boots() -> Snapshot:
    """Boots and blisters."""
    return make_snapshot()


def explained(said: str, snapshot: Snapshot, context: Context | None = None) -> str:
    context = context or Context()
    return explain(Utterance(said, NOON), say(said, snapshot, context), snapshot, context)


def labelled(shown: str, label: str) -> str | None:
    """What stands after *label*, if there is such a line."""
    found = re.search(rf"^{label} +(\S.*)$", shown, re.MULTILINE)
    return found[1] if found else None


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        pytest.param(
            "Shuold I pop the BLISTR?",
            {
                "read as": "shuold i pop the blistr?",
                "tokens": "should i pop the blister",
                "repaired": "shuold -> should, blistr -> blister",
                "triage": "no red flag",
                "pair": "none",
                "judged by": NAMED.name,
                "decided": "Answered by rule: sure",
            },
            id="a question",
        ),
        pytest.param(
            "i have chest pain, can i walk on",
            {"triage": "chest-pain (emergency, live): chest, pain", "decided": "Withheld by rule: red flag", "judged by": NAMED.name},
            id="a red flag",
        ),
        pytest.param("hello", {"repaired": "nothing", "decided": "SmallTalk by rule: small talk"}, id="small talk"),
        pytest.param(
            "🙂", {"decided": "NoMatch by rule: no words", "pair": "none", "tokens": None, "judged by": None, "thresholds": None}, id="no words"
        ),
    ],
)
def test_what_was_read_found_and_decided_is_shown(said: str, lines: dict[str, str | None], boots: Snapshot) -> None:
    shown = explained(said, boots)

    assert {label: labelled(shown, label) for label in lines} == lines


def test_another_language_is_named(snapshot: Snapshot) -> None:
    assert labelled(explained("comment relâcher un torticolis", snapshot), "decided") == "NoMatch by rule: another language: fr"


def test_the_five_best_are_shown_with_all_that_was_measured(boots: Snapshot) -> None:
    said = "should i pop a blister on my heel"
    ranking = say(said, boots).ranking
    lines = explained(said, boots).splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("1. "))
    heads, measured, earned = (lines[first + at : first + 15 : 3] for at in range(3))

    assert [re.fullmatch(r"(\d)\. ([01]\.\d\d) +(\S+): ours [01]\.\d\d, right [01]\.\d\d", head) is not None for head in heads] == [True] * 5
    assert [head.split()[2].rstrip(":") for head in heads] == [match.entry_id for match in ranking]
    assert [float(head.split()[1]) for head in heads] == [round(match.confidence, 2) for match in ranking]
    for line in measured:
        assert re.fullmatch(
            rf" +score {NUMBER} \(its words {NUMBER}\), nearness {NUMBER}, margin {NUMBER}, no question {NUMBER}, topical {NUMBER}, "
            r"explained \d+%, unknown 0%, subject named",
            line,
        )
    for line in earned:
        assert re.fullmatch(rf" +(\S+ {NUMBER}, ){{7}}\S+ {NUMBER}", line)
    assert earned[0].split()[0] == "pop"


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("which cream for my heel", "subject named"),
        ("which cream for my tooth", "subject not named, something else named"),
        ("which cream for a blister on my knee", "subject named, something else named"),
        ("which cream", "subject not named"),
    ],
)
def test_what_was_named_is_shown(said: str, named: str, boots: Snapshot) -> None:
    assert re.findall(r"unknown \d+%, (.*)$", explained(said, boots), re.MULTILINE) == [named] * 5


@pytest.mark.parametrize(
    ("subject", "said", "context", "calibration", "after"),
    [
        pytest.param(("blister",), "which plaster", Context(), NAMED, "", id="a topic that names its subject"),
        pytest.param((), "which plaster", Context(), PLAIN, "", id="another"),
        pytest.param(("blister",), "is it ok", Context(NOON, "pop-a-blister"), FOLLOWING, ", after pop-a-blister", id="after an answer"),
        pytest.param(("blister",), "is it ok", Context(NOON - timedelta(hours=1), "pop-a-blister"), NAMED, "", id="long after an answer"),
    ],
)
def test_what_judged_is_shown_with_its_thresholds(
    subject: tuple[str, ...], said: str, context: Context, calibration: Calibration, after: str
) -> None:
    snapshot = make_snapshot(make_knowledge(topic=dataclasses.replace(make_topic(), subject=subject)))

    shown = explained(said, snapshot, context)

    assert labelled(shown, "judged by") == f"{calibration.name}{after}"
    assert labelled(shown, "thresholds") == (
        f"answer: ours {calibration.answer_if_ours:.2f} and right {calibration.answer_if_right:.2f}; offer: ours {calibration.offer_if_ours:.2f}"
    )


def test_two_questions_are_shown_with_how_likely_they_are(boots: Snapshot) -> None:
    pair = labelled(explained("should i pop a blister? how do i break in new boots?", boots), "pair")

    assert pair is not None
    found = re.fullmatch(r"pop-a-blister \+ new-boots: ([01]\.\d\d) \(both from (\S+), the second offered from (\S+)\)", pair)
    assert found is not None
    assert float(found[1]) >= float(found[2]) == BOTH_FROM > float(found[3]) == OFFER_FROM


def test_a_topic_without_examples_of_danger_has_no_likeness(boots: Snapshot) -> None:
    assert labelled(explained("which plaster", boots), "likeness") is None


def test_what_a_message_is_like_is_shown_with_the_words_that_say_so(snapshot: Snapshot) -> None:
    utterance = Utterance("my tea keeps running out of the left of my mouth", datetime(2026, 3, 4, tzinfo=UTC))

    shown = explain(utterance, respond(utterance, snapshot, Context()), snapshot)

    like = re.search(r"^likeness +danger ([+-]\d\.\d\d), pressing [+-]\d\.\d\d, crisis ([+-]\d\.\d\d)", shown, re.MULTILINE)
    assert like is not None
    assert float(like[1]) > 0 > float(like[2])
    assert re.search(r"^ +.*\bmouth \+\d\.\d\d", shown, re.MULTILINE)
