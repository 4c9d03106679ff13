"""Which numbers are read as what."""

from __future__ import annotations

import pytest

from bot.core.language import Language
from bot.core.text import normalise
from bot.core.triage.message import lay_out
from bot.core.triage.readings import Reader, Reading


@pytest.fixture(scope="module")
def reader(english: Language) -> Reader:
    return Reader(english)


def read(said: str, reader: Reader, language: Language) -> list[Reading]:
    fillers = frozenset(language.cues["fillers"])
    return reader.read(lay_out(normalise(said, language), fillers, lambda word: word, language.stem))


@pytest.mark.parametrize(
    ("said", "kind", "value"),
    [
        ("temp of 39", "temperature", 39.0),
        ("39C", "temperature", 39.0),
        ("38°C this morning", "temperature", 38.0),
        ("38,5 and a stiff neck", "temperature", 38.5),
        ("38.9 stiff neck", "temperature", 38.9),
        ("102 fever", "temperature", 38.9),
        ("fever of 101.3 F", "temperature", 38.5),
        ("his temperature is 104 degrees", "temperature", 40.0),
        ("bp 190/125", "pressure", 190.0),
        ("blood pressure 190 over 125", "pressure", 190.0),
        ("systolic 220", "pressure", 220.0),
        ("took 22 paracetamol", "count", 22.0),
        ("took twenty two tablets", "count", 22.0),
        ("took a dozen", "count", 12.0),
        ("10 grams of acetaminophen", "grams", 10.0),
        ("6000 mg", "grams", 6.0),
        ("6,000 mg", "grams", 6.0),
        ("im 58", "age", 58.0),
        ("aged 70", "age", 70.0),
        ("61 year old", "age", 61.0),
        ("my 8yo", "age", 8.0),
        ("dad, 74, new pain", "age", 74.0),
        ("66, stiff shoulders", "age", 66.0),
        ("54 and new headaches", "age", 54.0),
        ("mum is 80", "age", 80.0),
        ("at 63 a new pain", "age", 63.0),
        ("68f new pain", "age", 68.0),
        ("in my sixties", "age", 60.0),
        ("3 month old baby", "age", 0.25),
        ("32 weeks pregnant", "weeks", 32.0),
        ("34+2 weeks", "weeks", 34.0),
        ("fever of 38.5, 4 weeks old", "temperature", 38.5),
        ("fever of 39, 4 weeks old", "age", 0.08),
        ("for two weeks", "duration", 14.0),
        ("a week", "duration", 7.0),
        ("couple of days", "duration", 2.0),
        ("3 hours ago", "duration", 0.125),
    ],
)
def test_a_number_is_read_by_its_surroundings(said: str, kind: str, value: float, reader: Reader, english: Language) -> None:
    found = [reading.value for reading in read(said, reader, english) if reading.kind == kind]

    assert found == [pytest.approx(value, abs=0.05)]


def test_the_bottom_number_alone_is_a_pressure(reader: Reader, english: Language) -> None:
    (reading, *_) = read("diastolic 125", reader, english)

    assert (reading.kind, reading.value, reading.second) == ("pressure", 0.0, 125.0)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("took 10 mg", "count"),
        ("20 minutes", "count"),
        ("12 kg", "count"),
        ("39 years with fever", "temperature"),
        ("im 39 with fever", "temperature"),
        ("39 kg and a fever", "temperature"),
        ("39", "temperature"),
        ("102", "temperature"),
        ("200 F", "temperature"),
        ("lifted 180 lbs", "pressure"),
        ("screen 1920/1080", "pressure"),
        ("on 18/12/2024", "pressure"),
        ("130/180", "pressure"),
        ("room 65", "age"),
        ("39, stiff neck and fever", "age"),
        ("102 and a stiff neck", "age"),
        ("54 pillows", "age"),
        ("58 kg", "age"),
        ("at 7", "age"),
        ("60 push ups", "age"),
        ("a neck", "duration"),
        ("100000 things", "count"),
    ],
)
def test_other_numbers_are_not(said: str, kind: str, reader: Reader, english: Language) -> None:
    assert kind not in {reading.kind for reading in read(said, reader, english)}


def test_a_unit_in_the_next_clause_is_none(reader: Reader, english: Language) -> None:
    assert [reading.kind for reading in read("it was 5. Weeks passed", reader, english)] == ["count"]


def test_without_cues_there_are_only_bare_numbers() -> None:
    language = Language("xx", "")
    reading = Reader(language).read(lay_out(normalise("39 c and 3 weeks", language), frozenset(), lambda word: word, language.stem))

    assert {each.kind for each in reading} == {"count"}
