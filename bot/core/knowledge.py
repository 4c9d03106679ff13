"""A whole knowledge folder, read and checked, before any index is built."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.content import Entry, Messages, Numbers, Questions, Synonyms, Talk, Topic
from bot.core.foreign import OtherLanguages
from bot.core.language import Language
from bot.core.triage.rules import Examples, RedFlags


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything one folder says."""

    version: str
    """The first 12 hex digits of the SHA-256 over its files."""
    topic: Topic
    messages: Messages
    language: Language
    entries: tuple[Entry, ...]
    """In the order of the files."""
    synonyms: Synonyms
    smalltalk: tuple[Talk, ...]
    none: tuple[str, ...]
    """Messages that no entry answers; they teach the matcher what is not meant."""
    red_flags: RedFlags
    numbers: Numbers
    examples: Examples = field(default_factory=Examples)
    """What triage learns from."""
    questions: Questions = field(default_factory=Questions)
    """What the matcher learns from, beside entries, small talk and `none`."""
    others: OtherLanguages = field(default_factory=OtherLanguages)
    """The languages it does not read and has a word to say in."""
