"""Finds phrases in a message, all of them in one go.

Phrases, lists and groups become *symbols*. A symbol is met by words, by readings, by other symbols (a list inside a list) or by phrases whose items
are symbols. Every distinct word of a message is looked up once; a phrase is tried only when the rarest of its symbols and then all the others
have been met; phrases are tried level by level, so that what a phrase is made of stands before the phrase itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.core.language import Language
from bot.core.text import normalise
from bot.core.triage.message import Message
from bot.core.triage.pattern import Item, ListName, Measure, Phrase, Word, Words
from bot.core.triage.readings import Reading
from bot.core.triage.spans import Span, in_order, together

_CACHE_SIZE = 20_000
_SHORTEST_PREFIX = 2


@dataclass(slots=True)
class _Symbol:
    """What meets one symbol, while phrases are being added."""

    feeds: set[int] = field(default_factory=set)
    """Symbols met whenever this one is."""
    made_by: list[int] = field(default_factory=list)
    """Numbers of the phrases that meet it."""
    words: int = 0
    level: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    """A phrase made of symbols: in order with gaps, or all in one clause (gap -1)."""

    items: tuple[tuple[int, int], ...]
    target: int


Found = Mapping[int, list[Span]]
"""The spans of every symbol that was met."""


class Finder:
    """Every phrase of a kind, ready to be looked for. Add phrases, then `close`, then `find` as often as you like."""

    def __init__(self, language: Language, lists: Mapping[str, tuple[Phrase, ...]]) -> None:
        """Start with no phrases. *lists*: what `<name>` stands for."""
        self._language = language
        self._lists = lists
        self._ids: dict[Hashable, int] = {}
        self._symbols: list[_Symbol] = []
        self._rows: list[_Row] = []
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._stems: dict[str, set[int]] = defaultdict(set)
        self._prefixes: dict[str, set[int]] = defaultdict(set)
        self._measures: list[tuple[Measure, int]] = []
        self._closure: list[tuple[int, ...]] = []
        self._levels: list[int] = []
        self._anchored: dict[int, list[int]] = defaultdict(list)
        self._rest: list[tuple[int, ...]] = []
        self._cache: dict[str, tuple[int, ...]] = {}
        self._tokens: dict[str, tuple[str, ...]] = {}
        self.vocabulary: set[str] = set()
        """Every whole word of the phrases added so far."""

    # --- adding ---

    def add(self, phrases: Iterable[Phrase]) -> int:
        """Return the symbol met by any of *phrases*; the same phrases give the same symbol."""
        phrases = tuple(phrases)
        key = ("any", tuple((phrase.text, phrase.gap) for phrase in phrases))
        return self._ids[key] if key in self._ids else self._new_any(key, phrases)

    def _new_any(self, key: Hashable, phrases: tuple[Phrase, ...]) -> int:
        symbol = self._new(key)
        for phrase in phrases:
            parts = [self._part(part) for part in phrase.parts]
            if len(parts) == 1 and len(parts[0]) == 1:
                self._feed(parts[0][0][0], symbol)
            elif len(parts) == 1:
                self._row(parts[0], symbol)
            else:
                self._row(tuple((self._joined(part), -1) for part in parts), symbol)
        return symbol

    def _part(self, part: tuple[Item, ...]) -> tuple[tuple[int, int], ...]:
        return tuple((self._item(item), item.gap) for item in part)

    def _joined(self, part: tuple[tuple[int, int], ...]) -> int:
        if len(part) == 1:
            return part[0][0]
        key = ("row", part)
        if key not in self._ids:
            self._row(part, self._new(key))
        return self._ids[key]

    def _item(self, item: Item) -> int:
        if len(item.alternatives) == 1 and isinstance(item.alternatives[0], ListName):
            return self._list(item.alternatives[0].name)
        key = ("item", frozenset(item.alternatives))
        if key in self._ids:
            return self._ids[key]
        symbol = self._new(key)
        for alternative in item.alternatives:
            if isinstance(alternative, ListName):
                self._feed(self._list(alternative.name), symbol)
            elif isinstance(alternative, Measure):
                self._measures.append((alternative, symbol))
                self._symbols[symbol].words += 1
            else:
                self._word(alternative, symbol)
        return symbol

    def _list(self, name: str) -> int:
        key = ("list", name)
        return self._ids[key] if key in self._ids else self._new_any(key, self._lists[name])

    def _word(self, word: Word | Words, symbol: int) -> None:
        plain = [single for written in (word.words if isinstance(word, Words) else (word,)) for single in self._plain(written)]
        if len(plain) > 1:
            self._row(tuple((self._item(Item((single,))), 0) for single in plain), symbol)
            return
        text = plain[0].text
        self._symbols[symbol].words += 1
        if plain[0].how == "prefix":
            self._prefixes[text].add(symbol)
            return
        self.vocabulary.add(text)
        if plain[0].how == "exact":
            self._exact[text].add(symbol)
        else:
            self._stems[self._language.stem(text)].add(symbol)

    def _plain(self, word: Word) -> list[Word]:
        """Return the words a written one stands for in a message: `can't` is `cannot`, `pre-eclampsia` is two."""
        if word.how == "prefix":
            return [word]
        if word.text not in self._tokens:
            self._tokens[word.text] = tuple(token.text for token in normalise(word.text, self._language).tokens)
        return [Word(text, word.how) for text in self._tokens[word.text]]

    def _new(self, key: Hashable) -> int:
        self._ids[key] = len(self._symbols)
        self._symbols.append(_Symbol())
        return self._ids[key]

    def _feed(self, source: int, target: int) -> None:
        self._symbols[source].feeds.add(target)

    def _row(self, items: tuple[tuple[int, int], ...], target: int) -> None:
        self._symbols[target].made_by.append(len(self._rows))
        self._rows.append(_Row(items, target))

    # --- closing ---

    def close(self) -> None:
        """Build the indexes; nothing can be added after."""
        self._closure = [self._reached_from(symbol) for symbol in range(len(self._symbols))]
        sources: dict[int, list[int]] = defaultdict(list)
        for symbol, record in enumerate(self._symbols):
            for target in record.feeds:
                sources[target].append(symbol)
        known: dict[int, int] = {}
        for symbol in range(len(self._symbols)):
            self._symbols[symbol].level = self._level(symbol, sources, known)
        self._levels = [1 + max(self._symbols[item].level for item, _ in row.items) for row in self._rows]
        uses: dict[int, int] = defaultdict(int)
        for row in self._rows:
            for item, _ in row.items:
                uses[item] += 1
        for number, row in enumerate(self._rows):
            items = [item for item, _ in row.items]
            anchor = min(items, key=lambda item: (uses[item] * self._commonness(item), item))
            self._anchored[anchor].append(number)
            self._rest.append(tuple(item for item in dict.fromkeys(items) if item != anchor))

    def _reached_from(self, symbol: int) -> tuple[int, ...]:
        reached = [symbol]
        for known in reached:
            reached.extend(target for target in sorted(self._symbols[known].feeds) if target not in reached)
        return tuple(reached)

    def _level(self, symbol: int, sources: Mapping[int, list[int]], known: dict[int, int]) -> int:
        if symbol not in known:
            known[symbol] = 0
            below = [self._level(source, sources, known) for source in sources.get(symbol, ())]
            rows = (self._rows[number] for number in self._symbols[symbol].made_by)
            below.extend(1 + max(self._level(item, sources, known) for item, _ in row.items) for row in rows)
            known[symbol] = max(below, default=0)
        return known[symbol]

    def _commonness(self, symbol: int) -> int:
        return 1 + self._symbols[symbol].words + 5 * len(self._symbols[symbol].made_by)

    # --- finding ---

    def find(self, message: Message, readings: Iterable[Reading] = ()) -> Found:
        """Return the spans of all symbols met in *message*."""
        met: dict[int, list[Span]] = {}
        places: dict[str, list[int]] = defaultdict(list)
        for index, word in enumerate(message.words):
            places[word].append(index)
        cache = self._cache
        for word, indexes in places.items():
            symbols = cache.get(word)
            if symbols is None:
                symbols = self._symbols_of(word, message.stems[indexes[0]])
            if symbols:
                spans = [(index, index + 1, 1 << index) for index in indexes]
                _add(met, symbols, spans)
        for reading in readings:
            span = (reading.start, reading.end, (1 << reading.end) - (1 << reading.start))
            for measure, symbol in self._measures:
                if reading.within(measure):
                    _add(met, self._closure[symbol], [span])
        self._try_rows(met, message)
        return met

    def _symbols_of(self, word: str, stem: str) -> tuple[int, ...]:
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        direct = self._exact.get(word, set()) | self._stems.get(stem, set())
        for length in range(_SHORTEST_PREFIX, len(word) + 1):
            direct |= self._prefixes.get(word[:length], set())
        found = tuple(sorted({target for symbol in direct for target in self._closure[symbol]}))
        if found:  # Only words that rules name are kept: what else people write is not ours to remember.
            self._cache[word] = found
        return found

    def _try_rows(self, met: dict[int, list[Span]], message: Message) -> None:
        waiting: dict[int, list[int]] = defaultdict(list)
        anchored, levels = self._anchored, self._levels
        for symbol in met:
            for number in anchored.get(symbol, ()):
                waiting[levels[number]].append(number)
        level = 1
        while waiting:
            for number in waiting.pop(level, ()):
                if not all(symbol in met for symbol in self._rest[number]):
                    continue
                row = self._rows[number]
                spans = together(row.items, met, message) if row.items[0][1] < 0 else in_order(row.items, met, message)
                if spans:
                    for target in self._closure[row.target]:
                        if target not in met:
                            met[target] = spans
                            for following in anchored.get(target, ()):
                                waiting[levels[following]].append(following)
                        else:
                            met[target] = met[target] + spans
            level += 1


def _add(met: dict[int, list[Span]], symbols: Iterable[int], spans: list[Span]) -> None:
    for symbol in symbols:
        met[symbol] = met[symbol] + spans if symbol in met else spans
