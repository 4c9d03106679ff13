"""The messages that the matcher learns from: what is read of them, what is refused, and when they are not read."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.content import Question
from bot.errors import KnowledgeError
from bot.knowledge.loader import load_snapshot, read_draft, read_knowledge
from tests.kitchen import write_kitchen
from tests.knowledge.folders import CARE, EXAMPLES, GOOD, QUESTIONS, RELIEF, write_folder

ICE, DOCTOR = "ice-or-heat", "see-a-doctor"
FILE = EXAMPLES[QUESTIONS]
PEAS, RING, EITHER = "- bag of peas or hot water bottle", "- who do i ring about it", "ask: does a doctor say ice"
MINUTES, RICE, LOL = "[how many minutes]", "- how do i cook rice", "- lol ok"
IN_KITCHEN = """\
questions:
  boiled-eggs: [runny or set after five minutes]
none: [which oar goes left]
"""


def problems_of(folder: Path) -> list[str]:
    """What is wrong with its questions."""
    return [str(problem) for problem in sorted(read_draft(folder).problems) if problem.file == QUESTIONS]


def test_each_section_says_who_answers_and_after_what(tmp_path: Path) -> None:
    questions = read_knowledge(write_folder(tmp_path, EXAMPLES)).questions

    assert questions.said == (
        Question("bag of peas or hot water bottle", (ICE,)),
        Question("heat pad: yes or no", (ICE,)),
        Question("who do i ring about it", (DOCTOR,)),
        Question("does a doctor say ice", (ICE, DOCTOR)),
        Question("how many minutes", (ICE,), after=ICE, follows=True),
        Question("and if it stays bad", (DOCTOR,), after=ICE, follows=True),
        Question("how do i cook rice", ()),
        Question("lol ok", (), follows=True),
    )


def test_questions_are_told_apart_by_their_file_alone(tmp_path: Path) -> None:
    """So that knowledge whose questions were not read is still the same."""
    one = read_knowledge(write_folder(tmp_path, EXAMPLES))
    answer = read_knowledge(write_folder(tmp_path, {CARE: GOOD[CARE].replace("better", "well")}))
    other = read_knowledge(write_folder(tmp_path, {QUESTIONS: "none: [how do i cook rice]\n"}))

    assert one.questions == answer.questions == replace(one.questions, said=())
    assert one.version != answer.version
    assert one.questions != other.questions
    assert one.examples == other.examples
    assert read_knowledge(write_folder(tmp_path / "none")).questions.said == ()


@pytest.mark.parametrize(
    "content",
    ["questions:\neither: []\nafter: {}\nnone:\n", "none_after: [ok]\n", "after: {ice-or-heat: {}}\n"],
    ids=["bare", "one", "nothing after"],
)
def test_every_section_may_be_left_out_or_empty(content: str, tmp_path: Path) -> None:
    assert len(read_knowledge(write_folder(tmp_path, {QUESTIONS: content})).questions.said) <= 1


@pytest.mark.parametrize(
    ("old", "new", "at", "word"),
    [
        (FILE, "# soon\n", "1:1", "empty"),
        (FILE, "- how do i cook rice\n", "1:1", "must be keys with values"),
        ("none_after", "none_aftr", "16:1", "unknown key 'none_aftr'; did you mean 'none_after'?"),
        ("    entries: [ice-or-heat, see-a-doctor]", "    entry: ice-or-heat", "9:5", "unknown key 'entry'"),
        ("[ice-or-heat, see-a-doctor]", "[ice-or-heat]", "9:14", "at least 2"),
        ("[ice-or-heat, see-a-doctor]", "[ice-or-heat, see-a-docter]", "9:28", "did you mean 'see-a-doctor'?"),
        ("[ice-or-heat, see-a-doctor]", "[ice-or-heat, ice-or-heat]", "9:28", "stands twice"),
        ("[ice-or-heat, see-a-doctor]", "[Ice, see-a-doctor]", "9:15", "small letters"),
        ("  see-a-doctor:\n", "  see-a-docter:\n    - now\n", "5:3", "'see-a-docter' is no entry; did you mean 'see-a-doctor'?"),
        ("after:\n  ice-or-heat", "after:\n  ice-or-hat", "11:3", "did you mean 'ice-or-heat'?"),
        ("    see-a-doctor: [and", "    see-doctor: [and", "13:5", "did you mean 'see-a-doctor'?"),
        (MINUTES, "[]", "12:18", "at least 1"),
        (MINUTES, "how many minutes", "12:18", "must be a list"),
        (PEAS, "-", "3:6", "is empty"),
        (PEAS, "- " + "peas " * 126, "3:7", "at most 500"),
        (PEAS, "- '?!'", "3:7", "no word"),
        (LOL, "- 🙂", "17:5", "no word"),
        (RING, "- Heat pad, YES or no", "6:7", "asks for 'see-a-doctor' here and for 'ice-or-heat' at examples_questions.yaml:4"),
        (EITHER, "ask: who do i ring about it?", "8:10", "asks for 'ice-or-heat' and 'see-a-doctor' here and for 'see-a-doctor' at"),
        ("[and if it stays bad]", "[how many minutes?]", "13:20", "asks for 'see-a-doctor' here and for 'ice-or-heat' at examples_questions.yaml:12"),
        (RICE, "- who do i ring about it", "15:5", "asks for no entry here and for 'see-a-doctor' at examples_questions.yaml:6"),
        (LOL, "- who do i ring about it", "17:5", "asks for no entry here and for 'see-a-doctor' at examples_questions.yaml:6"),
        (LOL, "- how many minutes", "17:5", "asks for no entry here and for 'ice-or-heat' at examples_questions.yaml:12"),
        (RING, "- Should I put ice on it?", "6:7", "asks for 'see-a-doctor' here and for 'ice-or-heat' (at entries/relief.yaml:4)"),
        (RING, "- ice or heat", "6:7", "asks for 'see-a-doctor' here and for 'ice-or-heat' (at entries/relief.yaml:2)"),
        (PEAS, "- ice for a swollen knee", "3:7", "stands under its 'not' (at entries/relief.yaml:8)"),
        (PEAS, "- should i put ice on my cramped neck", "3:7", "a test must be a sentence of its own"),
        (RING, "- should i put ice on my cramped neck", "6:7", "teaches 'see-a-doctor' and judges 'ice-or-heat' under 'hits'"),
        (MINUTES, "[should i put ice on my cramped neck]", "12:19", "a test must be a sentence of its own"),
        (PEAS, "- lunch box", "3:7", "judges 'ice-or-heat' under 'misses' (at entries/relief.yaml:11)"),
        (PEAS, "- How do I fix a tyre?", "3:7", "none.yaml says nobody answers it (at none.yaml:1)"),
        (PEAS, "- wish me luck", "3:7", "under 'good-luck' (at smalltalk.yaml:2)"),
        (RICE, "- should i put ice on it", "15:5", "is a question of 'ice-or-heat' (at entries/relief.yaml:4)"),
        (RICE, "- ice or heat", "15:5", "is a question of 'ice-or-heat' (at entries/relief.yaml:2)"),
        (RICE, "- should i put ice on my cramped neck", "15:5", "is a question of 'ice-or-heat' (at entries/relief.yaml:10)"),
        (LOL, "- when do i see a doctor about my neck", "17:5", "is a question of 'see-a-doctor' (at entries/care.yaml:4)"),
    ],
)
def test_a_mistake_is_named_where_it_stands(old: str, new: str, at: str, word: str, tmp_path: Path) -> None:
    assert FILE.count(old) == 1
    (problem,) = problems_of(write_folder(tmp_path, {QUESTIONS: FILE.replace(old, new)}))

    assert problem.startswith(f"{QUESTIONS}:{at}: ")
    assert word in problem


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (PEAS, "- should i put ice on it"),
        (EITHER, "ask: should i put ice on it"),
        (RING, "- ice for a swollen knee"),
        (RING, "- lunch box"),
        (PEAS, "- how many minutes"),
        (PEAS, "- heat pad, yes or no"),
        (MINUTES, "[who do i ring about it]"),
        (MINUTES, "[how do i cook rice]"),
        (MINUTES, "[when do i see a doctor about my neck]"),
        ("    see-a-doctor: [and if it stays bad]\n", "  see-a-doctor:\n    see-a-doctor: [how many minutes]\n"),
        (RICE, "- how many minutes"),
        (RICE, "- lol ok"),
        (RICE, "- ice for a swollen knee"),
        (RICE, "- lunch box"),
        (RICE, "- how do i fix a tyre"),
        (LOL, "- good luck"),
    ],
    ids=[
        "an ask of its own",
        "an ask of one of those named",
        "what a neighbour does not mean",
        "what a neighbour must miss",
        "by itself and after an answer",
        "twice, the same said of it",
        "after an answer, of another entry by itself",
        "after an answer, none by itself",
        "after an answer, an ask of another entry",
        "after two answers, of two entries",
        "none by itself, and after an answer not",
        "none in both",
        "none that an entry does not mean",
        "none that an entry must miss",
        "none in both files",
        "none after an answer, and small talk",
    ],
)
def test_what_is_no_contradiction_may_stand(old: str, new: str, tmp_path: Path) -> None:
    assert FILE.count(old) == 1

    assert problems_of(write_folder(tmp_path, {QUESTIONS: FILE.replace(old, new)})) == []


def test_an_entry_there_is_not_is_named_once_for_all_its_messages(tmp_path: Path) -> None:
    lost = "questions:\n  no-such-entry: [one, two]\nafter:\n  no-such-entry:\n    ice-or-heat: [one, two]\n"

    found = problems_of(write_folder(tmp_path, {QUESTIONS: lost}))

    assert [problem.partition(": ")[0] for problem in found] == [f"{QUESTIONS}:2:3", f"{QUESTIONS}:4:3"]


def test_while_entries_cannot_be_read_none_is_looked_for(tmp_path: Path) -> None:
    found = problems_of(write_folder(tmp_path, {QUESTIONS: FILE.replace("see-a-doctor:\n", "see-a-docter:\n"), RELIEF: "["}))

    assert found == []


def test_what_was_learned_spares_reading_them(tmp_path: Path) -> None:
    folder, cache = write_kitchen(tmp_path / "kitchen", {QUESTIONS: IN_KITCHEN}), tmp_path / "cache"
    first, again = load_snapshot(folder, cache=cache).knowledge, load_snapshot(folder, cache=cache).knowledge

    assert len(first.questions.said) == 2
    assert again.questions.said == ()
    assert again == first

    (kept,) = cache.glob("matcher-*")
    (kept / "keys.npy").write_bytes(b"spoilt")
    assert load_snapshot(folder, cache=cache).knowledge.questions.said == first.questions.said


def test_a_mistake_made_after_it_was_learned_is_still_found(tmp_path: Path) -> None:
    folder, cache = write_kitchen(tmp_path / "kitchen", {QUESTIONS: IN_KITCHEN}), tmp_path / "cache"
    load_snapshot(folder, cache=cache)
    (folder / QUESTIONS).write_text(IN_KITCHEN.replace("boiled-eggs", "boild-eggs"), encoding="utf-8")

    with pytest.raises(KnowledgeError, match=r"examples_questions\.yaml:2:3: 'boild-eggs' is no entry; did you mean 'boiled-eggs'\?"):
        load_snapshot(folder, cache=cache)
