"""A knowledge base with its indexes built: immutable, and swapped whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.core.content import Entry
from bot.core.foreign import ForeignIndex
from bot.core.knowledge import Knowledge
from bot.core.matching.matcher import Matcher
from bot.core.matching.teach import Learned, teach
from bot.core.triage.engine import Triage
from bot.core.triage.likeness import Likeness
from bot.core.triage.rules import RedFlag
from bot.core.triage.teach import Looks
from bot.core.triage.teach import teach as teach_triage


@dataclass(frozen=True, slots=True)
class Lessons:
    """What was learned from one knowledge base; the same for the same knowledge and code."""

    learned: Learned
    """By the matcher."""
    likeness: Likeness | None
    """By triage; None where there are no examples."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What answers are made from."""

    knowledge: Knowledge
    entries_by_id: Mapping[str, Entry]
    flags_by_id: Mapping[str, RedFlag]
    triage: Triage
    matcher: Matcher
    lessons: Lessons
    """What the matcher and triage were taught; it can be kept for the next time."""
    foreign: ForeignIndex
    """Tells when a message is in another language."""

    @property
    def version(self) -> str:
        """The knowledge's version."""
        return self.knowledge.version


def learn_likeness(knowledge: Knowledge, looks: Looks | None = None) -> Likeness | None:
    """Return what triage learns from *knowledge*; None where there are no examples. *looks* spare looking again at what the same rules have seen."""
    return teach_triage(knowledge, _untaught(knowledge), looks)


def build_snapshot(knowledge: Knowledge, lessons: Lessons | None = None) -> Snapshot:
    """Build the indexes of *knowledge*; *lessons* spare the learning, if they were learned from the same knowledge."""
    lessons = lessons or Lessons(teach(knowledge), learn_likeness(knowledge))
    return Snapshot(
        knowledge=knowledge,
        entries_by_id=MappingProxyType({entry.id: entry for entry in knowledge.entries}),
        flags_by_id=MappingProxyType({flag.id: flag for flag in knowledge.red_flags.flags}),
        triage=_untaught(knowledge).taught(lessons.likeness),
        matcher=Matcher(knowledge, lessons.learned),
        lessons=lessons,
        foreign=ForeignIndex(knowledge.language, knowledge.others),
    )


def _untaught(knowledge: Knowledge) -> Triage:
    return Triage(knowledge.red_flags, knowledge.language, knowledge.synonyms.confusables)
