"""What voids a signature: whatever decides when a flag is shown and what is said then; and what does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.core.content import Messages, NoteWordings, Tier
from bot.knowledge.red_flag_schema import RedFlagsFile
from bot.knowledge.signing import content_hash, flag_hash, lists_of, shared_hash, texts_of, tiers_of
from bot.knowledge.strict_yaml import parse_yaml
from tests.core.builders import LEAFLET, make_entry, make_messages

FLAGS = """\
lists:
  chest: [chest, <front>]
  front: [breast bone]
  other: [elbow]
idioms: [get it off my chest]
cues: {past: [last term]}
seen: [doctor said]
flags:
  - id: chest-pain
    tier: urgent_today
    why: It may be the heart.
    source: {name: NHS, title: Chest pain, url: "https://example.org/chest"}
    raises: [{to: emergency, name: sweat, any: [cold sweat]}]
    rules:
      - all_of: [{name: pain, any: [<chest> pain]}]
        none_of: [pulled muscle]
        lowers: [{to: gp_soon, name: long, any: ["{duration >= 3 weeks}"]}]
      - all_of: [{name: crushed, any: [crushed]}]
        alarm: overdose
    asks_about: [heart_attack]
    looks_like: [chest of drawers]
    read_as: You wrote about your chest.
    first_line: sit-down
    soft_line: if-it-spreads
    withholds: [rest]
    fires_on: [chest pain]
    silent_on: [elbow]
    soft_on: [is it a heart attack]
  - id: elbow
    tier: crisis
    why: w
    alarm: overdose
    rules:
      - all_of: [{name: pain, any: [<other> pain]}]
    fires_on: [elbow pain]
"""
TEXTS = make_messages()


def read(text: str = FLAGS) -> RedFlagsFile:
    return RedFlagsFile.model_validate(parse_yaml(text.encode(), "red_flags.yaml").plain)


def hashes(text: str = FLAGS, messages: Messages = TEXTS) -> tuple[str, str, str]:
    """Of the first flag, of the second, and of what both share."""
    rules = read(text).to_rules()
    first, second = (flag_hash(flag, rules, messages) for flag in rules.flags)
    return first, second, shared_hash(rules)


def voided(before: tuple[str, ...], after: tuple[str, ...]) -> list[str]:
    return [name for name, one, other in zip(("first", "second", "shared"), before, after, strict=True) if one != other]


@pytest.mark.parametrize(
    ("old", "new", "void"),
    [
        ("id: chest-pain", "id: chest", ["first"]),
        ("tier: urgent_today", "tier: gp_soon", ["first"]),
        ("why: It may be the heart.", "why: It may be the lung.", ["first"]),
        ("title: Chest pain", "title: Chest", ["first"]),
        ("[cold sweat]", "[cold sweat, clammy]", ["first"]),
        ("to: emergency", "to: crisis", ["first"]),
        ("name: pain, any: [<chest> pain]", "name: pain, any: [<chest> pain, <chest> ache]", ["first"]),
        ("name: crushed", "name: weight", ["first"]),
        ("none_of: [pulled muscle]", "none_of: [pulled_muscle]", ["first"]),
        (">= 3 weeks", ">= 4 weeks", ["first"]),
        ("        alarm: overdose", "        alarm: emergency", ["first"]),
        ("        alarm: overdose", "        alarm: overdose\n        within: clause", ["first"]),
        ("        alarm: overdose", "        alarm: overdose\n        even_when_asked: true", ["first"]),
        ("[heart_attack]", "[heart_attack, angina]", ["first"]),
        ("[chest of drawers]", "[]", ["first"]),
        ("read_as: You wrote", "read_as: You said", ["first"]),
        ("first_line: sit-down", "first_line: null", ["first"]),
        ("withholds: [rest]", "withholds: [rest, walk-on]", ["first"]),
        ("fires_on: [chest pain]", "fires_on: [chest pains]", ["first"]),
        ("silent_on: [elbow]", "silent_on: [knee]", ["first"]),
        ("soft_on: [is it", "soft_on: [is that", ["first"]),
        ("chest: [chest,", "chest: [chest, rib,", ["first"]),
        ("front: [breast bone]", "front: [sternum]", ["first"]),
        ("other: [elbow]", "other: [elbow, knee]", ["second"]),
        ("idioms: [get it off my chest]", "idioms: [off my chest]", ["shared"]),
        ("[last term]", "[last term, at school]", ["shared"]),
        ("cues: {past:", "cues: {over:", ["shared"]),
        ("seen: [doctor said]", "seen: [doctor said, gp said]", ["shared"]),
        ("    soft_on: [is it a heart attack]", "    soft_on: [is it a heart attack]\n    counts_when_past: true", ["first"]),
        ("    soft_on: [is it a heart attack]", "    soft_on: [is it a heart attack]\n    known_misses: [chest tight]", []),
        (
            "    soft_on: [is it a heart attack]",
            "    soft_on: [is it a heart attack]\n    reviewed: {by: A, role: GP, date: 2026-01-02, hash: x}",
            [],
        ),
        ("idioms:", "reviewed: {by: A, role: GP, date: 2026-01-02, hash: x}\nidioms:", []),
        ("    soft_on: [is it a heart attack]", "    soft_on: [is it a heart attack]\n    counts_when_past: false\n    alarm: urgent_today", []),
        ("        none_of: [pulled muscle]", "        none_of: [pulled muscle]\n        within: message\n        raises: []", []),
        ("  other: [elbow]", "  other: [elbow]\n  idle: [knee]", []),
    ],
)
def test_a_signature_covers_what_decides_and_nothing_else(old: str, new: str, void: list[str]) -> None:
    assert FLAGS.count(old) == 1

    assert voided(hashes(), hashes(FLAGS.replace(old, new))) == void


def changed(section: str, key: str) -> Messages:
    texts: Mapping[str, str] = getattr(TEXTS, section)
    assert key in texts
    return replace(TEXTS, **{section: {**texts, key: "Something else."}})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("section", "key", "void"),
    [
        ("alarms", "urgent_today", ["first"]),
        ("alarms", "emergency", ["first"]),
        ("alarms", "overdose", ["first", "second"]),
        ("alarms", "overdose-intent", ["second"]),
        ("alarms", "crisis", []),
        ("first_lines", "sit-down", ["first"]),
        ("first_lines", "if-it-spreads", ["first"]),
    ],
)
def test_a_signature_covers_the_words_that_are_said(section: str, key: str, void: list[str]) -> None:
    """Also those of a tier that a flag is only raised to, and those said where a crisis is met beside it."""
    assert voided(hashes(), hashes(messages=changed(section, key))) == void


def test_other_messages_are_not_signed() -> None:
    messages = replace(TEXTS, notes={"ask-first": NoteWordings(("A.",), ("B.",))}, alarms={**TEXTS.alarms, "new": "New."})

    assert hashes(messages=messages) == hashes()


def test_a_hash_is_short_and_the_same_each_time() -> None:
    assert hashes() == hashes()
    assert all(len(each) == 16 and int(each, 16) >= 0 for each in hashes())


def test_what_a_flag_uses_is_found_through_lists() -> None:
    rules = read().to_rules()

    assert [lists_of(flag, rules) for flag in rules.flags] == [("chest", "front"), ("other",)]
    assert [list(texts_of(flag, TEXTS)) for flag in rules.flags] == [
        ["alarms.emergency", "alarms.overdose", "alarms.urgent_today", "first_lines.if-it-spreads", "first_lines.sit-down"],
        ["alarms.overdose", "alarms.overdose-intent"],
    ]
    assert [tiers_of(flag) for flag in rules.flags] == [(Tier.EMERGENCY, Tier.URGENT_TODAY, Tier.GP_SOON), (Tier.CRISIS,)]


ENTRY = make_entry("rest", answer="Rest.", more="A while.", tier=Tier.PHARMACIST, note="ask-first", sources=[LEAFLET])


@pytest.mark.parametrize(
    ("changes", "void"),
    [
        ({"title": "Lie down"}, True),
        ({"answer": "Rest!"}, True),
        ({"more": ""}, True),
        ({"tier": Tier.GP_SOON}, True),
        ({"note": None}, True),
        ({"full_note": True}, True),
        ({"sources": ()}, True),
        ({"asks": ("how do i rest",)}, False),
        ({"keywords": ("rest",)}, False),
        ({"related": ("walk-on",)}, False),
    ],
)
def test_a_signature_of_an_entry_covers_what_it_shows(changes: dict[str, object], void: bool) -> None:
    assert (content_hash(replace(ENTRY, **changes)) != content_hash(ENTRY)) is void  # type: ignore[arg-type]
