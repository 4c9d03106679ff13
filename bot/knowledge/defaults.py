"""What the package brings along for every topic: messages, small talk, tiers, languages."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.core.language import Language
from bot.errors import KnowledgeError, Problem
from bot.knowledge.document import Place
from bot.knowledge.strict_yaml import parse_yaml
from bot.knowledge.topic_schema import LanguageFile
from bot.knowledge.wording import problems_of

Model = TypeVar("Model", bound=BaseModel)


def _folder() -> Traversable:
    return files("bot") / "defaults"


@cache
def read_default(name: str, model: type[Model]) -> Model:
    """Return the file *name* of the defaults. Raises KnowledgeError, which only a broken installation can cause."""
    file = f"defaults/{name}"
    try:
        raw = _folder().joinpath(name).read_bytes()
    except OSError as error:
        raise KnowledgeError([Problem(file, 1, 1, f"is missing from the package ({type(error).__name__}); install it again")]) from error
    document = parse_yaml(raw, file)
    try:
        return model.model_validate(document.plain)
    except ValidationError as error:
        raise KnowledgeError(problems_of(error, model, Place(document))) from error


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages there are, sorted."""
    return tuple(sorted(item.name.removesuffix(".yaml") for item in _folder().joinpath("languages").iterdir() if item.name.endswith(".yaml")))


@cache
def read_language(code: str) -> Language:
    """Return one of `languages()`, with its word list if it has one."""
    words = _folder().joinpath("languages", f"{code}_words.txt")
    real_words = frozenset(words.read_text(encoding="utf-8").split()) if words.is_file() else frozenset()
    shape: LanguageFile = read_default(f"languages/{code}.yaml", LanguageFile)
    return shape.to_language(code, real_words)
