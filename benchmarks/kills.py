"""What SIGKILL costs: `python -m benchmarks.kills [--way polling|webhook] [--faults] [--stock]`.

Before each kill 100 questions go to 40 chats at once; it comes after three answers of them were seen, and up to 40 ms by lot. It is *live* if
replies were missing at that moment. *Lost* are questions that were acknowledged and never settled; *silent* those that were settled without an
answer, which are among those that the bot gave up; *kept* those that Telegram still keeps for the bot.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.interruptions import WAYS, Plan, Report, Way, run
from benchmarks.table import header, row

FAULTS = 0.1


def plans(options: argparse.Namespace) -> list[Plan]:
    """Return the runs that were asked for."""
    ways: Sequence[Way] = [options.way] if options.way else WAYS
    faults = FAULTS if options.faults else 0.0
    return [Plan(way, signal.SIGKILL, options.kills, options.per_kill, faults, options.seed, options.stock) for way in ways]


def cells(report: Report) -> dict[str, object]:
    """Return one row of the table."""
    plan, told, rows, words = report.plan, report.account, report.rows, report.words
    return {
        "arm": f"{'stock' if plan.stock else 'ours'}, {plan.way}{', faults' if plan.faults else ''}",
        "updates": told.asked,
        "live": f"{report.live}/{plan.times}",
        "missing": f"{statistics.mean(report.missing):.1f}",
        "lost": told.lost,
        "silent": told.silent,
        "kept": told.undelivered,
        "repeated": told.repeated,
        "bound": report.bound,
        "disorder": told.disordered,
        "gave_up": words.settlements["gave_up"],
        "apologies": told.other,
        "maybe_twice": words.maybe_twice,
        "settled": len(rows.settled),
        "counted": rows.counted,
        "uneven": rows.uneven,
        "database": rows.integrity,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills")
    parser.add_argument("--way", choices=WAYS, help="only this way in; else both")
    parser.add_argument("--faults", action="store_true", help="10 %% of messages to Telegram meet one of five faults")
    parser.add_argument("--stock", action="store_true", help="the control: the library's own way in")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--per-kill", type=int, default=100, help="questions before each")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no bot is left behind
    print(f"$ python -m benchmarks.kills {' '.join(sys.argv[1:])}".rstrip())
    print(f"{options.kills} times SIGKILL, {options.per_kill} questions to 40 chats before each; seed {options.seed}\n")
    for number, plan in enumerate(plans(options)):
        with tempfile.TemporaryDirectory() as scratch:
            report = run(plan, Path(scratch))
        if number == 0:
            print(header(cells(report)))
        print(row(cells(report)), flush=True)
        if report.drawn and plan.faults:
            print("  faults: " + ", ".join(f"{count} {fate.value}" for fate, count in sorted(report.drawn.items(), key=lambda drawn: drawn[0].value)))


if __name__ == "__main__":
    main()
