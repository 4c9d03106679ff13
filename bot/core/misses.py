"""Questions asked in vain, without what could name a person; and only what several people asked alike.

What is left of a message are words that the language or the knowledge knows. Numbers and addresses go, and so do words written with a capital
letter within a sentence and those after "my name is": names, be they words as well. Shown is only what several said, or one had
passed on.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.core.language import Language
from bot.core.text import normalise

SIMILAR_FROM = 5
"""So many alike must there be before any is shown."""

_GONE = "…"
_LONGEST = 20
"""Words kept of a question."""
_FEWEST = 2
"""Words that say something; with fewer nothing is kept."""
_ALIKE = 0.5
"""The share of their stems that two questions must have in common to be alike, of all that both have."""
_AFTER_INTRODUCTION = 3
"""Words after "my name is" that may be a name."""
_INTRODUCTIONS = "introductions"
"""The language's cue list of such phrases."""

# From its first letter on: begun anywhere, a long word without spaces would be searched anew from each of its letters.
_ADDRESS = re.compile(r"(?<!\S)(?:\S*(?:@|://|www\.)\S*|\S+\.(?:com|org|net|me|io|co|uk|de|info)\b\S*)", re.IGNORECASE)
_CAPITAL = re.compile(r"(?<=[^\s.!?…:;\n])[ \t]+[^\W\d_a-z][^\W\d_]+")
"""A word of two letters or more, the first a capital, that does not open a sentence."""
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class MissGroup:
    """Questions alike."""

    words: str
    """Those of the question that was passed on most often; where none was, those that at least `SIMILAR_FROM` (or what was asked for) of them
    share, in the order of a typical one: `…` stands for the others.
    """
    count: int
    """How many; of fewer than `SIMILAR_FROM` (or what was asked for) only those that were passed on."""
    not_this: tuple[str, ...] = ()
    """The entries that were not what they asked, by how often."""
    passed: tuple[str, ...] = ()
    """What was passed on, by how often."""


@dataclass(frozen=True, slots=True)
class Missed:
    """One question as it is kept."""

    words: str
    not_this: str = ""
    passed: bool = False
    """Who asked had it passed on."""


def redacted(said: str, language: Language, knows: Callable[[str], bool]) -> str | None:
    """Return what may be kept of *said*, or None where too little is left. *knows* tells whether a folded word is one of the knowledge's.

    Words are lower-case, with single spaces between them; `…` stands for what was taken out. At most 20 words.
    """
    text = _ADDRESS.sub(f" {_GONE} ", said)
    if any(map(str.islower, text)):  # Who writes everything in capitals names nobody by them.
        text = _CAPITAL.sub(f" {_GONE} ", text)
    # The mark itself is no word to the normaliser: one that it keeps and that nobody knows stands in.
    words = [token.text for token in normalise(text.replace(_GONE, " qqgoneqq "), language).tokens]
    named = _introduced(words, language)
    kept = [word if place not in named and _harmless(word, language, knows) else _GONE for place, word in enumerate(words)]
    kept = [word for place, word in enumerate(kept) if word != _GONE or kept[place - 1 : place] != [_GONE]][:_LONGEST]
    telling = {word for word in kept if word != _GONE and word not in language.stop_words}
    return " ".join(kept) if len(telling) >= _FEWEST else None


def _harmless(word: str, language: Language, knows: Callable[[str], bool]) -> bool:
    return not _NUMBER.search(word) and (word in language.real_words or word in language.stop_words or knows(word))


def _introduced(words: Sequence[str], language: Language) -> set[int]:
    """Return the places of what may be a name because of the words before it."""
    named: set[int] = set()
    for phrase in language.cues.get(_INTRODUCTIONS, ()):
        said = phrase.split()
        for begin in range(len(words) - len(said) + 1):
            if words[begin : begin + len(said)] == said:
                named |= set(range(begin + len(said), begin + len(said) + _AFTER_INTRODUCTION))
    return named


def groups(missed: Iterable[Missed], language: Language, fewest: int = SIMILAR_FROM) -> tuple[MissGroup, ...]:
    """Return the questions that *fewest* or more asked alike, or anybody had passed on, the most frequent first.

    Each joins the group whose first question it shares most stems with, if that is at least half of both's; the same questions in the same
    order give the same groups. Of what was not passed on nothing is returned where it was below *fewest*, and else no word that fewer said.
    """
    found: list[tuple[frozenset[str], list[Missed]]] = []
    places: defaultdict[str, list[int]] = defaultdict(list)
    """Of the groups whose first question has a stem."""
    for each in missed:
        stems = _stems(each.words, language)
        best = max(_perhaps_alike(stems, places), key=lambda place: _alike(found[place][0], stems), default=None)
        if best is not None and _alike(found[best][0], stems) >= _ALIKE:
            found[best][1].append(each)
        elif stems:
            for stem in stems:
                places[stem].append(len(found))
            found.append((stems, [each]))
    shown = [_group(members, fewest) for _, members in found if len(members) >= fewest or any(each.passed for each in members)]
    return tuple(sorted((group for group in shown if group.words.strip(f"{_GONE} ")), key=lambda group: (-group.count, group.words)))


def _perhaps_alike(stems: frozenset[str], places: Mapping[str, Sequence[int]]) -> list[int]:
    """Return the places of all groups that may be alike, in order.

    They share at least half of *stems* with it, so one at least of any more than half: of those that fewest groups have.
    """
    rare = sorted(stems, key=lambda stem: (len(places.get(stem, ())), stem))[: len(stems) // 2 + 1]
    return sorted({place for stem in rare for place in places.get(stem, ())})


def _group(members: Sequence[Missed], fewest: int) -> MissGroup:
    passed = Counter(sorted(each.words for each in members if each.passed))
    by_times = tuple(words for words, _ in passed.most_common())
    not_this = Counter(each.not_this for each in members if each.not_this)
    often = tuple(entry for entry, times in not_this.most_common() if times >= fewest)
    count = len(members) if len(members) >= fewest else passed.total()
    return MissGroup(by_times[0] if by_times else _shared(members, fewest), count, often, by_times)


def _shared(members: Sequence[Missed], fewest: int) -> str:
    said_by = Counter(word for each in members for word in set(each.words.split()))
    wordings = [" ".join(_without_repeats(word if said_by[word] >= fewest else _GONE for word in each.words.split())) for each in members]
    return max(sorted(set(wordings)), key=lambda words: (len(words.replace(_GONE, "").split()), -len(words)))


def _without_repeats(words: Iterable[str]) -> Iterable[str]:
    before = ""
    for word in words:
        if word != _GONE or before != _GONE:
            yield word
        before = word


def alike(one: str, other: str, language: Language) -> bool:
    """Return whether two questions, as they are kept, count as the same one."""
    return one == other or _alike(_stems(one, language), _stems(other, language)) >= _ALIKE


def without_gaps(words: str) -> str:
    """Return *words*, as they are kept, without what stands for those taken out."""
    return " ".join(word for word in words.split() if word != _GONE)


def _stems(words: str, language: Language) -> frozenset[str]:
    return frozenset(language.stem(word) for word in words.split() if word != _GONE and word not in language.stop_words)


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one | other)
    return len(one & other) / both if both else 0.0
