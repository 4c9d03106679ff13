"""The picture of the counts: legible on a phone, for everybody, whatever there is to show."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFont

from bot import chart as chart_module
from bot import drawing, lettering
from bot.chart import Chart, as_json, compact, drawn, from_json
from bot.drawing import DARK, LIGHT, draw
from bot.figures import charted
from bot.layout import HEIGHT, WIDTH, Shape, Text, laid_out
from bot.lettering import SMALLEST, cut, legible, width
from bot.stats import Stats, summed
from bot.store.records import Tally
from tests.adapters.telegram.posting import until
from tests.counts import FIRST, LAST, MOST_TIMES, TALLIES, TITLES, a_week, say, tally

LARGEST_BYTES = 200_000
LEAST_CONTRAST = 4.5
"""https://www.w3.org/TR/WCAG22/#contrast-minimum"""
SAY = say()
LONG = {
    "flat-tyre": "Why does the tyre of my bicycle go flat whenever I ride through broken glass on Sundays?",
    "squeaky-chain": "🙂",
    "gone": "Шина",
}


def _of(stats: Stats, name: str = "Bicycles") -> Chart:
    return charted(stats, name, SAY)


def _many(days: int, times: int) -> Stats:
    """Something of every kind on each day."""
    first = LAST - timedelta(days=days - 1)
    kinds = ("answered", "offered", "unknown", "alarm", "helpful", "showentry")
    entries = ("flat-tyre", "squeaky-chain", "gone", "brake-pads", "bell", "lamp")
    tallies = [
        tally(what, about, max(1, times // (place + 1)), first + timedelta(days=number))
        for number in range(days)
        for what in kinds
        for place, about in enumerate(entries)
    ]
    return summed(tallies, first, LAST, LONG)


CASES = {
    "nothing": summed((), FIRST, LAST, {}),
    "a week": a_week(),
    "one day": _many(1, 3),
    "ninety days": _many(90, 40),
    "all days there are": _many(400, 1000),
    "one red flag among many": summed([tally("answered", "flat-tyre", 10_000), tally("alarm", "rf-no-brakes")], FIRST, LAST, TITLES),
    "huge numbers": _many(7, MOST_TIMES),
    "ten thousand a day": _many(30, 10_000),
    "votes alone": summed([tally("helpful", "flat-tyre")], FIRST, LAST, TITLES),
}
each_case = pytest.mark.parametrize("stats", CASES.values(), ids=CASES)


# --- where things stand ---------------------------------------------------------------------------------------------


def _assert_legible(chart: Chart) -> None:
    parts = laid_out(chart)
    texts = [part for part in parts if isinstance(part, Text) and part.words]
    shapes = [part for part in parts if isinstance(part, Shape)]
    assert len(texts) > 12
    boxes = [text.box for text in texts]
    assert min(text.size for text in texts) >= SMALLEST
    assert min(min(box.left, box.top, WIDTH - box.right, HEIGHT - box.bottom) for box in boxes) >= 0
    for one, other in combinations(range(len(texts)), 2):
        assert not boxes[one].overlaps(boxes[other]), (texts[one], texts[other])
    for shape in shapes:
        assert 0 <= shape.box.left < shape.box.right <= WIDTH
        assert 0 <= shape.box.top < shape.box.bottom <= HEIGHT
        assert 2 * shape.radius <= min(shape.box.right - shape.box.left, shape.box.bottom - shape.box.top)
        for text, box in zip(texts, boxes, strict=True):
            assert shape.colour in (text.on, "grid") or not shape.box.overlaps(box), (shape, text)


@each_case
def test_no_text_touches_another_or_leaves_the_picture(stats: Stats) -> None:
    _assert_legible(_of(stats))


@settings(max_examples=60)
@given(TALLIES, st.text(max_size=60))
def test_whatever_was_counted_is_legible(tallies: list[Tally], words: str) -> None:
    _assert_legible(_of(summed(tallies, FIRST, LAST, {"flat-tyre": words, "gone": words * 3}), words))


def test_the_words_stand_there() -> None:
    words = [part.words for part in laid_out(_of(a_week())) if isinstance(part, Text)]

    for expected in (
        "Bicycles in numbers",
        "2 Mar to 8 Mar 2026, days in UTC",
        "14",
        "50%",
        "80%",
        "helpful (5)",
        "Oil a squeaky chain",
        "75% helpful (4)",
    ):
        assert expected in words
    assert [word for word in words if word.endswith(" Mar")] == [f"{day} Mar" for day in range(2, 9)]


def test_a_bar_is_as_high_as_its_day() -> None:
    """Of each colour on each day, in proportion."""
    stats = summed([tally("answered", "flat-tyre", 30), tally("unknown", times=10), tally("answered", "flat-tyre", 20, LAST)], FIRST, LAST, TITLES)
    shapes = [part for part in laid_out(_of(stats)) if isinstance(part, Shape) and part.flat]
    heights = [(shape.colour, shape.box.bottom - shape.box.top) for shape in shapes]

    assert [colour for colour, _ in heights] == ["series0", "series2", "series0"]
    assert [round(high / heights[0][1], 1) for _, high in heights] == [1.0, 0.3, 0.7]


def test_the_smallest_part_of_a_day_is_seen() -> None:
    shapes = [part for part in laid_out(_of(CASES["one red flag among many"])) if isinstance(part, Shape) and part.flat]

    assert [shape.colour for shape in shapes] == ["series0", "series3"]
    assert shapes[1].box.bottom - shapes[1].box.top >= 2


def test_a_row_is_as_long_as_its_entry_was_seen() -> None:
    chart = _of(a_week())
    bars = [part.box for part in laid_out(chart) if isinstance(part, Shape) and part.colour == "series0" and not part.flat][1:]

    assert [round((bar.right - bar.left) / (bars[0].right - bars[0].left), 1) for bar in bars] == [1.0, 0.8, 0.2]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "10k"),
        (12_345, "12.3k"),
        (999_499, "999k"),
        (999_500, "1M"),
        (4_560_000, "4.56M"),
        (MOST_TIMES * 9, "8.3e+19"),
    ],
)
def test_large_numbers_are_told_briefly(number: int, shown: str) -> None:
    assert compact(number) == shown


@given(st.integers(0, MOST_TIMES * 400))
def test_no_number_is_long(number: int) -> None:
    assert len(compact(number)) <= 7


# --- letters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "otherwise", "shown"),
    [
        ("Ice or heat?", "", "Ice or heat?"),
        ("Café – naïve", "", "Cafe - naive"),
        ("Cafe\u0301", "", "Cafe"),
        ("Straße nach Ærø", "", "Strasse nach ?ro"),
        ("🙂 Smile 🙂 now", "", "Smile now"),
        ("two\nlines\tand a tab\x00", "", "two lines and a tab"),
        ("боль", "", "????"),
        ("боль", "neck-pain", "neck-pain"),
        ("ice on лёд", "ice", "ice on ???"),
        ("🙂", "smile", "smile"),
        ("", "", ""),
        ("🙂", "", ""),
    ],
)
def test_what_the_font_lacks_is_shown_as_well_as_can_be(written: str, otherwise: str, shown: str) -> None:
    assert legible(written, otherwise) == shown


@given(st.text(max_size=30), st.integers(30, 400))
def test_what_is_cut_fits_and_says_so(text: str, room: int) -> None:
    shown = legible(text)
    fitted = cut(shown, SMALLEST, room)

    assert width(fitted, SMALLEST) <= room
    assert fitted == shown or (fitted.endswith("…") and shown.startswith(fitted[:-1]))


def test_as_much_is_kept_as_fits() -> None:
    text = "Why does the tyre of my bicycle go flat?"
    fitted = cut(text, 30, 300)

    assert 300 - 30 < width(fitted, 30) <= 300


def test_a_pillow_without_fonts_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFont, "load_default", lambda size: object())
    with pytest.raises(TypeError, match="FreeType"):
        lettering.font.__wrapped__(31)


# --- colours --------------------------------------------------------------------------------------------------------

# How colours are seen without one kind of cones: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A Physiologically-based Model for Simulation
# of Color Vision Deficiency" (2009), severity 1.0, on linear RGB.
SIGHTS = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "no green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "no blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
FAR_APART = 20
"""In CIELAB; side by side, 2 can just be told apart."""


def _linear(colour: str) -> list[float]:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def _contrast(one: str, other: str) -> float:
    lights = sorted(0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in map(_linear, (one, other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _lab(colour: str, sight: str) -> tuple[float, float, float]:
    red, green, blue = (min(max(sum(a * b for a, b in zip(row, _linear(colour), strict=True)), 0), 1) for row in SIGHTS[sight])
    x, y, z = (
        value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116
        for value in (
            (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
            0.2126 * red + 0.7152 * green + 0.0722 * blue,
            (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
        )
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_letters_stand_out_from_what_is_behind_them(palette: dict[str, str]) -> None:
    texts = {(part.colour, part.on) for stats in CASES.values() for part in laid_out(_of(stats)) if isinstance(part, Text)}
    assert len(texts) == 4

    assert [pair for pair in texts if _contrast(palette[pair[0]], palette[pair[1]]) < LEAST_CONTRAST] == []


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_told_apart_by_everybody(palette: dict[str, str], sight: str) -> None:
    names = [name for name in palette if name.startswith("series")]
    assert len(names) == 4

    for one, other in combinations([*names, "paper"], 2):
        apart = sum((a - b) ** 2 for a, b in zip(_lab(palette[one], sight), _lab(palette[other], sight), strict=True)) ** 0.5
        assert apart >= FAR_APART, (one, other)


# --- pixels ---------------------------------------------------------------------------------------------------------


@each_case
def test_the_picture_is_a_small_png(stats: Stats) -> None:
    picture = draw(_of(stats))

    assert Image.open(io.BytesIO(picture)).size == (WIDTH, HEIGHT)
    assert len(picture) <= LARGEST_BYTES


@settings(max_examples=8, deadline=None)
@given(TALLIES, st.booleans())
def test_whatever_was_counted_can_be_drawn(tallies: list[Tally], dark: bool) -> None:
    assert draw(_of(summed(tallies, FIRST, LAST, TITLES)), dark=dark).startswith(b"\x89PNG")


@pytest.mark.parametrize(("dark", "paper"), [(False, LIGHT["paper"]), (True, DARK["paper"])], ids=["light", "dark"])
def test_the_colours_are_those_of_the_palette(dark: bool, paper: str) -> None:
    image = Image.open(io.BytesIO(draw(_of(a_week()), dark=dark)))
    bar = next(part.box for part in laid_out(_of(a_week())) if isinstance(part, Shape) and part.flat)

    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((2, 2))) == paper  # type: ignore[misc]
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel(((bar.left + bar.right) // 2, bar.bottom - 4))) == LIGHT["series0"]  # type: ignore[misc]


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert draw(_of(a_week())) == draw(_of(a_week()))
    assert draw(_of(a_week())) != draw(_of(CASES["one day"]))


# --- in another process ---------------------------------------------------------------------------------------------


@each_case
def test_a_chart_survives_the_way_to_another_process(stats: Stats) -> None:
    assert from_json(as_json(_of(stats))) == _of(stats)


async def test_another_process_draws_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123:secret")

    assert await drawn(_of(a_week()), dark=True) == draw(_of(a_week()), dark=True)


def test_it_reads_a_chart_and_writes_a_picture(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    monkeypatch.setattr(sys, "argv", ["drawing"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(as_json(_of(a_week()))))

    assert drawing.main() == 0
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == draw(_of(a_week()))


def _instead(tmp_path: Path, script: str) -> str:
    """Return a program to call in place of Python."""
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize("script", ["exit 1", "kill -9 $$", "cat >/dev/null; exit 3"])
async def test_where_it_cannot_be_drawn_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(sys, "executable", _instead(tmp_path, script))

    assert await drawn(_of(a_week()), dark=False) is None


async def test_where_no_process_can_be_begun_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))

    assert await drawn(_of(a_week()), dark=False) is None


async def test_who_draws_is_told_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "123:secret")
    monkeypatch.setattr(sys, "executable", _instead(tmp_path, "cat >/dev/null; env"))
    told = await drawn(_of(a_week()), dark=False)

    assert told is not None
    assert b"PYTHONSAFEPATH=1" in told
    assert b"secret" not in told


async def test_one_that_never_ends_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_module, "_LIMIT_S", 0.05)
    monkeypatch.setattr(sys, "executable", _instead(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 600"))

    assert await drawn(_of(a_week()), dark=False) is None


async def test_cancelling_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", _instead(tmp_path, f"echo $$ > {tmp_path}/begun; mv {tmp_path}/begun {tmp_path}/pid; exec sleep 600"))
    task = asyncio.create_task(drawn(_of(a_week()), dark=False))
    await until(lambda: (tmp_path / "pid").exists())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
