"""What one message costs: `python -m benchmarks.match_one [KNOWLEDGE]`.

CPU time, not the clock on the wall, so that a busy machine does not count. Each row is the median of five runs over the same messages after
one to warm up. RapidFuzz's best match over the same phrasings, in the same process, is there to compare with: it finds the nearest
phrasing and decides nothing.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from rapidfuzz import fuzz, process

from benchmarks.messages import MESSAGES
from bot.core.matching.decide import decide
from bot.core.model import Context, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from bot.knowledge.loader import load_snapshot

_RUNS = 5
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def cpu_ms(say: Callable[[str], object]) -> float:
    """Return the CPU milliseconds that *say* takes for one message: the median of the runs."""
    for message in MESSAGES:
        say(message)
    return statistics.median(_one_run_ms(say) for _ in range(_RUNS))


def _one_run_ms(say: Callable[[str], object]) -> float:
    began = time.process_time()
    for message in MESSAGES:
        say(message)
    return (time.process_time() - began) * 1000 / len(MESSAGES)


def matcher(snapshot: Snapshot) -> Callable[[str], object]:
    """Return our matching step: read a message and decide what it asks for."""
    language = snapshot.knowledge.language

    def match(message: str) -> object:
        return decide(normalise(message, language), snapshot.matcher, language, snapshot.entries_by_id, None)

    return match


def responder(snapshot: Snapshot) -> Callable[[str], object]:
    """Return all of it: read, triage, match, decide, compose."""

    def answer(message: str) -> object:
        return respond(Utterance(message, _NOON), snapshot, Context())

    return answer


def nearest_phrasing(snapshot: Snapshot) -> Callable[[str], object]:
    """Return RapidFuzz's best of the same phrasings, both sides normalised as ours are."""
    language = snapshot.knowledge.language
    phrasings = [normalise(ask, language).canonical for entry in snapshot.knowledge.entries for ask in entry.asks]

    def nearest(message: str) -> object:
        return process.extractOne(normalise(message, language).canonical, phrasings, scorer=fuzz.WRatio)

    return nearest


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "knowledge")
    snapshot = load_snapshot(folder, try_sentences=False)
    phrasings = sum(len(entry.asks) for entry in snapshot.knowledge.entries)
    rows = (
        ("match (normalise, decide)", matcher(snapshot)),
        ("respond (all of it)", responder(snapshot)),
        ("rapidfuzz extractOne, WRatio", nearest_phrasing(snapshot)),
    )
    print(f"$ python -m benchmarks.match_one {folder}")
    print(f"{len(MESSAGES)} messages, {phrasings} phrasings; CPU per message, median of {_RUNS} runs\n")
    for name, say in rows:
        print(f"{name:<30} {cpu_ms(say):8.3f} ms")


if __name__ == "__main__":
    main()
