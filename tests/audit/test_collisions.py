"""Which entries steal phrasings from each other, with the words to blame; and which phrasings add nothing."""

from collections.abc import Mapping
from pathlib import Path

from bot.audit.collisions import CLEARLY_LOST, LOST, collisions
from bot.audit.findings import Finding, Weight
from bot.knowledge.loader import load_snapshot, read_draft
from tests.kitchen import ENTRIES, write_kitchen

ASKS_BREAD = "    - recipes for leftover toast\n"
YOLK = "minutes to boil a hard egg with a runny yolk"
ASKS_EGGS = "    - how do i fry an egg\n"


def found(folder: Path, layer: Mapping[str, str] | None = None) -> list[Finding]:
    write_kitchen(folder, layer or {})
    return list(collisions(read_draft(folder), load_snapshot(folder, try_sentences=False)))


def of_kind(kind: str, findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if each.kind == kind]


def planted(file: str, after: str, *lines: str) -> dict[str, str]:
    return {file: ENTRIES[file].replace(after, after + "".join(f"    - {line}\n" for line in lines), 1)}


def line_of(layer: Mapping[str, str], file: str, text: str) -> int:
    return layer[file].splitlines().index(f"    - {text}") + 1


def test_a_phrasing_under_the_wrong_entry_is_stolen_with_its_line_the_words_to_blame_and_a_cure(tmp_path: Path) -> None:
    layer = planted("entries/bread.yaml", ASKS_BREAD, YOLK)

    (stolen,) = (each for each in of_kind("stolen", found(tmp_path, layer)) if YOLK[:20] in each.problem.what)

    assert (stolen.problem.file, stolen.problem.line) == ("entries/bread.yaml", line_of(layer, "entries/bread.yaml", YOLK))
    assert stolen.weight is Weight.WARNING
    assert stolen.entries == ("boiled-eggs",)
    assert {"egg", "boil"} & set(stolen.words)
    assert "'boiled-eggs'" in stolen.problem.what
    assert "contrast" in stolen.problem.what


def test_a_phrasing_like_no_other_would_be_answered_by_nothing(tmp_path: Path) -> None:
    layer = planted("entries/bread.yaml", ASKS_BREAD, "what is the weather like on sunday afternoon")

    lonely = [each for each in of_kind("stolen", found(tmp_path, layer)) if "weather" in each.problem.what]

    assert [(each.weight, each.entries, each.words) for each in lonely] == [(Weight.NOTE, (), ())]
    assert "answered by nothing" in lonely[0].problem.what


def test_an_entry_that_another_would_empty_is_told_of_once(tmp_path: Path) -> None:
    layer = planted(
        "entries/eggs.yaml",
        ASKS_EGGS,
        "i like a runny yolk",
        "when is it done in the pan of hot water",
        "how many minutes",
        "until they are hard",
        "how long does it take",
        "boiling",
        "soft",
    )

    neighbours = of_kind("neighbours", found(tmp_path, layer))

    assert [each.entries for each in neighbours] == [("boiled-eggs",)]
    assert "of 'fried-eggs'" in neighbours[0].problem.what
    assert neighbours[0].problem.file == "entries/eggs.yaml"


def test_a_phrasing_with_the_words_of_another_of_its_entry_adds_nothing(tmp_path: Path) -> None:
    layer = planted("entries/bread.yaml", ASKS_BREAD, "my loaf has gone so hard", "is it", "leftover toast recipes")

    nothing = of_kind("adds-nothing", found(tmp_path, layer))

    lines = [line_of(layer, "entries/bread.yaml", text) for text in ("my loaf has gone so hard", "leftover toast recipes")]
    assert sorted(each.problem.line for each in nothing) == lines
    assert all(each.weight is Weight.NOTE for each in nothing)


def test_a_good_folder_has_no_warnings(tmp_path: Path) -> None:
    assert [each for each in found(tmp_path) if each.weight is Weight.WARNING] == []


def test_each_phrasing_is_one_step(tmp_path: Path) -> None:
    write_kitchen(tmp_path)
    steps: list[None] = []
    draft = read_draft(tmp_path)

    list(collisions(draft, load_snapshot(tmp_path, try_sentences=False), lambda: steps.append(None)))

    assert len(steps) == sum(len(entry.asks) for entry, _ in draft.entries)


def test_what_is_clearly_lost_is_lost() -> None:
    assert CLEARLY_LOST < LOST < 0
