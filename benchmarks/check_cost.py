"""What a check of a knowledge folder costs: `python -m benchmarks.check_cost [RUNS]`.

CPU seconds, of user and system, of a fresh process that runs `napebot check`; the median of five runs. `cold` learns all with an empty cache,
`warm` finds what it learned. The shipped folder, and 1,000 made-up entries with 10 phrasings each beside the shipped red flags and examples.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.cold_ask import cpu_s
from benchmarks.large_base import ENTRIES, PHRASINGS, write
from bot.folders import packaged_knowledge

_RUNS = 5


def check_s(folder: Path, runs: int) -> tuple[float, float]:
    """Return the medians of so many *runs* over *folder*, cold and warm."""
    cold: list[float] = []
    warm: list[float] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as cache:
            surroundings = {**os.environ, "CACHE_DIR": cache, "OPENBLAS_NUM_THREADS": "1"}
            for found in (cold, warm):
                found.append(cpu_s(("-m", "bot", "check", str(folder)), surroundings))
    return statistics.median(cold), statistics.median(warm)


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else _RUNS
    print(f"$ python -m benchmarks.check_cost\nCPU of a fresh process, median of {runs}\n")
    with tempfile.TemporaryDirectory() as there:
        folders = {"the shipped folder": packaged_knowledge(), f"{ENTRIES:,} entries x {PHRASINGS} phrasings": write(Path(there) / "large")}
        for name, folder in folders.items():
            cold, warm = check_s(folder, runs)
            print(f"{name:<32} cold {cold:6.1f} s   warm {warm:5.1f} s", flush=True)


if __name__ == "__main__":
    main()
