"""From words to features: stems, pairs of stems, pieces of words, and the plain word a lay phrase stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bot.core.content import Synonyms
from bot.core.language import Language
from bot.core.speller import Speller
from bot.core.text import Token

STEM, MEANING, PAIR, PIECE, AFTER = "w", "s", "b", "c", "a"
"""The first letter of a feature's name says what kind it is. AFTER is the entry that was shown just before."""

VALUE_BY_KIND = {STEM: 1.0, MEANING: 0.6, PAIR: 0.5, PIECE: 0.2, AFTER: 0.6}
"""What a feature counts before its rarity. A word has one stem and many pieces, so that a piece counts little."""

_PIECE_LENGTHS = (3, 4, 5)
_BEGIN, _END = "^", "$"


class Word(NamedTuple):
    """One word of a message as the matcher reads it."""

    said: str
    meant: str
    """The same, unless a typo was repaired."""
    stem: str


class FeatureMaker:
    """Turns words into features. One instance serves teaching and answering, so that both see the same."""

    def __init__(self, language: Language, synonyms: Synonyms) -> None:
        self._language = language
        self._meaning_by_stems: dict[tuple[str, ...], str] = {}
        for phrase, meaning in synonyms.say_by_phrase.items():
            self._meaning_by_stems[tuple(map(language.stem, phrase.split()))] = "_".join(map(language.stem, meaning.split()))
        self._meanings = frozenset(self._meaning_by_stems.values())
        self._longest = max(map(len, self._meaning_by_stems), default=0)
        self._begins = frozenset(stems[0] for stems in self._meaning_by_stems) | self._meanings

    def words(self, tokens: Iterable[Token], speller: Speller | None = None) -> tuple[Word, ...]:
        """Return *tokens* as words, with typos repaired where a *speller* is given."""
        if speller is None:
            return tuple(Word(token.text, token.text, token.stem) for token in tokens)
        return tuple(self._repaired(token, speller.repair(token.text)) for token in tokens)

    def _repaired(self, token: Token, meant: str) -> Word:
        return Word(token.text, meant, token.stem if meant == token.text else self._language.stem(meant))

    def of_word(self, word: Word) -> tuple[str, ...]:
        """Return the features of *word* alone, its stem first. Words that say little by themselves have no pieces."""
        if word.meant in self._language.stop_words:
            return (STEM + word.stem,)
        marked = f"<{word.meant}>"
        pieces = dict.fromkeys(PIECE + marked[at : at + size] for size in _PIECE_LENGTHS for at in range(len(marked) - size + 1))
        return (STEM + word.stem, *pieces)

    def between(self, words: Sequence[Word]) -> dict[str, int]:
        """Return the features of *words* together, each with the place of the first word that brings it: pairs, and what phrases mean.

        A feature counts once, however often it stands there: a message does not mean more by saying a thing twice.
        """
        found: dict[str, int] = {}
        add = found.setdefault
        previous = _BEGIN
        for place, word in enumerate(words):
            add(f"{PAIR}{previous} {word.stem}", place)
            previous = word.stem
        if words:
            add(f"{PAIR}{previous} {_END}", len(words) - 1)
        for meaning, place in self._said_meanings([word.stem for word in words]):
            add(MEANING + meaning, place)
        return found

    def _said_meanings(self, stems: Sequence[str]) -> Iterator[tuple[str, int]]:
        if self._begins.isdisjoint(stems):
            return
        place = 0
        while place < len(stems):
            length, meaning = self._longest_phrase(stems, place)
            if meaning:
                yield meaning, place
            place += length

    def _longest_phrase(self, stems: Sequence[str], place: int) -> tuple[int, str | None]:
        """The length in words and the meaning of the longest known phrase at *place*; a word that is a meaning stands for itself."""
        if stems[place] in self._begins:
            for length in range(min(self._longest, len(stems) - place), 0, -1):
                meaning = self._meaning_by_stems.get(tuple(stems[place : place + length]))
                if meaning:
                    return length, meaning
        return 1, stems[place] if stems[place] in self._meanings else None


def distinct(words: Sequence[Word]) -> Iterable[int]:
    """Return the places of *words* of different stems, of each the first."""
    first: dict[str, int] = {}
    for place, word in enumerate(words):
        first.setdefault(word.stem, place)
    return first.values()
