"""Random values of the kinds that the Bot API data names: required fields always, the others now and then."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

Raw = dict[str, Any]
Make = Callable[[Random, int], Any]
"""Makes a value, given how deep it stands within the update."""

DEEPEST = 4
"""Below, only what is required is filled in."""
LARGEST_ID = 2**52 - 1
"""Ids have at most 52 significant bits: https://core.telegram.org/bots/api#user"""

_ALWAYS = re.compile(r"always (?:“|\")(?P<value>[^\"”]+)(?:”|\")", re.IGNORECASE)
_LISTED = re.compile(r"can be|either|one of|base emoji|animation is based", re.IGNORECASE)
_QUOTED = re.compile(r"[\"“]([^\"”]+)[\"”]")
_WHEN = re.compile(r"unix time|date.*unix|point in time", re.IGNORECASE)
_WORDS = ("a", "Ann", "é", "日本語", "العربية", "😀", "x" * 64, "a_b-c", "<b>&amp;", "0", " ", "\u202eabc", "https://example.org/?a=b&c")


class Values:
    """Makes values. *own* says how to make the kinds that need more than their fields; *now* is in Unix time, and times are near it."""

    def __init__(self, spec: Mapping[str, Any], own: Mapping[str, Make], now: int, chance: float = 0.2) -> None:
        self._types: Mapping[str, Any] = spec["types"]
        self._own = own
        self._now = now
        self._chance = chance
        """How often a field that may be left out is there."""
        self._makes: dict[tuple[str, str], Make] = {}
        self._known: dict[str, tuple[tuple[str, bool, Make], ...]] = {}

    def fill(self, kind: str, rng: Random, depth: int = 0, given: Mapping[str, Any] | None = None) -> Raw:
        """Return a *kind* with the fields *given* as they are, or left out where None is given."""
        given = given or {}
        chance = self._chance if depth < DEEPEST else 0.0
        made: Raw = {}
        for name, required, make in self._fields(kind):
            if name in given:
                if given[name] is not None:
                    made[name] = given[name]
            elif required or rng.random() < chance:
                made[name] = make(rng, depth + 1)
        return made

    def field(self, kind: str, name: str, rng: Random, depth: int = 0) -> Any:
        """Return a value for one field of a *kind*."""
        if (kind, name) not in self._makes:
            self._makes |= {(kind, known): make for known, _, make in self._fields(kind)}
        return self._makes[kind, name](rng, depth + 1)

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the names of the fields of a *kind*."""
        return tuple(name for name, _, _ in self._fields(kind))

    def _fields(self, kind: str) -> tuple[tuple[str, bool, Make], ...]:
        if kind not in self._known:
            fields = self._types[kind].get("fields", ())
            self._known[kind] = tuple((field["name"], field["required"], self._make(field["types"], field)) for field in fields)
        return self._known[kind]

    def _make(self, kinds: list[str], field: Mapping[str, Any]) -> Make:
        if len(kinds) > 1:
            makes = [self._make([kind], field) for kind in kinds]
            return lambda rng, depth: rng.choice(makes)(rng, depth)
        (kind,) = kinds
        if kind in self._own:
            return self._own[kind]
        if kind.startswith("Array of "):
            member = self._make([kind.removeprefix("Array of ")], field)
            fewest = int(not field["required"])  # An empty list that may be left out is left out.
            return lambda rng, depth: [member(rng, depth) for _ in range(rng.randint(fewest, 2))]
        match kind:
            case "Boolean":
                # What says "True, if" is left out where it is not so.
                return (lambda rng, depth: rng.random() < 0.5) if field["required"] else (lambda rng, depth: True)
            case "Float":
                return lambda rng, depth: round(rng.uniform(-90, 90), 6)
            case "Integer":
                return _integer(field, self._now)
            case "String":
                return _string(field)
        if "subtypes" in self._types[kind]:
            return self._make(self._types[kind]["subtypes"], field)
        return lambda rng, depth: self.fill(kind, rng, depth)


def _integer(field: Mapping[str, Any], now: int) -> Make:
    name, told = field["name"], field["description"]
    if "lways 0" in told:
        return lambda rng, depth: 0
    if _WHEN.search(told):
        return lambda rng, depth: now + rng.randint(-90_000, 90_000)
    if name == "message_id" or name.endswith("_message_id"):
        return lambda rng, depth: rng.randint(1, 2**31 - 1)
    if name.endswith("chat_id"):
        return lambda rng, depth: -rng.randint(1, LARGEST_ID)
    if name.endswith("id"):
        return lambda rng, depth: rng.randint(1, LARGEST_ID)
    if "size" in name:
        return lambda rng, depth: rng.randint(0, 2**40)
    return lambda rng, depth: rng.randint(1, 300)


def _string(field: Mapping[str, Any]) -> Make:
    told = field["description"]
    always = _ALWAYS.search(told)
    if always:
        return lambda rng, depth: always["value"]
    listed = _QUOTED.findall(told) if _LISTED.search(told) else []
    if listed:
        return lambda rng, depth: rng.choice(listed)
    return lambda rng, depth: rng.choice(_WORDS)
