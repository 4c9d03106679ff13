"""The operator's handbook says what is there: commands, settings, metrics, files and chapters."""

import argparse
import re
from functools import cache
from itertools import takewhile

import pytest

from bot.cli import _parser
from bot.config import Settings
from bot.metrics import REGISTRY
from tests.conftest import ROOT

HANDBOOK = ROOT / "docs" / "operations.md"


@cache
def text() -> str:
    return HANDBOOK.read_text(encoding="utf-8")


@cache
def blocks(language: str) -> list[str]:
    """Return the blocks of code in *language*, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text(), re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, code in found]


def test_a_blank_server_takes_ten_commands_at_most() -> None:
    lines = takewhile(lambda line: not line.startswith("### "), text().partition("\n## One small server")[2].splitlines())
    (block,) = re.findall(r"```sh\n(.*?)```", "\n".join(lines), re.DOTALL)
    commands = block.splitlines()

    assert 0 < len(commands) <= 10
    assert all(command.startswith("sudo ") for command in commands)
    assert not re.search(r"&&|;|\\$", block, re.MULTILINE)


def test_every_command_of_ours_is_one() -> None:
    (commands,) = (action.choices for action in _parser()._actions if isinstance(action, argparse._SubParsersAction))
    called = set(re.findall(r"(?:bin/|`)napebot ([a-z][a-z-]*)", text()))

    assert {"check", "misses", "rotate-key", "unhook"} <= called
    assert called <= set(commands)


def test_every_setting_of_ours_is_one() -> None:
    spelt = {name.lower() for name in re.findall(r"`([A-Z][A-Z]+_[A-Z_]+)(?:=[^`]*)?`", text())}
    of_compose = {"napebot_ports", "napebot_tag"}

    assert spelt
    assert spelt - set(Settings.model_fields) <= of_compose


def test_every_file_of_ours_is_there() -> None:
    named = set(re.findall(r"/opt/napebot/((?:deploy|docs|requirements)/[\w./-]+\w)", text()))
    linked = set(re.findall(r"\]\((?!http|#)([^)#]+)", text()))

    assert named
    assert linked
    assert [name for name in named if not (ROOT / name).is_file()] == []
    assert [name for name in linked if not (HANDBOOK.parent / name).exists()] == []


def test_every_chapter_that_is_pointed_to_is_there() -> None:
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^ *```.*?^ *```$", "", text(), flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
    pointed_to = set(re.findall(r"\]\(#([^)]+)\)", text()))

    assert pointed_to
    assert pointed_to <= anchors


@cache
def families() -> dict[str, tuple[str, ...]]:
    """Return the names of all metrics, as they are scraped, with their labels."""
    found = {}
    for family in REGISTRY.collect():
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        found[f"{family.name}_total" if family.type == "counter" else family.name] = tuple(sorted(labels))
    return found


def test_every_metric_is_explained_and_no_other() -> None:
    rows = re.findall(r"^\| `(napebot_\w+)(?:\{(\w+)\})?` \|", text(), re.MULTILINE)

    assert {name: (label,) if label else () for name, label in rows} == families()


def alerts() -> list[str]:
    chapter = text().partition("\nAlerts worth")[2].partition("\n## ")[0]
    return re.findall(r"^\| [^|]+ \| `([^`]+)`[^|]*\|", chapter, re.MULTILINE)


@pytest.mark.parametrize("expression", alerts())
def test_every_alert_asks_for_a_metric_that_is_there(expression: str) -> None:
    assert "{job=" in expression or any(name in expression for name in families())
    for name, label, value in re.findall(r"(napebot_\w+)\{(\w+)=\"(\w+)\"\}", expression):
        assert label in families()[name]
        assert value in {sample.labels[label] for family in REGISTRY.collect() for sample in family.samples if label in sample.labels}
