"""A phrasing is tried in a copy of the folder, by learning from it; what breaks is told where it stands in the folder itself."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import pytest

from bot.errors import KnowledgeError, Problem
from bot.knowledge import phrasing_trial
from bot.knowledge.apart import Learning
from bot.knowledge.cache import KINDS
from bot.knowledge.folder import read_files
from bot.knowledge.phrasing_trial import Addition, Line, Trial, try_all
from tests.kitchen import ENTRIES, write_kitchen

MISSES = {"entries/eggs.yaml": ENTRIES["entries/eggs.yaml"].replace("misses: [how do i knead dough]", "misses: [where do i buy a bicycle pump]")}
PLACE = Line("entries/eggs.yaml", 12, "    - an egg timer for the pan", in_brackets=False)
TIMER, OVEN = Addition("boiled-eggs", "an egg timer for the pan"), Addition("stale-bread", "a dry loaf in the oven")
TAKEN = Addition("fried-eggs", "how do i boil eggs")
PUMP = Addition("boiled-eggs", "where can i buy a bicycle pump")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_kitchen(tmp_path / "kitchen", MISSES)


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    found = tmp_path / "scratch"
    found.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(found))
    return found


def left_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def digest(folder: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.rglob("*.yaml")))).hexdigest()


async def test_what_breaks_nothing_passes_and_nothing_is_left_behind(folder: Path, scratch: Path) -> None:
    before = digest(folder)

    assert await try_all(folder, (TIMER,)) == (Trial(TIMER, PLACE),)
    assert digest(folder) == before
    assert left_in(scratch) == []


async def test_each_of_many_is_told_by_itself_and_what_breaks_a_sentence_by_where_that_stands(folder: Path) -> None:
    """By the lines of the folder as it is, and not of the copy, in which one stands before it."""
    tries: list[int] = []
    found = await try_all(folder, (TIMER, PUMP, OVEN), tries.append)

    assert [trial.passed for trial in found] == [True, False, True]
    assert [(problem.file, problem.line) for problem in found[1].problems] == [("entries/eggs.yaml", 18)]
    assert "is answered by 'boiled-eggs', and should not be" in found[1].problems[0].what
    assert "bicycle" in (folder / "entries" / "eggs.yaml").read_text().splitlines()[17]
    assert found[0].line == PLACE
    assert tries == [1, 2, 3, 4]


class Learner:
    """Learns nothing, and says of each copy what it was told to."""

    def __init__(self, says: Learning = Learning.DONE, problems: tuple[Problem, ...] = ()) -> None:
        self.says, self.problems = says, problems
        self.copies: list[str] = []
        self.lent: list[str] = []

    async def __call__(self, folder: Path, cache: Path) -> Learning:
        self.lent = [path.name for path in left_in(cache)]
        self.copies.append((folder / "entries" / "eggs.yaml").read_text())
        if self.problems:
            raise KnowledgeError(self.problems)
        return self.says


async def test_those_that_pass_are_tried_together_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learner = Learner()
    monkeypatch.setattr(phrasing_trial, "learn_apart", learner)
    found = await try_all(folder, (TIMER, Addition("fried-eggs", "eggs, fried"), OVEN, TIMER))

    assert [trial.passed for trial in found] == [True] * 4
    assert len(learner.copies) == 1
    assert learner.copies[0].count("an egg timer for the pan") == 1
    assert '    - "eggs, fried"' in learner.copies[0]
    assert found[1].line == Line("entries/eggs.yaml", 40, '    - "eggs, fried"', in_brackets=False), "as if it were the only one"


async def test_a_phrasing_that_stands_elsewhere_is_refused_with_both_places(folder: Path) -> None:
    """Tried behind another, which moves both by a line."""
    found = await try_all(folder, (TIMER, TAKEN))

    assert [trial.passed for trial in found] == [True, False]
    assert [str(problem) for problem in found[1].problems] == [
        "entries/eggs.yaml:40:7: 'how do i boil eggs' asks for 'boiled-eggs' and for 'fried-eggs' (first at entries/eggs.yaml:11); "
        "leave it to one of them"
    ]


async def test_those_that_pass_may_stand_there_together(folder: Path) -> None:
    """Either of them could by itself."""
    first, second = await try_all(folder, (TIMER, Addition("fried-eggs", TIMER.phrasing)))

    assert (first.passed, second.passed) == (True, False)
    assert "asks for 'boiled-eggs' and for 'fried-eggs'" in second.problems[0].what


async def test_lines_are_told_as_they_are_without_all_that_was_added(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two go before it in the same file, the later one first."""
    added = (Addition("fried-eggs", "one"), Addition("boiled-eggs", "two"), Addition("stale-bread", "three"))
    problem = Problem("entries/eggs.yaml", 50, 3, "odd (first at entries/eggs.yaml:42, entries/eggs.yaml:12, entries/bread.yaml:50)")
    monkeypatch.setattr(phrasing_trial, "learn_apart", Learner(problems=(problem, Problem("entries/bread.yaml", 3, 1, "odd"))))
    files = read_files(folder)
    other, found = await phrasing_trial._problems(files, added)

    assert other == Problem("entries/bread.yaml", 3, 1, "odd")
    assert found == Problem("entries/eggs.yaml", 48, 3, "odd (first at entries/eggs.yaml:40, entries/eggs.yaml:12, entries/bread.yaml:49)")


async def test_what_stands_in_brackets_moves_no_line(tmp_path: Path) -> None:
    folder = write_kitchen(tmp_path)
    (folder / "entries" / "eggs.yaml").write_text(
        "- {id: a, title: A, answer: A, asks: [how to boil]}\n- {id: b, title: B, answer: B, asks: [how to fry]}\n"
    )
    (trial,) = await try_all(folder, (Addition("a", "how to fry"),))

    assert trial.line == Line("entries/eggs.yaml", 1, ", how to fry", in_brackets=True)
    assert [(problem.line, "eggs.yaml:1)" in problem.what) for problem in trial.problems] == [(2, True)]


@pytest.mark.parametrize(
    ("addition", "place"), [(Addition("no-such", "x y"), "entries"), (Addition("boiled-eggs", " "), "entries/eggs.yaml")], ids=["no entry", "blank"]
)
async def test_what_has_no_place_is_not_tried(folder: Path, monkeypatch: pytest.MonkeyPatch, addition: Addition, place: str) -> None:
    learner = Learner()
    monkeypatch.setattr(phrasing_trial, "learn_apart", learner)
    (trial,) = await try_all(folder, (addition,))

    assert (trial.line, trial.passed, [problem.file for problem in trial.problems]) == (None, False, [place])
    assert learner.copies == []


async def test_a_folder_that_cannot_be_read_refuses_all(folder: Path) -> None:
    (folder / "topic.yaml").mkdir()
    found = await try_all(folder, (TIMER, OVEN))

    assert [trial.passed for trial in found] == [False, False]
    assert {problem.file for trial in found for problem in trial.problems} == {"topic.yaml"}


@pytest.mark.parametrize("learning", [Learning.FAILED, Learning.KILLED])
async def test_what_could_not_be_tried_has_not_passed(folder: Path, monkeypatch: pytest.MonkeyPatch, learning: Learning) -> None:
    monkeypatch.setattr(phrasing_trial, "learn_apart", Learner(learning))
    (trial,) = await try_all(folder, (TIMER,))

    assert not trial.passed
    assert "tr" in trial.problems[0].what


async def test_without_room_for_a_copy_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "nowhere"))
    (trial,) = await try_all(folder, (TIMER,))

    assert "no place to try it" in trial.problems[0].what


async def test_what_triage_made_of_messages_is_lent_and_not_touched(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learner, cache = Learner(), tmp_path / "cache"
    for kind in KINDS:
        (cache / f"{kind}-1").mkdir(parents=True)
        (cache / f"{kind}-1" / "kept").touch()
    monkeypatch.setattr(phrasing_trial, "learn_apart", learner)
    (trial,) = await try_all(folder, (TIMER,), cache=cache)

    assert trial.passed
    assert learner.lent == ["looks-1"]
    assert [path.name for path in left_in(cache / "looks-1")] == ["kept"]


async def test_where_no_links_can_be_made_all_is_learned(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_asked: object, **_more: object) -> None:
        raise OSError

    learner = Learner()
    (tmp_path / "cache" / "looks-1").mkdir(parents=True)
    monkeypatch.setattr(Path, "symlink_to", refuse)
    monkeypatch.setattr(phrasing_trial, "learn_apart", learner)
    (trial,) = await try_all(folder, (TIMER,), cache=tmp_path / "cache")

    assert (trial.passed, learner.lent) == (True, [])


async def test_nothing_to_try_is_nothing_tried(folder: Path) -> None:
    assert await try_all(folder, ()) == ()
