"""Messages to compare on: public sets, read, cleaned, mistyped, and written as the knowledge folder an author would keep; and messages made to be
slow.
"""

from __future__ import annotations

import importlib.util
import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.peers import OOS
from bot.core.text import normalise
from bot.knowledge.defaults import read_language
from bot.knowledge.schema import ID_LIMIT

TYPO_KINDS = ("message", "letters")
"""One typo a message; one letter in eight."""
TYPO_SEED = 20240611
"""The default of `typos.py`, so that the messages are the ones it prints."""
LONGEST = 4_096
"""Characters of a message made to be slow: the most that one message holds."""

_SLOW_ONES = 3
_SLOW_SEED = 7
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NOT_FOR_AN_ID = re.compile(r"[^a-z0-9]+")
# An entry needs a title and learns from it. The names of intents often are good questions, which the peers would not see; a mark teaches nothing.
_TITLE = "?"
_ANSWER = "An answer."


@dataclass(frozen=True, slots=True)
class Row:
    """One message and what it asks for."""

    text: str
    entry_id: str
    """OOS for a message that must be declined."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One set, ready to teach and to measure on."""

    name: str
    train: tuple[Row, ...]
    """No two have the same words. Those under OOS teach what is not a question of the topic."""
    dev: tuple[Row, ...]
    conflicts: int
    """Rows of train that were dropped because their words stand under another intent too."""


def entry_id(intent: str) -> str:
    """Return *intent* as an id of the knowledge folder: `Card_arrival?` gives `card-arrival`. Raises ValueError when nothing is left of it."""
    made = _NOT_FOR_AN_ID.sub("-", intent.lower()).strip("-")[:ID_LIMIT].rstrip("-")
    if not made:
        raise ValueError(f"no id can be made of the intent {intent!r}; give it a name with letters a to z or digits")
    return made


def find_sets(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """Return the sets of *folder* by alphabet, or those of *names* in their order. Raises FileNotFoundError naming what is not there."""
    found = [folder / name for name in names] or sorted(path.parent for path in folder.glob("*/train.jsonl"))
    missing = [str(path / file) for path in found or [folder / "*"] for file in ("train.jsonl", "dev.jsonl") if not (path / file).is_file()]
    if missing:
        raise FileNotFoundError(f"{', '.join(missing)}: not there; name a folder of sets, each with train.jsonl and dev.jsonl")
    return found


def read_bench(folder: Path) -> Bench:
    """Return the set in *folder*. Raises ValueError when two of its intents would have one id."""
    train = [*_read(folder / "train.jsonl"), *_read(folder / "oos_train.jsonl")]
    dev = _read(folder / "dev.jsonl")
    _check_ids({intent for _, intent in (*train, *dev)})
    kept, conflicts = without_conflicts([Row(text, entry_id(intent)) for text, intent in train])
    return Bench(folder.name, kept, tuple(Row(text, entry_id(intent)) for text, intent in dev), conflicts)


def _read(file: Path) -> list[tuple[str, str]]:
    if not file.is_file():
        return []
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [(row["text"], row["intent"]) for row in rows]


def _check_ids(intents: Iterable[str]) -> None:
    first: dict[str, str] = {}
    for intent in sorted(intents):
        earlier = first.setdefault(entry_id(intent), intent)
        if earlier != intent:
            raise ValueError(f"the intents {earlier!r} and {intent!r} both become the id {entry_id(intent)!r}; rename one of them")


def without_conflicts(rows: Sequence[Row]) -> tuple[tuple[Row, ...], int]:
    """Return what may teach, in order, and how many rows were dropped as conflicts: the same words, once normalised, under two entries.

    A folder with such a sentence does not load. Of rows that say the same for one entry the first is kept, and rows without a word are
    left out; neither counts as a conflict.
    """
    language = read_language("en")
    words = [" ".join(token.text for token in normalise(row.text, language).tokens) for row in rows]
    owners: dict[str, set[str]] = {}
    for said, row in zip(words, rows, strict=True):
        owners.setdefault(said, set()).add(row.entry_id)
    kept: dict[str, Row] = {}
    for said, row in zip(words, rows, strict=True):
        if said and len(owners[said]) == 1:
            kept.setdefault(said, row)
    return tuple(kept.values()), sum(1 for said in words if said and len(owners[said]) > 1)


def write_folder(bench: Bench, folder: Path) -> Path:
    """Write *bench* as a knowledge folder without red flags, and return *folder*."""
    asks_by_id: dict[str, list[str]] = {}
    for row in bench.train:
        asks_by_id.setdefault(row.entry_id, []).append(" ".join(row.text.split()))
    none = asks_by_id.pop(OOS, [])
    entries = [{"id": entry, "title": _TITLE, "asks": asks, "answer": _ANSWER} for entry, asks in asks_by_id.items()]
    _write(folder / "entries" / "all.yaml", entries)
    _write(folder / "topic.yaml", {"name": bench.name})
    if none:
        _write(folder / "none.yaml", none)
    return folder


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def mistyped(texts: Iterable[str], kind: str, script: Path) -> list[str]:
    """Return *texts* with the typos that *script* (`typos.py`) makes of them in this order; *kind* is one of TYPO_KINDS."""
    make = _typo_maker(kind, script)
    rng = random.Random(TYPO_SEED)  # noqa: S311 - nothing here is secret; it must be the script's own stream
    return [make(text, rng) for text in texts]


def _typo_maker(kind: str, script: Path) -> Callable[[str, random.Random], str]:
    spec = importlib.util.spec_from_file_location("typos", script)
    if spec is None or spec.loader is None or not script.is_file():
        raise FileNotFoundError(f"{script}: not there; it makes the typos")
    typos = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(typos)
    makers: dict[str, Callable[[str, random.Random], str]] = {"message": typos.per_message, "letters": typos.per_letter}
    return makers[kind]


def slow_messages(words: Sequence[str]) -> dict[str, list[str]]:
    """Return kind -> a few messages made to be slow, the same every time; *words* are what a set is written in, one at least.

    A few, and different where they can be: what an engine keeps from one must not make the next one cheap.
    """
    rng = random.Random(_SLOW_SEED)  # noqa: S311 - nothing here is secret; it must be the same every time

    def typo() -> str:
        word = rng.choice(words)
        at = rng.randrange(len(word))
        return f"{word[:at]}{rng.choice(_LETTERS)}{word[at + 1 :]} "

    pieces: dict[str, Callable[[], str]] = {
        "one letter throughout": lambda: "a",
        "distinct nonsense words": lambda: "".join(rng.choices(_LETTERS, k=9)) + " ",
        "single letters and spaces": lambda: rng.choice(_LETTERS) + " ",
        "words of the set, each with a typo": typo,
        "question marks only": lambda: "?",
        "one huge word": lambda: rng.choice(_LETTERS),
        "commas and 'and'": lambda: f"{rng.choice(words)}, {rng.choice(words)} and ",
    }
    return {kind: [_filled(piece) for _ in range(_SLOW_ONES)] for kind, piece in pieces.items()}


def _filled(piece: Callable[[], str]) -> str:
    text = ""
    while len(text) < LONGEST:
        text += piece()
    return text[:LONGEST]
