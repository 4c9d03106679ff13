"""One more phrasing for an entry, put into the text of its file: all else stays as the author wrote it, comments and empty lines included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from bot.errors import KnowledgeError
from bot.knowledge.document import Plain
from bot.knowledge.strict_yaml import FAST_LOADER, parse_yaml

_BARE = re.compile(r"[a-z][a-z0-9' -]*[a-z0-9]", re.IGNORECASE)
"""What needs no quotes in a list of either style, unless it is one of _WORDS_OF_YAML."""
_WORDS_OF_YAML = frozenset({"null", "true", "false", "yes", "no", "on", "off"})
_LINE_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Insertion:
    """A file with one more phrasing."""

    content: bytes
    line: int
    """Where the phrasing stands in it, from 1."""
    added: str
    """A whole line; or, in brackets, the piece that belongs behind the last phrasing."""
    in_brackets: bool


def insert(content: bytes, entry_id: str, phrasing: str) -> Insertion | None:
    """Return the file *content* with *phrasing* as the last of the entry's `asks`, line breaks and rows of spaces in it being one space.

    None where that cannot be done, or not without touching anything else: the file has problems, has no such entry, or two of the name, or YAML
    cannot hold the phrasing.
    """
    phrasing = " ".join(phrasing.split())
    try:
        expected = parse_yaml(content, "").plain
        asks = _asks_of(expected, entry_id)
        if asks is None or not phrasing:
            return None
        text = content.decode("utf-8-sig")
        insertion = _inserted(text, _node_of(text, entry_id), phrasing)
        changed = content[: len(content) - len(text.encode())] + insertion.content
        asks.append(phrasing)
        return Insertion(changed, insertion.line, insertion.added, insertion.in_brackets) if parse_yaml(changed, "").plain == expected else None
    except (KnowledgeError, UnicodeEncodeError):
        return None


def scalar(phrasing: str) -> str:
    """Return *phrasing* as YAML writes it in a list: in quotes where it needs them."""
    if _BARE.fullmatch(phrasing) and phrasing.lower() not in _WORDS_OF_YAML:
        return phrasing
    return '"' + phrasing.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _asks_of(plain: Plain, entry_id: str) -> list[Plain] | None:
    """Return the phrasings of the only entry of this id; None where there is none, or they are no list of texts."""
    entries = [each for each in plain if isinstance(each, dict) and each.get("id") == entry_id] if isinstance(plain, list) else []
    asks = entries[0].get("asks") if len(entries) == 1 else None
    return asks if isinstance(asks, list) and all(isinstance(each, str) for each in asks) else None


def _node_of(text: str, entry_id: str) -> yaml.SequenceNode:
    """Return where those stand that `_asks_of` found."""
    root: Any = yaml.compose(text, Loader=FAST_LOADER)  # Any: what it is was looked at before, and the stubs leave it open.
    entries = ({key.value: value for key, value in entry.value} for entry in root.value if isinstance(entry, yaml.MappingNode))
    node: yaml.SequenceNode = next(entry["asks"] for entry in entries if "id" in entry and entry["id"].value == entry_id)
    return node


def _inserted(text: str, asks: yaml.SequenceNode, phrasing: str) -> Insertion:
    return _in_brackets(text, asks, phrasing) if asks.flow_style else _in_lines(text, asks, phrasing)


def _in_brackets(text: str, asks: yaml.SequenceNode, phrasing: str) -> Insertion:
    at = asks.value[-1].end_mark.index if asks.value else asks.start_mark.index + 1
    added = f", {scalar(phrasing)}" if asks.value else scalar(phrasing)
    return Insertion((text[:at] + added + text[at:]).encode(), _lines(text[:at]) + 1, added, in_brackets=True)


def _in_lines(text: str, asks: yaml.SequenceNode, phrasing: str) -> Insertion:
    last = asks.value[-1]
    at = last.end_mark.index
    if last.style not in ("|", ">"):  # A text in a block ends where the line behind it begins; any other ends in its line.
        end = _LINE_END.search(text, at)
        at = end.end() if end else len(text)
    some_end = _LINE_END.search(text)
    line_end = some_end[0] if some_end else "\n"
    lacking = "" if text[:at].endswith(("\n", "\r")) else line_end  # The last line of a file may have no end.
    added = " " * asks.start_mark.column + f"- {scalar(phrasing)}"
    before = text[:at] + lacking
    return Insertion((before + added + line_end + text[at:]).encode(), _lines(before) + 1, added, in_brackets=False)


def _lines(text: str) -> int:
    """Return how many lines end in *text*."""
    return len(_LINE_END.findall(text))
