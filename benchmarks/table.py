"""Tables that are printed row by row, for whoever waits for the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_FIRST = 26
_LEAST = 7


def header(cells: Mapping[str, object]) -> str:
    """Return the names of the columns, as `row` sets them."""
    return _line(cells, cells)


def row(cells: Mapping[str, object]) -> str:
    """Return one row: the first column to the left, the others to the right, each as wide as its name and as seven signs."""
    return _line(cells, cells.values())


def _line(names: Mapping[str, object], said: Iterable[object]) -> str:
    first, *others = (f"{each}" for each in said)
    widths = [max(_LEAST, len(name)) for name in list(names)[1:]]
    return "  ".join((f"{first:<{_FIRST}}", *(f"{each:>{width}}" for each, width in zip(others, widths, strict=True))))
