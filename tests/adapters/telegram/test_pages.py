"""Text is cut as Telegram counts it, loses nothing, and never breaks HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.telegram.pages import Block, Style, paginate, split
from bot.core.model import REPLY_LIMIT_UNITS
from bot.core.text import utf16_units
from tests.adapters.telegram.oracle import HtmlError, parse_html

WORDS = st.text(st.sampled_from("ab.?! \n<&>é中😀👩‍🚀") | st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)
BLOCKS = st.lists(st.builds(Block, WORDS, st.sampled_from(Style), st.sampled_from(["\n", "\n\n"])), max_size=6)


def solid(text: str) -> str:
    return "".join(text.split())


@given(WORDS, st.integers(2, 60))
def test_splitting_loses_nothing_and_keeps_within_the_limit(text: str, limit: int) -> None:
    pieces = list(split(text, limit))

    assert solid("".join(pieces)) == solid(text)
    assert all(piece.strip() and utf16_units(piece) <= limit for piece in pieces)


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("One two.\n\nThree four.", 12, ["One two.", "Three four."]),
        ("One. Two! Three four five.", 22, ["One. Two!", "Three four five."]),
        ("One two three four", 10, ["One two", "three four"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("😀😀😀", 3, ["😀", "😀", "😀"]),
        ("exactly.", 8, ["exactly."]),
        ("eight ch. and", 9, ["eight ch.", "and"]),
        (" \n ", 9, []),
    ],
    ids=["paragraphs", "sentences", "words", "letters", "never half a pair", "just fits", "boundary at the limit", "blank"],
)
def test_cuts_fall_at_the_best_boundary_that_fits(text: str, limit: int, pieces: list[str]) -> None:
    assert list(split(text, limit)) == pieces


@given(BLOCKS, st.integers(10, 120))
def test_pages_are_accepted_by_telegram_and_hold_every_block_in_order(blocks: list[Block], limit: int) -> None:
    pages = paginate(blocks, limit)

    assert solid("".join(page.plain for page in pages)) == solid("".join(block.text for block in blocks))
    assert all(utf16_units(page.plain) <= limit and page.plain.strip() for page in pages)
    for page in pages:
        parsed = parse_html(page.html)  # Raises where Telegram would refuse.
        # Telegram cleans some invisible characters away; of all others it must read what the plain form says.
        assert not page.plain.isascii() or solid(parsed.text) == solid(page.plain)


@given(st.text(st.sampled_from("ab &<>\"'\n."), min_size=1, max_size=80).filter(str.strip), st.sampled_from(Style))
def test_authored_text_is_shown_as_it_stands_in_every_style(text: str, style: Style) -> None:
    """Of code the spaces before its first word are a part; a page that could hold nothing else leaves them out."""
    (page,) = paginate([Block(text, style)])
    found = re.match(r" {1,20}(?=\S)", text) if style is Style.CODE else None
    indent = found[0] if found else ""

    assert parse_html(page.html).text == page.plain == indent + text.strip()


def test_each_style_is_what_telegram_takes_it_for() -> None:
    (page,) = paginate([Block("Title", Style.BOLD), Block("Answer", gap="\n"), Block("More\n\nand more", Style.FOLDED), Block("Note")])

    assert page.plain == "Title\nAnswer\n\nMore\n\nand more\n\nNote"
    assert parse_html(page.html).entities == (("Bold", 0, 5), ("ExpandableBlockQuote", 14, 14))


def test_a_heading_goes_with_what_it_heads() -> None:
    pages = paginate([Block("a" * 20), Block("Title", Style.BOLD), Block("b" * 20, gap="\n")], limit=30)

    assert [page.plain for page in pages] == ["a" * 20, "Title\n" + "b" * 20]


def test_a_heading_without_room_for_what_it_heads_stands_alone() -> None:
    pages = paginate([Block("Title", Style.BOLD), Block("b" * 28)], limit=30)

    assert [page.plain for page in pages] == ["Title", "b" * 28]


def test_half_a_surrogate_pair_is_replaced() -> None:
    (page,) = paginate([Block("a \ud83d b")])

    assert page.plain == "a \ufffd b"


def test_the_limit_leaves_telegram_room() -> None:
    """4,096 is refused at one more; ours is below, whichever way Telegram counts."""
    assert all(utf16_units(page.plain) <= REPLY_LIMIT_UNITS < 4096 for page in paginate([Block("😀 " * 4000)]))


def test_the_judge_refuses_what_telegram_refuses() -> None:
    with pytest.raises(HtmlError):
        parse_html("<b>open")
