"""Where things stand in the picture: every text measured, every bar in its place. In pixels, from the top left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor

from bot.chart import Bar, Chart, Row, Series, Tile, compact
from bot.lettering import SMALLEST, bearing, cut, font, legible, stroke, width

WIDTH, HEIGHT = 1080, 1350

_MARGIN = 60
_INNER = WIDTH - 2 * _MARGIN
_RIGHT = WIDTH - _MARGIN

_TILES_TOP, _TILE_HEIGHT, _TILE_GAP, _TILE_PAD = 180, 152, 16, 20
_LEGEND_LINE, _SWATCH = 48, 26
_LEGEND_TOP, _PLOT_TOP, _PLOT_BOTTOM = 448, 546, 788
_LEAST_PART = 3
"""Pixels: a single red flag among a thousand questions must be seen."""
_WIDEST_BAR = 140
_SPACED_FROM = 4
"""Pixels a day: of narrower bars the gaps would be all there is to see."""
_ROWS_TOP, _ROW_HEIGHT, _ROW_BAR = 916, 72, 12


@dataclass(frozen=True, slots=True)
class Box:
    """The right and the bottom edge do not belong to it."""

    left: int
    top: int
    right: int
    bottom: int

    def overlaps(self, other: Box) -> bool:
        """Return whether they share a pixel."""
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, slots=True)
class Text:
    """Words on one line."""

    words: str
    x: int
    baseline: int
    size: int
    colour: str = "ink"
    """A name of the palette; so is `on`."""
    on: str = "paper"
    """What it stands on."""
    anchor: str = "ls"
    """`ls`: *x* is its left end, `ms` its middle, `rs` its right end."""
    bold: bool = False

    @property
    def box(self) -> Box:
        """The pixels it covers."""
        left, top, right, bottom = font(self.size).getbbox(self.words, anchor=self.anchor, stroke_width=stroke(self.size, bold=self.bold))
        return Box(floor(self.x + left), floor(self.baseline + top), ceil(self.x + right), ceil(self.baseline + bottom))


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled rectangle."""

    box: Box
    colour: str
    """A name of the palette."""
    radius: int = 0
    """Of its round corners; at most half its height and width."""
    flat: bool = False
    """Its lower corners are square all the same."""


def laid_out(chart: Chart) -> tuple[Shape | Text, ...]:
    """Return all there is to draw, in this order. No two texts overlap."""
    return (
        _line(chart.title, 96, 54, bold=True),
        _line(chart.period, 144, 30, "quiet"),
        *_tiles(chart.tiles),
        _line(chart.bars_title, 400, 38, bold=True),
        *_legend(chart.series),
        *_plot(chart.bars, chart.bars_none),
        _line(chart.rows_title, 896, 38, bold=True),
        *(_rows(chart.rows) if chart.rows else (_line(chart.rows_none, _ROWS_TOP + 40, 30, "quiet"),)),
        _line(chart.footer, 1314, SMALLEST, "quiet"),
    )


def _line(words: str, baseline: int, size: int, colour: str = "ink", *, bold: bool = False) -> Text:
    return Text(cut(legible(words), size, _INNER, bold=bold), _MARGIN, baseline, size, colour, bold=bold)


def _tiles(tiles: Sequence[Tile]) -> Iterator[Shape | Text]:
    each = (_INNER - _TILE_GAP * (len(tiles) - 1)) // len(tiles)
    room = each - 2 * _TILE_PAD
    for place, tile in enumerate(tiles):
        left = _MARGIN + place * (each + _TILE_GAP)
        yield Shape(Box(left, _TILES_TOP, left + each, _TILES_TOP + _TILE_HEIGHT), "panel", radius=18)
        size = next((size for size in (72, 64, 56, 48, 40) if width(tile.number, size, bold=True) <= room), 34)
        number = cut(tile.number, size, room, bold=True)
        yield Text(number, left + _TILE_PAD - bearing(number, size), _TILES_TOP + 84, size, on="panel", bold=True)
        yield Text(cut(legible(tile.caption), SMALLEST, room), left + _TILE_PAD, _TILES_TOP + 127, SMALLEST, "quiet", "panel")


def _legend(series: Sequence[Series]) -> Iterator[Shape | Text]:
    """Two columns of two: the name of each series, and its number at the right."""
    half = _INNER // 2
    for place, each in enumerate(series):
        left, baseline = _MARGIN + place % 2 * half, _LEGEND_TOP + place // 2 * _LEGEND_LINE
        yield Shape(Box(left, baseline - 22, left + _SWATCH, baseline - 22 + _SWATCH), f"series{place}", radius=6)
        number = cut(each.times, 30, half // 2, bold=True)
        begin = left + _SWATCH + 16
        name = cut(legible(each.name), 30, half - _SWATCH - 16 - 14 - width(number, 30, bold=True) - 20)
        yield Text(name, begin, baseline, 30)
        yield Text(number, begin + width(name, 30) + 14, baseline, 30, bold=True)


# --- bars -------------------------------------------------------------------------------------------------------------


def _plot(bars: Sequence[Bar], none: str) -> Iterator[Shape | Text]:
    ticks = _ticks(max(bar.height for bar in bars))
    labels = [compact(tick) for tick in ticks]
    left = _MARGIN + max(width(label, SMALLEST) for label in labels) + 18
    height = _PLOT_BOTTOM - _PLOT_TOP
    for tick, label in zip(ticks, labels, strict=True):
        y = _PLOT_BOTTOM - round(height * (tick / ticks[-1]))
        yield Shape(Box(left, y - 1, _RIGHT, y + 1), "axis" if tick == 0 else "grid")
        yield Text(label, left - 18, y + 10, SMALLEST, "quiet", anchor="rs")
    yield from _day_labels(bars, left)
    if not any(bar.height for bar in bars):
        yield Text(cut(legible(none), 30, _RIGHT - left), (left + _RIGHT) // 2, (_PLOT_TOP + _PLOT_BOTTOM) // 2, 30, "quiet", anchor="ms")
        return
    pitch = (_RIGHT - left) / len(bars)
    wide = min(max(round(pitch * (0.7 if pitch >= _SPACED_FROM else 1)), 1), _WIDEST_BAR)
    for place, bar in enumerate(bars):
        begin = round(left + pitch * (place + 0.5) - wide / 2)
        yield from _stack(bar, begin, begin + wide, height / ticks[-1])


def _stack(bar: Bar, begin: int, end: int, pixels: float) -> Iterator[Shape]:
    """Yield the parts of one bar from its bottom, with a line of paper between them."""
    bottom = _PLOT_BOTTOM - 1
    for place, part in enumerate(bar.parts):
        if not part:
            continue
        high = max(round(part * pixels), _LEAST_PART)
        highest = not any(bar.parts[place + 1 :])
        line = 0 if bottom == _PLOT_BOTTOM - 1 else 1
        radius = min(6, (end - begin) // 4, (high - line) // 2) if highest else 0
        yield Shape(Box(begin, bottom - high, end, bottom - line), f"series{place}", radius, flat=True)
        bottom -= high


def _day_labels(bars: Sequence[Bar], left: int) -> Iterator[Text]:
    """Yield the days under the bars: as many as have room, at even distances."""
    pitch = (_RIGHT - left) / len(bars)
    labels = [cut(legible(bar.label), SMALLEST, 2 * _MARGIN) for bar in bars]
    step = ceil((max(width(label, SMALLEST) for label in labels) + 28) / pitch)
    for place in range(0, len(bars), step):
        yield Text(labels[place], round(left + pitch * (place + 0.5)), _PLOT_BOTTOM + 40, SMALLEST, "quiet", anchor="ms")


def _ticks(highest: int) -> list[int]:
    """Return from 0 up to *highest* at least, in two to four round steps."""
    step = next(size * 10**power for power in range(100) for size in (1, 2, 5) if size * 10**power * 4 >= highest)
    return list(range(0, max(-(-highest // step), 1) * step + 1, step))


# --- rows -------------------------------------------------------------------------------------------------------------


def _rows(rows: Sequence[Row]) -> Iterator[Shape | Text]:
    numbers = max(width(row.number, 30, bold=True) for row in rows)
    longest = max(row.times for row in rows)
    for place, row in enumerate(rows):
        top = _ROWS_TOP + place * _ROW_HEIGHT
        baseline, right = top + 34, _RIGHT - numbers - 28
        helpful = legible(row.helpful)
        yield Text(row.number, _RIGHT, baseline, 30, anchor="rs", bold=True)
        if helpful:
            yield Text(helpful, right, baseline, SMALLEST, "quiet", anchor="rs")
            right -= width(helpful, SMALLEST) + 28
        yield Text(cut(legible(row.title, row.entry_id), 30, right - _MARGIN), _MARGIN, baseline, 30)
        bar = Box(_MARGIN, top + 48, _RIGHT, top + 48 + _ROW_BAR)
        yield Shape(bar, "panel", radius=_ROW_BAR // 2)
        length = max(round(_INNER * (row.times / longest)), _ROW_BAR)
        yield Shape(Box(bar.left, bar.top, bar.left + length, bar.bottom), "series0", radius=_ROW_BAR // 2)
