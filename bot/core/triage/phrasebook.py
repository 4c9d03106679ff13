"""Collects phrases and makes them ready to be looked for: what a word meets, what a phrase needs, which phrase to try when.

Phrases, lists and groups become *symbols*. Some are leaves: a word, a reading, a *row* of symbols. The others are met by any of the symbols that
feed them: the alternatives at one place of a phrase, a list, a group.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, KeysView, Mapping

from bot.core.language import Language
from bot.core.text import normalise
from bot.core.triage.finder import Finder, Graph, Lookup
from bot.core.triage.found import Row
from bot.core.triage.pattern import Alternative, Item, ListName, Measure, Phrase, Word, Words

_TOGETHER = -1
"""The gap of parts that may stand in any order."""
_COMMON = 30
"""How much more often a small word is said than another."""
_ROW_RARITY = 4
"""How much less often a row is met than its rarest part."""
_AS_IT_IS = re.compile(r"(?:([a-z])(?!\1\1))+")
"""Words that `normalise` leaves alone unless they are short for something; most are, and asking it costs much."""

_Part = tuple[tuple[int, int], ...]
"""Symbols, each with the gap before it."""


class Phrasebook:
    """Every phrase to be looked for. Add phrases, then take the `finder`."""

    def __init__(self, language: Language, lists: Mapping[str, tuple[Phrase, ...]]) -> None:
        """Start with no phrases. *lists*: what `<name>` stands for."""
        self._language = language
        self._phrases_by_list = lists
        # By symbol.
        self._sources: list[tuple[int, ...]] = []
        self._levels: list[int] = []
        self._commonness: list[int] = []
        # Symbols by what they stand for: the same is never looked for twice.
        self._groups: dict[tuple[tuple[str, int], ...], int] = {}
        self._lists: dict[str, int] = {}
        self._items: dict[tuple[Alternative, ...], int] = {}
        self._words: dict[Word | Words, int] = {}
        self._any_of: dict[tuple[int, ...], int] = {}
        self._rows: dict[_Part, int] = {}
        self._exact: dict[str, int] = {}
        self._stems: dict[str, int] = {}
        self._prefixes: dict[str, int] = {}
        self._measures: dict[Measure, int] = {}
        self._plain: dict[str, tuple[str, ...]] = {}
        self.vocabulary: set[str] = set()
        """Every whole word of the phrases added so far."""

    @property
    def stems(self) -> KeysView[str]:
        """The stems of words added so far that may be met in any form."""
        return self._stems.keys()

    @property
    def prefixes(self) -> KeysView[str]:
        """Every beginning of a word added so far."""
        return self._prefixes.keys()

    # --- adding ---

    def add(self, phrases: Iterable[Phrase]) -> int:
        """Return the symbol met by any of *phrases*; the same phrases give the same symbol."""
        phrases = tuple(phrases)
        key = tuple((phrase.text, phrase.gap) for phrase in phrases)
        if key not in self._groups:
            self._groups[key] = self._either([self._phrase(phrase) for phrase in phrases])
        return self._groups[key]

    def _phrase(self, phrase: Phrase) -> int:
        parts = [self._row(tuple((self._item(item), item.gap) for item in part)) for part in phrase.parts]
        return self._row(tuple((part, _TOGETHER) for part in parts))

    def _item(self, item: Item) -> int:
        symbol = self._items.get(item.alternatives)
        if symbol is None:
            symbol = self._items[item.alternatives] = self._either([self._alternative(each) for each in item.alternatives])
        return symbol

    def _alternative(self, alternative: Alternative) -> int:
        if isinstance(alternative, ListName):
            return self._list(alternative.name)
        if isinstance(alternative, Measure):
            if alternative not in self._measures:
                self._measures[alternative] = self._new((), 0, 1)
            return self._measures[alternative]
        if alternative not in self._words:
            written = alternative.words if isinstance(alternative, Words) else (alternative,)
            self._words[alternative] = self._row(tuple((self._leaf(text, word.how), 0) for word in written for text in self._texts(word)))
        return self._words[alternative]

    def _list(self, name: str) -> int:
        if name not in self._lists:
            self._lists[name] = self._either([self._phrase(phrase) for phrase in self._phrases_by_list[name]])
        return self._lists[name]

    def _leaf(self, text: str, how: str) -> int:
        """Return the symbol of a word."""
        if how == "prefix":
            leaves, key = self._prefixes, text
        else:
            self.vocabulary.add(text)
            leaves, key = (self._exact, text) if how == "exact" else (self._stems, self._language.stem(text))
        if key not in leaves:
            leaves[key] = self._new((), 0, _COMMON if text in self._language.stop_words else 1)
        return leaves[key]

    def _texts(self, word: Word) -> tuple[str, ...]:
        """Return the words a written one stands for in a message: `can't` is `cannot`, `pre-eclampsia` is two."""
        text = word.text
        if word.how == "prefix" or (text not in self._language.contractions and _AS_IT_IS.fullmatch(text)):
            return (text,)
        if text not in self._plain:
            self._plain[text] = tuple(token.text for token in normalise(text, self._language).tokens)
        return self._plain[text]

    def _either(self, symbols: Iterable[int]) -> int:
        """Return the symbol met by any of *symbols*."""
        key = tuple(sorted(set(symbols)))
        if len(key) == 1:
            return key[0]
        if key not in self._any_of:
            level = max((self._levels[each] for each in key), default=0)
            self._any_of[key] = self._new(key, level, sum(self._commonness[each] for each in key))
        return self._any_of[key]

    def _row(self, part: _Part) -> int:
        """Return the symbol met by the symbols of *part*, each behind the last or all together."""
        if len(part) == 1:
            return part[0][0]
        # Nothing stands before the first.
        key = part if part[0][1] == _TOGETHER else ((part[0][0], 0), *part[1:])
        if key not in self._rows:
            level = 1 + max(self._levels[symbol] for symbol, _ in part)
            self._rows[key] = self._new((), level, 1 + min(self._commonness[symbol] for symbol, _ in part) // _ROW_RARITY)
        return self._rows[key]

    def _new(self, sources: tuple[int, ...], level: int, commonness: int) -> int:
        self._sources.append(sources)
        self._levels.append(level)
        self._commonness.append(commonness)
        return len(self._sources) - 1

    # --- making ready ---

    def finder(self) -> Finder:
        """Return what finds all that was added so far."""
        feeds: list[list[int]] = [[] for _ in self._sources]
        for symbol, sources in enumerate(self._sources):
            for source in sources:
                feeds[source].append(symbol)
        wanted = set(self._groups.values())
        anchored: dict[int, dict[int, dict[int, list[Row]]]] = {}
        for part, symbol in self._rows.items():
            parts, gaps = zip(*part, strict=True)
            wanted.update(parts)
            # Where one of the two rarest is missing the row need not be looked at.
            first, *others = sorted(set(parts), key=self._commonness.__getitem__)
            row = Row(symbol, parts, gaps, (parts[0], gaps[1]), frozenset(others[1:]), any_order=gaps[0] == _TOGETHER)
            by_second = anchored.setdefault(first, {}).setdefault(self._levels[symbol], {})
            by_second.setdefault(others[0] if others else first, []).append(row)
        graph = Graph(feeds, self._sources, anchored, wanted)
        return Finder(1 + max(self._levels, default=0), graph, Lookup(self._exact, self._stems, self._prefixes, self._measures))
