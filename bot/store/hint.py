"""Telling those who wait in this process that something was announced."""

from __future__ import annotations

import asyncio


class Hint:
    """A bell. A ring that nobody waits for is kept for the next who asks, for between two waits nothing should be missed."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._waiting = 0

    def ring(self) -> None:
        """Wake all who wait now, or the next who asks."""
        self._rung.set()
        if self._waiting:
            self._rung = asyncio.Event()

    async def wait(self, limit_s: float) -> None:
        """Wait for a ring, *limit_s* seconds at most."""
        rung = self._rung
        self._waiting += 1
        try:
            # Not wait_for: before Python 3.12 it loses a cancellation that comes just when the wait ends.
            async with asyncio.timeout(limit_s):
                await rung.wait()
        except TimeoutError:
            return
        finally:
            self._waiting -= 1
        if rung is self._rung:  # It was kept for us.
            self._rung = asyncio.Event()
