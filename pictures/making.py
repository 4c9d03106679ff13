"""From a picture's script to its pages and its words, and what tells whether the files in `docs/pictures/` are still those."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bot.knowledge.live import LiveKnowledge
from bot.service import Service
from bot.store.memory import MemoryStore
from pictures.page import page, width_of
from pictures.play import BEGUN, played, words_of
from pictures.script import Picture

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
DIGESTS = FOLDER / "pages.sha256"
"""Of the pages that the files were taken of: a line each, as `sha256sum` writes them."""


@dataclass(frozen=True, slots=True)
class Made:
    """All of a picture but its pixels."""

    pages: dict[str, str]
    """HTML by theme: `light`, `dark`."""
    words: str
    """The same in plain words."""
    width: int
    """In CSS pixels."""

    @property
    def digest(self) -> str:
        """The SHA-256 of both pages."""
        return sha256("".join(self.pages.values()).encode()).hexdigest()


async def made(picture: Picture, live: LiveKnowledge) -> Made:
    """Play the talks of *picture* over *live*, each for itself. Raises LookupError for a button that is not there."""
    talks = [(chat, await played(chat, Service(live, MemoryStore(BEGUN.timestamp)))) for chat in picture.chats]
    words = "\n----\n\n".join(words_of(bubbles) for _, bubbles in talks)
    return Made({theme: page(talks, dark=theme == "dark") for theme in ("light", "dark")}, words, width_of(talks))


def file_of(picture: Picture, theme: str) -> Path:
    """Return where the picture in one theme is kept."""
    return FOLDER / f"{picture.name}-{theme}.png"


def words_file(picture: Picture) -> Path:
    """Return where the words of the picture are kept."""
    return FOLDER / f"{picture.name}.txt"


def digests() -> dict[str, str]:
    """Return the digests of the pages that the files were taken of, by name; empty before the first."""
    lines = DIGESTS.read_text(encoding="utf-8").splitlines() if DIGESTS.exists() else []
    return {name: digest for digest, name in (line.split() for line in lines)}


def keep_digests(by_name: dict[str, str]) -> None:
    """Write what `digests` reads."""
    DIGESTS.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(by_name.items())), encoding="utf-8")
