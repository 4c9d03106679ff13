"""Which sentence may stand where: one that teaches may not judge, and one that teaches two things teaches nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.errors import Problem
from bot.knowledge.document import Place
from bot.knowledge.draft import Draft
from bot.knowledge.wording import shown

ASK, NOT, HIT, MISS, NONE, CHAT = "asks", "not", "hits", "misses", "none.yaml", "smalltalk.yaml"
_TEACHES = frozenset({ASK, NOT})
_JUDGES = frozenset({HIT, MISS})


@dataclass(frozen=True, slots=True)
class Use:
    """One sentence in one role."""

    text: str
    role: str
    owner: str
    """The entry it stands under; empty outside entries."""
    place: Place


def check_sentences(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each sentence that contradicts one before it, and for each that holds no word at all."""
    seen: dict[str, list[Use]] = {}
    for use in uses(draft):
        words = draft.words(use.text)
        if not words:
            if use.role not in (MISS, CHAT):
                yield use.place.problem(f"{shown(use.text)} holds no word to match; write letters or digits")
            continue
        earlier = seen.setdefault(words, [])
        conflict = next((found for found in (_conflict(before, use) for before in earlier) if found), None)
        if conflict:
            yield use.place.problem(f"{shown(use.text)} {conflict}")
        earlier.append(use)


def uses(draft: Draft) -> Iterator[Use]:
    """Yield every sentence that an author put under an entry, under none or under small talk, defaults left out."""
    for entry, place in draft.entries:
        roles = (
            (ASK, entry.asks, (ASK,)),
            (NOT, entry.contrasts, (NOT,)),
            (HIT, entry.hits, ("tests", HIT)),
            (MISS, entry.misses, ("tests", MISS)),
        )
        for role, texts, steps in roles:
            for index, text in enumerate(texts):
                yield Use(text, role, entry.id, Place(place.document, (*place.path, *steps, index)))
    for text, own in draft.none:
        if own is not None:
            yield Use(text, NONE, "", own)
    for each, own in draft.smalltalk:
        if own is not None:
            for index, text in enumerate(each.asks):
                yield Use(text, CHAT, each.id, Place(own.document, (*own.path, ASK, index)))


def _conflict(before: Use, use: Use) -> str:
    """Return what is wrong with *use* beside *before*, which has the same words; nothing when both may stand."""
    roles = {before.role, use.role}
    where = f"(first at {before.place.where()})"
    if before.owner == use.owner:
        if len(roles) == 1:
            return f"stands twice {where}; take one out"
        if roles & _TEACHES and roles & _JUDGES:
            return f"teaches under '{before.role}' and judges under '{use.role}' {where}; a test must be a sentence of its own"
        return f"stands under '{before.role}' and '{use.role}' {where}, which contradict each other; take one out"
    if roles == {ASK}:
        return f"asks for '{before.owner}' and for '{use.owner}' {where}; leave it to one of them"
    if roles == {ASK, HIT}:
        return f"teaches '{_owner(ASK, before, use)}' and judges '{_owner(HIT, before, use)}' {where}; a test must be a sentence of its own"
    if NONE in roles and roles & {ASK, HIT}:
        return f"is a question of '{before.owner or use.owner}' {where}, and none.yaml says nobody answers it; take one out"
    if CHAT in roles and roles & {ASK, HIT, CHAT}:
        return f"stands under '{before.owner}' and '{use.owner}' {where}; leave it to one of them"
    return ""


def _owner(role: str, before: Use, use: Use) -> str:
    return before.owner if before.role == role else use.owner
