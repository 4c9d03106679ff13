"""How hard a text is to read: the Flesch-Kincaid grade, counted so that lists and short headings cannot flatter.

grade = 0.39 * words / sentences + 11.8 * syllables / words - 15.59      (Kincaid and others, 1975)

A grade is a year of school: 6 is what most 11- to 12-year-olds can follow. It knows nothing of meaning; it is an alarm, not a proof.

Sentences are counted in two ways, and the worse grade counts:

- *by line*: a sentence ends at a full stop, question mark or exclamation mark, and at the end of a line, as a list is read. A line that
  ends in a colon is no sentence; it belongs to the next.
- *by mark*: the end of a line ends nothing, so items without a full stop run together.

A decimal point ends nothing. Syllables are counted by rule, not from a dictionary: see `syllables`.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z]+(?:['’&][A-Za-z]+)*|\d+(?:[.,]\d+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$|[)\"'’])")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = (
    re.compile(r"(?<=[^aeiouy])e(?=(?:ly|ful|less|ment|thing|times?|where|one)$)"),  # careful, something
    re.compile(r"(?<=[^aeiouytd])ed$"),  # helped, but needed
    re.compile(r"(?<=[^aeiouysxzcgh])es$|(?<=ach)es$"),  # makes and aches, but causes
    re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouyl]l)e$"),  # make, while, but muscle
    re.compile(r"(?<=[aeiouy])ed?$"),  # see, tried
)
_APART = re.compile(r"(?<![tscgh])i[aou]|io$|[aeouy]ing|iet|(?<!q)ua|eo(?!p)|(?<=d|r)ea(?=s?$)|[^aeiouy]le(?=s$|d$)|sms?$")


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of *text*, by the worse of the two ways to count. Below 0 for very simple text; 0.0 without words."""
    words = _WORD.findall(text)
    if not words:
        return 0.0
    sentences = min(_sentences(_by_line(text)), _sentences(text))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """Return about how many syllables *word* has, at least one.

    Runs of vowels, less the silent e of `make`, `helped` and `careful`, plus what is said apart in `area`, `being`, `anxiety` and
    `spasm`. Letters said one by one (`GP`) count one each, and so do digits.
    """
    if word[0].isdigit() or (word.isupper() and len(word) > 1):
        return sum(map(str.isalnum, word))
    plain = re.sub(r"[^a-z]", "", word.lower())
    spoken = plain
    for silent in _SILENT:
        spoken = silent.sub("", spoken) if _VOWELS.search(silent.sub("", spoken)) else spoken
    return max(1, len(_VOWELS.findall(spoken)) + len(_APART.findall(plain)))


def _by_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(line if line.endswith((".", "!", "?", ":")) else f"{line}." for line in lines)


def _sentences(text: str) -> int:
    return max(1, sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part)))
