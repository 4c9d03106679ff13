"""Work on the lanes: in each one update behind the other, lanes side by side, floods covered as they come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

from bot.adapters.telegram.at_hand import AtHand, begin
from bot.adapters.telegram.claims import Claims
from bot.adapters.telegram.cover import Cover
from bot.adapters.telegram.endings import Ending, Pushback, Rest, Settlement
from bot.adapters.telegram.lanes import Item, Lane, Place
from bot.adapters.telegram.patience import Sleep
from bot.adapters.telegram.processing import Processing
from bot.redact import where
from bot.service import Said

_logger = logging.getLogger(__name__)

End = Callable[[Item, Ending, Said | None, int], None]
"""Told of each end: what it was, the last reply, and how many of its messages may have been sent twice."""


class Workers:
    """One task for each chat with anything to do."""

    def __init__(self, processing: Processing, claims: Claims, cover: Cover, end: End, *, at_once: int, pause: Sleep) -> None:
        self._processing = processing
        self._claims = claims
        self._cover = cover
        self._end = end
        self._slots = asyncio.Semaphore(at_once)
        self._pause = pause
        self._lanes: dict[Place, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def queue(self, item: Item) -> None:
        """Put *item* at the end of its lane."""
        lane = self._lanes.get(item.place)
        if lane is None:
            lane = self._lanes[item.place] = Lane(item.place)
            self._start(self._work(lane))
        lane.waiting.append(item)
        for overtaken in lane.overtaken():
            self._end(overtaken, Settlement.COVERED, None, 0)
        # Who works on the lane looks for floods as well, but may be at a request, or in a pause.
        if not lane.covering and lane.flooding():
            lane.covering = True
            self._start(self._cover_soon(lane))

    def resting(self, place: Place) -> bool:
        """Return True while the lane of this *place* is in a pause."""
        lane = self._lanes.get(place)
        return lane is not None and lane.resting

    def hands(self) -> Iterator[AtHand]:
        """Yield what is being handled."""
        return (lane.hand for lane in self._lanes.values() if lane.hand is not None)

    async def wait(self, limit_s: float) -> None:
        """Wait until nothing is at work, *limit_s* seconds at most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=limit_s)

    async def stop(self) -> None:
        """End all work where it is."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _cover_soon(self, lane: Lane) -> None:
        async with lane.lock:
            lane.covering = False
            await self._cover_floods(lane)

    async def _cover_floods(self, lane: Lane) -> None:
        for covered in await self._cover.settle(lane):
            self._end(covered.item, covered.ending, covered.said, 0)

    async def _work(self, lane: Lane) -> None:
        while True:
            async with lane.lock:
                await self._cover_floods(lane)
                if not lane.waiting:
                    # Nothing is awaited between this look at the lane and its removal, so no update slips in between.
                    del self._lanes[lane.place]
                    return
                item = lane.waiting.popleft()
                lane.hand = hand = begin(AtHand(lane.updates, lane.lock, item.sent))
                lane.forgetting = item.forgets
            async with self._slots:
                ending = await self._run(item, hand)
            async with lane.lock:
                if isinstance(ending, Rest):
                    lane.waiting.appendleft(item)
                else:
                    await self._settle(item, ending, hand)
                lane.hand = lane.forgetting = None
            if isinstance(ending, Rest):
                lane.resting = True
                await self._pause(ending.seconds)
                lane.resting = False

    async def _run(self, item: Item, hand: AtHand) -> Ending | Rest:
        try:
            return await self._processing.run(item, hand)
        except Exception as error:  # Of any kind: else nobody in this chat would ever be answered again.
            _logger.error("update %d could not even be given up: %s", item.update.update_id, where(error))  # noqa: TRY400  (it may quote a person)
            return Settlement.GAVE_UP

    async def _settle(self, item: Item, ending: Ending, hand: AtHand) -> None:
        if isinstance(ending, Pushback):
            await self._claims.release((item,))
        elif ending is not Settlement.REPEATED:
            # An answer that nobody got is not counted as one.
            effects = hand.effects if ending is Settlement.ANSWERED else replace(hand.effects, counts=())
            await self._claims.settle(item, effects)
        self._end(item, ending, hand.said, hand.maybe_twice)
