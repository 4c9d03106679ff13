"""Covers floods: asks the plan, settles what is covered, and keeps what is at hand in step."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.telegram import incoming
from bot.adapters.telegram.claims import Claims
from bot.adapters.telegram.endings import Ending, Pushback, Settlement
from bot.adapters.telegram.flood import Plan, plan
from bot.adapters.telegram.lanes import FLOOD, Item, Lane
from bot.core.model import Context, Utterance
from bot.keyring import Keyring
from bot.redact import where
from bot.service import Said, Service
from bot.store.records import Count, Effects, PersonKey, Standing

MOST_TRIES = 5
"""How often an update is begun; then it is given up, for it may be what ends the process."""
COUNTED_AS = "covered"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Covered:
    """A waiting update that has ended, and what it would have been answered."""

    item: Item
    ending: Ending
    said: Said | None = None


class Cover:
    """Finds floods in a lane."""

    def __init__(self, service: Service, claims: Claims, keyring: Keyring) -> None:
        self._service = service
        self._claims = claims
        self._keyring = keyring

    async def settle(self, lane: Lane) -> list[Covered]:
        """Take what is covered out of *lane* and return it, settled; to be called under the lane's lock."""
        found: list[Covered] = []
        while writers := lane.flooding():  # More may come while these are looked at.
            for writer in writers:
                found += await self._look(lane, writer)
        return found

    async def _look(self, lane: Lane, writer: int) -> list[Covered]:
        flood = lane.by(writer)
        found: list[Covered] = []
        try:
            found = await self._settle(lane, writer, flood)
        except Exception as error:  # Whatever is wrong here, each message still gets its own reply.
            _logger.error("a flood could not be covered: %s", where(error))  # noqa: TRY400  (the traceback may quote a person)
        lane.drop({each.item for each in found})
        lane.bounds[writer] = FLOOD + max(0, len(flood) - len(found) - 1)
        return found

    async def _settle(self, lane: Lane, writer: int, flood: Sequence[Item]) -> list[Covered]:
        if not await self._claims.claim_all(flood):
            return []
        ended = [Covered(item, ending) for item in flood if (ending := _ended(item)) is not None]
        ours = [item for item in flood if item.claim is not None and item.claim.standing is Standing.OURS and item.tries <= MOST_TRIES]
        if len(ours) > 1:
            ended += await self._cover(lane, ours, self._keyring.name(lane.chat, writer))
        return ended

    async def _cover(self, lane: Lane, ours: Sequence[Item], key: PersonKey) -> list[Covered]:
        told = [_told(item) for item in ours]
        carried = await self._service.stored(key)
        if carried is None:  # What was half met before may be all that makes a danger of these.
            return []
        before = lane.hand.asks_for(key) if lane.hand is not None else None

        async def answer(utterance: Utterance, context: Context) -> Said:
            return await self._service.answer(utterance, key, context)

        found = await plan(told, carried, answer, before)
        places = enumerate(zip(ours, found.said, strict=True))
        covered = [Covered(item, Settlement.COVERED, said) for place, (item, said) in places if place not in found.stay]
        if not covered or not await self._claims.settle_now([each.item for each in covered], _effects(found, key, covered)):
            return []
        if lane.hand is not None:
            await lane.hand.rebase(key, found.context)
        return covered


def _ended(item: Item) -> Ending | None:
    if item.claim is None or item.claim.standing is Standing.OURS:
        return None
    if item.claim.standing is Standing.SETTLED:
        return Settlement.REPEATED
    return Pushback(1, "elsewhere") if item.by_webhook else None


def _told(item: Item) -> Utterance | None:
    message = item.update.effective_message
    said = incoming.utterance(message) if message is not None else None
    return said if said is not None and said.text else None


def _effects(found: Plan, key: PersonKey, covered: Sequence[Covered]) -> Effects:
    messages = [each.item.update.effective_message for each in covered]
    counts = tuple(Count(incoming.when(message).date(), COUNTED_AS) for message in messages if message is not None)
    # Each wording once: what is shown of misses was asked several times, and a flood comes from one person.
    missed = dict.fromkeys(miss for each in covered if each.said is not None for miss in each.said.effects.misses)
    return Effects(((key, found.context),), counts, tuple(missed))
