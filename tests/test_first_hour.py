"""The page that teaches authors tells what the tool says today."""

import difflib
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.first_hour import PAGE, blocks_of, replay

pytestmark = pytest.mark.usefixtures("nowhere")

MISTAKES = {
    "A tab.": r"^entries/cakes\.yaml:3:1: .*tab",
    "A missing colon,": r"^entries/cakes\.yaml:3:3: .*add the colon",
    "A line too far in.": r"^entries/cakes\.yaml:3:9: .*indent",
    "A colon inside a text.": r"^entries/cakes\.yaml:9:7: .*put it in quotes",
    "A key that nobody knows.": r"^entries/cakes\.yaml:3:3: .*did you mean 'title'\?",
    "The same phrasing twice.": r"^entries/first-steps\.yaml:\d+:7: .*first at entries/cakes\.yaml:8.*leave it to one",
    "A slip in an id.": r"^entries/cakes\.yaml:\d+:13: .*did you mean 'reach-a-person'\?",
    "A test that does not lead there.": r"^entries/cakes\.yaml:\d+:9: .*does not lead to 'order-a-cake'.*'gateau': write some",
}
"""What each must be told with: the place, and a cure."""


def test_every_step_of_the_first_hour_comes_out_as_it_is_written(nowhere: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    today = replay(page, nowhere)
    difference = "\n".join(difflib.unified_diff(page.splitlines(), today.splitlines(), "written", "today", lineterm=""))

    assert today == page, f"read it, and run `python -m tests.first_hour` if it is as it should be\n{difference}"


def test_the_hour_holds_the_mistakes_that_everybody_makes() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = dict(re.findall(r"^\*\*(.+?)\*\*.*?\n```diff mistake\n.*?^\$ napebot check bakery\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))

    assert told.keys() == MISTAKES.keys()
    assert [name for name, form in MISTAKES.items() if not re.search(form, told[name], re.MULTILINE)] == []


def test_every_block_says_something() -> None:
    blocks = blocks_of(PAGE.read_text(encoding="utf-8"))

    assert len(blocks) > 30
    assert [block for block in blocks if not block.text.strip()] == []


def test_links_of_the_page_lead_somewhere() -> None:
    page = PAGE.read_text(encoding="utf-8")
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", page, re.MULTILINE)}
    links = re.findall(r"\]\((?!http)([^)]+)\)", page)

    assert len(links) > 10
    for link in links:
        file, _, anchor = link.partition("#")
        assert not file or (ROOT / "docs" / file).exists(), link
        assert file or anchor in anchors, link
