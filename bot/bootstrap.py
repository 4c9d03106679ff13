"""The only place where parts are joined."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.knowledge import Knowledge
from bot.errors import ConfigError
from bot.folders import cache_folder, data_folder, database_url, key_file, knowledge_folder
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.knowledge.versions import Versions
from bot.service import Service
from bot.store import Store

if TYPE_CHECKING:  # `chat` needs none of it
    from bot.config import Settings
    from bot.inbox import Inbox
    from bot.stats import Stats

_log = logging.getLogger(__name__)

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
        kept = _versions(settings)
        if kept is not None:
            await asyncio.to_thread(kept.finish, folder)
        live = LiveKnowledge(folder, await load_aside(folder, cache), cache, kept)
        # Only now: another process may just have been learning, and on a small server there is no room for both.
        from bot.adapters.telegram.claim import Claim
        from bot.adapters.telegram.runner import Parts, run_bot
        from bot.publishing import Publishing
        from bot.replicas import Replicas, replica_name

        name = replica_name(settings.replica_name)
        if settings.knowledge_by_chat and not alone:
            _log.warning("KNOWLEDGE_BY_CHAT does nothing here: with PostgreSQL others may serve the same bot, each from files of its own")
        async with _store(settings, name) as store:
            service = Service(live, store, keep_misses=settings.keep_misses, retention_days=settings.retention_days)
            claim = None if settings.admin_ids else Claim()
            if claim is not None:
                # Not in the log, which others may read and which is kept.
                print(service.say("claim_code", code=claim.code), flush=True)
            replicas = Replicas(store, live, name, alone=alone)
            publishing = Publishing(live, replicas, kept, may_write=settings.knowledge_by_chat and alone)
            await publishing.begin()
            await run_bot(settings, Parts(service, store, replicas, keyring, alone, claim, publishing))


async def unhook(settings: Settings) -> None:
    """Take the webhook away. Raises ConfigError when the token is missing or refused."""
    from bot.adapters.telegram import runner

    await runner.unhook(settings)


async def misses(settings: Settings, named: Path | None) -> Inbox:
    """Return what was asked in vain by enough people alike, or was passed on. Raises StoreError, KnowledgeError."""
    from bot.inbox import Inbox

    folder, cache = knowledge_folder(settings, named), cache_folder(settings)
    async with _store(settings, "misses") as store:
        service = build_service(folder, store, cache)
        return Inbox(await service.misses(), service.snapshot, folder, cache)


async def stats(settings: Settings, named: Path | None, first: date, last: date) -> tuple[Stats, Knowledge]:
    """Return what was counted from *first* to *last*, and the knowledge that has the titles. Raises StoreError, KnowledgeError."""
    from bot.knowledge.loader import load_passed, read_knowledge
    from bot.stats import summed

    folder, cache = knowledge_folder(settings, named), cache_folder(settings)
    # Nothing is asked of it, so nothing need be learned.
    kept = load_passed(folder, cache) if cache is not None else None
    knowledge = kept.knowledge if kept is not None else read_knowledge(folder)
    async with _store(settings, "stats") as store:
        tallies = await store.tallies(first)
    return summed(tallies, first, last, {entry.id: entry.title for entry in knowledge.entries}), knowledge


def _versions(settings: Settings) -> Versions | None:
    """Return where the versions that served are kept; None for a user without a home, who needs none beside PostgreSQL."""
    try:
        return Versions(data_folder(settings) / "versions")
    except ConfigError:
        _log.warning("there is no data folder to keep versions in: /undo will bring none back; set DATA_DIR to one")
        return None


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
