"""What a first answer costs, from nothing: `python -m benchmarks.cold_ask`.

CPU seconds, of user and system, of a fresh process that reads the knowledge and answers one question; the median of five, after one to
fill what the operating system and the bot's cache keep. `first ever` begins with an empty cache. Below them the floor: a process that
only imports two of the libraries.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence

_RUNS = 5
_ASK = ("-m", "bot", "ask", "ice or heat?")
_FLOOR = ("-c", "import rapidfuzz, yaml")


def cpu_s(arguments: Sequence[str], surroundings: Mapping[str, str]) -> float:
    """Return the CPU seconds of one Python process with *arguments*. Raises CalledProcessError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], env=surroundings, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def warm(arguments: Sequence[str]) -> float:
    """Return the median of the runs when everything that can be kept is kept."""
    with tempfile.TemporaryDirectory() as cache:
        surroundings = {**os.environ, "CACHE_DIR": cache}
        cpu_s(arguments, surroundings)
        return statistics.median(cpu_s(arguments, surroundings) for _ in range(_RUNS))


def first_ever(arguments: Sequence[str]) -> float:
    """Return the median of the runs, each with an empty cache."""
    return statistics.median(_with_empty_cache(arguments) for _ in range(_RUNS))


def _with_empty_cache(arguments: Sequence[str]) -> float:
    with tempfile.TemporaryDirectory() as cache:
        return cpu_s(arguments, {**os.environ, "CACHE_DIR": cache})


def main() -> None:
    """Print the table."""
    rows = (
        ('ask "ice or heat?", first ever', first_ever(_ASK)),
        ('ask "ice or heat?", again', warm(_ASK)),
        ("import rapidfuzz, yaml", warm(_FLOOR)),
    )
    print("$ python -m benchmarks.cold_ask")
    print(f"CPU of a fresh process, median of {_RUNS}\n")
    for name, seconds in rows:
        print(f"{name:<32} {seconds:6.3f} s")


if __name__ == "__main__":
    main()
