"""Another topic is another folder: what the package brings along names no doctor, no drug and no part of the body."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.console import plain
from bot.core import compose
from bot.core.act import act, gone
from bot.core.action import NotThis, ShowEntry, Sources, Topics
from bot.core.content import Tier
from bot.core.model import Ambiguous, Answered, Context, NoMatch, Reply, SmallTalk, Turn, Utterance, choices_of
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.conftest import OTHER_TOPIC, ROOT
from tests.kitchen import write_kitchen
from tests.knowledge_base.words import strings, words

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

_MEDICAL = """
doctor doctors gp gps physician physicians nurse nurses midwife dentist optician pharmacist pharmacists pharmacy chemist physio
physiotherapist physiotherapists clinic clinics clinician clinicians hospital surgery ambulance nhs medic medical medically medication
medicine medicines drug drugs pill pills tablet tablets dose doses painkiller painkillers paracetamol acetaminophen ibuprofen aspirin codeine
patient patients symptom symptoms diagnose diagnosis diagnosed illness ill disease diseases treatment treatments therapy therapist health
healthy spasm spasms cramp cramps headache headaches migraine pain pains painful ache aches stiff fever rash numb numbness
neck necks nape head heads skull spine jaw shoulder shoulders muscle muscles nerve nerves bone bones joint joints throat chest heart lung arm
arms leg legs knee knees foot feet eye eyes ear ears skin stomach belly brain blood
"""
MEDICAL = frozenset(_MEDICAL.split())
"""`back` is left out: it is a button, and what one does to come here again."""


def medical(text: str) -> frozenset[str]:
    return MEDICAL.intersection(words(text))


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "bot" / "defaults").glob("*.yaml")))
def test_the_packaged_defaults_know_no_medicine(name: str) -> None:
    texts = [text for _, text in strings(ROOT / "bot" / "defaults", name)]
    assert texts

    assert {text: medical(text) for text in texts if medical(text)} == {}


# --- a folder with entries and nothing else ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    folder = write_kitchen(tmp_path_factory.mktemp("kitchen"))
    assert [path.name for path in folder.iterdir()] == ["entries"]
    return folder, load_snapshot(folder)


@pytest.fixture
def cooking(kitchen: tuple[Path, Snapshot]) -> Snapshot:
    return kitchen[1]


def ask(snapshot: Snapshot, text: str, context: Context | None = None) -> Turn:
    return respond(Utterance(text, NOON), snapshot, context or Context())


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("how many minutes until my eggs are boiled", Answered(("boiled-eggs",))),
        ("the fried eggs stick to my pan", Answered(("fried-eggs",))),
        ("does this egg float because it is old", Answered(("old-eggs",))),
        ("do i knead the dough by hand", Answered(("knead-dough",))),
        ("what do i do with a stale loaf", Answered(("stale-bread",))),
        ("hello", SmallTalk("hello")),
        ("thank you", SmallTalk("thanks")),
        ("what is the capital of france", NoMatch()),
        ("asdfghjkl", NoMatch()),
    ],
)
def test_it_answers_what_is_its_own(cooking: Snapshot, said: str, outcome: object) -> None:
    assert ask(cooking, said).outcome == outcome


def test_every_phrasing_leads_to_its_entry(cooking: Snapshot) -> None:
    lost = []
    for entry in cooking.knowledge.entries:
        for said in entry.asks:
            outcome = ask(cooking, said).outcome
            if not (isinstance(outcome, Answered | Ambiguous) and entry.id in outcome.entry_ids):
                lost.append(said)

    assert lost == []


def test_danger_it_does_not_know_raises_nothing(cooking: Snapshot) -> None:
    assert ask(cooking, "sudden worst headache, stiff neck and a fever").alert is None


def _replies(folder: Path, snapshot: Snapshot) -> Iterator[Reply]:
    """Yield every reply there is: each entry with each note, its sources, offers, small talk, declines, lists and fixed notices."""
    service = Service(LiveKnowledge(folder, snapshot), MemoryStore())
    yield from (service.start(), service.help(), service.topics(), service.gone(), gone(snapshot))
    said = [
        "",
        "zzz",
        "what is the capital of france",
        "how many minutes",
        "sudden worst headache and stiff neck",
        "how do i boil eggs and knead dough",
    ]
    said += [sentence for talk in snapshot.knowledge.smalltalk for sentence in talk.asks]
    said += [sentence for entry in snapshot.knowledge.entries for sentence in (*entry.asks, *entry.contrasts)]
    for answered in range(4):
        context = Context(at=NOON, answered=answered, candidates=tuple(snapshot.entries_by_id))
        yield from (ask(snapshot, sentence, context).reply for sentence in said)
        yield compose.offer(tuple(snapshot.entries_by_id)[:3], snapshot, context)
        yield compose.dont_know(snapshot, context)
        for entry in snapshot.knowledge.entries:
            for tier in (None, *Tier):
                yield compose.advice((entry.id,), snapshot, Context(at=NOON, answered=answered, last_tier=tier), titled=True)
            for action in (ShowEntry(entry.id), Sources(entry.id), NotThis(entry.id), Topics(entry.theme), Topics()):
                yield act(action, snapshot, context, NOON)[0]
    yield act(NotThis(snapshot.knowledge.entries[0].id), snapshot, Context(at=NOON), NOON)[0]
    for flag in snapshot.knowledge.red_flags.flags:
        for sentence in (*flag.fires_on, *flag.soft_on):
            alarmed = ask(snapshot, sentence)
            yield from (alarmed.reply, ask(snapshot, "thank you", alarmed.context).reply)
            yield from (ask(snapshot, entry.asks[0], alarmed.context).reply for entry in snapshot.knowledge.entries)


@pytest.mark.parametrize("topic", ["entries alone", "bicycles"])
def test_no_reply_knows_medicine(kitchen: tuple[Path, Snapshot], cycling: Snapshot, topic: str) -> None:
    replies = list(_replies(*kitchen) if topic == "entries alone" else _replies(OTHER_TOPIC, cycling))
    texts = {plain(reply) for reply in replies} | {choice.label for reply in replies for choice in choices_of(reply)}
    assert len(texts) > 50

    assert {text: medical(text) for text in texts if medical(text)} == {}


@pytest.mark.parametrize("folder", ["cooking", "cycling"])
def test_no_note_knows_medicine(request: pytest.FixtureRequest, folder: str) -> None:
    knowledge = request.getfixturevalue(folder).knowledge
    topic, messages = knowledge.topic, knowledge.messages
    notes = [line for note in topic.notes_by_tier.values() for line in (*note.full, *note.short)]
    sentences = [text for wordings in messages.sentences.values() for text in wordings]
    assert set(topic.notes_by_tier) == set(Tier)

    for text in (*notes, *sentences, *messages.alarms.values(), *messages.first_lines.values(), *messages.reminders.values()):
        # `{nurse}` is a place for a number, and nothing that anybody reads.
        assert not medical(re.sub(r"\{[a-z_]+\}", "", text))


def test_the_word_list_would_find_what_it_looks_for() -> None:
    assert medical("See a GP about your neck-pain.") == {"gp", "neck", "pain"}
    assert not medical("Going back to the list.")
    assert not re.search(r"[A-Z]", "".join(MEDICAL))
