"""Ranks the entries of a knowledge base for a message, and says how sure it is of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.core.content import Entry
from bot.core.knowledge import Knowledge
from bot.core.matching.features import STEM, FeatureMaker, Features, Word
from bot.core.matching.signals import Signals
from bot.core.matching.teach import Classes, Learned
from bot.core.matching.weights import Floats, Ints
from bot.core.model import Earned, Match
from bot.core.speller import Speller
from bot.core.text import Token, normalise

RANKED = 5
_SMALLTALK_FROM = 0.25
_STRANGE = 0.5


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the matcher makes of some words."""

    words: tuple[Word, ...]
    matches: tuple[Match, ...]
    """The five best, best first; equal ones in the order of their ids. Empty for no words."""
    signals: tuple[Signals, ...]
    """One for each match."""
    smalltalk: str | None
    """The small talk this is, where that scores higher than every entry."""

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


class Matcher:
    """The learned index of one knowledge base. Immutable once built, but for caches."""

    def __init__(self, knowledge: Knowledge, learned: Learned) -> None:
        """*learned* must come from the same *knowledge*: see `teach`."""
        language = knowledge.language
        self._language = language
        self._maker = FeatureMaker(language, knowledge.synonyms)
        classes = Classes.of(knowledge)
        self._entry_ids, self._talk_ids = classes.entry_ids, classes.smalltalk_ids
        self._subject = self._phrases(knowledge.topic.subject)
        self._elsewhere = self._phrases(knowledge.topic.elsewhere)
        self._weights = learned.weights
        self._speller = Speller(learned.word_counts, real_words=language.real_words, confusables=knowledge.synonyms.confusables, sound=language.sound)

    def rank(self, tokens: Iterable[Token], *, leaning: str | None = None, by: float = 0.0) -> Ranking:
        """Rank the entries for *tokens*. An entry in mind (*leaning*) has *by* added to its score."""
        words = self._maker.words(tokens, self._speller)
        if not words or not self._entry_ids:
            return Ranking(words, (), (), None)
        features = self._maker.features(words)
        columns, values = self._weights.vector(features)
        scores = values @ self._weights.matrix[columns]
        entries, others = scores[: len(self._entry_ids)].copy(), scores[len(self._entry_ids) :]
        if leaning in self._entry_ids:
            entries[self._entry_ids.index(leaning)] += by
        order = [int(place) for place in np.argsort(-entries, kind="stable")[: RANKED + 1]]
        measured = self._measured(words, features, entries, order, float(others.max()))
        best_first = sorted(zip(order, measured, strict=False), key=lambda pair: -pair[1].confidence)
        earned = self._earned(words, features, columns, values, [place for place, _ in best_first])
        matches = tuple(
            Match(self._entry_ids[place], signals.confidence, by_word) for (place, signals), by_word in zip(best_first, earned, strict=True)
        )
        return Ranking(words, matches, tuple(signals for _, signals in best_first), self._smalltalk(others, float(entries[order[0]])))

    def about(self, tokens: Sequence[Token], entry: Entry) -> tuple[Token, ...]:
        """Return *tokens* with the subject words of *entry*'s title added: what a question that leaves its subject out is about."""
        said = {token.stem for token in tokens}
        title = normalise(entry.title, self._language).tokens
        return (*tokens, *(token for token in title if (token.stem,) in self._subject and token.stem not in said))

    def names_subject(self, tokens: Sequence[Token]) -> bool:
        """True when *tokens* name what the topic is about."""
        return self._holds([token.stem for token in tokens], self._subject)

    def _measured(self, words: Sequence[Word], features: Features, entries: Floats, order: Sequence[int], other: float) -> tuple[Signals, ...]:
        stems = [word.stem for word in words]
        elsewhere = self._holds(stems, self._elsewhere)
        known, total = self._rarities(features)
        unknown = max(0.0, 1.0 - sum(rarity for _, rarity in known) / total)
        # Where the topic does not say what it is about, that it has taught the words must do.
        subject = self._holds(stems, self._subject) if self._subject else unknown < _STRANGE
        return tuple(
            Signals(
                score=float(entries[place]),
                margin=float(entries[place] - entries[_rival(place, order)]) if len(order) > 1 else float(entries[place]),
                other=other,
                explained=sum(rarity for column, rarity in known if self._weights.matrix[column, place] > 0) / total,
                unknown=unknown,
                words=len(words),
                subject=subject,
                elsewhere=elsewhere,
            )
            for place in order[:RANKED]
        )

    def _smalltalk(self, others: Floats, best_entry: float) -> str | None:
        place = int(np.argmax(others))
        return self._talk_ids[place] if place < len(self._talk_ids) and float(others[place]) > max(best_entry, _SMALLTALK_FROM) else None

    def _rarities(self, features: Features) -> tuple[list[tuple[int, float]], float]:
        """Return the known stems' columns with their rarity, and the rarity of all stems together."""
        known: list[tuple[int, float]] = []
        total = 0.0
        for name in features:
            if name[0] == STEM:
                column = self._weights.columns.get(name)
                rarity = self._weights.unknown_rarity if column is None else float(self._weights.rarity[column])
                total += rarity
                if column is not None:
                    known.append((column, rarity))
        return known, total or 1.0

    def _earned(
        self, words: Sequence[Word], features: Features, columns: Ints, values: Floats, places: Sequence[int]
    ) -> Iterator[tuple[Earned, ...]]:
        """For each of *places*, what each word added to its score, most first."""
        word_of = [place for name, place in features.items() if name in self._weights.columns]
        parts = values[:, None] * self._weights.matrix[columns][:, places]
        by_word = np.zeros((len(words), len(places)), np.float32)
        np.add.at(by_word, word_of, parts)
        for column in range(len(places)):
            ranked = sorted(enumerate(by_word[:, column].tolist()), key=lambda pair: -pair[1])
            yield tuple(Earned(words[at].said, words[at].meant, weight) for at, weight in ranked)

    def _phrases(self, texts: Iterable[str]) -> dict[tuple[str, ...], int]:
        stems = (tuple(token.stem for token in normalise(text, self._language).tokens) for text in texts)
        return {phrase: len(phrase) for phrase in stems if phrase}

    @staticmethod
    def _holds(stems: Sequence[str], phrases: dict[tuple[str, ...], int]) -> bool:
        lengths = set(phrases.values())
        return any(tuple(stems[at : at + length]) in phrases for at in range(len(stems)) for length in lengths)


def _rival(place: int, order: Sequence[int]) -> int:
    """The best entry other than *place*."""
    return order[1] if place == order[0] else order[0]
