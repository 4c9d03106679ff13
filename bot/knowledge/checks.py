"""The rules between entries, and between entries and everything else. What a rule needs and could not be read is not checked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from bot.core.alarms import WITH_INTENT
from bot.core.content import NUMBER_KINDS, TIERS_BY_KEY, Entry, Messages, Tier
from bot.core.model import REPLY_LIMIT_UNITS
from bot.core.text import utf16_units
from bot.core.triage.rules import Example, RedFlag
from bot.errors import Problem
from bot.knowledge.document import Place, Plain
from bot.knowledge.draft import Draft
from bot.knowledge.questions import check_questions
from bot.knowledge.sentences import check_sentences
from bot.knowledge.signing import tiers_of
from bot.knowledge.trial import try_sentences
from bot.knowledge.wording import shown, unknown

__all__ = ["check", "try_sentences"]

_VALUE = re.compile(r"\{(\w+)\}")
_PROFILE_LIMITS = {"description": 512, "short_description": 120}
_COMMAND_LIMIT = 256
"""What Telegram shows of a bot beside its messages has limits of its own, in characters: https://core.telegram.org/bots/api#setmydescription"""
_BUTTON_ROOM = 51
"""Characters that the id of a flag and the key of its alarm share in button data of 64 bytes, beside a region."""


def check(draft: Draft) -> list[Problem]:
    """Return what is wrong between the parts of *draft*."""
    rules = (_check_ids, _check_related, _check_notes, _check_lengths, _check_topic, _check_messages, _check_smalltalk, _check_red_flags)
    return [problem for rule in (*rules, _check_examples, check_sentences, check_questions) for problem in rule(draft)]


def _check_ids(draft: Draft) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for entry, place in draft.entries:
        earlier = first.setdefault(entry.id, place)
        if earlier is not place:
            yield place.problem(f"the id '{entry.id}' stands at {earlier.where()} already; give one of the two another", "id")


def _check_related(draft: Draft) -> Iterator[Problem]:
    for entry, place in draft.entries:
        for index, related in enumerate(entry.related):
            if related == entry.id:
                yield place.problem("the entry is related to itself; take it out", "related", index)
            elif related in entry.related[:index]:
                yield place.problem(f"'{related}' stands twice; take one out", "related", index)
            elif draft.ids is not None and related not in draft.ids:
                yield place.problem(unknown("entry", related, draft.ids), "related", index)


def _check_notes(draft: Draft) -> Iterator[Problem]:
    for entry, place in draft.entries:
        if draft.messages and entry.note is not None and entry.note not in draft.messages.notes:
            yield place.problem(unknown("note of messages.yaml", entry.note, draft.messages.notes), "note")
        if draft.topic and entry.note is None and entry.tier not in draft.topic.notes_by_tier:
            yield place.problem(f"the tier '{entry.tier.key}' has no note; give it full and short wordings in topic.yaml", "tier")


def _check_lengths(draft: Draft) -> Iterator[Problem]:
    for document in draft.documents.values():
        yield from _too_long(document.plain, Place(document))
    for entry, place in draft.entries:
        parts = (entry.title, entry.answer, entry.more, _longest_note(draft, entry))
        if all(utf16_units(part) <= REPLY_LIMIT_UNITS for part in parts) and (length := utf16_units("\n\n".join(parts))) > REPLY_LIMIT_UNITS:
            yield place.problem(f"title, answer, more and note make {length} characters, {REPLY_LIMIT_UNITS} fit one message; shorten them", "answer")


def _too_long(plain: Plain, place: Place) -> Iterator[Problem]:
    if isinstance(plain, str):
        if (length := utf16_units(plain)) > REPLY_LIMIT_UNITS:
            yield place.problem(f"the text is {length} characters long, {REPLY_LIMIT_UNITS} fit one message; shorten it")
    elif plain is not None:
        for key, value in plain.items() if isinstance(plain, dict) else enumerate(plain):
            yield from _too_long(value, Place(place.document, (*place.path, key)))


def _longest_note(draft: Draft, entry: Entry) -> str:
    notes = draft.messages.notes.get(entry.note) if draft.messages and entry.note else None
    if draft.topic is None:
        return ""
    notes = notes or draft.topic.notes_by_tier.get(entry.tier)
    return max(notes.full, key=len) + "\n\n" + draft.topic.emergency_line if notes else ""


def _check_topic(draft: Draft) -> Iterator[Problem]:
    place = draft.place("topic.yaml")
    if draft.topic is None:
        return
    region, numbers = draft.topic.region, draft.numbers
    if region is not None and numbers is not None and numbers.region(region) is None:
        yield place.problem(unknown("region of numbers.yaml", region, [each.key for each in numbers.regions]), "region")
    safety = draft.topic.safety_entry
    if draft.ids is not None and safety is not None and safety not in draft.ids:
        yield place.problem(unknown("entry", safety, draft.ids), "safety_entry")
    written = place.document.plain.get("themes") if isinstance(place.document.plain, dict) else None
    if draft.ids is not None and isinstance(written, dict):
        for theme in written:
            if theme not in draft.topic.theme_titles:
                yield place.problem(unknown("file of entries/", theme, draft.topic.theme_titles), "themes", theme, at_key=True)


def _check_messages(draft: Draft) -> Iterator[Problem]:
    place, default = draft.place("messages.yaml"), draft.default_messages
    if draft.messages is None or default is None:
        return
    for key, wordings in draft.messages.sentences.items():
        if key not in default.sentences:
            yield place.problem(unknown("sentence the bot says", key, default.sentences), "sentences", key, at_key=True)
            continue
        known = _values(default.sentences[key])
        for index, wording in enumerate(wordings):
            there = Place(place.document, ("sentences", key, index))
            yield from _unknown_values(wording, known, there)
            yield from _missing_values(wording, default.sentences[key], there)
            yield from _too_long_for_profile(key, wording, there)
    yield from _check_section(draft.messages.first_lines, set(), Place(place.document, ("first_lines",)))
    yield from _check_section(draft.messages.reminders, {"read_as"}, Place(place.document, ("reminders",)))
    yield from _check_alarms(draft.messages, draft, place)


def _too_long_for_profile(key: str, wording: str, place: Place) -> Iterator[Problem]:
    limit = _COMMAND_LIMIT if key.startswith("command_") else _PROFILE_LIMITS.get(key)
    if limit is not None and (length := utf16_units(wording)) > limit:
        yield place.problem(f"is {length} characters long, Telegram shows {limit} at most; shorten it")


def _check_alarms(messages: Messages, draft: Draft, place: Place) -> Iterator[Problem]:
    alarms = {*messages.alarms, *TIERS_BY_KEY}
    for key in messages.reminders:
        if key not in alarms:
            yield place.problem(unknown("alarm of messages.yaml", key, alarms), "reminders", key, at_key=True)
    yield from _check_unused_alarms(draft, place)
    if draft.numbers is not None:
        known = {"first_line", "read_as", *(NUMBER_KINDS if draft.numbers.regions else ())}
        yield from _check_section(messages.alarms, known, Place(place.document, ("alarms",)))


def _check_unused_alarms(draft: Draft, place: Place) -> Iterator[Problem]:
    """Yield each text of this folder that no flag and no rule can ever raise: a slip in a key silences what was written under it."""
    written = place.document.plain.get("alarms") if isinstance(place.document.plain, dict) else None
    if draft.red_flags is None or not isinstance(written, dict):
        return
    named = {name for flag in draft.red_flags.flags for name in (flag.alarm, *(rule.alarm for rule in flag.rules)) if name is not None}
    used = {*TIERS_BY_KEY, *named}
    used |= {name + WITH_INTENT for name in used}
    for key in written:
        if key not in used:
            yield place.problem(unknown("tier, nor alarm of a red flag", key, used), "alarms", key, at_key=True)


def _check_section(texts: Mapping[str, str], known: set[str], place: Place) -> Iterator[Problem]:
    for key, text in texts.items():
        yield from _unknown_values(text, known, Place(place.document, (*place.path, key)))


def _values(texts: Collection[str]) -> set[str]:
    return {name for text in texts for name in _VALUE.findall(text)}


def _missing_values(text: str, defaults: Collection[str], place: Place) -> Iterator[Problem]:
    """Yield each value that every default wording holds and *text* does not: a line of numbers without its number says nothing."""
    needed = set.intersection(*(_values([wording]) for wording in defaults))
    for name in sorted(needed - _values([text])):
        yield place.problem(f"lacks {{{name}}}, which this sentence is there to say; write it where it belongs")


def _unknown_values(text: str, known: set[str], place: Place) -> Iterator[Problem]:
    for name in sorted(_values([text]) - known):
        names = ", ".join("{" + value + "}" for value in sorted(known)) or "none"
        yield place.problem(f"'{{{name}}}' would stay as it is; the values here are: {names}")


def _check_smalltalk(draft: Draft) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for each, place in draft.smalltalk:
        if place is not None and (earlier := first.setdefault(each.id, place)) is not place:
            yield place.problem(f"the id '{each.id}' stands at {earlier.where()} already; give one of the two another", "id")


def _check_red_flags(draft: Draft) -> Iterator[Problem]:
    for flag_id, (place, *repeats) in draft.flag_places().items():
        for repeat in repeats:
            yield repeat.problem(f"the id '{flag_id}' stands at {place.where()} already; give one of the two another", "id")
    places = draft.places()
    for flag in draft.red_flags.flags if draft.red_flags else ():
        yield from _check_flag(flag, places.flag(flag.id), draft)


def _check_examples(draft: Draft) -> Iterator[Problem]:
    """Yield the flags that there are not, each once, and every message that teaches something else where it stood before."""
    known = draft.flag_places() if draft.red_flags is not None else None
    first: dict[str, tuple[Example, Place]] = {}
    named: set[str] = set()
    for example, place in draft.examples:
        if example.flag_id is not None and known is not None and example.flag_id not in known and example.flag_id not in named:
            named.add(example.flag_id)
            yield place.document.problem(unknown("red flag", example.flag_id, known), (example.flag_id,), at_key=True)
        words = draft.words(example.said)
        if not words:
            continue
        earlier, there = first.setdefault(words, (example, place))
        if (earlier.flag_id, earlier.tier) != (example.flag_id, example.tier):
            what = f"{shown(example.said)} is {_label(example)} here and {_label(earlier)} at {there.where()}; keep the one that is right"
            yield place.problem(what)


def _label(example: Example) -> str:
    return "harmless" if example.tier is None else f"'{example.flag_id}' ({example.tier.key})"


def _check_flag(flag: RedFlag, place: Place, draft: Draft) -> Iterator[Problem]:
    for index, entry_id in enumerate(flag.withholds):
        if draft.ids is not None and entry_id not in draft.ids:
            yield place.problem(unknown("entry", entry_id, draft.ids), "withholds", index)
    if draft.messages is None:
        return
    for alarm, *steps in _alarms_needed(flag):
        if alarm not in draft.messages.alarms:
            yield place.problem(unknown("alarm of messages.yaml", alarm, draft.messages.alarms), *steps, "alarm")
        if (length := len(flag.id) + len(alarm)) > _BUTTON_ROOM:
            what = f"the id and the alarm '{alarm}' have {length} characters together, {_BUTTON_ROOM} fit on a button; shorten one"
            yield place.problem(what, "id")
    for key, line in (("first_line", flag.first_line), ("soft_line", flag.soft_line)):
        if line is not None and line not in draft.messages.first_lines:
            yield place.problem(unknown("first line of messages.yaml", line, draft.messages.first_lines), key)


def _alarms_needed(flag: RedFlag) -> Iterator[tuple[str, *tuple[str | int, ...]]]:
    """Yield the texts this flag may speak with, each with the steps to where it is named: its own or its rules', or those of the tiers it can
    reach that interrupt.
    """
    if flag.alarm and flag.alarm not in TIERS_BY_KEY:
        yield (flag.alarm,)
    else:
        yield from ((tier.key,) for tier in reversed(tiers_of(flag)) if tier >= Tier.URGENT_TODAY)
    yield from ((rule.alarm, "rules", index) for index, rule in enumerate(flag.rules) if rule.alarm)
