"""A made-up topic, small enough to read: boots and blisters. Most tests of the core need no more."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from bot.core.content import Entry, Messages, NoteWordings, Numbers, Region, Signature, Source, Synonyms, Talk, Tier, Topic
from bot.core.knowledge import Knowledge
from bot.core.language import Language
from bot.core.matching.weights import Rows
from bot.core.model import Context, Turn, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot, build_snapshot
from bot.core.text import Token, normalise
from bot.core.triage.rules import RedFlags
from bot.knowledge.defaults import read_default, read_language
from bot.knowledge.red_flag_schema import RedFlagsFile
from bot.knowledge.topic_schema import MessagesFile

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def make_entry(
    entry_id: str,
    *,
    title: str = "",
    asks: Sequence[str] = (),
    keywords: Sequence[str] = (),
    contrasts: Sequence[str] = (),
    theme: str = "feet",
    answer: str = "",
    more: str = "",
    tier: Tier = Tier.SELF_CARE,
    note: str | None = None,
    full_note: bool = False,
    related: Sequence[str] = (),
    sources: Sequence[Source] = (),
    checked: Signature | None = None,
    reviewed: Signature | None = None,
    unsourced: bool = False,
) -> Entry:
    """Return an entry; what is left out is filled from its id."""
    return Entry(
        id=entry_id,
        theme=theme,
        title=title or entry_id.replace("-", " ").capitalize(),
        asks=tuple(asks) or (entry_id.replace("-", " "),),
        keywords=tuple(keywords),
        contrasts=tuple(contrasts),
        hits=(),
        misses=(),
        answer=answer or f"What to do about {entry_id}.",
        more=more,
        tier=tier,
        note=note,
        full_note=full_note,
        related=tuple(related),
        sources=tuple(sources),
        checked=checked,
        reviewed=reviewed,
        unsourced=unsourced,
    )


VAGUE = (
    "blister",
    "heel",
    "cream",
    "sore heel",
    "my heel hurts",
    "about the blister",
    "i have a blister and it hurts",
    "what about blisters",
    "blister on my heel",
    "boots or plaster",
    "boots and blisters",
    "cream or plaster",
    "walking with a sore heel",
    "can i put something on the blister",
    "needle or plaster or cream",
    "help with a heel",
)
"""Messages that say too little to tell what is meant."""

POINTING = "how long"
"""Says little by itself; after an answer it asks on."""

LEAFLET = Source("Walkers' Union", "Care of the feet", "https://example.org/feet")

ENTRIES = (
    make_entry(
        "pop-a-blister",
        title="Pop a blister?",
        asks=[
            "should i pop a blister",
            "is it ok to burst a blister on my heel",
            "can i prick the bubble on my heel",
            "drain a blister with a needle",
            "do i open a blister or leave it",
        ],
        keywords=["pop", "burst", "prick", "drain"],
        contrasts=["how do i pop popcorn", "which plaster goes on a burst blister"],
        answer="Leave it closed if you can.\n\nThe skin over it keeps dirt out.",
        more="A closed blister dries in a few days.",
        related=["which-plaster", "infected-blister", "blister-cream"],
        sources=[LEAFLET],
        checked=Signature("A. Walker", "", "2026-01-02"),
    ),
    make_entry(
        "which-plaster",
        title="Which plaster?",
        asks=[
            "which plaster is best for a blister",
            "what dressing goes on a sore heel",
            "do gel plasters work on heels",
            "how do i cover a blister on a walk",
            "tape or plaster for a rubbed heel",
        ],
        keywords=["plaster", "dressing", "tape", "cover"],
        answer="A padded plaster takes the pressure off.",
        more="Change it when it comes loose.",
        full_note=True,
        related=["blister-cream", "pop-a-blister"],
        reviewed=Signature("B. Nurse", "nurse", "2026-02-03"),
        sources=[LEAFLET],
    ),
    make_entry(
        "blister-cream",
        title="Creams for blisters",
        asks=[
            "which cream helps a blister",
            "can i put ointment on a blistered heel",
            "is antiseptic cream any good for blisters",
            "vaseline on a sore heel",
            "lotion for blistered toes",
        ],
        keywords=["cream", "ointment", "antiseptic", "lotion"],
        tier=Tier.PHARMACIST,
        answer="Plain white paraffin is enough.",
        note="ask-first",
        unsourced=True,
    ),
    make_entry(
        "infected-blister",
        title="Is it infected?",
        asks=[
            "is my blister infected",
            "signs of infection in a blister",
            "there is pus in the blister on my heel",
            "my blister smells and weeps",
            "blister is hot and throbbing",
        ],
        keywords=["infected", "infection", "pus"],
        tier=Tier.GP_SOON,
        answer="Warmth, pus and more pain point to an infection.",
        more="Draw a line round the redness and see whether it grows.",
        related=["pop-a-blister"],
    ),
    make_entry(
        "new-boots",
        title="Break in new boots",
        theme="walking-kit",
        asks=[
            "how do i break in new boots",
            "my new boots rub my heel",
            "how long until walking boots soften",
            "stretch stiff leather boots",
            "boots too tight at the toes",
        ],
        keywords=["boots", "break in", "leather", "stretch"],
        answer="Wear them indoors first.",
    ),
    make_entry(
        "walk-on",
        title="Walk on or stop?",
        theme="walking-kit",
        asks=[
            "can i walk on with a blister",
            "should i finish the hike with a sore heel",
            "do i have to stop walking because of a blister",
            "is it safe to run with a blister",
            "how far can i go with blistered feet",
        ],
        keywords=["walk on", "hike", "finish", "keep going"],
        answer="Stop, cover it, and judge by the pain.",
    ),
)

RED_FLAGS = RedFlagsFile.model_validate(
    {
        "flags": [
            {
                "id": "despair",
                "tier": "crisis",
                "why": "Somebody may harm themselves.",
                "rules": [{"all_of": [{"name": "wish", "any": ["want to die", "end my life"]}]}],
                "asks_about": ["suicide"],
                "fires_on": ["i want to die"],
            },
            {
                "id": "chest-pain",
                "tier": "emergency",
                "why": "It may be the heart.",
                "rules": [{"all_of": [{"name": "pain", "any": ["chest pain", "crushing chest"]}]}],
                "asks_about": ["heart_attack"],
                "read_as": "You wrote about your chest.",
                "first_line": "sit-down",
                "withholds": ["walk-on"],
                "fires_on": ["i have chest pain"],
            },
            {
                "id": "many-tablets",
                "tier": "emergency",
                "why": "Too many tablets.",
                "alarm": "overdose",
                "rules": [{"all_of": [{"name": "taken", "any": ["took all tablets", "swallowed all tablets"]}]}],
                "fires_on": ["i took all the tablets"],
            },
            {
                "id": "red-line",
                "tier": "urgent_today",
                "why": "An infection that travels.",
                "rules": [{"all_of": [{"name": "line", "any": ["red line/streak", "redness spreading"]}]}],
                "asks_about": ["sepsis"],
                "soft_line": "if-it-spreads",
                "withholds": ["pop-a-blister"],
                "fires_on": ["a red line runs up my leg"],
            },
            {
                "id": "slow-to-heal",
                "tier": "gp_soon",
                "why": "It should have closed by now.",
                "rules": [
                    {"all_of": [{"name": "open", "any": ["never/not closes/closed/heals/healed"]}]},
                    {"all_of": [{"name": "black", "any": ["toe turned black"]}], "tier": "urgent_today"},
                ],
                "asks_about": ["diabetic_foot"],
                "fires_on": ["my blister never heals"],
            },
        ]
    }
).to_rules()

SMALL_TALK = (
    Talk("hello", ("hi", "hello", "hey there", "good morning"), ("Hello.", "Hi there.", "Good day.")),
    Talk("thanks", ("thanks", "thank you", "cheers for that", "ta very much"), ("You are welcome.",)),
)
NONE = (
    "what is the weather like today",
    "who won the match last night",
    "how do i bake bread",
    "cheap flights to rome",
    "my tooth hurts",
    "asdf qwer",
)


def make_messages() -> Messages:
    """Return the default messages with what this topic adds."""
    plain: Messages = read_default("messages.yaml", MessagesFile).to_messages()
    return dataclasses.replace(
        plain,
        notes={"ask-first": NoteWordings(("Ask a chemist before you use a cream.",), ("Ask a chemist first.", "A chemist can tell you more."))},
        alarms={
            "crisis": "Please talk to somebody now.",
            "emergency": "Call for help now.",
            "urgent_today": "See somebody today.",
            "overdose": "Call the poison line now.",
            "overdose-intent": "Call the poison line now, and stay with somebody.",
        },
        first_lines={"sit-down": "Sit down and rest.", "if-it-spreads": "If a red line is spreading on you now, see somebody today."},
    )


NUMBERS = Numbers(
    (
        Region("hill", "The Hills", {"emergency": "111", "nurse": "222", "listen": "call 333"}),
        Region("dale", "The Dales", {"emergency": "111"}),
        Region("sea", "The Coast", {"emergency": "444", "poison": "555"}),
    ),
    Region("", "Any land", {"emergency": "shout", "nurse": "the next village", "poison": "shout", "listen": "a friend"}),
)
"""Two regions that share a number, and one that does not."""


def make_topic() -> Topic:
    """Return what the topic is about, with three wordings for the note of self-care."""
    return Topic(
        name="Boots and blisters",
        language="en",
        region=None,
        contact="the hut keeper",
        emergency_line="Very unwell? Call for help.",
        safety_entry="infected-blister",
        notes_by_tier={
            Tier.SELF_CARE: NoteWordings(("Full care one.", "Full care two."), ("Care one.", "Care two.", "Care three.")),
            Tier.PHARMACIST: NoteWordings(("Full chemist one.",), ("Chemist one.",)),
            Tier.GP_SOON: NoteWordings(("Full doctor one.", "Full doctor two."), ("Doctor one.",)),
            Tier.URGENT_TODAY: NoteWordings(("Full today one.",), ("Today one.",)),
            Tier.EMERGENCY: NoteWordings(("Full now one.",), ("Now one.",)),
            Tier.CRISIS: NoteWordings(("Full talk one.",), ("Talk one.",)),
        },
        theme_titles={"feet": "Feet"},
        subject=("blister", "heel", "boots", "sole of my foot"),
        elsewhere=("tooth", "knee", "frying pan"),
    )


def _with_themes(topic: Topic, entries: Sequence[Entry]) -> Topic:
    """Return *topic* with a title for every theme, as the loader gives it one."""
    named = {entry.theme: entry.theme.replace("-", " ").capitalize() for entry in entries if entry.theme not in topic.theme_titles}
    return dataclasses.replace(topic, theme_titles={**topic.theme_titles, **named})


def make_knowledge(
    *,
    entries: Sequence[Entry] = ENTRIES,
    topic: Topic | None = None,
    messages: Messages | None = None,
    language: Language | None = None,
    synonyms: Synonyms | None = None,
    smalltalk: Sequence[Talk] = SMALL_TALK,
    none: Sequence[str] = NONE,
    red_flags: RedFlags = RED_FLAGS,
    numbers: Numbers | None = None,
) -> Knowledge:
    """Return the topic as a folder would bring it, with some of its parts replaced."""
    return Knowledge(
        version="0123456789ab",
        topic=_with_themes(topic or make_topic(), entries),
        messages=messages or make_messages(),
        language=language or read_language("en"),
        entries=tuple(entries),
        synonyms=synonyms or Synonyms({"water bubble": "blister", "bandage": "plaster"}, frozenset({frozenset({"heel", "heal"})})),
        smalltalk=tuple(smalltalk),
        none=tuple(none),
        red_flags=red_flags,
        numbers=numbers or Numbers(),
    )


def make_snapshot(knowledge: Knowledge | None = None) -> Snapshot:
    """Return the topic with its indexes built."""
    return build_snapshot(knowledge or make_knowledge())


def say(text: str, snapshot: Snapshot, context: Context | None = None, *, at: datetime = NOON) -> Turn:
    """Say *text* to the bot; without a context as a new person."""
    return respond(Utterance(text, at), snapshot, Context() if context is None else context)


def all_of(rows: Rows) -> NDArray[np.float16]:
    """Return the whole matrix, wherever its rows are kept."""
    return rows[np.arange(rows.shape[0])]


def tokens_of(text: str) -> tuple[Token, ...]:
    """Return the words of *text* as the matcher gets them."""
    return normalise(text, read_language("en")).tokens
