"""The picture of the counts in `docs/` is what the made-up week would show now. No browser is needed for that."""

from __future__ import annotations

import asyncio
import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge
from bot.stats import Stats
from pictures import stats as made
from pictures.week import WEEK
from tests.conftest import ROOT

RENEW = "the numbers or how they are drawn are others by now: run `python -m pictures.stats`, and look at them"
OPERATIONS = ROOT / "docs" / "operations.md"


@pytest.fixture(scope="module")
def live(snapshot: Snapshot) -> LiveKnowledge:
    return LiveKnowledge(ROOT / "knowledge", snapshot)


@pytest.fixture(scope="module")
def week(live: LiveKnowledge, tmp_path_factory: pytest.TempPathFactory) -> Stats:
    return asyncio.run(made.counted(live, tmp_path_factory.mktemp("week") / "week.sqlite3"))


def test_the_week_has_something_of_everything(week: Stats) -> None:
    total = week.total

    assert total.questions + total.smalltalk == sum(len(day.strip().splitlines()) for day in WEEK) > 180
    assert min(total.answered, total.offered, total.declined, total.foreign, total.red_flags, total.smalltalk) >= 5
    assert min(week.votes.helpful, week.votes.unhelpful) >= 5
    assert sum(entry.shown for entry in week.entries) >= 5
    assert sum(entry.not_this for entry in week.entries) >= 3


def test_the_words_are_those_of_now(week: Stats, live: LiveKnowledge) -> None:
    assert made.WORDS.read_text(encoding="utf-8") == made.words_of(week, live), RENEW


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_picture_is_that_of_now(week: Stats, live: LiveKnowledge, dark: bool) -> None:
    """Pixel by pixel: another version of a library may pack them otherwise."""
    kept = Image.open(made.FILES[dark])
    now = Image.open(io.BytesIO(made.drawn(week, live, dark=dark)))

    assert ImageChops.difference(kept.convert("RGB"), now.convert("RGB")).getbbox() is None, RENEW
    assert made.FILES[dark].stat().st_size <= 200_000


def test_the_same_week_gives_the_same_counts(week: Stats, live: LiveKnowledge, tmp_path: Path) -> None:
    assert asyncio.run(made.counted(live, tmp_path / "week.sqlite3")) == week


@pytest.mark.parametrize(("line", "named"), [("hello | helpful", "no answer to press 'helpful' under"), ("hello | pick", "nothing is offered")])
def test_a_press_that_nobody_could_make_is_named(live: LiveKnowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, named: str) -> None:
    monkeypatch.setattr(made, "WEEK", (line,))
    with pytest.raises(LookupError, match=named):
        asyncio.run(made.counted(live, tmp_path / "week.sqlite3"))


def test_it_is_shown_with_words_for_who_cannot_see_it(week: Stats) -> None:
    text = OPERATIONS.read_text(encoding="utf-8")
    ((dark, light, alt),) = re.findall(r'srcset="(pictures/stats[^"]+)">\s*<img src="(pictures/stats[^"]+)" width="\d+" alt="([^"]+)">', text)

    assert [(OPERATIONS.parent / name).resolve() for name in (light, dark)] == [made.FILES[False], made.FILES[True]]
    for number in (f"{week.total.questions} questions", f"{week.total.red_flags} red flags", f"of {week.votes.all} votes", week.entries[0].title):
        assert number in alt
