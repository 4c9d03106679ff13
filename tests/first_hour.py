"""The first hour of docs/knowledge.md, done anew: every command is run and every change is made, and the page is given what the tool says today.

`python -m tests.first_hour` writes the page with it. In the part "Your first hour" a block of

- `console` holds commands behind `$ ` and what they say; in a chat, what is typed stands behind `> `, and a block without a `$ ` goes on with it.
- `diff` names a file in its first line, and what goes and comes in it; what only comes stands at the end of the file. `diff mistake` is undone after
  the next block.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest.mock import patch

from bot.cli import main

PAGE = Path(__file__).parent.parent / "docs" / "knowledge.md"
_PART = re.compile(r"^## Your first hour\n.*?(?=^## )", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(console|diff mistake|diff)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_LONG_S = 120
_REDRAWN = re.compile(r"[^\n]*\r\x1b\[K")
_PROMPT = "> "


@dataclass(frozen=True)
class Block:
    """A block of the page."""

    kind: str
    text: str


def blocks_of(page: str) -> list[Block]:
    """Return the blocks of the first hour, in their order."""
    part = _PART.search(page)
    return [Block(*found.groups()) for found in _BLOCK.finditer(part[0])] if part else []


def replay(page: str, folder: Path) -> str:
    """Return *page* with what the tool says in *folder*, which is empty and the one that commands run in."""
    part = _PART.search(page)
    if part is None:
        return page
    told = iter(_Hour(folder, blocks_of(page)).told())
    done = _BLOCK.sub(lambda found: f"```{found[1]}\n{next(told)}```\n", part[0])
    return page[: part.start()] + done + page[part.end() :]


class _Hour:
    def __init__(self, folder: Path, blocks: list[Block]) -> None:
        self._folder, self._ahead = folder, blocks
        self._undo: tuple[Path, str] | None = None

    def told(self) -> Iterator[str]:
        """Yield what each block holds today."""
        while self._ahead:
            block = self._ahead.pop(0)
            if block.kind != "console":
                self._change(block)
                yield block.text
                continue
            commands = re.findall(r"^\$ (.+)$", block.text, re.MULTILINE)
            if re.match(r"napebot chat\b", commands[-1]):
                yield from self._chat(commands[-1], block)
            else:
                yield "".join(f"$ {command}\n{_run(command)}" for command in commands)
            self._put_back()

    def _change(self, block: Block) -> None:
        heading, *lines = block.text.splitlines()
        path = self._folder / heading.removeprefix("# ")
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
        new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
        assert before.count(old) == 1 or not old, f"{old!r} does not stand once in {heading}"
        path.write_text(before.replace(old, new) if old else before + new, encoding="utf-8")
        if block.kind == "diff mistake":
            self._undo = (path, before)

    def _put_back(self) -> None:
        if self._undo is not None:
            path, before = self._undo
            path.write_text(before, encoding="utf-8")
            self._undo = None

    def _chat(self, command: str, first: Block) -> Iterator[str]:
        """Run a chat over its blocks: what is typed in each, and what is changed between them."""
        steps = [first]
        while len(self._ahead) >= 2 and self._ahead[0].kind != "console" and "$ " not in self._ahead[1].text:
            steps += [self._ahead.pop(0), self._ahead.pop(0)]
        screen = io.StringIO()
        parts: list[str] = []
        script = self._script(steps, screen, parts)

        def typed(prompt: str) -> str:
            screen.write(prompt)
            try:
                line = next(script)
            except StopIteration:
                raise EOFError from None
            screen.write(f"{line}\n")
            return line

        with patch("builtins.input", typed):
            _run(command, screen)
        shown = iter(parts)
        for step in steps:
            if step.kind == "console":
                yield (f"$ {command}\n" if step is first else "") + _as_seen(next(shown))
            else:
                yield step.text

    def _script(self, steps: list[Block], screen: io.StringIO, parts: list[str]) -> Iterator[str]:
        """Yield what is typed, and make the changes in between; *parts* gets what the screen shows of each console block."""
        start = 0
        for step in steps:
            if step.kind == "console":
                yield from re.findall(r"^> (.+)$", step.text, re.MULTILINE)
                parts.append(screen.getvalue()[start:])
                start = len(screen.getvalue())
            else:
                self._change(step)
                _wait(partial(_stands_again, screen, start))


def _stands_again(screen: io.StringIO, start: int) -> bool:
    """Whether something was told since *start*, and the prompt stands below it."""
    return screen.getvalue()[start:].endswith(f"\n\n{_PROMPT}")


def _wait(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONG_S
    while not happened() and time.monotonic() < end:
        threading.Event().wait(0.02)
    assert happened()


def _as_seen(text: str) -> str:
    """Return what a terminal shows of *text*, without the prompt that waits at its end."""
    lines = _REDRAWN.sub("", text).removesuffix(_PROMPT).strip("\n").splitlines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


class _Keyboard(io.StringIO):
    def isatty(self) -> bool:
        return True


def _run(command: str, screen: io.StringIO | None = None) -> str:
    """Run *command*, and return what it says."""
    said = screen or io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), patch.object(sys, "stdin", _Keyboard()):
        main(shlex.split(command)[1:])
    return _as_seen(said.getvalue())


def _write() -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / ".cache")
        page = replay(PAGE.read_text(encoding="utf-8"), Path(folder))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    _write()
