"""After an alarm: the answers that follow open with what it was about, and offer nothing that it holds back."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import pytest

from bot.core import compose
from bot.core.act import act
from bot.core.action import Choice, NotHappening, NotThis, ShowEntry
from bot.core.content import Tier
from bot.core.model import CONTEXT_LIFE, Advice, Alarm, Alert, Ambiguous, Context, FlagHit, NoMatch, Notice, Reply, SmallTalk, choices_of
from bot.core.snapshot import Snapshot
from tests.core.builders import ENTRIES, NOON, VAGUE, make_knowledge, make_messages, make_snapshot, say

LATER = NOON + timedelta(minutes=1)
MESSAGES = make_messages()
HEART = "From earlier. You wrote about your chest. If that is happening now, call your local emergency number before you read on."
UNREAD = "From earlier. If that is happening now, call your local emergency number before you read on."
TODAY = "From earlier. If that still holds, get help today before you read on."
CRISIS = MESSAGES.reminders["crisis"]
QUESTION = "how do i break in new boots"


TIERS = {"despair": Tier.CRISIS, "chest-pain": Tier.EMERGENCY, "many-tablets": Tier.EMERGENCY, "gone-since": Tier.EMERGENCY}


def after(*flag_ids: str) -> Context:
    """Somebody to whom an alarm spoke of these flags."""
    return Context(at=NOON, alerted=flag_ids, alerted_at=tuple(TIERS.get(flag_id, Tier.URGENT_TODAY) for flag_id in flag_ids))


def entries_under(reply: Reply) -> set[str]:
    return {choice.action.entry_id for choice in choices_of(reply) if isinstance(choice.action, ShowEntry)}


def ends(reply: Reply) -> bool:
    return NotHappening() in [choice.action for choice in choices_of(reply)]


@pytest.mark.parametrize(
    ("alerted", "lead", "ended"),
    [
        ((), "", False),
        (("chest-pain",), HEART, True),
        (("many-tablets", "chest-pain"), UNREAD, True),
        (("red-line",), TODAY, True),
        (("slow-to-heal",), TODAY, True),
        (("despair",), CRISIS, False),
        (("chest-pain", "despair"), f"{HEART}\n\n{CRISIS}", False),
        (("despair", "chest-pain"), f"{HEART}\n\n{CRISIS}", False),
        (("gone-since",), "", False),
    ],
    ids=["nothing", "an emergency", "the first of two", "today", "above its flag's tier", "a crisis", "before", "beside", "a flag that has gone"],
)
def test_an_answer_after_an_alarm_opens_with_it(alerted: tuple[str, ...], lead: str, ended: bool, boots: Snapshot) -> None:
    turn = say(QUESTION, boots, after(*alerted))
    picked, context = act(ShowEntry("new-boots"), boots, after(*alerted), LATER)

    for reply in (turn.reply, picked):
        assert isinstance(reply, Advice)
        assert reply.lead == lead
        assert ends(reply) is ended
    assert turn.context.alerted == context.alerted == alerted
    assert turn.context.alerted_at == context.alerted_at == after(*alerted).alerted_at


def test_two_answers_open_with_it_once(boots: Snapshot) -> None:
    turn = say("should i pop a blister? how do i break in new boots?", boots, after("chest-pain"))

    assert isinstance(turn.reply, Advice)
    assert len(turn.reply.parts) == 2
    assert turn.reply.lead == HEART
    assert ends(turn.reply)


def test_it_stands_above_what_else_leads_an_answer(boots: Snapshot) -> None:
    turn = say("is sepsis a sign of infection in a blister", boots, after("chest-pain"))

    assert isinstance(turn.reply, Advice)
    assert turn.reply.lead == f"{HEART}\n\n{MESSAGES.first_lines['if-it-spreads']}"


def reminded(notice: Notice, line: str = HEART) -> Notice:
    """What is said below the line, with the button that ends it."""
    over = ((Choice(MESSAGES.say("not_happening"), NotHappening()),),)
    return Notice(f"{line}\n\n{notice.text}", (*notice.choices, *over))


@pytest.mark.parametrize("said", ["thanks", "bye", "what is the capital of peru", "no habla ingles, me duele mucho la pierna"])
def test_whatever_is_said_after_an_alarm_opens_with_it(said: str, boots: Snapshot) -> None:
    """Thanks, a question nobody can answer, another language: none of them ends a danger."""
    before, turn = say(said, boots), say(said, boots, after("chest-pain"))

    assert isinstance(before.reply, Notice)
    assert turn.outcome == before.outcome
    assert turn.reply == reminded(before.reply)
    assert turn.context.alerted == ("chest-pain",)


def test_an_offer_opens_with_it(boots: Snapshot) -> None:
    turns = [say(said, boots, after("chest-pain")) for said in VAGUE]
    offers = [turn.reply for turn in turns if isinstance(turn.outcome, Ambiguous)]
    assert offers

    for reply in offers:
        assert isinstance(reply, Notice)
        assert reply.text.startswith(f"{HEART}\n\n")
        assert ends(reply)


def test_what_else_was_asked_opens_with_it_too(boots: Snapshot) -> None:
    context = dataclasses.replace(after("chest-pain"), last_entry="new-boots", candidates=("walk-on",))

    for reply in (act(NotThis("new-boots"), boots, context, LATER)[0], act(NotThis("blister-cream"), boots, after("chest-pain"), LATER)[0]):
        assert isinstance(reply, Notice)
        assert reply.text.startswith(HEART)
        assert ends(reply)


def test_nobody_chats_with_somebody_in_crisis(boots: Snapshot) -> None:
    turn = say("thanks", boots, after("despair"))

    assert isinstance(turn.outcome, SmallTalk)
    assert turn.reply == Notice(CRISIS)


@pytest.mark.parametrize(
    ("before", "tier"),
    [(("chest-pain",), Tier.EMERGENCY), (("slow-to-heal",), Tier.URGENT_TODAY), (("despair",), Tier.URGENT_TODAY), ((), Tier.URGENT_TODAY)],
)
def test_no_later_alarm_is_for_less(before: tuple[str, ...], tier: Tier, boots: Snapshot) -> None:
    turn = say("a red line runs up my leg", boots, after(*before))

    assert isinstance(turn.reply, Alarm)
    assert (turn.reply.tier, turn.context.alerted_at[0]) == (tier, tier)


@pytest.mark.parametrize(
    ("alarm", "reminders", "line"),
    [
        ("overdose", {}, "emergency"),
        ("overdose", {"overdose": "An own line."}, "overdose"),
        ("urgent_today", {"urgent_today": "See to it."}, "emergency"),
    ],
    ids=["the tier's", "the alarm's own", "of a rule above the tier of the alarm"],
)
def test_the_line_goes_with_the_alarm_and_the_tier_it_spoke_at(alarm: str, reminders: dict[str, str], line: str) -> None:
    known = {**MESSAGES.reminders, **reminders}
    flags = make_knowledge().red_flags
    flags = dataclasses.replace(flags, flags=tuple(dataclasses.replace(flag, alarm=alarm) for flag in flags.flags if flag.id == "many-tablets"))
    snapshot = make_snapshot(make_knowledge(messages=dataclasses.replace(MESSAGES, reminders=known), red_flags=flags))
    reply, _ = act(ShowEntry("new-boots"), snapshot, after("many-tablets"), LATER)

    assert isinstance(reply, Advice)
    assert reply.lead == " ".join(known[line].replace("{read_as}", "").split())


# --- what is remembered ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "before", "alerted"),
    [
        ("i have chest pain", (), ("chest-pain",)),
        ("i have chest pain and i took all the tablets", (), ("chest-pain", "many-tablets")),
        ("a red line runs up my leg and my blister never heals", (), ("red-line",)),
        ("a red line runs up my leg", ("chest-pain",), ("red-line",)),
        ("i have chest pain", ("despair",), ("chest-pain", "despair")),
        ("i have chest pain", ("gone-since", "despair", "red-line"), ("chest-pain", "despair")),
        ("i want to die", ("chest-pain",), ("despair",)),
        ("i want to die", ("despair",), ("despair",)),
        ("is sepsis common", ("chest-pain",), ("chest-pain",)),
        ("thanks", ("chest-pain",), ("chest-pain",)),
    ],
    ids=[
        *("an alarm", "two flags", "not what can wait", "a later alarm", "a crisis stays", "and nothing else"),
        *("a crisis after it", "a crisis again", "not what was asked about", "thanks"),
    ],
)
def test_the_last_alarm_is_remembered_and_a_crisis_beside_it(said: str, before: tuple[str, ...], alerted: tuple[str, ...], boots: Snapshot) -> None:
    context = say(said, boots, after(*before)).context

    assert context.alerted == alerted
    assert len(context.alerted_at) == len(alerted)


def test_without_a_tier_the_flag_s_own_counts(boots: Snapshot) -> None:
    turn = say(QUESTION, boots, Context(at=NOON, alerted=("despair", "chest-pain")))

    assert isinstance(turn.reply, Advice)
    assert turn.reply.lead == f"{HEART}\n\n{CRISIS}"


def test_it_ends_with_the_conversation(boots: Snapshot) -> None:
    turn = say(QUESTION, boots, after("chest-pain"), at=NOON + CONTEXT_LIFE + timedelta(seconds=1))

    assert isinstance(turn.reply, Advice)
    assert turn.reply.lead == ""


# --- "not happening now" --------------------------------------------------------------------------------------------


def test_not_happening_ends_the_line_and_clears_nobody(boots: Snapshot) -> None:
    reply, context = act(NotHappening(), boots, dataclasses.replace(after("chest-pain"), region="uk"), LATER)
    answer = say(QUESTION, boots, context).reply

    assert reply == Notice(MESSAGES.say("not_happening_heard"))
    assert context == Context(at=LATER, region="uk")
    assert isinstance(answer, Advice)
    assert answer.lead == ""


def test_every_rule_stays_armed(boots: Snapshot) -> None:
    _, context = act(NotHappening(), boots, after("chest-pain"), LATER)
    turn = say("i have chest pain", boots, context)

    assert isinstance(turn.reply, Alarm)
    assert turn.context.alerted == ("chest-pain",)


def test_an_older_button_does_not_end_a_crisis(boots: Snapshot) -> None:
    reply, context = act(NotHappening(), boots, after("chest-pain", "despair"), LATER)

    assert reply == Notice(CRISIS)
    assert context.alerted == ("chest-pain", "despair")


def test_after_it_ended_it_is_heard_all_the_same(boots: Snapshot) -> None:
    assert act(NotHappening(), boots, Context(), NOON)[0] == Notice(MESSAGES.say("not_happening_heard"))


# --- what is held back ----------------------------------------------------------------------------------------------


def test_nothing_held_back_stands_under_an_answer(boots: Snapshot) -> None:
    """The next related entry takes its place."""
    free, _ = act(ShowEntry("which-plaster"), boots, Context(), NOON)
    held, _ = act(ShowEntry("which-plaster"), boots, after("red-line"), NOON)
    more = compose.advice(["new-boots"], boots, after("chest-pain"), also=["walk-on", "blister-cream"])

    assert entries_under(free) == {"blister-cream"}
    assert entries_under(held) == {"blister-cream"}
    assert entries_under(more) == {"blister-cream"}


def test_nothing_held_back_is_offered(boots: Snapshot) -> None:
    offers = [turn for said in VAGUE if "pop-a-blister" in entries_under((turn := say(said, boots)).reply) and isinstance(turn.outcome, Ambiguous)]
    held = [say(said, boots, after("red-line")) for said in VAGUE]
    assert offers

    for turn in held:
        if isinstance(turn.outcome, Ambiguous):
            assert "pop-a-blister" not in entries_under(turn.reply)
            assert entries_under(turn.reply) == set(turn.outcome.entry_ids) == set(turn.context.offered)


def test_where_all_is_held_back_nothing_is_known() -> None:
    flags = make_knowledge().red_flags
    every = tuple(entry.id for entry in ENTRIES)
    flags = dataclasses.replace(flags, flags=tuple(dataclasses.replace(flag, withholds=every) for flag in flags.flags))
    snapshot = make_snapshot(make_knowledge(red_flags=flags))
    said = next(said for said in VAGUE if isinstance(say(said, snapshot).outcome, Ambiguous))
    turn = say(said, snapshot, after("chest-pain"))

    assert turn.outcome == NoMatch()
    assert turn.reply == reminded(compose.dont_know(snapshot, Context()))


def test_not_what_i_asked_offers_nothing_held_back(boots: Snapshot) -> None:
    context = dataclasses.replace(after("chest-pain"), last_entry="new-boots", candidates=("walk-on", "blister-cream"))
    reply, _ = act(NotThis("new-boots"), boots, context, LATER)

    assert entries_under(reply) == {"blister-cream"}


# --- what ships -----------------------------------------------------------------------------------------------------


def test_no_line_that_ships_names_violence_or_self_harm(snapshot: Snapshot) -> None:
    """Whoever looks over a shoulder, or at a locked phone, learns nothing from it."""
    telling = re.compile(r"(?i)strang|chok|throttl|violen|suicid|self-harm|hurt(ing)? (your|my|them)sel|to die|to live|\bkill")
    flags = snapshot.knowledge.red_flags.flags
    lines = {}
    for flag in flags:
        reply = compose.advice(["ice-or-heat"], snapshot, Context(alerted=(flag.id,), alerted_at=(flag.tier,)))
        lines[flag.id] = reply.lead
        assert ends(reply) is (flag.tier is not Tier.CRISIS)

    assert all(lines.values())
    assert {flag: line for flag, line in lines.items() if telling.search(line)} == {}
    for line in (lines["rf-self-harm"], lines["rf-self-harm-other"]):
        assert all(number in line for number in ("findahelpline.com", "988", "116 123"))


def test_an_alarm_that_ships_is_remembered_by_what_was_read(snapshot: Snapshot) -> None:
    alert = Alert((FlagHit("rf-cardiac", Tier.EMERGENCY, False, ()),))
    context = compose.after_alarm(Context(), alert, snapshot, ())

    assert snapshot.flags_by_id["rf-cardiac"].read_as in compose.advice(["ice-or-heat"], snapshot, context).lead
