"""What to list for words typed after the bot's name in any chat: answers to send there, or the one card of a red flag.

Nothing is carried on: each time the words are read as if they were all that was ever said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.core import compose
from bot.core.content import Entry
from bot.core.model import Advice, Alarm, Ambiguous, Answered, Context, NoMatch, Notice, Turn, Utterance
from bot.core.public import in_public
from bot.core.respond import respond
from bot.core.snapshot import Snapshot

PAGE = 20
"""How many entries are listed at once to somebody who has typed nothing; the API takes 50."""
DESCRIPTION_CHARACTERS = 100

_WORTH_LISTING = 0.3
"""From this confidence an entry is listed though it was not sure enough to be answered or offered: `stiff` and `desk` find theirs (0.34, 0.40),
`football results tonight` and `best laptop` find nothing (0.27, 0.22)."""
_NOTHING_SAID = Context()
_ALARM = "alarm"
_READ_FIRST = "read-first"
_OTHER_LANGUAGE = "other-language"
_SENTENCE_END = re.compile(r"(?<=[.!?…।])\s+|(?<=[。！？])\s*(?!$)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the list, and what is sent when it is picked."""

    id: str
    """The entry's; within a list no two are alike."""
    title: str
    description: str
    """One line of at most DESCRIPTION_CHARACTERS."""
    reply: Advice | Alarm | Notice
    """Of its choices all lead into private, or need no answer."""


@dataclass(frozen=True, slots=True)
class Findings:
    """A list, or a part of it."""

    listed: tuple[Finding, ...] = ()
    following: int | None = None
    """Where the next part begins; None behind the last."""


def search(utterance: Utterance, snapshot: Snapshot, start: int = 0) -> Findings:
    """Return what to list for *utterance*, best first; for no words the entries in the order of the topics, PAGE of them from *start* on.

    When something is happening to somebody its card stands alone; what was only asked about as a danger opens each answer.
    """
    if not utterance.text.strip():
        return _browsed(snapshot, start)
    turn = respond(utterance, snapshot, _NOTHING_SAID)
    if isinstance(turn.reply, Alarm):
        return Findings((_alarm_card(turn.reply, snapshot),))
    if isinstance(turn.outcome, NoMatch) and turn.outcome.language and isinstance(turn.reply, Notice):
        return Findings((_other_language_card(turn.outcome.language, turn.reply, snapshot),))
    lead = compose.lead(turn.alert, snapshot) if turn.alert is not None else ""
    if turn.alert is not None and turn.alert.live:
        return Findings((_prompt_card(turn, lead, snapshot),))
    entry_ids = tuple(dict.fromkeys(_worth_listing(turn)))
    if turn.alert is not None and not entry_ids:
        return Findings((_prompt_card(turn, lead, snapshot),))
    return Findings(tuple(_answer(snapshot.entries_by_id[entry_id], snapshot, lead) for entry_id in entry_ids))


def _browsed(snapshot: Snapshot, start: int) -> Findings:
    places = {theme: place for place, theme in enumerate(snapshot.knowledge.topic.theme_titles)}
    # Sorting keeps the order of the files within a theme.
    entries = sorted(snapshot.knowledge.entries, key=lambda entry: places.get(entry.theme, len(places)))
    end = start + PAGE
    return Findings(tuple(_answer(entry, snapshot) for entry in entries[start:end]), end if end < len(entries) else None)


def _worth_listing(turn: Turn) -> Iterator[str]:
    match turn.outcome:
        case Answered(entry_ids, also):
            yield from (*entry_ids, *also, *turn.context.candidates)
        case Ambiguous(entry_ids):
            yield from (*entry_ids, *turn.context.candidates)
        case _:
            yield from (match.entry_id for match in turn.ranking if match.confidence >= _WORTH_LISTING)


def _answer(entry: Entry, snapshot: Snapshot, lead: str = "") -> Finding:
    return Finding(entry.id, entry.title, _first_sentence(entry.answer), _advice((entry.id,), snapshot, lead))


def _alarm_card(alarm: Alarm, snapshot: Snapshot) -> Finding:
    say = snapshot.knowledge.messages.say
    shown = replace(alarm, choices=in_public(alarm, snapshot, links_only=True).choices)
    return Finding(_ALARM, say("card_alarm"), _fitting(say(f"card_{alarm.tier.key}")), shown)


def _other_language_card(code: str, notice: Notice, snapshot: Snapshot) -> Finding:
    """Return the card that tells in the language *code* that the bot does not read it, and when to call for help."""
    sentences = _sentences(snapshot.knowledge.messages.other_languages[code].split("\n\n")[0])
    return Finding(_OTHER_LANGUAGE, _fitting(sentences[0]), _fitting(sentences[-1]), notice)


def _prompt_card(turn: Turn, lead: str, snapshot: Snapshot) -> Finding:
    """Return the card of what needs a doctor soon, or of a danger that was asked about and that no entry answers."""
    if isinstance(turn.outcome, Answered):
        titles = " · ".join(snapshot.entries_by_id[entry_id].title for entry_id in turn.outcome.entry_ids)
        return Finding(_READ_FIRST, titles, _first_sentence(lead), _advice(turn.outcome.entry_ids, snapshot, lead))
    notice = compose.without_answer(lead, snapshot)
    shown = replace(notice, choices=in_public(notice, snapshot, links_only=True).choices)
    return Finding(_READ_FIRST, snapshot.knowledge.messages.say("card_read_first"), _first_sentence(lead), shown)


def _advice(entry_ids: tuple[str, ...], snapshot: Snapshot, lead: str) -> Advice:
    """Return the whole answer, as whoever sends it has not chosen who reads it: with what it is about, and the way into private."""
    advice = compose.advice(entry_ids, snapshot, _NOTHING_SAID, lead=lead, titled=True)
    return replace(advice, choices=in_public(advice, snapshot, links_only=True).choices)


def _first_sentence(text: str) -> str:
    return _fitting(_sentences(text)[0].removeprefix("• "))


def _sentences(text: str) -> list[str]:
    return _SENTENCE_END.split(" ".join(text.split()))


def _fitting(line: str) -> str:
    """Return *line*, or its first words and an ellipsis where it is too long."""
    if len(line) <= DESCRIPTION_CHARACTERS:
        return line
    # The ellipsis takes the place of the blank; a word that is longer than the room is cut.
    words = line[:DESCRIPTION_CHARACTERS].rpartition(" ")[0] or line[: DESCRIPTION_CHARACTERS - 1]
    return words.rstrip(" ,;:") + "…"
