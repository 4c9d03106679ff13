"""What the store is asked and told about updates: each bounded, for a store that is ill must cost nobody the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from bot.adapters.telegram.lanes import Item
from bot.store import Store
from bot.store.bounded import bounded
from bot.store.later import Backlog
from bot.store.records import NOTHING, Claim, Effects, Standing

_UNASKED = Claim(Standing.OURS)


class Claims:
    """Claims and settles updates."""

    def __init__(self, store: Store, *, alone: bool) -> None:
        self._store = store
        self._alone = alone
        self.backlog = Backlog(store)

    async def take_on(self, item: Item) -> Claim:
        """Claim *item*, unless a claim is at hand; when the store is silent it is ours, and so is what leaves nothing behind."""
        if item.claim is None and not item.leaves_nothing:
            await self.backlog.catch_up()  # It may hold what the message before this one leaves behind.
            await self._claim(item)
        if item.claim is None:
            item.tries += 1
        claim, item.claim = item.claim or _UNASKED, None
        return claim

    async def claim_all(self, items: Sequence[Item]) -> bool:
        """Claim *items*, which keep their claims at hand; return False when the store is ill."""
        if len(self.backlog):
            return False
        await asyncio.gather(*(self._claim(item) for item in items if item.claim is None))
        return all(item.claim is not None for item in items)

    async def _claim(self, item: Item) -> None:
        if item.let_go:  # The store would say that it is settled.
            item.claim = _UNASKED
            item.tries += 1
            return
        item.claim = await bounded(self._store.claim(item.update.update_id, alone=self._alone), otherwise=None)
        if item.claim is None:
            item.unheard += 1
        elif item.claim.standing is Standing.OURS:
            item.claimed = True
            item.tries = max(item.tries + 1, item.claim.tries - item.unheard)

    async def settle(self, item: Item, effects: Effects) -> None:
        """Settle *item*, now or when the store is well again."""
        if item.leaves_nothing:
            return
        if item.let_go:
            await bounded(self._store.keep(effects), otherwise=None)
        else:
            await self.backlog.settle((item.update.update_id,), effects)
        item.claimed = False

    async def settle_now(self, items: Sequence[Item], effects: Effects) -> bool:
        """Settle *items* and keep *effects*; return False when that was not done."""
        kept = await bounded(self._store.settle([item.update.update_id for item in items], effects), otherwise=None)
        if kept is False:  # All were let go before.
            return await bounded(self._keep(effects), otherwise=False)
        return kept is True

    async def _keep(self, effects: Effects) -> bool:
        await self._store.keep(effects)
        return True

    async def let_go(self, items: Sequence[Item]) -> None:
        """Settle *items*, whatever is still to come of them."""
        update_ids = [item.update.update_id for item in items if not item.leaves_nothing]
        if update_ids:
            await self.backlog.settle(update_ids, NOTHING)

    async def release(self, items: Iterable[Item]) -> None:
        """Give back the claims of *items*."""
        held = [item for item in items if item.claimed]
        for item in held:
            item.claim, item.claimed = None, False
        if held:
            await bounded(self._store.release([item.update.update_id for item in held]), otherwise=None)
