"""The data of a conversation: what cannot be built wrong, and what is forgotten."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from mypy import api

from bot.core.action import Choice, ShowEntry, Topics
from bot.core.content import Tier
from bot.core.model import CONTEXT_LIFE, Advice, Alarm, Alert, Context, FlagHit, Menu, Note, Notice, Part, Reply, choices_of
from tests.core.builders import NOON

ROOT = Path(__file__).parents[2]
PART = Part("rest", "", "Rest a while.")


@pytest.mark.parametrize("words", ["", " ", "\n\t ", "\u00a0"], ids=["nothing", "a space", "lines", "a hard space"])
def test_a_note_needs_words(words: str) -> None:
    with pytest.raises(ValueError, match="without words"):
        Note(words)


def test_a_note_is_full_when_it_tells_when_to_call_for_help() -> None:
    assert Note("See a doctor.", "Call if it is sudden.").full
    assert not Note("See a doctor.").full


def test_advice_cannot_be_built_without_a_note() -> None:
    with pytest.raises(TypeError):
        Advice((PART,))  # type: ignore[call-arg]


@pytest.mark.parametrize("note", [None, "", "See a doctor."], ids=["none", "an empty text", "a bare text"])
def test_advice_takes_nothing_else_for_a_note(note: Note) -> None:
    with pytest.raises(ValueError, match="note"):
        Advice((PART,), note)


def test_advice_needs_a_part() -> None:
    with pytest.raises(ValueError, match="part"):
        Advice((), Note("See a doctor."))


def test_advice_cannot_lose_its_note_later() -> None:
    advice = Advice((PART,), Note("See a doctor."))

    with pytest.raises(dataclasses.FrozenInstanceError):
        advice.note = Note("Other.")  # type: ignore[misc]
    with pytest.raises(ValueError, match="without words"):
        dataclasses.replace(advice, note=dataclasses.replace(advice.note, line=""))


LINES = {
    "Advice(parts, Note('See a doctor.'))": "",
    "Advice(parts)": "call-arg",
    "Advice(parts, None)": "arg-type",
    "Advice(parts, 'See a doctor.')": "arg-type",
    "Note()": "call-arg",
}


@pytest.fixture(scope="module")
def complaints() -> dict[str, str]:
    """What mypy says of each of LINES: the code of its error, or nothing."""
    snippet = "from bot.core.model import Advice, Note, Part\nparts = (Part('rest', '', 'Rest.'),)\n" + "\n".join(LINES)
    cache = str(ROOT / ".mypy_cache" / "snippets")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        said, problems, _ = api.run(["--config-file=", "--strict", "--cache-dir", cache, "--no-error-summary", "-c", snippet])
    assert not problems
    found = dict.fromkeys(LINES, "")
    for number, code in re.findall(r"^<string>:(\d+): error: .*\[([a-z-]+)\]$", said, re.MULTILINE):
        found[snippet.splitlines()[int(number) - 1]] = code
    return found


@pytest.mark.parametrize(("line", "complaint"), LINES.items(), ids=["a note", "no note", "None", "a bare text", "a note without words"])
def test_the_type_checker_asks_for_the_note(line: str, complaint: str, complaints: dict[str, str]) -> None:
    assert complaints[line] == complaint


def test_only_advice_holds_an_answer() -> None:
    """An alarm, a notice and a menu have no place where an entry's answer could stand."""
    holders = [kind for kind in get_args(Reply) if "parts" in {field.name for field in dataclasses.fields(kind)}]

    assert set(get_args(Reply)) == {Advice, Alarm, Notice, Menu}
    assert holders == [Advice]


@pytest.mark.parametrize(
    ("hits", "live", "tier", "flag_ids"),
    [
        pytest.param(
            [("a", Tier.EMERGENCY, False), ("b", Tier.GP_SOON, False), ("c", Tier.CRISIS, True)], True, Tier.EMERGENCY, ("a", "b"), id="live"
        ),
        pytest.param([("a", Tier.CRISIS, True), ("b", Tier.GP_SOON, True)], False, Tier.CRISIS, ("a", "b"), id="only asked about"),
    ],
)
def test_live_flags_count_before_soft_ones(hits: list[tuple[str, Tier, bool]], live: bool, tier: Tier, flag_ids: tuple[str, ...]) -> None:
    alert = Alert(tuple(FlagHit(flag_id, of, soft, ()) for flag_id, of, soft in hits))

    assert (alert.live, alert.tier, alert.flag_ids) == (live, tier, flag_ids)


OLD = Context(at=NOON, last_entry="rest", last_tier=Tier.PHARMACIST, answered=4, candidates=("walk",))


@pytest.mark.parametrize(
    ("context", "later", "kept"),
    [
        pytest.param(OLD, timedelta(0), True, id="at once"),
        pytest.param(OLD, CONTEXT_LIFE, True, id="at the end of its life"),
        pytest.param(OLD, CONTEXT_LIFE + timedelta(microseconds=1), False, id="after it"),
        pytest.param(OLD, timedelta(days=400), False, id="next year"),
        pytest.param(OLD, -timedelta(minutes=1), True, id="a clock set back"),
        pytest.param(Context(), timedelta(0), False, id="fresh"),
    ],
)
def test_a_context_is_forgotten_after_half_an_hour(context: Context, later: timedelta, kept: bool) -> None:
    now = NOON + later

    assert timedelta(minutes=30) == CONTEXT_LIFE
    assert context.fresh_at(now) == (context if kept else Context(at=now))


def test_a_context_has_no_place_for_text() -> None:
    """Ids, tiers, a count and a time: what was said is not among them."""
    assert {field.name for field in dataclasses.fields(Context)} == {
        "at",
        "last_entry",
        "last_tier",
        "answered",
        "candidates",
        "offered",
        "half_met",
        "alerted",
        "alerted_at",
        "region",
        "voted",
        "shown",
        "passed_on",
    }


def test_choices_come_row_by_row() -> None:
    one, two, three = (Choice(label, action) for label, action in (("1", ShowEntry("a")), ("2", ShowEntry("b")), ("3", Topics())))

    assert list(choices_of(Notice("Pick.", ((one, two), (three,))))) == [one, two, three]
