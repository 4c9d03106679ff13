"""One more phrasing in the text of a file: the entry has it, and nothing else changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.phrasing import Insertion, insert, scalar
from bot.knowledge.strict_yaml import _FORBIDDEN, parse_yaml
from tests.conftest import ROOT

SAID = 'is it: a "test" \\ #1, or [what]?'


def plain_of(content: bytes) -> Any:  # Any: whatever YAML holds.
    return parse_yaml(content, "a.yaml").plain


def put(text: str, phrasing: str = "one more way", entry_id: str = "a") -> Insertion | None:
    """Return what comes of it, checked: it may be None, but never wrong."""
    content = text.encode()
    found = insert(content, entry_id, phrasing)
    if found is not None:
        expected = copy.deepcopy(plain_of(content))
        (entry,) = (each for each in expected if each["id"] == entry_id)
        entry["asks"].append(" ".join(phrasing.split()))
        assert plain_of(found.content) == expected
        lines = found.content.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert found.added in lines[found.line - 1]
        assert found.in_brackets or lines[found.line - 1] == found.added
    return found


LINES = "- id: a\n  asks:\n    - x # why\n\n    # more?\n    - y   # so\n  answer: b\n"
SHAPES = {
    "lines": (LINES, LINES.replace("# so\n", "# so\n    - one more way\n")),
    "not indented": ("- id: a\n  asks:\n  - x\n  answer: b\n", "- id: a\n  asks:\n  - x\n  - one more way\n  answer: b\n"),
    "at the end of the file": ("- id: a\n  asks:\n    - x\n", "- id: a\n  asks:\n    - x\n    - one more way\n"),
    "at an end without a line end": ("- id: a\n  asks:\n    - x", "- id: a\n  asks:\n    - x\n    - one more way\n"),
    "Windows": ("- id: a\r\n  asks:\r\n  - x\r\n  - y", "- id: a\r\n  asks:\r\n  - x\r\n  - y\r\n  - one more way\r\n"),
    "a mark at the start": ("\ufeff- id: a\n  asks: [ü 😀]\n", "\ufeff- id: a\n  asks: [ü 😀, one more way]\n"),
    "over two lines": (
        "- asks:\n  - x\n    y\n  - 'z\n\n    w' # v\n  id: a\n",
        "- asks:\n  - x\n    y\n  - 'z\n\n    w' # v\n  - one more way\n  id: a\n",
    ),
    "a folded text": ("- asks:\n  - >\n    x\n    y\n\n  id: a\n", "- asks:\n  - >\n    x\n    y\n\n  - one more way\n  id: a\n"),
    "brackets": ("- {id: a, asks: [x, 'y'], answer: z}\n", "- {id: a, asks: [x, 'y', one more way], answer: z}\n"),
    "brackets over lines": ("- id: a\n  asks: [\n    x, # w\n    y # v\n  ]\n", "- id: a\n  asks: [\n    x, # w\n    y, one more way # v\n  ]\n"),
    "a comma too many": ("- id: a\n  asks: [x, y,]\n", "- id: a\n  asks: [x, y, one more way,]\n"),
    "a colon of its own": ("- id: a\n  ? asks\n  : - x\n    - y\n", "- id: a\n  ? asks\n  : - x\n    - y\n    - one more way\n"),
    "nothing yet": ("- id: a\n  asks: []\n", "- id: a\n  asks: [one more way]\n"),
    "the second of three": (
        "- {id: c, asks: [x]}\n- id: a\n  asks: [x]\n- id: aa\n  asks: [x]\n",
        "- {id: c, asks: [x]}\n- id: a\n  asks: [x, one more way]\n- id: aa\n  asks: [x]\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), SHAPES.values(), ids=SHAPES)
def test_it_stands_where_an_author_would_write_it(before: str, after: str) -> None:
    found = put(before)

    assert found is not None
    assert found.content.decode() == after


@pytest.mark.parametrize("before", [before for before, _ in SHAPES.values()], ids=SHAPES)
def test_odd_signs_are_put_in_quotes(before: str) -> None:
    found = put(before, SAID)

    assert found is not None
    assert scalar(SAID) in found.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "- id: a\n  asks: [x\n",
        "- id: b\n  asks: [x]\n",
        "- id: a\n  asks: [x]\n- id: a\n  asks: [y]\n",
        "- id: a\n  asks: x\n",
        "- id: a\n  asks: [{x: y}]\n",
        "- id: a\n  asks:\n    -\n",
        "- id: a\n",
        "- a\n",
        "id: a\nasks: [x]\n",
        "- id: a\n  asks: &x [y]\n",
        "- id: a\n  asks:\n  - |\n    x",
        "",
    ],
)
def test_what_cannot_be_done_cleanly_is_not_done(text: str) -> None:
    """Of the last but one: a text in a block that ends the file would grow a line end."""
    assert put(text) is None


@pytest.mark.parametrize("phrasing", ["", " \n ", "a\0b", "a\ud800b", "a\u200b\ufeffb"])
def test_what_yaml_cannot_hold_is_not_put_in(phrasing: str) -> None:
    assert put(LINES, phrasing) is None


@pytest.mark.parametrize(
    ("phrasing", "written"),
    [
        ("where can i buy a pump", "where can i buy a pump"),
        ("don't know - why", "don't know - why"),
        ("null", '"null"'),
        ("Yes", '"Yes"'),
        ("- x", '"- x"'),
        ("x: y", '"x: y"'),
        ("what #1", '"what #1"'),
        ("a, b", '"a, b"'),
        ('say "x"', '"say \\"x\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("größe", '"größe"'),
        ("x", '"x"'),
    ],
)
def test_quotes_stand_where_they_are_needed(phrasing: str, written: str) -> None:
    assert scalar(phrasing) == written


# --- whatever the file and the phrasing ---------------------------------------------------------------------------------

WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
LISTED = st.sampled_from(
    [
        "x",
        "where is it",
        "'it''s'",
        '"a: \\" # b"',
        "two\n      lines",
        "'two\n\n      lines'",
        ">\n      folded\n      text\n",
        "|-\n      kept",
        "|\n      kept",
    ]
)
COMMENTS = st.sampled_from(["", " # why", "\n", "\n    # a line of its own"])


@st.composite
def entries(draw: st.DrawFn) -> str:
    """Draw a file of entries a, b and c, as different authors would write them."""
    written = "".join(draw(st.one_of(in_brackets(entry_id), in_lines(entry_id))) for entry_id in draw(st.permutations("abc")))
    return written.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@st.composite
def in_brackets(draw: st.DrawFn, entry_id: str) -> str:
    asks = draw(st.lists(st.sampled_from(["x", "where is it", "'it''s'", '"a: \\" # b"', '"two\n      lines"']), min_size=1))
    between = draw(st.sampled_from([", ", " ,", ",\n      ", " # c\n      , "]))
    end = draw(st.sampled_from(["", ",", " ", " # d\n    ", ",\n    "]))
    listed = f"[{between.join(asks)}{end}]"
    return draw(st.sampled_from([f"- {{id: {entry_id}, asks: {listed}, answer: z}}\n", f"- answer: z\n  asks: {listed} # e\n  id: {entry_id}\n"]))


@st.composite
def in_lines(draw: st.DrawFn, entry_id: str) -> str:
    indent = draw(st.sampled_from(["  ", "    "]))
    items = draw(st.lists(st.tuples(LISTED, COMMENTS), min_size=1))
    lines = "".join(f"{indent}- {said}{'' if said.startswith(('>', '|')) else comment}\n" for said, comment in items)
    keys = [f"asks:{draw(st.sampled_from(['', ' # how']))}\n{lines}", f"id: {entry_id}\n", "sources:\n  - {name: x}\n  - y\n"]
    return "- " + "  ".join(draw(st.permutations(keys)))


@given(text=entries(), phrasing=WORDS, entry_id=st.sampled_from("abc"))
def test_whatever_the_file_and_the_phrasing_only_that_is_added(text: str, phrasing: str, entry_id: str) -> None:
    said = " ".join(phrasing.split())

    assert (put(text, phrasing, entry_id) is not None) is bool(said and not _FORBIDDEN.search(said))


@given(content=st.text(max_size=200), phrasing=WORDS)
def test_of_any_text_it_makes_the_right_thing_or_none(content: str, phrasing: str) -> None:
    put(content.encode("utf-8", "replace").decode(), phrasing)


def test_every_entry_that_ships_can_have_one_more() -> None:
    files = sorted((ROOT / "knowledge" / "entries").glob("*.yaml"))
    assert files
    for path in files:
        content = path.read_bytes()
        entries_of_file = plain_of(content)
        for entry in (entries_of_file[0], entries_of_file[-1]):
            assert put(content.decode(), SAID, entry["id"]) is not None
