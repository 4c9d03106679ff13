"""Files of entries, to and from a chat: what is sent to whoever edits them, and what comes back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from telegram import Document, InputFile, InputMediaDocument, Message
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.adapters.telegram.patience import TRIES, patience_of

ENDINGS = (".yaml", ".yml")

_ALBUM = 10
"""What one album holds: https://core.telegram.org/bots/api#sendmediagroup"""
_NAME = re.compile(r"(?P<theme>[^/\\]+?)(?: ?\([0-9]{1,3}\))?\.ya?ml", re.IGNORECASE)
"""A theme, the number that a phone adds to a name it has a file of already, and the ending."""

File = tuple[str, bytes]
"""Name, without a folder, and content."""


class Unfetched(Exception):  # noqa: N818  (it says what became of the file)
    """Telegram did not hand the file over."""


def looks_like_entries(document: Document | None) -> bool:
    """Return True for a file whose name ends as those of entries do."""
    return document is not None and (document.file_name or "").lower().endswith(ENDINGS)


def meant(name: str, themes: Collection[str]) -> str:
    """Return the name of the file that *name* stands for: `relief (1).yaml` and `relief.yml` are `relief.yaml`, where there is that theme.

    Any other is returned as it is, whatever it holds.
    """
    shape = _NAME.fullmatch(name)
    return f"{shape['theme']}.yaml" if shape and shape["theme"] in themes else name


async def send(message: Message, files: Sequence[File], caption: str) -> None:
    """Send *files* below *message*: each as a file of its own, in as few albums as hold them, with *caption* under the last of each album."""
    bot, chat_id = message.get_bot(), message.chat.id
    for album in _albums(files):
        uploads = [InputFile(content, name, attach=True) for name, content in album]
        if len(uploads) == 1:
            await bot.send_document(chat_id, uploads[0], caption=caption)
        else:
            *others, last = uploads
            await bot.send_media_group(chat_id, [*map(InputMediaDocument, others), InputMediaDocument(last, caption=caption)])


def _albums(files: Sequence[File]) -> Iterator[Sequence[File]]:
    """Yield *files* in as few albums as hold them, none much smaller than the others."""
    count = -(-len(files) // _ALBUM)
    for place in range(count):
        yield files[len(files) * place // count : len(files) * (place + 1) // count]


async def fetch(bot: ExtBot[int], document: Document) -> bytes:
    """Return what is in *document*. Raises Unfetched."""
    try:
        file = await bot.get_file(document.file_id)
        # The library tries this one only once, and whoever sent the file would have to send it again.
        content: bytearray = await patience_of(bot).process_request(file.download_as_bytearray, (), {}, "download", {}, TRIES)
    except (TelegramError, RuntimeError):  # The second for an answer that names no place to fetch it from.
        pass
    else:
        return bytes(content)
    # Not where it was caught: the address of a file holds the token, and an error drags along what it took the place of.
    raise Unfetched
