"""The shape of entries and of the word lists: what each key may hold, and how it becomes a value of the core."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, RootModel, StringConstraints

from bot.core.content import TIERS_BY_KEY, Entry, Signature, Source, Talk, Tier
from bot.knowledge.document import Plain
from bot.knowledge.wording import did_you_mean, shown

ID_LIMIT = 48
"""Characters of an id. It travels in button data of 64 bytes, behind a short prefix."""
TITLE_LIMIT = 64
SENTENCE_LIMIT = 500
_ID = re.compile(r"[a-z0-9-]+")

T = TypeVar("T")


def check_id(text: str) -> str:
    """Return *text*, or raise ValueError when it cannot be an id."""
    if not _ID.fullmatch(text):
        raise ValueError(f"{shown(text)} is no id; use small letters, digits and hyphens")
    if len(text) > ID_LIMIT:
        raise ValueError(f"is {len(text)} characters long, at most {ID_LIMIT} fit on a button; shorten it")
    return text


def _true_or_false(plain: Plain) -> bool:
    if plain not in ("true", "false"):
        raise ValueError("must be true or false, in small letters")
    return plain == "true"


def tier_of(plain: Plain) -> Tier:
    """Return the tier named by *plain*, or raise ValueError."""
    if not isinstance(plain, str) or plain not in TIERS_BY_KEY:
        near = did_you_mean(plain, TIERS_BY_KEY) if isinstance(plain, str) else ""
        raise ValueError(f"no tier of this name{near or '; the tiers are: ' + ', '.join(TIERS_BY_KEY)}")
    return TIERS_BY_KEY[plain]


def _is_date(text: str) -> str:
    try:
        written = date.fromisoformat(text).isoformat()
    except ValueError:
        written = ""
    if written != text:
        raise ValueError(f"{shown(text)} is no date; write it as 2026-05-31")
    return text


def _is_web_address(text: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"]", text)
    except ValueError:
        good = False
    if not good:
        raise ValueError(f"{shown(text)} is no web address; begin it with https://")
    return text


Line = Annotated[str, StringConstraints(strip_whitespace=True)]
"""Text that may be empty."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LIMIT)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SENTENCE_LIMIT)]
Id = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(check_id)]
Flag = Annotated[bool, BeforeValidator(_true_or_false)]
TierName = Annotated[Tier, BeforeValidator(tier_of)]
Date = Annotated[str, AfterValidator(_is_date)]
WebAddress = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_is_web_address)]
Sentences = Annotated[list[Sentence], Field(max_length=500)]
AtLeastOne = Annotated[list[Sentence], Field(min_length=1, max_length=500)]


class Shape(BaseModel):
    """The root of all shapes: a key we do not know is refused. An optional key may be left empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceShape(Shape):
    """Who says so."""

    name: Title
    title: Sentence
    url: WebAddress

    def to_source(self) -> Source:
        """Return it as a value of the core."""
        return Source(self.name, self.title, self.url)


class CheckedShape(Shape):
    """A named person compared the facts with the sources."""

    by: Title
    date: Date

    def to_signature(self) -> Signature:
        """Return it as a value of the core."""
        return Signature(self.by, "", self.date)


class ReviewedShape(Shape):
    """A clinician signed the text whose hash this is."""

    by: Title
    role: Title
    date: Date
    hash: Title

    def to_signature(self) -> Signature:
        """Return it as a value of the core; the hash has been compared by then."""
        return Signature(self.by, self.role, self.date)


class TestsShape(Shape):
    """Sentences that judge and never teach."""

    hits: Sentences | None = None
    misses: Sentences | None = None


class EntryShape(Shape):
    """One entry of a file under `entries/`."""

    id: Id
    title: Title
    asks: AtLeastOne
    keywords: Sentences | None = None
    contrasts: Sentences | None = Field(None, alias="not")
    tests: TestsShape | None = None
    answer: Text
    more: Line | None = None
    tier: TierName = Tier.SELF_CARE
    note: Id | None = None
    full_note: Flag = False
    related: Annotated[list[Id], Field(max_length=20)] | None = None
    sources: Annotated[list[SourceShape], Field(max_length=20)] | None = None
    checked: CheckedShape | None = None
    reviewed: ReviewedShape | None = None
    unsourced: Flag = False

    def to_entry(self, theme: str) -> Entry:
        """Return the entry; *theme* is the name of its file without the ending."""
        tests = self.tests or TestsShape()
        return Entry(
            id=self.id,
            theme=theme,
            title=self.title,
            asks=tuple(self.asks),
            keywords=tuple(self.keywords or ()),
            contrasts=tuple(self.contrasts or ()),
            hits=tuple(tests.hits or ()),
            misses=tuple(tests.misses or ()),
            answer=self.answer,
            more=self.more or "",
            tier=self.tier,
            note=self.note,
            full_note=self.full_note,
            related=tuple(self.related or ()),
            sources=tuple(source.to_source() for source in self.sources or ()),
            checked=self.checked.to_signature() if self.checked else None,
            reviewed=self.reviewed.to_signature() if self.reviewed else None,
            unsourced=self.unsourced,
        )


class SynonymShape(Shape):
    """A word, and the phrases it stands for."""

    say: Sentence
    phrases: AtLeastOne = Field(alias="for")


class SynonymsFile(Shape):
    """The root of `synonyms.yaml`."""

    synonyms: list[SynonymShape] | None = None
    spellings: list[Annotated[list[Sentence], Field(min_length=2, max_length=50)]] | None = None
    confusables: list[Annotated[list[Sentence], Field(min_length=2, max_length=2)]] | None = None


class SmallTalkShape(Shape):
    """One kind reply, and what it replies to."""

    id: Id
    asks: AtLeastOne
    replies: Annotated[list[Text], Field(min_length=1, max_length=50)]

    def to_smalltalk(self) -> Talk:
        """Return it as a value of the core."""
        return Talk(self.id, tuple(self.asks), tuple(self.replies))


class SmallTalkFile(RootModel[list[SmallTalkShape]]):
    """The root of `smalltalk.yaml`."""


class NoneFile(RootModel[list[Sentence]]):
    """The root of `none.yaml`."""
