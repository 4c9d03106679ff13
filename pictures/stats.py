"""`python -m pictures.stats`: draw the picture of the counts anew into `docs/pictures/`. Needs no browser.

A made-up week goes through the real service into a real database file; what is counted there is what /stats would show.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from bot.core.action import Action, NotThis, ShowEntry, Vote
from bot.core.model import Utterance
from bot.drawing import draw
from bot.errors import BotError
from bot.figures import Say, charted, details, headline
from bot.folders import SetFolders, cache_folder
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Said, Service
from bot.stats import Stats, summed
from bot.store.memory import MemoryStore
from bot.store.records import PersonKey
from bot.store.sqlite import SqliteStore
from pictures.making import FOLDER
from pictures.week import FIRST, WEEK

FILES = {False: FOLDER / "stats-light.png", True: FOLDER / "stats-dark.png"}
"""By whether it is dark."""
WORDS = FOLDER / "stats.txt"

_KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
_OPENING, _BETWEEN = time(6, 40, tzinfo=UTC), timedelta(minutes=23)


def main() -> int:
    """Draw the pictures, write the words, and say how large they are."""
    try:
        live = LiveKnowledge(_KNOWLEDGE, load_snapshot(_KNOWLEDGE, cache=cache_folder(SetFolders())))
        with tempfile.TemporaryDirectory() as folder:
            stats = asyncio.run(counted(live, Path(folder) / "week.sqlite3"))
    except (BotError, LookupError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    WORDS.write_text(words_of(stats, live), encoding="utf-8")
    for dark, file in FILES.items():
        file.write_bytes(drawn(stats, live, dark=dark))
        print(f"{file.name}: {file.stat().st_size / 1000:.0f} kB")
    return 0


def drawn(stats: Stats, live: LiveKnowledge, *, dark: bool) -> bytes:
    """Return the picture as a PNG file."""
    return draw(charted(stats, live.current.knowledge.topic.name, _say(live)), dark=dark)


def words_of(stats: Stats, live: LiveKnowledge) -> str:
    """Return the same numbers in words, as they stand below the picture."""
    return "\n\n".join((headline(stats, live.current.knowledge.topic.name, _say(live)), details(stats, _say(live)))) + "\n"


def _say(live: LiveKnowledge) -> Say:
    return Service(live, MemoryStore()).say


async def counted(live: LiveKnowledge, file: Path) -> Stats:
    """Let the week go by over a new database in *file*, and return what was counted. Raises LookupError for what nobody could press."""
    clock = _Clock()
    store = await SqliteStore.open(file, holder="week", clock=lambda: clock.now.timestamp())
    try:
        service = Service(live, store)
        for number, (now, line) in enumerate(_lines()):
            clock.now = now
            await _conversation(service, line, PersonKey(f"{number:064x}", f"{number:064x}"), now)
        tallies = await store.tallies(FIRST)
    finally:
        await store.close()
    titles = {entry.id: entry.title for entry in live.current.knowledge.entries}
    return summed(tallies, FIRST, FIRST + timedelta(days=len(WEEK) - 1), titles)


class _Clock:
    now = datetime.combine(FIRST, _OPENING)


def _lines() -> Iterator[tuple[datetime, str]]:
    for day, lines in enumerate(WEEK):
        for number, line in enumerate(lines.strip().splitlines()):
            yield datetime.combine(FIRST + timedelta(days=day), _OPENING) + number * _BETWEEN, line


async def _conversation(service: Service, line: str, key: PersonKey, now: datetime) -> None:
    words, *deeds = (part.strip() for part in line.split("|"))
    said = await service.answer(Utterance(words, now), key)
    await service.keep(said.effects)
    for deed in deeds:
        said = await service.act(_action(deed, said, line), key, now)
        await service.keep(said.effects)


def _action(deed: str, said: Said, line: str) -> Action:
    if deed == "pick":
        offered = [choice.action for row in said.reply.choices for choice in row if isinstance(choice.action, ShowEntry)]
        if said.outcome != "offered" or not offered:
            raise LookupError(f"{line.strip()!r}: nothing is offered to pick from, it is {said.outcome}")
        return offered[0]
    if said.outcome not in ("answered", "showentry"):
        raise LookupError(f"{line.strip()!r}: there is no answer to press {deed!r} under, it is {said.outcome}")
    entry_id = said.about[0]
    return NotThis(entry_id) if deed == "not this" else Vote(entry_id, helpful=deed == "helpful")


if __name__ == "__main__":
    sys.exit(main())
