"""What is learned again after an edit: what the edit teaches, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from bot.core.content import Entry, Question, Synonyms, Talk
from bot.core.knowledge import Knowledge
from bot.core.matching.teach import Learned, teach
from bot.core.snapshot import learn_likeness
from bot.core.triage.rules import Example, Group, RedFlag, RedFlags, Rule, Shift
from bot.knowledge import loader
from bot.knowledge.loader import load_snapshot, read_knowledge
from bot.knowledge.taught import keys_of
from tests.core.builders import all_of
from tests.kitchen import DANGERS, write_kitchen

T = TypeVar("T")

EGGS, FLAGS, QUESTIONS, SYNONYMS = "entries/eggs.yaml", "red_flags.yaml", "examples_questions.yaml", "synonyms.yaml"
TALK, NONE, DANGEROUS, HARMLESS, NUMBERS = "smalltalk.yaml", "none.yaml", "examples_danger.yaml", "examples_harmless.yaml", "numbers.yaml"
FILES: Mapping[str, str] = {
    QUESTIONS: "questions:\n  old-eggs: [these eggs are ancient]\n"
    "after:\n  old-eggs: {boiled-eggs: [and how long in the pan]}\nnone: [a job as a cook]\n",
    SYNONYMS: "synonyms:\n  - say: boil\n    for: [simmer]\nconfusables:\n  - [pan, pen]\n",
    TALK: "- id: hungry\n  asks: [i could eat a horse]\n  replies: [So could I.]\n",
    NONE: "- what is the capital of peru\n",
    DANGEROUS: "gas:\n  emergency: [the cooker hisses and it stinks, it stinks of rotten eggs, the cooker hisses, we feel sick by the cooker]\n",
    HARMLESS: "- the gas bill came today\n- my kitchen has no gas\n- which knife for deep pans\n",
}

NOTHING: frozenset[str] = frozenset()
MATCHER, TRIAGE, BOTH = frozenset({"matcher"}), frozenset({"triage"}), frozenset({"matcher", "triage"})
EDITS = (
    # what, the file, what stands there, what stands there then, who learns again
    ("an answer", EGGS, "Use a little butter", "Use much butter", NOTHING),
    ("what more there is to it", EGGS, "Put the egg in cold water", "Put it in cold water", NOTHING),
    ("a source", EGGS, "Cook's notebook", "A notebook", NOTHING),
    ("a tier", "entries/bread.yaml", "tier: gp_soon", "tier: pharmacist", NOTHING),
    ("what is related", EGGS, "[fried-eggs, old-eggs]", "[old-eggs]", NOTHING),
    ("whose note is full", EGGS, "full_note: true", "full_note: false", NOTHING),
    ("a miss", EGGS, "misses: [how do i knead dough]", "misses: [how do i knead]", NOTHING),
    ("a comment", EGGS, "- id: old-eggs", "# a comment\n- id: old-eggs", NOTHING),
    ("a message", "messages.yaml", "Have it seen to today.", "Have a doctor see it today.", NOTHING),
    ("the name of the topic", "topic.yaml", "name: Kitchen", "name: Cooking", NOTHING),
    ("what the topic is about", "topic.yaml", "name: Kitchen", "name: Kitchen\nsubject: [egg]", NOTHING),
    ("what small talk is answered", TALK, "So could I.", "Me too.", NOTHING),
    ("why a flag is there", FLAGS, "It may explode.", "It explodes.", NOTHING),
    ("what a flag says it read", FLAGS, "a smell of gas.", "some gas.", NOTHING),
    ("what a flag withholds", FLAGS, "withholds: [fried-eggs]", "withholds: [old-eggs]", NOTHING),
    ("the line of a soft flag", FLAGS, "    soft_line: asked\n", "", NOTHING),
    ("an ask", EGGS, "soft boiled egg time", "time for an egg", BOTH),
    ("a contrast", EGGS, "egg on my shirt", "egg on my tie", BOTH),
    ("none", NONE, "peru", "chile", BOTH),
    ("what small talk sounds like", TALK, "a horse", "an ox", BOTH),
    ("a question", QUESTIONS, "are ancient", "are old", BOTH),
    ("confusables", SYNONYMS, "[pan, pen]", "[pan, pin]", BOTH),
    ("an entry's id", EGGS, "- id: fried-eggs", "- id: fry-eggs", MATCHER),
    ("a title", EGGS, "Fried eggs that", "Frying eggs that", MATCHER),
    ("keywords", EGGS, "[fry, fried,", "[fried,", MATCHER),
    ("a question that follows", QUESTIONS, "and how long", "how long", MATCHER),
    ("synonyms", SYNONYMS, "[simmer]", "[seethe]", MATCHER),
    ("a hit", EGGS, "hits: [how long to boil eggs]", "hits: [how long to boil two eggs]", TRIAGE),
    ("a flag's rule", FLAGS, "any: [deep cut]", "any: [deep cut, deep gash]", TRIAGE),
    ("a flag's tier", FLAGS, "tier: gp_soon", "tier: urgent_today", TRIAGE),
    ("what a flag fires on", FLAGS, "fires_on: [i smell gas]", "fires_on: [we smell gas]", TRIAGE),
    ("what it is silent on", FLAGS, "silent_on: [how long do i boil an egg]", "silent_on: [how long to boil it]", TRIAGE),
    ("what it is soft on", FLAGS, "soft_on: [is a gas leak dangerous]", "soft_on: [is a gas leak bad]", TRIAGE),
    ("an example of danger", DANGEROUS, "by the cooker]", "by the stove]", TRIAGE),
    ("a harmless example", HARMLESS, "gas bill", "gas man", TRIAGE),
)


def folder_with(folder: Path, *edits: tuple[str, str, str]) -> Path:
    write_kitchen(folder, DANGERS, FILES)
    for file, old, new in edits:
        path = folder / file
        before = path.read_text(encoding="utf-8")
        assert before.count(old) == 1, (file, old)
        path.write_text(before.replace(old, new), encoding="utf-8")
        if old.startswith("- id: "):
            flags = folder / FLAGS
            flags.write_text(flags.read_text(encoding="utf-8").replace(old[6:], new[6:]), encoding="utf-8")
            path.write_text(path.read_text(encoding="utf-8").replace(f"[{old[6:]}, ", f"[{new[6:]}, "), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return read_knowledge(folder_with(tmp_path_factory.mktemp("before")))


@pytest.mark.parametrize(("file", "old", "new", "again"), [edit[1:] for edit in EDITS], ids=[edit[0] for edit in EDITS])
def test_an_edit_has_learned_again_what_it_teaches(file: str, old: str, new: str, again: frozenset[str], before: Knowledge, tmp_path: Path) -> None:
    after = read_knowledge(folder_with(tmp_path, (file, old, new)))
    one, other = keys_of(before), keys_of(after)

    learned = {name for name, differs in (("matcher", one.matcher != other.matcher), ("triage", one.likeness != other.likeness)) if differs}
    assert learned == again


def same(one: Learned, other: Learned) -> bool:
    arrays = [(getattr(one.weights, name), getattr(other.weights, name)) for name in ("keys", "rarity", "meaning", "centres")]
    arrays.append((all_of(one.weights.matrix), all_of(other.weights.matrix)))
    return one.word_counts == other.word_counts and all(np.array_equal(*pair) for pair in arrays)


def test_what_is_not_learned_again_would_teach_the_same(before: Knowledge, tmp_path: Path) -> None:
    """All edits at once that one half does not learn from, and it learns the same to the last bit."""
    chosen = {edit[0]: edit[1:4] for edit in EDITS if edit[0] != "what the topic is about"}
    spared = {half: [chosen[edit[0]] for edit in EDITS if half not in edit[4] and edit[0] in chosen] for half in BOTH}
    to_matcher = read_knowledge(folder_with(tmp_path / "matcher", *spared["matcher"]))
    to_triage = read_knowledge(folder_with(tmp_path / "triage", *spared["triage"]))
    one, other = learn_likeness(before), learn_likeness(to_triage)

    assert same(teach(before), teach(to_matcher))
    assert one is not None
    assert other is not None
    assert np.array_equal(one.targets, other.targets)
    assert np.array_equal(one.keys, other.keys)
    assert np.array_equal(one.kin.weights, other.kin.weights)


def test_without_examples_triage_learns_nothing(tmp_path: Path) -> None:
    assert keys_of(read_knowledge(write_kitchen(tmp_path, DANGERS))).likeness is None


@pytest.mark.parametrize("edit", ["an answer", "a title", "a hit", "none"])
def test_only_that_is_learned(edit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, old, new, again = next(each[1:] for each in EDITS if each[0] == edit)
    cache = tmp_path / "cache"
    load_snapshot(folder_with(tmp_path / "before"), cache=cache, try_sentences=False)
    learned: list[str] = []

    def noting(name: str, learn: Callable[..., T]) -> Callable[..., T]:
        def noted(*given: object) -> T:
            learned.append(name)
            return learn(*given)

        return noted

    monkeypatch.setattr(loader, "teach", noting("matcher", teach))
    monkeypatch.setattr(loader, "learn_likeness", noting("triage", learn_likeness))
    after = load_snapshot(folder_with(tmp_path / "after", (file, old, new)), cache=cache, try_sentences=False)

    assert set(learned) == again
    assert len(list(cache.glob("knowledge-*"))) == 2
    whole = load_snapshot(tmp_path / "after", try_sentences=False)
    assert same(after.lessons.learned, whole.lessons.learned)


def names(*kinds: type) -> list[str]:
    return [f"{kind.__name__}.{field.name}" for kind in kinds for field in fields(kind)]


def test_whoever_adds_a_field_says_whether_it_teaches() -> None:
    """A field that is not named in `taught.py` must be added there, or nothing that depends on it is learned again."""
    known = {
        Entry: "id theme title asks keywords contrasts hits misses answer more tier note full_note related sources checked reviewed unsourced",
        Talk: "id asks replies",
        Synonyms: "say_by_phrase confusables",
        Question: "said entry_ids after follows",
        Example: "said tier flag_id tuned_on",
        RedFlags: "flags lists idioms cues seen reviewed",
        RedFlag: "id tier why source rules asks_about looks_like counts_when_past soft_when_past raises lowers read_as alarm first_line soft_line "
        "withholds by_likeness fires_on silent_on soft_on known_misses reviewed",
        Rule: "all_of none_of same_clause tier soft even_when_asked even_when_past raises lowers alarm",
        Group: "name any_of",
        Shift: "to name any_of",
        Knowledge: "version topic messages language entries synonyms smalltalk none red_flags numbers examples questions others",
    }

    assert names(*known) == [f"{kind.__name__}.{name}" for kind, written in known.items() for name in written.split()]
