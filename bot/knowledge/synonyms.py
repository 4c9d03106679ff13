"""From `synonyms.yaml` to the word lists of the core: normalised, and free of contradictions."""

from __future__ import annotations

from bot.core.content import Synonyms
from bot.errors import Problem
from bot.knowledge.document import Place
from bot.knowledge.draft import Draft
from bot.knowledge.schema import SynonymsFile
from bot.knowledge.wording import shown


def read_synonyms(file: SynonymsFile, place: Place, draft: Draft) -> tuple[Synonyms, list[Problem]]:
    """Return the word lists of *file*, which stands at *place*, and the contradictions in them."""
    reading = _Reading(place, draft)
    for index, synonym in enumerate(file.synonyms or ()):
        say = reading.plain(synonym.say, "synonyms", index, "say")
        for at, phrase in enumerate(synonym.phrases):
            reading.stand_for(phrase, say, "synonyms", index, "for", at)
    for index, spelling in enumerate(file.spellings or ()):
        say = reading.plain(spelling[0], "spellings", index, 0)
        for at, phrase in enumerate(spelling[1:], start=1):
            reading.stand_for(phrase, say, "spellings", index, at)
    confusables = [reading.pair(pair, index) for index, pair in enumerate(file.confusables or ())]
    return Synonyms(reading.say_by_phrase, frozenset(confusables)), reading.problems


class _Reading:
    def __init__(self, place: Place, draft: Draft) -> None:
        self._place = place
        self._draft = draft
        self.say_by_phrase: dict[str, str] = {}
        self.problems: list[Problem] = []

    def plain(self, text: str, *steps: str | int) -> str:
        words = self._draft.words(text)
        if not words:
            self._refuse(f"{shown(text)} holds no word; write letters or digits", *steps)
        return words

    def stand_for(self, phrase: str, say: str, *steps: str | int) -> None:
        words = self.plain(phrase, *steps)
        known = self.say_by_phrase.setdefault(words, say)
        if known != say:
            self._refuse(f"{shown(phrase)} stands for {shown(known)} already, and here for {shown(say)}; keep one of them", *steps)
        elif words and words == say:
            self._refuse(f"{shown(phrase)} stands for itself; take it out", *steps)

    def pair(self, pair: list[str], index: int) -> frozenset[str]:
        words = [self.plain(word, "confusables", index, at) for at, word in enumerate(pair)]
        for at, word in enumerate(words):
            if " " in word:
                self._refuse(f"{shown(pair[at])} is more than one word; typo repair compares single words", "confusables", index, at)
        if words[0] == words[1] != "":
            self._refuse(f"{shown(pair[0])} and {shown(pair[1])} are one word to the matcher; write two that differ", "confusables", index)
        return frozenset(words)

    def _refuse(self, what: str, *steps: str | int) -> None:
        self.problems.append(self._place.problem(what, *steps))
