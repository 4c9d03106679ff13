"""What raises an alarm in bots as they are usually built: a list of words, or a classifier of the same examples that ours learns from."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.lessons import DANGER, Pair

Alarm = Callable[[str], float]
"""From a message to how sure it is of danger; an alarm is raised above a threshold."""

# As somebody writes who wants to be safe and has an hour: no medicine was looked up, and nothing of it was changed after the first run.
_WORDS = """
chest pain; heart attack; stroke; can't breathe; cant breathe; cannot breathe; short of breath; wheezing; unconscious; passed out;
collapsed; fainted; seizure; confused; slurred; face drooping; face dropped; numb; weakness; paralysed; can't move; can't walk; worst
headache; sudden headache; thunderclap; meningitis; fever; rash; vomiting; been sick; head injury; hit my head; hit her head; hit his head;
fell; car crash; bleeding; blood; can't swallow; cant swallow; choked; strangled; overdose; too many tablets; suicidal; suicide; kill
myself; end my life; want to die; self harm; cut myself; wet myself; double vision; lost sight; blurred vision; carbon monoxide; allergic;
hives
"""
WORDS = tuple(" ".join(word.split()) for word in _WORDS.split(";"))


def keyword_alarm() -> Alarm:
    """Return an alarm that sounds (1.0) when a message holds one of the words, whatever is said of it."""
    found = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in WORDS))
    return lambda text: float(found.search(text.lower().replace("’", "'")) is not None)


def teach_letters(pairs: Sequence[Pair]) -> Any:
    """Return words, letters and a linear SVM fitted to *pairs*; it can be pickled."""
    tfidf = importlib.import_module("sklearn.feature_extraction.text").TfidfVectorizer
    pipeline = importlib.import_module("sklearn.pipeline")
    features = pipeline.make_union(tfidf(ngram_range=(1, 2)), tfidf(analyzer="char_wb", ngram_range=(2, 5), min_df=2))
    model = pipeline.make_pipeline(features, importlib.import_module("sklearn.svm").LinearSVC(class_weight="balanced"))
    return model.fit([text.lower() for text, _ in pairs], [label for _, label in pairs])


def letters_alarm(model: Any) -> Alarm:
    """Return an alarm of what `teach_letters` made of pairs of DANGER and HARMLESS."""
    sign = 1.0 if model.classes_[1] == DANGER else -1.0
    return lambda text: sign * float(model.decision_function([text.lower()])[0])


def either(first: Alarm, second: Alarm) -> Alarm:
    """Return an alarm as sure as the surer of two."""
    return lambda text: max(first(text), second(text))
