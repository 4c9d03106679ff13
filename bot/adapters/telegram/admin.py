"""`/reload`: who may, and what they are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from telegram import Message, Update
from telegram.constants import ChatType

from bot.config import NEVER_ADMINS
from bot.core.model import REPLY_LIMIT_UNITS, Notice
from bot.core.text import utf16_units
from bot.knowledge.live import ReloadReport
from bot.replicas import Replicas, ReplicatedReload
from bot.service import Service

_IDS_SHOWN = 20
_TAIL_UNITS = 100
"""Room kept for the line that says how many problems are not shown."""


def asked_by_admin(update: Update, admin_ids: frozenset[int]) -> bool:
    """Return True only for a new message that an admin wrote with their own hands in their private chat with the bot.

    Edits, forwards, messages through other bots, for a business or in the name of a chat are none.
    """
    message = update.message
    if message is None or message.from_user is None:
        return False
    return by_own_hand(message) and message.from_user.id in admin_ids - NEVER_ADMINS


def by_own_hand(message: Message) -> bool:
    """Return True for what a person wrote themselves in their private chat with the bot; whether it is new is for the caller to see to."""
    user = message.from_user
    borrowed = (
        message.sender_chat,
        message.forward_origin,
        message.via_bot,
        message.is_automatic_forward,
        message.business_connection_id,
        message.sender_business_bot,
        message.guest_query_id,
    )
    own = user is not None and not user.is_bot and user.id not in NEVER_ADMINS and message.chat.id == user.id
    return own and message.chat.type == ChatType.PRIVATE and not any(borrowed)


async def reload(service: Service, replicas: Replicas | None = None) -> Notice:
    """Reload the knowledge, on all *replicas* where there are any, and return what came of it, in one message."""
    done = ReplicatedReload(await service.reload()) if replicas is None else await replicas.reload()
    report = done.here
    lines = _refusal(service, report) if report.problems else chain(_success(service, report), _elsewhere(service, done))
    return Notice("\n".join(lines))


def _success(service: Service, report: ReloadReport) -> Iterator[str]:
    if report.before == report.after:
        yield service.say("reload_same", version=report.after)
        return
    yield service.say("reload_done", before=report.before, after=report.after)
    for key, ids in (("reload_added", report.added), ("reload_removed", report.removed), ("reload_changed", report.changed)):
        if ids:
            yield service.say(key, count=str(len(ids)), ids=_listed(service, ids))


def _elsewhere(service: Service, done: ReplicatedReload) -> Iterator[str]:
    """Yield what other replicas did; nothing where there are none."""
    if not done.store_answered:
        yield service.say("reload_untold")
    elif done.count > 1:
        yield service.say("reload_took", took=str(len(done.took)), count=str(done.count), names=_listed(service, done.took))
        told = tuple(_each_elsewhere(service, done))
        yield from told[:_IDS_SHOWN]
        if len(told) > _IDS_SHOWN:
            yield service.say("reload_more", count=str(len(told) - _IDS_SHOWN))


def _each_elsewhere(service: Service, done: ReplicatedReload) -> Iterator[str]:
    """Yield a line for each replica that did not take it."""
    for replica in done.refused:
        yield service.say("reload_replica_refused", name=replica.name, version=replica.version, count=str(replica.problems))
    for replica in done.differing:
        yield service.say("reload_replica_differs", name=replica.name, version=replica.version)
    for name in done.loading:
        yield service.say("reload_replica_loading", name=name)
    for name in done.unheard:
        yield service.say("reload_replica_unheard", name=name)


def _listed(service: Service, ids: tuple[str, ...]) -> str:
    shown = ", ".join(ids[:_IDS_SHOWN])
    rest = len(ids) - _IDS_SHOWN
    return f"{shown} {service.say('reload_more', count=str(rest))}" if rest > 0 else shown


def _refusal(service: Service, report: ReloadReport) -> Iterator[str]:
    head = service.say("reload_failed", version=report.after, count=str(len(report.problems)))
    yield head
    told = tuple(fitting(map(str, report.problems), REPLY_LIMIT_UNITS - utf16_units(head) - _TAIL_UNITS))
    yield from told
    if len(told) < len(report.problems):
        yield service.say("reload_more", count=str(len(report.problems) - len(told)))


def fitting(lines: Iterable[str], room: int) -> Iterator[str]:
    """Yield *lines* as long as they fit in *room* units with a line break each."""
    for line in lines:
        room -= utf16_units(line) + 1
        if room < 0:
            return
        yield line
