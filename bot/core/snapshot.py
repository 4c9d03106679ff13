"""A knowledge base with its indexes built: immutable, and swapped whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.core.content import Entry
from bot.core.knowledge import Knowledge
from bot.core.matching.matcher import Matcher
from bot.core.matching.teach import Learned, teach
from bot.core.triage.engine import Triage


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What answers are made from."""

    knowledge: Knowledge
    entries_by_id: Mapping[str, Entry]
    triage: Triage
    matcher: Matcher

    @property
    def version(self) -> str:
        """The knowledge's version."""
        return self.knowledge.version


def build_snapshot(knowledge: Knowledge, learned: Learned | None = None) -> Snapshot:
    """Build the indexes of *knowledge*; *learned* spares the learning, if it was learned from the same knowledge."""
    return Snapshot(
        knowledge=knowledge,
        entries_by_id=MappingProxyType({entry.id: entry for entry in knowledge.entries}),
        triage=Triage(knowledge.red_flags, knowledge.language, knowledge.synonyms.confusables),
        matcher=Matcher(knowledge, learned or teach(knowledge)),
    )
