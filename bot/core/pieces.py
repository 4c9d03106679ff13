"""Pieces that several replies share: rows of buttons, and texts joined to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.core.action import Choice, Rows, ShowEntry, Topics
from bot.core.snapshot import Snapshot

THEMES_A_ROW = 2


def shown(entry_ids: Iterable[str], snapshot: Snapshot) -> Rows:
    """Return a row with one button for each of *entry_ids*: its title."""
    return tuple((Choice(snapshot.entries_by_id[entry_id].title, ShowEntry(entry_id)),) for entry_id in entry_ids)


def in_rows(choices: Sequence[Choice], length: int) -> Rows:
    """Return *choices* in rows of *length*, the last one with what is left."""
    return tuple(tuple(choices[at : at + length]) for at in range(0, len(choices), length))


def joined(*texts: str) -> str:
    """Return those of *texts* that say anything, each a paragraph."""
    return "\n\n".join(filter(None, texts))


def themes(snapshot: Snapshot) -> Rows:
    """Return the themes as rows of buttons, in the order of `topic.yaml`, then of the files."""
    used = {entry.theme for entry in snapshot.knowledge.entries}
    choices = [Choice(title, Topics(theme)) for theme, title in snapshot.knowledge.topic.theme_titles.items() if theme in used]
    return in_rows(choices, THEMES_A_ROW)
