"""Nothing stands in the red flags that no sentence proves: drop any flag, rule, group or look-alike, and one of the sentences goes wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from bot.core.language import Language
from bot.core.triage.rules import RedFlags
from tests.core.triage.conftest import ROOT, read_red_flags
from tests.core.triage.mutants import IDIOMS, Mutant, Said, killed, mutants

RED_FLAGS = read_red_flags((ROOT / "knowledge" / "red_flags.yaml").read_text(encoding="utf-8"))
CASES = ROOT / "tests" / "cases"
PROVED_BY_LOADING = """
idioms: [cabin fever, hay fever]
flags:
- id: neck-fever
  tier: emergency
  why: w
  looks_like: [fever tree]
  rules:
  - all_of:
    - {name: neck, any: [stiff neck]}
    - {name: fever, any: [fever]}
    none_of: [vaccine]
  - all_of:
    - {name: rash, any: [rash]}
  fires_on: [stiff neck and fever]
- id: numb
  tier: urgent_today
  why: w
  asks_about: [stroke]
  rules:
  - all_of:
    - {name: numb, any: [numb]}
  fires_on: [numb]
"""


def read(name: str) -> object:
    """What a file of cases holds, every scalar as text."""
    return yaml.load((CASES / name).read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506


def sentences() -> Iterator[Said]:
    """Everything that is tried on the rules alone."""
    for want, lines in read("triage.yaml").items():  # type: ignore[attr-defined]
        yield from (Said(line["said"], want, line.get("flag", ""), most=line.get("most", "")) for line in lines)
    for line in read("first_contact.yaml"):  # type: ignore[attr-defined]
        yield Said(line["said"], line["tier"], may_be_soft=line["soft"] == "true")
    yield from embedded(RED_FLAGS)


def embedded(red_flags: RedFlags) -> Iterator[Said]:
    """The sentences that stand with the flags."""
    for flag in red_flags.flags:
        for kind in ("fires_on", "silent_on", "soft_on"):
            yield from (Said(said, kind, flag.id) for said in getattr(flag, kind))


@pytest.fixture(scope="module")
def alive(english: Language) -> set[Mutant]:
    """The mutants that no sentence tells from the whole."""
    return set(mutants(RED_FLAGS)) - killed(RED_FLAGS, sentences(), english).keys()


@pytest.mark.parametrize("flag_id", [*(flag.id for flag in RED_FLAGS.flags if not flag.by_likeness), IDIOMS])
def test_every_part_is_proved(flag_id: str, alive: set[Mutant]) -> None:
    """What is named here can be dropped and nothing fails: drop it, or add a sentence to `tests/cases/triage.yaml` or to the flag that needs it."""
    assert not sorted(name for other, name in alive if other == flag_id)


def test_what_proves_a_part_is_told_from_what_does_not(english: Language) -> None:
    toy = read_red_flags(PROVED_BY_LOADING)
    said = [
        Said("stiff neck and fever", "fires_on", "neck-fever"),
        Said("stiff neck", "none"),
        Said("fever", "silent_on", "neck-fever"),
        Said("a stiff neck and fever from the vaccine", "none"),
        Said("stiff neck and cabin fever", "none"),
        Said("stiff neck and a fever tree", "none"),
        Said("numb", "soft"),
        Said("rash", "crisis"),
        Said("what is a stroke", "soft", "numb"),
        Said("can numb feel bad", "emergency", may_be_soft=True),
        Said("numb in cabin fever", "urgent_today", most="urgent_today"),
    ]

    assert set(mutants(toy)) - killed(toy, said, english).keys() == {("neck-fever", "rule 2"), (IDIOMS, "hay fever")}
    assert set(mutants(toy)) - killed(toy, [], english).keys() == set(mutants(toy))
