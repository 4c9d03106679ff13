"""What a knowledge base teaches the matcher: weights, and the vocabulary that typos are repaired against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.core.knowledge import Knowledge
from bot.core.matching.features import FeatureMaker
from bot.core.matching.weights import Sample, Weights, learn
from bot.core.text import normalise


@dataclass(frozen=True)
class Learned:
    """What was learned from one knowledge base; the same for the same knowledge and code, so that it can be kept."""

    weights: Weights
    word_counts: Mapping[str, int]
    """How often each word stands in the sentences that teach."""


@dataclass(frozen=True, slots=True)
class Classes:
    """What a message may be: one of the entries, one of the small talks, or nothing for us."""

    entry_ids: tuple[str, ...]
    """By alphabet."""
    smalltalk_ids: tuple[str, ...]

    @classmethod
    def of(cls, knowledge: Knowledge) -> Classes:
        """Return the classes of *knowledge*."""
        return cls(tuple(sorted(entry.id for entry in knowledge.entries)), tuple(talk.id for talk in knowledge.smalltalk))

    def __len__(self) -> int:
        return len(self.entry_ids) + len(self.smalltalk_ids) + 1


def teach(knowledge: Knowledge) -> Learned:
    """Learn from every sentence of *knowledge* that teaches: titles, asks, keywords, contrasts, small talk and the none-class."""
    maker = FeatureMaker(knowledge.language, knowledge.synonyms)
    classes = Classes.of(knowledge)
    counts: Counter[str] = Counter()

    def samples() -> Iterator[Sample]:
        for text, label, contrast in _sentences(knowledge, classes):
            tokens = normalise(text, knowledge.language).tokens
            counts.update(token.text for token in tokens)
            if tokens:
                yield Sample(maker.features(maker.words(tokens)), label, contrast)

    weights = learn(samples(), len(classes))
    return Learned(weights, dict(counts))


def _sentences(knowledge: Knowledge, classes: Classes) -> Iterator[tuple[str, int, bool]]:
    """Every sentence that teaches: its text, its class, and whether it is a contrast."""
    place_by_id = {entry_id: place for place, entry_id in enumerate(classes.entry_ids)}
    for entry in knowledge.entries:
        place = place_by_id[entry.id]
        for text in (entry.title, *entry.asks, *entry.keywords):
            yield text, place, False
        for text in entry.contrasts:
            yield text, place, True
    for place, talk in enumerate(knowledge.smalltalk, len(classes.entry_ids)):
        for text in talk.asks:
            yield text, place, False
    for text in knowledge.none:
        yield text, len(classes) - 1, False
