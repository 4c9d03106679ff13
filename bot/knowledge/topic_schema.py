"""The shape of `topic.yaml`, `messages.yaml` and the language files. What a folder leaves out is taken from the defaults."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from bot.core.content import TIERS_BY_KEY, Messages, NoteWordings, Topic
from bot.core.language import Language
from bot.core.wordlist import WordList
from bot.knowledge.document import Plain
from bot.knowledge.editor_types import AlsoAlone, text_like
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


_ENDS_LIKE_A_SENTENCE = (r"[^\sA-Za-z0-9,:;]\s*$", "a note ends with a full stop; a comma inside [ ] splits a text, so put it in quotes")
ShortNote = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=SHORT_NOTE_LIMIT),
    AfterValidator(_is_a_sentence),
    WithJsonSchema(text_like(*_ENDS_LIKE_A_SENTENCE, longest=SHORT_NOTE_LIMIT)),
]
FullNote = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=FULL_NOTE_LIMIT),
    AfterValidator(_is_a_sentence),
    WithJsonSchema(text_like(*_ENDS_LIKE_A_SENTENCE, longest=FULL_NOTE_LIMIT)),
]
ShortNotes = Annotated[list[ShortNote], Field(min_length=1, max_length=50), BeforeValidator(_one_is_a_list), AlsoAlone()]
FullNotes = Annotated[list[FullNote], Field(min_length=1, max_length=50), BeforeValidator(_one_is_a_list), AlsoAlone()]
Wordings = Annotated[list[Text], Field(min_length=1, max_length=50), BeforeValidator(_one_is_a_list), AlsoAlone()]
TierKey = Annotated[str, AfterValidator(_is_tier_key), WithJsonSchema({"enum": list(TIERS_BY_KEY)})]
AlarmKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+$")]
"""It travels in button data."""


class TierShape(Shape):
    """The note of one tier, which ends its answers."""

    full: FullNotes | None = None
    """The long wordings, 200 characters each, used in turn: whom to ask and when."""
    short: ShortNotes | None = None
    """The short ones, 90 characters each."""


class TopicFile(Shape):
    """The root of `topic.yaml`."""

    name: Title | None = None
    """What the bot is called."""
    language: Id | None = Field(None, examples=["en"])
    """The language that people write to it in, by its code."""
    region: Line | None = None
    """A key of numbers.yaml: whose phone numbers those see who chose none. Empty: those of all."""
    contact: Line | None = None
    """Whom to tell that an answer is wrong. Empty: nobody is named."""
    emergency_line: Line | None = None
    """Ends every full note, whatever the tier."""
    safety_entry: Id | None = None
    """The id of the entry that is offered beside the safety line when nothing fits."""
    tiers: dict[TierKey, TierShape] | None = None
    """The notes under answers, by tier. What is left out stays as the defaults have it."""
    themes: dict[str, Title] | None = None
    """What a file of entries/ is called on a button; the key is the file's name without its ending."""
    subject: list[Text] | None = None
    """Words that name what the topic is about."""
    elsewhere: list[Text] | None = None
    """Words and phrases that name other things: a message with one of these and none of the subject's is more likely declined."""

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
    """The long wordings, 200 characters each, used in turn."""
    short: ShortNotes
    """The short ones, 90 characters each."""


class MessagesFile(Shape):
    """The root of `messages.yaml`."""

    sentences: dict[str, Wordings] | None = None
    """What the bot says beside its answers. What is left out stays as it ships; a list gives several wordings, used in turn."""
    notes: dict[Id, NoteShape] | None = None
    """Notes that fit an entry better than its tier's; entries name them under `note`."""
    alarms: dict[AlarmKey, Text] | None = None
    """What a red flag says: by its tier (urgent_today, emergency, crisis), or by a key that the flag names under `alarm`."""
    first_lines: dict[str, Text] | None = None
    """What flags name under `first_line` and `soft_line`."""
    reminders: dict[str, Text] | None = None
    """What opens the answers after an alarm, by the key of the alarm."""
    other_languages: dict[str, Text] | None = None
    """What people read who write in another language, by its code."""

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
