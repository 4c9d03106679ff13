"""The numbered SQL files that make a database what this version needs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import StoreError

_FOLDER = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; it is taken in one transaction, with its number."""

    number: int
    """From 1, without gaps."""
    name: str
    sql: str


def read_migrations(kind: str, folder: Path = _FOLDER) -> tuple[Migration, ...]:
    """Return the steps for *kind*, `sqlite` or `postgres`, in order."""
    found = tuple(_read(path) for path in sorted((folder / kind).glob("*.sql")))
    if not found or [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise StoreError(f"{folder / kind}: the migrations are not numbered 0001, 0002 and so on; install NapeBot again")
    return found


def missing(migrations: Sequence[Migration], version: int, where: str) -> Sequence[Migration]:
    """Return the steps a database at *version* has not taken; raise StoreError if it has taken some that are unknown here."""
    if version > len(migrations):
        raise StoreError(
            f"{where}: made by a newer NapeBot (its schema is {version}, this one knows {len(migrations)}); "
            "install that version again, or go back to the backup from before the upgrade"
        )
    return migrations[version:]


def _read(path: Path) -> Migration:
    number = re.match(r"\d+", path.stem)
    return Migration(int(number.group()) if number else 0, path.stem, path.read_text(encoding="utf-8"))
