"""What triage made of messages while it learned, kept until the rules change: a phrasing more need not wait until all others are read again."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from bot.core.triage.teach import Look
from bot.knowledge.kept import Content, Kept

_NAMES = "names.txt"
_DIGEST_BYTES = 8


class KeptLooks:
    """Looks by message, as numbers: their names stand once. What is asked for or noted here is what the next one keeps."""

    def __init__(self, kept: Kept | None = None) -> None:
        """Begin with what is *kept*. Raises one of `kept.UNREADABLE` where that does not fit together."""
        self._numbers: dict[str, int] = {}
        self._rows: dict[int, int] = {}
        self._starts: NDArray[np.int64] = np.zeros(1, np.int64)
        self._at: NDArray[np.int32] = np.zeros(0, np.int32)
        self._alarms: NDArray[np.bool_] = np.zeros(0, np.bool_)
        if kept is not None:
            self._read(kept)
        self._names = list(self._numbers)
        self.changed = False
        """Whether there is anything that is not kept yet."""
        self._said, self._ends, self._features, self._alarming = array("Q"), array("q", [0]), array("i"), array("b")
        self._here: set[int] = set()

    def _read(self, kept: Kept) -> None:
        names = kept.read(_NAMES).decode().split("\n")
        said, self._starts, self._at, self._alarms = (kept.array(name) for name in ("said", "starts", "at", "alarms"))
        sound = len(self._starts) == len(said) + 1 == len(self._alarms) + 1 and self._starts[0] == 0 and self._starts[-1] == len(self._at)
        if not sound or (np.diff(self._starts) < 0).any() or ((self._at < 0) | (self._at >= len(names))).any():
            raise ValueError("what is kept does not fit together")
        self._numbers = {name: number for number, name in enumerate(names)}
        self._rows = {key: row for row, key in enumerate(said.tolist())}

    def get(self, said: str, *, alone: bool) -> Look | None:
        """Return what was made of *said*, or of its words *alone*; None where nobody looked yet."""
        key = _key(said, alone=alone)
        row = self._rows.get(key)
        if row is None:
            return None
        at = self._at[self._starts[row] : self._starts[row + 1]]
        self._add(key, at.tolist(), alarms=bool(self._alarms[row]))
        return Look([self._names[number] for number in at.tolist()], bool(self._alarms[row]))

    def note(self, said: str, look: Look, *, alone: bool) -> None:
        """Take down what is made of *said*."""
        self.changed = True
        self._add(_key(said, alone=alone), [self._numbers.setdefault(name, len(self._numbers)) for name in look.features], alarms=look.alarms)

    def _add(self, key: int, features: list[int], *, alarms: bool) -> None:
        if key in self._here:
            return
        self._here.add(key)
        self._said.append(key)
        self._features.extend(features)
        self._ends.append(len(self._features))
        self._alarming.append(alarms)

    def content(self) -> Mapping[str, Content]:
        """Return what to keep: of the messages met here, and of names only theirs."""
        names = list(self._numbers)
        used, at = np.unique(np.frombuffer(self._features, np.int32), return_inverse=True)
        return {
            _NAMES: "\n".join(names[number] for number in used.tolist()).encode(),
            "said": np.frombuffer(self._said, np.uint64),
            "starts": np.frombuffer(self._ends, np.int64),
            "at": at.astype(np.int32),
            "alarms": np.frombuffer(self._alarming, np.bool_),
        }


def _key(said: str, *, alone: bool) -> int:
    digest = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES, person=b"alone" if alone else b"whole")
    return int.from_bytes(digest.digest(), "big")
