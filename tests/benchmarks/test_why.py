"""The page that compares whole bots: what its figures mean, that it holds what it says, and that nobody has learned from its messages."""

from __future__ import annotations

import re

import pytest

from benchmarks.alarms import WORDS, keyword_alarm
from benchmarks.lessons import DANGER, HARMLESS, read_lessons, split
from benchmarks.page import between, replaced, rows_of, table
from benchmarks.peers import OOS
from benchmarks.rivals import ALARM, ANSWER, OFFER, OWN, RIVALS, SILENT, Verdict, opened, teach, threshold
from benchmarks.why import DANGER as TELLS_OF_DANGER
from benchmarks.why import LOOK_ALIKE, MESSAGES, OUT, PAGE, QUESTION, QUICK, Message, Tally, columns, keeps_table, read_messages, tally
from bot.core.snapshot import Snapshot
from tests.conftest import OTHER_TOPIC, ROOT
from tests.knowledge_base.words import words

# --- counting -----------------------------------------------------------------------------------------------------------

ICE = Message(QUESTION, "ice or heat", ("ice",))
JOKE = Message(LOOK_ALIKE, "dying for some ice", ("ice",))
OTHER = Message(OUT, "ice cream")
GRAVE = Message(TELLS_OF_DANGER, "cannot move", tier="emergency")
ASKED = Message(TELLS_OF_DANGER, "is that a stroke", tier="emergency", soft=True)


@pytest.mark.parametrize(
    ("message", "verdict", "counted"),
    [
        pytest.param(ICE, Verdict(ANSWER, ("ice",)), {"right": 1}, id="right"),
        pytest.param(ICE, Verdict(ANSWER, ("heat", "ice")), {"right": 1}, id="one of two fits"),
        pytest.param(ICE, Verdict(ANSWER, ("heat",)), {"wrong": 1}, id="wrong"),
        pytest.param(ICE, Verdict(OFFER, ("heat", "ice")), {"offered": 1}, id="offered"),
        pytest.param(ICE, Verdict(OFFER, ("heat",)), {}, id="others offered"),
        pytest.param(ICE, Verdict(SILENT), {}, id="declined"),
        pytest.param(ICE, Verdict(ALARM), {"plain_alarmed": 1}, id="a question alarmed"),
        pytest.param(JOKE, Verdict(ALARM), {"look_alikes_alarmed": 1}, id="a look-alike alarmed"),
        pytest.param(JOKE, Verdict(ANSWER, ("heat",)), {"wrong": 1}, id="a look-alike answered wrongly"),
        pytest.param(Message(LOOK_ALIKE, "dying"), Verdict(ANSWER, ("ice",)), {"out_answered": 1}, id="a look-alike that asks nothing"),
        pytest.param(OTHER, Verdict(ANSWER, ("ice",)), {"out_answered": 1}, id="out of scope answered"),
        pytest.param(OTHER, Verdict(ALARM), {"plain_alarmed": 1}, id="out of scope alarmed"),
        pytest.param(OTHER, Verdict(OFFER, ("ice",)), {}, id="out of scope offered"),
        pytest.param(GRAVE, Verdict(ALARM), {}, id="danger met"),
        pytest.param(GRAVE, Verdict(SILENT), {"missed": 1}, id="danger passed over"),
        pytest.param(GRAVE, Verdict(ANSWER, ("ice",), soft=True), {"missed": 1}, id="danger answered calmly"),
        pytest.param(ASKED, Verdict(ANSWER, ("ice",), soft=True), {}, id="danger asked about, answered calmly"),
    ],
)
def test_each_message_counts_once_for_what_came_of_it(message: Message, verdict: Verdict, counted: dict[str, int]) -> None:
    empty = dict.fromkeys(Tally.__slots__, 0)

    assert tally([message], [verdict]) == Tally(**(empty | counted))


def test_the_columns_say_how_many_each_counts_among() -> None:
    head = columns([ICE, JOKE, OTHER, GRAVE, Message(LOOK_ALIKE, "dying")], cost=False)

    assert [re.findall(r"of (\d+)$", name) for name in head] == [[], ["1"], ["2"], ["2"], ["2"], [], [], ["2"], []]


def test_a_threshold_gains_most_for_right_answers_and_declines_together() -> None:
    inside = [(0.9, True), (0.8, True), (0.5, True), (0.3, False)]

    assert threshold(inside, [0.6, 0.2, 0.1]) == 0.8
    assert threshold(inside, [0.4, 0.2, 0.1]) == 0.5
    assert threshold([(0.9, False)], [0.1]) > 0.1
    assert threshold([(0.9, True)], []) == 0.9


# --- learning -----------------------------------------------------------------------------------------------------------


def test_lessons_are_all_a_folder_teaches_each_once() -> None:
    lessons = read_lessons(OTHER_TOPIC)
    questions, dangers = dict(lessons.questions), dict(lessons.dangers)

    assert (len(questions), len(dangers)) == (len(lessons.questions), len(lessons.dangers))
    assert questions["my chain squeaks"] == "chain-care"
    assert questions["how do i bake bread"] == OOS
    assert dangers["help, my brakes failed"] == DANGER
    assert dangers["can a carbon frame crack"] == dangers["my chain squeaks"] == HARMLESS


def test_what_is_held_back_is_not_learned_from_meanwhile() -> None:
    lessons = read_lessons(OTHER_TOPIC).questions
    held, rest = split(lessons)

    assert set(held).isdisjoint(rest)
    assert sorted(held + rest) == sorted(lessons)
    assert split(lessons) == (held, rest)


def test_a_rival_learns_and_answers() -> None:
    rival = RIVALS["token_set"]
    say = opened(rival, teach(rival, OTHER_TOPIC))

    assert say("my chain squeaks").entries == ("chain-care",)
    assert say("qqq zzz").kind == SILENT


def test_a_list_of_words_sounds_at_its_words_alone() -> None:
    alarm = keyword_alarm()

    assert [alarm(said) for said in ("My HEART ATTACK was years ago", "can’t breathe", "feverish plans", "my neck is stiff")] == [1.0, 1.0, 0.0, 0.0]
    assert 30 <= len(WORDS) == len(set(WORDS)) <= 60


# --- the messages -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return read_messages(MESSAGES)


def test_there_are_as_many_as_the_page_says_and_their_labels_exist(messages: list[Message], snapshot: Snapshot) -> None:
    counts = {kind: sum(each.kind == kind for each in messages) for kind in (QUESTION, TELLS_OF_DANGER, LOOK_ALIKE, OUT)}

    assert counts == {QUESTION: 150, TELLS_OF_DANGER: 60, LOOK_ALIKE: 60, OUT: 60}
    assert {entry_id for each in messages for entry_id in each.accept} == set(snapshot.entries_by_id)
    assert all(bool(each.accept) is (each.kind in {QUESTION, LOOK_ALIKE}) and bool(each.tier) is (each.kind == TELLS_OF_DANGER) for each in messages)
    assert len({each.said for each in messages}) == len(messages)


def test_no_more_of_them_are_taught_than_the_page_says(messages: list[Message], snapshot: Snapshot) -> None:
    """Some stand in the knowledge by chance: whoever learns from one of the others takes it out of the comparison."""
    lessons, entries = read_lessons(ROOT / "knowledge"), snapshot.knowledge.entries
    taught = {words(text) for text, _ in (*lessons.questions, *lessons.dangers)}
    taught |= {words(text) for entry in entries for text in (*entry.contrasts, *entry.hits, *entry.misses)}
    found = [each for each in messages if words(each.said) in taught]
    told = re.search(r"(\d+) of the 330 stand word for word", PAGE.read_text(encoding="utf-8"))

    assert told
    assert len(found) <= int(told[1])
    assert [each.said for each in found if each.kind == TELLS_OF_DANGER] == []


# --- the page -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def figures(page: str, messages: list[Message]) -> dict[str, dict[str, str]]:
    """Title -> column -> cell, of the first table."""
    text = between(page, "figures")
    head = [name.split(", of ")[0] for name in columns(messages, cost=True)]
    return {title: dict(zip(head, row.strip("| ").split(" | "), strict=True)) for title, row in rows_of(text).items()}


def test_its_tables_have_their_shape(page: str, messages: list[Message]) -> None:
    text = between(page, "figures")

    assert re.match(r"\d{4}-\d\d-\d\d, `python -m benchmarks\.why[^`]*`: \w+ on \w+, \d+ cores, Python 3\.\d+\.\d+\.\n", text)
    assert f"| {' | '.join(columns(messages, cost=True))} |" in text.splitlines()
    assert list(rows_of(text)) == [rival.title for rival in RIVALS.values()]
    assert {RIVALS[name].title for name in QUICK} <= set(rows_of(between(page, "seen"))) <= set(rows_of(text))
    assert between(page, "keeps") == keeps_table()
    assert all(re.search(r"\| \d{4}-\d\d-\d\d \|$", row) for part in ("figures", "seen") for row in rows_of(between(page, part)).values())


def share(cell: str, whole: int) -> float:
    return int(cell) / whole


def test_what_it_says_in_words_stands_in_a_row(page: str, figures: dict[str, dict[str, str]]) -> None:
    """Each claim under "What it means", beside the figure it stands on."""
    assert "## What it means" in page
    own, svm, keywords, bm25, letters = (figures[RIVALS[name].title] for name in (OWN, "svm_svm", "keywords", "bm25", "token_set"))

    unalarmed = [figures[rival.title] for rival in RIVALS.values() if not rival.alarm]
    assert len(unalarmed) > 5
    assert {row["emergencies missed"] for row in unalarmed} == {"60"}  # "Without an alarm every emergency is missed."
    assert 0.2 < 1 - share(keywords["emergencies missed"], 60) < 0.3  # "It finds a quarter"
    assert 0.28 < share(keywords["look-alikes alarmed"], 60) < 0.38  # "sounds at a third"
    assert int(svm["right answers"]) > int(own["right answers"])  # "gives more right answers at once"
    assert int(own["offered"]) > 0 == int(svm["offered"])  # "where this bot offers a choice"
    assert svm["emergencies missed"] == own["emergencies missed"] == "0"  # "misses no emergency either"
    alarmed = [int(row["look-alikes alarmed"]) + int(row["plain messages alarmed"]) for row in (own, svm)]
    assert alarmed[0] < alarmed[1]  # "and raises a few more false alarms"
    assert float(bm25["start, CPU s"]) < float(own["start, CPU s"]) / 2  # "less than half the time"
    assert 0.3 < float(bm25["CPU s per 1,000"]) / float(own["CPU s per 1,000"]) < 0.7  # "about half the CPU"
    assert float(letters["peak MB"]) < float(own["peak MB"]) / 3  # "fits into a third of the memory"
    assert own["out of scope answered"] == "0"
    assert float(own["peak MB"]) < min(100.0, float(svm["peak MB"]) / 3 + 1)  # "a third of what the SVM with alarms takes"


def test_every_rival_that_the_words_name_has_a_row(page: str, figures: dict[str, dict[str, str]]) -> None:
    named = {"BM25": "bm25", "SVM": "svm", "ChatterBot": "chatterbot", "nlp.js": "nlp_js", "MiniLM": "minilm", "list of emergency words": "keywords"}
    spoken = {name for name in named if name in page}

    assert spoken == set(named)
    assert all(RIVALS[named[name]].title in figures for name in spoken)


def test_it_says_what_was_not_measured(page: str) -> None:
    told = page[page.index("## What was not measured") :]

    assert all(words in told for words in ("language model", "hosted service", "other language", "No real people", "no clinician"))


def test_a_part_is_replaced_and_nothing_else(page: str) -> None:
    changed = replaced(page, "figures", "| bot |\n| --- |\n| a |")

    assert between(changed, "figures") == "| bot |\n| --- |\n| a |"
    assert replaced(changed, "figures", between(page, "figures")) == page
    with pytest.raises(ValueError, match="substring not found"):
        between(page, "unheard of")


def test_rows_that_were_not_measured_now_stay_with_their_date() -> None:
    head = ("bot", "missed", "measured")
    titles = first, second = "this bot", "another"
    old = table(head, titles, {first: [first, "1", "2026-01-01"], second: [second, "2", "2026-01-01"]}, "")
    new = table(head, titles, {first: [first, "0", "2026-02-02"]}, old)

    assert rows_of(new) == {first: f"| {first} | 0 | 2026-02-02 |", second: f"| {second} | 2 | 2026-01-01 |"}
    assert list(rows_of(table(("bot", "other columns"), titles, {}, old))) == []


def test_the_make_file_writes_it() -> None:
    made = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert "benchmarks.why" in made[made.index("bench: ") : made.index("\n\n", made.index("bench: "))]


def test_the_messages_are_those_the_page_names() -> None:
    assert MESSAGES.name == "compare.yaml"
    assert "tests/cases/compare.yaml" in PAGE.read_text(encoding="utf-8")
