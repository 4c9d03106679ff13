"""Every question of the measurements is answered with its own number, and only the cry for help raises the alarm."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.model import Advice, Alarm, Context, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.knowledge.loader import load_snapshot
from tests.e2e import numbered

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder: Path = numbered.write(tmp_path_factory.mktemp("things"))
    return load_snapshot(folder)


def test_each_question_has_its_number(snapshot: Snapshot) -> None:
    context, numbers = Context(), []
    for number in range(len(numbered.THINGS)):
        turn = respond(Utterance(numbered.question(number), NOW), snapshot, context)
        assert isinstance(turn.reply, Advice)
        numbers.append(numbered.number_in(turn.reply.parts[0].answer))
        context = turn.context

    assert numbers == list(range(50))


def test_the_cry_for_help_is_heard(snapshot: Snapshot) -> None:
    reply = respond(Utterance(numbered.ALARM, NOW), snapshot, Context()).reply

    assert isinstance(reply, Alarm)
    assert numbered.ALARM_SAYS in reply.text
    assert numbered.number_in(reply.text) is None
