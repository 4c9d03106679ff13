"""What triage made of messages is kept until the rules change, and what is learned from it is the same to the last bit."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.snapshot import learn_likeness
from bot.core.triage.engine import Triage
from bot.core.triage.teach import Look
from bot.knowledge.kept import UNREADABLE, Kept, keep
from bot.knowledge.loader import load_snapshot, read_knowledge
from bot.knowledge.looks import KeptLooks
from bot.knowledge.taught import key_of_looks
from tests.kitchen import DANGERS, write_kitchen
from tests.knowledge.test_cache import EXAMPLES

looks = st.builds(Look, st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8"), min_size=1), max_size=5, unique=True), st.booleans())
messages = st.dictionaries(st.tuples(st.text(max_size=20), st.booleans()), looks, max_size=8)


def written(folder: Path, made: KeptLooks) -> Kept:
    shutil.rmtree(folder, ignore_errors=True)
    keep(folder, made.content(), {})
    return Kept(folder)


def noted(said: dict[tuple[str, bool], Look], kept: Kept | None = None) -> KeptLooks:
    made = KeptLooks(kept)
    for (text, alone), look in said.items():
        made.note(text, look, alone=alone)
    return made


@given(said=messages)
def test_what_was_noted_comes_back(said: dict[tuple[str, bool], Look], tmp_path_factory: pytest.TempPathFactory) -> None:
    again = KeptLooks(written(tmp_path_factory.mktemp("kept") / "looks", noted(said)))

    assert {key: again.get(key[0], alone=key[1]) for key in said} == said
    assert again.get("never said before by anyone", alone=False) is None
    assert not again.changed


@given(first=messages, more=messages)
def test_what_nobody_asked_for_again_is_kept_no_longer(
    first: dict[tuple[str, bool], Look], more: dict[tuple[str, bool], Look], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("kept") / "looks"
    fresh = {key: look for key, look in more.items() if key not in first}
    asked = dict(list(first.items())[::2])
    second = KeptLooks(written(folder, noted(first)))
    for text, alone in asked:
        second.get(text, alone=alone)
    for (text, alone), look in fresh.items():
        second.note(text, look, alone=alone)

    third = KeptLooks(written(folder, second))

    assert {key: third.get(key[0], alone=key[1]) for key in first | fresh} == dict.fromkeys(first) | asked | fresh


@pytest.mark.parametrize("name", ["said", "starts", "at", "alarms"])
def test_what_does_not_fit_together_is_refused(name: str, tmp_path: Path) -> None:
    whole = noted({("a gas leak", False): Look(["gas", "leak"], alarms=True), ("an egg", False): Look(["egg"])}).content()
    for number, wrong in enumerate((np.asarray(whole[name])[:-1], np.append(np.asarray(whole[name]), 9).astype(np.asarray(whole[name]).dtype))):
        keep(tmp_path / str(number), {**whole, name: wrong}, {})

        with pytest.raises(UNREADABLE):
            KeptLooks(Kept(tmp_path / str(number)))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def taught(tmp_path: Path) -> Path:
    return write_kitchen(tmp_path / "taught", DANGERS, EXAMPLES)


def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gathers all that is looked at from now on, as it is said."""
    seen: list[str] = []
    look = Triage.look

    def noting(self: Triage, text: object) -> object:
        seen.append(" ".join(token.text for token in text.tokens))  # type: ignore[attr-defined]
        return look(self, text)  # type: ignore[arg-type]

    monkeypatch.setattr(Triage, "look", noting)
    return seen


def test_after_a_change_only_what_is_new_is_looked_at_and_the_same_is_learned(taught: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_snapshot(taught, cache=cache, try_sentences=False)
    file = taught / "examples_harmless.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "- the gas man was kind\n", encoding="utf-8")
    seen = looked(monkeypatch)

    after = load_snapshot(taught, cache=cache, try_sentences=False)

    assert seen == ["the gas man was kind"]
    whole, kept = learn_likeness(read_knowledge(taught)), after.lessons.likeness
    assert whole is not None
    assert kept is not None
    assert np.array_equal(whole.targets, kept.targets)
    assert np.array_equal(whole.keys, kept.keys)


def test_other_rules_look_anew(taught: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_snapshot(taught, cache=cache, try_sentences=False)
    before = key_of_looks(read_knowledge(taught))
    file = taught / "red_flags.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("any: [deep cut]", "any: [deep cut, deep gash]"), encoding="utf-8")
    seen = looked(monkeypatch)

    load_snapshot(taught, cache=cache, try_sentences=False)

    assert key_of_looks(read_knowledge(taught)) != before
    assert len(seen) > 10


def test_looks_that_are_damaged_are_looked_at_again(taught: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_snapshot(taught, cache=cache, try_sentences=False)
    (names,) = cache.glob("looks-*/names.txt")
    names.write_bytes(b"?" + names.read_bytes()[1:])
    for path in cache.glob("likeness-*"):
        shutil.rmtree(path)
    for path in cache.glob("knowledge-*"):
        shutil.rmtree(path)
    seen = looked(monkeypatch)

    load_snapshot(taught, cache=cache, try_sentences=False)

    assert len(seen) > 10
    assert len(list(cache.glob("looks-*"))) == 1
