"""Numbers that mean something: temperatures, blood pressures, counts, grams, ages, weeks and durations.

Which words are units, which words lend a bare number its meaning, and how numbers are written out comes from the language's cues. The ranges
below only tell kinds of number apart; what is dangerous stands in the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.language import Language
from bot.core.triage.message import Message
from bot.core.triage.pattern import DAYS_BY_UNIT, Measure

_PLAIN = re.compile(r"\d{1,4}(?:[.,]\d{1,2})?")
_THOUSANDS = re.compile(r"\d{1,3},\d{3}")
_PAIR = re.compile(r"(\d{2,3})/(\d{2,3})")
# A reading with no unit must lie where a living person's can: Celsius, Fahrenheit, the two numbers of a blood pressure, years.
_CELSIUS, _FAHRENHEIT = (34.0, 43.0), (95.0, 108.0)
_UPPER, _LOWER = (60.0, 300.0), (30.0, 200.0)
_SINGLE_UPPER = 140.0
_OLDEST = 110.0
_YOUNGEST_BY_AT = 40.0
"""`at 63` and `over 50` are ages only from here: `at 7` is a time of day."""
_TEN, _TENS = 10, frozenset(range(20, 100, 10))
_DAYS_OF_A_WEEK = frozenset("0123456")
_BEFORE, _AFTER = 5, 3
"""How many words before and after a bare number may tell what it is."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number with its meaning; in Celsius, grams, days or years."""

    kind: str
    value: float
    start: int
    end: int
    """One past its last word, the unit included."""
    second: float = 0.0
    """The lower number of a blood pressure; 0 where only one was given."""

    def within(self, measure: Measure) -> bool:
        """Whether it lies between the bounds of *measure*, which is of its own kind."""
        return measure.low <= self.value <= measure.high or (self.kind == "pressure" and self.second >= measure.low_second)


class Reader:
    """Finds readings, with the words of one language."""

    def __init__(self, language: Language) -> None:
        """*language*: its cues `numbers`, `unit-*` and `reading-*` are used; where one is missing, that kind is not read."""

        def words(key: str) -> frozenset[str]:
            return frozenset(language.cues.get(key, ()))

        self._numbers = {word: float(value) for word, _, value in (written.partition(" ") for written in language.cues.get("numbers", ()))}
        self._ones = words("numbers-one")
        self._decades = {word: float(value) for word, _, value in (written.partition(" ") for written in language.cues.get("decades", ()))}
        self._days = {word: factor for unit, factor in DAYS_BY_UNIT.items() for word in words(f"unit-{unit}")}
        self._weeks = words("unit-weeks")
        self._old, self._age_units = words("reading-old"), words("unit-age")
        self._grams, self._milligrams = words("unit-grams"), words("unit-milligrams")
        self._celsius, self._fahrenheit, self._degrees = words("unit-celsius"), words("unit-fahrenheit"), words("unit-degrees")
        self._other = words("unit-other")
        self._units = self._other | self._grams | self._milligrams | frozenset(self._days) | self._celsius | self._degrees
        self._temperature, self._over = words("reading-temperature"), words("reading-over")
        self._pressure, self._lower = words("reading-pressure"), words("reading-pressure-lower")
        self._age_before, self._age_weak = words("reading-age"), words("reading-age-weak")
        self._persons, self._is = words("reading-persons"), words("reading-is")
        self._skip = words("reading-skip")
        self._joiners = language.joiners

    def read(self, message: Message) -> list[Reading]:
        """Return the readings of *message* in order; one number may give several."""
        found: list[Reading] = []
        words = message.words
        used = -1
        for index, word in enumerate(words):
            if index <= used:
                continue
            if word[0].isdigit():
                pair = _PAIR.fullmatch(word)
                if pair is not None:
                    found.extend(self._slashed(float(pair[1]), float(pair[2]), index))
                    continue
                value = _value(word)
                end = index + 1 + (word.isdigit() and index + 1 not in message.commas and self._days_of_weeks(words, index + 1))
            elif word in self._decades:
                found.append(Reading("age", self._decades[word], index, index + 1))
                continue
            else:
                value, end = self._written(words, index)
            if value is not None:
                found.extend(self._meanings(message, value, index, end))
                used = end - 1
        return found

    def _days_of_weeks(self, words: Sequence[str], index: int) -> bool:
        """Whether at *index* the days of `34+2 weeks` stand; they are left out."""
        return index + 1 < len(words) and words[index] in _DAYS_OF_A_WEEK and words[index + 1] in self._weeks

    def _written(self, words: Sequence[str], index: int) -> tuple[float | None, int]:
        value = self._numbers.get(words[index])
        if value is None:
            if words[index] in self._ones and index + 1 < len(words) and words[index + 1] in self._days:
                return 1.0, index + 1
            return None, index
        end = index + 1
        following = self._numbers.get(words[end]) if end < len(words) else None
        if following is not None and value in _TENS and following < _TEN:
            return value + following, end + 1
        return value, end

    def _slashed(self, upper: float, lower: float, index: int) -> Iterator[Reading]:
        if _between(upper, _UPPER) and _between(lower, _LOWER) and upper > lower:
            yield Reading("pressure", upper, index, index + 1, lower)

    def _meanings(self, message: Message, value: float, index: int, end: int) -> Iterator[Reading]:
        words = message.words
        while end < len(words) and words[end] in self._skip:
            end += 1
        unit = words[end] if end < len(words) and message.clauses[end] == message.clauses[index] else ""
        after = words[end + 1] if unit and end + 1 < len(words) else ""
        if unit in self._days:
            days = value * self._days[unit]
            if after in self._old:
                yield Reading("age", days / 365.0, index, end + 2)
            else:
                yield Reading("duration", days, index, end + 1)
                if unit in self._weeks:
                    yield Reading("weeks", value, index, end + 1)
        elif unit in self._age_units and value <= _OLDEST and not (unit in self._fahrenheit and value >= _FAHRENHEIT[0]):
            yield Reading("age", value, index, end + 1)
        elif unit in self._grams or unit in self._milligrams:
            yield Reading("grams", value if unit in self._grams else value / 1000, index, end + 1)
        elif unit in self._over and after and _value(after):
            yield from self._slashed(value, _value(after) or 0.0, index)
        else:
            yield from self._bare(message, value, index, end, unit)

    def _bare(self, message: Message, value: float, index: int, end: int, unit: str) -> Iterator[Reading]:
        near = self._near(message, index, end)
        age = self._is_age(message, value, index, unit)
        celsius = self._as_celsius(value, unit, near, age)
        if celsius is not None:
            yield Reading("temperature", celsius, index, end + (unit in self._celsius or unit in self._fahrenheit or unit in self._degrees))
        elif age:
            yield Reading("age", value, index, end)
        elif unit not in self._other:
            if near & self._lower and _between(value, _LOWER):
                yield Reading("pressure", 0.0, index, end, value)
            elif near & self._pressure and _SINGLE_UPPER <= value <= _UPPER[1]:
                yield Reading("pressure", value, index, end)
        if unit not in self._units and not age:
            yield Reading("count", value, index, end)

    def _near(self, message: Message, index: int, end: int) -> frozenset[str]:
        clause = message.clauses[index]
        places = (*range(max(0, index - _BEFORE), index), *range(end, min(len(message.words), end + _AFTER)))
        return frozenset(message.words[place] for place in places if message.clauses[place] == clause)

    def _as_celsius(self, value: float, unit: str, near: frozenset[str], age: bool) -> float | None:
        if unit in self._fahrenheit or (unit not in self._celsius and _between(value, _FAHRENHEIT)):
            told = unit in self._fahrenheit or unit in self._degrees or bool(near & self._temperature)
            return (value - 32) / 1.8 if told and _between(value, _FAHRENHEIT) else None
        if not _between(value, _CELSIUS) or age:
            return None
        # 38.9 with nothing beside it is hardly anything but a temperature.
        told = unit in self._celsius or unit in self._degrees or bool(near & self._temperature) or value % 1 > 0
        return value if told and unit not in self._other else None

    def _is_age(self, message: Message, value: float, index: int, unit: str) -> bool:
        if not 0 < value <= _OLDEST or unit in self._units or value % 1:
            return False
        words = message.words
        last = words[index - 1] if index and message.clauses[index - 1] == message.clauses[index] else ""
        if last in self._age_before or last in self._persons:
            return True
        # `66, stiff ...`, `54 and new headaches`: what opens a message and cannot be a temperature.
        if not index and _CELSIUS[1] < value < _FAHRENHEIT[0] and (1 in message.commas or unit in self._joiners):
            return True
        if last in self._is and index > 1 and words[index - 2] in self._persons:
            return True
        return last in self._age_weak and value >= _YOUNGEST_BY_AT


def _value(word: str) -> float | None:
    if _THOUSANDS.fullmatch(word):
        return float(word.replace(",", ""))
    return float(word.replace(",", ".")) if _PLAIN.fullmatch(word) else None


def _between(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]
