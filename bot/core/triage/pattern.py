"""The small language in which authors write phrases, and its parser.

A phrase is a row of items, met in order within one clause::

    stiff/sore <neck>                 one of two words (their stems), then a word of the list `neck`
    hit .. <head>                     two dots: up to six other words between; without dots up to two
    chest & tight*                    both in one clause, in any order; `tight*` begins a word
    =fit                              the word itself, not its stem
    went_away/better                  an underscore joins words that stand side by side
    not +just/only                    a plus: no other word between
    {temperature >= 38 C}             a reading: see `bot.core.triage.readings`
    {weeks 20..42} pregnant           a range, both ends included

What takes words out of play (idioms, `looks_like`, `none_of`) is read with a gap of 0: it means these very words and not their neighbourhood.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

GAP = 2
"""Other words allowed between two items; small words (`a`, `my`, `is`) are not counted."""
WIDE_GAP = 6

_PIECE = re.compile(r"&|\.\.|(?:\{[^{}]*\}|<[^<>]*>|[^\s{}<>&])+")
_PLAIN = re.compile(r"[\w\s*=/+-]*(?:\s\.\.\s[\w\s*=/+-]*)*")
"""A phrase with no bracket and no `&`: its pieces stand between spaces."""
_ALTERNATIVE = re.compile(r"\{[^{}]*\}|<[^<>]*>|[^/{}<>]+")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_WORD = re.compile(r"=?[^\W_]+(?:['’-][^\W_]+)*\*?")
_READING = re.compile(
    r"\{\s*(?P<kind>[a-z]+)\s*"
    r"(?:(?P<sign>>=|<=|>|<|=)\s*(?P<value>[\d.]+)(?:/(?P<second>[\d.]+))?|(?P<low>[\d.]+)\s*\.\.\s*(?P<high>[\d.]+))"
    r"\s*(?P<unit>[A-Za-z]*)\s*\}"
)

DAYS_BY_UNIT = {"minutes": 1 / 1440, "hours": 1 / 24, "days": 1.0, "weeks": 7.0, "months": 30.4, "years": 365.0}
UNITS_BY_KIND: dict[str, tuple[str, ...]] = {
    "temperature": ("C", "F"),
    "pressure": ("",),
    "count": ("",),
    "grams": ("", "g"),
    "age": ("", *DAYS_BY_UNIT),
    "weeks": ("",),
    "duration": tuple(DAYS_BY_UNIT),
}


class PatternError(ValueError):
    """A phrase that cannot be read; says what is wrong with it."""


class Word(NamedTuple):
    """A word to be met."""

    text: str
    how: str
    """`stem`, `exact` or `prefix`."""


class Words(NamedTuple):
    """Words to be met side by side."""

    words: tuple[Word, ...]


class ListName(NamedTuple):
    """Any phrase of a named list."""

    name: str


class Measure(NamedTuple):
    """A reading between two bounds, both included, in the kind's own unit (Celsius, grams, days; years for an age)."""

    kind: str
    low: float
    high: float
    low_second: float = float("inf")
    """Of a blood pressure, the lower number that suffices by itself."""


Alternative = Word | Words | ListName | Measure


class Item(NamedTuple):
    """One place of a phrase."""

    alternatives: tuple[Alternative, ...]
    gap: int = GAP
    """How many other words may stand before it, counted from the item before."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What an author wrote, read. More parts than one may come in any order."""

    text: str
    parts: tuple[tuple[Item, ...], ...]
    gap: int = GAP

    def lists(self) -> Iterator[str]:
        """Give the names of the lists it uses."""
        for part in self.parts:
            for item in part:
                for alternative in item.alternatives:
                    if isinstance(alternative, ListName):
                        yield alternative.name


def parse(text: str, *, gap: int = GAP) -> Phrase:
    """Return *text* as a phrase whose items stand at most *gap* other words apart where nothing else is written.

    Raises PatternError with what is wrong and, where it helps, what to write.
    """
    return _parsed(text, gap)


def forget() -> None:
    """Let go of what was read so far, which spares reading it again: 3 MB, once all phrases of a topic are read."""
    for remembered in (_parsed, _alternatives, _word):
        remembered.cache_clear()


@lru_cache(maxsize=16_384)
def _parsed(text: str, gap: int) -> Phrase:
    parts: list[tuple[Item, ...]] = []
    items: list[Item] = []
    wide = False
    pieces = text.split() if _PLAIN.fullmatch(text) else _pieces(text)
    for piece in pieces:
        if piece == "&":
            if not items or wide:
                raise PatternError(f"'&' of '{text}' needs words on both sides")
            parts.append(tuple(items))
            items = []
        elif piece == "..":
            if not items or wide:
                raise PatternError(f"'..' of '{text}' needs words on both sides")
            wide = True
        else:
            close = piece.startswith("+")
            if close and (wide or not items):
                raise PatternError(f"'{piece}' of '{text}' has no word to stand beside")
            if piece == "+":
                raise PatternError(f"a '+' of '{text}' stands alone; join it to the word behind it")
            between = 0 if close else WIDE_GAP if wide else gap
            items.append(Item(_alternatives(piece[close:]), between))
            wide = False
    if wide or not items:
        raise PatternError(f"'{text}' ends where a word should follow" if text.strip() else "an empty phrase; write a word or leave it out")
    parts.append(tuple(items))
    return Phrase(text, tuple(parts), gap)


def _pieces(text: str) -> list[str]:
    pieces: list[str] = _PIECE.findall(text)
    if "".join(pieces) != re.sub(r"\s+(?![^{]*\})", "", text):
        raise PatternError(f"a bracket of '{text}' is not closed")
    return pieces


@lru_cache(maxsize=16_384)
def _alternatives(piece: str) -> tuple[Alternative, ...]:
    found = _ALTERNATIVE.findall(piece)
    if "/".join(found) != piece:
        raise PatternError(f"'{piece}' has an empty or run-on alternative: write a/b/c")
    return tuple(_alternative(written) for written in found)


def _alternative(written: str) -> Alternative:
    if written.startswith("<"):
        if not _NAME.fullmatch(written[1:-1]):
            raise PatternError(f"'{written}' is no list name: use small letters, digits and hyphens")
        return ListName(written[1:-1])
    return _measure(written) if written.startswith("{") else _word(written)


@lru_cache(maxsize=16_384)
def _word(written: str) -> Word | Words:
    words = tuple(_single(single, written) for single in written.split("_"))
    return words[0] if len(words) == 1 else Words(words)


def _single(single: str, written: str) -> Word:
    if not _WORD.fullmatch(single):
        raise PatternError(f"'{written}' is no word: letters and digits, '=' before for the very word, '*' after for a beginning")
    if single.endswith("*"):
        if single.startswith("="):
            raise PatternError(f"'{written}' asks for the very word and for a beginning")
        return Word(single[:-1].casefold(), "prefix")
    if single.startswith("="):
        return Word(single[1:].casefold(), "exact")
    return Word(single.casefold(), "stem")


def _measure(written: str) -> Measure:
    found = _READING.fullmatch(written)
    if found is None:
        raise PatternError(f"'{written}' is no reading: write {{temperature >= 38 C}} or {{age 1..11}}")
    kind, unit = found["kind"], found["unit"]
    if kind not in UNITS_BY_KIND:
        raise PatternError(f"'{kind}' is no kind of reading; there are {', '.join(UNITS_BY_KIND)}")
    if unit not in UNITS_BY_KIND[kind]:
        raise PatternError(f"'{unit}' is no unit of {kind}; there are {', '.join(u or 'none' for u in UNITS_BY_KIND[kind])}")
    if (found["second"] is not None) != (kind == "pressure"):
        raise PatternError(f"'{written}': a blood pressure, and only that, has two numbers such as 180/120")
    if found["sign"] is None:
        low, high = float(found["low"]), float(found["high"])
        if low > high:
            raise PatternError(f"'{written}' ends below where it begins, so nothing lies in it; write the lower number first")
    else:
        low, high = _bounds(found["sign"], float(found["value"]))
    return Measure(kind, _base(low, unit, kind), _base(high, unit, kind), float(found["second"] or "inf"))


def _bounds(sign: str, value: float) -> tuple[float, float]:
    tiny = 1e-9
    return {
        ">=": (value, float("inf")),
        ">": (value + tiny, float("inf")),
        "<=": (float("-inf"), value),
        "<": (float("-inf"), value - tiny),
        "=": (value, value),
    }[sign]


def _base(value: float, unit: str, kind: str) -> float:
    if unit == "F":
        return (value - 32) / 1.8
    if unit in DAYS_BY_UNIT:
        return value * DAYS_BY_UNIT[unit] / (365.0 if kind == "age" else 1.0)
    return value
