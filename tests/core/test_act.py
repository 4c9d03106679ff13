"""What a choice does, and what it does once its entry has gone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bot.core import compose, pieces
from bot.core.act import act, gone
from bot.core.action import (
    Action,
    Back,
    Consent,
    CopyNumber,
    InPrivate,
    More,
    NotThis,
    Operate,
    PassOn,
    Regions,
    SetRegion,
    Share,
    ShowEntry,
    Sources,
    Topics,
    Vote,
)
from bot.core.content import Tier
from bot.core.model import CONTEXT_LIFE, Advice, Alarm, Context, Menu, Notice, Reply, Utterance, choices_of
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from tests.core.builders import NOON, make_knowledge, make_snapshot, make_topic

LATER = NOON + timedelta(minutes=1)
WAITING = Context(
    at=NOON, last_entry="new-boots", last_tier=Tier.SELF_CARE, answered=2, candidates=("walk-on", "gone-since", "blister-cream", "new-boots")
)


def shown(reply: Reply) -> list[str]:
    """The entries behind the choices of *reply*."""
    return [choice.action.entry_id for choice in choices_of(reply) if isinstance(choice.action, ShowEntry)]


def test_an_entry_is_shown_in_full(boots: Snapshot) -> None:
    reply, after = act(ShowEntry("pop-a-blister"), boots, WAITING, LATER)

    assert reply == compose.advice(["pop-a-blister"], boots, WAITING)
    assert isinstance(reply, Advice)
    assert not reply.parts[0].title, "the person has just picked it by its title"
    assert reply.parts[0].more
    assert after == Context(LATER, "pop-a-blister", Tier.SELF_CARE, 3, WAITING.candidates)


def test_an_entry_that_was_shown_waits_no_longer(boots: Snapshot) -> None:
    _, after = act(ShowEntry("walk-on"), boots, WAITING, LATER)

    assert "walk-on" not in after.candidates


@pytest.mark.parametrize("action", [ShowEntry("gone-since"), Sources("gone-since")], ids=["to show", "its sources"])
def test_an_entry_that_has_gone_gets_a_kind_word_and_the_topics(action: Action, boots: Snapshot) -> None:
    reply, after = act(action, boots, WAITING, LATER)

    assert reply == gone(boots) == Notice(boots.knowledge.messages.say("stale_button"), pieces.themes(boots))
    assert after == dataclasses.replace(WAITING, at=LATER)


def test_sources_are_told_and_nothing_else_changes(boots: Snapshot) -> None:
    reply, after = act(Sources("pop-a-blister"), boots, WAITING, LATER)

    assert reply == compose.sources(boots.entries_by_id["pop-a-blister"], boots)
    assert after == dataclasses.replace(WAITING, at=LATER)


@pytest.mark.parametrize("action", [Topics(), Topics("feet"), Topics("feet", 3), Topics("gone-since")], ids=["themes", "a theme", "a page", "gone"])
def test_topics_are_browsed_and_nothing_else_changes(action: Topics, boots: Snapshot) -> None:
    reply, after = act(action, boots, WAITING, LATER)

    assert reply == compose.topics(boots, action.theme, action.page)
    assert after == dataclasses.replace(WAITING, at=LATER)


def test_not_this_shows_the_next_candidates(boots: Snapshot) -> None:
    """But not the one refused, nor one that has gone since."""
    reply, after = act(NotThis("new-boots"), boots, WAITING, LATER)

    assert shown(reply) == ["walk-on", "blister-cream"]
    assert list(choices_of(reply))[-1].action == NotThis("walk-on")
    assert after == Context(LATER, "new-boots", Tier.SELF_CARE, 2, (), ("walk-on", "blister-cream"))


def test_not_this_under_an_older_answer_leads_to_the_topics(boots: Snapshot) -> None:
    """What waits belongs to the newest answer; under another it would answer another question."""
    reply, after = act(NotThis("which-plaster"), boots, WAITING, LATER)

    assert reply == Notice(boots.knowledge.messages.say("not_found_either"), pieces.themes(boots))
    assert after == dataclasses.replace(WAITING, at=LATER)


def test_at_most_three_are_offered_at_once(boots: Snapshot) -> None:
    many = dataclasses.replace(WAITING, candidates=("walk-on", "blister-cream", "which-plaster", "infected-blister", "pop-a-blister"))
    reply, after = act(NotThis("new-boots"), boots, many, LATER)

    assert shown(reply) == ["walk-on", "blister-cream", "which-plaster"]
    assert after.candidates == ("infected-blister", "pop-a-blister")


@pytest.mark.parametrize(
    "context",
    [Context(), dataclasses.replace(WAITING, candidates=()), dataclasses.replace(WAITING, candidates=("new-boots", "gone-since"))],
    ids=["a new person", "all were shown", "nothing but what was refused"],
)
def test_when_nothing_waits_the_topics_are_shown(context: Context, boots: Snapshot) -> None:
    reply, after = act(NotThis("new-boots"), boots, context, LATER)

    assert reply == Notice(boots.knowledge.messages.say("not_found_either"), pieces.themes(boots))
    assert after.at == LATER


def test_refusing_again_and_again_ends_at_the_topics(boots: Snapshot) -> None:
    many = ("walk-on", "blister-cream", "which-plaster", "infected-blister")
    context = dataclasses.replace(WAITING, last_entry="pop-a-blister", candidates=many)
    refused, seen = "pop-a-blister", ["pop-a-blister"]
    for _ in range(5):
        reply, context = act(NotThis(refused), boots, context, LATER)
        if not shown(reply):
            break
        seen += shown(reply)
        refused = shown(reply)[0]

    assert reply.choices == pieces.themes(boots)
    assert len(seen) == len(set(seen)) == 5, "each entry once"


def test_a_choice_after_half_an_hour_starts_afresh(boots: Snapshot) -> None:
    late = NOON + CONTEXT_LIFE + timedelta(seconds=1)
    reply, after = act(ShowEntry("pop-a-blister"), boots, WAITING, late)

    assert isinstance(reply, Advice)
    assert reply.note.full
    assert after == Context(late, "pop-a-blister", Tier.SELF_CARE, 1, ())


# --- the note, everywhere -------------------------------------------------------------------------------------------


def contexts() -> Iterator[Context]:
    yield Context()
    for answered in range(4):
        for last in (None, *Tier):
            yield Context(at=NOON, last_entry="new-boots", last_tier=last, answered=answered, candidates=("gone-since", "walk-on"))


def check_notes(snapshot: Snapshot) -> None:
    """Every entry, shown to anybody, carries a note with words: full where it must be, else one short line."""
    entries = snapshot.knowledge.entries
    assert entries
    for entry in entries:
        for context in contexts():
            for action in (ShowEntry(entry.id), NotThis(entry.id), Sources(entry.id), Topics(entry.theme)):
                reply, _ = act(action, snapshot, context, NOON)
                assert isinstance(reply, Advice) is isinstance(action, ShowEntry)
                if not isinstance(reply, Advice):
                    continue
                assert reply.note.line.strip()
                must = context.answered == 0 or entry.tier != context.last_tier or entry.tier >= Tier.GP_SOON or entry.full_note
                assert reply.note.emergency_line == (snapshot.knowledge.topic.emergency_line if must else "")
                if not must:
                    assert "\n" not in reply.note.line
                    assert len(reply.note.line) <= 90


def test_every_answer_carries_its_note(boots: Snapshot) -> None:
    check_notes(boots)


def test_every_answer_that_ships_carries_its_note(snapshot: Snapshot) -> None:
    assert snapshot.knowledge.topic.emergency_line
    check_notes(snapshot)


def test_without_an_emergency_line_there_is_a_note_all_the_same() -> None:
    check_notes(make_snapshot(make_knowledge(topic=dataclasses.replace(make_topic(), emergency_line=""))))


# --- what else there is under an answer -----------------------------------------------------------------------------


def choices(reply: Reply) -> list[list[Action]]:
    return [[choice.action for choice in row] for row in reply.choices]


def test_more_gives_sources_a_link_and_two_votes(boots: Snapshot) -> None:
    reply, after = act(More("walk-on"), boots, WAITING, LATER)
    title = boots.entries_by_id["walk-on"].title

    assert isinstance(reply, Menu)
    assert reply.text == f"About: {title}"
    assert choices(reply) == [[Sources("walk-on"), Share("walk-on", title)], [Vote("walk-on", True), Vote("walk-on", False)], [Back("walk-on")]]
    assert after == dataclasses.replace(WAITING, at=LATER)


def test_back_gives_what_stood_there_before(boots: Snapshot) -> None:
    alarmed = dataclasses.replace(WAITING, alerted=("chest-pain",), alerted_at=(Tier.EMERGENCY,))
    for context in (WAITING, alarmed):
        reply, _ = act(Back("which-plaster"), boots, context, LATER)

        assert reply.choices == compose.advice(("which-plaster",), boots, context).choices


def test_at_most_three_rows_stand_under_an_answer(boots: Snapshot, snapshot: Snapshot) -> None:
    for base in (boots, snapshot):
        flag = next(flag for flag in base.knowledge.red_flags.flags if flag.tier is Tier.EMERGENCY)
        alarmed = Context(at=NOON, alerted=(flag.id,), alerted_at=(Tier.EMERGENCY,))
        for entry in base.knowledge.entries:
            for context in (Context(), alarmed):
                for action in (ShowEntry(entry.id), More(entry.id), Back(entry.id)):
                    assert len(act(action, base, context, NOON)[0].choices) <= 3


@pytest.mark.parametrize("helpful", [True, False])
def test_a_vote_is_thanked_for_and_not_asked_for_again(helpful: bool, boots: Snapshot) -> None:
    reply, after = act(Vote("walk-on", helpful), boots, WAITING, LATER)
    again, _ = act(More("walk-on"), boots, after, LATER)

    assert isinstance(reply, Menu)
    assert reply.word == boots.knowledge.messages.say("thanks_for_vote")
    assert choices(reply)[-1] == [NotThis("walk-on"), More("walk-on")]
    assert after.voted == ("walk-on",)
    assert choices(again)[1:] == [[Back("walk-on")]]


def test_only_the_last_votes_are_remembered(boots: Snapshot) -> None:
    context = dataclasses.replace(WAITING, voted=tuple(f"entry-{number}" for number in range(20)))
    _, after = act(Vote("walk-on", True), boots, context, LATER)

    assert after.voted == (*context.voted[1:], "walk-on")


def test_a_link_that_is_followed_where_there_are_no_links_shows_the_same(boots: Snapshot) -> None:
    assert act(InPrivate("walk-on"), boots, WAITING, LATER) == act(ShowEntry("walk-on"), boots, WAITING, LATER)
    assert act(InPrivate(), boots, WAITING, LATER) == act(Topics(), boots, WAITING, LATER)


def test_what_a_link_to_share_does_is_told_where_there_are_no_links(boots: Snapshot) -> None:
    reply, after = act(Share("walk-on", "Walk on"), boots, WAITING, LATER)

    assert isinstance(reply, Menu)
    assert reply.text == boots.knowledge.messages.say("share_explained", title=boots.entries_by_id["walk-on"].title)
    assert choices(reply)[-1] == [Back("walk-on")]
    assert after == dataclasses.replace(WAITING, at=LATER)


@pytest.mark.parametrize("make", [More, Back, InPrivate, lambda gone: Vote(gone, True), lambda gone: Share(gone, "x")])
def test_nothing_comes_of_an_entry_that_has_gone(make: Callable[[str], Action], boots: Snapshot) -> None:
    assert act(make("gone-since"), boots, WAITING, LATER) == (gone(boots), dataclasses.replace(WAITING, at=LATER))


@pytest.mark.parametrize("action", [Operate("reload", "1234"), PassOn(1_700_000_000), Consent(1_700_000_000, given=True)])
def test_nothing_comes_here_of_what_is_done_by_whoever_keeps_questions_or_runs_the_bot(action: Action, boots: Snapshot) -> None:
    """The way in does it before it asks here. Where it does not, as in the terminal, the button means nothing."""
    assert act(action, boots, WAITING, LATER) == (gone(boots), dataclasses.replace(WAITING, at=LATER))


# --- regions --------------------------------------------------------------------------------------------------------


def test_a_region_may_be_chosen_before_anything_has_happened(snapshot: Snapshot) -> None:
    asked, _ = act(Regions(), snapshot, Context(), NOON)
    offered = [action for row in choices(asked) for action in row]
    chosen, after = act(offered[0], snapshot, Context(), NOON)
    every, all_of_them = act(SetRegion(), snapshot, after, NOON)

    assert offered == [*(SetRegion(region.key) for region in snapshot.knowledge.numbers.regions), SetRegion()]
    assert isinstance(chosen, Notice)
    assert chosen.text.startswith("UK it is.")
    assert "• In an emergency: 999 or 112" in chosen.text
    assert (after.region, all_of_them.region) == ("uk", "")
    assert choices(chosen) == [[CopyNumber("999"), CopyNumber("112")], [Regions()]]
    assert choices(every) == [[Regions()]]


@pytest.mark.parametrize(
    ("region", "numbers"),
    [("uk", ["999", "112"]), ("us", ["911"]), ("eu", ["112"]), ("za", ["10177", "112"]), ("", []), (None, [])],
)
def test_the_numbers_of_the_region_that_was_chosen_stand_under_an_alarm(region: str | None, numbers: list[str], snapshot: Snapshot) -> None:
    turn = respond(Utterance("sudden worst headache of my life", NOON), snapshot, Context(region=region))

    assert isinstance(turn.reply, Alarm)
    assert [action.number for row in choices(turn.reply) for action in row if isinstance(action, CopyNumber)] == numbers


def test_what_copies_a_number_is_told_where_nothing_can_be_copied(boots: Snapshot) -> None:
    assert act(CopyNumber("112"), boots, WAITING, LATER)[0] == Notice(boots.knowledge.messages.say("copy_explained", number="112"))


def test_a_region_that_is_none_changes_nothing(snapshot: Snapshot) -> None:
    reply, after = act(SetRegion("atlantis"), snapshot, Context(region="uk"), NOON)

    assert reply == gone(snapshot)
    assert after.region == "uk"


def test_a_topic_without_numbers_has_no_regions() -> None:
    bare = make_snapshot(make_knowledge())
    assert not bare.knowledge.numbers.regions

    assert act(Regions(), bare, Context(), NOON)[0] == Notice(bare.knowledge.messages.say("no_regions"), pieces.themes(bare))
    assert act(SetRegion(), bare, Context(), NOON)[0] == gone(bare)
