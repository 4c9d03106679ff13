"""Waiting for a store ends in time, with an answer or without."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from bot.errors import StoreError
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


def test_a_store_is_given_a_quarter_of_a_second() -> None:
    assert STORE_WAIT_S == 0.25


async def test_what_the_store_says_is_returned(caplog: pytest.LogCaptureFixture) -> None:
    assert await bounded(well(), otherwise="nothing") == "kept"
    assert caplog.records == []


@pytest.mark.parametrize(
    ("call", "why"), [(ill, "StoreError"), (hung, "no answer in time"), (stubborn, "no answer in time"), (called_off, "no answer in time")]
)
async def test_a_store_that_is_ill_is_done_without(
    call: Callable[[], Coroutine[Any, Any, str]], why: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.store.bounded.STORE_WAIT_S", 0.01)

    assert await bounded(call(), otherwise="nothing") == "nothing"
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [(logging.WARNING, f"store: {why}; going on without it")]


async def test_called_off_while_it_waits_it_ends_the_call_too() -> None:
    call = asyncio.ensure_future(hung())
    waiting = asyncio.create_task(bounded(call, otherwise="nothing"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait({call})

    assert call.cancelled()
