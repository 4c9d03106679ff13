"""What was written to be said is said by something."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.content import TIERS_BY_KEY
from bot.core.model import Advice, Alarm, Context, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.knowledge.signing import texts_of

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def test_every_alarm_is_spoken_by_a_red_flag(snapshot: Snapshot) -> None:
    knowledge = snapshot.knowledge
    spoken = {key for flag in knowledge.red_flags.flags for key in texts_of(flag, knowledge.messages)}

    assert [key for key in knowledge.messages.alarms if f"alarms.{key}" not in spoken and key not in TIERS_BY_KEY] == []


def test_a_fresh_wound_comes_first_in_a_crisis(snapshot: Snapshot) -> None:
    reply = respond(Utterance("i hurt myself and now it keeps bleeding", NOON), snapshot, Context()).reply

    assert isinstance(reply, Alarm)
    assert reply.text.index("999") < reply.text.index("116 123")
    assert reply.choices == ()


@pytest.mark.parametrize("told", ["the gp said it is muscular", "ive had an mri", "saw a physio about it"])
def test_who_was_seen_already_is_told_when_to_go_back(snapshot: Snapshot, told: str) -> None:
    question = "my neck has hurt for 3 months and is no better"
    leads = []
    for said in (f"{question}. what stretches help?", f"{question}, {told}. what stretches help?"):
        reply = respond(Utterance(said, NOON), snapshot, Context()).reply
        assert isinstance(reply, Advice)
        leads.append(reply.lead)

    say = snapshot.knowledge.messages.say
    assert leads == [say("gp_line"), say("gp_line_seen")]
