"""How the bot is, for an admin who asks."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from urllib.parse import urlsplit

from telegram import User, WebhookInfo
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.adapters.telegram.known import Known
from bot.adapters.telegram.profile import Drift
from bot.redact import redact
from bot.service import Service
from bot.store.records import ALSO

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Status:
    """What was found at one moment."""

    me: User
    up: timedelta
    by_webhook: bool
    open: int
    settled: Mapping[str, int]
    """Since the start, by settlement."""
    today: Mapping[str, int] | None
    """Replies and presses since midnight UTC; None where the store does not answer."""
    replicas: Mapping[str, str] | None
    """Version of the knowledge by name; None where the store does not answer."""
    at_telegram: WebhookInfo | None
    """None where Telegram does not say."""
    drift: tuple[Drift, ...]


async def look(bot: ExtBot[int], service: Service, known: Known) -> Status:
    """Return how the bot is; no part waits long, and none that fails keeps the others back."""
    counts = await service.counted(datetime.now(UTC).date())
    today = None if counts is None else _summed((tally.what, tally.times) for tally in counts if not tally.what.endswith(ALSO))
    return Status(
        me=await _me(bot),
        up=timedelta(seconds=int(time.monotonic() - known.started_at)),
        by_webhook=known.by_webhook,
        open=known.open(),
        settled={settlement.value: count for settlement, count in known.settled.items() if count},
        today=today,
        replicas={} if known.replicas is None else await known.replicas.alive(),
        at_telegram=await _at_telegram(bot),
        drift=known.profile.drift if known.profile is not None else (),
    )


def told(status: Status, service: Service) -> str:
    """Return *status* in words."""
    return "\n".join(_lines(status, service))


def _lines(status: Status, service: Service) -> Iterator[str]:
    knowledge = service.snapshot.knowledge
    say = service.say
    flags, entries = str(len(knowledge.red_flags.flags)), str(len(knowledge.entries))
    yield say("status_version", program=version("napebot"), knowledge=knowledge.version, entries=entries, flags=flags)
    yield say("status_up_webhook" if status.by_webhook else "status_up_polling", time=str(status.up))
    yield say("status_updates", open=str(status.open), counts=_listed(status.settled) or say("status_none"))
    yield say("status_today", counts=_listed(status.today) or say("status_none")) if status.today is not None else say("status_store_silent")
    if status.replicas:
        yield say("status_replicas", names=", ".join(f"{name} ({served})" for name, served in sorted(status.replicas.items())[:_SHOWN]))
    yield from _of_telegram(status.at_telegram, service)
    yield from _of_profile(status, service)


def _of_telegram(info: WebhookInfo | None, service: Service) -> Iterator[str]:
    if info is None:
        yield service.say("status_telegram_silent")
        return
    waiting = str(info.pending_update_count)
    # The host alone: what stands behind it may be a secret of whoever set it.
    host = urlsplit(info.url).hostname
    yield service.say("status_webhook", host=host, waiting=waiting) if host else service.say("status_waiting", waiting=waiting)
    if info.last_error_date:
        yield service.say("status_webhook_error", at=_minute(info.last_error_date), what=redact(info.last_error_message or "?"))


def _of_profile(status: Status, service: Service) -> Iterator[str]:
    say = service.say
    for drift in status.drift:
        if drift.problem:
            yield say("status_not_set", what=drift.what, at=_minute(drift.at), problem=drift.problem)
        else:
            yield say("status_set", what=drift.what, at=_minute(drift.at))
    if not status.drift:
        yield say("status_no_drift")
    if not status.me.supports_inline_queries:
        yield say("status_inline_off")
    if not status.me.supports_guest_queries:
        yield say("status_guests_off")
    if status.me.can_read_all_group_messages:
        yield say("status_reads_groups")


async def _me(bot: ExtBot[int]) -> User:
    """Return the bot as @BotFather has it now; as it was at the start where Telegram does not say."""
    try:
        return await bot.get_me(rate_limit_args=1)
    except TelegramError:
        return bot.bot


async def _at_telegram(bot: ExtBot[int]) -> WebhookInfo | None:
    try:
        return await bot.get_webhook_info(rate_limit_args=1)
    except TelegramError:
        return None


def _summed(pairs: Iterator[tuple[str, int]]) -> Mapping[str, int]:
    counter: Counter[str] = Counter()
    for name, count in pairs:
        counter[name] += count
    return counter


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda named: (-named[1], named[0]))[:_SHOWN])


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
