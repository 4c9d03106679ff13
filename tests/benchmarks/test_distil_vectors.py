"""How the vectors are distilled: what WordNet gives, and that what is written is what the bot reads. The encoder is not asked."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.distil_vectors import by_stem, encoded, wordnet_sentences, write_kept, write_vectors
from bot.core.language import Language
from bot.knowledge.defaults import read_vectors

NOUN = """\
  1 This software and database is being provided to you, the LICENSEE, by
05607960 08 n 02 crick 0 kink_in_the_neck 0 001 @ 14361182 n 0000 | a painful spasm; "he woke up with a Crick"; "the crick went"
"""
ADJ = '01234567 00 a 01 galore(ip) 0 000 | in great numbers; "daffodils galore"\n'


def test_wordnet_gives_definitions_examples_and_words(tmp_path: Path) -> None:
    for part, text in {"noun": NOUN, "verb": "", "adj": ADJ, "adv": ""}.items():
        (tmp_path / f"data.{part}").write_text(text, encoding="utf-8")
    found = wordnet_sentences(tmp_path)
    words = [sentence for sentence in found if sentence.startswith(("crick", "galore"))]

    assert {"a painful spasm", "he woke up with a crick", "the crick went", "in great numbers", "daffodils galore"} == set(found) - set(words)
    assert {word.removesuffix(" a painful spasm").removesuffix(" in great numbers") for word in words} == {"crick kink in the neck", "galore"}
    assert wordnet_sentences(tmp_path) == found


def test_what_was_encoded_before_is_not_encoded_again(tmp_path: Path) -> None:
    write_kept("words", ["ache", "neck"], np.array([[1, 0], [0, 1]], np.float16), tmp_path)

    assert encoded("words", ["neck", "ache", "neck"], tmp_path).tolist() == [[0, 1], [1, 0], [0, 1]]


def test_words_are_gathered_by_the_stem_the_bot_makes(english: Language) -> None:
    """Accents are folded; a word the bot reads as two has no stem of its own."""
    stems, rows = by_stem(["ache", "aching", "caf\u00e9", "wont"], np.array([[1, 0], [3, 2], [5, 5], [9, 9]], np.float32), english)

    assert stems == ["ach", "cafe"]
    assert rows.tolist() == [[2, 1], [5, 5]]


def test_what_is_written_is_what_the_bot_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of two stems with one key the more frequent is kept."""
    (tmp_path / "languages").mkdir()
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(4, 96)).astype(np.float32)
    rarity = np.array([2, 7, 3, 5], np.float32)
    monkeypatch.setattr("bot.knowledge.defaults._folder", lambda: tmp_path)
    rows = write_vectors(["neck", "plumless", "buckeroo", "ach"], vectors, rarity, tmp_path / "languages" / "zz_vectors.npy")
    read = read_vectors("zz")

    assert rows == 3
    for stem, place in {"neck": 0, "buckeroo": 2, "ach": 3}.items():
        vector = read.of(stem)
        assert vector is not None
        assert np.abs(vector - vectors[place] * rarity[place]).max() <= np.abs(vectors[place] * rarity[place]).max() / 127
