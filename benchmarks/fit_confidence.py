"""Fit the coefficients of the matcher's confidence: `python -m benchmarks.fit_confidence [KNOWLEDGE] [--bench BENCH_DIR]`.

Prints NAMED, FOLLOWING and PLAIN, to be pasted into `bot/core/matching/signals.py`, and TWICE, for `pairs.py` beside it, each with what it rests on.
Every message is judged by a matcher that has not seen it (`held_out.py`), and every figure by coefficients fitted on the other folds.
BENCH_DIR holds public sets as `compare.py` reads them; they are for PLAIN, and of them only what teaches.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.compare import auroc
from benchmarks.folders import find_sets
from benchmarks.held_out import FOLDS, Row, doubles, public, shipped
from bot.core.matching import pairs, signals
from bot.knowledge.loader import read_knowledge

Numbers = NDArray[np.float64]

_DOUBLE_QUESTIONS = Path(__file__).parents[1] / "tests" / "cases" / "double_questions.yaml"
_PUBLIC = ("curekart", "clinc150_10shot", "banking77_10shot")
# Of a topic that is not known, only what means the same in every topic.
_PLAIN_OURS = ("bias", "score", "worded", "near")
_PLAIN_RIGHT = ("bias", "margin", "score", "other", "explained", "unknown", "length")
_RIDGE = 1.0
_STEPS = 60
_FAR = 700.0


def fit(values: Numbers, truth: Numbers, weights: Numbers) -> Numbers:
    """Return the coefficients of a logistic regression on *values* [rows, names], by Newton's method with a small ridge."""
    found = np.zeros(values.shape[1])
    for _ in range(_STEPS):
        chances = chances_of(values, found)
        slope = values.T @ (weights * (truth - chances)) - _RIDGE * found
        curve = (values * (weights * chances * (1 - chances))[:, None]).T @ values + _RIDGE * np.eye(len(found))
        found += np.linalg.solve(curve, slope)
    return found


def chances_of(values: Numbers, coefficients: Numbers) -> Numbers:
    """Return the chance of each row of *values*, 0 to 1."""
    chances: Numbers = 1 / (1 + np.exp(np.minimum(_FAR, -(values @ coefficients))))
    return chances


def fitted(rows: Sequence[Row], truth: Sequence[bool], names: Sequence[str], used: Sequence[str]) -> tuple[str, float | None]:
    """Return the coefficients of *names* as they are pasted, 0.0 for one that is not of those *used*, and the AUROC in folds."""
    columns = [names.index(name) for name in used]
    values = np.array([row.values for row in rows])[:, columns]
    wanted, weights, folds = np.array(truth, float), np.array([row.weight for row in rows]), np.array([row.fold for row in rows])
    chances = np.zeros(len(rows))
    for fold in range(FOLDS):
        others = folds != fold
        chances[~others] = chances_of(values[~others], fit(values[others], wanted[others], weights[others]))
    coefficients = np.zeros(len(names))
    coefficients[columns] = fit(values, wanted, weights)
    pasted = ", ".join(str(round(value, 2) + 0.0) for value in coefficients.tolist())
    return f"({pasted})", auroc(chances[wanted == 1].tolist(), chances[wanted == 0].tolist())


def calibration(name: str, rows: Sequence[Row], ours: Sequence[str] = signals.NAMES, right: Sequence[str] = signals.NAMES) -> Iterator[str]:
    """Yield the lines of one calibration; *ours* and *right* are the signals that each may use."""
    mine = [row for row in rows if row.ours]
    of_topic, ours_auroc = fitted(rows, [row.ours for row in rows], signals.NAMES, ours)
    of_entry, right_auroc = fitted(mine, [row.right for row in mine], signals.NAMES, right)
    yield f"{name}:"
    yield f"    ours={of_topic},"
    yield f"    right={of_entry},"
    first_right = sum(row.right for row in mine) / len(mine)
    yield (
        f"    {len(rows):,} messages, {len(mine):,} of the topic; the first entry is right for {first_right:.1%} of these. "
        f"AUROC in folds: ours {_shown(ours_auroc)}, right {_shown(right_auroc)}."
    )


def twice(rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the coefficients of two questions in one message."""
    right = [row.right for row in rows]
    coefficients, area = fitted(rows, right, pairs.NAMES, pairs.NAMES)
    yield f"TWICE = {coefficients}"
    yield (
        f"    {len(rows):,} ways to cut a message, {sum(row.ours for row in rows):,} of them one that asks for two entries; "
        f"{sum(right):,} find both. AUROC in folds: {_shown(area)}."
    )


def _shown(area: float | None) -> str:
    return "–" if area is None else f"{area:.3f}"


def lines(folder: Path, sets: Sequence[Path]) -> Iterator[str]:
    """Yield all that is printed, as it is measured."""
    knowledge = read_knowledge(folder)
    alone, after = shipped(knowledge)
    yield from calibration("NAMED", alone)
    yield from calibration("FOLLOWING", after)
    yield from calibration("PLAIN", public(sets), _PLAIN_OURS, _PLAIN_RIGHT)
    yield from twice(doubles(knowledge, _DOUBLE_QUESTIONS))


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options; what cannot be read ends the program with a line that says why."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_confidence", description="Fit the coefficients of the matcher's confidence.")
    parser.add_argument("knowledge", nargs="?", type=Path, default=Path("knowledge"), metavar="KNOWLEDGE", help="default: %(default)s")
    parser.add_argument("--bench", type=Path, default=Path("../shared/bench"), metavar="BENCH_DIR", help="default: %(default)s")
    return parser.parse_args(arguments)


def main() -> None:
    """Print the coefficients, and what they rest on."""
    options = read_options(sys.argv[1:])
    try:
        for line in lines(options.knowledge, find_sets(options.bench, _PUBLIC)):
            print(line, flush=True)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f"benchmarks.fit_confidence: {error}") from None


if __name__ == "__main__":
    main()
