"""Messages judged by a matcher that has not seen them: what the coefficients of its confidence are fitted on.

Four kinds of rows, one for each set of coefficients: `shipped` gives those of a message by itself and right after an answer, `public` those of
topics that do not name their subject, and `doubles` those of two questions in one message.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import yaml

from benchmarks.folders import Bench, read_bench, write_folder
from bot.core.content import Entry, Question
from bot.core.knowledge import Knowledge
from bot.core.language import Language
from bot.core.matching.matcher import Matcher, Ranking
from bot.core.matching.pairs import Pair, pairs
from bot.core.matching.questions import worth_comparing
from bot.core.matching.signals import values_of
from bot.core.matching.teach import teach
from bot.core.text import NormalText, normalise
from bot.knowledge.loader import read_knowledge

FOLDS = 5
_SEED = 7

_FOLLOW_UP_WORDS = 12
"""A longer message is not taken for a follow-up."""
_CHANCE_FOLLOW_UP = 0.4
"""What a message counts for after an answer it was not said after, beside a real follow-up."""

_FAR = 150
"""Messages of other sets, in each fold."""
_KIND_WEIGHT = 2_000.0
"""What all messages of one kind in one public set count for together."""

_JOINED = 500
_JOINTS = (" and ", "? ", ", ", " also ", " and ")
_ASK_LIMIT = 12
_QUESTION_LIMIT = 14
"""Words, as said, of the longest questions that are joined."""
_SHORTEST = 3
_SHORTEST_SINGLE = 6
_DOUBLE_WEIGHT = 3.0
"""What a written double question counts for, beside a joined one and a single one."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one message, or of one way to cut it in two, and what it was."""

    values: tuple[float, ...]
    ours: bool
    """Some entry answers it."""
    right: bool
    """What was found is what was meant."""
    fold: int
    """From 0: coefficients fitted on the other folds may judge it."""
    weight: float = 1.0


# --- the shipped knowledge ----------------------------------------------------------------------------------------------


def shipped(knowledge: Knowledge) -> tuple[list[Row], list[Row]]:
    """Return the rows of messages by themselves, and of messages right after an answer.

    The first are asks and questions of the topic, small talk and what is none of it. The second are the follow-ups themselves, and those of the
    first that could be taken for one, after an entry drawn at random: what is written to be asked on says little of what changes the subject.
    """
    rng = np.random.default_rng(_SEED)
    entry_ids = [entry.id for entry in knowledge.entries]
    fold_by_text = _folds(knowledge, rng)
    alone: list[Row] = []
    after: list[Row] = []
    for fold in range(FOLDS):
        matcher = _matcher_without(fold, fold_by_text, knowledge)
        for message in _messages(knowledge):
            if fold_by_text[message.said] != fold:
                continue
            tokens = _read(message.said, knowledge.language).tokens
            if message.after is not None:
                after += _row(matcher.rank(tokens, after=message.after), message.entry_ids, fold)
            elif not message.follows:
                ranking = matcher.rank(tokens)
                alone += _row(ranking, message.entry_ids, fold)
                if len(tokens) <= _FOLLOW_UP_WORDS and not matcher.names_subject(ranking.words):
                    shown = entry_ids[int(rng.integers(len(entry_ids)))]
                    after += _row(matcher.rank(tokens, after=shown), message.entry_ids, fold, _CHANCE_FOLLOW_UP)
    return alone, after


def _messages(knowledge: Knowledge) -> Iterator[Question]:
    """Yield everything a person may say, with the entries that answer it."""
    for entry in knowledge.entries:
        yield from (Question(text, (entry.id,)) for text in entry.asks)
    for talk in knowledge.smalltalk:
        yield from (Question(text, ()) for text in talk.asks)
    yield from (Question(text, ()) for text in knowledge.none)
    yield from knowledge.questions.said


def _folds(knowledge: Knowledge, rng: np.random.Generator) -> dict[str, int]:
    """Return a fold for each sentence that can be left out: the same words are in the same, wherever they stand."""
    contrasts = (text for entry in knowledge.entries for text in entry.contrasts)
    texts = dict.fromkeys((*(message.said for message in _messages(knowledge)), *contrasts))
    return {text: int(rng.integers(FOLDS)) for text in texts}


def _matcher_without(fold: int, fold_by_text: Mapping[str, int], knowledge: Knowledge, entries: Sequence[Entry] | None = None) -> Matcher:
    """Return a matcher taught all sentences but those of *fold*; with *entries*, by these alone. An entry left without asks is left out."""

    def kept(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(text for text in texts if fold_by_text[text] != fold)

    fewer = (replace(entry, asks=kept(entry.asks), contrasts=kept(entry.contrasts)) for entry in entries or knowledge.entries)
    taught = replace(
        knowledge,
        entries=tuple(entry for entry in fewer if entry.asks),
        smalltalk=tuple(replace(talk, asks=kept(talk.asks)) for talk in knowledge.smalltalk),
        none=kept(knowledge.none),
        questions=replace(knowledge.questions, said=tuple(each for each in knowledge.questions.said if fold_by_text[each.said] != fold)),
    )
    return Matcher(taught, teach(taught))


def _read(text: str, language: Language) -> NormalText:
    return worth_comparing(normalise(text, language), language)


def _row(ranking: Ranking, entry_ids: Sequence[str], fold: int, weight: float = 1.0) -> list[Row]:
    """Return the row of the entry ranked first; none where there is nothing to rank. *entry_ids* are those that answer."""
    return [Row(values_of(signals), bool(entry_ids), ranking.best in entry_ids, fold, weight) for signals in ranking.signals[:1]]


# --- public sets --------------------------------------------------------------------------------------------------------


def public(folders: Sequence[Path]) -> list[Row]:
    """Return the rows of the sets in *folders*, from what they teach with alone.

    Each fold leaves out a fifth of the sentences, and a fifth of the intents altogether. Of the topic are the first; near it what was said for an
    intent left out, far from it what other sets say, and none of it what the set itself says so of. Each of these counts the same.
    """
    benches = [read_bench(folder) for folder in folders]
    return [row for bench in benches for row in _of_set(bench, [row.text for other in benches if other is not bench for row in other.train])]


def _of_set(bench: Bench, elsewhere: Sequence[str]) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        knowledge = read_knowledge(write_folder(bench, Path(folder)))
    rng = np.random.default_rng(_SEED)
    fold_by_text = _folds(knowledge, rng)
    fold_by_entry = {entry.id: int(rng.integers(FOLDS)) for entry in knowledge.entries}
    rows: list[tuple[str, Row]] = []
    for fold in range(FOLDS):
        entries = [entry for entry in knowledge.entries if fold_by_entry[entry.id] != fold and _any_left(entry, fold_by_text, fold)]
        matcher = _matcher_without(fold, fold_by_text, knowledge, entries)
        held: dict[str, list[tuple[str, tuple[str, ...]]]] = {
            "ours": [(text, (entry.id,)) for entry in entries for text in entry.asks if fold_by_text[text] == fold],
            "near": [(text, ()) for entry in knowledge.entries if fold_by_entry[entry.id] == fold for text in entry.asks],
            "far": [(elsewhere[place], ()) for place in rng.choice(len(elsewhere), min(_FAR, len(elsewhere)), replace=False)],
            "none": [(text, ()) for text in knowledge.none if fold_by_text[text] == fold],
        }
        for kind, said in held.items():
            for text, entry_ids in said:
                rows += ((kind, row) for row in _row(matcher.rank(_read(text, knowledge.language).tokens), entry_ids, fold))
    counts = Counter(kind for kind, _ in rows)
    yield from (replace(row, weight=_KIND_WEIGHT / counts[kind]) for kind, row in rows)


def _any_left(entry: Entry, fold_by_text: Mapping[str, int], fold: int) -> bool:
    return any(fold_by_text[text] != fold for text in entry.asks)


# --- two questions in one message ---------------------------------------------------------------------------------------


def doubles(knowledge: Knowledge, file: Path) -> list[Row]:
    """Return a row for each way to cut a message that asks for two entries, or for one and can be cut; it is right where it finds these two.

    They are those of *file*, held-out sentences of the shipped knowledge, and two of these joined. The fold is that of the message.
    """
    rng = np.random.default_rng(_SEED)
    fold_by_text = _folds(knowledge, rng)
    matcher = _matcher_without(0, fold_by_text, knowledge)
    held = [each for each in _messages(knowledge) if fold_by_text[each.said] == 0 and each.entry_ids and not each.follows]
    asks = {text for entry in knowledge.entries for text in entry.asks}
    short = [
        each for each in held if len(each.entry_ids) == 1 and _SHORTEST <= _words(each) <= (_ASK_LIMIT if each.said in asks else _QUESTION_LIMIT)
    ]
    said = [*_written(file), *_joined(short, rng), *((each.said, frozenset[str](), 1.0) for each in held if _words(each) >= _SHORTEST_SINGLE)]
    return [
        Row(pair.values, bool(both), both == set(pair.entry_ids), place % FOLDS, weight)
        for place, (text, both, weight) in enumerate(said)
        for pair in _cuts(_read(text, knowledge.language), matcher, knowledge.language)
    ]


def _cuts(text: NormalText, matcher: Matcher, language: Language) -> Iterator[Pair]:
    return pairs(text, matcher, language, matcher.rank(text.tokens))


def _written(file: Path) -> Iterator[tuple[str, frozenset[str], float]]:
    cases = yaml.safe_load(file.read_text(encoding="utf-8"))
    yield from ((case["ask"], frozenset(case["entries"]), _DOUBLE_WEIGHT) for case in cases["both"])
    yield from ((case["ask"], frozenset(), 1.0) for case in cases["one"])


def _joined(questions: Sequence[Question], rng: np.random.Generator) -> Iterator[tuple[str, frozenset[str], float]]:
    for place in range(_JOINED):
        first, second = (questions[int(chosen)] for chosen in rng.integers(len(questions), size=2))
        if first.entry_ids != second.entry_ids:
            joint = _JOINTS[place % len(_JOINTS)]
            yield first.said.rstrip("?.") + joint + second.said, frozenset(first.entry_ids + second.entry_ids), 1.0


def _words(question: Question) -> int:
    return len(question.said.split())
