"""`napebot stats`, as an operator uses it: a table of what was counted, while the bot runs or not."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from PIL import Image

from bot.cli import main
from bot.counted import as_json, as_lines
from bot.drawing import DARK, LIGHT
from bot.stats import summed
from bot.store.records import Count, Effects, Tally
from bot.store.sqlite import SqliteStore
from tests.counts import FIRST, LAST, TALLIES, TITLES, a_week, tally
from tests.kitchen import DANGERS, write_kitchen

pytestmark = pytest.mark.usefixtures("process_as_before")

EGGS = "boiled-eggs"


@pytest.fixture
def place(nowhere: Path) -> Path:
    """A folder with knowledge."""
    write_kitchen(nowhere / "knowledge", DANGERS)
    return nowhere


@asynccontextmanager
async def _serving(place: Path) -> AsyncIterator[SqliteStore]:
    """The store, as a running bot holds it."""
    store = await SqliteStore.open(place / "data" / "napebot" / "napebot.sqlite3", holder="one")
    try:
        yield store
    finally:
        await store.close()


def _keep(place: Path, *counted: tuple[str, str], day: date | None = None) -> None:
    async def keep() -> None:
        async with _serving(place) as store:
            await store.keep(Effects(counts=tuple(Count(day or datetime.now(UTC).date(), what, about) for what, about in counted)))

    asyncio.run(keep())


def test_the_table() -> None:
    assert list(as_lines(a_week(), "Bicycles")) == [
        "Bicycles, 2026-03-02 to 2026-03-08; days begin at midnight UTC",
        "bars: █ answered, ▓ offered, ░ declined or foreign, ! red flags",
        "",
        "day         questions  answered  offered  declined  foreign  red flags  small talk",
        "2026-03-02         10         4        2         2        1          1           3  ████████████▓▓▓▓▓▓░░░░░░░░░!!!",
        *(f"2026-03-0{day}          0         0        0         0        0          0           0" for day in range(3, 8)),
        "2026-03-08          4         3        0         0        0          1           0  █████████!!!",
        "all                14         7        2         2        1          2           3",
        "",
        "50% of the questions were answered at once. Small talk is no question.",
        "",
        "entry          answered  shown  helpful  not  not this  title",
        "squeaky-chain         3      2        1    0         2  Oil a squeaky chain",
        "flat-tyre             4      0        3    1         0  Mend a flat tyre",
        "gone                  1      0        0    0         0  (no longer there)",
        "",
        "red flags",
        "rf-cracked-frame  2",
        "rf-no-brakes      1",
    ]


def test_small_talk_alone_makes_a_table_without_bars() -> None:
    lines = list(as_lines(summed([tally("smalltalk", "hello")], FIRST, FIRST, {}), "Bicycles"))

    assert lines[-2].split() == ["2026-03-02", *"0000001"]
    assert lines[-1].split() == ["all", *"0000001"]


@given(TALLIES)
def test_every_line_of_the_days_is_as_wide_as_the_others_but_for_its_bar(tallies: list[Tally]) -> None:
    stats = summed(tallies, FIRST, LAST, TITLES)
    lines = list(as_lines(stats, "Bicycles"))
    if stats.empty:
        assert len(lines) == 2
        return
    head, *days, total = lines[3:12]

    assert len(head) == len(total)
    assert all(line[: len(head)].split()[0] == str(day.day) for line, day in zip(days, stats.days, strict=True))
    assert all(len(line) <= len(head) + 2 + 30 + 4 for line in days)
    assert all(("!" in line) is bool(day.outcomes.red_flags) for line, day in zip(days, stats.days, strict=True))


@given(TALLIES)
def test_for_machines_it_is_the_same(tallies: list[Tally]) -> None:
    stats = summed(tallies, FIRST, LAST, TITLES)
    told: dict[str, Any] = json.loads(as_json(stats))

    assert (told["first"], told["last"], len(told["days"])) == ("2026-03-02", "2026-03-08", 7)
    assert told["total"]["questions"] == stats.total.questions == sum(day["questions"] for day in told["days"])
    assert [entry["id"] for entry in told["entries"]] == [entry.entry_id for entry in stats.entries]
    assert [flag["times"] for flag in told["red_flags"]] == [flag.times for flag in stats.red_flags]


def test_it_reads_what_a_running_bot_counts(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last seven days of it, with titles from the knowledge."""
    today = datetime.now(UTC).date()

    async def look() -> None:
        async with _serving(place) as store:
            await store.keep(Effects(counts=(Count(today, "answered", EGGS), Count(today - timedelta(days=8), "answered", "old-eggs"))))
            assert await asyncio.to_thread(main, ["stats"]) == 0
            await store.keep(Effects(counts=(Count(today, "answered", EGGS),)))
            assert await asyncio.to_thread(main, ["stats", "--days", "400"]) == 0

    asyncio.run(look())
    week, year = capsys.readouterr().out.split("Kitchen, ")[1:]
    assert f"{EGGS}         1" in week
    assert "How long to boil an egg" in week
    assert "old-eggs" not in week
    assert f"{EGGS}         2" in year
    assert "old-eggs            1" in year.replace(EGGS, "")


def test_it_says_when_nothing_was_counted(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats"]) == 0
    assert "Nothing was counted." in capsys.readouterr().out


def test_what_was_learned_once_is_not_read_again(place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the bot has served this knowledge, its files need not be parsed."""
    assert main(["check", str(place / "knowledge")]) == 0
    _keep(place, ("answered", EGGS))
    monkeypatch.setattr("bot.knowledge.loader.read_knowledge", lambda folder: pytest.fail("it was parsed"))

    assert main(["stats"]) == 0
    assert "How long to boil an egg" in capsys.readouterr().out


@pytest.mark.parametrize(("more", "paper"), [([], LIGHT["paper"]), (["--dark"], DARK["paper"])], ids=["light", "dark"])
def test_it_draws_the_same(place: Path, capsys: pytest.CaptureFixture[str], more: list[str], paper: str) -> None:
    _keep(place, ("answered", EGGS))
    assert main(["stats", "--json", "--picture", "numbers.png", *more]) == 0

    assert json.loads(capsys.readouterr().out)["total"]["answered"] == 1
    image = Image.open(io.BytesIO((place / "numbers.png").read_bytes()))
    assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((2, 2))) == paper  # type: ignore[misc]


def test_a_file_that_cannot_be_written_is_named(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--picture", "none/numbers.png"]) == 1
    assert "none/numbers.png" in capsys.readouterr().err


@pytest.mark.parametrize("days", ["0", "401", "-1", "x", "1.5", "١"])
def test_days_that_are_none_are_refused(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["stats", "--days", days])

    assert refused.value.code == 2
    assert "a number from 1 to 400" in capsys.readouterr().err


def test_a_database_that_is_none_is_said(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "other.db").write_text("no database")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:{place}/other.db")

    assert main(["stats"]) == 1
    assert "other.db" in capsys.readouterr().err
