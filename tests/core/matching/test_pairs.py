"""Two questions in one message: found where there are two, and not made of one."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.core.matching.decide import decide
from bot.core.matching.pairs import NAMES, TWICE, Pair, best_pair, pairs
from bot.core.model import Answered
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from tests.core.builders import ENTRIES, NONE, VAGUE, make_knowledge, make_snapshot

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "double_questions.yaml").read_text(encoding="utf-8"))
BOTH: list[tuple[str, list[str]]] = [(case["ask"], case["entries"]) for case in CASES["both"]]
ONE: list[tuple[str, str]] = [(case["ask"], case["entry"]) for case in CASES["one"]]
SAID = [*(ask for entry in ENTRIES for ask in entry.asks), *VAGUE, *NONE]

POP, BOOTS, CREAM = "should i pop a blister", "how do i break in new boots", "which cream helps a blister"


def answered(text: str, snapshot: Snapshot) -> tuple[str, ...]:
    """Return the entries that answer *text*, none where it is not answered."""
    language = snapshot.knowledge.language
    outcome = decide(normalise(text, language), snapshot.matcher, language, snapshot.entries_by_id, None).outcome
    return outcome.entry_ids if isinstance(outcome, Answered) else ()


def pairs_in(text: str, snapshot: Snapshot) -> list[Pair]:
    read, language = normalise(text, snapshot.knowledge.language), snapshot.knowledge.language
    return list(pairs(read, snapshot.matcher, language, snapshot.matcher.rank(read.tokens)))


def best_in(text: str, snapshot: Snapshot) -> Pair | None:
    read, language = normalise(text, snapshot.knowledge.language), snapshot.knowledge.language
    return best_pair(read, snapshot.matcher, language, snapshot.matcher.rank(read.tokens))


def value(name: str, pair: Pair) -> float:
    return pair.values[NAMES.index(name)]


# --- the knowledge that ships -------------------------------------------------------------------------------------------


def test_every_case_names_entries_there_are(snapshot: Snapshot) -> None:
    assert BOTH
    assert ONE
    assert all(len(set(entry_ids)) == 2 for _, entry_ids in BOTH)
    assert {entry_id for _, entry_ids in BOTH for entry_id in entry_ids} | {entry_id for _, entry_id in ONE} <= set(snapshot.entries_by_id)


def test_three_of_four_double_questions_are_answered_with_both(snapshot: Snapshot) -> None:
    missed = [ask for ask, entry_ids in BOTH if set(answered(ask, snapshot)) != set(entry_ids)]

    assert len(missed) <= 0.25 * len(BOTH), missed


def test_few_single_questions_get_two_answers(snapshot: Snapshot) -> None:
    """They hold a comma, a joining word or a second sentence, and would be cut by these alone."""
    doubled = [ask for ask, _ in ONE if len(answered(ask, snapshot)) > 1]

    assert len(doubled) <= 0.12 * len(ONE), doubled


# --- which two ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "entry_ids"),
    [
        pytest.param(f"{POP}? {BOOTS}?", ("pop-a-blister", "new-boots"), id="two sentences"),
        pytest.param(f"{BOOTS}? {POP}?", ("new-boots", "pop-a-blister"), id="the other way round"),
        pytest.param(f"{POP} and {BOOTS}", ("pop-a-blister", "new-boots"), id="a joining word"),
        pytest.param(f"{BOOTS}, {CREAM}", ("new-boots", "blister-cream"), id="a comma"),
        pytest.param(f"{BOOTS}? {POP}, {POP}", ("new-boots", "pop-a-blister"), id="the likeliest of two cuts"),
    ],
)
def test_two_questions_come_in_the_order_they_are_asked(said: str, entry_ids: tuple[str, str], boots: Snapshot) -> None:
    found = best_in(said, boots)

    assert found is not None
    assert found.entry_ids == entry_ids
    assert found.chance == max(pair.chance for pair in pairs_in(said, boots))


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(POP, id="nowhere to cut"),
        pytest.param("boots, blister", id="too short to cut"),
        pytest.param("", id="no words"),
        pytest.param(f"{POP}, or do i open a blister", id="both halves ask the same"),
    ],
)
def test_there_is_no_pair(said: str, boots: Snapshot) -> None:
    assert best_in(said, boots) is None


def test_without_entries_nothing_is_asked_for_twice() -> None:
    nothing = make_snapshot(make_knowledge(entries=()))

    assert best_in(f"{POP}? {BOOTS}?", nothing) is None


# --- what is measured ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "name", "expected"),
    [
        pytest.param(f"{POP} and {BOOTS}", "joined", 1.0, id="a joining word between"),
        pytest.param(f"{POP}? {BOOTS}", "joined", 0.0, id="none between"),
        pytest.param(f"my {BOOTS}? {POP}", "tells", 1.0, id="begins with whose it is"),
        pytest.param(f"{BOOTS}? {POP}", "tells", 0.0, id="begins otherwise"),
        pytest.param(f"{POP}? {BOOTS}", "asks", 1.0, id="the second begins as a question"),
        pytest.param(f"{POP} and {BOOTS}", "asks", 1.0, id="behind a joining word"),
        pytest.param(f"{POP}? leather boots", "asks", 0.0, id="the second does not"),
        pytest.param(f"{POP} and leather boots", "asks", 0.0, id="nor behind a joining word"),
        pytest.param(f"{POP}? leather boots", "short", 0.25, id="two words of eight"),
    ],
)
def test_what_tells_two_questions_from_one(said: str, name: str, expected: float, boots: Snapshot) -> None:
    (pair,) = pairs_in(said, boots)

    assert value(name, pair) == expected


@given(first=st.sampled_from(SAID), joint=st.sampled_from([" and ", "? ", ", ", " or ", ". my "]), second=st.sampled_from(SAID))
def test_a_pair_is_two_entries_and_a_chance(first: str, joint: str, second: str, boots: Snapshot) -> None:
    for pair in pairs_in(first + joint + second, boots):
        assert len(pair.values) == len(NAMES) == len(TWICE)
        assert len(set(pair.entry_ids)) == 2
        assert set(pair.entry_ids) <= set(boots.entries_by_id)
        assert 0 < pair.chance < 1
        assert all(0 <= value(name, pair) <= 8 for name in NAMES)


def test_an_entry_is_at_most_eight_behind(boots: Snapshot) -> None:
    """More would outweigh all else."""
    found = [pair for said in SAID for pair in pairs_in(f"{said}, {BOOTS}", boots)]

    assert found
    assert 0.0 < max(value("first_behind", pair) for pair in found) <= 8.0
