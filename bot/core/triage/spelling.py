"""The words that typos are repaired into: those that rules name, and the forms of them that rules meet without naming; and a few short ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from bot.core.language import Language
from bot.core.speller import Speller

_HEAD = 4
"""Letters of the shortest beginning whose words are taken: shorter ones begin too much."""
_NAMED, _FORM = 2, 1
"""How often words count as used: between two that are as near, the named one is meant."""
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly")
_VOWELS = "aeiou"
_ONE_EDIT_FROM, _TWO_EDITS_FROM = 6, 9
"""Letters from which a word is repaired into any that rules name. Shorter ones lie too close together: numb and number, stiff and staff."""
_SHORTEST, _SHORT = 3, 4
"""Letters of a word that may be a short one with a vowel left out, and of one with any other slip."""


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


def repairing(counts: Mapping[str, int], language: Language, confusables: Collection[frozenset[str]]) -> Callable[[str], str]:
    """Return what repairs a word into one of *counts*, if it is long enough, and else into one of the few short ones that much hangs on.

    What the cue `no-typos` of the language names is left alone: names, and slang that no dictionary holds.
    """
    speller = Speller(counts, real_words=language.real_words, confusables=confusables, one_edit_from=_ONE_EDIT_FROM, two_edits_from=_TWO_EDITS_FROM)
    short = _short_words(language, confusables)

    left_alone = frozenset(language.cues.get("no-typos", ()))

    def repair(word: str) -> str:
        if word in left_alone:
            return word
        meant = speller.repair(word)
        return meant if meant != word or word in counts else short(word)

    return repair


def _short_words(language: Language, confusables: Iterable[frozenset[str]]) -> Callable[[str], str]:
    """Return what repairs words of three to six letters into the `short-words` of the language's cues; without that cue nothing.

    Words so short lie close together. So only what is no real word is repaired, by one slip, and never its first letter, unless that changed
    places with the second; of three letters only where a vowel was left out.
    """
    words = dict.fromkeys(language.cues.get("short-words", ()), 1)
    speller = Speller(words, real_words=language.real_words, confusables=confusables, one_edit_from=_SHORT)

    def repair(word: str) -> str:
        meant = speller.repair(word) if len(word) >= _SHORTEST else word
        if meant == word or (meant[0] != word[0] and sorted(meant) != sorted(word)):
            return word
        left_out = len(word) >= _SHORT or any(meant == word[:at] + vowel + word[at:] for at in range(1, len(word)) for vowel in _VOWELS)
        return meant if left_out else word

    return repair
