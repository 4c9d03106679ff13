"""What happens when somebody picks a choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core import alarms, compose, pieces, reminders
from bot.core.action import (
    Action,
    Back,
    ChooseRegion,
    Consent,
    CopyNumber,
    InPrivate,
    More,
    NotHappening,
    NotThis,
    Operate,
    PassOn,
    Regions,
    SetRegion,
    Share,
    ShowEntry,
    ShowNumbers,
    Sources,
    Topics,
    Vote,
)
from bot.core.content import Entry
from bot.core.model import Context, Menu, Notice, Reply
from bot.core.snapshot import Snapshot

_OFFERED = 3
_VOTES_KEPT = 20


def act(action: Action, snapshot: Snapshot, context: Context, now: datetime) -> tuple[Reply, Context]:
    """Return what to show for *action*, and what to carry on. Choices whose entry, alarm or region has gone get a kind sentence and the topics."""
    context = replace(context.fresh_at(now), at=now)
    match action:
        case Topics(theme, page):
            return compose.topics(snapshot, theme, page), context
        case InPrivate(""):
            return compose.topics(snapshot), context
        case Regions():
            return alarms.regions(snapshot), context
        case SetRegion(region):
            return _set_region(region, snapshot, context)
        case ChooseRegion(flag_id, alarm):
            return alarms.alarm_again(flag_id, alarm, snapshot, context, choosing=True) or gone(snapshot), context
        case ShowNumbers():
            return _show_numbers(action, snapshot, context)
        case NotHappening():
            return _not_happening(snapshot, context)
        case NotThis():
            return _others(action, snapshot, context)
        case Operate() | PassOn() | Consent():  # Done elsewhere, where it can be done at all.
            return gone(snapshot), context
        case CopyNumber(number):
            return Notice(snapshot.knowledge.messages.say("copy_explained", number=number)), context
    entry = snapshot.entries_by_id.get(action.entry_id)
    return _about(action, entry, snapshot, context, now) if entry else (gone(snapshot), context)


_OfEntry = ShowEntry | InPrivate | More | Back | Sources | Vote | Share


def _about(action: _OfEntry, entry: Entry, snapshot: Snapshot, context: Context, now: datetime) -> tuple[Reply, Context]:
    match action:
        case ShowEntry() | InPrivate():
            return compose.advice((entry.id,), snapshot, context), compose.after_answer(context, (entry,), now, context.candidates)
        case More():
            return Menu(compose.about(entry.title, snapshot), compose.more(entry, snapshot, context)), context
        case Back():
            return Menu(compose.about(entry.title, snapshot), compose.under_answer(entry, snapshot, context)), context
        case Sources():
            return compose.sources(entry, snapshot), context
        case Share():
            return Menu(snapshot.knowledge.messages.say("share_explained", title=entry.title), compose.more(entry, snapshot, context)), context
    thanks = snapshot.knowledge.messages.say("thanks_for_vote")
    voted = (*(voted for voted in context.voted if voted != entry.id), entry.id)[-_VOTES_KEPT:]
    return Menu(compose.about(entry.title, snapshot), compose.under_answer(entry, snapshot, context), thanks), replace(context, voted=voted)


def gone(snapshot: Snapshot) -> Notice:
    """Return what to say to a choice that leads nowhere any more."""
    return Notice(snapshot.knowledge.messages.say("stale_button"), pieces.themes(snapshot))


def _set_region(region: str, snapshot: Snapshot, context: Context) -> tuple[Reply, Context]:
    reply = alarms.numbers_of(region, snapshot)
    return (reply, replace(context, region=region)) if reply else (gone(snapshot), context)


def _show_numbers(action: ShowNumbers, snapshot: Snapshot, context: Context) -> tuple[Reply, Context]:
    chosen = replace(context, region=action.region)
    known = not action.region or snapshot.knowledge.numbers.region(action.region)
    reply = alarms.alarm_again(action.flag_id, action.alarm, snapshot, chosen, choosing=False) if known else None
    return (reply, chosen) if reply else (gone(snapshot), context)


def _not_happening(snapshot: Snapshot, context: Context) -> tuple[Reply, Context]:
    """The line above answers ends; but never that of a crisis, whatever older button is pressed."""
    crisis = reminders.in_crisis(snapshot, context)
    if crisis:
        return Notice(crisis), context
    return Notice(snapshot.knowledge.messages.say("not_happening_heard")), replace(context, alerted=(), alerted_at=())


def _others(action: NotThis, snapshot: Snapshot, context: Context) -> tuple[Reply, Context]:
    """The next candidates, then the topics."""
    # What waits belongs to the last answer or offer; under an older one it would be an answer to another question.
    waiting = context.candidates if action.entry_id == context.last_entry or action.entry_id in context.offered else ()
    known = (candidate for candidate in waiting if candidate in snapshot.entries_by_id and candidate != action.entry_id)
    left = reminders.not_withheld(known, snapshot, context)
    shown, rest = left[:_OFFERED], left[_OFFERED:]
    if not shown:
        messages = snapshot.knowledge.messages
        return reminders.reminded(Notice(messages.say("not_found_either"), pieces.themes(snapshot)), snapshot, context), context
    return reminders.reminded(compose.offer(shown, snapshot, context, again=True), snapshot, context), replace(
        context, candidates=rest, offered=shown
    )
