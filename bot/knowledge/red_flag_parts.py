"""The small shapes that `red_flags.yaml` is made of, each checked where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from bot.core.content import TIERS_BY_KEY, Signature, Tier
from bot.core.triage.pattern import parse
from bot.knowledge.editor_types import OrNothing, text_like
from bot.knowledge.schema import Date

FLAG_TIERS = ("crisis", "emergency", "urgent_today", "gp_soon")
_NO_WORDS = {"", "null", "~"}


def or_none(value: object) -> object:
    """Return None for what is written as nothing."""
    return None if isinstance(value, str) and value.strip() in _NO_WORDS else value


def or_empty(value: object) -> object:
    """Return an empty list for what is written as nothing."""
    return [] if or_none(value) is None else value


def _phrase(value: str) -> str:
    parse(value)  # A PatternError is a ValueError: pydantic reports it at this very phrase.
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("empty; write it or leave the key out")
    return value


PhraseText = Annotated[str, AfterValidator(_phrase)]
Text = Annotated[str, AfterValidator(_text), WithJsonSchema(text_like())]
Phrases = Annotated[list[PhraseText], BeforeValidator(or_empty), OrNothing()]
Sentences = Annotated[list[Text], BeforeValidator(or_empty), OrNothing()]
Optional = Annotated[str | None, BeforeValidator(or_none)]


Steps = tuple[str | int, ...]
"""Keys and indexes that lead from the root of the file to a place in it."""


def numbered(steps: Steps, texts: Iterable[str]) -> Iterator[tuple[Steps, str]]:
    """Return *texts*, each with the steps that lead to it."""
    return (((*steps, number), text) for number, text in enumerate(texts))


class Strict(BaseModel):
    """Nothing beside its fields, and nothing changed once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceFile(Strict):
    """Who says so, where."""

    name: Text = Field(examples=["The town council"])
    """Whose page it is."""
    title: Text
    """What the page is called."""
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    """Where it is."""


class ReviewFile(Strict):
    """Who signed."""

    by: Text
    """Who signed."""
    role: Text
    """As what."""
    date: Date
    """When, as in 2026-05-31."""
    hash: Text
    """What `napebot review` prints under the page that was read. When rules or texts change it fits no more, and the signature counts as none."""

    def to_signature(self) -> Signature:
        """Return it as a value of the core; whether the hash still fits is for the loader to see."""
        return Signature(self.by, self.role, self.date)


class GroupFile(Strict):
    """One thing that must be said."""

    name: Text
    """What it is, for whoever reads the rule."""
    any: Annotated[list[PhraseText], Field(min_length=1)]
    """Phrases, each of which says it."""


class ShiftFile(Strict):
    """Words that make what was found more or less pressing."""

    to: Annotated[str, Field(pattern=f"^({'|'.join(FLAG_TIERS)})$")]
    """The tier it becomes."""
    name: Text
    """What it is, for whoever reads the rule."""
    any: Annotated[list[PhraseText], Field(min_length=1)]
    """Phrases, each of which says it."""


Shifts = Annotated[list[ShiftFile], BeforeValidator(or_empty), OrNothing()]


class Shifted(Strict):
    """What both a rule and a flag may say of how pressing it is."""

    raises: Shifts = []
    """Words that make it more pressing, wherever in the message they stand."""
    lowers: Shifts = []
    """Words that make it less pressing. Raising wins, and nothing lowers a crisis."""

    def shift_phrases(self) -> Iterator[tuple[Steps, str]]:
        """Every phrase of its shifts, with the steps that lead to it."""
        for key, shifts in (("raises", self.raises), ("lowers", self.lowers)):
            for number, shift in enumerate(shifts):
                yield from numbered((key, number, "any"), shift.any)

    def pointless_shifts(self, tier: Tier) -> Iterator[tuple[Steps, str]]:
        """Every shift that does not lead away from *tier* in its own direction, with the steps that lead to it."""
        for number, shift in enumerate(self.raises):
            if TIERS_BY_KEY[shift.to] <= tier:
                yield ("raises", number, "to"), f"'{shift.to}' is not above {tier.key}; name a higher tier, or take it out"
        for number, shift in enumerate(self.lowers):
            if tier is Tier.CRISIS:
                yield ("lowers", number, "to"), f"nothing lowers a {tier.key}; take it out"
            elif TIERS_BY_KEY[shift.to] >= tier:
                yield ("lowers", number, "to"), f"'{shift.to}' is not below {tier.key}; name a lower tier, or take it out"
