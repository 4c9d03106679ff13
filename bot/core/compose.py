"""From what was found and decided to what is said: notes, alarms, offers, and the buttons under them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.core.action import (
    Back,
    Choice,
    ChooseRegion,
    CopyNumber,
    More,
    NotHappening,
    NotThis,
    Regions,
    Rows,
    SetRegion,
    Share,
    ShowEntry,
    ShowNumbers,
    Sources,
    Topics,
    Vote,
)
from bot.core.content import NUMBER_KINDS, TIERS_BY_KEY, Entry, Tier
from bot.core.foreign import ANY_OTHER
from bot.core.model import Advice, Alarm, Alert, Context, Note, Notice, Part
from bot.core.snapshot import Snapshot
from bot.core.triage.rules import RedFlag

THEMES_A_ROW = 2
REGIONS_A_ROW = 3
ENTRIES_A_PAGE = 8
WITH_INTENT = "-intent"
"""Ends the key of an alarm for somebody in crisis who has also done what a flag with that alarm is about."""
_NUMBER = re.compile(r"[#+]?[0-9](?:[ -]?[0-9])+")
"""A phone number within a line of words."""
_NUMBERS_A_ROW = 3
_OPENING = ("{first_line}", "{read_as}")


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
        choices = _shown(entry_ids, snapshot)
    lines, over = _reminder(snapshot, context)
    return Advice(parts, note_for(entries, snapshot, context), _joined(*lines, lead), (*choices, *over))


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
    shown = tuple(entries)
    gravest = max(shown, key=lambda entry: entry.tier)
    wordings = messages.notes[gravest.note] if gravest.note else topic.notes_by_tier[gravest.tier]
    full = context.answered == 0 or gravest.tier != context.last_tier or gravest.tier >= Tier.GP_SOON or any(entry.full_note for entry in shown)
    chosen = wordings.full if full else wordings.short
    return Note(chosen[context.answered % len(chosen)], topic.emergency_line if full else "")


def alarm(alert: Alert, snapshot: Snapshot, context: Context, candidates: Sequence[str]) -> tuple[Alarm, tuple[str, ...]]:
    """Return the alarm for a live *alert*, and the entries that wait behind its buttons.

    One alarm at most: the highest tier, then the order of the file. A crisis stands alone. Where somebody in crisis has also done what
    another live flag is about, and that flag's alarm has a text for it (`overdose-intent`), that text speaks: help first, then the helpline.
    """
    alarms = snapshot.knowledge.messages.alarms
    hit = alert.hits[0]
    raised = [snapshot.flags_by_id[flag_id] for flag_id in alert.flag_ids]
    flag = raised[0]
    # A rule may raise a flag above its own tier; the text of a tier follows the tier, a text of the flag's or the rule's own stays.
    key = hit.alarm or (alert.tier.key if flag.alarm in TIERS_BY_KEY else flag.alarm)
    if alert.tier is Tier.CRISIS:
        with_intent = (other.alarm + WITH_INTENT for other in raised[1:])
        key = next((combined for combined in with_intent if combined in alarms), key)
        return Alarm(alert.tier, alert.flag_ids, _worded(key, flag, snapshot, context, opening=False)), ()
    withheld = {entry_id for other in raised for entry_id in other.withholds}
    waiting = tuple(entry_id for entry_id in candidates if entry_id not in withheld)[:1]
    text = _worded(key, flag, snapshot, context)
    choices = (*_numbers_row(key, snapshot, context), *_shown(waiting, snapshot), *_region_row(flag, key, snapshot))
    return Alarm(alert.tier, alert.flag_ids, text, choices), waiting


def alarm_again(flag_id: str, key: str, snapshot: Snapshot, context: Context, *, choosing: bool) -> Alarm | None:
    """Return the alarm that a flag spoke with, in the numbers of the region in *context*; with the regions to choose from where *choosing*.

    The answer that waits under it stays, as long as it waits. None where there is no such alarm any more, or none that lets a region be chosen.
    """
    flag = snapshot.flags_by_id.get(flag_id)
    tier = TIERS_BY_KEY.get(key, flag.tier) if flag else Tier.CRISIS
    if flag is None or tier is Tier.CRISIS or not _region_row(flag, key, snapshot):
        return None
    waiting = context.candidates if context.alerted[:1] == (flag_id,) and context.candidates == context.offered else ()
    rows = _regions(flag_id, key, snapshot) if choosing else _region_row(flag, key, snapshot)
    numbers = () if choosing else _numbers_row(key, snapshot, context)
    known = (entry_id for entry_id in waiting if entry_id in snapshot.entries_by_id)
    return Alarm(tier, (flag_id,), _worded(key, flag, snapshot, context), (*numbers, *_shown(known, snapshot), *rows))


def _worded(key: str, flag: RedFlag, snapshot: Snapshot, context: Context, *, opening: bool = True) -> str:
    """Return the text of an alarm with its numbers. What was read and the first line open it, unless it places them itself."""
    messages, topic = snapshot.knowledge.messages, snapshot.knowledge.topic
    text = messages.alarms[key]
    if opening and not any(place in text for place in _OPENING):
        text = "{read_as}\n\n{first_line}\n\n" + text
    region = topic.region if context.region is None else context.region
    for kind in NUMBER_KINDS:
        named = snapshot.knowledge.numbers.named(kind, region)
        lines = (messages.say("number_line", where=", ".join(names), number=number) for number, names in named.items())
        text = text.replace("{" + kind + "}", "\n".join(lines))
    first_line = messages.first_lines[flag.first_line] if flag.first_line else ""
    for place, line in zip(_OPENING, (first_line, flag.read_as), strict=True):
        text = text.replace(place, line)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _numbers_row(key: str, snapshot: Snapshot, context: Context) -> Rows:
    """Return the numbers of what the alarm names first, to take along, where the person has chosen a region."""
    text = snapshot.knowledge.messages.alarms[key]
    kinds = sorted((kind for kind in NUMBER_KINDS if "{" + kind + "}" in text), key=lambda kind: text.index("{" + kind + "}"))
    region = snapshot.knowledge.numbers.region(context.region)
    return _copies(region.numbers.get(kinds[0], ""), snapshot) if region and kinds else ()


def _copies(numbers: str, snapshot: Snapshot) -> Rows:
    """Return a row with each number in a line such as `999 or 112`."""
    found = [number.strip() for number in _NUMBER.findall(numbers)][:_NUMBERS_A_ROW]
    say = snapshot.knowledge.messages.say
    return (tuple(Choice(say("copy_number", number=number), CopyNumber(re.sub(r"[\s-]", "", number))) for number in found),) if found else ()


def _region_row(flag: RedFlag, key: str, snapshot: Snapshot) -> Rows:
    """Return the button that leads to the regions, where the alarm names numbers that differ by region."""
    messages = snapshot.knowledge.messages
    text = messages.alarms.get(key, "")
    if not snapshot.knowledge.numbers.regions or not any("{" + kind + "}" in text for kind in NUMBER_KINDS):
        return ()
    return ((Choice(messages.say("choose_region"), ChooseRegion(flag.id, key)),),)


def _regions(flag_id: str, key: str, snapshot: Snapshot) -> Rows:
    regions = snapshot.knowledge.numbers.regions
    choices = [Choice(region.name, ShowNumbers(flag_id, key, region.key)) for region in regions]
    return (*_in_rows(choices, REGIONS_A_ROW), (Choice(snapshot.knowledge.messages.say("all_regions"), ShowNumbers(flag_id, key)),))


def regions(snapshot: Snapshot) -> Notice:
    """Return the regions to choose from, whatever was said before; a plain word where the topic knows no numbers."""
    messages, numbers = snapshot.knowledge.messages, snapshot.knowledge.numbers
    if not numbers.regions:
        return Notice(messages.say("no_regions"), themes(snapshot))
    choices = [Choice(region.name, SetRegion(region.key)) for region in numbers.regions]
    return Notice(messages.say("regions_intro"), (*_in_rows(choices, REGIONS_A_ROW), (Choice(messages.say("all_regions"), SetRegion()),)))


def numbers_of(key: str, snapshot: Snapshot) -> Notice | None:
    """Return what there is to call in the region *key*, empty for all of them; None where there is no such region."""
    messages, numbers = snapshot.knowledge.messages, snapshot.knowledge.numbers
    region = numbers.region(key)
    if not numbers.regions or (key and region is None):
        return None
    again: Rows = ((Choice(messages.say("choose_region"), Regions()),),)
    if region is None:
        return Notice(messages.say("all_regions_chosen"), again)
    again = (*_copies(region.numbers.get(NUMBER_KINDS[0], ""), snapshot), *again)
    lines = [messages.say(f"call_{kind}", number=region.numbers[kind]) for kind in NUMBER_KINDS if kind in region.numbers]
    return Notice(_joined(messages.say("region_chosen", region=region.name), "\n".join(lines)), again)


def in_crisis(snapshot: Snapshot, context: Context) -> str:
    """Return the line that says who listens, where a crisis was met in this chat; else nothing."""
    return next((_reminding(flag, tier, snapshot) for flag, tier in _alerted(snapshot, context) if tier is Tier.CRISIS), "")


def not_withheld(entry_ids: Iterable[str], snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    """Return those of *entry_ids* that may be offered, for all that the last alarm holds back."""
    withheld = {entry_id for flag, _ in _alerted(snapshot, context) for entry_id in flag.withholds}
    return tuple(entry_id for entry_id in entry_ids if entry_id not in withheld)


def _reminder(snapshot: Snapshot, context: Context) -> tuple[tuple[str, ...], Rows]:
    """Return what brings the last alarm back above an answer, and the button that ends it: there is none after a crisis."""
    crisis = in_crisis(snapshot, context)
    other = next((_reminding(flag, tier, snapshot) for flag, tier in _alerted(snapshot, context) if tier is not Tier.CRISIS), "")
    over = ((Choice(snapshot.knowledge.messages.say("not_happening"), NotHappening()),),) if other and not crisis else ()
    # Help for the body first, then somebody to talk to.
    return (other, crisis), over


def _reminding(flag: RedFlag, tier: Tier, snapshot: Snapshot) -> str:
    reminders = snapshot.knowledge.messages.reminders
    own = flag.alarm in reminders and flag.alarm not in TIERS_BY_KEY
    text = reminders[flag.alarm if own else max(tier, Tier.URGENT_TODAY).key]
    return " ".join(text.replace("{read_as}", flag.read_as).split())


def _alerted(snapshot: Snapshot, context: Context) -> tuple[tuple[RedFlag, Tier], ...]:
    """Return the flags of the last alarm with the tiers they were raised at, less those that have gone since."""
    tiers = dict(zip(context.alerted, context.alerted_at, strict=False))
    flags = [snapshot.flags_by_id[flag_id] for flag_id in context.alerted if flag_id in snapshot.flags_by_id]
    return tuple((flag, tiers.get(flag.id, flag.tier)) for flag in flags)


def lead(alert: Alert, snapshot: Snapshot) -> str:
    """Return what opens a reply below the alarms: "if this is happening now" for a danger asked about, and a prompt for a live gp_soon flag."""
    messages = snapshot.knowledge.messages
    asked_about = next((snapshot.flags_by_id[hit.flag_id] for hit in alert.hits if hit.soft), None)
    soft = ""
    if asked_about is not None:
        soft = messages.first_lines[asked_about.soft_line] if asked_about.soft_line else messages.say("soft_lead")
    return _joined(soft, messages.say("gp_line_seen" if alert.seen else "gp_line") if alert.live else "")


def offer(entry_ids: Sequence[str], snapshot: Snapshot, context: Context, *, lead: str = "", again: bool = False) -> Notice:
    """Return a question back: which of these did you mean?"""
    messages = snapshot.knowledge.messages
    key = "offer_one" if len(entry_ids) == 1 else "offer_again" if again else "offer"
    text = messages.say(key, context.answered)
    rows = (*_shown(entry_ids, snapshot), (Choice(messages.say("none_of_these"), NotThis(entry_ids[0])),))
    return Notice(_joined(lead, text), rows)


def dont_know(snapshot: Snapshot, context: Context, *, lead: str = "") -> Notice:
    """Return "I don't know", the safety line, and the topics."""
    messages = snapshot.knowledge.messages
    return Notice(_joined(lead, messages.say("dont_know", context.answered), messages.say("safety_line")), themes(snapshot))


def in_other_language(code: str, snapshot: Snapshot, *, lead: str = "") -> Notice:
    """Return what is said in the language *code*, and a word in the bot's own for somebody it was taken for another."""
    messages = snapshot.knowledge.messages
    mistaken = messages.say("only_my_language") if code != ANY_OTHER else ""
    return Notice(_joined(lead, messages.other_languages[code].strip(), mistaken))


def without_answer(lead: str, snapshot: Snapshot) -> Notice:
    """Return what to say of a danger asked about, or of what a doctor should see, when no entry answers: the line, and when to get help."""
    messages, topic = snapshot.knowledge.messages, snapshot.knowledge.topic
    rows = _shown((topic.safety_entry,), snapshot) if topic.safety_entry else ()
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
    rows = (*_shown((entry.id for entry in shown), snapshot), *((tuple(turns),) if turns else ()), back)
    return Notice(messages.say("theme_intro", theme=snapshot.knowledge.topic.theme_titles[theme]), rows)


def themes(snapshot: Snapshot) -> Rows:
    """Return the themes as rows of buttons, in the order of `topic.yaml`, then of the files."""
    used = {entry.theme for entry in snapshot.knowledge.entries}
    choices = [Choice(title, Topics(theme)) for theme, title in snapshot.knowledge.topic.theme_titles.items() if theme in used]
    return _in_rows(choices, THEMES_A_ROW)


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
    return Notice("\n".join(lines) + "\n\n" + "\n".join(signed), _shown((entry.id,), snapshot))


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
    kept = {flag.id: tier for flag, tier in _alerted(snapshot, context) if tier is Tier.CRISIS}
    alerted = raised | kept
    # What waits is all that may be picked now: what an older answer left must not come up under an alarm.
    return replace(context, candidates=tuple(withheld), offered=tuple(withheld), alerted=tuple(alerted), alerted_at=tuple(alerted.values()))


def under_answer(entry: Entry, snapshot: Snapshot, context: Context) -> Rows:
    """Return the choices under the answer of *entry*, with the one that ends the line above it, if there is such a line."""
    _, over = _reminder(snapshot, context)
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
    return (*_shown(onward, snapshot), last)


def _shown(entry_ids: Iterable[str], snapshot: Snapshot) -> Rows:
    return tuple((Choice(snapshot.entries_by_id[entry_id].title, ShowEntry(entry_id)),) for entry_id in entry_ids)


def _in_rows(choices: Sequence[Choice], length: int) -> Rows:
    return tuple(tuple(choices[at : at + length]) for at in range(0, len(choices), length))


def _joined(*texts: str) -> str:
    return "\n\n".join(filter(None, texts))
