"""What happens when somebody picks a choice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core import compose
from bot.core.model import Action, Context, Notice, NotThis, Reply, ShowEntry, Sources, Topics
from bot.core.snapshot import Snapshot

_OFFERED = 3


def act(action: Action, snapshot: Snapshot, context: Context, now: datetime) -> tuple[Reply, Context]:
    """Return what to show for *action*, and what to carry on. Choices whose entry has gone get a kind sentence and the topics."""
    context = context.fresh_at(now)
    if isinstance(action, Topics):
        return compose.topics(snapshot, action.theme, action.page), replace(context, at=now)
    if isinstance(action, NotThis):
        return _others(action, snapshot, replace(context, at=now))
    entry = snapshot.entries_by_id.get(action.entry_id)
    if entry is None:
        return gone(snapshot), replace(context, at=now)
    if isinstance(action, Sources):
        return compose.sources(entry, snapshot), replace(context, at=now)
    return _show(action, snapshot, context, now)


def gone(snapshot: Snapshot) -> Notice:
    """Return what to say to a choice that leads nowhere any more."""
    return Notice(snapshot.knowledge.messages.say("stale_button"), compose.themes(snapshot))


def _show(action: ShowEntry, snapshot: Snapshot, context: Context, now: datetime) -> tuple[Reply, Context]:
    entry = snapshot.entries_by_id[action.entry_id]
    reply = compose.advice((entry.id,), snapshot, context, titled=True)
    return reply, compose.after_answer(context, (entry,), now, context.candidates)


def _others(action: NotThis, snapshot: Snapshot, context: Context) -> tuple[Reply, Context]:
    """The next candidates, then the topics."""
    # What waits belongs to the last answer or offer; under an older one it would be an answer to another question.
    waiting = context.candidates if action.entry_id == context.last_entry or action.entry_id in context.offered else ()
    left = tuple(candidate for candidate in waiting if candidate in snapshot.entries_by_id and candidate != action.entry_id)
    shown, rest = left[:_OFFERED], left[_OFFERED:]
    if not shown:
        messages = snapshot.knowledge.messages
        return Notice(messages.say("not_found_either"), compose.themes(snapshot)), context
    return compose.offer(shown, snapshot, context, again=True), replace(context, candidates=rest, offered=shown)
