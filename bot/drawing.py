"""Draws the picture of the counts: `python -m bot.drawing [--dark]` reads what stands in it and writes a PNG file. Needs Pillow, and nothing else."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from bot.chart import Chart, from_json
from bot.layout import HEIGHT, WIDTH, Box, Shape, Text, laid_out
from bot.lettering import font, stroke

if TYPE_CHECKING:
    from PIL.Image import Image

# The colours of series are those of M. Okabe and K. Ito, "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/, and the grey that
# R's palette of their name adds: told apart by people who see no red, no green or no blue.
_SERIES = {"series0": "#0072b2", "series1": "#56b4e9", "series2": "#999999", "series3": "#d55e00"}
LIGHT = {"paper": "#ffffff", "panel": "#f0f3f7", "ink": "#14202b", "quiet": "#52606d", "grid": "#e3e8ee", "axis": "#9aa7b4", **_SERIES}
DARK = {"paper": "#17212b", "panel": "#232f3c", "ink": "#f3f6f9", "quiet": "#aab8c5", "grid": "#2b3947", "axis": "#5d6d7d", **_SERIES}

_SMOOTH = 8
"""How much finer round corners are drawn before they are made small."""


def draw(chart: Chart, *, dark: bool = False) -> bytes:
    """Return the picture as a PNG file, 1,080 by 1,350 pixels. The same chart gives the same bytes."""
    from PIL import Image, ImageDraw

    palette = DARK if dark else LIGHT
    image = Image.new("RGB", (WIDTH, HEIGHT), palette["paper"])
    pen = ImageDraw.Draw(image)
    for part in laid_out(chart):
        if isinstance(part, Text):
            thicker = stroke(part.size, bold=part.bold)
            pen.text((part.x, part.baseline), part.words, palette[part.colour], font(part.size), part.anchor, stroke_width=thicker)
        else:
            _fill(image, part, palette[part.colour])
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=6)
    return written.getvalue()


def _fill(image: Image, shape: Shape, colour: str) -> None:
    box = shape.box
    image.paste(colour, (box.left, box.top, box.right, box.bottom), _mask(box, shape.radius, flat=shape.flat) if shape.radius else None)


def _mask(box: Box, radius: int, *, flat: bool) -> Image:
    """Return what of *box* is filled: all but its corners, whose edges are smooth."""
    from PIL import Image, ImageDraw

    mask = Image.new("L", (box.right - box.left, box.bottom - box.top), 255)
    fine = Image.new("L", (radius * _SMOOTH, radius * _SMOOTH))
    ImageDraw.Draw(fine).ellipse((0, 0, 2 * radius * _SMOOTH - 1, 2 * radius * _SMOOTH - 1), fill=255)
    corner = fine.resize((radius, radius), Image.Resampling.BOX)
    right, bottom = mask.width - radius, mask.height - radius
    mask.paste(corner, (0, 0))
    mask.paste(corner.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (right, 0))
    if not flat:
        mask.paste(corner.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, bottom))
        mask.paste(corner.transpose(Image.Transpose.ROTATE_180), (right, bottom))
    return mask


def main() -> int:
    """Read a chart as JSON from standard input, write the picture to standard output."""
    picture = draw(from_json(sys.stdin.read()), dark="--dark" in sys.argv[1:])
    sys.stdout.buffer.write(picture)
    return 0


if __name__ == "__main__":  # pragma: no cover - tried in a process of its own
    sys.exit(main())
