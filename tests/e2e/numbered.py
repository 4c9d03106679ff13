"""A knowledge folder whose every answer says its number, so that each answer that arrives can be told from all others."""

from __future__ import annotations

import re
from pathlib import Path

_THINGS = """
anchor banana candle dentist elephant feather guitar hammer island jacket kettle ladder mirror needle orange pencil quilt rabbit sandal
tunnel umbrella violin wagon yacht zebra bucket camera dolphin engine fountain garlic honey igloo jungle kitten lemon magnet notebook
onion parrot radio saddle tractor vase walnut blanket carpet drum eagle fossil
"""
THINGS = tuple(_THINGS.split())

ALARM = "help, the attic is on fire"
"""Raises the one red flag."""
ALARM_SAYS = "Run out of the house"

_ENTRY = """
- id: thing-{number:02}
  title: The {thing}
  asks: [where do i keep the {thing}, what is a {thing} for, i need a {thing}]
  keywords: [{thing}]
  answer: Number {number:02}.
  tier: self_care
"""
_RED_FLAGS = """
flags:
  - id: rf-fire
    tier: emergency
    why: It burns.
    rules:
      - all_of:
          - name: fire
            any: [on fire, in flames]
    read_as: You wrote that it burns.
    fires_on: ["help, the attic is on fire"]
    silent_on: [where do i keep the candle]
"""
_MESSAGES = f"""
alarms:
  emergency: {ALARM_SAYS}.
"""
_NUMBERS = """
checked: 2026-01-02
anywhere: {name: Anywhere, emergency: a shout, nurse: the next <workshop>, poison: a shout, listen: a friend}
regions:
  hill: {name: Hills, emergency: "111", nurse: "222"}
"""
_TOPIC = """
name: Things
contact: the attic
emergency_line: Leave the attic at once if it burns.
"""
_NUMBER = re.compile(r"\bNumber (\d\d)\.")


def write(folder: Path) -> Path:
    """Write the folder and return it."""
    entries = "".join(_ENTRY.format(number=number, thing=thing) for number, thing in enumerate(THINGS))
    for name, text in (
        ("entries/things.yaml", entries),
        ("red_flags.yaml", _RED_FLAGS),
        ("messages.yaml", _MESSAGES),
        ("numbers.yaml", _NUMBERS),
        ("topic.yaml", _TOPIC),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def question(number: int) -> str:
    """Return what is answered with *number*, from 0 to 49; beyond, they begin again."""
    return f"where do i keep the {THINGS[number % len(THINGS)]}"


def number_in(text: str) -> int | None:
    """Return the number that an answer says, or None for any other message."""
    found = _NUMBER.search(text)
    return int(found[1]) if found else None
