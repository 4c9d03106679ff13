"""The typed knowledge as plain JSON values and back: what a kept folder holds, so that a start needs neither YAML nor pydantic.

What each value is the annotations of the dataclasses say. A dataclass is the list of its fields, a mapping the list of its pairs. A type that
is not foreseen here cannot be frozen; nothing is lost without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from bot.core.language import Language
from bot.core.triage.pattern import Phrase, parse
from bot.knowledge.defaults import read_vectors, read_words

T = TypeVar("T")

_PLAIN = (str, int, float, bool, NoneType)
_FROM_THE_PACKAGE = ("real_words", "vectors")
"""Fields of a language that are large, and stay in files of the package."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How values of one type come and go."""

    freeze: Callable[[Any], Any]
    thaw: Callable[[Any], Any]


def freeze(value: object, kind: Any) -> Any:
    """Return *value* of this *kind* as JSON can hold it. Raises TypeError for what would not come back as it is."""
    return _way(kind).freeze(value)


def thaw(plain: Any, kind: type[T]) -> T:
    """Return what was frozen as *kind*. Raises ValueError, TypeError or LookupError where *plain* is nothing of it."""
    as_hint: Any = kind
    value: T = _way(as_hint).thaw(plain)
    return value


@cache
def _way(kind: Any) -> _Way:
    origin, inner = get_origin(kind), get_args(kind)
    if kind in _PLAIN:
        return _Way(lambda value: _exactly(value, kind), lambda plain: _exactly(plain, kind))
    if kind is Phrase:
        return _Way(_freeze_phrase, lambda plain: parse(plain[0], gap=plain[1]))
    if kind is Language:
        return _Way(_freeze_language, _thaw_language)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _Way(lambda value: _exactly(value, kind).value, kind)
    if is_dataclass(kind):
        return _record(kind)
    if origin is UnionType and len(inner) == 2 and inner[1] is NoneType:
        some = _way(inner[0])
        return _Way(lambda value: None if value is None else some.freeze(value), lambda plain: None if plain is None else some.thaw(plain))
    if origin is tuple and inner[1:] == (...,):
        each = _way(inner[0])
        return _Way(lambda value: [each.freeze(part) for part in _exactly(value, tuple)], lambda plain: tuple([each.thaw(part) for part in plain]))
    if origin is frozenset:
        each = _way(inner[0])
        return _Way(lambda value: sorted(each.freeze(part) for part in _exactly(value, frozenset)), lambda plain: frozenset(map(each.thaw, plain)))
    if origin is Mapping:
        key, item = map(_way, inner)
        return _Way(
            lambda value: [[key.freeze(name), item.freeze(part)] for name, part in value.items()],
            lambda plain: {key.thaw(name): item.thaw(part) for name, part in plain},
        )
    raise TypeError(f"{kind} cannot be frozen")


def _exactly(value: Any, kind: type[object]) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} where {kind.__name__} is expected")
    return value


def _record(kind: Any, left_out: tuple[str, ...] = ()) -> _Way:
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind) if field.name not in left_out]
    ways = [_way(hints[name]) for name in names]

    def frozen(value: object) -> list[Any]:
        _exactly(value, kind)
        return [way.freeze(getattr(value, name)) for name, way in zip(names, ways, strict=True)]

    def thawed(plain: list[Any]) -> Any:
        return kind(**{name: way.thaw(part) for name, way, part in zip(names, ways, plain, strict=True)})

    return _Way(frozen, thawed)


def _freeze_phrase(phrase: Phrase) -> list[Any]:
    # As its author wrote it: its parts would take ten times the room.
    if parse(phrase.text, gap=phrase.gap) != phrase:
        raise TypeError("a phrase that is not what its text says")
    return [phrase.text, phrase.gap]


@cache
def _of_language() -> _Way:
    return _record(Language, _FROM_THE_PACKAGE)


def _freeze_language(language: Language) -> Any:
    if language.real_words is not read_words(language.code) or language.vectors is not read_vectors(language.code):
        raise TypeError("a language that is not the one of the package")
    return _of_language().freeze(language)


def _thaw_language(plain: Any) -> Language:
    bare: Language = _of_language().thaw(plain)
    return Language(**{**vars(bare), "real_words": read_words(bare.code), "vectors": read_vectors(bare.code)})
