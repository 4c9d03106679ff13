"""What others may read along is short and leads into private; an alarm stays whole."""

from __future__ import annotations

import pytest

from bot.core import compose
from bot.core.action import Choice, ChooseRegion, InPrivate, More, NotHappening, NotThis, SetRegion, ShowEntry, Topics
from bot.core.content import Tier
from bot.core.model import Advice, Alarm, Context, Menu, Notice, Reply, choices_of
from bot.core.public import in_public
from bot.core.snapshot import Snapshot
from tests.core.builders import NOON

HURT = Context(at=NOON, alerted=("chest-pain",), alerted_at=(Tier.EMERGENCY,))


def actions(reply: Reply) -> list[object]:
    return [choice.action for choice in choices_of(reply)]


def test_an_answer_is_its_opening_with_its_note(boots: Snapshot) -> None:
    whole = compose.advice(["pop-a-blister"], boots, Context())
    short = in_public(whole, boots)

    assert isinstance(short, Advice)
    assert [(part.title, part.answer, part.more) for part in short.parts] == [("About: Pop a blister?", "Leave it closed if you can.", "")]
    assert short.note == whole.note
    assert short.choices == ((Choice("Ask me in private", InPrivate("pop-a-blister")),),)


def test_of_two_answers_each_has_its_own_way_into_private(boots: Snapshot) -> None:
    short = in_public(compose.advice(["pop-a-blister", "new-boots"], boots, Context()), boots)

    assert isinstance(short, Advice)
    assert [part.title for part in short.parts] == ["Pop a blister?", "Break in new boots"]
    assert actions(short) == [InPrivate("pop-a-blister"), InPrivate("new-boots")]
    assert len({choice.label for choice in choices_of(short)}) == 2


@pytest.mark.parametrize(("links_only", "kept"), [(False, [InPrivate("new-boots"), NotHappening()]), (True, [InPrivate("new-boots")])])
def test_what_opens_an_answer_after_an_alarm_stays(links_only: bool, kept: list[object], boots: Snapshot) -> None:
    whole = compose.advice(["new-boots"], boots, HURT)
    short = in_public(whole, boots, links_only=links_only)

    assert isinstance(whole, Advice)
    assert isinstance(short, Advice)
    assert short.lead == whole.lead != ""
    assert actions(short) == kept


def test_an_alarm_stays_whole_and_its_answer_waits_in_private(boots: Snapshot) -> None:
    region = ChooseRegion("chest-pain", "emergency")
    whole = Alarm(Tier.EMERGENCY, ("chest-pain",), "Call now.", ((Choice("Boots", ShowEntry("new-boots")),), (Choice("Where", region),)))

    assert in_public(whole, boots) == Alarm(
        Tier.EMERGENCY, ("chest-pain",), "Call now.", ((Choice("Boots", InPrivate("new-boots")),), (Choice("Where", region),))
    )
    assert actions(in_public(whole, boots, links_only=True)) == [InPrivate("new-boots")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], []),
        ([ShowEntry("a"), ShowEntry("b"), NotThis("a")], [InPrivate("a"), InPrivate("b")]),
        ([Topics("feet"), Topics("toes")], [InPrivate()]),
        ([SetRegion("uk"), SetRegion()], [SetRegion("uk"), SetRegion()]),
    ],
    ids=["nothing to choose", "an offer", "topics", "regions"],
)
def test_choices_that_lead_to_answers_lead_into_private(before: list[ShowEntry], after: list[object], boots: Snapshot) -> None:
    notice = Notice("Words.", tuple((Choice("label", action),) for action in before))
    short = in_public(notice, boots)

    assert (short.text if isinstance(short, Notice) else "") == "Words."
    assert actions(short) == after


def test_a_menu_stands_in_private_only(boots: Snapshot) -> None:
    menu = Menu("About", ((Choice("More", More("new-boots")),),))

    assert in_public(menu, boots) is menu


def test_every_answer_that_ships_is_short_and_keeps_its_note(snapshot: Snapshot) -> None:
    assert snapshot.knowledge.entries
    for entry in snapshot.knowledge.entries:
        short = in_public(compose.advice([entry.id], snapshot, Context()), snapshot)

        assert isinstance(short, Advice)
        assert short.note.full
        assert len(short.parts[0].answer) <= 400
        assert short.parts[0].answer.rstrip()[-1] in ".!", "an opening that ends in a colon says nothing"
