"""The comparison on public sets: what its figures mean, and that a set becomes a folder which loads and answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.compare import adversarial_ms, auroc, balanced, percentile, read_options, report, table_row
from benchmarks.folders import (
    LONGEST,
    TYPO_KINDS,
    Bench,
    Row,
    entry_id,
    find_sets,
    mistyped,
    read_bench,
    slow_messages,
    without_conflicts,
    write_folder,
)
from benchmarks.peers import MAKERS, OOS, OURS, Maker, Measured, Ranked, Task, measure, peak_mb
from bot.knowledge.loader import load_snapshot
from tests.conftest import ROOT

PUBLIC = ROOT.parent / "shared" / "bench"
EGGS = ("how long do i boil an egg", "how many minutes for a soft egg", "when is a boiled egg done")
DOUGH = ("how long do i knead bread dough", "is my dough kneaded enough", "when do i stop kneading dough")


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    """A set of two intents, as it is published."""
    folder = tmp_path / "kitchen"
    train = [*({"text": text, "intent": "Boil_Eggs"} for text in EGGS), *({"text": text, "intent": "KNEAD dough?"} for text in DOUGH)]
    dev = [
        {"text": "minutes to boil a soft egg", "intent": "Boil_Eggs"},
        {"text": "how long must dough be kneaded", "intent": "KNEAD dough?"},
        {"text": "who won the match last night", "intent": "oos"},
    ]
    folder.mkdir()
    for name, rows in (("train", train), ("dev", dev), ("oos_train", [{"text": "sing me a sea shanty", "intent": "oos"}])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


# --- sets and folders ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("intent", "made"),
    [
        ("card_arrival", "card-arrival"),
        ("CALL_CENTER", "call-center"),
        ("reverted_card_payment?", "reverted-card-payment"),
        ("  What's new?! ", "what-s-new"),
        ("a" * 47 + "_b", "a" * 47),
        ("oos", OOS),
    ],
    ids=["underscore", "capitals", "mark at the end", "marks and spaces", "too long, cut at a hyphen", "out of scope"],
)
def test_an_intent_becomes_an_id(intent: str, made: str) -> None:
    assert entry_id(intent) == made


def test_an_intent_without_letters_is_refused() -> None:
    with pytest.raises(ValueError, match="no id can be made of the intent '\\?\\?'"):
        entry_id("??")


@pytest.mark.parametrize(
    ("rows", "kept", "conflicts"),
    [
        ([("Ice?", "a"), ("heat", "b")], ["Ice?", "heat"], 0),
        ([("Ice?", "a"), ("heat", "b"), ("ICE", "b")], ["heat"], 2),
        ([("ice", "a"), ("Ice!", "a")], ["ice"], 0),
        ([("ice", "a"), ("ice", OOS)], [], 2),
        ([("?!", "a"), ("...", "b"), ("ice", "a")], ["ice"], 0),
    ],
    ids=["two that differ", "one under two entries", "one twice under its own", "asked and declined", "no words"],
)
def test_words_that_stand_under_two_entries_teach_neither(rows: list[tuple[str, str]], kept: list[str], conflicts: int) -> None:
    left, dropped = without_conflicts([Row(text, entry) for text, entry in rows])

    assert ([row.text for row in left], dropped) == (kept, conflicts)


def test_two_intents_of_one_id_are_refused(kitchen: Path) -> None:
    with (kitchen / "dev.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"text": "eggs", "intent": "boil-eggs"}) + "\n")

    with pytest.raises(ValueError, match="'Boil_Eggs' and 'boil-eggs' both become the id 'boil-eggs'"):
        read_bench(kitchen)


def test_sets_are_found_or_missed_by_name(kitchen: Path) -> None:
    assert find_sets(kitchen.parent) == [kitchen]
    with pytest.raises(FileNotFoundError, match=r"garden/train\.jsonl.*not there"):
        find_sets(kitchen.parent, ["kitchen", "garden"])
    with pytest.raises(FileNotFoundError, match="name a folder of sets"):
        find_sets(kitchen)


def test_a_set_becomes_a_folder_that_teaches_its_sentences_and_nothing_else(kitchen: Path, tmp_path: Path) -> None:
    knowledge = load_snapshot(write_folder(read_bench(kitchen), tmp_path / "folder"), try_sentences=False).knowledge

    assert {entry.id: entry.asks for entry in knowledge.entries} == {"boil-eggs": EGGS, "knead-dough": DOUGH}
    assert "sing me a sea shanty" in knowledge.none
    assert (knowledge.topic.name, knowledge.red_flags.flags) == ("kitchen", ())


# --- typos and slow messages --------------------------------------------------------------------------------------------


@pytest.mark.skipif(not (PUBLIC / "typos.py").is_file(), reason="the public sets are not here")
@pytest.mark.parametrize("kind", TYPO_KINDS)
def test_typos_are_the_ones_the_script_makes(kind: str) -> None:
    texts = ["sing me a sea shanty", "", "Ça fait mal, 12 a.m.?", *EGGS, *DOUGH] * 5
    given = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    printed = subprocess.run([sys.executable, PUBLIC / "typos.py", kind], input=given, capture_output=True, encoding="utf-8", check=True).stdout

    assert mistyped(texts, kind, PUBLIC / "typos.py") == [json.loads(line)["text"] for line in printed.splitlines()]


def test_typos_need_their_script(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="it makes the typos"):
        mistyped(["ice"], "message", tmp_path / "typos.py")


def test_slow_messages_are_as_long_as_a_message_can_be_and_always_the_same() -> None:
    messages = slow_messages(["egg", "dough"])

    assert {len(text) for texts in messages.values() for text in texts} == {LONGEST}
    assert messages == slow_messages(["egg", "dough"])


def test_every_kind_of_slow_message_is_timed(kitchen: Path, tmp_path: Path) -> None:
    ms_by_kind = adversarial_ms(load_snapshot(write_folder(read_bench(kitchen), tmp_path / "folder"), try_sentences=False))

    assert ms_by_kind.keys() == slow_messages(["egg"]).keys()
    assert all(ms > 0 for ms in ms_by_kind.values())


# --- figures ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "outside", "area"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1, 0.2], [0.9, 0.8], 0.0),
        ([0.5, 0.5], [0.5], 0.5),
        ([0.9, 0.5], [0.5, 0.1], 0.875),
        ([0.9], [], None),
        ([], [0.9], None),
    ],
    ids=["apart", "the wrong way round", "all equal", "one pair equal", "nothing outside", "nothing inside"],
)
def test_auroc_counts_pairs_and_equal_ones_half(inside: list[float], outside: list[float], area: float | None) -> None:
    assert auroc(inside, outside) == area


@pytest.mark.parametrize(
    ("inside", "outside", "shares"),
    [
        ([(0.9, True), (0.8, True)], [0.1, 0.2], (1.0, 1.0)),
        ([(0.9, True), (0.8, False)], [0.1, 0.2], (0.5, 1.0)),
        ([(0.3, True), (0.9, True)], [0.1, 0.5], (1.0, 0.5)),
        ([(0.5, True)], [0.5, 0.5], (1.0, 0.0)),
        ([(0.5, False)], [0.7], (0.0, 1.0)),
        ([(0.5, True)], [], None),
    ],
    ids=["apart", "wrong entry", "overlapping", "equal: answered", "never right", "nothing outside"],
)
def test_the_balanced_threshold_is_best_for_the_sum(
    inside: list[tuple[float, bool]], outside: list[float], shares: tuple[float, float] | None
) -> None:
    assert balanced(inside, outside) == shares


@pytest.mark.parametrize(("percent", "value"), [(50, 2.0), (99, 4.0), (100, 4.0), (0, 1.0)])
def test_a_percentile_is_one_of_the_values(percent: int, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], percent) == value


def test_a_row_of_a_peer_has_a_threshold_chosen_for_it_and_ours_does_not() -> None:
    wanted = ["a", "b", OOS]
    said = [Ranked(["a", "b"], 0.9, None), Ranked(["a", "b"], 0.6, None), Ranked(["a"], 0.2, None)]
    peer = Measured(0.5, 40.2, [1.0, 2.0, 3.0], said, {"message": ["a", "b", "a"]})
    ours = Measured(0.5, 40.2, [1.0, 2.0, 3.0], [ranked._replace(answered=["a"]) for ranked in said], {})

    rest = ["2.00", "3.00", "0.50", "40"]
    assert table_row("peer", wanted, peer) == ["peer", "50.0", "100.0", "1.000", "50/100", "100.0", "–", *rest]
    assert table_row("ours", wanted, ours) == ["ours", "50.0", "100.0", "1.000", "50/0", "–", "–", *rest]


# --- engines ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [OURS, "wratio", "token_set"])
def test_an_engine_ranks_the_intent_of_a_message_first(name: str, kitchen: Path, tmp_path: Path) -> None:
    bench = read_bench(kitchen)
    folder = write_folder(bench, tmp_path / "folder")
    task = Task(str(folder), [(row.text, row.entry_id) for row in bench.train], [row.text for row in bench.dev], {"message": ["boil an eg"]})

    measured = measure(MAKERS[name], task)

    assert [ranked.top[0] for ranked in measured.dev[:2]] == ["boil-eggs", "knead-dough"]
    assert all(OOS not in ranked.top for ranked in measured.dev)
    assert measured.typos == {"message": ["boil-eggs"]}
    assert len(measured.ms) == 3
    assert 1 < measured.rss_mb <= peak_mb()


def test_what_a_peer_would_decline_scores_below_all_it_would_answer() -> None:
    train = [("sing me a song", OOS), ("boil an egg", "eggs")]
    declined, kept = measure(MAKERS["token_set"], Task("", train, ["sing a song", "zzz"], {})).dev

    assert (declined.top, kept.top) == (["eggs"], ["eggs"])
    assert declined.score < kept.score


def test_a_missing_package_is_a_line_that_says_how_to_get_it() -> None:
    maker = Maker("Such a thing", ("json", "no_such_module.at_all"), MAKERS[OURS].build, "no-such-package")

    assert maker.missing() == "Such a thing is left out: no no_such_module.at_all; get it with `pip install no-such-package`"
    assert MAKERS[OURS].missing() == ""


def test_the_report_of_a_set_is_a_line_and_a_table(kitchen: Path) -> None:
    bench: Bench = read_bench(kitchen)
    head, columns, rule, ours = report(bench, [OURS], None)

    assert head.endswith("kitchen: 7 rows of train, 3 of dev (1 out of scope), 0 dropped as conflicts\n")
    assert ours.startswith("| this bot | 100.0 | 100.0 | 1.000 |")
    assert columns.count("|") == rule.count("|") == ours.count("|")


def test_an_engine_nobody_knows_ends_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_options(["--peers", "bm25,oracle"])

    assert "no engine is called oracle" in capsys.readouterr().err
