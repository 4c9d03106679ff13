"""What triage costs: `python -m benchmarks.triage_cost [KNOWLEDGE] [EVAL]`.

CPU time, not the clock on the wall, so that a busy machine does not count. Each row is the median of five runs after one to warm up; the letters
are folded and the clauses cut beforehand, for every way alike. Beside our rules stands what is usually built first, in the same process: a flat
list of the rules' own words, and RapidFuzz's nearest of all the sentences that must fire. Neither knows denial, time, questions or whose it is.

EVAL is a folder that holds `faq.jsonl` and `redflag.jsonl`, a `text` in each line; where it is not there the shipped sentences are used.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.core.snapshot import Snapshot
from bot.core.text import NormalText, normalise
from bot.knowledge.loader import load_snapshot

_RUNS = 5
_LONGEST = 4_096
_LONG_ONES = 10
_TELLING_LETTERS = 5
"""A keyword list of shorter words would find something in everything."""

Look = Callable[[NormalText], object]


def cpu_us(look: Look, messages: Sequence[NormalText]) -> float:
    """Return the CPU microseconds that *look* takes for one message: the median of the runs."""
    for message in messages:
        look(message)
    return statistics.median(_one_run_us(look, messages) for _ in range(_RUNS))


def _one_run_us(look: Look, messages: Sequence[NormalText]) -> float:
    began = time.process_time()
    for message in messages:
        look(message)
    return (time.process_time() - began) * 1_000_000 / len(messages)


def keywords(snapshot: Snapshot) -> Look:
    """Return a flat list of keywords: every long word of a sentence that must fire, looked for anywhere in the message."""
    words = sorted({word for said in _must_fire(snapshot) for word in said.split() if len(word) >= _TELLING_LETTERS})

    def look(message: NormalText) -> object:
        text = message.canonical
        return [word for word in words if word in text]

    return look


def nearest_sentence(snapshot: Snapshot) -> Look:
    """Return RapidFuzz's nearest of the sentences that must fire."""
    sentences = _must_fire(snapshot)

    def look(message: NormalText) -> object:
        return process.extractOne(message.canonical, sentences, scorer=fuzz.token_set_ratio)

    return look


def _must_fire(snapshot: Snapshot) -> list[str]:
    language = snapshot.knowledge.language
    return [normalise(said, language).canonical for flag in snapshot.knowledge.red_flags.flags for said in flag.fires_on]


def sentences(snapshot: Snapshot, folder: Path) -> dict[str, list[str]]:
    """Return ordinary questions and dangers, from *folder* or else as they ship."""
    if folder.is_dir():
        return {name: [json.loads(line)["text"] for line in (folder / f"{name}.jsonl").open(encoding="utf-8")] for name in ("faq", "redflag")}
    knowledge = snapshot.knowledge
    return {
        "faq": [ask for entry in knowledge.entries for ask in entry.asks],
        "redflag": [said for flag in knowledge.red_flags.flags for said in flag.fires_on],
    }


def joined(texts: Sequence[str]) -> list[str]:
    """Return messages as long as a message can be, made of *texts*."""
    ahead = cycle(texts)
    long_ones = []
    for _ in range(_LONG_ONES):
        said = next(ahead)
        while len(said) < _LONGEST:
            said += ". " + next(ahead)
        long_ones.append(said[:_LONGEST])
    return long_ones


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "knowledge")
    given = Path(sys.argv[2] if len(sys.argv) > 2 else "../shared/eval")
    snapshot = load_snapshot(folder, try_sentences=False)
    said = sentences(snapshot, given)
    kinds = {**said, **{f"{name}, {_LONGEST}": joined(texts) for name, texts in said.items()}}
    messages = {name: [normalise(text, snapshot.knowledge.language) for text in texts] for name, texts in kinds.items()}
    rows: tuple[tuple[str, Look], ...] = (
        ("triage", snapshot.triage.examine),
        ("flat keyword list", keywords(snapshot)),
        ("rapidfuzz, token_set_ratio", nearest_sentence(snapshot)),
    )
    print(f"$ python -m benchmarks.triage_cost {folder} {given}")
    print(f"{len(_must_fire(snapshot))} sentences that must fire; CPU microseconds per message, median of {_RUNS} runs\n")
    print(f"{'':<28}" + "".join(f"{f'{name} ({len(texts)})':>20}" for name, texts in messages.items()))
    for way, look in rows:
        print(f"{way:<28}" + "".join(f"{cpu_us(look, texts):>20.0f}" for texts in messages.values()))


if __name__ == "__main__":
    main()
