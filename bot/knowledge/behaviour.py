"""How two versions of a knowledge base answer the sentences that their authors wrote down: what changes, and what would be lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from bot.core.content import Messages, Numbers, Tier
from bot.core.knowledge import Knowledge
from bot.core.model import Ambiguous, Answered, Context, SmallTalk, Turn, Utterance, Withheld
from bot.core.respond import respond
from bot.core.snapshot import Snapshot

MOST_CHANGES = 1_000
"""How many a reload tells of; to read a megabyte of them would hold up whoever is served."""

_SOME_DAY = datetime(2000, 1, 1, 12, tzinfo=UTC)
_ANSWERED, _OFFERED, _ALARM, _SMALLTALK, _FOREIGN, _UNKNOWN = "answered", "offered", "alarm", "smalltalk", "foreign", "unknown"
_ONLY_SHOWN: Mapping[str, Any] = {"answer": "", "more": "", "note": None, "full_note": False, "sources": (), "checked": None, "reviewed": None}

Progress = Callable[[int, int], None]
"""Is told how many tries were made, and of how many: two for each sentence."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a new person gets for a sentence, without its words."""

    kind: str
    """`answered`, `offered`, `alarm`, `smalltalk`, `foreign` or `unknown`."""
    about: tuple[str, ...] = ()
    """Ids of entries, or of small talk; of an alarm the entries that wait under it."""
    flags: tuple[str, ...] = ()
    """The red flags that it raises live, the foremost first."""
    tier: Tier | None = None
    """Of the foremost of these; None without any."""
    also: tuple[str, ...] = ()
    """The entries that are offered beside an answer."""

    @property
    def leads_to(self) -> tuple[str, ...]:
        """The entries within reach: answers, offers, and what waits under an alarm."""
        return (*self.about, *self.also) if self.kind in (_ANSWERED, _OFFERED, _ALARM) else ()


class Loss(Enum):
    """What nobody gets any more."""

    RED_FLAG = "red flag"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence that gets something else."""

    sentence: str
    before: Reaction
    after: Reaction
    loss: Loss | None
    """What it loses, the worse of the two; None where it only gets something else."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What is different, losses first: red flags, then answers, then all else, each in the order of the sentences."""

    tried: int
    """How many sentences were tried on both."""
    changes: tuple[Change, ...]
    cut: int = 0
    """How many more changes there are than are listed, the last of them all."""

    @property
    def losses(self) -> tuple[Change, ...]:
        """The changes that lose something."""
        return tuple(change for change in self.changes if change.loss is not None)

    @property
    def count(self) -> int:
        """How many changes there are, listed or not."""
        return len(self.changes) + self.cut

    def at_most(self, most: int) -> Difference:
        """Return the same with so many changes listed."""
        cut = max(0, len(self.changes) - most)
        return replace(self, changes=self.changes[:most], cut=self.cut + cut)


def known_sentences(*knowledges: Knowledge) -> tuple[str, ...]:
    """Return the sentences that authors wrote down, each once: titles, `asks`, `hits` and `misses` of entries, and what red flags are tried on."""
    return tuple(dict.fromkeys(sentence for knowledge in knowledges for sentence in _sentences(knowledge)))


def _sentences(knowledge: Knowledge) -> Iterator[str]:
    for entry in knowledge.entries:
        yield from (entry.title, *entry.asks, *entry.hits, *entry.misses)
    for flag in knowledge.red_flags.flags:
        yield from (*flag.fires_on, *flag.silent_on, *flag.soft_on)


def react(snapshot: Snapshot, sentence: str) -> Reaction:
    """Return what a new person gets who says *sentence*."""
    turn = respond(Utterance(sentence, _SOME_DAY), snapshot, Context())
    alert = turn.alert if turn.alert is not None and turn.alert.live else None
    reaction = _outcome(turn)
    return reaction if alert is None else replace(reaction, flags=alert.flag_ids, tier=alert.tier)


def _outcome(turn: Turn) -> Reaction:
    match turn.outcome:
        case Answered(entry_ids, also):
            return Reaction(_ANSWERED, entry_ids, also=also)
        case Ambiguous(entry_ids):
            return Reaction(_OFFERED, entry_ids)
        case Withheld(entry_ids):
            return Reaction(_ALARM, entry_ids)
        case SmallTalk(smalltalk_id):
            return Reaction(_SMALLTALK, (smalltalk_id,))
    return Reaction(_FOREIGN if turn.outcome.language else _UNKNOWN)


def compare(before: Snapshot, after: Snapshot, progress: Progress | None = None) -> Difference:
    """Try the known sentences of both on both, each said by a new person, and return what is different.

    Where nothing is new but what is only shown, such as the text of an answer, no reaction can differ, and none is tried.
    """
    sentences = known_sentences(before.knowledge, after.knowledge)
    if _what_decides(before.knowledge) == _what_decides(after.knowledge):
        return Difference(len(sentences), ())
    tried = _Tried(2 * len(sentences), progress)
    was, now = tried.on(before, sentences), tried.on(after, sentences)
    said = _Said(after.knowledge)
    changes = [Change(*each, said.loss(*each)) for each in zip(sentences, was, now, strict=True) if each[1] != each[2]]
    order = (*Loss, None)
    return Difference(len(sentences), tuple(sorted(changes, key=lambda change: order.index(change.loss))))


def _what_decides(knowledge: Knowledge) -> Knowledge:
    """Return *knowledge* without what is only shown; of the same rest the same is learned, and the same comes of every sentence."""
    return replace(
        knowledge,
        version="",
        entries=tuple(replace(entry, **_ONLY_SHOWN) for entry in knowledge.entries),
        messages=Messages({}, {}, {}, {}, other_languages=knowledge.messages.other_languages),
        topic=replace(knowledge.topic, contact="", emergency_line="", notes_by_tier={}),
        numbers=Numbers(),
    )


class _Tried:
    """Tries sentences, and tells how far it has got."""

    def __init__(self, count: int, progress: Progress | None) -> None:
        self._done, self._count, self._progress = 0, count, progress

    def on(self, snapshot: Snapshot, sentences: Sequence[str]) -> list[Reaction]:
        return [self._reaction(snapshot, sentence) for sentence in sentences]

    def _reaction(self, snapshot: Snapshot, sentence: str) -> Reaction:
        reaction = react(snapshot, sentence)
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._count)
        return reaction


class _Said:
    """What the authors of a version say of sentences: which entries they belong to, and which not."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._own = {entry.id: frozenset((*entry.asks, *entry.hits)) for entry in knowledge.entries}
        self._not_own = {entry.id: frozenset(entry.misses) for entry in knowledge.entries}

    def loss(self, sentence: str, before: Reaction, after: Reaction) -> Loss | None:
        """Return what *sentence* loses."""
        # Asked even where an author moved it from `fires_on` to `silent_on`: that nobody is warned any more deserves a second look.
        if before.tier is not None and (after.tier is None or after.tier < before.tier):
            return Loss.RED_FLAG
        gone = set(before.about).difference(after.leads_to) if before.kind == _ANSWERED else set()
        return Loss.ANSWER if any(not self._meant(sentence, entry_id, after) for entry_id in gone) else None

    def _meant(self, sentence: str, entry_id: str, after: Reaction) -> bool:
        """Return whether the author says that *entry_id* is no answer to *sentence*: another that answers it has it now, or `misses` names it."""
        if sentence in self._not_own.get(entry_id, ()):
            return True
        moved = after.kind == _ANSWERED and any(sentence in self._own[other] for other in after.about)
        return moved and sentence not in self._own.get(entry_id, ())
