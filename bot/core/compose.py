"""From what was decided to what is said: answers, notes, offers, and the buttons under them. Alarms are made in `alarms`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.action import (
    Back,
    Choice,
    More,
    NotThis,
    Rows,
    Share,
    Sources,
    Topics,
    Vote,
)
from bot.core.content import Entry, Tier
from bot.core.foreign import ANY_OTHER
from bot.core.model import Advice, Alert, Context, Note, Notice, Part
from bot.core.pieces import joined, shown, themes
from bot.core.reminders import alerted, not_withheld, reminder
from bot.core.snapshot import Snapshot

ENTRIES_A_PAGE = 8


def advice(
    entry_ids: Sequence[str],
    snapshot: Snapshot,
    context: Context,
    *,
    lead: str = "",
    titled: bool = False,
    also: Sequence[str] = (),
) -> Advice:
    """Return the answer of one entry, or the openings of two, with the note that the graver of them needs.

    After an alarm it opens with what that was about, and offers nothing that the alarm holds back.
    """
    entries = [snapshot.entries_by_id[entry_id] for entry_id in entry_ids]
    if len(entries) == 1:
        title = about(entries[0].title, snapshot) if titled else ""
        parts: tuple[Part, ...] = (Part(entries[0].id, title, entries[0].answer, entries[0].more),)
        choices = _under_answer(entries[0], snapshot, context, also)
    else:
        parts = tuple(Part(entry.id, entry.title, opening(entry.answer)) for entry in entries)
        choices = shown(entry_ids, snapshot)
    lines, over = reminder(snapshot, context)
    return Advice(parts, note_for(entries, snapshot, context), joined(*lines, lead), (*choices, *over))


def about(title: str, snapshot: Snapshot) -> str:
    """Return the line above an answer that says what it is about."""
    return snapshot.knowledge.messages.say("about", title=title)


def opening(answer: str) -> str:
    """Return the first paragraph of *answer*: what to do or know now."""
    return answer.split("\n\n")[0]


def note_for(entries: Iterable[Entry], snapshot: Snapshot, context: Context) -> Note:
    """Return the note for *entries*: the gravest tier's, full or short, its wording picked by how many answers went before.

    Full: the first answer in a chat, a tier other than the last one's, gp_soon and above, and entries marked `full_note`.
    """
    topic, messages = snapshot.knowledge.topic, snapshot.knowledge.messages
    answering = tuple(entries)
    gravest = max(answering, key=lambda entry: entry.tier)
    wordings = messages.notes[gravest.note] if gravest.note else topic.notes_by_tier[gravest.tier]
    full = context.answered == 0 or gravest.tier != context.last_tier or gravest.tier >= Tier.GP_SOON or any(entry.full_note for entry in answering)
    chosen = wordings.full if full else wordings.short
    return Note(chosen[context.answered % len(chosen)], topic.emergency_line if full else "")


def lead(alert: Alert, snapshot: Snapshot) -> str:
    """Return what opens a reply below the alarms: "if this is happening now" for a danger asked about, and a prompt for a live gp_soon flag."""
    messages = snapshot.knowledge.messages
    asked_about = next((snapshot.flags_by_id[hit.flag_id] for hit in alert.hits if hit.soft), None)
    soft = ""
    if asked_about is not None:
        soft = messages.first_lines[asked_about.soft_line] if asked_about.soft_line else messages.say("soft_lead")
    return joined(soft, messages.say("gp_line_seen" if alert.seen else "gp_line") if alert.live else "")


def offer(entry_ids: Sequence[str], snapshot: Snapshot, context: Context, *, lead: str = "", again: bool = False) -> Notice:
    """Return a question back: which of these did you mean?"""
    messages = snapshot.knowledge.messages
    key = "offer_one" if len(entry_ids) == 1 else "offer_again" if again else "offer"
    text = messages.say(key, context.answered)
    rows = (*shown(entry_ids, snapshot), (Choice(messages.say("none_of_these"), NotThis(entry_ids[0])),))
    return Notice(joined(lead, text), rows)


def dont_know(snapshot: Snapshot, context: Context, *, lead: str = "") -> Notice:
    """Return "I don't know", the safety line, and the topics."""
    messages = snapshot.knowledge.messages
    return Notice(joined(lead, messages.say("dont_know", context.answered), messages.say("safety_line")), themes(snapshot))


def in_other_language(code: str, snapshot: Snapshot, *, lead: str = "") -> Notice:
    """Return what is said in the language *code*, and a word in the bot's own for somebody it was taken for another."""
    messages = snapshot.knowledge.messages
    mistaken = messages.say("only_my_language") if code != ANY_OTHER else ""
    return Notice(joined(lead, messages.other_languages[code].strip(), mistaken))


def without_answer(lead: str, snapshot: Snapshot) -> Notice:
    """Return what to say of a danger asked about, or of what a doctor should see, when no entry answers: the line, and when to get help."""
    messages, topic = snapshot.knowledge.messages, snapshot.knowledge.topic
    rows = shown((topic.safety_entry,), snapshot) if topic.safety_entry else ()
    return Notice(joined(lead, messages.say("safety_line")), rows)


def small_talk(smalltalk_id: str, snapshot: Snapshot, context: Context, *, lead: str = "") -> Notice:
    """Return the kind reply to small talk."""
    replies = next(talk.replies for talk in snapshot.knowledge.smalltalk if talk.id == smalltalk_id)
    return Notice(joined(lead, replies[context.answered % len(replies)]), themes(snapshot))


def topics(snapshot: Snapshot, theme: str = "", page: int = 0) -> Notice:
    """Return the list of themes, or one page of a theme's entries."""
    messages = snapshot.knowledge.messages
    entries = [entry for entry in snapshot.knowledge.entries if entry.theme == theme]
    if not entries:
        return Notice(messages.say("topics_intro"), themes(snapshot))
    last = (len(entries) - 1) // ENTRIES_A_PAGE
    page = min(max(page, 0), last)
    here = entries[page * ENTRIES_A_PAGE : (page + 1) * ENTRIES_A_PAGE]
    turns = []
    if page > 0:
        turns.append(Choice(messages.say("previous_page"), Topics(theme, page - 1)))
    if page < last:
        turns.append(Choice(messages.say("next_page"), Topics(theme, page + 1)))
    back = (Choice(messages.say("back_to_topics"), Topics()),)
    rows = (*shown((entry.id for entry in here), snapshot), *((tuple(turns),) if turns else ()), back)
    return Notice(messages.say("theme_intro", theme=snapshot.knowledge.topic.theme_titles[theme]), rows)


def sources(entry: Entry, snapshot: Snapshot) -> Notice:
    """Return who says so, and whether a named person has checked the facts and a clinician has signed."""
    messages, topic = snapshot.knowledge.messages, snapshot.knowledge.topic
    lines = [messages.say("sources_intro", title=entry.title)]
    lines += [messages.say("source_line", name=source.name, title=source.title, url=source.url) for source in entry.sources]
    if not entry.sources:
        lines.append(messages.say("sources_none"))
    signed = [
        messages.say("checked_by", by=entry.checked.by, date=entry.checked.date) if entry.checked else messages.say("checked_none"),
        messages.say("reviewed_by", by=entry.reviewed.by, role=entry.reviewed.role, date=entry.reviewed.date)
        if entry.reviewed
        else messages.say("reviewed_none"),
    ]
    if entry.unsourced:
        signed.append(messages.say("unsourced"))
    if topic.contact:
        signed.append(messages.say("report_wrong", contact=topic.contact))
    return Notice("\n".join(lines) + "\n\n" + "\n".join(signed), shown((entry.id,), snapshot))


def after_answer(context: Context, entries: Sequence[Entry], now: datetime, candidates: Sequence[str]) -> Context:
    """Return the context once *entries* were shown and *candidates* wait."""
    return replace(
        context,
        at=now,
        last_entry=entries[0].id,
        last_tier=max(entry.tier for entry in entries),
        answered=context.answered + 1,
        candidates=tuple(candidate for candidate in candidates if candidate not in {entry.id for entry in entries}),
        offered=(),
    )


def after_alarm(context: Context, alert: Alert, snapshot: Snapshot, withheld: Sequence[str]) -> Context:
    """Return the context once the alarm for *alert* was raised and *withheld* wait under it: it is remembered, and a crisis from before."""
    raised = {hit.flag_id: hit.tier for hit in alert.hits if not hit.soft and hit.tier >= Tier.URGENT_TODAY}
    kept = {flag.id: tier for flag, tier in alerted(snapshot, context) if tier is Tier.CRISIS}
    remembered = raised | kept
    # What waits is all that may be picked now: what an older answer left must not come up under an alarm.
    return replace(context, candidates=tuple(withheld), offered=tuple(withheld), alerted=tuple(remembered), alerted_at=tuple(remembered.values()))


def under_answer(entry: Entry, snapshot: Snapshot, context: Context) -> Rows:
    """Return the choices under the answer of *entry*, with the one that ends the line above it, if there is such a line."""
    _, over = reminder(snapshot, context)
    return (*_under_answer(entry, snapshot, context, ()), *over)


def more(entry: Entry, snapshot: Snapshot, context: Context) -> Rows:
    """Return the further choices under the answer of *entry*. Who has said whether it helped is not asked again."""
    say = snapshot.knowledge.messages.say
    votes = () if entry.id in context.voted else ((Choice(say("helpful"), Vote(entry.id, True)), Choice(say("not_helpful"), Vote(entry.id, False))),)
    first = (Choice(say("sources"), Sources(entry.id)), Choice(say("share"), Share(entry.id, entry.title)))
    return (first, *votes, (Choice(say("back"), Back(entry.id)),))


def _under_answer(entry: Entry, snapshot: Snapshot, context: Context, also: Sequence[str]) -> Rows:
    """Return one entry to go on with, a second question before a related one, and the way to what else there is."""
    messages = snapshot.knowledge.messages
    onward = not_withheld(dict.fromkeys((*also, *entry.related)), snapshot, context)[:1]
    last = (Choice(messages.say("not_this"), NotThis(entry.id)), Choice(messages.say("more"), More(entry.id)))
    return (*shown(onward, snapshot), last)
