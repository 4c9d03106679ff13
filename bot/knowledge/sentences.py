"""Which sentence may stand where: one that teaches may not judge, and one that teaches two things teaches nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.errors import Problem
from bot.knowledge.document import Place
from bot.knowledge.draft import Draft
from bot.knowledge.wording import shown

_ASK, _NOT, _HIT, _MISS, _NONE, _CHAT = "asks", "not", "hits", "misses", "none.yaml", "smalltalk.yaml"
_TEACHES = frozenset({_ASK, _NOT})
_JUDGES = frozenset({_HIT, _MISS})


@dataclass(frozen=True, slots=True)
class _Use:
    """One sentence in one role."""

    text: str
    role: str
    owner: str
    """The entry it stands under; empty outside entries."""
    place: Place


def check_sentences(draft: Draft) -> Iterator[Problem]:
    """Yield a problem for each sentence that contradicts one before it, and for each that holds no word at all."""
    seen: dict[str, list[_Use]] = {}
    for use in _uses(draft):
        words = draft.words(use.text)
        if not words:
            if use.role not in (_MISS, _CHAT):
                yield use.place.problem(f"{shown(use.text)} holds no word to match; write letters or digits")
            continue
        earlier = seen.setdefault(words, [])
        conflict = next((found for found in (_conflict(before, use) for before in earlier) if found), None)
        if conflict:
            yield use.place.problem(f"{shown(use.text)} {conflict}")
        earlier.append(use)


def _uses(draft: Draft) -> Iterator[_Use]:
    for entry, place in draft.entries:
        roles = (
            (_ASK, entry.asks, (_ASK,)),
            (_NOT, entry.contrasts, (_NOT,)),
            (_HIT, entry.hits, ("tests", _HIT)),
            (_MISS, entry.misses, ("tests", _MISS)),
        )
        for role, texts, steps in roles:
            for index, text in enumerate(texts):
                yield _Use(text, role, entry.id, Place(place.document, (*place.path, *steps, index)))
    for text, own in draft.none:
        if own is not None:
            yield _Use(text, _NONE, "", own)
    for each, own in draft.smalltalk:
        if own is not None:
            for index, text in enumerate(each.asks):
                yield _Use(text, _CHAT, each.id, Place(own.document, (*own.path, _ASK, index)))


def _conflict(before: _Use, use: _Use) -> str:
    """Return what is wrong with *use* beside *before*, which has the same words; nothing when both may stand."""
    roles = {before.role, use.role}
    at = before.place.problem("")
    where = f"(first at {at.file}:{at.line})"
    if before.owner == use.owner:
        if len(roles) == 1:
            return f"stands twice {where}; take one out"
        if roles & _TEACHES and roles & _JUDGES:
            return f"teaches under '{before.role}' and judges under '{use.role}' {where}; a test must be a sentence of its own"
        return f"stands under '{before.role}' and '{use.role}' {where}, which contradict each other; take one out"
    if roles == {_ASK}:
        return f"asks for '{before.owner}' and for '{use.owner}' {where}; leave it to one of them"
    if roles == {_ASK, _HIT}:
        return f"teaches '{_owner(_ASK, before, use)}' and judges '{_owner(_HIT, before, use)}' {where}; a test must be a sentence of its own"
    if _NONE in roles and roles & {_ASK, _HIT}:
        return f"is a question of '{before.owner or use.owner}' {where}, and none.yaml says nobody answers it; take one out"
    if _CHAT in roles and roles & {_ASK, _HIT, _CHAT}:
        return f"stands under '{before.owner}' and '{use.owner}' {where}; leave it to one of them"
    return ""


def _owner(role: str, before: _Use, use: _Use) -> str:
    return before.owner if before.role == role else use.owner
