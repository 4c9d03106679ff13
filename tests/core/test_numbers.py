"""Phone numbers under an alarm: of every region, or of the one a person chose; never without the name of their country."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest

from bot.core import alarms
from bot.core.act import act, gone
from bot.core.action import Action, Choice, ChooseRegion, CopyNumber, NotThis, ShowEntry, ShowNumbers
from bot.core.content import NUMBER_KINDS, TIERS_BY_KEY, Numbers, Tier
from bot.core.model import CONTEXT_LIFE, Alarm, Alert, Context, FlagHit, Reply, choices_of
from bot.core.snapshot import Snapshot
from tests.core.builders import NOON, NUMBERS, make_knowledge, make_messages, make_snapshot, make_topic, say

LATER = NOON + timedelta(minutes=1)
ALARMS = {
    "emergency": "Call now.\n{emergency}\nThat is all.",
    "urgent_today": "See somebody today.",
    "crisis": "Please talk to somebody:\n{listen}",
    "overdose": "Ask:\n{poison}\nor:\n{nurse}",
}
ALL = "• The Hills, The Dales: 111\n• The Coast: 444\n• Any land: shout"
HILLS = "• The Hills: 111\n• Any land: shout"
ASKED = "i have chest pain, should i pop a blister on my heel"
CHOOSE = ChooseRegion("chest-pain", "emergency")


@pytest.fixture(scope="module")
def hills() -> Snapshot:
    """Boots and blisters, with numbers to call."""
    return make_snapshot(make_knowledge(messages=dataclasses.replace(make_messages(), alarms=ALARMS), numbers=NUMBERS))


@pytest.fixture(scope="module")
def at_the_coast() -> Snapshot:
    """The same, for people of one region."""
    topic = dataclasses.replace(make_topic(), region="sea")
    return make_snapshot(make_knowledge(messages=dataclasses.replace(make_messages(), alarms=ALARMS), numbers=NUMBERS, topic=topic))


def numbers_in(reply: Reply) -> str:
    """The lines between the first and the last of the emergency alarm."""
    assert isinstance(reply, Alarm)
    return reply.text.partition("Call now.\n")[2].removesuffix("\nThat is all.")


def actions(reply: Reply) -> list[Action]:
    return [choice.action for choice in choices_of(reply)]


@pytest.mark.parametrize(
    ("kind", "region", "named"),
    [
        ("emergency", None, {"111": ("The Hills", "The Dales"), "444": ("The Coast",), "shout": ("Any land",)}),
        ("emergency", "dale", {"111": ("The Dales",), "shout": ("Any land",)}),
        ("emergency", "gone-since", {"111": ("The Hills", "The Dales"), "444": ("The Coast",), "shout": ("Any land",)}),
        ("poison", "hill", {"shout": ("Any land",)}),
        ("listen", None, {"call 333": ("The Hills",), "a friend": ("Any land",)}),
    ],
    ids=["all of them", "one", "one that has gone", "a kind the region lacks", "a kind of one region"],
)
def test_each_number_stands_with_its_regions(kind: str, region: str | None, named: dict[str, tuple[str, ...]]) -> None:
    assert NUMBERS.named(kind, region) == named


def test_without_numbers_there_are_none() -> None:
    assert [Numbers().named(kind, "uk") for kind in NUMBER_KINDS] == [{}] * len(NUMBER_KINDS)


@pytest.mark.parametrize(
    ("region", "everywhere", "coast"),
    [
        (None, ALL, "• The Coast: 444\n• Any land: shout"),
        ("hill", HILLS, HILLS),
        ("", ALL, ALL),
        ("gone-since", ALL, ALL),
    ],
    ids=["nothing chosen", "one", "all of them", "one that has gone"],
)
def test_the_person_s_choice_comes_before_the_topic_s(
    region: str | None, everywhere: str, coast: str, hills: Snapshot, at_the_coast: Snapshot
) -> None:
    context = Context(at=NOON, region=region)

    assert numbers_in(say("i have chest pain", hills, context).reply).strip() == everywhere
    assert numbers_in(say("i have chest pain", at_the_coast, context).reply).strip() == coast


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ("i have chest pain", [CHOOSE]),
        (ASKED, [ShowEntry("pop-a-blister"), CHOOSE]),
        ("i took all the tablets", [ChooseRegion("many-tablets", "overdose")]),
        ("a red line runs up my leg", []),
        ("i want to die", []),
        ("i want to die, i took all the tablets", []),
    ],
    ids=["an emergency", "and an answer that waits", "words of its own", "no numbers", "a crisis", "a crisis and an emergency"],
)
def test_a_region_can_be_chosen_where_numbers_stand_but_never_in_a_crisis(said: str, offered: list[Action], hills: Snapshot) -> None:
    assert actions(say(said, hills).reply) == offered


def test_a_topic_without_numbers_asks_nobody_where_they_are(boots: Snapshot) -> None:
    assert actions(say("i have chest pain", boots).reply) == []


def test_a_crisis_gives_the_numbers_of_the_region(hills: Snapshot) -> None:
    turn = say("i want to die", hills, Context(at=NOON, region="hill"))

    assert turn.reply == Alarm(Tier.CRISIS, ("despair",), "Please talk to somebody:\n• The Hills: call 333\n• Any land: a friend")


def test_choosing_a_region_keeps_the_alarm_and_what_waits_under_it(hills: Snapshot) -> None:
    """The same words, then the regions as buttons, then the numbers of one; and the answer all the while."""
    turn = say(ASKED, hills)
    choosing, context = act(CHOOSE, hills, turn.context, LATER)
    chosen, context = act(ShowNumbers("chest-pain", "emergency", "hill"), hills, context, LATER)

    assert isinstance(turn.reply, Alarm)
    assert isinstance(choosing, Alarm)
    assert choosing.text == turn.reply.text
    assert choosing.choices == (
        (Choice("Pop a blister?", ShowEntry("pop-a-blister")),),
        tuple(Choice(region.name, ShowNumbers("chest-pain", "emergency", region.key)) for region in NUMBERS.regions),
        (Choice("All countries", ShowNumbers("chest-pain", "emergency")),),
    )
    copying = (Choice("Copy 111", CopyNumber("111")),)
    assert chosen == Alarm(Tier.EMERGENCY, ("chest-pain",), turn.reply.text.replace(ALL, HILLS), (copying, *turn.reply.choices))
    assert context == dataclasses.replace(turn.context, at=LATER, region="hill")


def test_many_regions_stand_three_a_row() -> None:
    many = dataclasses.replace(NUMBERS, regions=tuple(dataclasses.replace(NUMBERS.regions[0], key=key) for key in "abcdefg"))
    snapshot = make_snapshot(make_knowledge(messages=dataclasses.replace(make_messages(), alarms=ALARMS), numbers=many))
    reply, _ = act(CHOOSE, snapshot, Context(), NOON)

    assert [len(row) for row in reply.choices] == [3, 3, 1, 1]


def test_a_region_is_remembered_and_all_countries_forgets_it(at_the_coast: Snapshot) -> None:
    _, chosen = act(ShowNumbers("chest-pain", "emergency", "hill"), at_the_coast, Context(), NOON)
    again = say("i have chest pain", at_the_coast, chosen, at=NOON + 2 * CONTEXT_LIFE)
    every, cleared = act(ShowNumbers("chest-pain", "emergency"), at_the_coast, again.context, NOON + 2 * CONTEXT_LIFE)

    assert numbers_in(again.reply) == HILLS
    assert numbers_in(every) == ALL
    assert not cleared.region


def test_an_older_alarm_does_not_take_the_answer_of_a_newer_one(hills: Snapshot) -> None:
    """Nor does one whose answer has been read, or after which something else was asked."""
    waiting = say(ASKED, hills).context
    newer = say("i took all the tablets, how do i break in new boots", hills, waiting).context
    _, read = act(ShowEntry("pop-a-blister"), hills, waiting, LATER)
    asked = say("how do i break in new boots", hills, waiting).context
    offered = dataclasses.replace(waiting, candidates=("new-boots",), offered=("walk-on", "pop-a-blister"))
    gone_since = dataclasses.replace(waiting, candidates=("gone-since",), offered=("gone-since",))

    assert actions(act(CHOOSE, hills, waiting, LATER)[0])[0] == ShowEntry("pop-a-blister")
    for context in (newer, read, asked, offered, gone_since, Context()):
        assert not [action for action in actions(act(CHOOSE, hills, context, LATER)[0]) if isinstance(action, ShowEntry)]


def test_not_what_i_asked_under_an_older_answer_does_not_offer_what_the_alarm_holds_back(hills: Snapshot) -> None:
    before = Context(at=NOON, last_entry="new-boots", answered=1, candidates=("walk-on",))
    turn = say("i have chest pain", hills, before)

    assert ShowEntry("walk-on") not in actions(act(NotThis("new-boots"), hills, turn.context, LATER)[0])


@pytest.mark.parametrize(
    "action",
    [
        ChooseRegion("gone-since", "emergency"),
        ChooseRegion("chest-pain", "gone-since"),
        ChooseRegion("chest-pain", "urgent_today"),
        ChooseRegion("chest-pain", "crisis"),
        ChooseRegion("despair", "overdose"),
        ShowNumbers("gone-since", "emergency", "hill"),
        ShowNumbers("chest-pain", "gone-since", "hill"),
        ShowNumbers("chest-pain", "emergency", "gone"),
        ShowNumbers("despair", "crisis", "hill"),
    ],
    ids=[
        "flag",
        "alarm",
        "no numbers in it",
        "a crisis",
        "a flag of a crisis",
        "its numbers",
        "numbers of no alarm",
        "region",
        "numbers of a crisis",
    ],
)
def test_what_has_gone_gets_a_kind_word_and_chooses_nothing(action: Action, hills: Snapshot) -> None:
    reply, after = act(action, hills, Context(at=NOON, region="sea"), LATER)

    assert reply == gone(hills)
    assert after == Context(at=LATER, region="sea")


# --- what ships -----------------------------------------------------------------------------------------------------


def every_alarm(snapshot: Snapshot, region: str | None) -> dict[str, str]:
    """Each text of an alarm, as any flag may come to say it: by key and flag."""
    told = {}
    for flag in snapshot.knowledge.red_flags.flags:
        for key in snapshot.knowledge.messages.alarms:
            hit = FlagHit(flag.id, TIERS_BY_KEY.get(key, flag.tier), False, (), key)
            told[f"{flag.id} {key}"] = alarms.alarm(Alert((hit,)), snapshot, Context(region=region), ())[0].text
    return told


def regions(snapshot: Snapshot) -> list[str | None]:
    return [None, "", *(region.key for region in snapshot.knowledge.numbers.regions)]


def test_111_never_stands_without_its_country(snapshot: Snapshot) -> None:
    """It calls a nurse in the UK and an ambulance in New Zealand."""
    said = [(region, text) for region in regions(snapshot) for text in every_alarm(snapshot, region).values()]
    lines = [(region, line) for region, text in said for line in text.split("\n") if re.search(r"(?<![\d ])111\b|\b111(?![\d ])", line)]
    assert len(said) > 1000
    assert lines

    assert {line for _, line in lines if not re.fullmatch(r"• (UK|New Zealand)\b.*: .*", line)} == set()
    assert {line for region, line in lines if region == "us"} == set()
    assert {line for region, line in lines if region == "nz"} == {"• New Zealand: 111"}


def test_no_alarm_has_a_number_of_its_own(snapshot: Snapshot) -> None:
    """They are looked up and checked in one file."""
    assert [key for key, text in snapshot.knowledge.messages.alarms.items() if re.search(r"\d{2}", text)] == []


def test_no_alarm_leaves_a_brace_or_a_gap(snapshot: Snapshot) -> None:
    for region in regions(snapshot):
        for key, text in every_alarm(snapshot, region).items():
            assert not re.search(r"[{}]|\n{3}|:\n(?!•)", text), key
            assert not re.search(r"(?m)^• *$|: *$\n\n", text), key


def test_one_region_makes_every_alarm_shorter(snapshot: Snapshot) -> None:
    every = every_alarm(snapshot, None)
    assert len(snapshot.knowledge.numbers.regions) >= 9

    for region in regions(snapshot)[2:]:
        assert all(len(text) <= len(every[key]) for key, text in every_alarm(snapshot, region).items())


def test_the_alarm_on_strangling_opens_with_its_neutral_line(snapshot: Snapshot) -> None:
    """A phone shows the first words to whoever looks at it."""
    turn = say("he strangled me last night and my neck hurts", snapshot)

    assert isinstance(turn.reply, Alarm)
    assert turn.reply.flag_ids[0] == "rf-strangulation"
    assert turn.reply.text.startswith(snapshot.knowledge.messages.first_lines["strangulation"])


@pytest.mark.parametrize("key", ["crisis-injury", "overdose-intent"])
def test_where_somebody_is_hurt_the_ambulance_comes_before_the_helpline(key: str, snapshot: Snapshot) -> None:
    hit = FlagHit("rf-self-harm", Tier.CRISIS, False, (), key)
    alarm, waiting = alarms.alarm(Alert((hit,)), snapshot, Context(), ("ice-or-heat",))

    assert alarm.text.index("ambulance") < alarm.text.index("999") < alarm.text.index("116 123")
    assert (alarm.choices, waiting) == ((), ())
