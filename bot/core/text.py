"""From what a person typed to words that can be compared: folded letters, whole words, clauses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.language import Language

LIMIT = 16_384
"""Characters kept. Telegram sends at most 4,096; folding and writing out make a text at most four times as long."""

_STEPS = 3
_MARKS_PER_BASE = 3
_MOST_FOR_ONE = 3
"""Letters one character may fold into. A few fold into whole sentences, and would push what follows them over the limit."""
_DROPPED = frozenset({"Cf", "Cs", "Co", "Cn", "Cc"})
_STRAIGHT = str.maketrans(
    {**dict.fromkeys("’‘ʼ`´′＇ʹ", "'"), **dict.fromkeys("‐‑‒–—―−", "-"), **dict.fromkeys("…。।", "."), **dict.fromkeys("؟？", "?"), "！": "!"}
)
# Letters of other scripts that look like Latin ones; used only in words that mix scripts.
_LOOKALIKES = str.maketrans("аеорсухіјѕһԁԛԝкмтвнοαεικνρτυχγ", "aeopcyxijshdqwkmtbhoaeiknptuxy")
# Python's \w leaves out the vowel signs of many scripts, so their blocks are named whole.
SIGNS = r"\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3099\u309a"
_WORD = re.compile(
    rf"(?P<number>\d+(?:[.,/:]\d+)+|\d+)|(?P<word>[^\W\d_](?:[\w{SIGNS}]|'(?=\w))*|[\w{SIGNS}]+)"
    r"|(?P<end>[.!?;\n]+)|(?P<dash>(?<=\s)-+(?=\s))|(?P<comma>,)|(?P<mark>[%&])"
)
_ENDS = frozenset({"end", "dash"})
_NO_WORDS = _ENDS | {"comma"}
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")


@dataclass(frozen=True, slots=True)
class Token:
    """One word or number."""

    text: str
    stem: str
    after_comma: bool = False
    """A comma stood before it: lists share a negation."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A run of words no break cuts. A break word (`but`) is the first word of its clause."""

    tokens: tuple[Token, ...]
    end: str = ""
    """The mark that ended it: `.`, `?`, `!`, or empty where a break word or the end of the text did."""

    @property
    def words(self) -> tuple[str, ...]:
        """The words as text."""
        return tuple(token.text for token in self.tokens)


@dataclass(frozen=True, slots=True)
class NormalText:
    """What was said, ready to compare."""

    clauses: tuple[Clause, ...]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """All words in order."""
        return tuple(token for clause in self.clauses for token in clause.tokens)

    @property
    def canonical(self) -> str:
        """The text written plainly; normalising it again gives the same clauses and tokens."""
        parts = []
        for clause in self.clauses:
            words = "".join((", " if token.after_comma else " ") + token.text for token in clause.tokens)
            parts.append(words.strip(" ") + clause.end)
        return " ".join(parts)

    def __bool__(self) -> bool:
        return any(clause.tokens for clause in self.clauses)


def normalise(raw: str, language: Language) -> NormalText:
    """Return *raw* as clauses of folded words.

    At most LIMIT characters are read and as many kept. Letters are compatibility-folded and lower-cased, invisible characters dropped,
    marks on Latin, Greek and Cyrillic letters taken off, contractions written out. Works on any string, lone surrogates included.
    """
    text = _fold(raw[:LIMIT])
    clauses: list[Clause] = []
    tokens: list[Token] = []
    comma = False
    length = 0
    for found in _WORD.finditer(text):
        kind = found.lastgroup
        if kind in _ENDS:
            end = _end_mark(found[0]) if kind == "end" else "."
            if tokens:
                clauses.append(Clause(tuple(tokens), end))
            elif clauses and "?" in end:
                clauses[-1] = Clause(clauses[-1].tokens, "?")
            tokens, comma = [], False
        elif kind == "comma":
            comma = bool(tokens)
        else:
            for word in _written_out(found[0], language):
                length += len(word) + 2
                if length > LIMIT:
                    break
                if word in language.clause_breaks and tokens:
                    clauses.append(Clause(tuple(tokens)))
                    tokens, comma = [], False
                tokens.append(Token(word, language.stem(word), comma))
                comma = False
    if tokens:
        clauses.append(Clause(tuple(tokens)))
    return NormalText(tuple(clauses))


def words_of(raw: str, language: Language) -> tuple[str, ...]:
    """Return the words of *raw* that `normalise` gives, in order and without all else: for many texts much faster."""
    words: list[str] = []
    length = 0
    for found in _WORD.finditer(_fold(raw[:LIMIT])):
        if found.lastgroup in _NO_WORDS:
            continue
        for word in _written_out(found[0], language):
            length += len(word) + 2
            if length > LIMIT:
                break
            words.append(word)
    return tuple(words)


def _end_mark(marks: str) -> str:
    return "?" if "?" in marks else "!" if "!" in marks else "."


def _fold(text: str, rounds: int = _STEPS) -> str:
    # NFKC, casefold and the squeezing of letters can each undo the work of another; two rounds settled all we tried.
    folded = _fold_once(text)
    return folded if folded == text or rounds == 1 else _fold(folded, rounds - 1)


def _fold_once(text: str) -> str:
    if not text.isascii():
        # Symbols go before NFKC, which would turn some of them into letters that stick to the next word.
        text = "".join(_plain(char) for char in text.translate(_STRAIGHT))
        text = unicodedata.normalize("NFKC", text)[:LIMIT].translate(_STRAIGHT)
    text = text.casefold()
    text = _CONTROLS.sub(" ", text) if text.isascii() else " ".join(map(_unmix, _strip_marks(text).split(" ")))
    # An underscore would glue to a number what the next look parts from it.
    return _REPEATED.sub(r"\1", text.replace("_", " "))


def _plain(char: str) -> str:
    if char.isascii():
        return char
    category = unicodedata.category(char)
    if category in _DROPPED:
        return ""
    if category[0] == "S" or category == "No":
        # Symbols part words; so do circled and raised digits, or "39²" would become 392.
        return " "
    return char if len(unicodedata.normalize("NFKC", char)) <= _MOST_FOR_ONE else " "


def _strip_marks(text: str) -> str:
    kept: list[str] = []
    base, marks = "", 0
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            # Elsewhere than in these scripts the marks are vowels and tones.
            if not _takes_plain_letters(base) and marks <= _MARKS_PER_BASE:
                kept.append(char)
            continue
        base, marks = char, 0
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def _takes_plain_letters(char: str) -> bool:
    return not char or char < "\u0530" or "\u1d00" <= char < "\u2000" or not char.isalpha()


def _unmix(word: str) -> str:
    if any("a" <= c <= "z" for c in word) and any("\u0370" <= c < "\u0530" for c in word):
        return word.translate(_LOOKALIKES)
    return word


def _written_out(word: str, language: Language) -> Sequence[str]:
    if "'" not in word and word not in language.contractions:
        return (word,)  # nearly all of them
    word = word.strip("'")
    found = language.contractions.get(word)
    if found is None and "'" in word:
        for suffix, meaning in language.suffixes.items():
            if word.endswith(suffix) and len(word) > len(suffix):
                found = word[: -len(suffix)] + meaning
                break
        found = _REPEATED.sub(r"\1", (found or word).replace("'", ""))
        found = language.contractions.get(found, found)
    # What is left of a word ("u" of "u'm") may be written short itself.
    return [each for part in (found if found is not None else word).split() for each in language.contractions.get(part, part).split()]


def utf16_units(text: str) -> int:
    """Return the length of *text* in UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
