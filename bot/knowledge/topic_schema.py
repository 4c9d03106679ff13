"""The shape of `topic.yaml`, `messages.yaml` and the language files. What a folder leaves out is taken from the defaults."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from bot.core.content import TIERS_BY_KEY, Messages, NoteWordings, Topic
from bot.core.language import Language
from bot.core.wordlist import WordList
from bot.knowledge.document import Plain
from bot.knowledge.schema import Id, Line, Shape, Text, Title, tier_of
from bot.knowledge.wording import shown

SHORT_NOTE_LIMIT = 90
FULL_NOTE_LIMIT = 200


def _one_is_a_list(plain: Plain) -> Plain:
    return [plain] if isinstance(plain, str) else plain


def _is_tier_key(text: str) -> str:
    return tier_of(text).key


def _is_a_sentence(text: str) -> str:
    # [See a GP, or call 111.] is a list of two. Half a note must not reach anybody.
    if unicodedata.category(text[-1]) != "Po" or text[-1] in ",:;":
        raise ValueError(f"{shown(text)} does not end like a sentence; a comma inside [ ] splits a text, so put it in quotes")
    return text


ShortNote = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SHORT_NOTE_LIMIT), AfterValidator(_is_a_sentence)]
FullNote = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=FULL_NOTE_LIMIT), AfterValidator(_is_a_sentence)]
ShortNotes = Annotated[list[ShortNote], Field(min_length=1, max_length=50), BeforeValidator(_one_is_a_list)]
FullNotes = Annotated[list[FullNote], Field(min_length=1, max_length=50), BeforeValidator(_one_is_a_list)]
Wordings = Annotated[list[Text], Field(min_length=1, max_length=50), BeforeValidator(_one_is_a_list)]
TierKey = Annotated[str, AfterValidator(_is_tier_key)]
AlarmKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+$")]
"""It travels in button data."""


class TierShape(Shape):
    """The see-a-doctor note of one tier."""

    full: FullNotes | None = None
    short: ShortNotes | None = None


class TopicFile(Shape):
    """The root of `topic.yaml`."""

    name: Title | None = None
    language: Id | None = None
    region: Line | None = None
    contact: Line | None = None
    emergency_line: Line | None = None
    safety_entry: Id | None = None
    tiers: dict[TierKey, TierShape] | None = None
    themes: dict[str, Title] | None = None
    subject: list[Text] | None = None
    elsewhere: list[Text] | None = None

    def over(self, default: TopicFile) -> TopicFile:
        """Return this file with what it leaves out taken from *default*, key by key and tier by tier."""
        tiers = dict(default.tiers or {})
        for key, tier in (self.tiers or {}).items():
            below = tiers.get(key, TierShape())
            tiers[key] = below.model_copy(update={name: getattr(tier, name) for name in tier.model_fields_set})
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return default.model_copy(update={**said, "tiers": tiers, "themes": self.themes or default.themes})

    def to_topic(self, themes: tuple[str, ...]) -> Topic:
        """Return the topic; *themes* are the names of the entry files, and one without a title is called by its name."""
        tiers = {TIERS_BY_KEY[key]: shape for key, shape in (self.tiers or {}).items()}
        titles = {theme: title for theme, title in (self.themes or {}).items() if theme in themes}
        return Topic(
            name=self.name or "",
            language=self.language or "en",
            region=self.region or None,
            contact=self.contact or "",
            emergency_line=self.emergency_line or "",
            safety_entry=self.safety_entry,
            notes_by_tier={tier: NoteWordings(tuple(shape.full), tuple(shape.short)) for tier, shape in tiers.items() if shape.full and shape.short},
            subject=tuple(self.subject or ()),
            elsewhere=tuple(self.elsewhere or ()),
            theme_titles=titles | {theme: theme.replace("-", " ").capitalize() for theme in themes if theme not in titles},
        )


class NoteShape(Shape):
    """A note that fits a case better than the note of its tier."""

    full: FullNotes
    short: ShortNotes


class MessagesFile(Shape):
    """The root of `messages.yaml`."""

    sentences: dict[str, Wordings] | None = None
    notes: dict[Id, NoteShape] | None = None
    alarms: dict[AlarmKey, Text] | None = None
    first_lines: dict[str, Text] | None = None
    reminders: dict[str, Text] | None = None
    other_languages: dict[str, Text] | None = None

    def over(self, default: MessagesFile) -> MessagesFile:
        """Return this file with what it leaves out taken from *default*, key by key."""
        return MessagesFile.model_construct(
            sentences={**(default.sentences or {}), **(self.sentences or {})},
            notes={**(default.notes or {}), **(self.notes or {})},
            alarms={**(default.alarms or {}), **(self.alarms or {})},
            first_lines={**(default.first_lines or {}), **(self.first_lines or {})},
            reminders={**(default.reminders or {}), **(self.reminders or {})},
            other_languages={**(default.other_languages or {}), **(self.other_languages or {})},
        )

    def to_messages(self) -> Messages:
        """Return the messages."""
        return Messages(
            sentences={key: tuple(wordings) for key, wordings in (self.sentences or {}).items()},
            notes={key: NoteWordings(tuple(note.full), tuple(note.short)) for key, note in (self.notes or {}).items()},
            alarms=dict(self.alarms or {}),
            first_lines=dict(self.first_lines or {}),
            reminders=dict(self.reminders or {}),
            other_languages=dict(self.other_languages or {}),
        )


class LanguageFile(Shape):
    """The root of a file in `defaults/languages/`."""

    stemmer: Line = ""
    sounds: Literal["", "metaphone"] = ""
    contractions: dict[str, str] = Field(default_factory=dict)
    suffixes: dict[str, str] = Field(default_factory=dict)
    clause_breaks: list[Text] = Field(default_factory=list)
    negations: list[Text] = Field(default_factory=list)
    question_starts: list[Text] = Field(default_factory=list)
    owners: list[Text] = Field(default_factory=list)
    stop_words: list[Text] = Field(default_factory=list)
    follow_up_words: list[Text] = Field(default_factory=list)
    joiners: list[Text] = Field(default_factory=list)
    cues: dict[str, list[Text]] = Field(default_factory=dict)

    def to_language(self, code: str, real_words: WordList) -> Language:
        """Return the language; *real_words* are those of its word list."""
        return Language(
            code=code,
            stemmer=self.stemmer,
            sounds=self.sounds,
            contractions=self.contractions,
            suffixes=self.suffixes,
            clause_breaks=frozenset(self.clause_breaks),
            negations=frozenset(self.negations),
            question_starts=frozenset(self.question_starts),
            owners=frozenset(self.owners),
            stop_words=frozenset(self.stop_words),
            follow_up_words=frozenset(self.follow_up_words),
            joiners=frozenset(self.joiners),
            cues={name: tuple(words) for name, words in self.cues.items()},
            real_words=real_words,
        )
