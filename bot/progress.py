"""A bar in a terminal for what takes its time. Where nobody looks at a terminal there is none."""

from __future__ import annotations

import time
from threading import Event, Thread
from types import TracebackType
from typing import Self, TextIO

_WIDTH = 24
_FIRST_S, _EVERY_S = 0.5, 0.1


class Bar:
    """Shows what is being done, on one line that is wiped away at the end; nothing for what is done within half a second.

    Drawn in a thread of its own: of what is one long step something moves too.
    """

    def __init__(self, out: TextIO | None, first_s: float = _FIRST_S) -> None:
        """*out* may be closed, or no terminal: then nothing is shown. *first_s*: how long to wait for the end before anything is."""
        self._first_s = first_s
        self._doing = ("", 0, 0)
        self._over = Event()
        self._thread = Thread(target=self._draw, args=(out,), name="progress", daemon=True) if out is not None and out.isatty() else None

    def __enter__(self) -> Self:
        """Begin."""
        if self._thread is not None:
            self._thread.start()
        return self

    def show(self, what: str, done: int, count: int) -> None:
        """Say that *done* of *count* steps of *what* are done; without a count only what it is."""
        self._doing = (what, done, count)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Wipe it away."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _draw(self, out: TextIO) -> None:
        begun, shown = time.monotonic(), ""
        pause = self._first_s
        while not self._over.wait(pause):
            pause = _EVERY_S
            line = line_of(*self._doing, time.monotonic() - begun)
            out.write("\r" + line.ljust(len(shown)))
            out.flush()
            shown = line
        if shown:
            out.write("\r" + " " * len(shown) + "\r")
            out.flush()


def line_of(what: str, done: int, count: int, seconds: float) -> str:
    """Return the bar for *done* of *count* steps of *what*, begun so many *seconds* ago; without a count no share of it is known."""
    full = _WIDTH * done // count if count else 0
    share = f" {100 * done // count:3} %" if count else ""
    return f"[{'#' * full}{'.' * (_WIDTH - full)}]{share} {what}, {seconds:.0f} s"
