"""`match`: messages in, decisions out, one JSON line each."""

import json
from collections.abc import Iterable, Mapping

import pytest

from bot.batch import match_lines
from bot.core.snapshot import Snapshot
from bot.errors import BotError, InputError
from bot.knowledge.loader import load_snapshot
from tests.kitchen import DANGERS, write_kitchen

BOIL = "how long do i boil an egg"
KNEAD = "how long do i knead dough"
STALE = "what can i do with stale bread"
FIELDS = ["id", "kind", "entries", "offered", "score", "ranking", "tier", "flags", "soft"]


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load_snapshot(write_kitchen(tmp_path_factory.mktemp("kitchen"), DANGERS))


def rows(kitchen: Snapshot, *messages: Mapping[str, object]) -> list[dict[str, object]]:
    return [json.loads(line) for line in match_lines(map(json.dumps, messages), kitchen)]


def row(kitchen: Snapshot, text: str) -> dict[str, object]:
    (only,) = rows(kitchen, {"id": "r1", "text": text})
    return only


@pytest.mark.parametrize(
    ("text", "kind", "entries", "offered"),
    [
        (BOIL, "answer", ["boiled-eggs"], []),
        (f"{BOIL}, and {STALE}", "answer", ["boiled-eggs", "stale-bread"], []),
        ("hello", "smalltalk", [], []),
        ("what is the capital of peru", "none", [], []),
        ("", "none", [], []),
        ("🙂", "none", [], []),
    ],
    ids=["one question", "two questions", "small talk", "not ours", "nothing", "no words"],
)
def test_a_quiet_message_says_what_was_decided(kitchen: Snapshot, text: str, kind: str, entries: list[str], offered: list[str]) -> None:
    found = row(kitchen, text)

    assert (found["kind"], found["entries"], found["offered"]) == (kind, entries, offered)
    assert (found["tier"], found["flags"], found["soft"]) == (None, [], False)


def test_an_unsure_message_gets_an_offer_of_two_or_three(kitchen: Snapshot) -> None:
    found = row(kitchen, "eggs dough minutes")

    assert (found["kind"], found["entries"]) == ("offer", [])
    offered = found["offered"]
    assert isinstance(offered, list)
    assert len(offered) in (2, 3)
    assert set(offered) <= set(kitchen.entries_by_id)


@pytest.mark.parametrize(
    ("text", "kind", "tier", "flags", "entries", "offered"),
    [
        ("i want to die", "red_flag", "crisis", ["despair"], [], []),
        (f"i want to die. {BOIL}", "red_flag", "crisis", ["despair"], [], []),
        ("i smell gas", "red_flag", "emergency", ["gas"], [], []),
        (f"i smell gas. {BOIL}", "red_flag", "emergency", ["gas"], [], ["boiled-eggs"]),
        ("i smell gas. my fried eggs stick to the pan", "red_flag", "emergency", ["gas"], [], []),
        (f"i have a deep cut. {KNEAD}", "red_flag", "urgent_today", ["deep-cut"], [], ["knead-dough"]),
        ("deep cut. i smell gas", "red_flag", "emergency", ["gas", "deep-cut"], [], []),
        (f"my burn has blistered. {KNEAD}", "answer", "gp_soon", ["small-burn"], ["knead-dough"], []),
        ("my burn has blistered", "none", "gp_soon", ["small-burn"], [], []),
    ],
    ids=["crisis", "crisis offers nothing", "emergency", "held back", "withheld", "urgent", "the graver speaks", "gp line", "gp line alone"],
)
def test_a_live_danger_says_its_tier_and_flags(
    kitchen: Snapshot, text: str, kind: str, tier: str, flags: list[str], entries: list[str], offered: list[str]
) -> None:
    found = row(kitchen, text)

    assert (found["kind"], found["tier"], found["flags"], found["soft"]) == (kind, tier, flags, False)
    assert (found["entries"], found["offered"]) == (entries, offered)


@pytest.mark.parametrize(
    ("text", "kind", "entries", "offered"),
    [("is a gas leak dangerous", "offer", [], ["old-eggs"]), (f"is a gas leak dangerous? and {BOIL}", "answer", ["boiled-eggs"], [])],
    ids=["the safety entry is offered", "beside an answer"],
)
def test_a_danger_only_asked_about_is_soft(kitchen: Snapshot, text: str, kind: str, entries: list[str], offered: list[str]) -> None:
    found = row(kitchen, text)

    assert (found["kind"], found["entries"], found["offered"]) == (kind, entries, offered)
    assert (found["tier"], found["flags"], found["soft"]) == (None, ["gas"], True)


@pytest.mark.parametrize("text", [BOIL, "hello", "i smell gas", "is a gas leak dangerous", "zzz", ""])
def test_every_line_has_the_same_fields_in_the_same_order(kitchen: Snapshot, text: str) -> None:
    found = row(kitchen, text)

    assert list(found) == FIELDS
    assert found["id"] == "r1"


@pytest.mark.parametrize("text", [BOIL, "hello", "i smell gas", "what is the capital of peru"])
def test_the_ranking_holds_the_best_five_whatever_was_decided(kitchen: Snapshot, text: str) -> None:
    found = row(kitchen, text)
    ranking = found["ranking"]

    assert isinstance(ranking, list)
    assert sorted(entry_id for entry_id, _ in ranking) == sorted(kitchen.entries_by_id)
    assert all(0.0 <= confidence <= 1.0 and confidence == round(confidence, 4) for _, confidence in ranking)
    assert found["score"] == ranking[0][1]


def test_without_words_there_is_no_ranking(kitchen: Snapshot) -> None:
    found = row(kitchen, "")

    assert (found["score"], found["ranking"]) == (0.0, [])


def test_turns_are_one_conversation_and_the_last_one_counts(kitchen: Snapshot) -> None:
    """Alone, these words are not enough to go by."""
    last, alone = rows(kitchen, {"id": 1, "turns": ["my fried eggs stick to the pan", "what fat"]}, {"id": 2, "turns": ["what fat"]})

    assert last["kind"] in ("answer", "offer")
    assert "fried-eggs" in str([last["entries"], last["offered"]])
    assert alone["kind"] == "none"


def test_conversations_do_not_know_each_other(kitchen: Snapshot) -> None:
    follow_up = {"id": 2, "text": "what fat"}
    (_, after), (alone,) = rows(kitchen, {"id": 1, "text": "my fried eggs stick to the pan"}, follow_up), rows(kitchen, follow_up)

    assert after == alone


def test_lines_come_out_in_order_and_as_they_are_read(kitchen: Snapshot) -> None:
    taken: list[int] = []

    def lines() -> Iterable[str]:
        for number in range(3):
            taken.append(number)
            yield json.dumps({"id": number, "text": BOIL})

    found = match_lines(lines(), kitchen)
    assert json.loads(next(found))["id"] == 0
    assert taken == [0]
    assert [json.loads(line)["id"] for line in found] == [1, 2]


def test_empty_lines_are_passed_over_and_other_fields_ignored(kitchen: Snapshot) -> None:
    line = json.dumps({"id": None, "text": BOIL, "note": "easy", "turns": None})

    assert [json.loads(found)["id"] for found in match_lines(["\n", line, "  "], kitchen)] == [None]


def test_letters_stay_letters(kitchen: Snapshot) -> None:
    (line,) = match_lines([json.dumps({"id": "zoë", "text": "x"})], kitchen)

    assert "zoë" in line


@pytest.mark.parametrize(
    "bad",
    [
        "not json",
        "{",
        "[]",
        "7",
        "null",
        '"text"',
        "{}",
        '{"id": 1}',
        '{"id": 1, "text": null}',
        '{"id": 1, "text": 7}',
        '{"id": 1, "turns": []}',
        '{"id": 1, "turns": "an egg"}',
        '{"id": 1, "turns": 7}',
        '{"id": 1, "turns": {"text": 1}}',
        '{"id": 1, "turns": ["an egg", 7]}',
        pytest.param("[" * 100_000, id="a deep hole"),
    ],
)
def test_a_line_that_is_no_message_is_named_by_its_number(kitchen: Snapshot, bad: str) -> None:
    found = match_lines([json.dumps({"id": 1, "text": BOIL}), "", bad], kitchen)
    next(found)

    with pytest.raises(InputError, match=r"^line 3: ") as caught:
        next(found)
    assert isinstance(caught.value, BotError)
