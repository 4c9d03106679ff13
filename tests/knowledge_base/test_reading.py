"""The measure of reading: what it counts."""

import pytest

from bot.audit.reading_grade import grade, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("neck", 1),
        ("spasm", 2),
        ("spasms", 2),
        ("muscle", 2),
        ("muscles", 2),
        ("make", 1),
        ("makes", 1),
        ("causes", 2),
        ("ache", 1),
        ("headaches", 2),
        ("helped", 1),
        ("needed", 2),
        ("see", 1),
        ("tried", 1),
        ("careful", 2),
        ("safely", 2),
        ("something", 2),
        ("tension", 2),
        ("physio", 3),
        ("area", 3),
        ("being", 2),
        ("anxiety", 4),
        ("serious", 3),
        ("paracetamol", 5),
        ("ibuprofen", 4),
        ("occipital", 4),
        ("torticollis", 4),
        ("the", 1),
        ("Try", 1),
        ("GP", 2),
        ("MRI", 3),
        ("A", 1),
        ("don't", 1),
        ("20", 2),
    ],
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_a_grade_worked_out_by_hand() -> None:
    """Ten words, two sentences, eleven syllables."""
    assert grade("Keep your neck warm. Do not pull or twist gently.") == pytest.approx(0.39 * 5 + 11.8 * 1.1 - 15.59)


@pytest.mark.parametrize(
    "text",
    [
        "Try:\n• Keep your neck warm\n• Do not pull it or twist it at all",
        "Try:\n\n• Keep your neck warm.\n• Do not pull it or twist it at all.",
    ],
    ids=["without full stops", "with them"],
)
def test_a_heading_is_no_sentence_of_its_own(text: str) -> None:
    assert grade(text) >= grade("Try keep your neck warm. Do not pull it or twist it at all.")


def test_list_items_without_full_stops_run_together() -> None:
    assert grade("• warm the neck\n• rest the head\n• move a bit") > grade("• warm the neck.\n• rest the head.\n• move a bit.")


def test_points_within_a_word_end_nothing() -> None:
    assert grade("Wait for 1.5 hours and then try it again") == grade("Wait for 15 hours and then try it again")


def test_long_words_and_long_sentences_are_harder() -> None:
    plain, hard = "Your neck may hurt for days.", "Cervical musculature discomfort occasionally necessitates professional consultation."

    assert grade(plain) < 3 < 12 < grade(hard)
    assert grade(plain) < grade("Your neck may hurt for days and then it may hurt for weeks and then it may stop.")


def test_nothing_is_no_grade() -> None:
    assert grade("") == grade("• !") == 0.0
