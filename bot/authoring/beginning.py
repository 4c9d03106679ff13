"""A knowledge folder to begin with: sound, tried, and about nothing in particular."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from string import Template

from bot.errors import InputError
from bot.knowledge.json_schema import first_line
from bot.knowledge.phrasing import scalar
from bot.knowledge.schema import TITLE_LIMIT

SCHEMAS = ".schemas"
_PACKAGE = Path(__file__).parent.parent
_TEMPLATES = _PACKAGE / "templates"
_NOT_IN_A_NAME = re.compile(r'[{}"\\]')
"""What means something in the text of a message, or inside quotes."""


def begin(folder: Path, name: str | None = None) -> tuple[str, ...]:
    """Write a knowledge folder into *folder*, which is made if need be, and return the names of its files, without those of the schemas.

    *name* is what the topic is called, by default what the folder is. Raises InputError, before anything is written, for a name that cannot be one,
    and where *folder* is no empty folder; and when it cannot be written.
    """
    topic = " ".join((re.sub(r"[-_\s]+", " ", folder.absolute().name).capitalize() if name is None else name).split())
    if not topic or len(topic) > TITLE_LIMIT or not topic.isprintable() or _NOT_IN_A_NAME.search(topic):
        what = f'the name of a topic has 1 to {TITLE_LIMIT} characters, and none of {{ }} " \\ among them'
        raise InputError(f"{what}; give one with --name 'Corner bakery'")
    texts = {path.relative_to(_TEMPLATES).as_posix(): path.read_text(encoding="utf-8") for path in sorted(_TEMPLATES.rglob("*")) if path.is_file()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(f"'{folder}' is not empty, and nothing in it shall be lost; name a folder that is new")
        for file, text in texts.items():
            path = folder / file
            path.parent.mkdir(exist_ok=True)
            path.write_text(_filled(file, text, topic), encoding="utf-8", newline="\n")
        shutil.copytree(_PACKAGE / "schemas", folder / SCHEMAS)
    except OSError as error:
        raise InputError(f"cannot write into '{folder}' ({error.strerror or type(error).__name__}); name another folder") from error
    return tuple(texts)


def _filled(file: str, text: str, topic: str) -> str:
    filled = Template(text).substitute(name=scalar(topic), name_in_text=topic)
    return filled if file.endswith(".md") else f"{first_line(file, SCHEMAS)}\n{filled}"
