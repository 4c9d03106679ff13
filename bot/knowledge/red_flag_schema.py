"""The shape of `red_flags.yaml`, checked; and its way into the engine's rules.

Every scalar arrives as text. Phrases are parsed here, so that a mistake in one is reported at its place in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, field_validator, model_validator
from pydantic.config import JsonDict

from bot.core.content import TIERS_BY_KEY, Source, Tier
from bot.core.triage.cues import CUE_NAMES
from bot.core.triage.pattern import GAP, Phrase, parse
from bot.core.triage.rules import Group, RedFlag, RedFlags, Rule, Shift
from bot.knowledge.editor_types import OrNothing, also_nothing
from bot.knowledge.red_flag_parts import (
    FLAG_TIERS,
    GroupFile,
    Optional,
    Phrases,
    ReviewFile,
    Sentences,
    Shifted,
    ShiftFile,
    SourceFile,
    Steps,
    Strict,
    Text,
    numbered,
    or_empty,
    or_none,
)
from bot.knowledge.schema import Flag

_SOFT = "soft"


def _reached(uses: Mapping[str, set[str]], name: str) -> set[str]:
    """Return every list that *name* uses, directly or through others."""
    reached, ahead = set[str](), list(uses[name])
    while ahead:
        following = ahead.pop()
        if following not in reached:
            reached.add(following)
            ahead += uses.get(following, ())
    return reached


class RuleFile(Shifted):
    """One way to raise the flag."""

    all_of: Annotated[list[GroupFile], Field(min_length=1)]
    """What must be said, all of it, anywhere in the message; each by any of its phrases."""
    none_of: Phrases = Field(default_factory=list)
    """A clause that holds one of these does not count for this rule."""
    within: Annotated[str, Field(pattern=r"^(clause|message)$")] = "message"
    """`clause`: all of it in one clause."""
    tier: Annotated[Optional, WithJsonSchema(also_nothing({"enum": [*FLAG_TIERS, _SOFT]}))] = None
    """Another tier than the flag's; `soft` leads the answer with a question and raises no alarm."""
    even_when_asked: Flag = False
    """true: asking about it counts as saying it."""
    even_when_past: Flag = False
    """true: counts although it is long over."""
    alarm: Optional = None
    """A key of `alarms` in messages.yaml, for this rule at its own tier."""

    @field_validator("tier")
    @classmethod
    def _known_tier(cls, value: str | None) -> str | None:
        if value is not None and value not in (*FLAG_TIERS, _SOFT):
            raise ValueError(f"'{value}' is no tier of a rule; there are {', '.join(FLAG_TIERS)} and {_SOFT}")
        return value

    def phrases(self) -> Iterator[tuple[Steps, str]]:
        """Every phrase in it, with the steps that lead to it."""
        for number, group in enumerate(self.all_of):
            yield from numbered(("all_of", number, "any"), group.any)
        yield from numbered(("none_of",), self.none_of)
        yield from self.shift_phrases()


_ONE_AT_LEAST: JsonDict = {"type": "array", "minItems": 1}
_NONE: JsonDict = {"type": ["array", "null"], "maxItems": 0}
_WHAT_MAKES_IT_SPEAK: JsonDict = {
    "if": {"required": ["by_likeness"], "properties": {"by_likeness": {"const": True}}},
    "then": {"properties": {"rules": _NONE, "fires_on": _NONE}},
    "else": {"required": ["rules", "fires_on"], "properties": {"rules": _ONE_AT_LEAST, "fires_on": _ONE_AT_LEAST}},
}
"""The same as `_has_what_makes_it_speak`, for editors."""


class FlagFile(Shifted):
    """One red flag."""

    model_config = ConfigDict(json_schema_extra=_WHAT_MAKES_IT_SPEAK)

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$", examples=["fire"])]
    """The name of the flag: small letters, digits and hyphens."""
    tier: Annotated[str, Field(pattern=f"^({'|'.join(FLAG_TIERS)})$")]
    """How pressing it is. From urgent_today up the reply is an alarm."""
    why: Text
    """Why it must interrupt."""
    source: Annotated[SourceFile | None, BeforeValidator(or_none)] = None
    """Who says so."""
    rules: Annotated[list[RuleFile], BeforeValidator(or_empty), OrNothing()] = Field(default_factory=list)
    """The ways to raise it. One is enough."""
    by_likeness: Flag = False
    """true: it has no rules, and speaks where a message is like the examples of danger and no other flag can be named."""
    asks_about: Phrases = Field(default_factory=list)
    """Names of the danger: to ask about it by name is soft."""
    looks_like: Phrases = Field(default_factory=list)
    """Words that do not count for this flag."""
    counts_when_past: Flag = False
    """true: it fires although it has gone again."""
    soft_when_past: Flag = False
    """true: what has gone again is soft."""
    read_as: str = ""
    """What was read, in a sentence to the person; never a diagnosis."""
    alarm: Optional = None
    """A key of `alarms` in messages.yaml, in place of the tier's."""
    first_line: Optional = None
    """A key of `first_lines` in messages.yaml."""
    soft_line: Optional = None
    """The same, for what was only asked about."""
    withholds: Sentences = Field(default_factory=list)
    """Ids of entries that are never offered under this alarm."""
    fires_on: Sentences = Field(default_factory=list)
    """Messages that must raise it. Tried at every load."""
    silent_on: Sentences = Field(default_factory=list)
    """Messages that must not."""
    soft_on: Sentences = Field(default_factory=list)
    """Messages that only ask about it."""
    known_misses: Sentences = Field(default_factory=list)
    """Messages that are known to slip through, for whoever signs."""
    reviewed: Annotated[ReviewFile | None, BeforeValidator(or_none)] = None
    """Once somebody qualified has signed; `napebot review` prints the line to write."""

    @model_validator(mode="after")
    def _has_what_makes_it_speak(self) -> FlagFile:
        if self.by_likeness and (self.rules or self.fires_on):
            raise ValueError("a flag by likeness has no rules and no 'fires_on' of its own; take them out, or take out 'by_likeness'")
        if not self.by_likeness and not (self.rules and self.fires_on):
            raise ValueError("needs at least one rule and one sentence under 'fires_on'")
        return self

    def phrases(self) -> Iterator[tuple[Steps, str]]:
        """Every phrase in it, with the steps that lead to it."""
        for number, rule in enumerate(self.rules):
            for steps, text in rule.phrases():
                yield ("rules", number, *steps), text
        yield from numbered(("asks_about",), self.asks_about)
        yield from numbered(("looks_like",), self.looks_like)
        yield from self.shift_phrases()

    def pointless(self) -> Iterator[tuple[Steps, str]]:
        """Every shift in it that leads nowhere, with the steps that lead to it."""
        yield from self.pointless_shifts(TIERS_BY_KEY[self.tier])
        for number, rule in enumerate(self.rules):
            for steps, what in rule.pointless_shifts(TIERS_BY_KEY.get(rule.tier or "") or TIERS_BY_KEY[self.tier]):
                yield ("rules", number, *steps), what


def _or_no_keys(value: object) -> object:
    return {} if or_none(value) is None else value


CueName = Annotated[str, WithJsonSchema({"enum": sorted(CUE_NAMES)})]


class RedFlagsFile(Strict):
    """The whole of `red_flags.yaml`."""

    lists: Annotated[dict[str, Phrases], BeforeValidator(_or_no_keys), OrNothing()] = Field(default_factory=dict)
    """Words by concept, which phrases use as <name>."""
    idioms: Phrases = Field(default_factory=list)
    """Turns of phrase that mean no harm; blanked before anything is read."""
    cues: Annotated[dict[CueName, Phrases], BeforeValidator(_or_no_keys), OrNothing()] = Field(default_factory=dict)
    """Words added to the language's own lists, for this topic."""
    seen: Phrases = Field(default_factory=list)
    """What says that somebody qualified has looked at it already."""
    flags: Annotated[list[FlagFile], BeforeValidator(or_empty), OrNothing()] = Field(default_factory=list)
    """The red flags, the most dangerous first: the order ranks flags of one tier."""
    reviewed: Annotated[ReviewFile | None, BeforeValidator(or_none)] = None
    """Once somebody qualified has signed the idioms and cues."""

    def contradictions(self) -> Iterator[tuple[Steps, str]]:
        """Yield what no phrase can tell by itself, each with the steps that lead to it: lists that are not there, or that come round to themselves,
        and tiers that shifts do not lead to.

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
        for number, flag in enumerate(self.flags):
            for steps, what in flag.pointless():
                yield ("flags", number, *steps), what

    def _phrases(self) -> Iterator[tuple[Steps, str]]:
        for name, phrases in self.lists.items():
            yield from numbered(("lists", name), phrases)
        yield from numbered(("idioms",), self.idioms)
        for name, phrases in self.cues.items():
            yield from numbered(("cues", name), phrases)
        yield from numbered(("seen",), self.seen)
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
            seen=_to_phrases(self.seen),
            reviewed=self.reviewed.to_signature() if self.reviewed else None,
        )


def _to_phrases(texts: list[str], *, gap: int = GAP) -> tuple[Phrase, ...]:
    return tuple(parse(text, gap=gap) for text in texts)


def _to_lists(lists: dict[str, list[str]]) -> Mapping[str, tuple[Phrase, ...]]:
    return {name: _to_phrases(texts) for name, texts in lists.items()}


def _to_flag(flag: FlagFile) -> RedFlag:
    source = Source(flag.source.name, flag.source.title, flag.source.url) if flag.source else None
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
        raises=_to_shifts(flag.raises),
        lowers=_to_shifts(flag.lowers),
        read_as=flag.read_as,
        alarm=flag.alarm or flag.tier,
        first_line=flag.first_line,
        soft_line=flag.soft_line,
        withholds=tuple(flag.withholds),
        fires_on=tuple(flag.fires_on),
        silent_on=tuple(flag.silent_on),
        soft_on=tuple(flag.soft_on),
        known_misses=tuple(flag.known_misses),
        by_likeness=flag.by_likeness,
        reviewed=flag.reviewed.to_signature() if flag.reviewed else None,
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
        raises=_to_shifts(rule.raises),
        lowers=_to_shifts(rule.lowers),
        alarm=rule.alarm,
    )


def _to_shifts(shifts: list[ShiftFile]) -> tuple[Shift, ...]:
    return tuple(Shift(TIERS_BY_KEY[shift.to], shift.name, _to_phrases(shift.any)) for shift in shifts)
