"""Word-level typo repair against a known vocabulary: by spelling, then by sound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

ONE_EDIT_FROM = 4
TWO_EDITS_FROM = 8
_SOUND_FROM = 3
_LETTERS = 32
"""How many letters are told apart; others share a mark, which only lets more words through."""
_CACHED = 256
"""Enough for the several looks at one message; what people write is not kept for longer than that takes."""


class _Pool:
    """Known words of one length. Of a few thousand only those are compared letter by letter that have nearly the same letters."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def near(self, marks: np.uint64, limit: int) -> list[str]:
        """Return those that may be *limit* edits from a word with these *marks*, and hardly any others."""
        # An edit takes away a letter, adds one, or both: each changes one mark at most.
        close = np.bitwise_count(self._marks ^ marks) <= 2 * limit
        return [self.words[place] for place in close.nonzero()[0].tolist()]

    @cached_property
    def _marks(self) -> NDArray[np.uint64]:
        return _marks(self.words)


def _marks(words: Sequence[str]) -> NDArray[np.uint64]:
    """Return for each of *words*, all of one length, a bit for every letter that is in it, and another for every letter that is in it twice."""
    letters = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32).reshape(len(words), -1)
    bits = np.uint64(1) << (letters % _LETTERS).astype(np.uint64)
    once = twice = np.zeros(len(words), np.uint64)
    for column in bits.T:
        once, twice = once | column, twice | (once & column)
    return once | twice << np.uint64(_LETTERS)


class Speller:
    """Repairs words against a vocabulary: one edit from four letters, two from eight (a swap of neighbours is one edit).

    Real words of the language are left alone, and so is any word one of whose confusables is the only way out. Thresholds can be raised
    for places where a wrong repair costs more than a missed one.
    """

    def __init__(
        self,
        counts: Mapping[str, int],
        *,
        real_words: AbstractSet[str] = frozenset(),
        confusables: Iterable[frozenset[str]] = (),
        one_edit_from: int = ONE_EDIT_FROM,
        two_edits_from: int = TWO_EDITS_FROM,
        sound: Callable[[str], str] | None = None,
    ) -> None:
        """*counts*: how often each word of the vocabulary is used; the more frequent wins a tie.

        *sound* gives what a word sounds like: people who write by ear ("nek", "spazim") are further off than an edit or two.
        """
        self._counts = counts
        self._real_words = real_words
        self._one, self._two = one_edit_from, two_edits_from
        self._barred: dict[str, set[str]] = {}
        for pair in confusables:
            for word in pair:
                self._barred.setdefault(word, set()).update(pair - {word})
        self._by_length: defaultdict[int, _Pool] = defaultdict(_Pool)
        self._by_sound: dict[str, list[str]] = {}
        self._sound = sound
        for word in filter(str.isalpha, sorted(counts)):
            self._by_length[len(word)].words.append(word)
            heard = self._heard(word)
            if heard:
                self._by_sound.setdefault(heard, []).append(word)
        # A word more than twice as long as every known one is further off than any limit; it need not be looked up, nor remembered.
        self._longest = 2 * max(self._by_length, default=0)
        self._cache: dict[str, str] = {}

    def repair(self, word: str) -> str:
        """Return the word of the vocabulary that *word* was meant to be, or *word* itself."""
        if word in self._counts or word in self._real_words or not word.isalpha() or len(word) > self._longest:
            return word
        if word not in self._cache:
            if len(self._cache) > _CACHED:
                self._cache.clear()
            self._cache[word] = self._near(word) or self._alike(word) or word
        return self._cache[word]

    def _near(self, word: str) -> str | None:
        if len(word) < self._one:
            # So short a word can only be one from which a letter was left out.
            return self._nearest(word, self._pools(word, self._one, self._one, 1), 1) if len(word) == self._one - 1 else None
        limit = 2 if len(word) >= self._two else 1
        return self._nearest(word, self._pools(word, len(word) - limit, len(word) + limit, limit), limit)

    def _pools(self, word: str, shortest: int, longest: int, limit: int) -> Iterator[Sequence[str]]:
        """Yield the words of these lengths that may be *limit* edits from *word*."""
        marks = _marks([word])[0]
        for length in range(shortest, longest + 1):
            pool = self._by_length.get(length)
            if pool is not None:
                yield pool.near(marks, limit)

    def _alike(self, word: str) -> str | None:
        """The word that sounds the same, however it is spelt, if about half of its letters are there."""
        return self._nearest(word, (self._by_sound.get(self._heard(word), ()),), max(2, len(word) // 2))

    def _heard(self, word: str) -> str:
        """What *word* sounds like; empty where that is not known, which is like nothing."""
        return self._sound(word) if self._sound is not None and len(word) >= _SOUND_FROM and word.isascii() else ""

    def _nearest(self, word: str, pools: Iterable[Sequence[str]], limit: int) -> str | None:
        barred: AbstractSet[str] = self._barred.get(word, frozenset())
        # Nearer first, then the same letters in another order, then one left out, the slips that fingers make most; then the same first letter, then
        # the more frequent, then by alphabet: two runs agree.
        letters = sorted(word)
        ranks = (
            (distance, sorted(known) != letters, len(known) <= len(word), known[0] != word[0], -self._counts[known], known)
            for pool in pools
            for known, distance, _ in process.extract_iter(word, pool, scorer=OSA.distance, score_cutoff=limit)
            if known not in barred
        )
        best = min(ranks, default=None)
        return best[-1] if best else None
