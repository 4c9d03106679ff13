"""What SIGTERM costs: `python -m benchmarks.terms [--way polling|webhook]`.

As in `benchmarks.kills`, with SIGTERM: the process is to finish what is in flight, lose nothing, say nothing twice, and end within ten seconds.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.interruptions import WAYS, Plan, Report, run
from benchmarks.table import header, row


def cells(report: Report) -> dict[str, object]:
    """Return one row of the table."""
    plan, told, rows, words = report.plan, report.account, report.rows, report.words
    return {
        "way": plan.way,
        "updates": told.asked,
        "live": f"{report.live}/{plan.times}",
        "missing": f"{statistics.mean(report.missing):.1f}",
        "lost": told.lost,
        "silent": told.silent,
        "kept": told.undelivered,
        "repeated": told.repeated,
        "disorder": told.disordered,
        "gave_up": words.settlements["gave_up"],
        "apologies": told.other,
        "maybe_twice": words.maybe_twice,
        "settled": len(rows.settled),
        "counted": rows.counted,
        "database": rows.integrity,
        "longest end": f"{max(report.ends_s):.2f} s",
        "exit codes": ", ".join(f"{count} x {code}" for code, count in sorted(Counter(report.codes).items())),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.terms")
    parser.add_argument("--way", choices=WAYS, help="only this way in; else both")
    parser.add_argument("--terms", type=int, default=20)
    parser.add_argument("--per-term", type=int, default=100, help="questions before each")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no bot is left behind
    print(f"$ python -m benchmarks.terms {' '.join(sys.argv[1:])}".rstrip())
    print(f"{options.terms} times SIGTERM, {options.per_term} questions to 40 chats before each; seed {options.seed}\n")
    for number, way in enumerate([options.way] if options.way else WAYS):
        with tempfile.TemporaryDirectory() as scratch:
            plan = Plan(way, signal.SIGTERM, options.terms, options.per_term, seed=options.seed)
            report = run(plan, Path(scratch))
        if number == 0:
            print(header(cells(report)))
        print(row(cells(report)), flush=True)


if __name__ == "__main__":
    main()
