"""A few words: most of what people write first, and what tells least. A danger among them is met, and nothing else is an alarm or a wrong answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import yaml

from bot.core.content import TIERS_BY_KEY, Tier
from bot.core.model import Answered, Context, Turn, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from tests.conftest import ROOT

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CASES = yaml.load((ROOT / "tests" / "cases" / "short.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506


def turn(said: str, snapshot: Snapshot) -> Turn:
    return respond(Utterance(said, NOON), snapshot, Context())


def raised(said: str, snapshot: Snapshot) -> Tier:
    alert = turn(said, snapshot).alert
    return alert.tier if alert is not None and alert.live else Tier.SELF_CARE


def share(held: Iterable[bool]) -> float:
    counted = list(held)
    return sum(counted) / len(counted)


def test_a_danger_is_met(snapshot: Snapshot) -> None:
    dangers = [(said, TIERS_BY_KEY[tier]) for tier, lines in CASES["danger"].items() for said in lines]
    assert len(dangers) > 250

    assert share(raised(said, snapshot) >= Tier.URGENT_TODAY for said, _ in dangers) >= 0.98
    assert share(raised(said, snapshot) >= tier for said, tier in dangers) >= 0.97


def test_what_is_harmless_is_no_alarm(snapshot: Snapshot) -> None:
    assert len(CASES["harmless"]) > 500

    assert share(raised(said, snapshot) >= Tier.URGENT_TODAY for said in CASES["harmless"]) <= 0.015


def test_a_question_is_answered_or_offered(snapshot: Snapshot) -> None:
    outcomes = [(turn(said, snapshot).outcome, set(case["entries"])) for case in CASES["asked"] for said in case["said"]]
    assert len(outcomes) > 300

    assert share(isinstance(outcome, Answered) and bool(wanted & {*outcome.entry_ids}) for outcome, wanted in outcomes) >= 0.8
    assert share(isinstance(outcome, Answered) and not wanted & {*outcome.entry_ids} for outcome, wanted in outcomes) <= 0.03


def test_what_asks_for_nothing_is_not_answered(snapshot: Snapshot) -> None:
    assert share(isinstance(turn(said, snapshot).outcome, Answered) for said in CASES["not_asked"]) <= 0.05
