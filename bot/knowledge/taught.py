"""What of a knowledge base teaches the matcher, and what teaches triage: a hash of each, under which what was learned is kept.

An answer, a source, a note, a message or a number teaches neither, so that whoever changes one waits for nothing to be learned again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from hashlib import sha256

from bot.core.content import Entry
from bot.core.knowledge import Knowledge
from bot.core.triage.rules import RedFlag, RedFlags
from bot.knowledge.thaw import freeze

_DIGITS = 16
_OF_ENTRY_TO_MATCHER = ("id", "title", "asks", "keywords", "contrasts")
_OF_ENTRY_TO_TRIAGE = ("asks", "contrasts", "hits")
_SAID_OF_FLAG = {"why": "", "source": None, "read_as": "", "alarm": "", "first_line": None, "soft_line": None, "reviewed": None}
"""What is only shown, or says who answers for it, and the value that stands for any."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Under which the parts of what was learned are kept."""

    matcher: str
    likeness: str | None
    """None where there are no examples: then nothing of it is learned."""


def keys_of(knowledge: Knowledge) -> Keys:
    """Return the keys of *knowledge*, which still has its examples and its questions."""
    code = knowledge.language.code
    said = [[question.said, question.entry_ids, question.after, question.follows] for question in knowledge.questions.said]
    shared = [code, [[talk.id, talk.asks] for talk in knowledge.smalltalk], knowledge.none]
    matcher = _hashed("matcher", shared, _of(knowledge.entries, _OF_ENTRY_TO_MATCHER), said, _synonyms(knowledge), _confusables(knowledge))
    if not knowledge.examples.said:
        return Keys(matcher, None)
    examples = [[example.said, example.tier, example.flag_id, example.tuned_on] for example in knowledge.examples.said]
    unheard = [each for each in said if not each[-1]]
    rules = freeze(_only_rules(knowledge.red_flags), RedFlags)
    entries = _of(knowledge.entries, _OF_ENTRY_TO_TRIAGE)
    return Keys(matcher, _hashed("likeness", shared, entries, [each[0] for each in unheard], examples, rules, _confusables(knowledge)))


def key_of_looks(knowledge: Knowledge) -> str:
    """Return the key of what triage makes of a message before it has learned: of rules, language and confusables."""
    return _hashed("looks", knowledge.language.code, freeze(_only_rules(knowledge.red_flags), RedFlags), _confusables(knowledge))


def _of(entries: Iterable[Entry], names: Iterable[str]) -> list[list[object]]:
    return [[getattr(entry, name) for name in names] for entry in entries]


def _synonyms(knowledge: Knowledge) -> list[tuple[str, str]]:
    return list(knowledge.synonyms.say_by_phrase.items())


def _confusables(knowledge: Knowledge) -> list[list[str]]:
    return sorted(sorted(pair) for pair in knowledge.synonyms.confusables)


def _only_rules(red_flags: RedFlags) -> RedFlags:
    """Return *red_flags* without what does not change what they raise."""
    return replace(red_flags, flags=tuple(map(_only_rule, red_flags.flags)), reviewed=None)


def _only_rule(flag: RedFlag) -> RedFlag:
    told = {field.name: getattr(flag, field.name) for field in fields(flag)}
    rules = tuple(replace(rule, alarm=None) for rule in flag.rules)
    return RedFlag(**{**told, **_SAID_OF_FLAG, "rules": rules, "withholds": (), "known_misses": ()})


def _hashed(*parts: object) -> str:
    return sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
