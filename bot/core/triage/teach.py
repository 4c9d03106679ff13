"""What a folder teaches triage beside its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from bot.core.content import Tier
from bot.core.knowledge import Knowledge
from bot.core.model import FlagHit
from bot.core.text import NormalText, normalise
from bot.core.triage.engine import Triage
from bot.core.triage.likeness import Likeness, Sample, learn

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
    triage = triage.for_learning()
    words_alone = triage.words_alone()
    language = knowledge.language
    questions = (Sample(words_alone(normalise(said, language)), None) for entry in knowledge.entries for said in entry.asks)
    return learn(chain(_samples(knowledge, triage, words_alone), questions), beside=sum(len(entry.asks) for entry in knowledge.entries))


def _samples(knowledge: Knowledge, triage: Triage, words_alone: Callable[[NormalText], list[str]]) -> Iterator[Sample]:
    language = knowledge.language
    dangers: set[str] = set()
    for example in knowledge.examples.said:
        text = normalise(example.said, language)
        if example.tier is not None:
            dangers.add(_words(text))
        yield Sample(words_alone(text) if example.tuned_on else triage.features(text), example.tier, example.flag_id)
    yield from _promised(knowledge, triage)
    for question in knowledge.questions.said:
        if not question.follows:
            text = normalise(question.said, language)
            # What is a danger too is one for triage, whatever answers it.
            if _words(text) not in dangers:
                yield Sample(triage.features(text), None)


def _words(text: NormalText) -> str:
    return " ".join(token.text for token in text.tokens)


def _promised(knowledge: Knowledge, triage: Triage) -> Iterator[Sample]:
    """Yield the sentences that are tried at every load, and after them what else stands in the folder and is harmless."""
    language = knowledge.language
    for flag in knowledge.red_flags.flags:
        yield from (Sample(triage.features(normalise(said, language)), flag.tier, flag.id, _PROMISED) for said in flag.fires_on)
    promised = [said for flag in knowledge.red_flags.flags for said in (*flag.silent_on, *flag.soft_on)]
    promised += [said for entry in knowledge.entries for said in entry.hits]
    for said in promised:
        features, hits = triage.look(normalise(said, language))
        # What one flag is silent on may be another's, and an alarm may lead to an entry.
        if not _alarms(hits):
            yield Sample(features, None, weight=_PROMISED)
    harmless = [said for entry in knowledge.entries for said in entry.contrasts]
    harmless += [said for talk in knowledge.smalltalk for said in talk.asks]
    yield from (Sample(triage.features(normalise(said, language)), None) for said in (*harmless, *knowledge.none))


def _alarms(hits: Sequence[FlagHit]) -> bool:
    return bool(hits) and not hits[0].soft and hits[0].tier >= Tier.URGENT_TODAY
