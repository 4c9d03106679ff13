"""Hearing of announcements at once, while the connection lasts; and seeing to it that there is one."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import asyncpg

from bot.errors import StoreError
from bot.store.hint import Hint
from bot.store.postgres_pool import PostgresPool

CHANNEL = "napebot"
CHECK_S = 15.0
"""How often a silent connection is tried: one that a firewall has dropped stays silent for ever."""
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 8.0

_log = logging.getLogger(__name__)


class Listener:
    """A task that rings *hint* for every announcement. It begins when it is first wanted: a command that reads needs none."""

    def __init__(self, pool: PostgresPool, hint: Hint) -> None:
        self._pool = pool
        self._hint = hint
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, unless begun."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                connection = await self._pool.connection()
            except StoreError:  # The pool's own calls fail as well, and are counted.
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                pause_s = FIRST_PAUSE_S
                await self._listen(connection)
                _log.warning("store: no longer told of announcements at once; connecting again")
            await asyncio.sleep(pause_s)

    async def _listen(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        """Listen until *connection* is lost."""
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            await connection.add_listener(CHANNEL, lambda *_: self._hint.ring())
            self._hint.ring()  # Something may have been said while nobody listened.
            while not await _within(lost, CHECK_S):
                await connection.execute("SELECT 1")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return
        finally:
            connection.terminate()


async def _within(event: asyncio.Event, limit_s: float) -> bool:
    """Wait for *event*, *limit_s* seconds at most; return whether it came."""
    with suppress(TimeoutError):
        # Not wait_for: before Python 3.12 it loses a cancellation that comes just when the wait ends.
        async with asyncio.timeout(limit_s):
            await event.wait()
    return event.is_set()
