"""Alarms: which text speaks, in the numbers of which region, and the buttons under it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.action import Choice, ChooseRegion, CopyNumber, Regions, Rows, SetRegion, ShowNumbers
from bot.core.content import NUMBER_KINDS, TIERS_BY_KEY, Tier
from bot.core.model import Alarm, Alert, Context, Notice
from bot.core.pieces import in_rows, joined, shown, themes
from bot.core.snapshot import Snapshot
from bot.core.triage.rules import RedFlag

WITH_INTENT = "-intent"
"""Ends the key of an alarm for somebody in crisis who has also done what a flag with that alarm is about."""
_REGIONS_A_ROW = 3
_NUMBER = re.compile(r"[#+]?[0-9](?:[ -]?[0-9])+")
"""A phone number within a line of words."""
_NUMBERS_A_ROW = 3
_OPENING = ("{first_line}", "{read_as}")


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
    choices = (*_numbers_row(key, snapshot, context), *shown(waiting, snapshot), *_region_row(flag, key, snapshot))
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
    rows = _regions_of(flag_id, key, snapshot) if choosing else _region_row(flag, key, snapshot)
    numbers = () if choosing else _numbers_row(key, snapshot, context)
    known = (entry_id for entry_id in waiting if entry_id in snapshot.entries_by_id)
    return Alarm(tier, (flag_id,), _worded(key, flag, snapshot, context), (*numbers, *shown(known, snapshot), *rows))


def regions(snapshot: Snapshot) -> Notice:
    """Return the regions to choose from, whatever was said before; a plain word where the topic knows no numbers."""
    messages, numbers = snapshot.knowledge.messages, snapshot.knowledge.numbers
    if not numbers.regions:
        return Notice(messages.say("no_regions"), themes(snapshot))
    choices = [Choice(region.name, SetRegion(region.key)) for region in numbers.regions]
    return Notice(messages.say("regions_intro"), (*in_rows(choices, _REGIONS_A_ROW), (Choice(messages.say("all_regions"), SetRegion()),)))


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
    return Notice(joined(messages.say("region_chosen", region=region.name), "\n".join(lines)), again)


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


def _regions_of(flag_id: str, key: str, snapshot: Snapshot) -> Rows:
    regions = snapshot.knowledge.numbers.regions
    choices = [Choice(region.name, ShowNumbers(flag_id, key, region.key)) for region in regions]
    return (*in_rows(choices, _REGIONS_A_ROW), (Choice(snapshot.knowledge.messages.say("all_regions"), ShowNumbers(flag_id, key)),))
