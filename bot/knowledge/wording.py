"""From what pydantic refuses to problems an author can act on: the place in the file, and plain words."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Collection, Iterable, Sequence

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from bot.errors import Problem
from bot.knowledge.document import Path, Place

_SHOWN = 40


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest of *known*, or nothing when none is near."""
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


def shown(text: str) -> str:
    """Return *text* in quotes, on one line and cut to a length that fits a message."""
    line = " ".join(text.split())
    return f"'{line if len(line) <= _SHOWN else line[: _SHOWN - 1] + '…'}'"


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """Return what to say of a *name* that is none of those *known*."""
    return f"{shown(name)} is no {kind}{did_you_mean(name, known) or '; write one that there is, or take it out'}"


def problems_of(error: ValidationError, model: type[BaseModel], place: Place) -> list[Problem]:
    """Return every problem of *error*; *place* is where the value that *model* refused stands."""
    details = error.errors(include_url=False)
    misspelt = {_meant_path(detail["loc"], model) for detail in details if detail["type"] == "extra_forbidden"}
    problems: list[Problem] = []
    for detail in details:
        path, kind = detail["loc"], detail["type"]
        if kind == "extra_forbidden":
            problems.append(place.problem(_unknown_key(path, model), *path, at_key=True))
        elif kind == "missing":
            # A misspelt key is one mistake, not an unknown key and a missing one.
            if path not in misspelt:
                problems.append(place.problem(f"missing key '{path[-1]}'; add it", *path[:-1]))
        else:
            # For a key of a mapping pydantic appends '[key]'.
            problems.append(place.problem(_in_plain_words(detail), *path, at_key=path[-1:] == ("[key]",)))
    return problems


def _unknown_key(path: Path, model: type[BaseModel]) -> str:
    key, known = str(path[-1]), _keys_at(path, model)
    return f"unknown key {shown(key)}" + (did_you_mean(key, known) or f"; the keys here are: {', '.join(known)}")


def _meant_path(path: Path, model: type[BaseModel]) -> Path:
    near = difflib.get_close_matches(str(path[-1]), _keys_at(path, model), n=1)
    return (*path[:-1], near[0]) if near else path


def _keys_at(path: Path, model: type[BaseModel]) -> list[str]:
    """Return the keys that the mapping which *path* leads into may have, in the order of the model."""
    here = [model]
    for step in path[:-1]:
        # Indexes, keys of free mappings and the names pydantic gives to members of a union lead nowhere: the models stay.
        here = [found for each in here for found in _models_under(each, step)] or here
    return [field.alias or name for each in here for name, field in each.model_fields.items()]


def _models_under(model: type[BaseModel], step: str | int) -> list[type[BaseModel]]:
    if issubclass(model, RootModel):
        return [found for each in _models_in(model.model_fields["root"].annotation) for found in (_models_under(each, step) or [each])]
    return [found for name, field in model.model_fields.items() if step == (field.alias or name) for found in _models_in(field.annotation)]


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in typing.get_args(annotation) for model in _models_in(part)]


def _in_plain_words(detail: ErrorDetails) -> str:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    if given is None and kind.endswith("_type"):
        return "is empty; write something here"
    if kind == "string_type":
        return f"must be text, not {_kind_of(given)}; put it in quotes if it holds ': ' or begins with [ or {{"
    if kind == "list_type":
        return f"must be a list, not {_kind_of(given)}; write '- ' before each item"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        return f"must be keys with values, not {_kind_of(given)}; write 'key: value'"
    if kind == "string_too_short":
        return "is empty; write something here"
    if kind == "string_too_long":
        return f"is {len(str(given).strip())} characters long, at most {context['max_length']} fit; shorten it"
    if kind == "too_short":
        return f"holds {context['actual_length']} items, at least {context['min_length']} are needed; add some"
    if kind == "too_long":
        return f"holds {_length(given)} items, at most {context['max_length']} are allowed; take some out"
    if kind == "string_pattern_mismatch":
        return f"{shown(str(given))} does not have the form {context['pattern']}; write it so"
    return detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _kind_of(given: object) -> str:
    if isinstance(given, dict):
        return "keys with values"
    return "a list" if isinstance(given, list) else "text"


def _length(given: object) -> int:
    return len(given) if isinstance(given, Sequence) else 0
