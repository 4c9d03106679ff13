"""Triage of the shipped red flags, and a small set of flags of our own to try the engine with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bot.core.language import Language
from bot.core.model import Alert
from bot.core.text import normalise
from bot.core.triage.engine import Triage
from bot.core.triage.rules import RedFlags
from bot.knowledge.red_flag_schema import RedFlagsFile

ROOT = Path(__file__).parents[3]
CONFUSABLES = frozenset({frozenset({"numb", "number"}), frozenset({"stiff", "staff"})})
Examine = Callable[[str], Alert | None]

TOY = """
lists:
  neck: [neck, nape]
  child: [child, son, daughter, "{age < 12}"]
idioms:
  - hay_fever
  - killing_me
  - cabin fever
flags:
- id: die
  tier: crisis
  why: w
  soft_when_past: true
  rules:
  - all_of:
    - {name: wish, any: [want to die, suicidal]}
  - even_when_asked: true
    all_of:
    - {name: way, any: [painless way]}
  - tier: soft
    all_of:
    - {name: despair, any: [cannot cope anymore]}
  fires_on: [i want to die]
- id: neck-fever
  tier: emergency
  why: w
  asks_about: [meningitis]
  looks_like: [fever tree]
  rules:
  - all_of:
    - {name: neck, any: [stiff <neck>, <neck> & rigid]}
    - {name: fever, any: [fever, "{temperature >= 38 C}"]}
  fires_on: [stiff neck and fever]
- id: face
  tier: emergency
  counts_when_past: true
  why: w
  rules:
  - all_of:
    - {name: face, any: [face droop*, numbness, confused, vomiting, seizure]}
    none_of: [dentist]
  fires_on: [face drooping]
- id: pressure
  tier: emergency
  why: w
  rules:
  - all_of:
    - {name: reading, any: ["{pressure >= 180/120}"]}
    - {name: sign, any: [headache]}
  - tier: urgent_today
    all_of:
    - {name: reading, any: ["{pressure >= 180/120}"]}
  fires_on: [200/130 and headache]
- id: both-here
  tier: urgent_today
  why: w
  rules:
  - within: clause
    all_of:
    - {name: one, any: [rash]}
    - {name: two, any: [itch]}
  fires_on: [rash and itch]
- id: illness-once-had
  tier: urgent_today
  why: w
  rules:
  - even_when_past: true
    all_of:
    - {name: illness, any: [cancer]}
    - {name: pain, any: [headache]}
  fires_on: [had cancer and now headache]
- id: too-many
  tier: emergency
  why: w
  rules:
  - all_of:
    - {name: pills, any: ["took {count >= 9} tablet/paracetamol", "{grams >= 5} paracetamol"]}
  fires_on: [took 20 tablets]
- id: old
  tier: gp_soon
  why: w
  rules:
  - all_of:
    - {name: age, any: ["{age >= 50}"]}
    - {name: headache, any: [new headache]}
  fires_on: [im 60 and a new headache]
- id: long
  tier: gp_soon
  why: w
  rules:
  - all_of:
    - {name: long, any: ["{duration >= 3 weeks} .. spasm", "spasm .. {duration >= 3 weeks}", "{weeks 20..42} pregnant"]}
  fires_on: [spasm for 4 weeks]
"""


BITS = """
seen: [doctor said, gp told]
idioms: [cabin fever]
flags:
- id: die
  tier: crisis
  why: w
  rules:
  - even_when_asked: true
    all_of:
    - {name: pills, any: [many pills]}
    - {name: end, any: [end it]}
  fires_on: [many pills to end it]
- id: neck-fever
  tier: emergency
  why: w
  looks_like: [fever tree]
  rules:
  - all_of:
    - {name: neck, any: [stiff neck]}
    - {name: fever, any: [fever, "{temperature >= 38 C}"]}
    none_of: [vaccine]
  fires_on: [stiff neck and fever]
- id: rash-here
  tier: emergency
  why: w
  rules:
  - within: clause
    all_of:
    - {name: rash, any: [rash]}
    - {name: itch, any: [itch]}
  fires_on: [rash and itch]
- id: numb
  tier: urgent_today
  why: w
  alarm: urgent_today
  raises:
  - {to: emergency, name: both sides, any: [both arms]}
  lowers:
  - {to: gp_soon, name: old news, any: ["{duration >= 3 months}", on holiday]}
  rules:
  - all_of:
    - {name: numb, any: [numb]}
    - {name: arm, any: [arm]}
  - tier: soft
    all_of:
    - {name: cold, any: [cold]}
    - {name: arm, any: [arm]}
  - alarm: own
    raises:
    - {to: crisis, name: worst, any: [black out]}
    all_of:
    - {name: weak, any: [weak]}
  - tier: crisis
    all_of:
    - {name: worst, any: [falling down]}
  fires_on: [numb arm]
- id: long
  tier: gp_soon
  why: w
  rules:
  - all_of:
    - {name: long, any: ["{duration >= 3 weeks}"]}
    - {name: neck, any: [stiff neck]}
  fires_on: [stiff neck for 4 weeks]
"""


def read_red_flags(text: str) -> RedFlags:
    """The rules written in *text*."""
    return RedFlagsFile.model_validate(yaml.load(text, yaml.BaseLoader)).to_rules()  # noqa: S506


@pytest.fixture(scope="session")
def red_flags() -> RedFlags:
    """The red flags that ship."""
    return read_red_flags((ROOT / "knowledge" / "red_flags.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def triage(red_flags: RedFlags, english: Language) -> Triage:
    """Triage with the red flags that ship."""
    return Triage(red_flags, english, CONFUSABLES)


@pytest.fixture(scope="session")
def examine(triage: Triage, english: Language) -> Examine:
    """Triage of a sentence as typed, with the red flags that ship."""
    return lambda said: triage.examine(normalise(said, english))


@pytest.fixture(scope="session")
def toy(toy_triage: Triage, english: Language) -> Examine:
    """Triage of a sentence as typed, with a few flags made for the tests."""
    return lambda said: toy_triage.examine(normalise(said, english))


@pytest.fixture(scope="session")
def toy_triage(english: Language) -> Triage:
    """The few flags made for the tests, as triage that has not learned."""
    return Triage(read_red_flags(TOY), english, CONFUSABLES)
