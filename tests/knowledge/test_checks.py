"""Rules between entries that a single edit of a good file cannot show."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.core.text import utf16_units
from bot.errors import KnowledgeError
from bot.knowledge.checks import check
from bot.knowledge.loader import read_draft, read_knowledge
from tests.knowledge.folders import CARE, GOOD, RELIEF, write_folder


def test_a_tier_without_a_note_is_named_where_it_is_used(tmp_path: Path) -> None:
    """A note of the entry's own will do; this folder's other entry has none."""
    draft = read_draft(write_folder(tmp_path))
    assert draft.topic
    draft.topic = replace(draft.topic, notes_by_tier={})

    assert [str(problem).partition(";")[0] for problem in check(draft)] == ["entries/care.yaml:6:9: the tier 'gp_soon' has no note"]


def test_a_question_of_a_neighbour_may_be_a_contrast_and_a_miss(tmp_path: Path) -> None:
    """It shows where the entry ends."""
    neighbours = GOOD[RELIEF].replace("- ice for a swollen knee", "- when do i see a doctor about my neck")
    neighbours = neighbours.replace("[lunch box]", "[when do i see a doctor about my neck?, '🙂🙂']").replace("not:", "not: # theirs")
    with pytest.raises(KnowledgeError, match="teaches under 'not' and judges under 'misses'"):
        read_knowledge(write_folder(tmp_path, {RELIEF: neighbours}))

    for line in ("    - when do i see a doctor about my neck\n", "when do i see a doctor about my neck?, "):
        other = neighbours.replace(line, "    - not at all\n" if line.startswith(" ") else "")
        assert read_knowledge(write_folder(tmp_path, {RELIEF: other})).entries


def test_a_flag_twice_is_named_at_the_second(tmp_path: Path) -> None:
    flag = GOOD["red_flags.yaml"].partition("\n")[2]
    with pytest.raises(KnowledgeError) as refusal:
        read_knowledge(write_folder(tmp_path, {"red_flags.yaml": GOOD["red_flags.yaml"] + flag}))

    assert "red_flags.yaml:15:9: the id 'chest' stands at red_flags.yaml:2 already" in str(refusal.value)


@pytest.mark.parametrize(
    ("alarm", "texts"),
    [
        ("", ""),
        ("    alarm: emergency\n", "  emergency-intent: Call both.\n"),
        ("    alarm: own-words\n", "  own-words: Call somebody.\n  own-words-intent: Call both.\n"),
    ],
)
def test_a_flag_speaks_with_its_tier_or_its_own_words(alarm: str, texts: str, tmp_path: Path) -> None:
    files = {
        "messages.yaml": GOOD["messages.yaml"].replace("alarms:\n", f"alarms:\n{texts}"),
        "red_flags.yaml": GOOD["red_flags.yaml"].replace("    read_as", alarm + "    read_as"),
    }

    assert read_knowledge(write_folder(tmp_path, files)).red_flags.flags


def test_a_rule_above_its_flag_needs_the_alarm_of_its_tier(tmp_path: Path) -> None:
    """A tier that does not interrupt needs none."""
    quiet = GOOD["red_flags.yaml"].replace("tier: emergency", "tier: gp_soon")
    loud = quiet.replace("            any: [chest pain]\n", "            any: [chest pain]\n        tier: crisis\n")

    assert read_knowledge(write_folder(tmp_path, {"red_flags.yaml": quiet})).red_flags.flags
    with pytest.raises(KnowledgeError, match=r"red_flags\.yaml:2:5: 'crisis' is no alarm of messages\.yaml"):
        read_knowledge(write_folder(tmp_path, {"red_flags.yaml": loud}))


def test_an_own_note_counts_for_the_length_of_a_reply(tmp_path: Path) -> None:
    """Also while topic.yaml cannot be read: then notes are left out of the sum."""
    entry = GOOD[RELIEF].replace("    Either can help.", "    " + "ice " * 965)
    with pytest.raises(KnowledgeError, match="title, answer, more and note make 3932 characters"):
        read_knowledge(write_folder(tmp_path, {RELIEF: entry}))
    with pytest.raises(KnowledgeError) as refusal:
        read_knowledge(write_folder(tmp_path, {RELIEF: entry, "topic.yaml": "["}))

    assert [problem.file for problem in refusal.value.problems] == ["topic.yaml"]


def test_length_is_counted_as_telegram_does() -> None:
    assert [utf16_units(text) for text in ("neck", "🧊", "é")] == [4, 2, 1]


def test_unreadable_entries_leave_no_id_unknown(tmp_path: Path) -> None:
    for broken in ("[", "- titel: X\n", "- id: [x]\n"):
        with pytest.raises(KnowledgeError) as refusal:
            read_knowledge(write_folder(tmp_path, {CARE: broken}))
        assert {problem.file for problem in refusal.value.problems} == {CARE}
