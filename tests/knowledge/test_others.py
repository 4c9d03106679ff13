"""The languages the bot does not read: the file that ships, what a folder says in its own words, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.foreign import ANY_OTHER, OtherLanguages
from bot.errors import KnowledgeError
from bot.knowledge.cache import keep_lessons, read_kept
from bot.knowledge.defaults import languages, read_default, read_language
from bot.knowledge.loader import load_snapshot, read_knowledge
from bot.knowledge.others_schema import OTHERS_FILE, OthersFile
from bot.knowledge.thaw import freeze, thaw
from tests.knowledge.folders import GOOD, write_folder

SHIPPED = Path(__file__).parents[2] / "bot" / "defaults"
GOOD_FILE = """\
any_other: {xx: Nur X.}
languages:
  aa: {name: A, script: latin, words: mira tete*, says: {xx: Nur A.}}
"""


@pytest.fixture
def defaults_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the defaults' small files in which others can be broken."""
    folder = tmp_path / "defaults"
    (folder / "languages").mkdir(parents=True)
    for name in ("topic.yaml", "messages.yaml", "smalltalk.yaml", "none.yaml", "languages/en.yaml"):
        (folder / name).write_bytes((SHIPPED / name).read_bytes())
    (folder / "languages" / "xx.yaml").write_text("stop_words: [und]\n")
    (folder / OTHERS_FILE).write_text(GOOD_FILE)
    monkeypatch.setattr("bot.knowledge.defaults._folder", lambda: folder)
    read_default.cache_clear()
    read_language.cache_clear()
    languages.cache_clear()
    yield folder
    read_default.cache_clear()
    read_language.cache_clear()
    languages.cache_clear()


def test_the_file_of_other_languages_is_none_that_a_bot_reads() -> None:
    assert "others" not in languages()


def test_what_ships_is_for_a_bot_that_reads_english() -> None:
    file = read_default(OTHERS_FILE, OthersFile)

    assert file.said_by("en").keys() == {*file.languages, ANY_OTHER}
    assert file.said_by("de") == {}
    assert [each.code for each in file.to_languages().languages] == list(file.languages)


def test_a_folder_says_it_in_its_own_words(tmp_path: Path) -> None:
    own = GOOD["messages.yaml"] + "other_languages:\n  fr: |\n    Je ne lis que l'anglais.\n"
    snapshot = load_snapshot(write_folder(tmp_path, {"messages.yaml": own}))
    said = snapshot.knowledge.messages.other_languages

    assert said["fr"] == "Je ne lis que l'anglais."
    assert said["es"] == read_default(OTHERS_FILE, OthersFile).said_by("en")["es"]
    assert snapshot.version != load_snapshot(write_folder(tmp_path / "without")).version


def test_a_topic_in_another_language_says_nothing_of_english(tmp_path: Path, defaults_of_ours: Path) -> None:
    silent = read_knowledge(write_folder(tmp_path / "en"))
    spoken = read_knowledge(write_folder(tmp_path / "xx", {"topic.yaml": GOOD["topic.yaml"] + "language: xx\n"}))

    assert (silent.messages.other_languages, silent.others) == ({}, OtherLanguages())
    assert spoken.messages.other_languages == {"aa": "Nur A.", ANY_OTHER: "Nur X."}
    assert [each.code for each in spoken.others.languages] == ["aa"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("script: latin", "script: latn", r":3:25: 'latn' is no script; did you mean 'latin'"),
        ("tete*", "tet*", r":3:39: 'tet\*' begins too many words; write 4 letters"),
        ("says:", "sayz:", r":3:51: unknown key 'sayz'; did you mean 'says'"),
        ("any_other: {xx: Nur X.}\n", "", r":1:1: missing key 'any_other'"),
        ("xx: Nur A.", "xx: ''", r":3:62: is empty"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(defaults_of_ours: Path, old: str, new: str, problem: str) -> None:
    (defaults_of_ours / OTHERS_FILE).write_text(GOOD_FILE.replace(old, new))

    with pytest.raises(KnowledgeError, match=r"defaults/languages/others\.yaml" + problem):
        read_default(OTHERS_FILE, OthersFile)


def test_they_are_kept_with_the_knowledge(tmp_path: Path) -> None:
    """A start that finds the knowledge kept reads no YAML, and tells other languages all the same."""
    snapshot = load_snapshot(write_folder(tmp_path / "folder"))
    keep_lessons(tmp_path / "cache", snapshot.knowledge, snapshot.lessons)
    kept = read_kept(tmp_path / "cache", snapshot.version)

    assert kept is not None
    assert kept.knowledge.others == snapshot.knowledge.others != OtherLanguages()
    assert thaw(json.loads(json.dumps(freeze(kept.knowledge.others, OtherLanguages))), OtherLanguages) == kept.knowledge.others
