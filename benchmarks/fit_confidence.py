"""Fit the coefficients of the matcher's confidence: `python -m benchmarks.fit_confidence`.

Five folds over the sentences of the shipped knowledge: each phrasing, small talk and none-sentence is judged by a matcher that has not
seen it. Two logistic regressions are fitted on what it measured: OURS (a phrasing of an entry, or not) and RIGHT (the first entry is the
phrasing's own, among phrasings). Prints both, to be copied into `bot/core/matching/signals.py`; no other sentences are used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.core.knowledge import Knowledge
from bot.core.matching.matcher import Matcher
from bot.core.matching.signals import NAMES
from bot.core.matching.teach import teach
from bot.core.text import normalise
from bot.knowledge.loader import read_knowledge

_FOLDS = 5
_FEWEST_WORDS = 3
_PENALTY = 1.0
_SEED = 7


def fit(signals: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logistic regression by Newton steps, with a small ridge."""
    found = np.zeros(signals.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-signals @ found))
        slope = signals.T @ (truth - chance) - _PENALTY * found
        curve = (signals * (chance * (1 - chance))[:, None]).T @ signals + _PENALTY * np.eye(signals.shape[1])
        found += np.linalg.solve(curve, slope)
    return found


def held_out(knowledge: Knowledge) -> Iterator[tuple[tuple[float, ...], str | None, str | None]]:
    """Yield, for each sentence that teaches: its signals, the entry it belongs to (None for no entry), and the entry ranked first."""
    rng = np.random.default_rng(_SEED)
    fold_of = {text: int(rng.integers(_FOLDS)) for text in _texts(knowledge)}
    for fold in range(_FOLDS):
        taught = _without(knowledge, {text for text, its in fold_of.items() if its == fold})
        matcher = Matcher(taught, teach(taught))
        for owner, text in _owned(knowledge):
            if fold_of[text] == fold and (owner is None or len(text.split()) >= _FEWEST_WORDS):
                ranking = matcher.rank(normalise(text, knowledge.language).tokens)
                if ranking.signals:
                    yield ranking.signals[0].values, owner, ranking.best


def _texts(knowledge: Knowledge) -> Iterator[str]:
    for entry in knowledge.entries:
        yield from (*entry.asks, *entry.contrasts)
    for talk in knowledge.smalltalk:
        yield from talk.asks
    yield from knowledge.none


def _owned(knowledge: Knowledge) -> Iterator[tuple[str | None, str]]:
    for entry in knowledge.entries:
        yield from ((entry.id, text) for text in entry.asks)
    for talk in knowledge.smalltalk:
        yield from ((None, text) for text in talk.asks)
    yield from ((None, text) for text in knowledge.none)


def _without(knowledge: Knowledge, held: set[str]) -> Knowledge:
    def kept(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in texts if text not in held)

    return replace(
        knowledge,
        entries=tuple(replace(entry, asks=kept(entry.asks), contrasts=kept(entry.contrasts)) for entry in knowledge.entries),
        smalltalk=tuple(replace(talk, asks=kept(talk.asks)) for talk in knowledge.smalltalk),
        none=kept(knowledge.none),
    )


def main() -> None:
    """Print the coefficients and how they do."""
    knowledge = read_knowledge(Path(sys.argv[1] if len(sys.argv) > 1 else "knowledge"))
    rows = list(held_out(knowledge))
    signals = np.array([values for values, _, _ in rows])
    ours = np.array([float(owner is not None) for _, owner, _ in rows])
    right = np.array([float(owner == first) for _, owner, first in rows])
    mine = ours == 1
    for name, truth, chosen in (("OURS", ours, np.ones(len(ours), bool)), ("RIGHT", right, mine)):
        found = fit(signals[chosen], truth[chosen])
        print(f"{name} = ({', '.join(f'{value:.2f}' for value in found)})")
        print("   ", ", ".join(f"{label} {value:+.2f}" for label, value in zip(NAMES, found, strict=True)))
    print(f"{len(rows)} sentences, {mine.sum()} of them phrasings; first entry right for {right[mine].mean():.1%} of the phrasings held out")


if __name__ == "__main__":
    main()
