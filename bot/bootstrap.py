"""The only place where parts are joined."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.folders import cache_folder, knowledge_folder
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Service
from bot.store import Store
from bot.store.memory import MemoryStore

if TYPE_CHECKING:  # `chat` needs none of it
    from bot.config import Settings


def build_service(folder: Path, store: Store, cache: Path | None = None) -> Service:
    """Return a service over the knowledge in *folder*. Raises KnowledgeError with every problem in it."""
    return Service(LiveKnowledge(folder, load_snapshot(folder, cache=cache)), store)


async def run(settings: Settings, named: Path | None) -> None:
    """Serve Telegram by polling until told to stop. Raises ConfigError without a token, KnowledgeError for bad knowledge."""
    # Imported here: python-telegram-bot costs a third of a second that `ask` and `chat` should not pay.
    from bot.adapters.telegram.runner import run_polling

    store = MemoryStore()
    try:
        service = build_service(knowledge_folder(settings, named), store, cache_folder(settings))
        await run_polling(settings, service, store)
    finally:
        await store.close()
