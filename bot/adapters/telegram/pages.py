"""Text in the portions that one message carries, counted and cut as Telegram counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from html import escape

from bot.core.model import REPLY_LIMIT_UNITS
from bot.core.text import utf16_units

_PARAGRAPH = "\n\n"
_BOUNDARIES = tuple(map(re.compile, (r"\n\s*\n", r"\n|(?<=[.!?…。！？])\s+", r"\s+")))
"""Where to cut, best first: between paragraphs, sentences, words."""
_INDENT = re.compile(r" {1,20}(?=\S)")


class Style(Enum):
    """How a block looks; the value is its HTML."""

    PLAIN = "{}"
    BOLD = "<b>{}</b>"
    FOLDED = "<blockquote expandable>{}</blockquote>"
    CODE = "<pre>{}</pre>"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text in one style."""

    text: str
    style: Style = Style.PLAIN
    gap: str = _PARAGRAPH
    """What stands between it and the block above, if there is one on the same page."""


@dataclass(frozen=True, slots=True)
class Page:
    """One message's worth of text, in both forms."""

    html: str
    plain: str
    """The same without tags, for when the HTML is refused."""


def split(text: str, limit: int = REPLY_LIMIT_UNITS) -> Iterator[str]:
    """Yield *text* in pieces of at most *limit* units (2 or more), none of them blank; only white space at the cuts is dropped."""
    rest = text.strip()
    while rest:
        end = _cut(rest, limit)
        yield rest[:end].rstrip()
        rest = rest[end:].lstrip()


def _cut(text: str, limit: int) -> int:
    """Return where the first piece of *text* ends, in characters; a character outside the BMP is never halved."""
    longest = _fitting(text, limit)
    if longest == len(text):
        return longest
    for boundary in _BOUNDARIES:
        # One character more is looked at, so that a piece may end right before its boundary.
        ends = [found.start() for found in boundary.finditer(text, 0, longest + 1) if found.start()]
        if ends:
            return ends[-1]
    return longest


def _fitting(text: str, limit: int) -> int:
    """Return how many characters of *text* fit in *limit* units."""
    used = 0
    for count, character in enumerate(text):
        used += 1 + (character > "\uffff")
        if used > limit:
            return count
    return len(text)


def paginate(blocks: Sequence[Block], limit: int = REPLY_LIMIT_UNITS) -> tuple[Page, ...]:
    """Lay *blocks* on as few pages as fit without cutting a block that a page can hold; blank blocks are left out."""
    pages: list[list[Block]] = [[]]
    for block in blocks:
        for piece in _pieces(block, limit):
            part = replace(block, text=piece)
            if pages[-1] and _length([*pages[-1], part]) > limit:
                pages.append(_torn_off(pages[-1]))
                if pages[-1] and _length([*pages[-1], part]) > limit:
                    pages.append([])
            pages[-1].append(part)
    return tuple(map(_page, filter(None, pages)))


def _pieces(block: Block, limit: int) -> Iterator[str]:
    """Yield the text of *block* in pieces; code keeps the spaces before its first word, for they are a part of it."""
    text = _sendable(block.text)
    found = _INDENT.match(text) if block.style is Style.CODE else None
    indent = found[0] if found and len(found[0]) + 2 <= limit else ""
    for number, piece in enumerate(split(text, limit - len(indent))):
        yield piece if number else indent + piece


def _sendable(text: str) -> str:
    """Replace halves of surrogate pairs, which no request can carry."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _torn_off(page: list[Block]) -> list[Block]:
    """Take a heading off the foot of *page*: it goes with what it heads."""
    return [page.pop()] if page[-1].style is Style.BOLD else []


def _length(page: Sequence[Block]) -> int:
    return sum(utf16_units(block.text) + (utf16_units(block.gap) if place else 0) for place, block in enumerate(page))


def _page(blocks: Sequence[Block]) -> Page:
    gaps = ["" if place == 0 else block.gap for place, block in enumerate(blocks)]
    return Page(
        html="".join(gap + block.style.value.format(escape(block.text)) for gap, block in zip(gaps, blocks, strict=True)),
        plain="".join(gap + block.text for gap, block in zip(gaps, blocks, strict=True)),
    )
