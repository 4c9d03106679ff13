"""What a folder teaches triage beside its rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.core.content import Tier
from bot.core.knowledge import Knowledge
from bot.core.model import Alert
from bot.core.text import normalise
from bot.core.triage.engine import Triage
from bot.core.triage.likeness import Likeness, Sample, learn
from bot.core.triage.rules import Example

_STRIDE = 7_919
_PROMISED = 3.0
"""What a sentence counts for that is tried at every load."""


def teach(knowledge: Knowledge, triage: Triage) -> Likeness | None:
    """Learn from the examples of *knowledge* and from the sentences of its flags, by the *triage* that has not learned yet.

    Ways to ask for an entry, the questions that the matcher learns from, small talk and the none-class are examples of the harmless. What the
    rules make of the ways to ask does not count: they were written not to alarm at these. None where there are no examples: then the rules
    speak alone.
    """
    if not knowledge.examples.said:
        return None
    looked_at = triage.words_alone()
    questions = [Sample(looked_at(normalise(said, knowledge.language)), None) for entry in knowledge.entries for said in entry.asks]
    samples = (*_samples(knowledge, triage), *questions)
    return learn(sample for number, each in enumerate(samples) for sample in _twice(each, number, questions))


def _samples(knowledge: Knowledge, triage: Triage) -> Iterator[Sample]:
    looked_at = triage.words_alone()
    for example, weight in _examples(knowledge, triage):
        text = normalise(example.said, knowledge.language)
        yield Sample(looked_at(text) if example.tuned_on else triage.features(text), example.tier, example.flag_id, weight)
    dangers = {_words(example.said, knowledge) for example in knowledge.examples.said if example.tier is not None}
    for question in knowledge.questions.said:
        # What is a danger too is one for triage, whatever answers it.
        if not question.follows and _words(question.said, knowledge) not in dangers:
            yield Sample(triage.features(normalise(question.said, knowledge.language)), None)


def _words(said: str, knowledge: Knowledge) -> tuple[str, ...]:
    return tuple(token.text for token in normalise(said, knowledge.language).tokens)


def _twice(sample: Sample, number: int, questions: Sequence[Sample]) -> Iterator[Sample]:
    """Yield *sample* as it is, and beside an ordinary question: people put both into one message, and neither makes the other less true."""
    yield sample
    # A fixed walk through all the questions, so that two loads of the same knowledge learn the same.
    question = questions[number * _STRIDE % len(questions)]
    yield replace(sample, features=list(dict.fromkeys((*sample.features, *question.features))), again=True)


def _examples(knowledge: Knowledge, triage: Triage) -> Iterator[tuple[Example, float]]:
    """Yield every example and its weight."""
    yield from ((example, 1.0) for example in knowledge.examples.said)
    for flag in knowledge.red_flags.flags:
        yield from ((Example(said, flag.tier, flag.id), _PROMISED) for said in flag.fires_on)
    promised = [said for flag in knowledge.red_flags.flags for said in (*flag.silent_on, *flag.soft_on)]
    promised += [said for entry in knowledge.entries for said in entry.hits]
    for said in promised:
        # What one flag is silent on may be another's, and an alarm may lead to an entry.
        if not _alarms(triage.examine(normalise(said, knowledge.language))):
            yield Example(said, None), _PROMISED
    harmless = [said for entry in knowledge.entries for said in entry.contrasts]
    harmless += [said for talk in knowledge.smalltalk for said in talk.asks]
    yield from ((Example(said, None), 1.0) for said in (*harmless, *knowledge.none))


def _alarms(alert: Alert | None) -> bool:
    return alert is not None and alert.live and alert.tier >= Tier.URGENT_TODAY
