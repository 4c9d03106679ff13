"""The shape of `numbers.yaml`: whom to call, by region."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from bot.core.content import NUMBER_KINDS, Numbers, Region
from bot.knowledge.schema import Date, Shape, Title
from bot.knowledge.wording import shown

REGION_LIMIT = 8
"""Characters of a region's key. It travels in button data of 64 bytes, beside the names of a flag and an alarm."""
_KEY = re.compile(rf"[a-z]{{1,{REGION_LIMIT}}}")


def _is_key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError(f"{shown(text)} is no key of a region; use one to {REGION_LIMIT} small letters")
    return text


RegionKey = Annotated[str, AfterValidator(_is_key), WithJsonSchema({"type": "string", "pattern": rf"^[a-z]{{1,{REGION_LIMIT}}}$"})]


class AnywhereShape(Shape):
    """What holds in every country: one line for each kind, so that no list is ever empty."""

    name: Title
    """What to call "anywhere"."""
    emergency: Title
    """Whom to call in an emergency, in words that hold everywhere."""
    nurse: Title
    """Who gives advice by phone."""
    poison: Title
    """Who knows about poisons."""
    listen: Title
    """Who listens at any hour."""

    def to_region(self) -> Region:
        """Return it as a value of the core."""
        return _region("", self)


class RegionShape(Shape):
    """The numbers of one region. Only the first is needed: not every country has the others."""

    name: Title
    """What the country is called on a button."""
    emergency: Title
    """Its emergency number, in quotes."""
    nurse: Title | None = None
    """Advice by phone."""
    poison: Title | None = None
    """Poison advice."""
    listen: Title | None = None
    """Somebody who listens."""

    def to_region(self, key: str) -> Region:
        """Return it as a value of the core."""
        return _region(key, self)


class NumbersFile(Shape):
    """The root of `numbers.yaml`."""

    checked: Date
    """When all of them were looked up last, as in 2026-05-31."""
    anywhere: AnywhereShape
    """What holds in every country. It ends each list."""
    regions: Annotated[dict[RegionKey, RegionShape], Field(min_length=1, max_length=40)]
    """The countries, in the order of the buttons; the key is one to eight small letters."""

    def to_numbers(self) -> Numbers:
        """Return it as a value of the core; when it was checked is for those who keep the file."""
        return Numbers(tuple(shape.to_region(key) for key, shape in self.regions.items()), self.anywhere.to_region())


def _region(key: str, shape: AnywhereShape | RegionShape) -> Region:
    return Region(key, shape.name, {kind: number for kind in NUMBER_KINDS if (number := getattr(shape, kind))})
