"""Which language a message is in, when it is not the one the bot reads: by its letters, then by words that language has and ours has not.

Made to be silent where it is not sure: a message in our own language that is taken for another gets no answer. So what is a word of ours too tells
nothing, every other word of ours speaks against, and a word of three letters, which any typo of ours may make, needs another beside it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.core.language import Language
from bot.core.text import SIGNS

ANY_OTHER = "any_other"
"""Stands for a language whose letters are those of none that is known."""

_READ = 500
"""Characters looked at: what has not said by then which language it is in will not say it later, and a long message costs no more."""
_SURE, _SURE_A_WORD = 2.0, 0.25
"""What has to speak for a language: in all, and for each word of the message. In a long one full of typos some are words of one."""
_LONG = 4
_OF_LONG, _OF_SHORT, _OF_LETTERS = 2.0, 1.0, 1.5
_FUNCTION_WORD, _OTHER_WORD = 2.0, 1.0
SHORTEST_BEGINNING, _LONGEST_BEGINNING = 4, 9
"""Letters before the star of a word."""

_WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{SIGNS}]|'(?=[^\W\d_]))*")
_LINK = re.compile(r"(?<!\S)(?:\S+://\S+|\S+@\S+|[@#/]\w+)")
_ACCENT = re.compile(r"[\u0300-\u036f]")
_APOSTROPHES = str.maketrans("’‘ʼ`´′", "''''''")
_PLAIN_LETTERS = str.maketrans({"ı": "i", "ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})

_BLOCKS = (
    (0x0041, "latin"),
    (0x0370, "greek"),
    (0x0400, "cyrillic"),
    (0x0530, "armenian"),
    (0x0590, "hebrew"),
    (0x0600, "arabic"),
    (0x0700, "other"),
    (0x0750, "arabic"),
    (0x0780, "other"),
    (0x08A0, "arabic"),
    (0x0900, "devanagari"),
    (0x0980, "bengali"),
    (0x0A00, "gurmukhi"),
    (0x0A80, "gujarati"),
    (0x0B00, "oriya"),
    (0x0B80, "tamil"),
    (0x0C00, "telugu"),
    (0x0C80, "kannada"),
    (0x0D00, "malayalam"),
    (0x0D80, "sinhala"),
    (0x0E00, "thai"),
    (0x0E80, "lao"),
    (0x0F00, "tibetan"),
    (0x1000, "myanmar"),
    (0x10A0, "georgian"),
    (0x1100, "hangul"),
    (0x1200, "ethiopic"),
    (0x13A0, "other"),
    (0x1780, "khmer"),
    (0x1800, "other"),
    (0x1D00, "latin"),
    (0x1F00, "greek"),
    (0x2000, "other"),
    (0x3040, "kana"),
    (0x3130, "hangul"),
    (0x3190, "other"),
    (0x31F0, "kana"),
    (0x3200, "other"),
    (0x3400, "han"),
    (0xA000, "other"),
    (0xAC00, "hangul"),
    (0xD7B0, "other"),
    (0xF900, "han"),
    (0xFB00, "other"),
    (0x20000, "han"),
)
"""The first letter of each block of Unicode, and the script it is of up to the next."""
_BEGINS = tuple(begin for begin, _ in _BLOCKS)
SCRIPTS = frozenset(script for _, script in _BLOCKS) - {"other"}
_LETTERS_FOR_ONE = {"han": 3, "kana": 2, "hangul": 2}
"""How many Latin letters say what one of these says."""
_ALONE = frozenset({"han", "hangul"})
"""Scripts of which one letter may be a word. One of another is a face: ಠ_ಠ."""


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """What tells one language."""

    code: str
    name: str
    """What it calls itself."""
    script: str
    """One of SCRIPTS. Of two languages with one script the earlier speaks where nothing tells them apart."""
    letters: str
    """Small letters that tell it from ours, or from the others of its script."""
    words: str
    """Everyday words, with spaces between; one that ends in a star is how words begin."""


@dataclass(frozen=True, slots=True)
class OtherLanguages:
    """The languages that are told apart, and the words that are everybody's."""

    languages: tuple[OtherLanguage, ...] = ()
    international: str = ""
    """With spaces between."""


class ForeignIndex:
    """Tells in which of *others* a message is written, for a bot that reads *language*."""

    def __init__(self, language: Language, others: OtherLanguages) -> None:
        self._language = language
        self._languages = [each for each in others.languages if each.code != language.code]
        self._script = next((each.script for each in others.languages if each.code == language.code), "latin")
        self._international = frozenset(_small(others.international).split())
        self._function_words = _function_words(language)
        self._by_word, self._by_beginning = _indexed(self._languages)
        self._by_script: dict[str, list[int]] = {}
        for number, each in enumerate(self._languages):
            self._by_script.setdefault(each.script, []).append(number)

    def find(self, raw: str) -> str:
        """Return the code of the language that *raw* is surely in, ANY_OTHER for letters nobody knows; empty for ours, and where it is not sure."""
        if not self._languages:
            return ""
        text = _small(_LINK.sub(" ", raw[:_READ].translate(_APOSTROPHES)))[:_READ]
        words = list(dict.fromkeys(_WORD.findall(text)))
        script = "latin" if text.isascii() else _script(words)
        if script != "latin":
            return self._of_script(script, words) if script != self._script else ""
        scores = self._scores(words)
        number = max(scores, key=lambda each: (scores[each], -each), default=-1)
        return self._languages[number].code if number >= 0 and scores[number] >= max(_SURE, _SURE_A_WORD * len(words)) else ""

    def _of_script(self, script: str, words: Iterable[str]) -> str:
        numbers = self._by_script.get(script)
        if not numbers:
            return ANY_OTHER
        scores: dict[int, float] = defaultdict(float)
        for word in words:
            for number in self._by_word.get(word, ()):
                scores[number] += _OF_LONG
            for number in numbers:
                scores[number] += _OF_LETTERS * any(letter in self._languages[number].letters for letter in word)
        return self._languages[max(numbers, key=lambda number: (scores[number], -number))].code

    def _scores(self, words: Iterable[str]) -> Mapping[int, float]:
        """Return by number how much speaks for each language for which anything does, less what speaks for ours."""
        told: dict[int, float] = defaultdict(float)
        forgiven: dict[int, float] = defaultdict(float)
        ours = 0.0
        for word in self._parted(words):
            plain = word if word.isascii() else _without_accents(word)
            if plain in self._international:
                continue
            exactly = () if word.isascii() else self._by_word.get(word, ())
            numbers = exactly or self._by_word.get(plain, ())
            cost = 0.0 if exactly else self._cost(plain)
            if cost:
                ours += cost
                _add(cost, numbers, forgiven)
            elif numbers := numbers or self._beginning(plain):
                _add(_OF_LONG if len(plain) >= _LONG or (exactly and len(word) > 1) else _OF_SHORT, numbers, told)
            elif word != plain:
                _add(_OF_LETTERS, self._with_letters_of(word), told)
        return {number: told[number] + forgiven[number] - ours for number in told}

    def _parted(self, words: Iterable[str]) -> Iterator[str]:
        """Yield *words*, those with an apostrophe in parts unless they are ours: "j'ai", but "don't"."""
        for word in words:
            yield from (word,) if "'" not in word or word in self._language.contractions else word.split("'")

    def _cost(self, word: str) -> float:
        """Return how much *word* speaks for our language."""
        if word in self._function_words:
            return _FUNCTION_WORD
        return _OTHER_WORD if word in self._language.real_words else 0.0

    def _beginning(self, word: str) -> tuple[int, ...]:
        lengths = range(SHORTEST_BEGINNING, min(len(word), _LONGEST_BEGINNING) + 1)
        return next((found for length in lengths if (found := self._by_beginning.get(word[:length]))), ())

    def _with_letters_of(self, word: str) -> Iterator[int]:
        """Yield the languages written in Latin letters that have all the letters of *word* that ours has not."""
        strange = {letter for letter in word if not letter.isascii()}
        return (number for number in self._by_script.get("latin", ()) if strange <= set(self._languages[number].letters))


def _add(weight: float, numbers: Iterable[int], scores: dict[int, float]) -> None:
    for number in numbers:
        scores[number] += weight


def _function_words(language: Language) -> frozenset[str]:
    written_out = (word for meant in language.contractions.values() for word in meant.split())
    lists = (language.stop_words, language.question_starts, language.owners, language.negations, language.follow_up_words, language.joiners)
    cues = (word for name in ("fillers", "courtesies") for word in language.cues.get(name, ()))
    return frozenset().union(*lists, language.contractions, written_out, cues)


def _indexed(languages: Iterable[OtherLanguage]) -> tuple[Mapping[str, tuple[int, ...]], Mapping[str, tuple[int, ...]]]:
    """Return the numbers of the languages that have a word, and that have words which begin so: as written, and without accents."""
    by_word: dict[str, tuple[int, ...]] = {}
    by_beginning: dict[str, tuple[int, ...]] = {}
    for number, each in enumerate(languages):
        written = _small(each.words)
        for word in {*written.split(), *_without_accents(written).split()}:
            index, form = (by_beginning, word[:-1]) if word.endswith("*") else (by_word, word)
            index[form] = (*index.get(form, ()), number)
    return by_word, by_beginning


def _small(text: str) -> str:
    """Return *text* in small letters, each in one character where there is one."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())


def _without_accents(text: str) -> str:
    """Return small letters without the marks on those of Latin, Greek and Cyrillic."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFD", text.translate(_PLAIN_LETTERS))
    return unicodedata.normalize("NFC", _ACCENT.sub("", decomposed))


def _script(words: Iterable[str]) -> str:
    """Return the script that most of *words* are in, `latin` where ours holds its own."""
    letters: Counter[str] = Counter()
    for word in words:
        here = Counter(_BLOCKS[max(0, bisect_right(_BEGINS, ord(letter)) - 1)][1] for letter in word)
        if "latin" in here and not here.keys().isdisjoint(("greek", "cyrillic")):
            here = Counter(latin=len(word))  # Our letters in disguise: "pаin" with a Cyrillic а.
        letters.update({script: count * _LETTERS_FOR_ONE.get(script, 1) for script, count in here.items() if count > 1 or script in _ALONE})
    latin = letters.pop("latin", 0)
    if letters.total() <= latin:
        return "latin"
    # Japanese is written with Chinese characters too; a lone の also stands in Chinese.
    if letters["kana"] * 4 >= letters["han"] > 0:
        return "kana"
    return letters.most_common(1)[0][0]
