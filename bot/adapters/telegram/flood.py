"""When somebody writes faster than replies go out, one reply answers all that waits.

Of the messages that wait the one with the highest tier stays open, and its reply is that one; the others are *covered*: triaged, and settled at
once with what they leave behind. What is stored with them is chosen so that the one that stays open, read from its own words on top of it,
raises the alarm that all of them together raised: so it does after a crash, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.adapters.telegram.at_hand import Again
from bot.core.content import Tier
from bot.core.model import Answered, Context, SmallTalk, Utterance
from bot.service import Said

Answer = Callable[[Utterance, Context], Awaitable[Said]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the messages of a flood, by their places in it."""

    stay: range
    """Those that stay open."""
    context: Context
    """What to store with the others."""
    said: tuple[Said | None, ...]
    """What each would have been answered in its turn; None for one without words."""


async def plan(told: Sequence[Utterance | None], carried: Context, answer: Answer, before: Again | None = None) -> Plan:
    """Return which of *told* stay open: the one with the highest tier, the latest on ties; more where its alarm would not stand without them.

    *told* are the messages of one person in their order, None for one without words; at least one. *carried* is what is stored, without what
    the message *before* them leaves behind, whose reply is on its way but not settled.
    """
    first = await _asked(before, carried)
    said: list[Said | None] = []
    context = _heard(carried, first)
    for utterance in told:
        said.append(await _answered(utterance, context, answer))
        context = _heard(context, said[-1])
    best = max(range(len(told)), key=lambda place: (*_rank(said[place]), place))
    if not (_alarm(said[best]) or _alarm(first)):
        return Plan(range(best, best + 1), context, tuple(said))
    for stay in _stays(best):
        context = carried
        for place, utterance in enumerate(told):
            if place not in stay:
                context = _heard(context, await _answered(utterance, context, answer))
        if await _stands([told[place] for place in stay], context, answer, before, (_alarm(first), _alarm(said[best]))):
            return Plan(stay, context, tuple(said))
    return Plan(range(len(told)), carried, tuple(said))


def _stays(best: int) -> Iterator[range]:
    """Yield growing rows of places that end with *best*."""
    width = 1
    while width <= best:
        yield range(best + 1 - width, best + 1)
        width *= 2
    yield range(best + 1)


async def _stands(
    left: Sequence[Utterance | None], context: Context, answer: Answer, before: Again | None, alarms: tuple[Tier | None, Tier | None]
) -> bool:
    """Return True when, read anew on top of *context*, *before* and then *left* raise alarms no lower than they did."""
    again = await _asked(before, context)
    context = _heard(context, again)
    raised: list[Tier | None] = []
    for utterance in left:
        said = await _answered(utterance, context, answer)
        raised.append(_alarm(said))
        context = _heard(context, said)
    return (_alarm(again) or 0) >= (alarms[0] or 0) and max(tier or 0 for tier in raised) >= (alarms[1] or 0)


async def _asked(again: Again | None, context: Context) -> Said | None:
    return await again(context) if again else None


async def _answered(utterance: Utterance | None, context: Context, answer: Answer) -> Said | None:
    if utterance is None:
        return None
    await asyncio.sleep(0)  # A flood may be a hundred messages: others get their turn in between.
    return await answer(utterance, context)


def _heard(carried: Context, said: Said | None) -> Context:
    """Return *carried* with what triage keeps of a message; not with its answer, for nobody has seen that."""
    if said is None or said.turn is None or said.turn.context.at is None:
        return carried
    after = said.turn.context
    return replace(carried.fresh_at(said.turn.context.at), at=after.at, half_met=after.half_met, alerted=after.alerted, alerted_at=after.alerted_at)


def _alarm(said: Said | None) -> Tier | None:
    """Return the tier of the alarm that *said* raises, if it does."""
    alert = said.turn.alert if said is not None and said.turn is not None else None
    return alert.tier if alert is not None and alert.live and alert.tier >= Tier.URGENT_TODAY else None


def _rank(said: Said | None) -> tuple[int, int, int]:
    """Return how much a message matters: its alarm, what it may be about, and whether it asks anything."""
    turn = said.turn if said is not None else None
    if turn is None:
        return 0, 0, 0
    about = int(turn.alert.tier) if turn.alert is not None else 0
    match turn.outcome:
        case SmallTalk():
            asks = 1
        case Answered():
            asks = 2 + int(turn.context.last_tier or 0)
        case _:
            asks = 2
    return int(_alarm(said) or 0), about, asks
