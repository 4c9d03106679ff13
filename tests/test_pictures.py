"""The pictures in `docs/` show what the bot says now. No browser is needed for that."""

import asyncio
import re
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest

from bot.core.action import NotThis, ShowEntry
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge
from bot.service import Service
from bot.store.memory import MemoryStore
from pictures import stats
from pictures.camera import SCALE
from pictures.making import FOLDER, Made, digests, file_of, made, words_file
from pictures.page import page
from pictures.play import BEGUN, Bubble, Button, played
from pictures.script import PICTURES, Chat, Picture, Presses, Says
from tests.conftest import ROOT

RENEW = "the bot says something else than the picture shows: run `make pictures`, and look at them"
LARGEST_BYTES = 200_000
README, CONVERSATION = ROOT / "README.md", ROOT / "docs" / "conversation.md"
SHOWN = re.compile(
    r"""<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">\s*"""
    r"""<img src="([^"]+)" width="(\d+)" alt="([^"]+)">\s*</picture>"""
)
by_name = pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)


@pytest.fixture(scope="module")
def live(snapshot: Snapshot) -> LiveKnowledge:
    return LiveKnowledge(ROOT / "knowledge", snapshot)


@pytest.fixture(scope="module")
def all_made(live: LiveKnowledge) -> dict[str, Made]:
    return {picture.name: asyncio.run(made(picture, live)) for picture in PICTURES}


def _service(live: LiveKnowledge) -> Service:
    return Service(live, MemoryStore(BEGUN.timestamp))


class Read(HTMLParser):
    """The words of a page and the labels of its buttons, as a browser shows them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.buttons: list[str] = []
        self._in_button = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if "button" in classes:
            self._in_button = True
            self.buttons.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self._in_button = False

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._in_button:
            self.buttons[-1] += data


def _flat(text: str) -> str:
    return " ".join(text.split())


# --- the pages ------------------------------------------------------------------------------------------------------


@by_name
async def test_a_page_holds_every_word_and_button_of_the_replies(picture: Picture, live: LiveKnowledge, all_made: dict[str, Made]) -> None:
    bubbles = [bubble for chat in picture.chats for bubble in await played(chat, _service(live))]
    labels = [button.label for bubble in bubbles for row in bubble.rows for button in row]

    assert any(not bubble.mine for bubble in bubbles)
    for html in all_made[picture.name].pages.values():
        read = Read(html)
        assert read.buttons == labels
        for bubble in bubbles:
            for paragraph in bubble.plain.split("\n\n"):
                assert _flat(paragraph) in _flat(read.words)


def test_what_people_and_authors_write_is_not_taken_for_html() -> None:
    unkind = "<script>alert('&amp;')</script>"
    bubble = Bubble("a &lt; b", "a < b", BEGUN, by="Ann", quoted=unkind, rows=((Button(unkind),),))
    html = page([(Chat((Says("a < b"),), group=unkind), (bubble,))], dark=False)

    assert unkind not in html
    assert Read(html).buttons == [unkind]


async def test_what_a_person_writes_is_escaped(live: LiveKnowledge) -> None:
    bubbles = await played(Chat((Says("<b>ice</b> & heat?"),)), _service(live))

    assert bubbles[0].html == "&lt;b&gt;ice&lt;/b&gt; &amp; heat?"


def test_the_same_talk_gives_the_same_page_again(live: LiveKnowledge, all_made: dict[str, Made]) -> None:
    assert asyncio.run(made(PICTURES[0], live)) == all_made[PICTURES[0].name]


async def test_a_button_that_is_not_there_is_named(live: LiveKnowledge) -> None:
    with pytest.raises(LookupError, match="no button does NotThis"):
        await played(Chat((Says("stiff neck, fever 39 and the light hurts my eyes"), Presses(NotThis))), _service(live))


async def test_what_was_pressed_stays_to_be_seen_above_what_it_shows(live: LiveKnowledge) -> None:
    _, offer, answer = await played(Chat((Says("it hurts when i sit"), Presses(ShowEntry, 1))), _service(live))

    assert [button.pressed for row in offer.rows for button in row] == [False, True, False, False]
    assert not any(button.pressed for row in answer.rows for button in row)


# --- legible for everybody ------------------------------------------------------------------------------------------

STYLE = (ROOT / "pictures" / "chat.css").read_text(encoding="utf-8")
ON = (
    "text on theirs", "text on ours", "text on bar", "text on tint", "quiet on theirs", "quiet on bar", "ours-quiet on ours", "accent on theirs",
    "accent on tint", "accent on ours", "button-text on button", "danger-text on danger", "theirs on accent",
)  # fmt: skip
LEAST_CONTRAST = 4.5
"""https://www.w3.org/TR/WCAG22/#contrast-minimum"""


def _colours(theme: str) -> dict[str, str]:
    block = STYLE.partition(theme + " {")[2].partition("}")[0]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


def _luminance(colour: str) -> float:
    """As https://www.w3.org/TR/WCAG22/#dfn-relative-luminance has it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("theme", "pair"), list(product((":root", ".dark"), ON)))
def test_letters_stand_out_from_what_is_behind_them(theme: str, pair: str) -> None:
    letters, behind = (_luminance(_colours(theme)[name]) for name in pair.split(" on "))

    assert (max(letters, behind) + 0.05) / (min(letters, behind) + 0.05) >= LEAST_CONTRAST


# --- the files ------------------------------------------------------------------------------------------------------


@by_name
def test_a_picture_shows_what_the_bot_says_now(picture: Picture, all_made: dict[str, Made]) -> None:
    assert words_file(picture).exists(), RENEW
    assert words_file(picture).read_text(encoding="utf-8") == all_made[picture.name].words, RENEW
    assert digests().get(picture.name) == all_made[picture.name].digest, RENEW


@pytest.mark.parametrize(("picture", "theme"), list(product(PICTURES, ("light", "dark"))), ids=lambda part: getattr(part, "name", part))
def test_a_picture_is_a_small_png_as_wide_as_its_page(picture: Picture, theme: str, all_made: dict[str, Made]) -> None:
    content = file_of(picture, theme).read_bytes()

    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert content.endswith(b"IEND\xaeB`\x82")
    assert int.from_bytes(content[16:20], "big") == SCALE * all_made[picture.name].width
    assert len(content) <= LARGEST_BYTES


def test_no_file_is_left_over() -> None:
    named = {path.name for picture in PICTURES for path in (words_file(picture), file_of(picture, "light"), file_of(picture, "dark"))}

    of_numbers = {path.name for path in (stats.WORDS, *stats.FILES.values())}

    assert {path.name for path in FOLDER.iterdir()} == named | of_numbers | {"pages.sha256"}


def _shown_in(document: Path) -> dict[str, tuple[str, str, str]]:
    """Return the pictures that *document* shows: by name, what stands for dark, the width, and the words for who cannot see it."""
    shown = SHOWN.findall(document.read_text(encoding="utf-8"))
    return {Path(light).name.removesuffix("-light.png"): (dark, width, alt) for dark, light, width, alt in shown}


def test_every_picture_is_shown_with_words_for_who_cannot_see_it(all_made: dict[str, Made]) -> None:
    shown = {name: (document, *rest) for document in (README, CONVERSATION) for name, rest in _shown_in(document).items()}

    assert set(shown) == {picture.name for picture in PICTURES}
    for name, (document, dark, width, alt) in shown.items():
        assert (document.parent / dark).resolve() == FOLDER / f"{name}-dark.png"
        assert int(width) <= all_made[name].width
        assert len(alt) > 80
