"""What the engine knows of a language: contractions, clause breaks, cue words, stems. The words are data, not code."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import jellyfish
import Stemmer

from bot.core.vectors import NO_VECTORS, WordVectors
from bot.core.wordlist import WordList

_STEM_CACHE_SIZE = 4_096
_LONGEST_STEMMED = 64


@dataclass(frozen=True)
class Language:
    """One language's words for the engine, read from `defaults/languages/`."""

    code: str
    stemmer: str
    """The name of a Snowball algorithm, such as `english`; an empty name leaves words as they are."""
    sounds: str = ""
    """How words are compared by sound: `metaphone`, or empty for not at all."""
    contractions: Mapping[str, str] = field(default_factory=dict)
    """A word as typed (apostrophes straight or left out) -> the words meant, `cant` -> `cannot`."""
    suffixes: Mapping[str, str] = field(default_factory=dict)
    """What an apostrophe ending stands for, `'ll` -> ` will`; an empty value drops it."""
    clause_breaks: frozenset[str] = frozenset()
    """Words that open a new clause, such as `but`."""
    negations: frozenset[str] = frozenset()
    question_starts: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    """Words that say somebody has it: `i`, `my`, `son`."""
    stop_words: frozenset[str] = frozenset()
    follow_up_words: frozenset[str] = frozenset()
    """Words that point back at what was said before: `it`, `that`, `then`."""
    joiners: frozenset[str] = frozenset()
    """Words that may join two questions in one sentence: `and`, `also`."""
    cues: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Further lists by name, for triage: each a tuple of words or phrases."""
    real_words: WordList = field(default_factory=WordList)
    """A large word list: typo repair leaves these alone."""
    vectors: WordVectors = field(default=NO_VECTORS, repr=False, compare=False)
    """What its words mean; empty where nobody has distilled any."""

    def stem(self, word: str) -> str:
        """Return the stem of a normalised *word*; one of more than 64 letters is no word, and stays as it is."""
        return _stem(self.stemmer, word) if self.stemmer and len(word) <= _LONGEST_STEMMED else word

    def sound(self, word: str) -> str:
        """Return what *word* sounds like, the same for words that sound alike; empty where the language does not say."""
        return jellyfish.metaphone(word) if self.sounds == "metaphone" else ""


_lock = threading.Lock()
_stemmers: dict[str, Stemmer.Stemmer] = {}


@lru_cache(maxsize=_STEM_CACHE_SIZE)
def _stem(algorithm: str, word: str) -> str:
    # A Snowball stemmer keeps its state while it works, and a reload stems in another thread.
    with _lock:
        if algorithm not in _stemmers:
            _stemmers[algorithm] = Stemmer.Stemmer(algorithm)
        stem: str = _stemmers[algorithm].stemWord(word)
    return stem
