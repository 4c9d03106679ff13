"""From what was found and decided to what is said: notes, alarms, offers, and the buttons under them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.content import TIERS_BY_KEY, Entry, Tier
from bot.core.model import (
    Advice,
    Alarm,
    Alert,
    Choice,
    Context,
    Note,
    Notice,
    NotThis,
    Part,
    Rows,
    ShowEntry,
    Sources,
    Topics,
)
from bot.core.snapshot import Snapshot
from bot.core.triage.rules import RedFlag

THEMES_A_ROW = 2
ENTRIES_A_PAGE = 8
_RELATED_SHOWN = 2
_WITH_INTENT = "-intent"


def advice(
    entry_ids: Sequence[str],
    snapshot: Snapshot,
    context: Context,
    *,
    lead: str = "",
    titled: bool = False,
    also: Sequence[str] = (),
) -> Advice:
    """Return the answer of one entry, or the openings of two, with the note that the graver of them needs."""
    entries = [snapshot.entries_by_id[entry_id] for entry_id in entry_ids]
    if len(entries) == 1:
        parts: tuple[Part, ...] = (Part(entries[0].id, entries[0].title if titled else "", entries[0].answer, entries[0].more),)
        choices = _under_answer(entries[0], snapshot, also)
    else:
        parts = tuple(Part(entry.id, entry.title, entry.answer.split("\n\n")[0]) for entry in entries)
        say = snapshot.knowledge.messages.say
        choices = tuple((Choice(say("read_all", title=entry.title), ShowEntry(entry.id)),) for entry in entries)
    return Advice(parts, note_for(entries, snapshot, context), lead, choices)


def note_for(entries: Iterable[Entry], snapshot: Snapshot, context: Context) -> Note:
    """Return the note for *entries*: the gravest tier's, full or short, its wording picked by how many answers went before.

    Full: the first answer in a chat, a tier other than the last one's, gp_soon and above, and entries marked `full_note`.
    """
    topic, messages = snapshot.knowledge.topic, snapshot.knowledge.messages
    shown = tuple(entries)
    gravest = max(shown, key=lambda entry: entry.tier)
    wordings = messages.notes[gravest.note] if gravest.note else topic.notes_by_tier[gravest.tier]
    full = context.answered == 0 or gravest.tier != context.last_tier or gravest.tier >= Tier.GP_SOON or any(entry.full_note for entry in shown)
    chosen = wordings.full if full else wordings.short
    return Note(chosen[context.answered % len(chosen)], topic.emergency_line if full else "")


def alarm(alert: Alert, snapshot: Snapshot, candidates: Sequence[str]) -> tuple[Alarm, tuple[str, ...]]:
    """Return the alarm for a live *alert*, and the entries that wait behind its buttons.

    One alarm at most: the highest tier, then the order of the file. A crisis stands alone. Where somebody in crisis has also done what
    another live flag is about, and that flag's alarm has a text for it (`overdose-intent`), that text speaks: help first, then the helpline.
    """
    messages = snapshot.knowledge.messages
    flags = {flag.id: flag for flag in snapshot.knowledge.red_flags.flags}
    raised = [flags[flag_id] for flag_id in alert.flag_ids]
    flag = raised[0]
    # A rule may raise a flag above its own tier; the text of a tier follows the tier, a text of the flag's own stays.
    text = messages.alarms[alert.tier.key if flag.alarm in TIERS_BY_KEY else flag.alarm]
    if alert.tier is Tier.CRISIS:
        with_intent = (messages.alarms.get(other.alarm + _WITH_INTENT) for other in raised[1:])
        return Alarm(alert.tier, alert.flag_ids, next(filter(None, with_intent), text)), ()
    lines = (flag.read_as, messages.first_lines[flag.first_line] if flag.first_line else "", text)
    withheld = {entry_id for other in raised for entry_id in other.withholds}
    waiting = tuple(entry_id for entry_id in candidates if entry_id not in withheld)[:1]
    choices = tuple((_show(entry_id, snapshot),) for entry_id in waiting)
    return Alarm(alert.tier, alert.flag_ids, "\n\n".join(filter(None, lines)), choices), waiting


def lead(alert: Alert, snapshot: Snapshot) -> str:
    """Return what opens a reply below the alarms: "if this is happening now" for a danger asked about, and a prompt for a live gp_soon flag."""
    messages = snapshot.knowledge.messages
    flags = {flag.id: flag for flag in snapshot.knowledge.red_flags.flags}
    asked_about: RedFlag | None = next((flags[hit.flag_id] for hit in alert.hits if hit.soft), None)
    soft = ""
    if asked_about is not None:
        soft = messages.first_lines[asked_about.soft_line] if asked_about.soft_line else messages.say("soft_lead")
    return _joined(soft, messages.say("gp_line") if alert.live else "")


def offer(entry_ids: Sequence[str], snapshot: Snapshot, context: Context, *, lead: str = "", again: bool = False) -> Notice:
    """Return a question back: which of these did you mean?"""
    messages = snapshot.knowledge.messages
    text = messages.say("offer_again" if again else "offer", context.answered)
    rows = (*((_show(entry_id, snapshot),) for entry_id in entry_ids), (Choice(messages.say("none_of_these"), NotThis(entry_ids[0])),))
    return Notice(_joined(lead, text), rows)


def dont_know(snapshot: Snapshot, context: Context, *, lead: str = "") -> Notice:
    """Return "I don't know", the safety line, and the topics."""
    messages = snapshot.knowledge.messages
    return Notice(_joined(lead, messages.say("dont_know", context.answered), messages.say("safety_line")), themes(snapshot))


def soft_without_answer(lead: str, snapshot: Snapshot) -> Notice:
    """Return what to say about a danger asked about, when no entry answers: the line, and the entry that tells when to get help."""
    messages, topic = snapshot.knowledge.messages, snapshot.knowledge.topic
    rows = ((_show(topic.safety_entry, snapshot),),) if topic.safety_entry else ()
    return Notice(_joined(lead, messages.say("safety_line")), rows)


def small_talk(smalltalk_id: str, snapshot: Snapshot, context: Context, *, lead: str = "") -> Notice:
    """Return the kind reply to small talk."""
    replies = next(talk.replies for talk in snapshot.knowledge.smalltalk if talk.id == smalltalk_id)
    return Notice(_joined(lead, replies[context.answered % len(replies)]), themes(snapshot))


def topics(snapshot: Snapshot, theme: str = "", page: int = 0) -> Notice:
    """Return the list of themes, or one page of a theme's entries."""
    messages = snapshot.knowledge.messages
    entries = [entry for entry in snapshot.knowledge.entries if entry.theme == theme]
    if not entries:
        return Notice(messages.say("topics_intro"), themes(snapshot))
    last = (len(entries) - 1) // ENTRIES_A_PAGE
    page = min(max(page, 0), last)
    shown = entries[page * ENTRIES_A_PAGE : (page + 1) * ENTRIES_A_PAGE]
    turns = []
    if page > 0:
        turns.append(Choice(messages.say("previous_page"), Topics(theme, page - 1)))
    if page < last:
        turns.append(Choice(messages.say("next_page"), Topics(theme, page + 1)))
    back = (Choice(messages.say("back_to_topics"), Topics()),)
    rows: Rows = (*((_show(entry.id, snapshot),) for entry in shown), *((tuple(turns),) if turns else ()), back)
    return Notice(messages.say("theme_intro", theme=snapshot.knowledge.topic.theme_titles[theme]), rows)


def themes(snapshot: Snapshot) -> Rows:
    """Return the themes as rows of buttons, in the order of `topic.yaml`, then of the files."""
    used = {entry.theme for entry in snapshot.knowledge.entries}
    choices = [Choice(title, Topics(theme)) for theme, title in snapshot.knowledge.topic.theme_titles.items() if theme in used]
    return tuple(tuple(choices[at : at + THEMES_A_ROW]) for at in range(0, len(choices), THEMES_A_ROW))


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
    return Notice("\n".join(lines) + "\n\n" + "\n".join(signed), ((_show(entry.id, snapshot),),))


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


def _under_answer(entry: Entry, snapshot: Snapshot, also: Sequence[str]) -> Rows:
    messages = snapshot.knowledge.messages
    related = tuple(dict.fromkeys((*also, *entry.related)))[:_RELATED_SHOWN]
    last = (Choice(messages.say("not_this"), NotThis(entry.id)), Choice(messages.say("sources"), Sources(entry.id)))
    return (*((_show(entry_id, snapshot),) for entry_id in related), last)


def _show(entry_id: str, snapshot: Snapshot) -> Choice:
    return Choice(snapshot.entries_by_id[entry_id].title, ShowEntry(entry_id))


def _joined(*texts: str) -> str:
    return "\n\n".join(filter(None, texts))
