"""What may not stand in `examples_questions.yaml`: entries that there are not, and a message that means one thing here and another elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.content import Question
from bot.errors import Problem
from bot.knowledge.document import Path, Place
from bot.knowledge.draft import Draft
from bot.knowledge.questions_schema import EITHER
from bot.knowledge.sentences import ASK, CHAT, HIT, MISS, NONE, NOT, Use, uses
from bot.knowledge.wording import shown, unknown

_TITLE = "title"


def check_questions(draft: Draft) -> Iterator[Problem]:
    """Yield each entry named that there is not, and each message that contradicts one before it or a sentence of another file."""
    yield from _check_entries(draft)
    elsewhere = _elsewhere(draft) if draft.questions else {}
    seen: dict[str, list[tuple[Question, Place]]] = {}
    for question, place in draft.questions:
        words = draft.words(question.said)
        if not words:
            yield place.problem(f"{shown(question.said)} holds no word to match; write letters or digits")
            continue
        earlier = seen.setdefault(words, [])
        conflicts = [*_with_earlier(question, earlier), *(found for use in elsewhere.get(words, ()) if (found := _with_use(question, use)))]
        if conflicts:
            yield place.problem(f"{shown(question.said)} {conflicts[0]}")
        earlier.append((question, place))


def _check_entries(draft: Draft) -> Iterator[Problem]:
    seen: set[Path] = set()
    for question, place in draft.questions:
        for path, entry_id in _named(question, place.path):
            if path not in seen and draft.ids is not None and entry_id not in draft.ids:
                yield place.document.problem(unknown("entry", entry_id, draft.ids), path, at_key=isinstance(path[-1], str))
            seen.add(path)
        if place.path[0] == EITHER:
            for index, entry_id in enumerate(question.entry_ids):
                if entry_id in question.entry_ids[:index]:
                    yield place.document.problem(f"'{entry_id}' stands twice; take one out", (*place.path[:-1], "entries", index))


def _named(question: Question, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield every entry that the message at *path* is put under, with the path to its name."""
    if path[0] == EITHER:
        for index, entry_id in enumerate(question.entry_ids):
            yield (*path[:-1], "entries", index), entry_id
        return
    for depth, step in enumerate(path[1:-1], start=2):
        yield path[:depth], str(step)


def _elsewhere(draft: Draft) -> dict[str, list[Use]]:
    titles = (Use(entry.title, _TITLE, entry.id, Place(place.document, (*place.path, _TITLE))) for entry, place in draft.entries)
    uses_by_words: dict[str, list[Use]] = {}
    for use in (*uses(draft), *titles):
        uses_by_words.setdefault(draft.words(use.text), []).append(use)
    return uses_by_words


def _with_earlier(question: Question, earlier: list[tuple[Question, Place]]) -> Iterator[str]:
    for before, place in earlier:
        if before.entry_ids != question.entry_ids and _meet(before, question):
            yield f"asks for {_label(question)} here and for {_label(before)} at {place.where()}; keep the one that is right"


def _meet(one: Question, other: Question) -> bool:
    """Tell whether both may be said at the same point of a conversation. After an answer a message may mean what it does not mean by itself."""
    return one.after == other.after or (one.follows and other.follows and None in (one.after, other.after))


def _with_use(question: Question, use: Use) -> str:
    """Return what is wrong with *question* beside *use*, which has the same words; nothing when both may stand."""
    where = f"(at {use.place.where()})"
    ours = use.owner in question.entry_ids
    if not question.entry_ids:
        return f"is a question of '{use.owner}' {where}, and no entry answers it here; take one out" if use.role in (ASK, _TITLE, HIT) else ""
    if use.role == HIT or (use.role == MISS and ours):
        return f"teaches {_label(question)} and judges '{use.owner}' under '{use.role}' {where}; a test must be a sentence of its own"
    if question.after is not None:
        return ""  # What was shown before decides what it means.
    if use.role in (ASK, _TITLE) and not ours:
        return f"asks for {_label(question)} here and for '{use.owner}' {where}; leave it to one of them"
    if use.role == NOT and ours:
        return f"asks for '{use.owner}' here and stands under its '{NOT}' {where}, which contradict each other; take one out"
    if use.role == NONE:
        return f"is a question of {_label(question)}, and none.yaml says nobody answers it {where}; take one out"
    if use.role == CHAT:
        return f"stands under {_label(question)} here and under '{use.owner}' {where}; leave it to one of them"
    return ""


def _label(question: Question) -> str:
    return " and ".join(f"'{entry_id}'" for entry_id in question.entry_ids) or "no entry"
