"""From a URL to a store."""

from __future__ import annotations

import secrets
from pathlib import Path

from bot.errors import ConfigError
from bot.store import Store
from bot.store.memory import MemoryStore

# What only one kind of store needs is imported for it alone: asyncpg may be missing.


async def open_store(url: str, *, holder: str) -> Store:
    """Open the store at *url*: `memory:`, `sqlite:PATH`, or `postgresql://...`; bring its schema up to date.

    *holder* says whose claims are whose; something of this very start is added to it, so that a process never takes the claims
    of the one before it for its own. Raises ConfigError for a URL that makes no sense, StoreError for a store that cannot be used.
    """
    kind, _, rest = url.strip().partition(":")
    holder = f"{holder}-{secrets.token_hex(4)}"
    if kind == "memory" and not rest:
        return MemoryStore()
    if kind == "sqlite" and rest and not rest.startswith("//"):
        from bot.store.sqlite import SqliteStore

        return await SqliteStore.open(_path(rest), holder=holder)
    if kind in {"postgres", "postgresql"} and rest.startswith("//"):
        try:
            from bot.store.postgres import PostgresStore
        except ModuleNotFoundError as error:
            raise ConfigError(f"DATABASE_URL names PostgreSQL, and {error.name} is missing: pip install 'napebot[postgres]'") from None
        return await PostgresStore.open(url.strip(), holder=holder)
    raise ConfigError("DATABASE_URL: write postgresql://user:password@host/database, sqlite:/path/to/file.db, or memory:")


def _path(written: str) -> Path:
    return Path(written).expanduser()
