"""What `red_flags.yaml` may look like, and what is said about mistakes in it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from bot.core.content import Signature, Source, Tier
from bot.knowledge.red_flag_schema import RedFlagsFile

MINIMAL: dict[str, Any] = {
    "id": "f",
    "tier": "emergency",
    "why": "w",
    "rules": [{"all_of": [{"name": "g", "any": ["fever"]}]}],
    "fires_on": ["fever"],
}


def problems(**changes: object) -> list[tuple[tuple[int | str, ...], str]]:
    """Where and what is wrong with a file that holds one flag with *changes*."""
    with pytest.raises(ValidationError) as caught:
        RedFlagsFile.model_validate({"lists": {"a": ["x"]}, "flags": [{**MINIMAL, **changes}]})
    return [(error["loc"], error["msg"]) for error in caught.value.errors()]


def test_a_flag_is_read_with_its_defaults() -> None:
    (flag,) = RedFlagsFile.model_validate({"flags": [MINIMAL]}).to_rules().flags

    assert (flag.id, flag.tier, flag.alarm, flag.source, flag.reviewed) == ("f", Tier.EMERGENCY, "emergency", None, None)
    assert flag.rules[0].all_of[0].any_of[0].text == "fever"
    assert not flag.counts_when_past


def test_every_scalar_may_be_text_and_null_is_nothing() -> None:
    text = """
        lists:
          a: [x]
        idioms: null
        flags:
        - id: f
          tier: crisis
          why: w
          source: {name: n, title: t, url: "https://e.org/x"}
          reviewed: {by: b, role: r, date: 2026-01-02, hash: 0123456789abcdef}
          counts_when_past: true
          soft_when_past: false
          alarm: ~
          first_line: null
          soft_line: soft
          withholds:
          looks_like: null
          rules:
          - within: clause
            tier: soft
            even_when_asked: true
            even_when_past: true
            none_of: null
            all_of:
            - {name: g, any: [<a>]}
          fires_on: [x]
    """
    (flag,) = RedFlagsFile.model_validate(yaml.load(text, yaml.BaseLoader)).to_rules().flags  # noqa: S506
    (rule,) = flag.rules

    assert flag.source == Source("n", "t", "https://e.org/x")
    assert flag.reviewed == Signature("b", "r", "2026-01-02")
    assert (flag.alarm, flag.first_line, flag.soft_line, flag.withholds) == ("crisis", None, "soft", ())
    assert (rule.same_clause, rule.soft, rule.tier, rule.even_when_asked, rule.even_when_past) == (True, True, None, True, True)


def test_a_flag_by_likeness_needs_no_rules() -> None:
    (flag,) = RedFlagsFile.model_validate({"flags": [{"id": "f", "tier": "emergency", "why": "w", "by_likeness": "true"}]}).to_rules().flags

    assert (flag.by_likeness, flag.rules, flag.fires_on, flag.alarm) == (True, (), (), "emergency")


def test_what_all_flags_share_can_be_signed() -> None:
    rules = RedFlagsFile.model_validate({"reviewed": {"by": "b", "role": "r", "date": "2026-01-02", "hash": "x"}}).to_rules()

    assert rules.reviewed == Signature("b", "r", "2026-01-02")


@pytest.mark.parametrize("empty", [{}, {"lists": "null", "flags": ""}, {"lists": {"a": "null"}, "flags": []}])
def test_an_empty_file_has_no_flags(empty: dict[str, object]) -> None:
    assert RedFlagsFile.model_validate(empty).to_rules().flags == ()


def test_a_rule_may_have_a_tier_of_its_own() -> None:
    rules = [{**MINIMAL["rules"][0], "tier": "gp_soon"}]
    (flag,) = RedFlagsFile.model_validate({"flags": [{**MINIMAL, "rules": rules}]}).to_rules().flags

    assert flag.rules[0].tier is Tier.GP_SOON


def test_a_bad_phrase_is_reported_where_it_stands() -> None:
    bad = [{"all_of": [{"name": "g", "any": ["fever", "a ..", "b"]}]}]

    (found,) = problems(rules=bad)

    assert found[0] == ("flags", 0, "rules", 0, "all_of", 0, "any", 1)
    assert "ends where" in found[1]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"tier": "self_care"}, "pattern"),
        ({"id": "F!"}, "pattern"),
        ({"why": " "}, "empty"),
        ({"more": "x"}, "not permitted"),
        ({"rules": []}, "at least one rule"),
        ({"fires_on": []}, "one sentence under 'fires_on'"),
        ({"rules": [{**MINIMAL["rules"][0], "tier": "pharmacist"}]}, "no tier of a rule"),
        ({"raises": [{"to": "soft", "name": "n", "any": ["x"]}]}, "pattern"),
        ({"lowers": [{"to": "gp_soon", "name": "n", "any": []}]}, "at least 1"),
        ({"source": {"name": "n", "title": "t", "url": "ftp://x"}}, "pattern"),
        ({"reviewed": {"by": "b", "role": "r", "date": "2026-01-02"}}, "required"),
        ({"by_likeness": "true"}, "no rules and no 'fires_on'"),
        ({"by_likeness": "true", "rules": []}, "no rules and no 'fires_on'"),
        ({"by_likeness": "true", "fires_on": []}, "no rules and no 'fires_on'"),
        ({"rules": [], "fires_on": []}, "at least one rule"),
    ],
)
def test_mistakes_are_named(changes: dict[str, object], says: str) -> None:
    assert any(says in message for _, message in problems(**changes))


@pytest.mark.parametrize(
    ("file", "steps", "says"),
    [
        ({"lists": {"a": ["<b>"], "b": ["<c> x"], "c": ["<a>"]}}, ("lists", "a"), "comes round"),
        ({"lists": {"a": ["<b>"]}}, ("lists", "a", 0), "not under lists"),
        ({"idioms": ["x", "<b>"]}, ("idioms", 1), "not under lists"),
        ({"lists": {"b": ["c"]}, "cues": {"past": ["x", "<b>"]}}, ("cues", "past", 1), "write the words"),
        ({"cues": {"pats": ["x"]}}, ("cues", "pats"), "no list of cues"),
        ({"flags": [{**MINIMAL, "looks_like": ["<b>"]}]}, ("flags", 0, "looks_like", 0), "not under lists"),
        ({"flags": [{**MINIMAL, "asks_about": ["<b>"]}]}, ("flags", 0, "asks_about", 0), "not under lists"),
        ({"flags": [{**MINIMAL, "rules": [{**MINIMAL["rules"][0], "none_of": ["<b>"]}]}]}, ("flags", 0, "rules", 0, "none_of", 0), "not under lists"),
        (
            {"flags": [{**MINIMAL, "rules": [{"all_of": [{"name": "g", "any": ["x", "<b>"]}]}]}]},
            ("flags", 0, "rules", 0, "all_of", 0, "any", 1),
            "not under lists",
        ),
    ],
)
def test_contradictions_are_named_where_they_stand(file: dict[str, object], steps: tuple[str | int, ...], says: str) -> None:
    found = dict(RedFlagsFile.model_validate(file).contradictions())

    assert says in found[steps]


def shifted(key: str, to: str, *, tier: str = "emergency", rule_tier: str | None = None) -> dict[str, object]:
    """A file whose flag, or with *rule_tier* whose rule, is shifted to another tier."""
    shifts = {key: [{"to": to, "name": "n", "any": ["x"]}]}
    rule = {**MINIMAL["rules"][0], "tier": rule_tier, **shifts} if rule_tier else MINIMAL["rules"][0]
    return {"flags": [{**MINIMAL, "tier": tier, "rules": [rule], **({} if rule_tier else shifts)}]}


@pytest.mark.parametrize(
    ("file", "steps", "says"),
    [
        (shifted("raises", "emergency"), ("flags", 0, "raises", 0, "to"), "not above"),
        (shifted("raises", "gp_soon"), ("flags", 0, "raises", 0, "to"), "not above"),
        (shifted("lowers", "emergency"), ("flags", 0, "lowers", 0, "to"), "not below"),
        (shifted("lowers", "emergency", tier="crisis"), ("flags", 0, "lowers", 0, "to"), "nothing lowers"),
        (shifted("raises", "gp_soon", rule_tier="gp_soon"), ("flags", 0, "rules", 0, "raises", 0, "to"), "not above"),
        (shifted("lowers", "crisis", rule_tier="soft"), ("flags", 0, "rules", 0, "lowers", 0, "to"), "not below"),
        ({"seen": ["x", "<b>"]}, ("seen", 1), "not under lists"),
        ({"flags": [{**MINIMAL, "raises": [{"to": "crisis", "name": "n", "any": ["<b>"]}]}]}, ("flags", 0, "raises", 0, "any", 0), "not under lists"),
    ],
)
def test_shifts_lead_somewhere(file: dict[str, object], steps: tuple[str | int, ...], says: str) -> None:
    found = dict(RedFlagsFile.model_validate(file).contradictions())

    assert says in found[steps]


def test_shifts_seen_and_alarms_are_read() -> None:
    file = RedFlagsFile.model_validate(
        {
            "seen": ["doctor said"],
            "flags": [
                {
                    **MINIMAL,
                    "raises": [{"to": "crisis", "name": "n", "any": ["x"]}],
                    "rules": [{**MINIMAL["rules"][0], "alarm": "own", "lowers": [{"to": "gp_soon", "name": "m", "any": ["{duration <= 7 days}"]}]}],
                }
            ],
        }
    )
    rules = file.to_rules()
    (flag,) = rules.flags

    assert list(file.contradictions()) == []
    assert [phrase.text for phrase in rules.seen] == ["doctor said"]
    assert [(shift.to, shift.name) for shift in (*flag.raises, *flag.rules[0].lowers)] == [(Tier.CRISIS, "n"), (Tier.GP_SOON, "m")]
    assert flag.rules[0].alarm == "own"


def test_lists_that_use_each_other_in_one_direction_are_fine() -> None:
    assert list(RedFlagsFile.model_validate({"lists": {"a": ["<b>", "<c>"], "b": ["<c> x"], "c": ["y"]}}).contradictions()) == []
