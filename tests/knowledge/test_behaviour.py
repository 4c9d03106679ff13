"""What two versions make of the sentences that their authors wrote down, and what nobody gets any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.content import NoteWordings, Numbers, Region, Signature, Source, Tier
from bot.core.knowledge import Knowledge
from bot.core.snapshot import Snapshot, build_snapshot
from bot.knowledge import behaviour
from bot.knowledge.behaviour import Change, Difference, Loss, Reaction, compare, known_sentences, react
from bot.knowledge.loader import load_snapshot
from bot.knowledge.thaw import freeze, thaw
from tests.kitchen import DANGERS, ENTRIES, write_kitchen

EGGS = "entries/eggs.yaml"
BOIL, FRY, BREAD = "boiled-eggs", "fried-eggs", "stale-bread"


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load_snapshot(write_kitchen(tmp_path_factory.mktemp("kitchen"), DANGERS))


@pytest.fixture(scope="module")
def without_bread(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The same after `stale-bread` was taken out, and no longer warned of by the flag on gas."""
    red_flags = DANGERS["red_flags.yaml"].replace("any: [smell of gas, smell gas]", "any: [hiss of gas]").replace("[i smell gas]", "[a hiss of gas]")
    folder = write_kitchen(tmp_path_factory.mktemp("kitchen"), DANGERS, {"red_flags.yaml": red_flags})
    bread = ENTRIES["entries/bread.yaml"]
    (folder / "entries/bread.yaml").write_text(bread[: bread.index("- id: stale-bread")], encoding="utf-8")
    return load_snapshot(folder)


# --- one sentence ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("how long do i boil an egg", Reaction("answered", (BOIL,))),
        ("i smell gas", Reaction("alarm", (), ("gas",), Tier.EMERGENCY)),
        ("i want to die", Reaction("alarm", (), ("despair",), Tier.CRISIS)),
        ("i smell gas. how long do i boil an egg", Reaction("alarm", (BOIL,), ("gas",), Tier.EMERGENCY)),
        ("my burn has blistered", Reaction("unknown", (), ("small-burn",), Tier.GP_SOON)),
        ("hello", Reaction("smalltalk", ("hello",))),
        ("combien de temps faut-il pour faire cuire des oeufs durs", Reaction("foreign")),
        ("who won the chess match", Reaction("unknown")),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind,
)
def test_what_a_new_person_gets(sentence: str, expected: Reaction, kitchen: Snapshot) -> None:
    assert react(kitchen, sentence) == expected


def test_what_is_only_asked_about_raises_nothing(kitchen: Snapshot) -> None:
    reaction = react(kitchen, "is a gas leak dangerous")

    assert (reaction.flags, reaction.tier) == ((), None)
    assert reaction.kind == "offered"


@pytest.mark.parametrize(
    ("reaction", "leads_to"),
    [
        (Reaction("answered", ("a",), also=("b",)), ("a", "b")),
        (Reaction("offered", ("a", "b")), ("a", "b")),
        (Reaction("alarm", ("a",), ("gas",), Tier.CRISIS), ("a",)),
        (Reaction("smalltalk", ("hello",)), ()),
        (Reaction("unknown"), ()),
    ],
    ids=lambda value: value.kind if isinstance(value, Reaction) else "",
)
def test_what_is_within_reach(reaction: Reaction, leads_to: tuple[str, ...]) -> None:
    assert reaction.leads_to == leads_to


def test_the_known_sentences_are_what_authors_wrote_each_once(kitchen: Snapshot, without_bread: Snapshot) -> None:
    sentences = known_sentences(kitchen.knowledge, without_bread.knowledge)

    assert len(sentences) == len(set(sentences))
    # A title, an ask, one that is to be refused, each kind that a flag is tried on, and what only the newer one has.
    assert {"How long to boil an egg", "how do i boil eggs", "i smell gas", "is a gas leak dangerous", "a hiss of gas"} <= set(sentences)
    assert all(sentence in sentences for entry in kitchen.knowledge.entries for sentence in (entry.title, *entry.asks, *entry.hits, *entry.misses))
    assert all(sentence in sentences for flag in kitchen.knowledge.red_flags.flags for sentence in (*flag.fires_on, *flag.silent_on, *flag.soft_on))
    assert known_sentences(kitchen.knowledge) == sentences[: len(known_sentences(kitchen.knowledge))]


# --- two versions ---------------------------------------------------------------------------------------------------


def test_what_was_taken_out_is_lost_the_red_flag_first(kitchen: Snapshot, without_bread: Snapshot) -> None:
    difference = compare(kitchen, without_bread)
    lost = {change.sentence: change.loss for change in difference.losses}

    assert difference.tried == len(known_sentences(kitchen.knowledge, without_bread.knowledge))
    assert difference.changes[0] == Change(
        "i smell gas", Reaction("alarm", (), ("gas",), Tier.EMERGENCY), react(without_bread, "i smell gas"), Loss.RED_FLAG
    )
    assert {lost.get(sentence) for sentence in ("use up old bread", "rescue a hard loaf", "What to do with stale bread")} == {Loss.ANSWER}
    assert set(lost.values()) == {Loss.RED_FLAG, Loss.ANSWER}
    assert next(change for change in difference.changes if change.sentence == "a hiss of gas").loss is None


def test_the_other_way_round_is_the_mirror(kitchen: Snapshot, without_bread: Snapshot) -> None:
    there, back = compare(kitchen, without_bread), compare(without_bread, kitchen)

    assert there.changes
    assert {(each.sentence, each.before, each.after) for each in there.changes} == {(each.sentence, each.after, each.before) for each in back.changes}
    assert [change.sentence for change in back.losses] == ["a hiss of gas"], "what comes back is no loss"


def test_each_try_is_told_of(kitchen: Snapshot, without_bread: Snapshot) -> None:
    told: list[tuple[int, int]] = []
    difference = compare(kitchen, without_bread, lambda done, count: told.append((done, count)))

    assert told == [(done, 2 * difference.tried) for done in range(1, 2 * difference.tried + 1)]


# --- what is only shown ---------------------------------------------------------------------------------------------

SIGNED = Signature("A. Person", "physiotherapist", "2026-01-31")
SHOWN: Mapping[str, Mapping[str, Any]] = {
    "answer": {"answer": "Something else. " * 30},
    "more": {"more": "A long part."},
    "full note": {"full_note": True},
    "sources": {"sources": (Source("NHS", "Eggs", "https://www.nhs.uk/"),)},
    "checked": {"checked": SIGNED},
    "reviewed": {"reviewed": SIGNED},
}


def with_entries(knowledge: Knowledge, change: Mapping[str, Any]) -> Knowledge:
    return replace(knowledge, version="another", entries=tuple(replace(entry, **change) for entry in knowledge.entries))


def other_words(knowledge: Knowledge) -> Knowledge:
    """Every sentence, alarm, note and number another one."""
    messages, topic = knowledge.messages, knowledge.topic
    return replace(
        knowledge,
        version="another",
        messages=replace(
            messages,
            sentences=dict.fromkeys(messages.sentences, ("Something else.",)),
            alarms=dict.fromkeys(messages.alarms, "Call somebody."),
            first_lines=dict.fromkeys(messages.first_lines, "Call somebody."),
            reminders=dict.fromkeys(messages.reminders, "Call somebody."),
        ),
        topic=replace(topic, contact="Somebody", emergency_line="Call somebody.", notes_by_tier=dict(list(topic.notes_by_tier.items())[::-1])),
        numbers=Numbers((Region("uk", "UK", {"emergency": "999"}),)),
    )


def another_note(knowledge: Knowledge) -> Knowledge:
    wordings = NoteWordings(("Ask somebody.",), ("Ask.",))
    return with_entries(replace(knowledge, messages=replace(knowledge.messages, notes={"other": wordings})), {"note": "other"})


CHANGES = {name: partial(with_entries, change=change) for name, change in SHOWN.items()} | {"words": other_words, "note": another_note}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_only_shown_decides_nothing_so_nothing_is_tried(change: Any, kitchen: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    other = build_snapshot(change(kitchen.knowledge), kitchen.lessons)
    sentences = known_sentences(kitchen.knowledge)

    assert other.knowledge != kitchen.knowledge
    assert [react(other, sentence) for sentence in sentences] == [react(kitchen, sentence) for sentence in sentences]
    monkeypatch.delattr(behaviour, "react")
    assert compare(kitchen, other) == Difference(len(sentences), ())


DECIDE = {
    "title": lambda knowledge: with_entries(knowledge, {"title": "Eggs"}),
    "tier": lambda knowledge: with_entries(knowledge, {"tier": Tier.URGENT_TODAY}),
    "small talk": lambda knowledge: replace(knowledge, smalltalk=knowledge.smalltalk[1:]),
    "none": lambda knowledge: replace(knowledge, none=("how do i knead",)),
    "an example": lambda knowledge: replace(knowledge, examples=replace(knowledge.examples, digest="another")),
    "a question": lambda knowledge: replace(knowledge, questions=replace(knowledge.questions, digest="another")),
    "a flag": lambda knowledge: replace(knowledge, red_flags=replace(knowledge.red_flags, flags=knowledge.red_flags.flags[1:])),
    "the subject": lambda knowledge: replace(knowledge, topic=replace(knowledge.topic, subject=("egg",))),
    "a language": lambda knowledge: replace(knowledge, messages=replace(knowledge.messages, other_languages={})),
}


@pytest.mark.parametrize("change", DECIDE.values(), ids=DECIDE)
def test_whatever_may_decide_is_tried(change: Any, kitchen: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def heard(_snapshot: Snapshot, sentence: str) -> Reaction:
        said.append(sentence)
        return UNKNOWN

    monkeypatch.setattr(behaviour, "react", heard)
    compare(kitchen, replace(kitchen, knowledge=change(kitchen.knowledge)))

    assert set(said) >= set(known_sentences(kitchen.knowledge))


# --- what counts as lost, on made-up reactions ----------------------------------------------------------------------

UNKNOWN = Reaction("unknown")
BOILED, FRIED = Reaction("answered", (BOIL,)), Reaction("answered", (FRY,))
GAS, CUT = Reaction("alarm", (), ("gas",), Tier.EMERGENCY), Reaction("alarm", (), ("deep-cut",), Tier.URGENT_TODAY)
DESPAIR = Reaction("alarm", (), ("despair",), Tier.CRISIS)
SOON = Reaction("answered", (BOIL,), ("small-burn",), Tier.GP_SOON)
SAID = "how do i boil eggs"
TITLE = "How long to boil an egg"
"""Known, and nobody's ask."""


def as_if(monkeypatch: pytest.MonkeyPatch, *reactions: Mapping[str, Reaction]) -> None:
    """Let the versions `0`, `1` and so on react as these say, and to every other sentence not at all."""
    by_version = {str(number): each for number, each in enumerate(reactions)}
    monkeypatch.setattr(behaviour, "react", lambda snapshot, sentence: by_version[snapshot.version].get(sentence, UNKNOWN))


def version(number: int, kitchen: Snapshot, **entries: Mapping[str, Any]) -> Snapshot:
    """The kitchen as another version, with these fields of its entries changed."""
    changes = {entry_id.replace("_", "-"): change for entry_id, change in entries.items()}
    changed = tuple(replace(entry, **changes.get(entry.id, {})) for entry in kitchen.knowledge.entries)
    # Small talk that grows, so that something decides.
    talk = kitchen.knowledge.smalltalk * (number + 1)
    return replace(kitchen, knowledge=replace(kitchen.knowledge, version=str(number), entries=changed, smalltalk=talk))


@pytest.mark.parametrize(
    ("before", "after", "loss"),
    [
        (BOILED, UNKNOWN, Loss.ANSWER),
        (BOILED, Reaction("smalltalk", (BOIL,)), Loss.ANSWER),
        (BOILED, Reaction("foreign"), Loss.ANSWER),
        (BOILED, Reaction("offered", (FRY, BOIL)), None),
        (BOILED, Reaction("offered", (FRY,)), Loss.ANSWER),
        (BOILED, Reaction("answered", (FRY, BOIL)), None),
        (BOILED, Reaction("answered", (FRY,), also=(BOIL,)), None),
        (Reaction("answered", (BOIL, FRY)), BOILED, Loss.ANSWER),
        (Reaction("answered", (BOIL,), also=(FRY,)), BOILED, None),
        (Reaction("offered", (BOIL,)), UNKNOWN, None),
        (BOILED, GAS, Loss.ANSWER),
        (BOILED, replace(GAS, about=(BOIL,)), None),
        (UNKNOWN, BOILED, None),
        (GAS, UNKNOWN, Loss.RED_FLAG),
        (GAS, CUT, Loss.RED_FLAG),
        (GAS, DESPAIR, None),
        (DESPAIR, GAS, Loss.RED_FLAG),
        (CUT, GAS, None),
        (GAS, replace(GAS, flags=("another",)), None),
        (SOON, BOILED, Loss.RED_FLAG),
        (SOON, UNKNOWN, Loss.RED_FLAG),
        (replace(GAS, about=(BOIL,)), GAS, None),
        (BOILED, SOON, None),
    ],
)
def test_what_is_lost(before: Reaction, after: Reaction, loss: Loss | None, kitchen: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    as_if(monkeypatch, {TITLE: before}, {TITLE: after})

    assert compare(version(0, kitchen), version(1, kitchen)).changes == (Change(TITLE, before, after, loss),)


@pytest.mark.parametrize(
    ("entries", "loss"),
    [
        ({}, Loss.ANSWER),
        ({"boiled_eggs": {"asks": ()}}, Loss.ANSWER),
        ({"fried_eggs": {"asks": (SAID,)}}, Loss.ANSWER),
        ({"boiled_eggs": {"asks": ()}, "fried_eggs": {"asks": (SAID,)}}, None),
        ({"boiled_eggs": {"asks": ()}, "fried_eggs": {"hits": (SAID,)}}, None),
        ({"boiled_eggs": {"asks": (), "hits": (SAID,)}, "fried_eggs": {"asks": (SAID,)}}, Loss.ANSWER),
        ({"boiled_eggs": {"asks": ()}, "stale_bread": {"asks": (SAID,)}}, Loss.ANSWER),
        ({"boiled_eggs": {"misses": (SAID,)}}, None),
        ({"fried_eggs": {"misses": (SAID,)}}, Loss.ANSWER),
    ],
    ids=[
        "nobody says so",
        "taken away",
        "given to both",
        "moved",
        "moved into hits",
        "kept in hits",
        "moved elsewhere",
        "not meant",
        "not the other's",
    ],
)
def test_an_answer_that_its_author_moved_is_not_lost(
    entries: Mapping[str, Any], loss: Loss | None, kitchen: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_if(monkeypatch, {SAID: BOILED}, {SAID: FRIED})
    (change,) = [each for each in compare(version(0, kitchen), version(1, kitchen, **entries)).changes if each.sentence == SAID]

    assert change.loss is loss


def test_what_an_entry_had_that_is_gone_is_lost_unless_another_took_it(kitchen: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    as_if(monkeypatch, {SAID: BOILED, "boiling eggs until they are hard": BOILED}, {SAID: FRIED, "boiling eggs until they are hard": FRIED})
    after = version(1, kitchen, fried_eggs={"asks": (SAID,)})
    after = replace(after, knowledge=replace(after.knowledge, entries=tuple(each for each in after.knowledge.entries if each.id != BOIL)))

    assert [change.sentence for change in compare(version(0, kitchen), after).losses] == ["boiling eggs until they are hard"]


REACTIONS = st.sampled_from([UNKNOWN, BOILED, FRIED, GAS, CUT, DESPAIR, SOON, Reaction("offered", (BOIL, FRY)), Reaction("smalltalk", ("hello",))])


@given(st.data())
def test_losses_come_first_and_nothing_is_told_twice(kitchen: Snapshot, data: st.DataObject) -> None:
    """Whatever the reactions are: no change is invented, none is passed over, and back is the mirror of there."""
    sentences = known_sentences(kitchen.knowledge)
    was, now = (data.draw(st.dictionaries(st.sampled_from(sentences), REACTIONS)) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        as_if(patch, was, now)
        there, back = compare(version(0, kitchen), version(1, kitchen)), compare(version(1, kitchen), version(0, kitchen))
        same = compare(version(0, kitchen), version(0, kitchen))

    order = [(*Loss, None).index(change.loss) for change in there.changes]
    differ = {sentence for sentence in sentences if was.get(sentence, UNKNOWN) != now.get(sentence, UNKNOWN)}
    assert order == sorted(order)
    assert there.losses == there.changes[: len(there.losses)]
    assert {change.sentence for change in there.changes} == differ
    assert there.count == len(there.changes) == len(differ)
    assert {(each.sentence, each.before, each.after) for each in there.changes} == {(each.sentence, each.after, each.before) for each in back.changes}
    assert same.changes == ()
    assert thaw(freeze(there, Difference), Difference) == there


def test_a_long_list_is_cut_and_says_by_how_many() -> None:
    changes = tuple(Change(str(number), GAS, UNKNOWN, Loss.RED_FLAG) for number in range(7))
    cut = Difference(9, changes).at_most(5)

    assert (cut.changes, cut.cut, cut.count, cut.tried) == (changes[:5], 2, 7, 9)
    assert cut.at_most(3).cut == 4
    assert cut.at_most(5) == cut
    assert Difference(9, changes).at_most(7) == Difference(9, changes)
