"""What the package brings along for every topic: messages, small talk, tiers, languages."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from bot.core.language import Language
from bot.core.vectors import NO_VECTORS, WordVectors
from bot.core.wordlist import WordList
from bot.errors import KnowledgeError, Problem
from bot.knowledge.document import Place

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from pydantic import BaseModel

VECTOR_SIZE = 96
VECTORS_ROW = np.dtype([("key", "<u4"), ("scale", "<f2"), ("steps", "i1", (VECTOR_SIZE,))])
"""A row of `languages/*_vectors.npy`: the fields of WordVectors. Rows are sorted by key."""

Model = TypeVar("Model", bound="BaseModel")


def _folder() -> Traversable:
    beside = Path(__file__).parent.parent / "defaults"
    if beside.is_dir():
        return beside
    from importlib.resources import files  # Where the package lies in a zip file. It brings 3 MB along.

    return files("bot") / "defaults"


def _broken(file: str, how: str) -> KnowledgeError:
    return KnowledgeError([Problem(file, 1, 1, f"{how}; install it again")])


@cache
def read_default(name: str, model: type[Model]) -> Model:
    """Return the file *name* of the defaults. Raises KnowledgeError, which only a broken installation can cause."""
    # Imported here: a start that finds the knowledge kept reads no YAML, and pydantic takes 20 MB.
    from pydantic import ValidationError

    from bot.knowledge.strict_yaml import parse_yaml
    from bot.knowledge.wording import problems_of

    file = f"defaults/{name}"
    try:
        raw = _folder().joinpath(name).read_bytes()
    except OSError as error:
        raise _broken(file, f"is missing from the package ({type(error).__name__})") from error
    document = parse_yaml(raw, file)
    try:
        return model.model_validate(document.plain)
    except ValidationError as error:
        raise KnowledgeError(problems_of(error, model, Place(document))) from error


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages that a bot may read, sorted."""
    names = {item.name for item in _folder().joinpath("languages").iterdir() if item.name.endswith(".yaml")}
    return tuple(sorted(name.removesuffix(".yaml") for name in names - {"others.yaml"}))


@cache
def read_language(code: str) -> Language:
    """Return one of `languages()`, with its word list and its word vectors if it has them."""
    from bot.knowledge.topic_schema import LanguageFile

    shape: LanguageFile = read_default(f"languages/{code}.yaml", LanguageFile)
    return replace(shape.to_language(code, read_words(code)), vectors=read_vectors(code))


@cache
def read_words(code: str) -> WordList:
    """Return the word list of a language, an empty one where it has none."""
    words = _folder().joinpath("languages", f"{code}_words.txt")
    return WordList(words.read_bytes() if words.is_file() else b"")


@cache
def read_vectors(code: str) -> WordVectors:
    """Return the word vectors of a language, NO_VECTORS where it has none. Raises KnowledgeError, which only a broken installation can cause.

    The vectors stay in the file, which is mapped: a message reads the few it needs.
    """
    name = f"{code}_vectors.npy"
    file = _folder().joinpath("languages", name)
    if not file.is_file():
        return NO_VECTORS
    try:
        # What is in a zip file cannot be mapped.
        table = np.asarray(np.load(file, mmap_mode="r") if isinstance(file, Path) else np.load(BytesIO(file.read_bytes())))
    except (OSError, ValueError, EOFError) as error:
        raise _broken(f"defaults/languages/{name}", f"cannot be read ({type(error).__name__})") from error
    if table.dtype != VECTORS_ROW:
        raise _broken(f"defaults/languages/{name}", "holds something else than word vectors")
    return WordVectors(np.ascontiguousarray(table["key"]), table["scale"], table["steps"])
