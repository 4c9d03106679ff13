"""`python -m pictures [NAME ...]`: take the pictures anew, all or those named, into `docs/pictures/`. Needs Chromium."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from subprocess import SubprocessError

from bot.errors import KnowledgeError
from bot.folders import SetFolders, cache_folder
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from pictures.camera import Camera
from pictures.making import FOLDER, digests, file_of, keep_digests, made, words_file
from pictures.script import PICTURES, Picture

_KNOWLEDGE = Path(__file__).parent.parent / "knowledge"


def main() -> int:
    """Take the pictures, and say how large each is."""
    parser = argparse.ArgumentParser(prog="python -m pictures", description="Take the pictures of the conversation anew.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(picture.name for picture in PICTURES))
    named = set(parser.parse_args().names) or {picture.name for picture in PICTURES}
    try:
        live = LiveKnowledge(_KNOWLEDGE, load_snapshot(_KNOWLEDGE, cache=cache_folder(SetFolders())))
        camera = Camera()
        for picture in PICTURES:
            if picture.name in named:
                take(picture, live, camera)
    except (KnowledgeError, LookupError, OSError, SubprocessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def take(picture: Picture, live: LiveKnowledge, camera: Camera) -> None:
    """Write the files of *picture*."""
    FOLDER.mkdir(exist_ok=True)
    done = asyncio.run(made(picture, live))
    for theme, html in done.pages.items():
        target = file_of(picture, theme)
        camera.take(html, done.width, target)
        print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")
    words_file(picture).write_text(done.words, encoding="utf-8")
    keep_digests(digests() | {picture.name: done.digest})


if __name__ == "__main__":
    sys.exit(main())
