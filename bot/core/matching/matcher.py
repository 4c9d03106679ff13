"""Ranks the entries of a knowledge base for a message, and says how sure it is of each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from bot.core.knowledge import Knowledge
from bot.core.matching.features import AFTER, FeatureMaker, Word, distinct
from bot.core.matching.signals import FOLLOWING, NAMED, PLAIN, Measured, Signals
from bot.core.matching.teach import Classes, Learned, speller_of
from bot.core.matching.weights import MEANING_SHARE
from bot.core.model import Earned, Match
from bot.core.text import Token, normalise
from bot.core.vectors import Floats

RANKED = 5
_MEANING_SHARE = np.float32(MEANING_SHARE)
_STRANGE = 0.5
_SMALLTALK_FROM = 3.0
"""The least score of small talk: what is like nothing is like no chat either."""
_STRANGE_KEPT = 64


@dataclass(frozen=True, eq=False)
class Ranking:
    """What the matcher makes of some words."""

    words: tuple[Word, ...]
    matches: tuple[Match, ...]
    """The five best, best first; equal ones in the order of their ids. Empty for no words."""
    signals: tuple[Signals, ...]
    """One for each match."""
    smalltalk: str | None
    """The small talk this is, where that scores higher than every entry."""
    after: str | None = None
    """The entry shown just before, where that mattered."""

    @property
    def best(self) -> str | None:
        """The id of the first match."""
        return self.matches[0].entry_id if self.matches else None

    @property
    def ours(self) -> float:
        """How likely this is a question of the topic."""
        return self.signals[0].ours if self.signals else 0.0

    @property
    def right(self) -> float:
        """How likely the first match is the one meant, if this is a question of the topic."""
        return self.signals[0].right if self.signals else 0.0


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    """What one word brings to any message, before the message is scaled."""

    added: Floats
    """[classes]."""
    square: float
    """What it adds to the square of the message's length."""
    rarity: float
    """Of its stem."""
    known: bool
    """Somebody has taught its stem."""
    vector: Floats
    """What it means; 0 for what has no vector."""


class _Told(TypedDict):
    explained: list[float]
    unknown: float
    words: int
    subject: bool
    elsewhere: bool


class Matcher:
    """The learned index of one knowledge base. Immutable once built, but for caches."""

    def __init__(self, knowledge: Knowledge, learned: Learned) -> None:
        """*learned* must come from the same *knowledge*: see `teach`."""
        self._language = knowledge.language
        self._vectors = knowledge.language.vectors
        self._maker = FeatureMaker(knowledge.language, knowledge.synonyms)
        classes = Classes.of(knowledge)
        self._entry_ids, self._talk_ids = classes.entry_ids, classes.smalltalk_ids
        self._subject = self._phrases(knowledge.topic.subject)
        self._elsewhere = self._phrases(knowledge.topic.elsewhere)
        self._calibration = NAMED if knowledge.topic.subject else PLAIN
        self._weights = learned.weights
        self._vocabulary = learned.word_counts
        self._speller = speller_of(knowledge, learned.word_counts)
        self._parts: dict[str, _Part] = {}
        self._strange: dict[str, _Part] = {}

    def rank(self, tokens: Iterable[Token], *, after: str | None = None) -> Ranking:
        """Rank the entries for *tokens*, said right *after* this entry was shown, if that matters."""
        words = self._maker.words(tokens, self._speller)
        if not words or not self._entry_ids:
            return Ranking(words, (), (), None)
        parts = [self._part(words[place]) for place in distinct(words)]
        rows, square = self._weights.rows(self._between(words, after))
        alone = np.array([part.added for part in parts])
        worded = (alone.sum(0) + rows.sum(0)) * np.float32(_per_length(sum([part.square for part in parts]) + square))
        meaning = np.array([part.vector for part in parts]).sum(0)
        meaning *= np.float32(_per_length(float(meaning @ meaning)))
        scores = worded + (meaning * _MEANING_SHARE) @ self._weights.meaning
        entries, others = scores[: len(self._entry_ids)], scores[len(self._entry_ids) : -1]
        order = (-entries).argsort(kind="stable")[: RANKED + 1]
        shown = order[:RANKED]
        best = entries[order].tolist()
        measured = Measured(
            scores=best[:RANKED],
            worded=worded[shown].tolist(),
            near=(meaning @ self._weights.centres[:, shown]).tolist(),
            other=float(others.max()),
            topical=float(scores[-1]),
            **self._told(words, parts, alone[:, shown]),
        )
        signals = measured.signals(FOLLOWING if after else self._calibration, best[1] if len(best) > 1 else 0.0)
        matches = tuple([Match(self._entry_ids[place], each.confidence) for place, each in zip(shown.tolist(), signals, strict=True)])
        return Ranking(words, matches, signals, self._smalltalk(others, best[0]), after)

    def earned(self, ranking: Ranking) -> tuple[tuple[Earned, ...], ...]:
        """Return for each match of *ranking* what each word added to its score, most first; together they are the score."""
        words = ranking.words
        columns = [self._entry_ids.index(match.entry_id) for match in ranking.matches]
        if not columns:
            return ()
        places = list(distinct(words))
        parts = [self._part(words[place]) for place in places]
        between = self._between(words, ranking.after)
        rows, square = self._weights.rows(between)
        added = np.zeros((len(words), len(columns)), np.float32)
        np.add.at(added, list(between.values()), rows[:, columns])
        added[places] += np.array([part.added for part in parts])[:, columns]
        added *= _per_length(sum(part.square for part in parts) + square)
        vectors = np.array([part.vector for part in parts])
        meaning = vectors.sum(0)
        added[places] += vectors @ self._weights.meaning[:, columns] * (_MEANING_SHARE * _per_length(float(meaning @ meaning)))
        return tuple(_most_first(words, column) for column in added.T.tolist())

    def names_subject(self, words: Sequence[Word]) -> bool:
        """True when *words* name what the topic is about."""
        return _holds([word.stem for word in words], self._subject)

    def _between(self, words: Sequence[Word], after: str | None) -> dict[str, int]:
        """The features of *words* together with the place of the word that brings each."""
        between = self._maker.between(words)
        if after is not None:
            between[AFTER + after] = len(words) - 1
        return between

    def _told(self, words: Sequence[Word], parts: Sequence[_Part], alone: Floats) -> _Told:
        """What the words tell whatever the scores: *alone*, [words, entries], is what each adds to each entry by itself."""
        stems = [word.stem for word in words]
        total = sum([part.rarity for part in parts]) or 1.0
        unknown = sum([part.rarity for part in parts if not part.known]) / total
        shares = np.array([part.rarity / total if part.known else 0.0 for part in parts], np.float32)
        return {
            "explained": (shares @ (alone > 0)).tolist(),
            "unknown": unknown,
            "words": len(words),
            # Where the topic does not say what it is about, that it has taught the words must do.
            "subject": _holds(stems, self._subject) if self._subject else unknown < _STRANGE,
            "elsewhere": _holds(stems, self._elsewhere),
        }

    def _part(self, word: Word) -> _Part:
        part = self._parts.get(word.meant) or self._strange.get(word.meant)
        if part is not None:
            return part
        names = self._maker.of_word(word)
        rows, square = self._weights.rows(names)
        rarity = self._weights.rarity_of(names[0])
        vector = self._vectors.of(word.stem)
        part = _Part(
            rows.sum(0),
            square if rarity is not None else square + self._weights.unknown_rarity**2,
            self._weights.unknown_rarity if rarity is None else rarity,
            rarity is not None,
            np.zeros(self._vectors.size, np.float32) if vector is None else vector,
        )
        if word.meant in self._vocabulary:
            self._parts[word.meant] = part
        else:  # What people write and nobody taught is kept for as long as one message takes, in which it is looked at again and again.
            if len(self._strange) >= _STRANGE_KEPT:
                self._strange.clear()
            self._strange[word.meant] = part
        return part

    def _smalltalk(self, others: Floats, best_entry: float) -> str | None:
        place = int(others.argmax())
        return self._talk_ids[place] if place < len(self._talk_ids) and float(others[place]) > max(best_entry, _SMALLTALK_FROM) else None

    def _phrases(self, texts: Iterable[str]) -> dict[tuple[str, ...], int]:
        stems = (tuple(token.stem for token in normalise(text, self._language).tokens) for text in texts)
        return {phrase: len(phrase) for phrase in stems if phrase}


def _holds(stems: Sequence[str], phrases: dict[tuple[str, ...], int]) -> bool:
    lengths = set(phrases.values())
    return any(tuple(stems[at : at + length]) in phrases for at in range(len(stems)) for length in lengths)


def _per_length(square: float) -> float:
    """What scales a row whose length has this *square* to length 1."""
    return 1.0 / math.sqrt(square) if square else 1.0


def _most_first(words: Sequence[Word], weights: Sequence[float]) -> tuple[Earned, ...]:
    ranked = sorted(zip(words, weights, strict=True), key=lambda pair: -pair[1])
    return tuple(Earned(word.said, word.meant, weight) for word, weight in ranked)
