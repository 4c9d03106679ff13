"""The words that tell how something is meant: denied, over, asked about, imagined. They come from the language."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.language import Language
from bot.core.triage.pattern import parse
from bot.core.triage.phrasebook import Phrasebook

_PHRASE_CUES = (
    "negation_phrases",
    "false_negations",
    "denied_after",
    "past",
    "past_recent",
    "over",
    "live_times",
    "live_signs",
    "asking",
    "presupposing",
    "not_owning",
    "hypothetical",
    "someday",
    "as_if",
    "stories",
    "others",
    "goes_on",
)


_WORD_CUES = (
    "not_negations",
    "negation_ends",
    "list_ends",
    "subjects",
    "segment_starts",
    "conjunctions",
    "alternatives",
    "leads",
    "answers_no",
    "recoveries",
    "courtesies",
    "first_person",
    "statement_starts",
)

CUE_NAMES = frozenset((*_PHRASE_CUES, *_WORD_CUES))
"""The lists of `cues` that are read."""


class Cues:
    """The cue words of a language, made ready once."""

    def __init__(self, language: Language, topic: Mapping[str, tuple[str, ...]], book: Phrasebook) -> None:
        """*language*: its `cues`; *topic*: further ones of the same names, which speak of the topic's own things. A list neither has is empty.

        The cues that are phrases are added to *book*, under `symbols`.
        """

        def cues(key: str) -> tuple[str, ...]:
            return (*language.cues.get(key, ()), *topic.get(key, ()))

        def words(key: str) -> frozenset[str]:
            return frozenset(cues(key))

        self.symbols = {key: book.add(parse(text) for text in cues(key)) for key in _PHRASE_CUES}
        self.not_negations = words("not_negations")
        self.negations = language.negations - self.not_negations
        self.negation_ends = words("negation_ends")
        self.list_ends = words("list_ends")
        self.subjects = words("subjects")
        self.segment_starts = words("segment_starts")
        self.conjunctions = words("conjunctions")
        self.alternatives = words("alternatives")
        self.leads = words("leads")
        self.answers_no = words("answers_no")
        self.recoveries = words("recoveries")
        self.courtesies = words("courtesies")
        self.owners = language.owners
        self.first_person = words("first_person")
        self.question_starts = language.question_starts - words("statement_starts")
