"""A made-up knowledge base of any size, with the red flags of the shipped one: what the engine's bounds are measured on."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.folders import packaged_knowledge
from bot.knowledge.defaults import read_language

ENTRIES, PHRASINGS = 1_000, 10
_SEED = 11
_PER_FILE = 100
_TAKEN = ("messages.yaml", "numbers.yaml", "examples_danger.yaml", "examples_harmless.yaml", "examples_tuned.yaml")
_OPENINGS = ("how do i", "what about", "is it ok to", "why does", "should i", "can you tell me about", "when do i", "my", "which", "help with")
_ANSWER = "Have somebody who knows about {} look at it, and leave it alone until then. It is seldom more than that."
_JUDGES = ("silent_on", "soft_on", "withholds", "known_misses", "reviewed")


def write(folder: Path, entries: int = ENTRIES, phrasings: int = PHRASINGS) -> Path:
    """Write *entries* with so many *phrasings* each below *folder*, the same every time, and return it."""
    (folder / "entries").mkdir(parents=True)
    made = list(_entries(entries, phrasings))
    for number, begin in enumerate(range(0, entries, _PER_FILE)):
        _write(folder / "entries" / f"part-{number}.yaml", made[begin : begin + _PER_FILE])
    shipped = packaged_knowledge()
    for name in _TAKEN:
        shutil.copy(shipped / name, folder)
    red_flags = yaml.load((shipped / "red_flags.yaml").read_bytes(), yaml.CBaseLoader)  # noqa: S506 - all of it stays text
    # What judges them and whom they withhold belongs to the entries they were written with.
    red_flags["flags"] = [{key: value for key, value in flag.items() if key not in _JUDGES} for flag in red_flags["flags"]]
    red_flags.pop("reviewed", None)
    _write(folder / "red_flags.yaml", red_flags)
    _write(folder / "topic.yaml", {"name": "Much of everything"})
    return folder


def _entries(count: int, phrasings: int) -> Iterator[dict[str, Any]]:
    draw = random.Random(_SEED)  # noqa: S311 - nothing here is secret; it must be the same every time
    words = draw.sample([word for word in read_language("en").real_words if word.isascii() and word.isalpha() and 5 <= len(word) <= 9], 4 * count)
    for number in range(count):
        own = words[4 * number : 4 * number + 4]
        asks: dict[str, None] = {}
        while len(asks) < phrasings:
            others = draw.sample(words, 2)
            asks[" ".join((draw.choice(_OPENINGS), *draw.sample(own, 2), "and the" if draw.random() < 0.5 else "or", others[0]))] = None
        yield {
            "id": f"entry-{number}",
            "title": own[0].capitalize(),
            "asks": list(asks),
            "answer": _ANSWER.format(own[0]),
            "tier": "self_care",
        }


def _write(file: Path, content: object) -> None:
    file.write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1_000), encoding="utf-8")
