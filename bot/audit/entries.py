"""What of single entries is worth a second look: how many ways to ask them, how long and how hard to read they are, and who says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.audit.findings import Finding, Weight
from bot.audit.reading_grade import grade
from bot.core.compose import opening
from bot.core.content import Entry
from bot.knowledge.document import Place
from bot.knowledge.draft import Draft
from bot.knowledge.wording import shown

PHRASINGS, FEWEST_PHRASINGS = 20, 8
"""How many ways to ask an entry make it found, and how few leave it lost."""
OPENING_LIMIT, REPLY_LIMIT = 250, 900
"""Characters of the opening, and of answer, long part and note together: a screen of a phone, and two."""
GRADE_LIMIT = 8.0
"""School years; most people read newspapers of that grade with ease, and fewer do in pain."""
WORDS_TO_JUDGE = 10
"""Fewer words have no grade that tells anything."""
SENTENCE_LIMIT = 25
"""Words."""

_SENTENCE_END = re.compile(r"[.!?]+(?=\s|$)|\n")


def entry_findings(draft: Draft) -> Iterator[Finding]:
    """Yield what is worth telling of each entry of *draft*, in the order of the files."""
    for entry, place in draft.entries:
        yield from _too_few(entry, place)
        yield from _too_long(entry, place, draft)
        yield from _hard(entry, place)
        yield from _unsourced(entry, place)


def reading_grades(draft: Draft) -> dict[str, float]:
    """Return the reading grade of each entry's answer and long part, by id; of English, and of those with words enough."""
    return {entry.id: reads for entry, _ in draft.entries if (reads := _grade(entry)) is not None}


def _grade(entry: Entry) -> float | None:
    text = _text(entry)
    return grade(text) if len(_words(text)) >= WORDS_TO_JUDGE else None


def _words(text: str) -> list[str]:
    return [word for word in text.split() if any(map(str.isalnum, word))]


def _text(entry: Entry) -> str:
    return "\n\n".join(filter(None, (entry.answer, entry.more)))


def _too_few(entry: Entry, place: Place) -> Iterator[Finding]:
    count = len(entry.asks)
    if count < PHRASINGS:
        weight = Weight.WARNING if count < FEWEST_PHRASINGS else Weight.NOTE
        what = f"'{entry.id}' has {count} phrasing{'s' * (count != 1)}; {PHRASINGS} in different words make it found: add some under `asks`"
        yield Finding("too-few", weight, place.problem(what, "asks"))
    if not entry.hits:
        what = f"nothing tries '{entry.id}'; write under `tests: hits:` what people may ask it with, in words that do not stand under `asks`"
        yield Finding("untested", Weight.NOTE, place.problem(what, "id"))


def _too_long(entry: Entry, place: Place, draft: Draft) -> Iterator[Finding]:
    begin = len(opening(entry.answer))
    if begin > OPENING_LIMIT:
        what = f"the opening has {begin} characters, {OPENING_LIMIT} are read at a glance; end its first paragraph sooner"
        yield Finding("too-long", Weight.WARNING, place.problem(what, "answer"))
    length = len("\n\n".join(filter(None, (_text(entry), _longest_note(entry, draft)))))
    if length > REPLY_LIMIT:
        what = f"answer, long part and note have {length} characters, {REPLY_LIMIT} are two screens of a phone; shorten them, or make two entries"
        yield Finding("too-long", Weight.WARNING, place.problem(what, "answer"))


def _longest_note(entry: Entry, draft: Draft) -> str:
    own = draft.messages.notes.get(entry.note) if draft.messages and entry.note else None
    if draft.topic is None:
        return ""
    wordings = own or draft.topic.notes_by_tier.get(entry.tier)
    return "\n\n".join(filter(None, (max(wordings.full, key=len), draft.topic.emergency_line))) if wordings else ""


def _hard(entry: Entry, place: Place) -> Iterator[Finding]:
    reads = _grade(entry)
    if reads is not None and reads > GRADE_LIMIT:
        what = f"reads like school year {reads:.0f}, {GRADE_LIMIT:.0f} is the most for somebody in need; shorter sentences and words make it easier"
        yield Finding("hard-to-read", Weight.WARNING, place.problem(what, "answer"))
    for key, text in (("answer", entry.answer), ("more", entry.more)):
        longest = max(map(_words, _SENTENCE_END.split(text)), key=len)
        if len(longest) > SENTENCE_LIMIT:
            what = f"the sentence that begins {shown(' '.join(longest[:4]))} has {len(longest)} words, {SENTENCE_LIMIT} are many; make two of it"
            yield Finding("long-sentence", Weight.WARNING, place.problem(what, key))


def _unsourced(entry: Entry, place: Place) -> Iterator[Finding]:
    if entry.unsourced:
        what = f"'{entry.id}' rests on general knowledge alone; find who says so, and write it under `sources`"
        yield Finding("unsourced", Weight.NOTE, place.problem(what, "unsourced"))
    elif not entry.sources:
        yield Finding("unsourced", Weight.NOTE, place.problem(f"nobody can look up what '{entry.id}' says; name who says so under `sources`", "id"))
