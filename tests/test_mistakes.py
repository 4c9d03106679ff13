"""`napebot check` finds the mistakes that authors make, each with its place and a cure, and none of them in a good folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from tests.kitchen import DANGERS, write_kitchen
from tests.mistakes import MISTAKES, Mistake

pytestmark = pytest.mark.usefixtures("nowhere")


def position(text: str, at: str) -> tuple[int, int]:
    """Line and column of the last *at* in *text*."""
    before = text[: text.rindex(at)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


@pytest.fixture(scope="module")
def good_findings(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = write_kitchen(tmp_path_factory.mktemp("good"), DANGERS)
    with pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setenv("CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.setattr("builtins.print", lambda text: printed.append(text))
        assert main(["check", "--json", str(folder)]) == 0
    findings: list[dict[str, Any]] = json.loads("\n".join(printed))["findings"]
    return findings


def test_a_good_folder_has_neither_problems_nor_warnings(good_findings: list[dict[str, Any]]) -> None:
    assert {finding["weight"] for finding in good_findings} == {"note"}
    assert {finding["kind"] for finding in good_findings} == {"too-few", "unsigned", "unsourced", "untested"}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_found_with_its_place_and_a_cure(
    mistake: Mistake, good_findings: list[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_kitchen(tmp_path / "kitchen", DANGERS)
    write_kitchen(folder, DANGERS, mistake.plant(folder) if callable(mistake.plant) else mistake.plant)
    where = (mistake.file, *position((folder / mistake.file).read_text(encoding="utf-8"), mistake.at))

    code = main(["check", "--json", str(folder)])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)

    found = [each for each in told["findings"] if (each["file"], each["line"], each["column"]) == where and each["kind"] == mistake.kind]
    assert len(found) == 1
    assert mistake.cure in found[0]["what"]
    assert found[0]["weight"] == mistake.weight
    assert found[0] not in good_findings
    assert code == (1 if mistake.weight == "problem" else 0)
    assert told["good"] is (mistake.weight != "problem")
