"""It makes no difference whether updates are fetched or posted: the same requests in each chat, and the same left behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.telegram.delivery import Settlement
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge
from tests.adapters.telegram.both_ways import Left, Recorded, by_polling, by_webhook, record, stop_the_clock
from tests.adapters.telegram.conversations import AT_ONCE, TALKS
from tests.adapters.telegram.updates import Raw

Rounds = list[list[Raw]]


@pytest.fixture
def live(folder: Path, bicycles: Snapshot, monkeypatch: pytest.MonkeyPatch) -> LiveKnowledge:
    stop_the_clock(monkeypatch)
    return LiveKnowledge(folder, bicycles)


@pytest.fixture
async def talks(live: LiveKnowledge) -> list[Recorded]:
    return await record(live, TALKS)


@pytest.fixture
async def short_talks(live: LiveKnowledge) -> list[Recorded]:
    return await record(live, AT_ONCE)


def in_rounds(talks: list[Recorded]) -> Rounds:
    """The first turn of each talk, then the second of each ...: who writes has seen the reply to what they did before."""
    turns = zip_longest(*(talk.turns for talk in talks), fillvalue=())
    return numbered([[update for updates in turn for update in updates] for turn in turns])


def numbered(rounds: Rounds) -> Rounds:
    """The same with ids that rise from one update to the next, as Telegram's do."""
    at = 0
    found: Rounds = []
    for updates in rounds:
        found.append([update | {"update_id": at + number} for number, update in enumerate(updates, start=1)])
        at += len(updates)
    return found


async def test_each_turn_of_a_talk_calls_what_it_should(talks: list[Recorded]) -> None:
    found = [(turn.name, tuple(call.method for call in calls)) for talk in talks for turn, calls in zip(talk.talk.turns, talk.calls, strict=True)]

    assert found == [(turn.name, turn.calls) for talk in TALKS for turn in talk.turns]


async def test_polled_or_posted_the_calls_and_what_is_kept_are_the_same(live: LiveKnowledge, talks: list[Recorded]) -> None:
    rounds = in_rounds(talks)
    polled, posted = await by_polling(live, rounds), await by_webhook(live, rounds)

    assert posted == polled
    assert posted.settled == polled.settled == {Settlement.ANSWERED: sum(map(len, rounds))}
    assert polled.contexts
    assert polled.tallies
    assert polled.misses


@pytest.mark.parametrize("way", [by_polling, by_webhook])
async def test_what_was_recorded_is_what_is_delivered(live: LiveKnowledge, talks: list[Recorded], way: Callable[..., Awaitable[Left]]) -> None:
    """Neither way changes a word of what the handlers alone say."""
    left = await way(live, in_rounds(talks))
    recorded = [call for talk in talks for calls in talk.calls for call in calls]

    assert len(recorded) > 60
    assert sorted(map(repr, recorded)) == sorted(repr(call) for calls in left.calls.values() for call in calls)


@settings(max_examples=40)
@given(data=st.data())
async def test_however_chats_mix_each_hears_the_same(live: LiveKnowledge, short_talks: list[Recorded], data: st.DataObject) -> None:
    """All of it waits at once, as after an outage; each chat keeps its order."""
    queues = [[update for updates in talk.turns for update in updates] for talk in short_talks]
    order = data.draw(st.permutations([talk for talk, queue in enumerate(queues) for _ in queue]))
    batch = data.draw(st.integers(1, len(order)))
    waiting = [iter(queue) for queue in queues]
    rounds = numbered([[next(waiting[talk]) for talk in order]])
    polled, posted = await by_polling(live, rounds, batch), await by_webhook(live, rounds)

    assert posted == polled
    assert posted.settled == polled.settled == {Settlement.ANSWERED: len(order)}
    recorded = [call for talk in short_talks for calls in talk.calls for call in calls]
    assert sorted(map(repr, recorded)) == sorted(repr(call) for calls in polled.calls.values() for call in calls)
