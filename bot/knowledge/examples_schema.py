"""The shape of the examples that triage learns from: what people write in danger, by flag and tier, and what only sounds like it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator, Field, RootModel, WithJsonSchema

from bot.core.content import TIERS_BY_KEY
from bot.core.triage.rules import Example
from bot.knowledge.red_flag_parts import FLAG_TIERS
from bot.knowledge.schema import Sentence, Shape
from bot.knowledge.wording import did_you_mean, shown

DANGER_FILE, HARMLESS_FILE = "examples_danger.yaml", "examples_harmless.yaml"
TUNED_FILE = "examples_tuned.yaml"
"""The same for messages that rules were written with in mind."""
EXAMPLE_FILES = (DANGER_FILE, HARMLESS_FILE, TUNED_FILE)


def _tier_key(value: str) -> str:
    if value not in FLAG_TIERS:
        raise ValueError(f"{shown(value)} is no tier of a red flag{did_you_mean(value, FLAG_TIERS) or '; the tiers are: ' + ', '.join(FLAG_TIERS)}")
    return value


TierKey = Annotated[str, AfterValidator(_tier_key), WithJsonSchema({"enum": list(FLAG_TIERS)})]
Said = Annotated[list[Sentence], Field(min_length=1)]


class DangerExamplesFile(RootModel[dict[str, dict[TierKey, Said]]]):
    """Flag -> tier -> messages that need help of that tier."""

    def examples(self) -> Iterator[tuple[tuple[str | int, ...], Example]]:
        """Yield every example, with the keys and the index that lead to it."""
        for flag_id, by_tier in self.root.items():
            for key, said in by_tier.items():
                for index, text in enumerate(said):
                    yield (flag_id, key, index), Example(text, TIERS_BY_KEY[key], flag_id)


class HarmlessExamplesFile(RootModel[list[Sentence]]):
    """Messages that must raise no alarm."""

    def examples(self) -> Iterator[tuple[tuple[str | int, ...], Example]]:
        """Yield every example, with the index that leads to it."""
        for index, text in enumerate(self.root):
            yield (index,), Example(text, None)


class TunedExamplesFile(Shape):
    """Both kinds, of messages that rules were written with in mind."""

    danger: DangerExamplesFile
    """Flag, tier, messages."""
    harmless: HarmlessExamplesFile
    """Messages that must raise no alarm."""

    def examples(self) -> Iterator[tuple[tuple[str | int, ...], Example]]:
        """Yield every example, with the keys and the index that lead to it."""
        for steps, example in self.danger.examples():
            yield ("danger", *steps), replace(example, tuned_on=True)
        for steps, example in self.harmless.examples():
            yield ("harmless", *steps), replace(example, tuned_on=True)
