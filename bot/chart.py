"""What stands in the picture of the counts, and how to have it drawn without holding what draws it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import asdict, dataclass
from pathlib import Path

_MODULE = "bot.drawing"
_ROOT = Path(__file__).parent.parent
_PASSED_ON = ("LD_LIBRARY_PATH", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "SYSTEMROOT")
"""All that the process that draws gets of the environment: settings, and with them the token, are none of its business."""
_LIMIT_S = 20.0
"""It takes half a second; much longer, and nobody waits for a picture."""
_IN_FULL = 10_000
_ROUNDED_UP = 999.5


@dataclass(frozen=True, slots=True)
class Tile:
    """A number, and what it is."""

    number: str
    caption: str


@dataclass(frozen=True, slots=True)
class Series:
    """What one colour stands for, and how often it was in all."""

    name: str
    times: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One day."""

    label: str
    parts: tuple[int, ...]
    """One for each series, in their order; none below 0."""

    @property
    def height(self) -> int:
        """All parts together."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry."""

    title: str
    entry_id: str
    """Shown in place of a title in letters that the font has not."""
    times: int
    number: str
    """The same as it is shown."""
    helpful: str
    """The share of helpful votes; empty without any vote."""


@dataclass(frozen=True, slots=True)
class Chart:
    """All that stands in the picture, in words and numbers. No person is in it."""

    title: str
    period: str
    tiles: tuple[Tile, ...]
    """Four."""
    bars_title: str
    bars_none: str
    """What stands in place of bars that are all empty."""
    series: tuple[Series, ...]
    """Four, from the bottom of a bar to its top."""
    bars: tuple[Bar, ...]
    """One for each day; at least one."""
    rows_title: str
    rows_none: str
    """What stands in place of no rows."""
    rows: tuple[Row, ...]
    """At most five, the longest first."""
    footer: str


def compact(number: int) -> str:
    """Return *number*, at least 0, as there is room for: `9,999`, `12.3k`, `4.56M`; of a quintillion or more only the size."""
    if number < _IN_FULL:
        return f"{number:,}"
    scaled = float(number)
    for suffix in "kMGTP":
        scaled /= 1000
        if scaled < _ROUNDED_UP:
            return f"{scaled:.3g}{suffix}"
    return f"{number:.1e}"


def as_json(chart: Chart) -> str:
    """Return *chart* as `from_json` reads it."""
    return json.dumps(asdict(chart))


def from_json(text: str) -> Chart:
    """Return what `as_json` wrote. Raises ValueError, TypeError or LookupError for anything else."""
    read = json.loads(text)
    read["tiles"] = tuple(Tile(**each) for each in read["tiles"])
    read["series"] = tuple(Series(**each) for each in read["series"])
    read["bars"] = tuple(Bar(each["label"], tuple(each["parts"])) for each in read["bars"])
    read["rows"] = tuple(Row(**each) for each in read["rows"])
    return Chart(**read)


async def drawn(chart: Chart, *, dark: bool) -> bytes | None:
    """Return the picture as a PNG file, drawn in another process; None where that cannot be done.

    Here Pillow would stay in memory for good, 13 MB for a picture a week. Cancelling ends it.
    """
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1"}  # The code that runs here, wherever it was started from.
    arguments = ("-m", _MODULE, *(("--dark",) if dark else ()))
    try:
        child = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment)
    except OSError:
        return None
    try:
        picture, _ = await asyncio.wait_for(child.communicate(as_json(chart).encode()), _LIMIT_S)
    except TimeoutError:
        return None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return picture if child.returncode == 0 else None
