"""Every sentence that judges, tried on the finished snapshot: what the bot does against what its authors expect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from bot.core.content import Entry
from bot.core.language import Language
from bot.core.model import Ambiguous, Answered, Context, Outcome, SmallTalk, Turn, Utterance, Withheld
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from bot.core.triage.rules import RedFlag
from bot.errors import Problem
from bot.knowledge.draft import Places
from bot.knowledge.wording import shown

_SOME_DAY = datetime(2000, 1, 1, 12, tzinfo=UTC)


def try_sentences(snapshot: Snapshot, places: Places | None = None) -> list[Problem]:
    """Return a problem for each sentence of an entry or red flag that gets something else than its author expects.

    Each is said by a new person. *places* tells where they stand; without it only the files are named.
    """
    places = places or Places()
    problems = [problem for entry in snapshot.knowledge.entries for problem in _try_entry(snapshot, entry, places)]
    return problems + [problem for flag in snapshot.knowledge.red_flags.flags for problem in _try_flag(snapshot, flag, places)]


def _say(snapshot: Snapshot, sentence: str) -> Turn:
    return respond(Utterance(sentence, _SOME_DAY), snapshot, Context())


def _try_entry(snapshot: Snapshot, entry: Entry, places: Places) -> Iterator[Problem]:
    place = places.entry(entry.id)
    for index, sentence in enumerate(entry.hits):
        turn = _say(snapshot, sentence)
        if entry.id not in _offered(turn.outcome):
            what = f"{shown(sentence)} does not lead to '{entry.id}': {_told(turn)}; {_cure(sentence, entry, snapshot.knowledge.language)}"
            yield place.problem(what, "tests", "hits", index)
    for index, sentence in enumerate(entry.misses):
        turn = _say(snapshot, sentence)
        if isinstance(turn.outcome, Answered) and entry.id in turn.outcome.entry_ids:
            what = f"{shown(sentence)} is answered by '{entry.id}', and should not be; write under `not` what is like it"
            yield place.problem(what, "tests", "misses", index)


def _cure(sentence: str, entry: Entry, language: Language) -> str:
    """Return what would teach *entry* to answer *sentence*: most often phrasings with the words that it has and they have not."""
    taught = {token.stem for text in (entry.title, *entry.asks, *entry.keywords) for token in normalise(text, language).tokens}
    small = language.stop_words | language.question_starts
    new = [token.text for token in normalise(sentence, language).tokens if token.stem not in taught and token.text not in small]
    if not new:
        return "its words are there, so write more phrasings of this manner under `asks`"
    return f"no phrasing there says {_quoted(tuple(dict.fromkeys(new)))}: write some that do under `asks`, in other sentences than this"


def _offered(outcome: Outcome) -> tuple[str, ...]:
    """Return the entries a person can reach from this outcome."""
    match outcome:
        case Answered(entry_ids, also):
            return (*entry_ids, *also)
        case Ambiguous(entry_ids) | Withheld(entry_ids):
            return entry_ids
        case _:
            return ()


def _told(turn: Turn) -> str:
    match turn.outcome:
        case Answered(entry_ids):
            return f"it is answered by {_quoted(entry_ids)}"
        case Ambiguous(entry_ids):
            return f"{_quoted(entry_ids)} are offered"
        case Withheld():
            return f"it raises {_quoted(turn.alert.flag_ids if turn.alert else ())}"
        case SmallTalk(smalltalk_id):
            return f"it is taken for small talk, '{smalltalk_id}'"
        case _:
            return "nothing fits"


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _try_flag(snapshot: Snapshot, flag: RedFlag, places: Places) -> Iterator[Problem]:
    place = places.flag(flag.id)
    expectations = (
        ("fires_on", flag.fires_on, "live", "should raise it live"),
        ("silent_on", flag.silent_on, "", "should not raise it live"),
        ("soft_on", flag.soft_on, "soft", "should raise it softly"),
    )
    for key, sentences, expected, wish in expectations:
        for index, sentence in enumerate(sentences):
            got = _form(_say(snapshot, sentence), flag.id)
            # What is silent may be soft: a question about a danger is answered, not shouted at.
            if got != expected and not (key == "silent_on" and got == "soft"):
                yield place.problem(f"{shown(sentence)} {wish} ('{flag.id}'), but {'is ' + got if got else 'stays silent'}", key, index)


def _form(turn: Turn, flag_id: str) -> str:
    """Tell how *turn* raises the flag: `live`, `soft`, or not at all (empty)."""
    forms = {"soft" if hit.soft else "live" for hit in (turn.alert.hits if turn.alert else ()) if hit.flag_id == flag_id}
    return "live" if "live" in forms else "soft" if forms else ""
