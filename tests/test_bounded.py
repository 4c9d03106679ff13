"""Waiting for a store ends in time, with an answer or without."""

import asyncio
import gc
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from bot.errors import StoreError
from bot.metrics import REGISTRY
from bot.store.bounded import STORE_WAIT_S, bounded


async def well() -> str:
    return "kept"


async def ill() -> str:
    raise StoreError("my secret path")


async def hung() -> str:
    await asyncio.Event().wait()
    return "never"


async def stubborn() -> str:
    """Does not end when it is called off, or not at the first time."""
    with suppress(asyncio.CancelledError):
        await hung()
    return await hung()


async def called_off() -> str:
    raise asyncio.CancelledError


async def late_and_ill() -> str:
    """Fails long after it was called off, with words of its own."""
    with suppress(asyncio.CancelledError):
        await hung()
    await asyncio.sleep(0.02)
    raise StoreError("my secret path")


def counted(kind: str) -> float:
    return REGISTRY.get_sample_value("napebot_store_errors_total", {"kind": kind}) or 0.0


def test_a_store_is_given_a_quarter_of_a_second() -> None:
    assert STORE_WAIT_S == 0.25


async def test_what_the_store_says_is_returned(caplog: pytest.LogCaptureFixture) -> None:
    assert await bounded(well(), otherwise="nothing") == "kept"
    assert caplog.records == []


@pytest.mark.parametrize(
    ("call", "why", "kind"),
    [
        (ill, "StoreError", "StoreError"),
        (hung, "no answer in time", "late"),
        (stubborn, "no answer in time", "late"),
        (called_off, "no answer in time", "late"),
    ],
)
async def test_a_store_that_is_ill_is_done_without(
    call: Callable[[], Coroutine[Any, Any, str]], why: str, kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.store.bounded.STORE_WAIT_S", 0.01)
    before = counted(kind)

    assert await bounded(call(), otherwise="nothing") == "nothing"
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [(logging.WARNING, f"store: {why}; going on without it")]
    assert counted(kind) == before + 1


async def test_what_a_call_says_when_nobody_waits_any_more_is_not_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Else asyncio would log it, in the words of the error."""
    monkeypatch.setattr("bot.store.bounded.STORE_WAIT_S", 0.01)
    assert await bounded(late_and_ill(), otherwise="nothing") == "nothing"
    await asyncio.sleep(0.05)
    gc.collect()

    assert "secret" not in caplog.text


async def test_called_off_while_it_waits_it_ends_the_call_too() -> None:
    call = asyncio.ensure_future(hung())
    waiting = asyncio.create_task(bounded(call, otherwise="nothing"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait({call})

    assert call.cancelled()
