"""The shape of the questions that the matcher learns from: messages as people write them, by the entry that answers them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from bot.core.content import Question
from bot.knowledge.document import Path
from bot.knowledge.examples_schema import Said
from bot.knowledge.schema import Id, Sentence, Shape

QUESTIONS_FILE = "examples_questions.yaml"
EITHER = "either"


class EitherShape(Shape):
    """A message that more than one entry answers well."""

    ask: Sentence
    """The message."""
    entries: Annotated[list[Id], Field(min_length=2, max_length=20)]
    """Ids of the entries that answer it, the best first."""


class QuestionsFile(Shape):
    """The root of `examples_questions.yaml`."""

    questions: dict[str, Said] | None = None
    """Entry -> messages that it answers."""
    either: list[EitherShape] | None = None
    """Messages that more than one entry answers well."""
    after: dict[str, dict[str, Said]] | None = None
    """The entry shown last -> the entry that answers the next message -> messages that leave out what they are about."""
    none: list[Sentence] | None = None
    """Messages that no entry answers."""
    none_after: list[Sentence] | None = None
    """What is said right after an answer and is no question, or none that an entry answers."""

    def all_said(self) -> Iterator[tuple[Path, Question]]:
        """Yield every message, with the keys and indexes that lead to it."""
        for entry_id, said in (self.questions or {}).items():
            for index, text in enumerate(said):
                yield ("questions", entry_id, index), Question(text, (entry_id,))
        for index, shape in enumerate(self.either or ()):
            yield (EITHER, index, "ask"), Question(shape.ask, tuple(shape.entries))
        for last, said_by_entry in (self.after or {}).items():
            for entry_id, said in said_by_entry.items():
                for index, text in enumerate(said):
                    yield ("after", last, entry_id, index), Question(text, (entry_id,), after=last, follows=True)
        for index, text in enumerate(self.none or ()):
            yield ("none", index), Question(text, ())
        for index, text in enumerate(self.none_after or ()):
            yield ("none_after", index), Question(text, (), follows=True)
