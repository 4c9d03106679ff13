"""Choices picked in words: as if their button had been pressed, and nothing else is taken for one."""

from __future__ import annotations

import dataclasses

import pytest

from bot.core.act import act
from bot.core.action import NotThis, ShowEntry
from bot.core.language import Language
from bot.core.model import Advice, Ambiguous, Answered, Context, NoMatch, Notice
from bot.core.picks import picked
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from tests.core.builders import NOON, say

ONE, TWO, THREE = ("a",), ("a", "b"), ("a", "b", "c")
OFFERED = Context(at=NOON, candidates=("walk-on",), offered=("new-boots", "pop-a-blister"))


@pytest.mark.parametrize(
    ("said", "offered", "meant"),
    [
        ("1", TWO, ("a",)),
        ("2.", TWO, ("b",)),
        ("3", TWO, None),
        ("3", THREE, ("c",)),
        ("4", THREE, None),
        ("the first one please", TWO, ("a",)),
        ("Second!", THREE, ("b",)),
        ("2nd one thanks", THREE, ("b",)),
        ("option b", TWO, ("b",)),
        ("the last one", THREE, ("c",)),
        ("last", ONE, None),
        ("both", TWO, TWO),
        ("both", THREE, None),
        ("both", ONE, None),
        ("yes", ONE, ONE),
        ("yes please", ONE, ONE),
        ("yes", TWO, None),
        ("no", TWO, ()),
        ("none of these", THREE, ()),
        ("Neither of them, thanks", TWO, ()),
        ("1", (), None),
        ("no", (), None),
        ("", TWO, None),
        ("should i get a second opinion", TWO, None),
        ("no idea what you mean", TWO, None),
        ("both sides hurt", TWO, None),
        ("2 days now", TWO, None),
        ("the first one helped a bit but my neck is still stiff", TWO, None),
    ],
)
def test_what_is_picked(said: str, offered: tuple[str, ...], meant: tuple[str, ...] | None, english: Language) -> None:
    assert picked(normalise(said, english), offered, english) == meant


@pytest.mark.parametrize(("said", "offered", "meant"), [("no", TWO, None), ("yes", ONE, None), ("2", TWO, ("b",)), ("both", TWO, TWO)])
def test_after_an_alarm_a_yes_or_no_may_be_about_that(said: str, offered: tuple[str, ...], meant: tuple[str, ...] | None, english: Language) -> None:
    assert picked(normalise(said, english), offered, english, alarmed=True) == meant


def test_a_language_without_the_words_picks_nothing(english: Language) -> None:
    mute = dataclasses.replace(english, cues={})

    assert picked(normalise("2", mute), TWO, mute) is None


def test_a_pick_shows_what_its_button_shows(boots: Snapshot) -> None:
    turn = say("the second one", boots, OFFERED)

    assert (turn.reply, turn.context) == act(ShowEntry("pop-a-blister"), boots, OFFERED, NOON)
    assert turn.outcome == Answered(("pop-a-blister",))
    assert turn.reason == "picked"


def test_both_are_answered_at_once(boots: Snapshot) -> None:
    turn = say("both please", boots, OFFERED)

    assert isinstance(turn.reply, Advice)
    assert [part.entry_id for part in turn.reply.parts] == ["new-boots", "pop-a-blister"]
    assert turn.outcome == Answered(OFFERED.offered)
    assert (turn.context.offered, turn.context.last_entry) == ((), "new-boots")


def test_none_of_them_offers_what_is_left_and_then_the_topics(boots: Snapshot) -> None:
    turn = say("none of these", boots, OFFERED)
    again = say("no", boots, dataclasses.replace(OFFERED, candidates=()))

    assert (turn.reply, turn.context) == act(NotThis("new-boots"), boots, OFFERED, NOON)
    assert turn.outcome == Ambiguous(("walk-on",))
    assert isinstance(again.reply, Notice)
    assert again.reply.text == boots.knowledge.messages.say("not_found_either")


@pytest.mark.parametrize("said", ["1", "both"])
def test_what_has_gone_since_gets_a_kind_word(said: str, boots: Snapshot) -> None:
    context = dataclasses.replace(OFFERED, offered=("gone-since", "new-boots"))
    turn = say(said, boots, context)

    assert turn.outcome == NoMatch()
    assert isinstance(turn.reply, Notice)
    assert turn.reply.text == boots.knowledge.messages.say("stale_button")


def test_a_danger_is_heard_before_a_pick(boots: Snapshot) -> None:
    turn = say("i have chest pain", boots, OFFERED)

    assert turn.alert is not None
    assert turn.reason == "red flag"
