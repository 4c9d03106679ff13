"""The words that typos are repaired into: those that rules name, and the forms of them that rules meet without naming."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from bot.core.language import Language

_HEAD = 4
"""Letters of the shortest beginning whose words are taken: shorter ones begin too much."""
_NAMED, _FORM = 2, 1
"""How often words count as used: between two that are as near, the named one is meant."""
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly")
_VOWELS = "aeiou"


def spellings(language: Language, words: Collection[str], stems: Collection[str], prefixes: Iterable[str]) -> dict[str, int]:
    """Return how much each word counts that a typo may be repaired into.

    *words*: what rules name. *stems*: the stems they meet, whatever the form. *prefixes*: the beginnings they meet. Forms are taken where they
    are real words; stemming all the real words instead costs ten times as much.
    """
    real = language.real_words
    forms = {form for word in words for form in _inflected(word) if form in real and language.stem(form) in stems}
    begun = (word for prefix in prefixes if len(prefix) >= _HEAD for word in real.beginning(prefix))
    return {**dict.fromkeys((*begun, *forms), _FORM), **dict.fromkeys(words, _NAMED)}


def _inflected(word: str) -> Iterator[str]:
    """Yield the regular forms of *word*: hugs, hugged; taste, tasting."""
    for ending in _ENDINGS:
        yield word + ending
        if word.endswith("e"):
            yield word[:-1] + ending
        elif word and word[-1] not in _VOWELS:
            yield word + word[-1] + ending
