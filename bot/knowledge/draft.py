"""A knowledge folder half way: what could be read of it, and where each part was written. The checks look at this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.core.content import Entry, Messages, Numbers, Question, Questions, Synonyms, Talk, Topic
from bot.core.foreign import OtherLanguages
from bot.core.knowledge import Knowledge
from bot.core.language import Language
from bot.core.text import words_of
from bot.core.triage.rules import Example, Examples, RedFlags
from bot.errors import Problem
from bot.knowledge.document import Document, Place, Plain


@dataclass(frozen=True, slots=True)
class Places:
    """Where entries and red flags were written, for problems that show only when the whole is tried."""

    entries_by_id: Mapping[str, Place] = field(default_factory=dict)
    flags_by_id: Mapping[str, Place] = field(default_factory=dict)

    def entry(self, entry_id: str) -> Place:
        """Return the place of an entry, or of all entries when it is not known."""
        return self.entries_by_id.get(entry_id, Place(Document("entries", None)))

    def flag(self, flag_id: str) -> Place:
        """Return the place of a red flag, or of their file when it is not known."""
        return self.flags_by_id.get(flag_id, Place(Document("red_flags.yaml", None)))


@dataclass(slots=True)
class Draft:
    """What could be read. A part whose file has problems is None, and what depends on it is not checked."""

    version: str
    language: Language
    problems: list[Problem] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    """The folder's own files by name."""
    entries: list[tuple[Entry, Place]] = field(default_factory=list)
    ids: frozenset[str] | None = None
    """Every id written, also of entries that have problems; None when an entry file could not be read."""
    topic: Topic | None = None
    messages: Messages | None = None
    default_messages: Messages | None = None
    synonyms: Synonyms | None = None
    smalltalk: list[tuple[Talk, Place | None]] = field(default_factory=list)
    """Without a place: from the defaults."""
    none: list[tuple[str, Place | None]] = field(default_factory=list)
    red_flags: RedFlags | None = None
    numbers: Numbers | None = None
    examples: list[tuple[Example, Place]] = field(default_factory=list)
    examples_digest: str = ""
    questions: list[tuple[Question, Place]] = field(default_factory=list)
    questions_digest: str = ""
    others: OtherLanguages = field(default_factory=OtherLanguages)
    warnings: list[Problem] = field(default_factory=list)
    """What is worth a look and stops nothing."""
    _words: dict[str, str] = field(default_factory=dict)

    def place(self, name: str) -> Place:
        """Return the place of a whole file."""
        return Place(self.documents.get(name) or Document(name, None))

    def words(self, text: str) -> str:
        """Return the words of *text* as the matcher sees them, without marks; equal for two ways to write one sentence."""
        if text not in self._words:
            self._words[text] = " ".join(words_of(text, self.language))
        return self._words[text]

    def flag_places(self) -> dict[str, list[Place]]:
        """Return where each red flag id was written; more than one place when it stands twice."""
        places: dict[str, list[Place]] = {}
        document = self.documents.get("red_flags.yaml")
        for flag_id, place in _with_id(document.plain, Place(document)) if document else ():
            places.setdefault(flag_id, []).append(place)
        return places

    def places(self) -> Places:
        """Return where entries and flags stand."""
        return Places({entry.id: place for entry, place in self.entries}, {flag: places[0] for flag, places in self.flag_places().items()})

    def knowledge(self) -> Knowledge | None:
        """Return the whole, or None when a part is missing."""
        if self.topic is None or self.messages is None or self.synonyms is None or self.red_flags is None or self.numbers is None:
            return None
        return Knowledge(
            version=self.version,
            topic=self.topic,
            messages=self.messages,
            language=self.language,
            entries=tuple(entry for entry, _ in self.entries),
            synonyms=self.synonyms,
            smalltalk=tuple(each for each, _ in self.smalltalk),
            none=tuple(sentence for sentence, _ in self.none),
            red_flags=self.red_flags,
            numbers=self.numbers,
            examples=Examples(self.examples_digest, tuple(example for example, _ in self.examples)),
            questions=Questions(self.questions_digest, tuple(question for question, _ in self.questions)),
            others=self.others,
        )


def _with_id(plain: Plain, place: Place) -> Iterator[tuple[str, Place]]:
    """Yield every mapping below *plain* that has an `id`."""
    if isinstance(plain, dict):
        name = plain.get("id")
        if isinstance(name, str):
            yield name, place
        for key, value in plain.items():
            yield from _with_id(value, Place(place.document, (*place.path, key)))
    elif isinstance(plain, list):
        for index, value in enumerate(plain):
            yield from _with_id(value, Place(place.document, (*place.path, index)))
