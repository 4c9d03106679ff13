"""Letters of the picture: one font, which comes with Pillow, so that the picture is the same on every machine."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SMALLEST = 28
"""Pixels, in a picture 1,080 wide: on a phone some 10 points."""

_STAND_INS = str.maketrans({"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "×": "x", "ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "ł": "l", "Ł": "L"})
_NO_CHARACTER = "\uffff"


@cache
def font(size: int) -> FreeTypeFont:
    """Return the font, so many pixels high."""
    from PIL import ImageFont

    # Without Raqm, as Pillow has it for this font: whether that is found hangs on the machine, and shaping differs with it.
    found = ImageFont.load_default(size)
    if not isinstance(found, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType")
    return found


def stroke(size: int, *, bold: bool) -> float:
    """Return how much wider lines are drawn: there is no bold cut of the font."""
    return size / 45 if bold else 0


def width(text: str, size: int, *, bold: bool = False) -> int:
    """Return how many pixels *text* takes from its left to its right edge."""
    left, _, right, _ = font(size).getbbox(text, anchor="ls", stroke_width=stroke(size, bold=bold))
    return round(right - left)


def bearing(text: str, size: int) -> int:
    """Return how many pixels the font leaves free before the first letter of *text*."""
    return round(font(size).getbbox(text, anchor="ls")[0])


def legible(text: str, otherwise: str = "") -> str:
    """Return *text* in characters that the font has, on one line: without accents where need be, and `?` for other letters.

    Pictures and signs it lacks are left out. Where it lacks most of the letters, return *otherwise*, unless that is empty.
    """
    shown, lost, letters = [], 0, 0
    for character in unicodedata.normalize("NFC", text.translate(_STAND_INS)):
        kept = character if _has(character) else "".join(part for part in unicodedata.normalize("NFKD", character) if _has(part))
        is_letter = character.isalnum()
        letters += is_letter
        lost += is_letter and not kept
        shown.append(kept or ("?" if is_letter else " " if character.isspace() else ""))
    found = " ".join("".join(shown).split())
    return otherwise if otherwise and (not found or 2 * lost > letters) else found


def cut(text: str, size: int, room: int, *, bold: bool = False) -> str:
    """Return *text*, or as much of it as fits in *room* pixels with an ellipsis behind it."""
    if width(text, size, bold=bold) <= room:
        return text
    least, most = 0, len(text)
    while least < most:  # The longest beginning that fits.
        middle = (least + most + 1) // 2
        if width(_shortened(text, middle), size, bold=bold) <= room:
            least = middle
        else:
            most = middle - 1
    return _shortened(text, least)


def _shortened(text: str, length: int) -> str:
    return text[:length].rstrip(" ,;:-") + "…"


@cache
def _has(character: str) -> bool:
    """Return whether the font can show it: what it has not is drawn as the same empty box."""
    if character != " " and not character.isprintable():
        return False
    return bytes(font(SMALLEST).getmask(character)) != bytes(font(SMALLEST).getmask(_NO_CHARACTER))
