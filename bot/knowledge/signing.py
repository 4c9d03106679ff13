"""What a reviewer signs: a hash over what a reader is shown, and, of a red flag, over all that decides when it is shown.

Whatever changes it voids the signature. A red flag's hash covers its rules, the word lists they use, its sentences and its reply; the idioms and
cues that all flags share have a signature of their own. Phone numbers have their own date in `numbers.yaml`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum

from bot.core.alarms import WITH_INTENT
from bot.core.content import TIERS_BY_KEY, Entry, Messages, Tier
from bot.core.triage.pattern import Phrase
from bot.core.triage.rules import RedFlag, RedFlags

SHARED = "shared"
"""The name under which idioms, cues and what says "already seen" are signed."""

_DIGITS = 16
_LEFT_OUT = frozenset({"reviewed", "known_misses"})


def content_hash(entry: Entry) -> str:
    """Return the first 16 hex digits of the SHA-256 over what *entry* shows: texts, tier, note and sources, but not the ways to ask."""
    sources = [[source.name, source.title, source.url] for source in entry.sources]
    return _digest([entry.title, entry.answer, entry.more, entry.tier.key, entry.note, entry.full_note, sources])


def flag_hash(flag: RedFlag, red_flags: RedFlags, messages: Messages) -> str:
    """Return the first 16 hex digits of the SHA-256 over *flag*, the lists it uses, directly or through others, and the texts it speaks with."""
    lists = {name: _plain(red_flags.lists[name]) for name in lists_of(flag, red_flags)}
    return _digest([_plain(flag), lists, texts_of(flag, messages)])


def shared_hash(red_flags: RedFlags) -> str:
    """Return the same over what all flags share: idioms, cues, and what says that a doctor has seen it."""
    return _digest([_plain(red_flags.idioms), _plain(red_flags.cues), _plain(red_flags.seen)])


def phrases_of(flag: RedFlag) -> Iterable[Phrase]:
    """Yield every phrase of *flag*, as often as it stands there."""
    yield from flag.asks_about
    yield from flag.looks_like
    for rule in flag.rules:
        yield from rule.none_of
        for group in rule.all_of:
            yield from group.any_of
        for shift in (*rule.raises, *rule.lowers):
            yield from shift.any_of
    for shift in (*flag.raises, *flag.lowers):
        yield from shift.any_of


def lists_of(flag: RedFlag, red_flags: RedFlags) -> tuple[str, ...]:
    """Return the names of the lists that *flag* uses, directly or through others, sorted."""
    reached: set[str] = set()
    ahead = {name for phrase in phrases_of(flag) for name in phrase.lists()}
    while ahead:
        reached |= ahead
        ahead = {name for used in ahead for phrase in red_flags.lists[used] for name in phrase.lists()} - reached
    return tuple(sorted(reached))


def texts_of(flag: RedFlag, messages: Messages) -> dict[str, str]:
    """Return the texts of `messages.yaml` that *flag* speaks with, by section and key."""
    alarms = {flag.alarm, *(rule.alarm for rule in flag.rules if rule.alarm)}
    if flag.alarm in TIERS_BY_KEY:
        alarms |= {tier.key for tier in tiers_of(flag)}
    alarms.add(flag.alarm + WITH_INTENT)
    texts = {f"alarms.{key}": messages.alarms[key] for key in sorted(alarms) if key in messages.alarms}
    lines = sorted(key for key in (flag.first_line, flag.soft_line) if key is not None)
    return texts | {f"first_lines.{key}": messages.first_lines[key] for key in lines if key in messages.first_lines}


def tiers_of(flag: RedFlag) -> tuple[Tier, ...]:
    """Return every tier that *flag* can speak at: its own, its rules', and those they are raised or lowered to; the highest first."""
    shifts = (*flag.raises, *flag.lowers, *(shift for rule in flag.rules for shift in (*rule.raises, *rule.lowers)))
    tiers = {flag.tier, *(rule.tier for rule in flag.rules if rule.tier is not None), *(shift.to for shift in shifts)}
    return tuple(sorted(tiers, reverse=True))


def _digest(content: object) -> str:
    written = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:_DIGITS]


def _plain(value: object) -> object:
    """Return *value* as JSON knows it. A field left at its default is left out, so that a new kind of field voids no signature."""
    if isinstance(value, Phrase):
        return value.text
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value) if _told(each, value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _told(each: Field[object], value: object) -> bool:
    default = each.default_factory() if each.default_factory is not MISSING else each.default
    return each.name not in _LEFT_OUT and getattr(value, each.name) != default
