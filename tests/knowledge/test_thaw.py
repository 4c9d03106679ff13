"""What is frozen comes back as it was, or is not frozen at all."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.core.content import Questions, Region, Signature, Tier
from bot.core.knowledge import Knowledge
from bot.core.triage.pattern import Phrase, parse
from bot.core.triage.rules import Examples
from bot.knowledge.cache import keep_lessons, read_kept
from bot.knowledge.loader import load_snapshot, read_knowledge
from bot.knowledge.thaw import freeze, thaw
from tests.conftest import ROOT
from tests.kitchen import DANGERS, write_kitchen


def there_and_back(value: Any, kind: Any) -> Any:
    return thaw(json.loads(json.dumps(freeze(value, kind))), kind)


@pytest.mark.parametrize("extra", [(), (DANGERS,)], ids=["harmless", "dangers"])
def test_a_kitchen_comes_back(extra: tuple[Any, ...], tmp_path: Path) -> None:
    knowledge = read_knowledge(write_kitchen(tmp_path, *extra))

    assert there_and_back(knowledge, Knowledge) == knowledge


def test_our_own_knowledge_comes_back_with_all_that_equality_leaves_out() -> None:
    knowledge = read_knowledge(ROOT / "knowledge")
    again = there_and_back(knowledge, Knowledge)

    assert again == knowledge
    assert again.examples.said == knowledge.examples.said != ()
    assert again.questions.said == knowledge.questions.said != ()
    assert again.language.real_words is knowledge.language.real_words
    assert again.language.vectors is knowledge.language.vectors


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("", str),
        ("\ud800 é", str),
        (0.1, float),
        (True, bool),
        (None, str | None),
        (Tier.CRISIS, Tier),
        (None, Tier | None),
        ((), tuple[str, ...]),
        (frozenset({frozenset({"b", "a"}), frozenset({"c"})}), frozenset[frozenset[str]]),
        ({Tier.CRISIS: ("x",), Tier.GP_SOON: ()}, Mapping[Tier, tuple[str, ...]]),
        (Region("uk", "here", {"nurse": "111"}), Region),
        (Signature("A", "", "2024-01-01"), Signature | None),
        (parse("stiff/sore <neck> .. {age 1..11} & went_away*", gap=0), Phrase),
    ],
)
def test_each_kind_of_value_comes_back(value: Any, kind: Any) -> None:
    again = there_and_back(value, kind)

    assert again == value
    assert type(again) is type(value)


def test_mappings_keep_their_order() -> None:
    assert list(there_and_back({"b": 1, "a": 2}, Mapping[str, int])) == ["b", "a"]


@dataclass(frozen=True)
class Unforeseen:
    when: complex = 0j


@dataclass(frozen=True)
class MoreThanARegion(Region):
    more: str = ""


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, str),
        (True, int),
        (1, float),
        (None, str),
        (["a"], tuple[str, ...]),
        ((1,), tuple[str, ...]),
        (("a", "b"), tuple[str, str]),
        ("a", str | int),
        (1, Tier),
        (Unforeseen(), Unforeseen),
        (MoreThanARegion("a", "b", {}), Region),
        (replace(parse("a b"), text="c"), Phrase),
    ],
)
def test_what_would_not_come_back_is_not_frozen(value: Any, kind: Any) -> None:
    with pytest.raises(TypeError):
        freeze(value, kind)


def test_knowledge_that_cannot_be_frozen_is_not_kept(tmp_path: Path) -> None:
    snapshot = load_snapshot(write_kitchen(tmp_path / "kitchen"))
    language = replace(snapshot.knowledge.language, code="nowhere")
    keep_lessons(tmp_path / "cache", replace(snapshot.knowledge, language=language), snapshot.lessons)

    assert read_kept(tmp_path / "cache", snapshot.version) is None
    assert list((tmp_path / "cache").glob("knowledge-*")) == []


def test_what_only_teaches_is_not_kept(tmp_path: Path) -> None:
    snapshot = load_snapshot(write_kitchen(tmp_path / "kitchen", DANGERS), cache=tmp_path / "cache")
    kept = read_kept(tmp_path / "cache", snapshot.version)

    assert kept is not None
    assert kept.knowledge.examples == Examples(snapshot.knowledge.examples.digest)
    assert kept.knowledge.questions == Questions(snapshot.knowledge.questions.digest)
    assert (kept.knowledge.examples.said, kept.knowledge.questions.said) == ((), ())


@pytest.mark.parametrize("command", [["ask", "how do i boil an egg"], ["match"]], ids=["ask", "match"])
def test_a_start_that_finds_all_kept_imports_neither_yaml_nor_pydantic(command: list[str], tmp_path: Path) -> None:
    folder = write_kitchen(tmp_path / "kitchen")
    load_snapshot(folder, cache=tmp_path / "cache")
    code = (
        "import sys; from bot.cli import main; code = main(sys.argv[1:]); "
        "print(code, sorted({'yaml', 'pydantic', 'pydantic_settings', 'asyncio', 'email'} & sys.modules.keys()))"
    )
    environment = {"CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    told = subprocess.run(
        [sys.executable, "-c", code, "--knowledge", str(folder), *command],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert told.stdout.splitlines()[-1] == "0 []"
