"""The entries that ship: all of them there, short enough, plain enough, sourced, and signed by nobody yet."""

import re
from datetime import UTC, datetime

import pytest

from bot.adapters.console import plain
from bot.audit.reading_grade import grade
from bot.core.act import act
from bot.core.action import Sources
from bot.core.content import Entry, NoteWordings, Tier
from bot.core.model import Advice, Context, Note, Notice, Part
from bot.core.snapshot import Snapshot
from tests.conftest import ROOT

IDS = (
    "anxiety-neck-spasms",
    "back-of-head-base-hurts",
    "back-of-head-spasm-causes",
    "base-of-skull-pain-causes",
    "cervical-dystonia",
    "children-neck-pain",
    "dehydration-and-spasms",
    "desk-posture-and-phone-neck",
    "driving-with-stiff-neck",
    "dry-needling-and-acupuncture",
    "exercise-after-neck-spasm",
    "eye-strain-and-screens",
    "head-spasm-feeling",
    "how-long-neck-spasm-lasts",
    "ice-or-heat",
    "jaw-clenching-tmj",
    "magnesium-for-spasms",
    "massage-for-neck-spasm",
    "medication-overuse-headache",
    "muscle-relaxants",
    "neck-cracking-and-manipulation",
    "neck-keeps-spasming",
    "neck-pain-and-dizziness",
    "neck-stretches",
    "neck-to-skull-muscles",
    "occipital-neuralgia-treatment",
    "painkillers-for-neck-spasm",
    "pinched-nerve-spasm",
    "pregnancy-neck-and-head-pain",
    "release-neck-spasm",
    "scan-or-xray",
    "skull-base-knots",
    "skull-base-pain-meaning",
    "sleep-position-and-pillow",
    "spasm-in-head-possible",
    "tension-headache-or-migraine",
    "when-to-see-a-doctor",
    "whiplash",
    "who-to-see",
    "wry-neck-torticollis",
)

OPENING_LIMIT = 250
REPLY_LIMIT = 900
SHORT_NOTE_LIMIT = 90
GRADE_LIMIT = 6.0

FORBIDDEN = {
    "a promise": r"(?i)(?<!\bnot )\balways\b|\bdefinite(ly)?\b|\bcertainly\b|\bguarante\w*|\bmiracles?\b|(?<!\bno )\bcures?\b|\bdetox\w*",
    "a diagnosis": r"(?i)(?<!\bif )(?<!\bdo )(?<!\bwhen )(?<!\bunless )(?<!\bmean )\byou(?: have|'ve)\b|\bsounds like\b|\bdiagnos\w*",
    "a guess about the reader": r"(?i)\b(this|it|yours) is (probably|likely)\b|\byou (probably|likely)\b|\bit's (just|only)\b",
    "an all-clear": r"(?i)\bsafe for you\b|\byou (do not|don't) need\b|\bnothing to worry\b|\bit's nothing\b|\b(don't|do not|no need to) worry\b",
    "a claim to authority": r"(?i)\bsymptom checker\b|\bclinically proven\b|\bAI doctor\b|\bas your doctor\b",
    "a raised voice": r"!|[\U0001f300-\U0001faff\u2600-\u27bf]|\b[A-Z]{2,} [A-Z]{2,}\b",
    "markup": r"[*_`<>#]|https?:|\[[^\]]*\]\(",
}
"""What no answer may say -> how to find it. "If you have", "not always" and "no cure" say something else."""

DOSE = re.compile(
    r"\b(?P<amount>\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|half|a)[- ]?"
    r"(?:\d+ ?mg )?(?P<unit>mg|g|mcg|µg|ml|grams?|milligrams?|drops?|spoons?|spoonfuls?|tablets?|pills?|capsules?|doses?|sachets?)\b",
    re.IGNORECASE,
)
CEILING = {"paracetamol": {("500", "mg"), ("4", "g"), ("eight", "tablets")}}
"""The most that adults may take in 24 hours; the only amount of a medicine that may be named."""


@pytest.fixture(params=IDS)
def entry(request: pytest.FixtureRequest, snapshot: Snapshot) -> Entry:
    return snapshot.entries_by_id[request.param]


def text_of(entry: Entry) -> str:
    return "\n\n".join(filter(None, (entry.answer.strip(), entry.more.strip())))


def notes_of(entry: Entry, snapshot: Snapshot) -> NoteWordings:
    knowledge = snapshot.knowledge
    return knowledge.messages.notes[entry.note] if entry.note else knowledge.topic.notes_by_tier[entry.tier]


def test_exactly_these_entries_ship(snapshot: Snapshot) -> None:
    assert len(IDS) == 40
    assert sorted(entry.id for entry in snapshot.knowledge.entries) == sorted(IDS)


def test_the_opening_is_short(entry: Entry) -> None:
    """It is all that is shown of an answer that stands beside another."""
    opening = entry.answer.strip().split("\n\n")[0]

    assert len(opening) <= OPENING_LIMIT


def test_the_whole_reply_is_short(entry: Entry, snapshot: Snapshot) -> None:
    """With the longest note it can end with, as it is sent."""
    emergency_line = snapshot.knowledge.topic.emergency_line
    assert emergency_line

    lengths = [
        len(plain(Advice((Part(entry.id, "", entry.answer, entry.more),), Note(note, emergency_line)))) for note in notes_of(entry, snapshot).full
    ]
    assert max(lengths) <= REPLY_LIMIT


def test_the_answer_is_easy_to_read(entry: Entry) -> None:
    assert grade(text_of(entry)) <= GRADE_LIMIT
    assert grade(entry.answer) <= GRADE_LIMIT


def test_there_are_enough_sentences_to_learn_from_and_to_judge_by(entry: Entry) -> None:
    for sentences, least in ((entry.asks, 20), (entry.contrasts, 4), (entry.hits, 3), (entry.misses, 3)):
        assert len(sentences) >= least
        assert len({sentence.casefold() for sentence in sentences}) == len(sentences)


def test_related_entries_exist_and_are_others(entry: Entry, snapshot: Snapshot) -> None:
    assert entry.related
    assert set(entry.related) <= set(snapshot.entries_by_id)
    assert entry.id not in entry.related
    assert len(set(entry.related)) == len(entry.related)


def test_sources_are_named(entry: Entry) -> None:
    assert entry.sources
    for source in entry.sources:
        assert source.name
        assert source.title
        assert re.match(r"https?://[\w.-]+\.\w+(/|$)", source.url)


def test_nobody_has_checked_or_signed_and_the_sources_say_so(entry: Entry, snapshot: Snapshot) -> None:
    notice, _ = act(Sources(entry.id), snapshot, Context(), datetime(2026, 1, 1, tzinfo=UTC))
    said = snapshot.knowledge.messages

    assert (entry.checked, entry.reviewed) == (None, None)
    assert isinstance(notice, Notice)
    assert said.say("checked_none") in notice.text
    assert said.say("reviewed_none") in notice.text
    assert (said.say("unsourced") in notice.text) is entry.unsourced
    assert all(source.url in notice.text for source in entry.sources)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("a promise", "This always helps."),
        ("a promise", "A cure for spasms."),
        ("a diagnosis", "You have a strain."),
        ("a diagnosis", "It sounds like a strain."),
        ("a guess about the reader", "It is probably a strain."),
        ("an all-clear", "You don't need a scan."),
        ("a claim to authority", "It is clinically proven."),
        ("a raised voice", "Rest now!"),
        ("a raised voice", "DO NOTHING of this"),
        ("markup", "**Rest** it."),
    ],
)
def test_forbidden_wording_is_found(kind: str, text: str) -> None:
    assert re.search(FORBIDDEN[kind], text)


@pytest.mark.parametrize("text", ["If you have asthma, ask first.", "Do you have a fever?", "It does not always help.", "There is no cure yet."])
def test_other_wording_is_let_be(text: str) -> None:
    assert not any(re.search(pattern, text) for pattern in FORBIDDEN.values())


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_the_wording_stays_information(entry: Entry, kind: str) -> None:
    found = [match[0] for text in (entry.title, text_of(entry)) for match in re.finditer(FORBIDDEN[kind], text)]

    assert not found


def test_no_dose_is_named_beyond_the_ceiling(entry: Entry) -> None:
    text = text_of(entry)
    named = {(match["amount"].casefold(), match["unit"].casefold()) for match in DOSE.finditer(text)}
    allowed = CEILING["paracetamol"] if "paracetamol limit" in text and "24 hours" in text else set()

    assert named <= allowed


def test_doses_are_found() -> None:
    text = "The limit is eight 500 mg tablets (4 g), not two pills or 10ml."

    assert {(match["amount"], match["unit"]) for match in DOSE.finditer(text)} == {("eight", "tablets"), ("4", "g"), ("two", "pills"), ("10", "ml")}


# --- notes ----------------------------------------------------------------------------------------------------------


def test_every_short_note_is_one_line(snapshot: Snapshot) -> None:
    topic, messages = snapshot.knowledge.topic, snapshot.knowledge.messages
    notes = [*topic.notes_by_tier.values(), *messages.notes.values()]
    assert set(topic.notes_by_tier) == set(Tier)

    for note in notes:
        assert note.short
        for line in note.short:
            assert "\n" not in line
            assert len(line) <= SHORT_NOTE_LIMIT


def test_every_named_note_is_used(snapshot: Snapshot) -> None:
    used = {entry.note for entry in snapshot.knowledge.entries if entry.note}

    assert set(snapshot.knowledge.messages.notes) == used


def test_the_safety_entry_is_there(snapshot: Snapshot) -> None:
    assert snapshot.knowledge.topic.safety_entry in IDS


def test_no_flag_is_signed_yet(snapshot: Snapshot) -> None:
    flags = snapshot.knowledge.red_flags.flags

    assert flags
    assert [flag.id for flag in flags if flag.reviewed is not None] == []


def test_the_themes_have_titles(snapshot: Snapshot) -> None:
    stems = {path.stem for path in (ROOT / "knowledge" / "entries").glob("*.yaml")}

    assert set(snapshot.knowledge.topic.theme_titles) == stems
