"""The bar in a terminal: nothing where nobody looks, nothing for what is quickly done, and no trace of it at the end."""

from __future__ import annotations

import io
import threading

import pytest

from bot.progress import Bar, line_of

LONG_S = 60


class Terminal(io.StringIO):
    """Somebody looks at it, and is heard of when something is drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = threading.Event()

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        self.drawn.set()


def screen(text: str) -> str:
    """What stands on the line in the end."""
    line = ""
    for part in text.split("\r"):
        line = part + line[len(part) :]
    return line.rstrip()


@pytest.mark.parametrize(
    ("done", "count", "line"),
    [
        (0, 0, "[........................] looking, 3 s"),
        (0, 8, "[........................]   0 % looking, 3 s"),
        (3, 8, "[#########...............]  37 % looking, 3 s"),
        (8, 8, "[########################] 100 % looking, 3 s"),
    ],
)
def test_a_bar_fills(done: int, count: int, line: str) -> None:
    assert line_of("looking", done, count, 3.2) == line


def test_what_takes_its_time_is_shown_and_wiped_away() -> None:
    terminal = Terminal()

    with Bar(terminal, first_s=0) as bar:
        bar.show("looking for alarms", 1, 2)
        assert terminal.drawn.wait(LONG_S)
        terminal.drawn.clear()
        bar.show("looking", 2, 2)
        assert terminal.drawn.wait(LONG_S)

    assert "looking" in terminal.getvalue()
    assert screen(terminal.getvalue()) == ""


def test_what_is_quickly_done_is_not_shown() -> None:
    terminal = Terminal()

    with Bar(terminal, first_s=LONG_S) as bar:
        bar.show("looking", 1, 2)

    assert terminal.getvalue() == ""


@pytest.mark.parametrize("out", [io.StringIO(), None], ids=["a file", "closed"])
def test_where_nobody_looks_there_is_none(out: io.StringIO | None) -> None:
    with Bar(out, first_s=0) as bar:
        bar.show("looking", 1, 2)

    assert out is None or out.getvalue() == ""


def test_an_error_wipes_it_away_too() -> None:
    terminal = Terminal()

    def fail() -> None:
        with Bar(terminal, first_s=0) as bar:
            bar.show("looking", 1, 2)
            assert terminal.drawn.wait(LONG_S)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert screen(terminal.getvalue()) == ""
