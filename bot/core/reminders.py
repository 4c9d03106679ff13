"""What brings the last alarm back above whatever is said after it, and what it holds back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.core.action import Choice, NotHappening, Rows
from bot.core.content import TIERS_BY_KEY, Tier
from bot.core.model import Context, Notice
from bot.core.pieces import joined
from bot.core.snapshot import Snapshot
from bot.core.triage.rules import RedFlag


def in_crisis(snapshot: Snapshot, context: Context) -> str:
    """Return the line that says who listens, where a crisis was met in this chat; else nothing."""
    return next((_reminding(flag, tier, snapshot) for flag, tier in alerted(snapshot, context) if tier is Tier.CRISIS), "")


def not_withheld(entry_ids: Iterable[str], snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    """Return those of *entry_ids* that may be offered, for all that the last alarm holds back."""
    withheld = {entry_id for flag, _ in alerted(snapshot, context) for entry_id in flag.withholds}
    return tuple(entry_id for entry_id in entry_ids if entry_id not in withheld)


def reminder(snapshot: Snapshot, context: Context) -> tuple[tuple[str, ...], Rows]:
    """Return what brings the last alarm back above an answer, and the button that ends it: there is none after a crisis."""
    crisis = in_crisis(snapshot, context)
    other = next((_reminding(flag, tier, snapshot) for flag, tier in alerted(snapshot, context) if tier is not Tier.CRISIS), "")
    over = ((Choice(snapshot.knowledge.messages.say("not_happening"), NotHappening()),),) if other and not crisis else ()
    # Help for the body first, then somebody to talk to.
    return (other, crisis), over


def reminded(notice: Notice, snapshot: Snapshot, context: Context) -> Notice:
    """Return *notice* below the line that brings the last alarm back: "thanks" ends a conversation, and no danger."""
    lines, over = reminder(snapshot, context)
    return replace(notice, text=joined(*lines, notice.text), choices=(*notice.choices, *over))


def _reminding(flag: RedFlag, tier: Tier, snapshot: Snapshot) -> str:
    reminders = snapshot.knowledge.messages.reminders
    own = flag.alarm in reminders and flag.alarm not in TIERS_BY_KEY
    text = reminders[flag.alarm if own else max(tier, Tier.URGENT_TODAY).key]
    return " ".join(text.replace("{read_as}", flag.read_as).split())


def alerted(snapshot: Snapshot, context: Context) -> tuple[tuple[RedFlag, Tier], ...]:
    """Return the flags of the last alarm with the tiers they were raised at, less those that have gone since."""
    tiers = dict(zip(context.alerted, context.alerted_at, strict=False))
    flags = [snapshot.flags_by_id[flag_id] for flag_id in context.alerted if flag_id in snapshot.flags_by_id]
    return tuple((flag, tiers.get(flag.id, flag.tier)) for flag in flags)
