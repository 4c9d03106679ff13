"""Who writes when in the measurement of floods."""

from __future__ import annotations

from collections import Counter

from benchmarks.floods import FLOODER, Plan, schedule
from tests.e2e.numbered import ALARM

PLAN = Plan("polling", seconds=60.0)


def test_one_floods_and_the_others_ask_now_and_then() -> None:
    written = schedule(PLAN)
    chats = Counter(writing.chat_id for writing in written)

    assert chats.pop(FLOODER) == 6_000
    assert len(chats) == 20
    assert set(chats.values()) <= {19, 20}
    assert [writing.after_s for writing in written] == sorted(writing.after_s for writing in written)
    assert all(0 <= writing.after_s < 60 for writing in written)


def test_each_of_the_others_asks_each_question_once() -> None:
    asked = Counter((writing.chat_id, writing.number) for writing in schedule(PLAN) if writing.number >= 0)

    assert set(asked.values()) == {1}


def test_the_flooder_cries_for_help_once() -> None:
    cries = [writing for writing in schedule(PLAN) if writing.text == ALARM]

    assert [(cry.chat_id, cry.after_s) for cry in cries] == [(FLOODER, 30.0)]
