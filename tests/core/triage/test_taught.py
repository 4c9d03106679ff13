"""Triage that has learned from examples beside its rules, and what a folder teaches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from bot.core.content import Question, Questions, Talk, Tier
from bot.core.knowledge import Knowledge
from bot.core.language import Language
from bot.core.matching.teach import teach as teach_matcher
from bot.core.snapshot import Lessons, build_snapshot
from bot.core.text import normalise
from bot.core.triage.engine import Triage
from bot.core.triage.likeness import Likeness, Sample, learn
from bot.core.triage.rules import Example, Examples
from bot.core.triage.teach import teach
from tests.core.builders import RED_FLAGS, make_entry, make_knowledge
from tests.core.triage.conftest import BITS, CONFUSABLES, read_red_flags
from tests.core.triage.test_engine import outcome

UNNAMED = """
- id: unnamed-now
  tier: emergency
  why: w
  by_likeness: true
- id: unnamed-today
  tier: urgent_today
  why: w
  by_likeness: true
"""
FACE = ("her smile hangs down on one side", "half of his smile hangs", "smile hangs and one side is slack", "one side of the mouth hangs slack")
BURNING = ("burning up and chin will not reach the chest", "chin to chest is agony, burning up", "burning up, the light is agony")
LEG = ("calf is red hot and swollen", "swollen red calf since the flight", "my calf swollen and hot", "hot red calf after the flight")
END = ("what is it all for any more", "they would not miss me any more", "no more mornings any more please", "it is all for nothing any more")
HARMLESS = (
    "which pillow is good for a stiff neck",
    "i have a stiff neck from the pillow",
    "fever tree tonic on the table",
    "a stiff neck after the fever tree tonic",
    "stretch for the neck at the table",
    "how do i stretch at the table",
    "a good pillow for the table",
    "tonic for a stiff neck",
)


@pytest.fixture(scope="module")
def plain(english: Language) -> Triage:
    return Triage(read_red_flags(BITS + UNNAMED.lstrip("\n")), english, CONFUSABLES)


@pytest.fixture(scope="module")
def taught(plain: Triage, english: Language) -> Triage:
    examples = [
        *(Example(said, Tier.EMERGENCY, "rash-here") for said in FACE),
        *(Example(said, Tier.EMERGENCY, "neck-fever") for said in BURNING),
        *(Example(said, Tier.URGENT_TODAY, "numb") for said in LEG),
        *(Example(said, Tier.CRISIS, "die") for said in END),
        *(Example(said, None) for said in HARMLESS),
    ]
    return plain.taught(learn(Sample(plain.features(normalise(each.said, english)), each.tier, each.flag_id) for each in examples))


def heard(triage: Triage, language: Language, *said: str) -> str:
    """What the last of some messages raises."""
    carried: frozenset[str] = frozenset()
    for each in said:
        found = triage.listen(normalise(each, language), carried)
        carried = found.kept | frozenset(found.added)
    return outcome(found.alert)


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ("one side of his smile hangs down", "live rash-here"),
        ("no more, it is all for nothing any more", "live die"),
        ("a good pillow", "none"),
    ],
)
def test_what_no_rule_foresaw_is_heard(said: str, want: str, plain: Triage, taught: Triage, english: Language) -> None:
    assert heard(plain, english, said) == "none"
    assert heard(taught, english, said) == want


@pytest.mark.parametrize("said", ["since the flight my calf is hot, red and swollen", "swollen red hot calf"])
def test_what_no_rule_foresaw_interrupts(said: str, plain: Triage, taught: Triage, english: Language) -> None:
    """Whichever flag speaks."""
    assert heard(plain, english, said) == "none"
    assert heard(taught, english, said).startswith("live")


@pytest.mark.parametrize("said", ["", "🙂", "39", "zorp glib", "?"])
def test_a_message_with_nothing_that_is_known_is_heard_too(said: str, taught: Triage, english: Language) -> None:
    assert heard(taught, english, said) == heard(taught, english, said)


def test_what_is_like_the_harmless_is_held_back(plain: Triage, taught: Triage, english: Language) -> None:
    said = "stiff neck, fever, a good pillow, and the tonic on the table"

    assert heard(plain, english, said) == "live neck-fever"
    assert not heard(taught, english, said).startswith("live")


def test_what_rests_on_two_messages_stands_whatever_the_second_is_like(plain: Triage, taught: Triage, english: Language) -> None:
    """Alone it is like the harmless; together with what was said before it is a danger, whose other half likeness has not seen."""
    second = "i have a stiff neck from the pillow"

    assert heard(plain, english, "i have a fever", second) == "live neck-fever"
    assert heard(taught, english, "i have a fever", second) == "live neck-fever"
    assert heard(taught, english, second) == "none"


def test_teaching_leaves_the_untaught_as_it_was(plain: Triage, taught: Triage) -> None:
    assert plain.likeness is None
    assert taught.likeness is not None
    assert taught.taught(None).likeness is None


# --- what a folder teaches ---


def knowledge_of(said: Sequence[Example], **parts: object) -> Knowledge:
    return replace(make_knowledge(), examples=Examples("d", tuple(said)), **parts)  # type: ignore[arg-type]


def triage_of(knowledge: Knowledge) -> Triage:
    return Triage(knowledge.red_flags, knowledge.language, knowledge.synonyms.confusables)


def taught_by(knowledge: Knowledge) -> Likeness:
    likeness = teach(knowledge, triage_of(knowledge))
    assert likeness is not None
    return likeness


DANGERS = [Example("my sole is on fire and swells", Tier.EMERGENCY, "red-line"), Example("the sole swells as i look", Tier.EMERGENCY, "red-line")]


def test_without_examples_nothing_is_learned() -> None:
    """The sentences of the flags alone are too few."""
    knowledge = make_knowledge()

    assert knowledge.red_flags.flags
    assert teach(knowledge, triage_of(knowledge)) is None


def test_one_example_is_enough_to_begin() -> None:
    assert teach(knowledge_of(DANGERS[:1]), triage_of(make_knowledge())) is not None


@pytest.mark.parametrize(
    "part",
    [
        pytest.param({"entries": (make_entry("x", asks=["zorp one", "zorp two"]),)}, id="ways to ask"),
        pytest.param({"entries": (make_entry("x", asks=["what"], contrasts=["zorp one", "zorp two"]),)}, id="contrasts"),
        pytest.param({"smalltalk": (Talk("x", ("zorp one", "zorp two"), ("Yes.",)),)}, id="small talk"),
        pytest.param({"none": ("zorp one", "zorp two")}, id="none"),
        pytest.param({"questions": Questions(said=(Question("zorp one", ("x",)), Question("zorp two", ())))}, id="questions"),
        pytest.param(
            {
                "red_flags": replace(
                    RED_FLAGS, flags=(replace(RED_FLAGS.flags[0], silent_on=("zorp one",), soft_on=("zorp two",)), *RED_FLAGS.flags[1:])
                )
            },
            id="what a flag is silent on",
        ),
    ],
)
def test_whatever_is_harmless_in_a_folder_teaches_that(part: dict[str, object]) -> None:
    likeness = taught_by(knowledge_of(DANGERS, **part))

    assert dict(likeness.telling(["zorp"], 1))["zorp"] < 0


@pytest.mark.parametrize(
    "question",
    [Question("zorp one", ("x",), after="x", follows=True), Question("Zorp sole, on fire!", ("x",))],
    ids=["what leaves out its subject", "what is a danger too"],
)
def test_a_question_that_says_nothing_of_harm_teaches_triage_nothing(question: Question) -> None:
    danger = Example("zorp sole on fire", Tier.EMERGENCY, "red-line")
    before = taught_by(knowledge_of([*DANGERS, danger]))
    after = taught_by(knowledge_of([*DANGERS, danger], questions=Questions(said=(question,))))

    assert np.array_equal(after.keys, before.keys)
    assert np.array_equal(after.targets, before.targets)


def test_the_sentences_of_a_flag_teach_its_danger() -> None:
    fires = replace(RED_FLAGS.flags[3], fires_on=("zorp red line", "red line zorp", "a zorp and a red line"))
    likeness = taught_by(knowledge_of(DANGERS[:1], red_flags=replace(RED_FLAGS, flags=(*RED_FLAGS.flags[:3], fires, RED_FLAGS.flags[4]))))

    assert dict(likeness.telling(["zorp"], 1))["zorp"] > 0
    assert likeness.flag_ids == ("red-line",)


def test_what_one_flag_is_silent_on_and_another_fires_on_teaches_nothing_harmless() -> None:
    silent = replace(RED_FLAGS.flags[0], silent_on=("zorp chest pain", "chest pain zorp"))
    likeness = taught_by(knowledge_of(DANGERS, red_flags=replace(RED_FLAGS, flags=(silent, *RED_FLAGS.flags[1:]))))

    assert likeness.telling(["zorp"], 1) == ()


def test_a_snapshot_is_taught_once() -> None:
    """With lessons none are learned: what is given is what triage has."""
    knowledge = knowledge_of(DANGERS)
    learned = teach_matcher(knowledge)
    first = build_snapshot(knowledge)
    again = build_snapshot(knowledge, Lessons(learned, first.lessons.likeness))
    without = build_snapshot(knowledge, Lessons(learned, None))

    assert first.lessons.likeness is not None
    assert first.triage.likeness is first.lessons.likeness
    assert again.triage.likeness is first.lessons.likeness
    assert without.triage.likeness is None
    assert build_snapshot(make_knowledge()).lessons.likeness is None
