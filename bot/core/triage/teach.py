"""What a folder teaches triage beside its rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from bot.core.content import Tier
from bot.core.knowledge import Knowledge
from bot.core.language import Language
from bot.core.model import FlagHit
from bot.core.text import normalise
from bot.core.triage.engine import Triage
from bot.core.triage.likeness import Likeness, Sample, learn

_PROMISED = 3.0
"""What a sentence counts for that is tried at every load."""


@dataclass(frozen=True, slots=True)
class Look:
    """What likeness looks at in a message, and whether the rules alone would alarm at it."""

    features: Sequence[str]
    alarms: bool = False


class Looks(Protocol):
    """What the same rules made of messages before: most of what there is to learn is looked at once, and stays."""

    def get(self, said: str, *, alone: bool) -> Look | None:
        """Return what was made of *said*, or of its words *alone*; None where nobody looked yet."""

    def note(self, said: str, look: Look, *, alone: bool) -> None:
        """Take down what is made of *said*."""


def teach(knowledge: Knowledge, triage: Triage, looks: Looks | None = None) -> Likeness | None:
    """Learn from the examples of *knowledge* and from the sentences of its flags, by the *triage* that has not learned yet.

    *looks* must be of the same rules, language and confusables.

    Ways to ask for an entry, the questions that the matcher learns from, small talk and the none-class are examples of the harmless. What the
    rules make of the ways to ask does not count: they were written not to alarm at these. None where there are no examples: then the rules
    speak alone.
    """
    if not knowledge.examples.said:
        return None
    view = _View(knowledge.language, triage.for_learning(), looks)
    questions = (Sample(view.alone(said).features, None) for entry in knowledge.entries for said in entry.asks)
    return learn(chain(_samples(knowledge, view), questions), beside=sum(len(entry.asks) for entry in knowledge.entries))


class _View:
    """Looks at messages, unless somebody has."""

    def __init__(self, language: Language, triage: Triage, looks: Looks | None) -> None:
        self._language, self._triage, self._looks = language, triage, looks
        self._words_alone = triage.words_alone()

    def whole(self, said: str) -> Look:
        """Return what there is to look at in *said*, what the rules make of it included."""
        return self._seen(said, alone=False) or self._noted(said, self._look(said), alone=False)

    def alone(self, said: str) -> Look:
        """Return the same without the rules."""
        return self._seen(said, alone=True) or self._noted(said, Look(self._words_alone(normalise(said, self._language))), alone=True)

    def _look(self, said: str) -> Look:
        features, hits = self._triage.look(normalise(said, self._language))
        return Look(features, _alarms(hits))

    def _seen(self, said: str, *, alone: bool) -> Look | None:
        return self._looks.get(said, alone=alone) if self._looks is not None else None

    def _noted(self, said: str, look: Look, *, alone: bool) -> Look:
        if self._looks is not None:
            self._looks.note(said, look, alone=alone)
        return look


def _samples(knowledge: Knowledge, view: _View) -> Iterator[Sample]:
    dangers: set[tuple[str, ...]] = set()
    for example in knowledge.examples.said:
        look = view.alone(example.said) if example.tuned_on else view.whole(example.said)
        if example.tier is not None:
            dangers.add(_words(look))
        yield Sample(look.features, example.tier, example.flag_id)
    yield from _promised(knowledge, view)
    for question in knowledge.questions.said:
        if not question.follows:
            look = view.whole(question.said)
            # What is a danger too is one for triage, whatever answers it.
            if not _words(look) or _words(look) not in dangers:
                yield Sample(look.features, None)


def _words(look: Look) -> tuple[str, ...]:
    """Return the stems of a message in their order, however it is punctuated."""
    return tuple(filter(str.isalnum, look.features))


def _promised(knowledge: Knowledge, view: _View) -> Iterator[Sample]:
    """Yield the sentences that are tried at every load, and after them what else stands in the folder and is harmless."""
    for flag in knowledge.red_flags.flags:
        yield from (Sample(view.whole(said).features, flag.tier, flag.id, _PROMISED) for said in flag.fires_on)
    promised = [said for flag in knowledge.red_flags.flags for said in (*flag.silent_on, *flag.soft_on)]
    promised += [said for entry in knowledge.entries for said in entry.hits]
    for said in promised:
        looked = view.whole(said)
        # What one flag is silent on may be another's, and an alarm may lead to an entry.
        if not looked.alarms:
            yield Sample(looked.features, None, weight=_PROMISED)
    harmless = [said for entry in knowledge.entries for said in entry.contrasts]
    harmless += [said for talk in knowledge.smalltalk for said in talk.asks]
    yield from (Sample(view.whole(said).features, None) for said in (*harmless, *knowledge.none))


def _alarms(hits: Sequence[FlagHit]) -> bool:
    return bool(hits) and not hits[0].soft and hits[0].tier >= Tier.URGENT_TODAY
