"""Whatever a flood says, what stays open of it raises the alarm that all of it raises: also when it is all that is left."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.telegram.at_hand import Again
from bot.adapters.telegram.flood import Answer, plan
from bot.core.action import Topics
from bot.core.content import Tier
from bot.core.model import Context, Utterance
from bot.core.snapshot import Snapshot
from bot.keyring import Keyring
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Said, Service
from bot.store.memory import MemoryStore
from tests.adapters.telegram import bicycle

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
KEY = Keyring.for_this_process().name(1, 1)

FOG = """
  - id: rf-fog
    tier: emergency
    why: Each alone is nothing.
    rules:
      - all_of:
          - {name: fog, any: [fog]}
          - {name: soft brakes, any: [brakes are soft]}
    read_as: You wrote of fog.
    fires_on: ["i have fog and my brakes are soft"]
  - id: rf-wobble
    tier: urgent_today
    why: Each alone is nothing.
    rules:
      - all_of:
          - {name: wobble, any: [wheel wobbles]}
          - {name: speed, any: [at speed]}
    read_as: You wrote of a wobble.
    fires_on: ["the wheel wobbles at speed"]
"""

SENTENCES = (
    "i have fog",
    "my brakes are soft",
    "no fog",
    "no fog any more",
    "the wheel wobbles",
    "it does it at speed",
    "help, my brakes failed",
    "my frame is cracked",
    "how do i oil the chain",
    "my brake pads are thin",
    "hello",
    "why does the moon shine",
    None,
)


@pytest.fixture(scope="module")
def foggy(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = bicycle.write(tmp_path_factory.mktemp("foggy"))
    (folder / "red_flags.yaml").write_text(bicycle.RED_FLAGS.rstrip() + FOG, encoding="utf-8")
    return load_snapshot(folder)


@pytest.fixture(scope="module")
def answer(foggy: Snapshot) -> Answer:
    service = Service(LiveKnowledge(Path(), foggy), MemoryStore())

    async def asked(utterance: Utterance, context: Context) -> Said:
        return await service.answer(utterance, KEY, context)

    return asked


def utterances(said: Sequence[str | None], minutes: Sequence[int] = ()) -> list[Utterance | None]:
    """Said one after the other, so many minutes after the last; at once where that is not given."""
    at, found = NOON, []
    for place, text in enumerate(said):
        at += timedelta(minutes=minutes[place] if place < len(minutes) else 0)
        found.append(Utterance(text, at) if text is not None else None)
    return found


async def told_one_by_one(told: Sequence[Utterance | None], context: Context, answer: Answer) -> tuple[list[int], Context]:
    """Return the tiers of the alarms when nothing is covered, 0 for none, and what is carried on at last."""
    tiers = []
    for utterance in told:
        if utterance is None:
            tiers.append(0)
            continue
        turn = (await answer(utterance, context)).turn
        assert turn is not None
        alert, context = turn.alert, turn.context
        tiers.append(int(alert.tier) if alert is not None and alert.live and alert.tier >= Tier.URGENT_TODAY else 0)
    return tiers, context


def asking(utterance: Utterance, carried: Context, answer: Answer) -> Again:
    async def again(context: Context | None) -> Said:
        return await answer(utterance, context or carried)

    return again


@pytest.mark.parametrize(
    ("said", "stays"),
    [
        (["how do i oil the chain", "hello", None], [0]),
        (["hello", "why does the moon shine", "hello"], [1]),
        ([None, None, None], [2]),
        ([None, "hello", None], [1]),
        (["how do i oil the chain"] * 6, [5]),
        (["how do i oil the chain", "why does the moon shine"], [0]),
        (["my brake pads are thin", "how do i oil the chain"], [0]),
        (["help, my brakes failed", "how do i oil the chain", "hello"], [0]),
        (["help, my brakes failed", "my frame is cracked"], [0]),
        (["my frame is cracked", "help, my brakes failed"], [1]),
        (["help, my brakes failed", "hello", "help, my brakes failed"], [2]),
        (["i have fog", "hello", "my brakes are soft", "hello", "how do i oil the chain"], [2]),
        (["my brakes are soft", "the wheel wobbles", "at speed", "i have fog", "hello"], [3]),
        (["i have fog", "my brakes are soft", "no fog any more"], [0, 1]),
        (["hello", "i have fog", "hello", "my brakes are soft", "hello", "no fog"], [0, 1, 2, 3]),
    ],
    ids=lambda value: " / ".join(str(each) for each in value),
)
async def test_what_stays_open(answer: Answer, said: list[str | None], stays: list[int]) -> None:
    found = await plan(utterances(said), Context(), answer)

    assert list(found.stay) == stays


async def test_nobody_has_seen_the_answers_of_what_is_covered(answer: Answer) -> None:
    found = await plan(utterances(["how do i oil the chain", "i have fog", "how do i oil the chain"]), Context(), answer)

    assert (found.context.answered, found.context.last_entry, len(found.context.half_met)) == (0, None, 1)
    assert [said.outcome if said else None for said in found.said] == ["answered", "unknown", "answered"]


async def test_a_press_that_is_on_its_way_changes_nothing(answer: Answer, foggy: Snapshot) -> None:
    service = Service(LiveKnowledge(Path(), foggy), MemoryStore())

    async def pressed(context: Context | None) -> Said:
        return await service.act(Topics(), KEY, NOON, context)

    found = await plan(utterances(["i have fog", "my brakes are soft"]), Context(), answer, pressed)

    assert list(found.stay) == [1]


async def test_an_alarm_that_is_on_its_way_would_be_raised_again(answer: Answer) -> None:
    """The first half is stored, the second on its way as an alarm; then it is said to be over. A crash now must not lose the alarm."""
    (before,) = utterances(["i have fog"])
    _, carried = await told_one_by_one([before], Context(), answer)
    (on_its_way,) = utterances(["my brakes are soft"])
    assert on_its_way is not None
    told = utterances(["hello", "hello", "no fog any more", "how do i oil the chain"])
    found = await plan(told, carried, answer, asking(on_its_way, carried, answer))

    assert list(found.stay) == [2, 3]

    covering = await plan(told[2:] + told[2:3], carried, answer, asking(on_its_way, carried, answer))

    assert (list(covering.stay), covering.context) == ([0, 1, 2], carried)


minutes = st.lists(st.sampled_from([0, 0, 0, 1, 6, 12]), min_size=14, max_size=14)


@given(
    stored=st.lists(st.sampled_from(SENTENCES[:-1]), max_size=2),
    on_its_way=st.none() | st.sampled_from(SENTENCES[:-1]),
    said=st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=10),
    apart=minutes,
)
def test_what_is_left_raises_the_highest_alarm_of_all(
    answer: Answer, stored: list[str], on_its_way: str | None, said: list[str | None], apart: list[int]
) -> None:
    """Read again on top of what was stored with the others: what was on its way, and what stays open."""

    async def check() -> None:
        every = utterances([*stored, *([on_its_way] if on_its_way else []), *said], apart)
        told, waiting = every[: len(stored)], every[len(every) - len(said) :]
        _, carried = await told_one_by_one(told, Context(), answer)
        moving = every[len(stored) : len(every) - len(said)]
        first, after = await told_one_by_one(moving, carried, answer)
        want, _ = await told_one_by_one(waiting, after, answer)

        again = asking(moving[0], carried, answer) if moving and moving[0] else None
        found = await plan(waiting, carried, answer, again)
        got_first, context = await told_one_by_one(moving, found.context, answer)
        got, _ = await told_one_by_one([waiting[place] for place in found.stay], context, answer)

        assert max(got) >= max(want)
        assert got_first >= first

    asyncio.run(check())
