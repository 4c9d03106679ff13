"""What every engine learns from, so that none knows more of the topic than another: the sentences of a knowledge folder, as plain pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.peers import OOS

DANGER = "danger"
HARMLESS = "harmless"
_EVERY = 5
_HELD = 800
"""Of one kind; more would only take longer."""

Pair = tuple[str, str]
"""A sentence and its label."""
_Each = TypeVar("_Each")


@dataclass(frozen=True, slots=True)
class Lessons:
    """The sentences of one folder."""

    questions: list[Pair]
    """Label: an entry id, or OOS for small talk and what no entry answers."""
    dangers: list[Pair]
    """Label: DANGER or HARMLESS. What needs somebody only soon is in neither."""


def read_lessons(folder: Path) -> Lessons:
    """Return the lessons of *folder*.

    Of questions: phrasings, titles, example questions, small talk and none. Of dangers: the examples, the flags' own sentences, and the questions.
    """
    from bot.core.content import Tier
    from bot.knowledge.loader import read_knowledge

    knowledge = read_knowledge(folder)
    questions = [(text, entry.id) for entry in knowledge.entries for text in (entry.title, *entry.asks)]
    questions += [(each.said, each.entry_ids[0] if each.entry_ids else OOS) for each in knowledge.questions.said if not each.follows]
    questions += [(text, OOS) for talk in knowledge.smalltalk for text in talk.asks]
    questions += [(text, OOS) for text in knowledge.none]
    urgent = [flag for flag in knowledge.red_flags.flags if flag.tier >= Tier.URGENT_TODAY]
    dangers = [(text, DANGER) for flag in urgent for text in flag.fires_on]
    dangers += [(text, HARMLESS) for flag in knowledge.red_flags.flags for text in (*flag.silent_on, *flag.soft_on)]
    for example in knowledge.examples.said:
        if example.tier is None or example.tier >= Tier.URGENT_TODAY:
            dangers.append((example.said, HARMLESS if example.tier is None else DANGER))
    dangers += [(text, HARMLESS) for text, _ in questions]
    return Lessons(_once(questions), _once(dangers))


def _once(pairs: Sequence[Pair]) -> list[Pair]:
    """Return each sentence once, with its first label: an ordinary question that is an example of danger stays one."""
    first: dict[str, str] = {}
    for text, label in pairs:
        first.setdefault(text, label)
    return list(first.items())


def split(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """Return the sentences to try a threshold with and those to learn from meanwhile: every fifth, and the others. The same ones every time."""
    held = [pair for place, pair in enumerate(pairs) if place % _EVERY == 0]
    return _thinned(held, _HELD), [pair for place, pair in enumerate(pairs) if place % _EVERY]


def _thinned(items: list[_Each], limit: int) -> list[_Each]:
    step = max(1, -(-len(items) // limit))
    return items[::step]
