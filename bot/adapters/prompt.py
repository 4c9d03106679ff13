"""A prompt that stays usable when something is said while somebody types at it."""

from __future__ import annotations

import sys
import threading
from types import ModuleType

_CLEAR_LINE = "\r\x1b[K"


class Prompt:
    """Asks for lines as `input` does; what is told meanwhile stands above, and what was typed so far stands again below."""

    def __init__(self) -> None:
        self._prompt = ""
        self._lock = threading.Lock()
        self._readline = _readline()

    def ask(self, prompt: str) -> str:
        """Return the line somebody types. Raises EOFError at the end of input."""
        with self._lock:
            self._prompt = prompt
        try:
            return input(prompt)
        finally:
            with self._lock:
                self._prompt = ""

    def tell(self, text: str) -> None:
        """Show *text* on lines of its own. Any thread may."""
        with self._lock:
            if not self._prompt:
                print(text, flush=True)
                return
            typed = self._readline.get_line_buffer() if self._readline else ""
            # Without readline the terminal keeps what was typed, and hands it over at the line's end, seen or not.
            sys.stdout.write(f"{_CLEAR_LINE}{text}\n\n{self._prompt}{typed}")
            sys.stdout.flush()


def _readline() -> ModuleType | None:
    """Return the module that `input` edits its line with once it is imported, and that knows what is typed so far; None where there is none."""
    try:
        import readline
    except ImportError:
        return None
    return readline
