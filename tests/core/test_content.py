"""Sentences by key, and tiers by rank."""

import dataclasses
import re
from pathlib import Path

import pytest

from bot.core.content import TIERS_BY_KEY, Messages, Tier
from tests.core.builders import make_messages

ROOT = Path(__file__).parents[2]
MESSAGES = Messages(sentences={"greet": ("Hello {name}.", "Hi {name}, {mood}!"), "odd": ("{} {0} {name!r} %s",)}, notes={}, alarms={}, first_lines={})


def test_tiers_rise_from_self_care_to_crisis() -> None:
    assert [tier.key for tier in sorted(TIERS_BY_KEY.values())] == ["self_care", "pharmacist", "gp_soon", "urgent_today", "emergency", "crisis"]
    assert all(TIERS_BY_KEY[tier.key] is tier for tier in Tier)


@pytest.mark.parametrize(
    ("turn", "said"),
    [(0, "Hello Ann."), (1, "Hi Ann, {mood}!"), (2, "Hello Ann."), (101, "Hi Ann, {mood}!")],
    ids=["first", "second", "again", "late"],
)
def test_wordings_take_turns(turn: int, said: str) -> None:
    assert MESSAGES.say("greet", turn, name="Ann") == said


def test_braces_that_name_nothing_stay() -> None:
    assert MESSAGES.say("odd", name="Ann") == "{} {0} {name!r} %s"


def test_a_value_is_put_in_as_it_is() -> None:
    assert MESSAGES.say("greet", name="{__class__} %s \\1") == "Hello {__class__} %s \\1."


def test_messages_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_messages().alarms = {}  # type: ignore[misc]


def test_every_sentence_the_code_asks_for_is_there() -> None:
    """A key that no default brings would fail in front of a person."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "bot").rglob("*.py")))
    asked = set(re.findall(r'\bsay\(\s*"([a-z_]+)"', code))

    assert asked
    assert asked - set(make_messages().sentences) == set()
