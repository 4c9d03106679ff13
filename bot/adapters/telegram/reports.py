"""What has gone wrong, for the admins: each kind once an hour, without anybody's words.

It reads the log, which holds no words of people, no ids of theirs and no token; so nothing can be reported that may not be logged.
"""

from __future__ import annotations

import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.redact import TEMPLATE, Redacting

QUIET_S = 3_600.0
"""How long nothing more is said of a kind."""

_KINDS_KEPT = 100
_WORDS_SHOWN = 300
_ORIGIN = re.compile(r"\w+ at .+:[0-9]+ in \S+")
"""What `where` says: one template tells of whatever error there was."""


@dataclass(frozen=True, slots=True)
class Report:
    """One kind of error."""

    kind: tuple[str, ...]
    what: str
    """The last such line of the log, cut to a few hundred characters."""
    count: int
    """How often it was seen since an admin last heard of it."""


@dataclass(slots=True)
class _Kind:
    what: str = ""
    count: int = 0
    tried_at: float | None = None


class Reports(logging.Handler):
    """Gathers errors from the log; kinds that were seen longest ago are forgotten first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.ERROR)
        self._clock = clock
        self._kinds: OrderedDict[tuple[str, ...], _Kind] = OrderedDict()
        """By logger, template and where it came from: never by arguments, of which there is no end."""
        self.addFilter(Redacting())

    def emit(self, record: logging.LogRecord) -> None:
        """Count *record*, which was redacted before."""
        said = record.getMessage()
        kind = (record.name, str(getattr(record, TEMPLATE, "")), *_ORIGIN.findall(said))
        self.note(kind, f"{record.name}: {said}"[:_WORDS_SHOWN])

    def note(self, kind: tuple[str, ...], what: str, count: int = 1) -> None:
        """Count *what*, which no line of the log tells, *count* times; as `emit` does what one tells."""
        with self._locked():
            found = self._kinds.pop(kind, None) or _Kind()
            found.what = what
            found.count += count
            self._kinds[kind] = found
            while len(self._kinds) > _KINDS_KEPT:
                self._kinds.popitem(last=False)

    def due(self) -> tuple[Report, ...]:
        """Return what is to be told now; none of these kinds is due again within an hour, whether it reaches anybody or not."""
        now = self._clock()
        with self._locked():
            due = [(name, kind) for name, kind in self._kinds.items() if kind.count and (kind.tried_at is None or now - kind.tried_at >= QUIET_S)]
            for _, kind in due:
                kind.tried_at = now
            return tuple(Report(name, kind.what, kind.count) for name, kind in due)

    def told(self, reports: Iterable[Report]) -> None:
        """Note that *reports* have reached somebody; the others are told with the next of their kind."""
        with self._locked():
            for report in reports:
                found = self._kinds.get(report.kind)
                if found is not None:
                    found.count -= report.count

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other threads from logging an error at this moment."""
        self.acquire()
        try:
            yield
        finally:
            self.release()


@contextmanager
def gathered(reports: Reports) -> Iterator[None]:
    """Let *reports* read the log while the block runs."""
    root = logging.getLogger()
    root.addHandler(reports)
    try:
        yield
    finally:
        root.removeHandler(reports)
