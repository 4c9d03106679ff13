"""Waiting for a store, but not for long: one that is ill, in whatever way, must not cost a person the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

STORE_WAIT_S = 0.25

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


async def bounded(call: Awaitable[_T], *, otherwise: _T) -> _T:
    """Return what the store says, or *otherwise* when it fails or takes longer than 250 ms."""
    task = asyncio.ensure_future(call)
    late = await _late(task)
    error = None if late or task.cancelled() else task.exception()
    if late or task.cancelled() or error is not None:
        _log.warning("store: %s; going on without it", type(error).__name__ if error else "no answer in time")
        return otherwise
    return task.result()


async def _late(task: asyncio.Future[_T]) -> bool:
    """Wait for *task*; return True, and end it, when it takes too long."""
    try:
        # Not wait_for: that waits on for a call which does not let itself be cancelled.
        done, _ = await asyncio.wait({task}, timeout=STORE_WAIT_S)
    finally:
        task.cancel()  # Nothing to one that is done.
    if not done:
        await asyncio.wait({task}, timeout=0)  # One chance to end.
    return not done
