"""The shape of `red_flags.yaml`, checked; and its way into the engine's rules.

Every scalar arrives as text. Phrases are parsed here, so that a mistake in one is reported at its place in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from bot.core.content import TIERS_BY_KEY, Signature, Source, Tier
from bot.core.triage.cues import CUE_NAMES
from bot.core.triage.pattern import GAP, Phrase, parse
from bot.core.triage.rules import Group, RedFlag, RedFlags, Rule

_FLAG_TIERS = ("crisis", "emergency", "urgent_today", "gp_soon")
_SOFT = "soft"
_NO_WORDS = {"", "null", "~"}


def _or_none(value: object) -> object:
    return None if isinstance(value, str) and value.strip() in _NO_WORDS else value


def _or_empty(value: object) -> object:
    return [] if _or_none(value) is None else value


def _phrase(value: str) -> str:
    parse(value)  # A PatternError is a ValueError: pydantic reports it at this very phrase.
    return value


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("empty; write it or leave the key out")
    return value


PhraseText = Annotated[str, AfterValidator(_phrase)]
Text = Annotated[str, AfterValidator(_text)]
Phrases = Annotated[list[PhraseText], BeforeValidator(_or_empty)]
Sentences = Annotated[list[Text], BeforeValidator(_or_empty)]
Optional = Annotated[str | None, BeforeValidator(_or_none)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceFile(_Strict):
    """Who says so, where."""

    name: Text
    title: Text
    url: Annotated[str, Field(pattern=r"^https?://\S+$")]


class ReviewFile(_Strict):
    """Who signed."""

    by: Text
    role: Text
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class GroupFile(_Strict):
    """One thing that must be said."""

    name: Text
    any: Annotated[list[PhraseText], Field(min_length=1)]


Steps = tuple[str | int, ...]
"""Keys and indexes that lead from the root of the file to a place in it."""


def _numbered(steps: Steps, texts: Iterable[str]) -> Iterator[tuple[Steps, str]]:
    return (((*steps, number), text) for number, text in enumerate(texts))


def _reached(uses: Mapping[str, set[str]], name: str) -> set[str]:
    """Return every list that *name* uses, directly or through others."""
    reached, ahead = set[str](), list(uses[name])
    while ahead:
        following = ahead.pop()
        if following not in reached:
            reached.add(following)
            ahead += uses.get(following, ())
    return reached


class RuleFile(_Strict):
    """One way to raise the flag."""

    all_of: Annotated[list[GroupFile], Field(min_length=1)]
    none_of: Phrases = []
    within: Annotated[str, Field(pattern=r"^(clause|message)$")] = "message"
    tier: Optional = None
    even_when_asked: bool = False
    even_when_past: bool = False

    @field_validator("tier")
    @classmethod
    def _known_tier(cls, value: str | None) -> str | None:
        if value is not None and value not in (*_FLAG_TIERS, _SOFT):
            raise ValueError(f"'{value}' is no tier of a rule; there are {', '.join(_FLAG_TIERS)} and {_SOFT}")
        return value

    def phrases(self) -> Iterator[tuple[Steps, str]]:
        """Every phrase in it, with the steps that lead to it."""
        for number, group in enumerate(self.all_of):
            yield from _numbered(("all_of", number, "any"), group.any)
        yield from _numbered(("none_of",), self.none_of)


class FlagFile(_Strict):
    """One red flag."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
    tier: Annotated[str, Field(pattern=f"^({'|'.join(_FLAG_TIERS)})$")]
    why: Text
    source: Annotated[SourceFile | None, BeforeValidator(_or_none)] = None
    rules: Annotated[list[RuleFile], Field(min_length=1)]
    asks_about: Phrases = []
    looks_like: Phrases = []
    counts_when_past: bool = False
    soft_when_past: bool = False
    read_as: str = ""
    alarm: Optional = None
    first_line: Optional = None
    soft_line: Optional = None
    withholds: Sentences = []
    fires_on: Annotated[list[Text], Field(min_length=1)]
    silent_on: Sentences = []
    soft_on: Sentences = []
    reviewed: Annotated[ReviewFile | None, BeforeValidator(_or_none)] = None

    def phrases(self) -> Iterator[tuple[Steps, str]]:
        """Every phrase in it, with the steps that lead to it."""
        for number, rule in enumerate(self.rules):
            for steps, text in rule.phrases():
                yield ("rules", number, *steps), text
        yield from _numbered(("asks_about",), self.asks_about)
        yield from _numbered(("looks_like",), self.looks_like)


class RedFlagsFile(_Strict):
    """The whole of `red_flags.yaml`."""

    lists: Annotated[dict[str, Phrases], BeforeValidator(lambda value: {} if _or_none(value) is None else value)] = {}
    idioms: Phrases = []
    cues: Annotated[dict[str, Phrases], BeforeValidator(lambda value: {} if _or_none(value) is None else value)] = {}
    flags: Annotated[list[FlagFile], BeforeValidator(_or_empty)] = []

    def contradictions(self) -> Iterator[tuple[Steps, str]]:
        """Yield what no phrase can tell by itself, each with the steps that lead to it: lists that are not there, or that come round to themselves.

        `to_rules` may only be called where there are none.
        """
        for steps, text in self._phrases():
            for name in parse(text).lists():
                if steps[0] == "cues":
                    yield steps, f"'{text}' uses the list '{name}'; cues are read before the lists are: write the words"
                elif name not in self.lists:
                    yield steps, f"'{text}' uses the list '{name}', which is not under lists; add it there, or mend the name"
        for name in self.cues:
            if name not in CUE_NAMES:
                yield ("cues", name), f"'{name}' is no list of cues; there are {', '.join(sorted(CUE_NAMES))}"
        uses = {name: {used for text in phrases for used in parse(text).lists()} for name, phrases in self.lists.items()}
        for name in self.lists:
            if name in _reached(uses, name):
                yield ("lists", name), f"'{name}' comes round to itself; take it out of the lists that it uses"

    def _phrases(self) -> Iterator[tuple[Steps, str]]:
        for name, phrases in self.lists.items():
            yield from _numbered(("lists", name), phrases)
        yield from _numbered(("idioms",), self.idioms)
        for name, phrases in self.cues.items():
            yield from _numbered(("cues", name), phrases)
        for number, flag in enumerate(self.flags):
            for steps, text in flag.phrases():
                yield ("flags", number, *steps), text

    def to_rules(self) -> RedFlags:
        """Return the rules as the engine takes them."""
        return RedFlags(
            flags=tuple(_to_flag(flag) for flag in self.flags),
            lists=_to_lists(self.lists),
            idioms=_to_phrases(self.idioms, gap=0),
            cues={name: tuple(phrases) for name, phrases in self.cues.items()},
        )


def _to_phrases(texts: list[str], *, gap: int = GAP) -> tuple[Phrase, ...]:
    return tuple(parse(text, gap=gap) for text in texts)


def _to_lists(lists: dict[str, list[str]]) -> Mapping[str, tuple[Phrase, ...]]:
    return {name: _to_phrases(texts) for name, texts in lists.items()}


def _to_flag(flag: FlagFile) -> RedFlag:
    source = Source(flag.source.name, flag.source.title, flag.source.url) if flag.source else None
    reviewed = Signature(flag.reviewed.by, flag.reviewed.role, flag.reviewed.date) if flag.reviewed else None
    return RedFlag(
        id=flag.id,
        tier=TIERS_BY_KEY[flag.tier],
        why=flag.why,
        source=source,
        rules=tuple(_to_rule(rule) for rule in flag.rules),
        asks_about=_to_phrases(flag.asks_about),
        looks_like=_to_phrases(flag.looks_like, gap=0),
        counts_when_past=flag.counts_when_past,
        soft_when_past=flag.soft_when_past,
        read_as=flag.read_as,
        alarm=flag.alarm or flag.tier,
        first_line=flag.first_line,
        soft_line=flag.soft_line,
        withholds=tuple(flag.withholds),
        fires_on=tuple(flag.fires_on),
        silent_on=tuple(flag.silent_on),
        soft_on=tuple(flag.soft_on),
        reviewed=reviewed,
    )


def _to_rule(rule: RuleFile) -> Rule:
    tier: Tier | None = TIERS_BY_KEY.get(rule.tier or "")
    groups = tuple(Group(group.name, _to_phrases(group.any)) for group in rule.all_of)
    return Rule(
        groups,
        _to_phrases(rule.none_of, gap=0),
        same_clause=rule.within == "clause",
        tier=tier,
        soft=rule.tier == _SOFT,
        even_when_asked=rule.even_when_asked,
        even_when_past=rule.even_when_past,
    )
