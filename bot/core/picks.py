"""Choices picked in words: "the second one", "2", "both", "none of these"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.core.language import Language
from bot.core.text import NormalText, normalise

_LONGEST = 8
"""Tokens of a message that may pick, courtesies and all."""
_NAMED, _A_PAIR = 3, 2
"""Places that have words of their own: as many as an offer holds."""


def picked(text: NormalText, offered: Sequence[str], language: Language, *, alarmed: bool = False) -> tuple[str, ...] | None:
    """Return which of the entries *offered* last *text* picks, in their order; no entry where it picks none of them, None where it picks nothing.

    The words are cues of the language: `pick-1` to `pick-3`, `pick-last`, `pick-both`, `pick-only` for what was offered alone, and `pick-none`.
    Only a message of nothing else picks, courtesies aside: "second opinion" is a question. After an alarm (*alarmed*) a bare yes or no may be
    about that: it picks nothing.
    """
    if not offered or not 0 < len(text.tokens) <= _LONGEST:
        return None
    said = _telling(text, language)
    return next((meant for cue, meant in _ways(offered, alarmed=alarmed) if said in _phrases(cue, language)), None)


def _ways(offered: Sequence[str], *, alarmed: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each cue by which one may pick of *offered*, with what it picks."""
    for place, entry_id in enumerate(offered[:_NAMED], 1):
        yield f"pick-{place}", (entry_id,)
    if len(offered) > 1:
        yield "pick-last", (offered[-1],)
    elif not alarmed:
        yield "pick-only", (offered[0],)
    if len(offered) == _A_PAIR:
        yield "pick-both", tuple(offered)
    if not alarmed:
        yield "pick-none", ()


def _phrases(cue: str, language: Language) -> set[tuple[str, ...]]:
    return {_telling(normalise(phrase, language), language) for phrase in language.cues.get(cue, ())}


def _telling(text: NormalText, language: Language) -> tuple[str, ...]:
    courtesies = language.cues.get("courtesies", ())
    return tuple(token.text for token in text.tokens if token.text not in courtesies) or tuple(token.text for token in text.tokens)
