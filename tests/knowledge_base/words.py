"""Texts as words, to compare wordings whatever the marks and capitals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

_WORD = re.compile(r"[^\W_]+")
_LINKS = re.compile(r"https?://\S+")
_UNSAID = frozenset(
    {"id", "url", "sources", "source", "related", "withholds", "tier", "note", "alarm", "first_line", "soft_line", "safety_entry", "entries"}
)
"""Keys of YAML files under which no wording of ours stands: ids, addresses, and how others call their pages."""


def words(text: str) -> tuple[str, ...]:
    """Return the words of *text* in small letters; apostrophes, hyphens and accents are dropped."""
    plain = unicodedata.normalize("NFKD", _LINKS.sub(" ", text)).casefold()
    return tuple(_WORD.findall(re.sub(r"['’‘\u0300-\u036f]", "", plain)))


def runs(text: str, length: int) -> Iterator[tuple[str, ...]]:
    """Yield every run of *length* words that follow each other in *text*. The end of a line, a bullet and a table's bar cut it."""
    for piece in re.split(r"[\n•|]", text):
        said = words(piece)
        yield from (said[at : at + length] for at in range(len(said) - length + 1))


def strings(folder: Path, pattern: str = "**/*.yaml") -> Iterator[tuple[str, str]]:
    """Yield the name of a file and a text in it, for every text in the YAML files of *folder* that is worded and not a name or address."""
    for path in sorted(folder.glob(pattern)):
        for text in _texts(yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)):  # noqa: S506  (BaseLoader builds text only)
            yield path.relative_to(folder).as_posix(), text


def _texts(plain: object) -> Iterator[str]:
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for key, value in plain.items():
            if key not in _UNSAID:
                yield from _texts(value)
    elif isinstance(plain, Iterable):
        for item in plain:
            yield from _texts(item)
