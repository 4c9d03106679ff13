"""The shape of entries and of the word lists: what each key may hold, and how it becomes a value of the core."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, RootModel, StringConstraints, WithJsonSchema

from bot.core.content import TIERS_BY_KEY, Entry, Signature, Source, Talk, Tier
from bot.knowledge.document import Plain
from bot.knowledge.editor_types import text_like
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
Id = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    AfterValidator(check_id),
    WithJsonSchema(text_like(rf"^\s*[a-z0-9-]{{1,{ID_LIMIT}}}\s*$", f"small letters, digits and hyphens, {ID_LIMIT} at most")),
]
Flag = Annotated[bool, BeforeValidator(_true_or_false)]
TierName = Annotated[Tier, BeforeValidator(tier_of), WithJsonSchema({"enum": list(TIERS_BY_KEY)})]
Date = Annotated[
    str,
    AfterValidator(_is_date),
    WithJsonSchema({**text_like("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", "write it as 2026-05-31"), "type": "string"}),
]
WebAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=500),
    AfterValidator(_is_web_address),
    WithJsonSchema(text_like(r"^\s*[Hh][Tt][Tt][Pp][Ss]?://[^\s<>\"]+\s*$", "begin it with https://, and leave no space in it", longest=500)),
]
Sentences = Annotated[list[Sentence], Field(max_length=500)]
AtLeastOne = Annotated[list[Sentence], Field(min_length=1, max_length=500)]


class Shape(BaseModel):
    """The root of all shapes: a key we do not know is refused. An optional key may be left empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceShape(Shape):
    """Who says so."""

    name: Title = Field(examples=["The town council"])
    """Whose page it is."""
    title: Sentence
    """What the page is called."""
    url: WebAddress
    """Where it is."""

    def to_source(self) -> Source:
        """Return it as a value of the core."""
        return Source(self.name, self.title, self.url)


class CheckedShape(Shape):
    """A named person compared the facts with the sources."""

    by: Title
    """Who compared."""
    date: Date
    """When, as in 2026-05-31."""

    def to_signature(self) -> Signature:
        """Return it as a value of the core."""
        return Signature(self.by, "", self.date)


class ReviewedShape(Shape):
    """Somebody qualified signed the text whose hash this is."""

    by: Title
    """Who signed."""
    role: Title
    """As what."""
    date: Date
    """When, as in 2026-05-31."""
    hash: Title
    """What `napebot review` prints under the page that was read. When the text changes it no longer fits, and the signature counts as none."""

    def to_signature(self) -> Signature:
        """Return it as a value of the core; the hash has been compared by then."""
        return Signature(self.by, self.role, self.date)


class TestsShape(Shape):
    """Sentences that judge and never teach."""

    hits: Sentences | None = None
    """Messages that must lead here. Tried at every load; no phrasing may stand here as well."""
    misses: Sentences | None = None
    """Messages that must not be answered with this."""


class EntryShape(Shape):
    """One entry of a file under `entries/`."""

    id: Id = Field(examples=["opening-hours"])
    """The name of the entry: small letters, digits and hyphens. Links and buttons carry it, so keep it once people use the bot."""
    title: Title = Field(examples=["When are you open?"])
    """What a button says."""
    asks: AtLeastOne
    """Ways to ask it, as people type them. These teach the bot; twenty different ones make it good. No sentence stands under two entries."""
    keywords: Sentences | None = None
    """Telling words."""
    contrasts: Sentences | None = Field(None, alias="not")
    """What sounds like it and is not meant. These teach too."""
    tests: TestsShape | None = None
    """Messages that judge and never teach."""
    answer: Text
    """What to do or know now, in 250 characters; the note is added by itself. Write | behind the colon and the text below, two spaces in."""
    more: Line | None = None
    """The long part, folded away on a phone."""
    tier: TierName = Tier.SELF_CARE
    """How much help the matter needs: it picks the note under the answer."""
    note: Id | None = None
    """A key of `notes` in messages.yaml that fits better than the tier's note."""
    full_note: Flag = False
    """true: the long note, always."""
    related: Annotated[list[Id], Field(max_length=20)] | None = None
    """Ids of entries to go on with; the first is offered under the answer."""
    sources: Annotated[list[SourceShape], Field(max_length=20)] | None = None
    """Who says so."""
    checked: CheckedShape | None = None
    """Once a named person has compared the facts with the sources."""
    reviewed: ReviewedShape | None = None
    """Once somebody qualified has signed; `napebot review` prints the line to write."""
    unsourced: Flag = False
    """true where a fact rests on general knowledge alone."""

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
    """The plain word."""
    phrases: AtLeastOne = Field(alias="for")
    """What people say instead. Whoever says one of these also says the plain word."""


class SynonymsFile(Shape):
    """The root of `synonyms.yaml`."""

    synonyms: list[SynonymShape] | None = None
    """Only where one can stand for the other in every question."""
    spellings: list[Annotated[list[Sentence], Field(min_length=2, max_length=50)]] | None = None
    """Names of one thing, as in [mobile, cell phone]; the first is the one used."""
    confusables: list[Annotated[list[Sentence], Field(min_length=2, max_length=2)]] | None = None
    """Pairs of words that typo repair never turns into one another, as in [numb, number]."""


class SmallTalkShape(Shape):
    """One kind reply, and what it replies to."""

    id: Id = Field(examples=["hello"])
    """Its name. One that the defaults have too takes the place of theirs."""
    asks: AtLeastOne
    """What people say."""
    replies: Annotated[list[Text], Field(min_length=1, max_length=50)]
    """What the bot says, one wording after the other."""

    def to_smalltalk(self) -> Talk:
        """Return it as a value of the core."""
        return Talk(self.id, tuple(self.asks), tuple(self.replies))


class SmallTalkFile(RootModel[list[SmallTalkShape]]):
    """The root of `smalltalk.yaml`."""


class NoneFile(RootModel[list[Sentence]]):
    """The root of `none.yaml`."""
