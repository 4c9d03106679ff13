"""A danger in one word is met, and a locked neck told plainly is met with no alarm."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import yaml

from bot.core.content import Tier
from bot.core.model import Context, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from tests.conftest import ROOT

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CASES = yaml.load((ROOT / "tests" / "cases" / "plain.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506


@pytest.mark.parametrize(("said", "alarmed"), [(said, kind == "alarmed") for kind, lines in CASES.items() for said in lines])
def test_plain_words_are_met_as_they_are_meant(said: str, alarmed: bool, snapshot: Snapshot) -> None:
    alert = respond(Utterance(said, NOON), snapshot, Context()).alert

    assert (alert is not None and alert.live and alert.tier >= Tier.URGENT_TODAY) is alarmed
