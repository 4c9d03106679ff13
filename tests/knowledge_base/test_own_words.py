"""Our own words: nothing taken over from the research papers, and nothing of the sentences we are measured with.

Both lie beside the repository where it is developed. Where they do not, there is nothing to compare with.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.snapshot import Snapshot
from tests.conftest import ROOT
from tests.knowledge_base.words import runs, strings, words

KNOWLEDGE = ROOT / "knowledge"
PAPERS = ROOT.parent / "shared" / "knowledge"
MEASURES = ROOT.parent / "shared" / "eval"
RUN = 6
SENTENCE = 5
INSTRUCTION = "or call your local emergency number now"
"""There is no second way to say this that is as plain."""


@pytest.mark.skipif(not PAPERS.is_dir(), reason="the research papers are not beside the repository")
def test_no_six_words_in_a_row_are_the_papers(snapshot: Snapshot) -> None:
    """But for the fixed emergency lines: they must be worded as they are."""
    said = snapshot.knowledge
    fixed = {run for line in (said.topic.emergency_line, said.messages.say("safety_line"), INSTRUCTION) for run in runs(line, RUN)}
    theirs = {run for paper in PAPERS.glob("*.md") for run in runs(paper.read_text(encoding="utf-8"), RUN)} - fixed
    assert len(theirs) > 1000

    shared = sorted({f"{name}: {' '.join(run)}" for name, text in strings(KNOWLEDGE) for run in runs(text, RUN) if run in theirs})
    assert shared == []


@pytest.mark.skipif(not MEASURES.is_dir(), reason="the sentences to measure with are not beside the repository")
def test_no_sentence_we_are_measured_with_is_known() -> None:
    ours = [(name, f" {' '.join(words(text))} ") for name, text in strings(KNOWLEDGE)]
    everything = "|".join(text for _, text in ours)
    measured = {sentence for path in MEASURES.glob("*.jsonl") for sentence in _messages(path) if len(sentence) >= SENTENCE}
    assert len(measured) > 100

    found = [f" {' '.join(sentence)} " for sentence in measured if f" {' '.join(sentence)} " in everything]
    assert sorted(f"{name}: {sentence.strip()}" for sentence in found for name, text in ours if sentence in text) == []


def _messages(path: Path) -> Iterator[tuple[str, ...]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for said in (row.get("text"), *(row.get("turns") or ())):
            yield from map(words, (said, *re.split(r"[.!?\n]+", said)) if said else ())
