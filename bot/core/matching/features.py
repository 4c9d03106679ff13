"""From words to features: stems, pairs of stems, pieces of words, and the plain word a lay phrase stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.core.content import Synonyms
from bot.core.language import Language
from bot.core.speller import Speller
from bot.core.text import Token

STEM, MEANING, PAIR, PIECE = "w", "s", "b", "c"
"""The first letter of a feature's name says what kind it is."""

VALUE_BY_KIND = {STEM: 1.0, MEANING: 0.6, PAIR: 0.5, PIECE: 0.2}
"""What a feature counts before its rarity. A word has one stem and many pieces, so that a piece counts little."""

Features = dict[str, int]
"""Feature -> the place of the word that brought it."""

_PIECE_LENGTHS = (3, 4, 5)
_PIECES_KEPT, _LONGEST_KEPT = 10_000, 24


@dataclass(frozen=True, slots=True)
class Word:
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
        self._begins = frozenset(stems[0] for stems in self._meaning_by_stems)
        self._pieces: dict[str, tuple[str, ...]] = {}

    def words(self, tokens: Iterable[Token], speller: Speller | None = None) -> tuple[Word, ...]:
        """Return *tokens* as words, with typos repaired where a *speller* is given."""
        found = []
        for token in tokens:
            meant = speller.repair(token.text) if speller else token.text
            found.append(Word(token.text, meant, token.stem if meant == token.text else self._language.stem(meant)))
        return tuple(found)

    def features(self, words: Sequence[Word]) -> Features:
        """Return the features of *words*, each with the place of the first word that brings it.

        A feature counts once, however often it stands there: a message does not mean more by saying a word twice.
        """
        found: Features = {}
        add = found.setdefault
        previous = "^"
        for place, word in enumerate(words):
            add(STEM + word.stem, place)
            add(f"{PAIR}{previous} {word.stem}", place)
            previous = word.stem
            for piece in self._pieces_of(word.meant):
                add(piece, place)
        if words:
            add(f"{PAIR}{previous} $", len(words) - 1)
        for meaning, place in self._said_meanings([word.stem for word in words]):
            add(MEANING + meaning, place)
        return found

    def _said_meanings(self, stems: Sequence[str]) -> Iterator[tuple[str, int]]:
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

    def _pieces_of(self, word: str) -> tuple[str, ...]:
        found = self._pieces.get(word)
        if found is None:
            marked = f"<{word}>"
            found = (
                ()
                if word in self._language.stop_words
                else tuple(PIECE + marked[at : at + size] for size in _PIECE_LENGTHS for at in range(len(marked) - size + 1))
            )
            if len(self._pieces) < _PIECES_KEPT and len(word) <= _LONGEST_KEPT:
                self._pieces[word] = found
        return found
