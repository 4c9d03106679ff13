"""What is done every so often while the bot serves: leases renewed, the store told that it lives, old rows deleted, the admins told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any

from telegram.ext import ExtBot

from bot.adapters.telegram import admin, outbox
from bot.adapters.telegram.absence import Absence, Away
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.endings import Settlement
from bot.adapters.telegram.patience import Sleep
from bot.adapters.telegram.profile import Profile
from bot.adapters.telegram.reports import Report, Reports
from bot.core.model import REPLY_LIMIT_UNITS
from bot.core.text import utf16_units
from bot.redact import where
from bot.service import Service
from bot.store import LEASE_S, Store
from bot.store.bounded import bounded

RENEW_S = LEASE_S / 3
BEAT_S = 60.0
FLUSH_S = 5.0
PRUNE_S = 300.0
"""People are told that what they carry on is kept for 30 minutes."""
PRUNE_LIMIT_S = 60.0
PROFILE_S = 3600.0
"""How often it is looked whether menus and descriptions have drifted."""
TELL_S = 5.0
"""How often it is looked whether an absence is over, or an error is to be told of."""

_MINUTES_PER_HOUR = 60

_logger = logging.getLogger(__name__)


class Upkeep:
    """Runs from `start` to `stop`, or as a context manager. No failure ends it: what could not be done is done the next time."""

    def __init__(
        self,
        bot: ExtBot[int],
        service: Service,
        store: Store,
        delivery: Delivery,
        absence: Absence,
        *,
        admin_ids: frozenset[int] = frozenset(),
        retention_days: int = 400,
        reports: Reports | None = None,
        profile: Profile | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """*retention_days* is how long counts are kept."""
        self._reports = reports
        self._profile = profile
        self._bot = bot
        self._service = service
        self._store = store
        self._delivery = delivery
        self._absence = absence
        self._admin_ids = admin_ids
        self._retention = timedelta(days=retention_days)
        self._sleep = sleep
        self._gave_up = 0
        """How many updates were given up when it was last looked."""
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Look how long nobody served, before anything is served; then begin. The first beat comes later: a start that fails is no service."""
        self._absence.began(await bounded(self._store.last_beat(), otherwise=None))
        # The backlog by itself: to write it takes seconds, and a lease must not wait for it.
        works = (
            (RENEW_S, self._renew),
            (FLUSH_S, self._flush),
            (BEAT_S, self._beat),
            (PRUNE_S, self._prune),
            (TELL_S, self._tell),
            (PROFILE_S, self._keep_profile),
        )
        self._tasks = [asyncio.create_task(self._every(period_s, work)) for period_s, work in works]

    async def stop(self) -> None:
        """End; nothing of it is at work afterwards."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def __aenter__(self) -> Upkeep:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    async def _every(self, period_s: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await self._sleep(period_s)
            try:
                await work()
            except Exception as error:  # Of last resort: what is done no more would be missed late.
                _logger.error("%s failed: %s", work.__name__, where(error))  # noqa: TRY400  (its words are not ours)

    async def _renew(self) -> None:
        if self._delivery.at_work:
            # No answer waits for this: a slow store has time to say yes, for a lease that ends is a reply sent twice.
            await bounded(self._store.renew(), otherwise=None, limit_s=RENEW_S)

    async def _flush(self) -> None:
        await self._delivery.backlog.flush()

    async def _beat(self) -> None:
        await bounded(self._store.beat(), otherwise=None)

    async def _prune(self) -> None:
        self._service.tidy(datetime.now(UTC))
        oldest = (datetime.now(UTC) - self._retention).date()
        try:
            # Not bounded as what an answer waits for: deleting takes its time.
            # Nor by wait_for: until Python 3.12 it loses a cancellation that comes as the call ends, and then this would never stop.
            async with asyncio.timeout(PRUNE_LIMIT_S):
                await self._store.prune(counts_before=oldest)
        except Exception as error:  # Of any kind, as round an answer: the next time is another try.
            _logger.warning("old rows could not be deleted: %s", type(error).__name__)

    async def _tell(self) -> None:
        away = self._absence.over()
        if away is not None:
            text = _told(away, self._service)
            _logger.info("%s", text)
            await self._tell_admins(text)
        if self._reports is not None:
            await self._report(self._reports)

    async def _report(self, reports: Reports) -> None:
        gave_up = self._delivery.counts[Settlement.GAVE_UP]
        if gave_up > self._gave_up:
            reports.note(("gave_up",), self._service.say("admin_gave_up"), gave_up - self._gave_up)
        self._gave_up = gave_up
        due = reports.due()
        if due and await self._tell_admins(_reported(due, self._service)):
            reports.told(due)

    async def _tell_admins(self, text: str) -> bool:
        """Return whether Telegram took it for any of them."""
        return any([await outbox.tell(self._bot, admin_id, text) for admin_id in sorted(self._admin_ids)])

    async def _keep_profile(self) -> None:
        if self._profile is not None:
            await self._profile.keep()


def _reported(reports: Sequence[Report], service: Service) -> str:
    """Return *reports* in words, as many as fit one message, and how many more there are."""
    more = service.say("reload_more", count=str(len(reports)))
    lines = [service.say("admin_error", what=report.what, count=str(report.count)) for report in reports]
    told = list(admin.fitting(lines, REPLY_LIMIT_UNITS - utf16_units(more)))
    rest = [service.say("reload_more", count=str(len(lines) - len(told)))] if len(told) < len(lines) else []
    return "\n".join(told + rest)


def _told(away: Away, service: Service) -> str:
    hours, minutes = divmod(round(away.lasted.total_seconds() / 60), _MINUTES_PER_HOUR)
    return service.say("admin_was_offline", hours=str(hours), minutes=str(minutes), messages=str(away.waited))
