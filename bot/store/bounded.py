"""Waiting for a store, but not for long: one that is ill, in whatever way, must not cost a person the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TypeVar

from bot import metrics

STORE_WAIT_S = 0.25
LATE = "late"
"""The kind of error that is no answer in time; else a kind is the name of the exception."""

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


async def bounded(call: Awaitable[_T], *, otherwise: _T, limit_s: float | None = None) -> _T:
    """Return what the store says, or *otherwise* when it fails or takes longer than *limit_s* seconds; 250 ms unless told."""
    task = asyncio.ensure_future(call)
    late = await _late(task, STORE_WAIT_S if limit_s is None else limit_s)
    error = None if late or task.cancelled() else task.exception()
    if late or task.cancelled() or error is not None:
        # The kind only: what an error says may name a file, and of a foreign one nobody knows what it says.
        _log.warning("store: %s; going on without it", type(error).__name__ if error else "no answer in time")
        metrics.STORE_ERRORS.labels(type(error).__name__ if error else LATE).inc()
        return otherwise
    return task.result()


async def _late(task: asyncio.Future[_T], limit_s: float) -> bool:
    """Wait for *task*; return True, and end it, when it takes too long."""
    try:
        # Not wait_for: that waits on for a call which does not let itself be cancelled.
        done, _ = await asyncio.wait({task}, timeout=limit_s)
    finally:
        task.cancel()  # Nothing to one that is done.
    if not done:
        await asyncio.wait({task}, timeout=0)  # One chance to end.
        task.add_done_callback(_unheard)
    return not done


def _unheard(task: asyncio.Future[_T]) -> None:
    """Take note of how *task* ended at last, so that asyncio does not report, in its own words, an error that nobody waits for."""
    if not task.cancelled():
        task.exception()
