"""What a message costs that is made to be slow: `python -m benchmarks.long_message [ENTRIES PHRASINGS]`.

4,096 characters, the most that one message holds, against a made-up base of 1,000 entries with 10 phrasings each. CPU time of each message,
not the clock on the wall; fifty different ones of each kind, none said twice before it is timed, so that nothing kept from one makes the next cheap.
`match` reads, repairs and decides; `respond` is all of it, with the shipped red flags.
"""

from __future__ import annotations

import gc
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.large_base import ENTRIES, PHRASINGS, write
from benchmarks.match_one import matcher, responder
from bot.core.snapshot import Snapshot
from bot.knowledge.loader import load_snapshot

_LONGEST = 4_096
_EACH = 50
_SEED = 3
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_EMOJI = "😀🧊🔥🦴🤕💊🩺🧠👩‍⚕️🇬🇧❤️✨"
_MARKS = "\u0300\u0301\u0302\u0303\u0308\u030a\u0323\u0327\u0345\u20dd"


def makers(snapshot: Snapshot, draw: random.Random) -> dict[str, Callable[[], str]]:
    """Return kind of message -> what makes a piece of one."""
    words = sorted(word for word in snapshot.lessons.learned.word_counts if word.isalpha() and len(word) > 3)
    asks = [ask for entry in snapshot.knowledge.entries for ask in entry.asks]
    dangers = [said for flag in snapshot.knowledge.red_flags.flags for said in flag.fires_on]
    rare = draw.sample(words, 40)

    def typo() -> str:
        word = draw.choice(words)
        at = draw.randrange(len(word))
        return f"{word[:at]}{draw.choice(_LETTERS)}{word[at + 1 :]} "

    return {
        "one letter a word": lambda: draw.choice(_LETTERS) + " ",
        "emoji": lambda: draw.choice(_EMOJI),
        "words of the base": lambda: draw.choice(words) + " ",
        "typos of words of the base": typo,
        "nonsense": lambda: "".join(draw.choices(_LETTERS, k=9)) + " ",
        "the same rare words again": lambda: draw.choice(rare) + " ",
        "no spaces": lambda: draw.choice(_LETTERS),
        "combining marks": lambda: draw.choice(_LETTERS) + "".join(draw.choices(_MARKS, k=6)),
        "Thai and Hindi": lambda: chr(draw.choice((draw.randrange(0x0E01, 0x0E4E), draw.randrange(0x0905, 0x094D)))),
        "joined questions": lambda: f"{draw.choice(asks)} and ",
        "questions with marks": lambda: f"{draw.choice(asks)}? ",
        "numbers": lambda: f"{draw.randrange(200)}/{draw.randrange(120)} {draw.randrange(45)} days ",
        "apostrophes": lambda: f"{draw.choice(_LETTERS)}'{draw.choice(_LETTERS)} ",
        "dangers, one after the other": lambda: f"{draw.choice(dangers)} ",
    }


def messages(piece: Callable[[], str]) -> list[str]:
    """Return fifty messages of pieces."""
    return [_filled(piece) for _ in range(_EACH)]


def _filled(piece: Callable[[], str]) -> str:
    text = ""
    while len(text) < _LONGEST:
        text += piece()
    return text[:_LONGEST]


def cpu_ms(say: Callable[[str], object], said: Sequence[str]) -> list[float]:
    """Return the CPU milliseconds of each message."""
    taken = []
    for message in said:
        began = time.process_time()
        say(message)
        taken.append((time.process_time() - began) * 1000)
    return taken


def main() -> None:
    """Print the table."""
    entries, phrasings = map(int, sys.argv[1:3] or (ENTRIES, PHRASINGS))
    with tempfile.TemporaryDirectory() as place:
        snapshot = load_snapshot(write(Path(place) / "knowledge", entries, phrasings), try_sentences=False, cache=Path(place) / "cache")
    gc.collect()
    gc.freeze()
    draw = random.Random(_SEED)  # noqa: S311 - nothing here is secret; it must be the same every time
    print("$ python -m benchmarks.long_message " + " ".join(sys.argv[1:]))
    total = sum(len(entry.asks) for entry in snapshot.knowledge.entries)
    print(f"{_LONGEST} characters; {total:,} phrasings; CPU ms, {_EACH} messages of each kind\n")
    print(f"{'':<30} {'match: median':>14} {'p99':>7} {'respond: median':>16} {'p99':>7}")
    ways = (("match", 14, matcher(snapshot)), ("respond", 16, responder(snapshot)))
    taken: dict[str, list[float]] = {name: [] for name, _, _ in ways}
    for kind, piece in makers(snapshot, draw).items():
        row = {name: cpu_ms(say, messages(piece)) for name, _, say in ways}
        print(f"{kind:<30}" + "".join(_shown(row[name], width) for name, width, _ in ways))
        for name, spent in row.items():
            taken[name] += spent
    print(f"{'all kinds':<30}" + "".join(_shown(taken[name], width) for name, width, _ in ways))


def _shown(spent: Sequence[float], width: int) -> str:
    return f" {np.median(spent):>{width}.1f} {np.percentile(spent, 99):>7.1f}"


if __name__ == "__main__":
    main()
