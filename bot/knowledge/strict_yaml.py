"""A strict reading of YAML: mappings, lists and text. Whatever could surprise an author, or cost too much, is refused with its place.

The document is built from the events of the parser. No alias is ever resolved, no tag ever constructs anything, and no `no` becomes false.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

import yaml

from bot.errors import KnowledgeError, Problem
from bot.knowledge.document import Document, Path, Plain, Position

DEPTH_LIMIT = 12
NODE_LIMIT = 50_000
_PROBLEM_LIMIT = 50
"""A file that is wrong throughout is wrong for one reason; the first of its problems tell it."""

YamlLoader = type[yaml.BaseLoader] | type["yaml.CBaseLoader"]
FAST_LOADER: YamlLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_NULLS = frozenset({"", "~", "null"})
# Control characters but tab and line ends, halves of surrogate pairs, line separators no editor counts, and byte order marks inside a text.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
# "drink water #1 rule": YAML takes the end for a comment, and an answer would lose it. A comment meant as one has a space behind its `#`.
_LOST_END = re.compile(r"[ \t]+(#[^\s#]\S*)")
_GLUED = re.compile(r"[\r\n][ \t]*- ")
_LINE_END = re.compile("\r\n|\r|\n")
_QUOTE = "text that begins with one of { [ * & ! % @ ` | > or holds ': ' needs quotes round it"


def parse_yaml(raw: bytes, file: str, loader: YamlLoader = FAST_LOADER) -> Document:
    """Return what *raw* holds, with the place of every value.

    A byte order mark at the start is allowed. Raises KnowledgeError with the problems found; *file* is only named in them.
    """
    text = _decode(raw, file)
    builder = _Builder(file, text)
    with _syntax_errors_as_problems(builder, len(text)):
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
            if len(builder.problems) >= _PROBLEM_LIMIT:
                break
    if not builder.problems and builder.root is None:
        builder.problems.append(Problem(file, 1, 1, "the file is empty; write something or delete it"))
    if builder.problems:
        raise KnowledgeError(builder.problems)
    return Document(file, builder.root, builder.values, builder.keys)


def _decode(raw: bytes, file: str) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise KnowledgeError([Problem(file, 1, 1, "the file is UTF-16; save it as UTF-8")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8-sig", errors="replace")
        what = f"not UTF-8 (byte 0x{raw[error.start]:02x}); save the file as UTF-8"
        raise KnowledgeError([Problem(file, *_position(before), what)]) from None
    found = _FORBIDDEN.search(text)
    if found:
        what = f"the invisible character U+{ord(found[0]):04X} does not belong in a text; delete it"
        raise KnowledgeError([Problem(file, *_position(text[: found.start()]), what)])
    return text


def _position(before: str) -> Position:
    lines = _LINE_END.split(before)
    return len(lines), len(lines[-1]) + 1


class _Mark(Protocol):
    """Where the parser is; both kinds of PyYAML's marks are one."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


def _at(mark: _Mark | None) -> Position:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


class _HopelessError(Exception):
    """Reading on makes no sense."""


@contextmanager
def _syntax_errors_as_problems(builder: _Builder, length: int) -> Iterator[None]:
    try:
        yield
    except _HopelessError:
        pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # What was never closed is noticed at the end of the file; the place to look at is where it was opened. So it is with a `*` before text, and
        # with a line without a colon, which is noticed at the next.
        if error.context_mark and mark and (mark.index >= length or (error.context or "").endswith(_SIGNS)):
            mark = error.context_mark
        builder.refuse(_explain(f"{error.context or ''} {error.problem or ''}", _before(builder.text, mark)), _at(mark))
    except yaml.YAMLError as error:
        builder.refuse(f"not valid YAML ({type(error).__name__}); check quotes and indentation", (1, 1))


_SIGNS = ("an alias", "an anchor", "a tag", "a simple key")

_EXPLANATIONS = (
    ("cannot start any token", f"a tab, or a character that YAML reserves; indent with spaces, and {_QUOTE}"),
    ("mapping values are not allowed", "a ': ' that starts a second value; put the whole text in quotes"),
    ("quoted scalar", "a quote that is not closed, or an unknown \\ escape; close it, and double a ' inside '...'"),
    ("flow sequence", f"a list in [ ] that is not closed, or lacks a comma; {_QUOTE}"),
    ("flow mapping", f"keys in {{ }} that are not closed, or lack a comma; {_QUOTE}"),
    (
        "could not find expected ':'",
        "a line that is neither 'key: value' nor '- item'; add the colon and a space behind it, or indent the line under its key",
    ),
    ("anchor", f"'&' names an anchor, which is not allowed; {_QUOTE}"),
    ("alias", f"'*' names an alias, which is not allowed; {_QUOTE}"),
    ("tag", f"'!' names a tag, which is not allowed; {_QUOTE}"),
    ("block", f"the indentation does not fit the lines above, or {_QUOTE}"),
)


_TOO_FAR = re.compile(r"\s*[a-z_]+")
"""All of a line up to its colon, where that is most likely a key."""


def _before(text: str, mark: _Mark | None) -> str:
    """Return the line that *mark* is in up to there, with a tab that stands there."""
    line, column = (mark.line, mark.column) if mark else (0, 0)
    lines = _LINE_END.split(text)
    return lines[line][: column + lines[line][column:].startswith("\t")] if line < len(lines) else ""


def _explain(words: str, before: str) -> str:
    if "\t" in before and not before.strip():
        return "not valid YAML: a tab at the beginning of a line; indent with spaces"
    if "mapping values are not allowed" in words and _TOO_FAR.fullmatch(before):
        return "not valid YAML: a key that stands further in than the line above allows; indent it as the keys beside it"
    for sign, explanation in _EXPLANATIONS:
        if sign in words:
            return f"not valid YAML: {explanation}"
    return f"not valid YAML: {words.strip()}; {_QUOTE}"


@dataclass(slots=True)
class _Open:
    """A list or mapping that is still being read."""

    content: dict[str, Plain] | list[Plain]
    path: Path
    key: str | None = None
    """The key whose value comes next; None in a mapping where a key comes next."""


@dataclass(slots=True)
class _Builder:
    """Puts a document together from events, one by one."""

    file: str
    text: str
    root: Plain = None
    values: dict[Path, Position] = field(default_factory=dict)
    keys: dict[Path, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _documents: int = 0
    _repeats: int = 0

    def refuse(self, what: str, at: Position) -> None:
        self.problems.append(Problem(self.file, *at, what))

    def stop(self, what: str, at: Position) -> NoReturn:
        self.refuse(what, at)
        raise _HopelessError

    def take(self, event: yaml.Event) -> None:
        at = _at(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self.stop("a second document starts here ('---'); one file holds one", at)
        elif isinstance(event, yaml.AliasEvent):
            self.refuse(f"aliases ('*{event.anchor}') are not allowed; write it out, or put the text in quotes", at)
            self._add(None, at)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            if event.anchor is not None:
                self.refuse(f"anchors ('&{event.anchor}') are not allowed; delete it, or put the text in quotes", at)
            if event.tag is not None:
                self.refuse(f"tags ('{event.tag}') are not allowed; delete it, or put the text in quotes", at)
            if isinstance(event, yaml.ScalarEvent):
                self._take_scalar(event, at)
            else:
                self._take_collection({} if isinstance(event, yaml.MappingStartEvent) else [], at)

    def _take_collection(self, content: dict[str, Plain] | list[Plain], at: Position) -> None:
        self._open.append(_Open(content, self._add(content, at)))
        if len(self._open) > DEPTH_LIMIT:
            self.stop(f"nested more than {DEPTH_LIMIT} deep; {_QUOTE}", at)

    def _take_scalar(self, event: yaml.ScalarEvent, at: Position) -> None:
        text: str = event.value
        found = _FORBIDDEN.search(text)
        if found:
            self.refuse(f"the escaped character U+{ord(found[0]):04X} cannot be sent; write the character itself, or leave it out", at)
        here = self._open[-1] if self._open else None
        if here and isinstance(here.content, dict) and here.key is None:
            self._take_key(here, here.content, text, at)
        else:
            # The style of a plain scalar is None to one loader and empty to the other.
            plain = not event.style
            lost = _LOST_END.match(self.text, event.end_mark.index) if plain and event.end_mark else None
            if lost:
                self.refuse(f"'{lost[1]}' and what follows would be lost as a comment; put the text in quotes, or a space behind the '#'", at)
            if plain and event.start_mark and event.end_mark and _GLUED.search(self.text, event.start_mark.index, event.end_mark.index):
                self.refuse(
                    "a line below begins with '- ' but stands too far in, so it would be glued to the text before it; move it to the left", at
                )
            self._add(None if plain and text in _NULLS else text, at)

    def _take_key(self, here: _Open, content: dict[str, Plain], key: str, at: Position) -> None:
        if not key:
            self.refuse("a key without a name; write the key before the ':'", at)
        path = (*here.path, key)
        if key in content:
            self.refuse(f"duplicate key '{key}' (first at line {self.keys[path][0]}); delete one of them", at)
            # Its value is read for problems of its own, under a name nothing else can have.
            self._repeats += 1
            key = f"\n{self._repeats}"
            path = (*here.path, key)
        here.key = key
        self.keys[path] = at

    def _add(self, value: Plain, at: Position) -> Path:
        if not self._open:
            self.root = value
            path: Path = ()
        else:
            path = self._add_to(self._open[-1], value, at)
        self.values[path] = at
        if len(self.values) > NODE_LIMIT:
            self.stop(f"more than {NODE_LIMIT} values in one file; split it", at)
        return path

    def _add_to(self, here: _Open, value: Plain, at: Position) -> Path:
        if isinstance(here.content, list):
            here.content.append(value)
            return (*here.path, len(here.content) - 1)
        key = here.key
        if key is None:
            self.stop(f"a key must be plain text; {_QUOTE}", at)
        here.content[key] = value
        here.key = None
        return (*here.path, key)
