"""The only place where parts are joined."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from bot.folders import cache_folder, data_folder, database_url, key_file, knowledge_folder
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Service
from bot.store import Store

if TYPE_CHECKING:  # `chat` needs none of it
    from bot.config import Settings
    from bot.core.misses import MissGroup

# Imported where they are needed: python-telegram-bot costs a third of a second that `ask` and `chat` should not pay.


def build_service(folder: Path, store: Store, cache: Path | None = None) -> Service:
    """Return a service over the knowledge in *folder*. Raises KnowledgeError with every problem in it."""
    return Service(LiveKnowledge(folder, load_snapshot(folder, cache=cache), cache), store)


async def run(settings: Settings, named: Path | None) -> None:
    """Serve Telegram until told to stop.

    Raises ConfigError for settings that cannot be used, KnowledgeError for bad knowledge, StoreError for a database that cannot be opened.
    """
    from bot.keyring import Keyring
    from bot.knowledge.live import load_aside

    folder, cache = knowledge_folder(settings, named), cache_folder(settings)
    with _held(settings) as alone:
        keyring = Keyring.open(key_file(settings))
        live = LiveKnowledge(folder, await load_aside(folder, cache), cache)
        # Only now: another process may just have been learning, and on a small server there is no room for both.
        from bot.adapters.telegram.claim import Claim
        from bot.adapters.telegram.runner import Parts, run_bot
        from bot.replicas import Replicas, replica_name

        name = replica_name(settings.replica_name)
        async with _store(settings, name) as store:
            service = Service(live, store, keep_misses=settings.keep_misses, retention_days=settings.retention_days)
            claim = None if settings.admin_ids else Claim()
            if claim is not None:
                # Not in the log, which others may read and which is kept.
                print(service.say("claim_code", code=claim.code), flush=True)
            await run_bot(settings, Parts(service, store, Replicas(store, live, name, alone=alone), keyring, alone, claim))


async def unhook(settings: Settings) -> None:
    """Take the webhook away. Raises ConfigError when the token is missing or refused."""
    from bot.adapters.telegram import runner

    await runner.unhook(settings)


async def misses(settings: Settings, named: Path | None) -> tuple[MissGroup, ...]:
    """Return what was asked in vain by enough people alike. Raises StoreError."""
    folder = knowledge_folder(settings, named)
    async with _store(settings, "misses") as store:
        return await build_service(folder, store, cache_folder(settings)).misses()


def _held(settings: Settings) -> AbstractContextManager[bool]:
    """Hold the data folder, where the database is one that a single process serves from; give whether it is."""
    from bot.alone import alone_in

    if database_url(settings).startswith("postgres"):
        return nullcontext(enter_result=False)
    return alone_in(data_folder(settings))


@asynccontextmanager
async def _store(settings: Settings, holder: str) -> AsyncIterator[Store]:
    from bot.store.opening import open_store

    store = await open_store(database_url(settings), holder=holder)
    try:
        yield store
    finally:
        await store.close()
