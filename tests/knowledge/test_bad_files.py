"""Every mistake is named at its line and column, in words that say what to do."""

from pathlib import Path

import pytest

from bot.errors import KnowledgeError, Problem
from bot.knowledge.loader import read_knowledge
from tests.knowledge.bad_files import BAD, Bad
from tests.knowledge.folders import CARE, EXAMPLES, GOOD, RELIEF, write_folder


def problems_of(folder: Path) -> tuple[Problem, ...]:
    """The problems of *folder*; none when it is good."""
    try:
        read_knowledge(folder)
    except KnowledgeError as error:
        return error.problems
    return ()


def test_the_folder_the_mistakes_are_made_in_is_good(tmp_path: Path) -> None:
    assert problems_of(write_folder(tmp_path)) == ()
    assert problems_of(write_folder(tmp_path, EXAMPLES)) == ()


@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
def test_a_mistake_is_named_where_it_stands(bad: Bad, tmp_path: Path) -> None:
    around = EXAMPLES if bad.file in EXAMPLES else {}
    found = problems_of(write_folder(tmp_path, {**around, bad.file: bad.content}))

    assert [f"{each.file}:{each.line}:{each.column}" for each in found] == [at for at, _ in bad.problems], found
    for problem, (_, word) in zip(found, bad.problems, strict=True):
        assert word in problem.what


def test_all_mistakes_of_all_files_are_reported_at_once(tmp_path: Path) -> None:
    """Also when one file cannot be read at all: what depends on it is left out, the rest is not."""
    found = problems_of(
        write_folder(
            tmp_path,
            {
                CARE: "- id: [unclosed\n",
                RELIEF: GOOD[RELIEF].replace("tier: self_care", "tier: nobody").replace("  title:", "  titel:"),
                "topic.yaml": GOOD["topic.yaml"] + "them: {}\n",
                "messages.yaml": "sentences: {offer: '{x}'}\n",
                "synonyms.yaml": "confusables: [[a, a]]\n",
                "mesages.yaml": "",
            },
        )
    )

    assert [str(problem).partition(": ")[0] for problem in found] == [
        "entries/care.yaml:1:7",
        "entries/relief.yaml:2:3",
        "entries/relief.yaml:15:9",
        "mesages.yaml:1:1",
        "messages.yaml:1:20",
        "red_flags.yaml:2:5",
        "red_flags.yaml:10:17",
        "red_flags.yaml:11:16",
        "synonyms.yaml:1:15",
        "topic.yaml:8:1",
    ]


def test_a_related_entry_with_problems_of_its_own_is_still_known(tmp_path: Path) -> None:
    found = problems_of(write_folder(tmp_path, {CARE: GOOD[CARE].replace("gp_soon", "soon")}))

    assert [problem.file for problem in found] == [CARE]


def test_a_file_with_an_unknown_name_is_a_problem(tmp_path: Path) -> None:
    found = problems_of(write_folder(tmp_path, {"message.yaml": "", "topic.yml": "", "zzz.yaml": "", "notes.txt": "", ".hidden.yaml": "["}))

    assert [problem.file for problem in found] == ["message.yaml", "topic.yml", "zzz.yaml"]
    assert "did you mean 'messages.yaml'?" in found[0].what
    assert "the names are: topic.yaml" in found[2].what


def test_the_name_of_a_theme_fits_a_button(tmp_path: Path) -> None:
    found = problems_of(write_folder(tmp_path, {f"entries/{'x' * 49}.yaml": GOOD[CARE].replace("see-a-doctor", "x"), "entries/Über uns.yaml": "[]"}))

    assert [problem.file for problem in found if "name of a theme" in problem.what] == ["entries/" + "x" * 49 + ".yaml", "entries/Über uns.yaml"]


@pytest.mark.parametrize("name", ["red_flags.YAML", "red_flags.yaml.txt", "Numbers.Yml", "entries/more.YAML", "entries/more.yml.TXT"])
def test_what_only_looks_like_a_file_of_the_folder_is_told(name: str, tmp_path: Path) -> None:
    """Some editors and systems end names so; a red flag written there would never be heard."""
    (problem,) = problems_of(write_folder(tmp_path, {name: ""}))

    assert (problem.file, problem.line) == (name, 1)
    assert "rename it" in problem.what
