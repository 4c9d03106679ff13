"""The red flags in disguise: the same messages as they arrive from a phone, in pain, in a hurry."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from bot.core.content import TIERS_BY_KEY, Tier
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from tests.conftest import ROOT
from tests.disguises import DISGUISES, Disguise

_LOST_AT_MOST = 0.01
_LOST_BESIDE_A_QUESTION = 0.06
"""An ordinary question speaks for an ordinary message, and hides more than we like: docs/safety.md says so."""
_CASES = ROOT / "tests" / "cases"


def dangers(snapshot: Snapshot) -> Iterator[tuple[str, Tier]]:
    """Each message that must raise an alarm, and its tier: what the flags bring along, the cases, and what strangers wrote."""
    for flag in snapshot.knowledge.red_flags.flags:
        yield from ((said, flag.tier) for said in flag.fires_on)
    for tier, cases in yaml.load((_CASES / "triage.yaml").read_text(encoding="utf-8"), yaml.CBaseLoader).items():  # noqa: S506
        if tier in TIERS_BY_KEY:
            yield from ((case["said"], TIERS_BY_KEY[tier]) for case in cases)
    for message in yaml.load((_CASES / "first_contact.yaml").read_text(encoding="utf-8"), yaml.CBaseLoader):  # noqa: S506
        if message["tier"] in TIERS_BY_KEY:
            yield message["said"], TIERS_BY_KEY[message["tier"]]


def met(snapshot: Snapshot, said: str, tier: Tier) -> bool:
    """Whether *said* raises an alarm of *tier* or above; a crisis needs a crisis."""
    alert = snapshot.triage.examine(normalise(said, snapshot.knowledge.language))
    return alert is not None and alert.live and alert.tier >= tier


@pytest.fixture(scope="module")
def heard(snapshot: Snapshot) -> list[tuple[str, Tier]]:
    """The messages that are met without a disguise."""
    return [(said, tier) for said, tier in dangers(snapshot) if tier >= Tier.URGENT_TODAY and met(snapshot, said, tier)]


@pytest.mark.parametrize("disguise", [each for ways in DISGUISES.values() for each in ways], ids=lambda each: each.__name__)
def test_a_disguise_hides_hardly_anything(snapshot: Snapshot, heard: list[tuple[str, Tier]], disguise: Disguise) -> None:
    assert len(heard) > 1_000

    hidden = [disguise(said) for said, tier in heard if not met(snapshot, disguise(said), tier)]

    at_most = _LOST_BESIDE_A_QUESTION if disguise in DISGUISES["a question before or after"] else _LOST_AT_MOST
    assert len(hidden) <= at_most * len(heard), hidden[:10]


def test_there_are_ten_kinds_and_each_disguises() -> None:
    said = "Sorry, I'm confused. My mum's behaviour changed suddenly, she can't speak clearly."

    assert len(DISGUISES) == 10
    assert all(disguise(said) != said for ways in DISGUISES.values() for disguise in ways)
