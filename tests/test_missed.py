"""`napebot misses`, as an author uses it: what was asked in vain, and the lines to write, tried."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import main
from bot.knowledge.phrasing_trial import Addition, Line, Trial
from bot.store.records import Effects, Miss
from bot.store.sqlite import SqliteStore
from tests.kitchen import write_kitchen

pytestmark = pytest.mark.usefixtures("process_as_before")

PUMP, TWICE = "where can i buy a bicycle pump", "may i boil two eggs at once"


@pytest.fixture
def place(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with knowledge, where questions are kept."""
    write_kitchen(nowhere / "knowledge")
    monkeypatch.setenv("KEEP_MISSES", "true")
    return nowhere


@pytest.fixture
def asked(place: Path) -> Path:
    """The same place, with something in vain: asked by five, passed on by one, with gaps, and one that stands there already."""

    async def keep() -> None:
        store = await SqliteStore.open(place / "data" / "napebot" / "napebot.sqlite3", holder="one")
        today = datetime.now(UTC).date()
        passed = (TWICE, "is my … loaf stale bread", "how do i knead", "may i boil two eggs at once now")
        misses = (*(Miss(today, PUMP),) * 5, *(Miss(today, words, passed=True) for words in (TWICE, *passed)))
        await store.keep(Effects(misses=misses))
        await store.close()

    asyncio.run(keep())
    return place


@pytest.mark.usefixtures("asked")
def test_what_was_passed_on_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["misses"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"5\t{PUMP}",
        f"3\t{TWICE}\t(passed on; also: may i boil two eggs at once now)",
        "1\thow do i knead\t(passed on)",
        "1\tis my … loaf stale bread\t(passed on)",
    ]


def test_with_yaml_each_comes_with_the_line_to_write_that_was_tried(asked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One is refused, with its reason; the rest may stand there together."""
    before = (asked / "knowledge" / "entries" / "eggs.yaml").read_text()

    assert main(["misses", "--yaml"]) == 0
    shown = capsys.readouterr()
    groups = [group.splitlines() for group in shown.out.split("\n\n")]
    assert groups[0][0] == f"# 5 asked: {PUMP}"
    assert groups[1][:2] == [
        f"# 3 asked: {TWICE}",
        "# another way to ask 'How long to boil an egg' (boiled-eggs), if that is what they meant: entries/eggs.yaml:12, as this line",
    ]
    assert groups[1][2] == f"    - {TWICE}"
    assert groups[2][1] == "# not as another way to ask 'How long to knead dough' (knead-dough):"
    assert groups[2][2].startswith("#   entries/bread.yaml:12:7: 'how do i knead' stands twice (first at entries/bread.yaml:11)")
    assert groups[3][2:] == ["# words were taken out of it: say it anew", "    - is my loaf stale bread"]
    assert shown.err == ""
    assert (asked / "knowledge" / "entries" / "eggs.yaml").read_text() == before


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("tried", [False, True])
def test_for_machines_it_is_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tried: bool) -> None:
    async def all_pass(_folder: Path, additions: Sequence[Addition], _progress: object, **_cache: object) -> tuple[Trial, ...]:
        return tuple(Trial(each, None if "pump" in each.phrasing else Line("entries/a.yaml", 7, "- x", in_brackets=True)) for each in additions)

    monkeypatch.setattr("bot.inbox.try_all", all_pass)
    monkeypatch.setattr("bot.inbox.candidates", lambda group, _snapshot: () if "knead" in group.words else ("old-eggs", "fried-eggs"))

    assert main(["misses", "--json", *(["--yaml"] if tried else [])]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told[1].items() >= {"count": 3, "words": TWICE, "not_this": [], "passed": [TWICE, "may i boil two eggs at once now"]}.items()
    assert ["proposal" in each for each in told] == [tried] * 4
    if tried:
        place = {"file": "entries/a.yaml", "line": 7, "yaml": "- x", "in_brackets": True}
        about = {"entry": "old-eggs", "passed": True, "problems": []}
        assert told[0]["proposal"] == {"entry": "old-eggs", "phrasing": PUMP, "gaps": False, "passed": False, "problems": []}
        assert told[2]["proposal"] is None
        assert told[3]["proposal"] == {**about, "phrasing": "is my loaf stale bread", "gaps": True, **place}


@pytest.mark.usefixtures("asked")
def test_in_a_terminal_long_work_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def tell(_folder: Path, additions: Sequence[Addition], progress: Callable[[int], None], **_cache: object) -> tuple[Trial, ...]:
        progress(1)
        return tuple(Trial(each, Line("entries/a.yaml", 7, ", x", in_brackets=True)) for each in additions)

    monkeypatch.setattr("bot.inbox.try_all", tell)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)

    assert main(["misses", "--yaml"]) == 0
    shown = capsys.readouterr()
    assert shown.err.splitlines() == ["Trying 4 phrasings together ...", "tried 1 times, at most 5"]
    assert "in the brackets, behind the last" in shown.out


@pytest.mark.usefixtures("asked")
def test_what_no_entry_fits_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("bot.inbox.candidates", lambda _group, _snapshot: ())

    assert main(["misses", "--yaml"]) == 0
    assert capsys.readouterr().out.split("\n\n")[0] == f"# 5 asked: {PUMP}\n# no entry fits it"


@pytest.mark.usefixtures("place")
def test_with_yaml_nothing_yet_is_a_comment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["misses", "--yaml"]) == 0
    assert capsys.readouterr().out.startswith("# Nothing yet")
