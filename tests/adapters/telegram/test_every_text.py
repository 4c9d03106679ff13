"""Whatever a topic can make the bot say, Telegram takes: every text parsed by its own parser, every call held against the Bot API."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise

import pytest

from bot.adapters.telegram.absence import opened
from bot.adapters.telegram.render import render
from bot.core import alarms, compose
from bot.core.act import act, gone
from bot.core.action import Action, Back, ChooseRegion, More, NotThis, Regions, SetRegion, ShowEntry, ShowNumbers, Sources, Topics, Vote
from bot.core.content import Tier
from bot.core.model import REPLY_LIMIT_UNITS, Advice, Alarm, Alert, Context, FlagHit, Menu, Notice, Reply, choices_of
from bot.core.public import in_public
from bot.core.snapshot import Snapshot
from bot.core.text import utf16_units
from tests.adapters.telegram.oracle import complaints_about_call, parse_html
from tests.core.builders import NOON

ROW_UNITS = 46
"""What the labels of one row may come to on a narrow phone, in characters; a longer label is cut by Telegram."""


def contexts(snapshot: Snapshot) -> Iterator[Context]:
    yield Context()
    yield Context(
        at=NOON, last_entry=snapshot.knowledge.entries[0].id, last_tier=Tier.SELF_CARE, answered=3, region=snapshot.knowledge.numbers.regions[0].key
    )
    graver = {flag.tier: flag for flag in snapshot.knowledge.red_flags.flags if flag.tier >= Tier.URGENT_TODAY}
    for flag in graver.values():
        yield Context(at=NOON, answered=1, alerted=(flag.id,), alerted_at=(flag.tier,))


def answers(snapshot: Snapshot) -> Iterator[Reply]:
    for context in contexts(snapshot):
        for entry in snapshot.knowledge.entries:
            for made in (ShowEntry, Sources, More, Back, NotThis):
                yield act(made(entry.id), snapshot, context, NOON)[0]
            yield act(Vote(entry.id, helpful=True), snapshot, context, NOON)[0]
            yield compose.advice([entry.id], snapshot, context, lead=compose.lead(soft(snapshot), snapshot), titled=True)
    ids = [entry.id for entry in snapshot.knowledge.entries]
    for first, second in pairwise(ids):
        yield compose.advice([first, second], snapshot, Context())
        yield compose.offer([first, second], snapshot, Context())


def soft(snapshot: Snapshot) -> Alert:
    """Return what is soft, of a flag that has a line of its own for it where there is one."""
    flags = snapshot.knowledge.red_flags.flags
    flag = next((flag for flag in flags if flag.soft_line), flags[0])
    return Alert((FlagHit(flag.id, flag.tier, soft=True, words=()),))


def every_alarm(snapshot: Snapshot) -> Iterator[Reply]:
    keys = snapshot.knowledge.messages.alarms
    regions = [region.key for region in snapshot.knowledge.numbers.regions]
    for flag in snapshot.knowledge.red_flags.flags:
        tier = max(flag.tier, Tier.URGENT_TODAY)
        for key in (None, *keys):
            alert = Alert((FlagHit(flag.id, tier, soft=False, words=(), alarm=key),))
            for region in (None, *regions) if flag.alarm == key else (None, regions[0]):
                yield alarms.alarm(alert, snapshot, Context(region=region), [snapshot.knowledge.entries[0].id])[0]
        yield act(ChooseRegion(flag.id, tier.key), snapshot, Context(), NOON)[0]
        yield act(ShowNumbers(flag.id, tier.key, regions[0]), snapshot, Context(), NOON)[0]


def notices(snapshot: Snapshot) -> Iterator[Reply]:
    messages, knowledge = snapshot.knowledge.messages, snapshot.knowledge
    yield from (Notice(text) for wordings in messages.sentences.values() for text in wordings)
    yield from (Notice(text) for text in chain(messages.first_lines.values(), messages.reminders.values()))
    yield from (compose.small_talk(talk.id, snapshot, Context(answered=turn)) for talk in knowledge.smalltalk for turn in range(len(talk.replies)))
    yield from (act(action, snapshot, Context(), NOON)[0] for action in browsing(snapshot))
    yield gone(snapshot)
    yield compose.dont_know(snapshot, Context())


def browsing(snapshot: Snapshot) -> Iterator[Action]:
    yield from (Topics(), Regions(), SetRegion())
    yield from (SetRegion(region.key) for region in snapshot.knowledge.numbers.regions)
    yield from (Topics(theme, page) for theme in snapshot.knowledge.topic.theme_titles for page in range(3))


def forms(reply: Reply, snapshot: Snapshot) -> Iterator[Reply]:
    yield reply
    yield in_public(reply, snapshot)
    yield in_public(reply, snapshot, links_only=True)
    yield opened(reply, snapshot.knowledge.messages.say("was_offline"))


def complaints(reply: Reply) -> Iterator[str]:
    for rendered in (render(reply, username="nape_bot"), render(reply, browsing=True, staying=True, username="nape_bot")):
        for page in rendered.pages:
            parameters = {"chat_id": 1, "text": page.html, "parse_mode": "HTML"}
            if rendered.keyboard is not None:
                parameters["reply_markup"] = rendered.keyboard.to_dict()
            yield from complaints_about_call("sendMessage", parameters)
            parsed = parse_html(page.html)
            if utf16_units(parsed.text) > REPLY_LIMIT_UNITS or parsed.text != page.plain:
                yield f"{utf16_units(parsed.text)} units"


@pytest.mark.parametrize("kind", [answers, every_alarm, notices], ids=["answers", "alarms", "notices"])
def test_everything_that_can_be_said_is_taken(kind: object, any_topic: Snapshot) -> None:
    assert callable(kind)
    distinct = list(dict.fromkeys(form for reply in kind(any_topic) for form in forms(reply, any_topic)))
    assert len(distinct) > 100

    assert [complaint for reply in distinct for complaint in complaints(reply)] == []


def test_each_is_one_message(any_topic: Snapshot) -> None:
    said = [reply for kind in (answers, every_alarm, notices) for reply in kind(any_topic)]

    assert {len(render(reply).pages) for reply in said} == {1}


def test_what_stands_under_an_answer_fits_a_phone(any_topic: Snapshot) -> None:
    shown = [reply for kind in (answers, every_alarm) for reply in kind(any_topic) if isinstance(reply, Advice | Menu)]
    assert shown

    assert max(len(reply.choices) for reply in shown) <= 3
    rows = {tuple(choice.label for choice in row) for reply in shown for row in reply.choices}
    assert [row for row in rows if sum(map(len, row)) > ROW_UNITS] == []


def test_no_label_is_cut(any_topic: Snapshot) -> None:
    labels = {choice.label for kind in (answers, every_alarm, notices) for reply in kind(any_topic) for choice in choices_of(reply)}

    assert [label for label in labels if not label.strip() or len(label) > ROW_UNITS] == []


def test_an_alarm_opens_with_what_to_do_and_is_never_folded(any_topic: Snapshot) -> None:
    raised = [reply for reply in every_alarm(any_topic) if isinstance(reply, Alarm)]
    assert raised

    assert not [reply for reply in raised if "<blockquote" in render(reply).pages[0].html]
