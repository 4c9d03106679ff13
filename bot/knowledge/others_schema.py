"""The shape of `defaults/languages/others.yaml`: what tells other languages, and what is said to those who write in them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from bot.core.foreign import ANY_OTHER, SCRIPTS, SHORTEST_BEGINNING, OtherLanguage, OtherLanguages
from bot.knowledge.schema import Id, Line, Shape, Text, Title
from bot.knowledge.wording import shown, unknown

OTHERS_FILE = "languages/others.yaml"


def _is_script(text: str) -> str:
    if text not in SCRIPTS:
        raise ValueError(unknown("script", text, SCRIPTS))
    return text


def _are_words(text: str) -> str:
    for word in text.split():
        if word.endswith("*") and len(word) <= SHORTEST_BEGINNING:
            raise ValueError(f"{shown(word)} begins too many words; write {SHORTEST_BEGINNING} letters at least before the star")
    return text


class OtherLanguageShape(Shape):
    """One language the bot does not read."""

    name: Title
    script: Annotated[str, AfterValidator(_is_script)]
    letters: Line = ""
    words: Annotated[Line, AfterValidator(_are_words)] = ""
    says: dict[Id, Text]

    def to_language(self, code: str) -> OtherLanguage:
        """Return what tells it."""
        return OtherLanguage(code, self.name, self.script, self.letters, self.words)


class OthersFile(Shape):
    """The root of `others.yaml`."""

    international: Line = ""
    any_other: dict[Id, Text]
    languages: dict[Id, OtherLanguageShape] = Field(min_length=1)

    def to_languages(self) -> OtherLanguages:
        """Return what tells each, in the order of the file."""
        return OtherLanguages(tuple(shape.to_language(code) for code, shape in self.languages.items()), self.international)

    def said_by(self, reads: str) -> dict[str, str]:
        """Return by code what a bot that reads the language *reads* says to those who write in another."""
        said = {code: shape.says.get(reads, "") for code, shape in self.languages.items() if code != reads}
        return {code: text for code, text in {**said, ANY_OTHER: self.any_other.get(reads, "")}.items() if text}
