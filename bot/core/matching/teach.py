"""What a knowledge base teaches the matcher: weights, and the vocabulary that typos are repaired against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from bot.core.knowledge import Knowledge
from bot.core.language import Language
from bot.core.matching.features import AFTER, FeatureMaker, Word, distinct
from bot.core.matching.weights import MEANING_SHARE, Sample, Weights, learn
from bot.core.speller import Speller
from bot.core.text import normalise
from bot.core.vectors import Floats

_SELDOM = 2
_OFTENER = 4
"""A word of no list that is as near as a typo to one used so many times oftener is a typo; for one used seldom, every word may be that one."""
_WRITTEN = 0.5
"""What a message that people wrote counts for, beside a sentence that an author chose."""
_NEAR = 0.7
"""The share of content words, of all that two sentences hold, from which on they say the same."""
_TALK_APART = 0.75
"""A small talk is one here only if more than this share of its sentences is near no entry's own: where greetings are an entry, none is small talk."""


@dataclass(frozen=True)
class Learned:
    """What was learned from one knowledge base; the same for the same knowledge and code, so that it can be kept."""

    weights: Weights
    """Judged in them are the phrasings (`asks`) that have words, entry by entry in the order of the knowledge."""
    word_counts: Mapping[str, int]
    """How often each word stands in the sentences that teach, typos aside."""


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

    @property
    def none(self) -> int:
        """The place of what is nothing for us: the last."""
        return len(self) - 1

    def __len__(self) -> int:
        return len(self.entry_ids) + len(self.smalltalk_ids) + 1


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One sentence that teaches."""

    text: str
    labels: tuple[int, ...]
    ours: bool = True
    contrast: bool = False
    after: str | None = None
    weight: float = 1.0
    judged: bool = False


def teach(knowledge: Knowledge) -> Learned:
    """Learn from every sentence of *knowledge* that teaches: titles, asks, keywords, contrasts, questions, small talk and the none-class."""
    language = knowledge.language
    maker = FeatureMaker(language, knowledge.synonyms)
    classes = Classes.of(knowledge)
    taught = [(each, " ".join(token.text for token in normalise(each.text, language).tokens)) for each in _sentences(knowledge, classes)]
    counts = _without_typos(Counter(word for _, said in taught for word in said.split()), knowledge)
    words = _Words(speller_of(knowledge, counts), language)
    samples = (_sample(each, list(map(words.__getitem__, said.split())), maker, language) for each, said in taught if said or each.after)
    return Learned(learn(samples, len(classes), language.vectors.size), counts)


class _Words(dict[str, Word]):
    """Each word as the matcher reads it, its typos repaired when it is first asked for: authors say the same words again and again."""

    def __init__(self, speller: Speller, language: Language) -> None:
        self._speller, self._language = speller, language

    def __missing__(self, said: str) -> Word:
        meant = self._speller.repair(said)
        self[said] = word = Word(said, meant, self._language.stem(meant))
        return word


def speller_of(knowledge: Knowledge, counts: Mapping[str, int]) -> Speller:
    """Return what repairs typos against the words in *counts*."""
    language = knowledge.language
    return Speller(counts, real_words=language.real_words, confusables=knowledge.synonyms.confusables, sound=language.sound)


def meaning_of(vectors: Iterable[Floats | None], size: int) -> Floats:
    """Return the sum of *vectors* at length MEANING_SHARE; of none, or of words without one, nothing."""
    total = np.zeros(size, np.float32)
    for vector in vectors:
        if vector is not None:
            total += vector
    length = float(np.sqrt(total @ total))
    return total * np.float32(MEANING_SHARE / length) if length else total


def _sample(sentence: _Sentence, words: Sequence[Word], maker: FeatureMaker, language: Language) -> Sample:
    said = [words[place] for place in distinct(words)]
    names = [name for word in said for name in maker.of_word(word)]
    names += maker.between(words)
    if sentence.after is not None:
        names.append(AFTER + sentence.after)
    vector = meaning_of((language.vectors.of(word.stem) for word in said), language.vectors.size)
    return Sample(names, vector, sentence.labels, sentence.ours, sentence.contrast, sentence.weight, sentence.judged)


def _sentences(knowledge: Knowledge, classes: Classes) -> Iterator[_Sentence]:
    place_by_id = {entry_id: place for place, entry_id in enumerate(classes.entry_ids)}
    ours: list[str] = []
    for entry in knowledge.entries:
        place = (place_by_id[entry.id],)
        ours += (*entry.asks, *entry.keywords)
        yield _Sentence(entry.title, place)
        yield from (_Sentence(text, place, judged=True) for text in entry.asks)
        yield from (_Sentence(text, place) for text in entry.keywords)
        yield from (_Sentence(text, place, contrast=True) for text in entry.contrasts)
        yield _Sentence("", place, after=entry.id)  # With nothing said, what was shown last is what is meant.
    for question in knowledge.questions.said:
        labels = tuple(place_by_id[entry_id] for entry_id in question.entry_ids if entry_id in place_by_id)
        yield _Sentence(question.said, labels or (classes.none,), ours=bool(labels), after=question.after, weight=_WRITTEN)
    likewise = _Likewise(ours, knowledge.language)
    for column, talk in enumerate(knowledge.smalltalk, len(classes.entry_ids)):
        apart = [text for text in talk.asks if text not in likewise]
        if len(apart) > len(talk.asks) * _TALK_APART:
            yield from (_Sentence(text, (column,), ours=False) for text in apart)
    yield from (_Sentence(text, (classes.none,), ours=False) for text in knowledge.none if text not in likewise)


class _Likewise:
    """Sentences of the entries, to ask whether another says the same: then it is no small talk here, whatever the defaults say."""

    def __init__(self, texts: Iterable[str], language: Language) -> None:
        self._language = language
        self._said: list[frozenset[str]] = []
        self._places: dict[str, list[int]] = {}
        for text in texts:
            stems = self._stems(text)
            for stem in stems:
                self._places.setdefault(stem, []).append(len(self._said))
            self._said.append(stems)

    def __contains__(self, text: str) -> bool:
        stems = self._stems(text)
        shared = Counter(place for stem in stems for place in self._places.get(stem, ()))
        return any(count >= _NEAR * len(stems | self._said[place]) for place, count in shared.items())

    def _stems(self, text: str) -> frozenset[str]:
        tokens = normalise(text, self._language).tokens
        content = frozenset(token.stem for token in tokens if token.text not in self._language.stop_words)
        return content or frozenset(token.stem for token in tokens)


def _without_typos(counts: Mapping[str, int], knowledge: Knowledge) -> dict[str, int]:
    """Return *counts* without the words that look like typos of others: people's own sentences hold many, and nothing is to be repaired to one."""
    strange = {word for word in counts if word.isalpha() and word not in knowledge.language.real_words}
    left = _without_typos_of(counts, strange, knowledge)
    return _without_typos_of(left, {word for word in strange if counts[word] <= _SELDOM}, knowledge)


def _without_typos_of(counts: Mapping[str, int], suspects: AbstractSet[str], knowledge: Knowledge) -> dict[str, int]:
    """Return *counts* without those of *suspects* that are typos of any other word."""
    speller = speller_of(knowledge, {word: count for word, count in counts.items() if word not in suspects})
    return {
        word: count
        for word, count in counts.items()
        if word not in suspects or (meant := speller.repair(word)) == word or counts[meant] < _OFTENER * count
    }
