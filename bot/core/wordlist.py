"""A language's words in little room: a set of text takes ten times as much as the letters in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

import numpy as np

_BLOCK = 32
"""Words among which one is looked for as text, once it is known that it must stand there."""


class WordList(AbstractSet[str]):
    """A set of words, kept as one text with a word a line."""

    def __init__(self, raw: bytes = b"") -> None:
        """*raw*: the words in UTF-8, each ended by a line feed, every word once and sorted by its bytes; so `LC_ALL=C sort -u` writes them."""
        self._raw = b"\n" + raw
        breaks = np.flatnonzero(np.frombuffer(self._raw, np.uint8) == ord("\n"))
        self._length = len(breaks) - 1
        begins = breaks[:-1:_BLOCK].tolist()
        self._firsts = [self._raw[begin + 1 : self._raw.index(b"\n", begin + 1)] for begin in begins]
        self._edges = [*begins, len(raw)]
        """The line feeds around the blocks."""

    @classmethod
    def of(cls, words: Iterable[str]) -> WordList:
        """Return the list of *words*, in whatever order they come."""
        return cls(b"".join(word + b"\n" for word in sorted({word.encode() for word in words})))

    def beginning(self, prefix: str) -> Iterator[str]:
        """Yield the words that begin with *prefix*, by alphabet."""
        head = prefix.encode("utf-8", "surrogatepass")
        begin, end = bisect_right(self._firsts, head), bisect_right(self._firsts, head + b"\xff")
        at = self._raw.find(b"\n" + head, self._edges[max(0, begin - 1)], self._edges[end] + 1)
        while 0 <= at < len(self._raw) - 1 and self._raw.startswith(head, at + 1):
            end = self._raw.index(b"\n", at + 1)
            yield self._raw[at + 1 : end].decode()
            at = end

    def __contains__(self, word: object) -> bool:
        if not isinstance(word, str) or "\n" in word:
            return False
        wanted = word.encode("utf-8", "surrogatepass")
        end = bisect_right(self._firsts, wanted)
        return self._raw.find(b"\n%b\n" % wanted, self._edges[end - 1], self._edges[end] + 1) >= 0  # nowhere, before the first word

    def __iter__(self) -> Iterator[str]:
        return self.beginning("")

    def __len__(self) -> int:
        return self._length

    @classmethod
    def _from_iterable(cls, words: Iterable[str]) -> frozenset[str]:  # type: ignore[override]
        return frozenset(words)
