"""The driver posts as Telegram does: a chat's updates one after another, again until a 2xx, and no sooner than it was asked to."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.e2e.bot_process import free_port
from tests.e2e.webhook_driver import Hook, WebhookDriver


@dataclass
class Listener:
    """A webhook; *statuses* are given once each, then 200."""

    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    pause_s: float = 0.0
    got: list[tuple[int, int]] = field(default_factory=list)
    """Chat and update id, in the order of coming."""
    secrets: set[str | None] = field(default_factory=set)
    times: list[float] = field(default_factory=list)
    under_way: Counter[int] = field(default_factory=Counter)
    most_at_once: int = 0
    most_of_a_chat: int = 0

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        update = json.loads(await request.read())
        chat = update["message"]["chat"]["id"]
        self.under_way[chat] += 1
        self.most_of_a_chat = max(self.most_of_a_chat, self.under_way[chat])
        self.most_at_once = max(self.most_at_once, self.under_way.total())
        self.got.append((chat, update["update_id"]))
        self.times.append(time.monotonic())
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        await asyncio.sleep(self.pause_s)
        self.under_way[chat] -= 1
        return web.Response(status=self.statuses.pop(0), headers=self.headers) if self.statuses else web.Response()


@asynccontextmanager
async def listening(listener: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], port: int) -> AsyncIterator[None]:
    runner = web.ServerRunner(web.Server(listener), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def driving(port: int, updates: Iterable[dict[str, Any]], max_connections: int = 40) -> AsyncIterator[list[int]]:
    settled: list[int] = []
    driver = WebhookDriver(Hook("127.0.0.1", port, "/hook", "hush", max_connections), settled.append)
    for update in updates:
        driver.add(update)
    try:
        yield settled
    finally:
        await driver.stop()


async def until(condition: Callable[[], bool], limit_s: float = 8.0) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110  (what is looked at tells nobody)
            await asyncio.sleep(0.01)


def update(update_id: int, chat: int) -> dict[str, Any]:
    return {"update_id": update_id, "message": {"message_id": 1, "date": 1, "chat": {"id": chat, "type": "private"}}}


async def test_a_chat_has_one_under_way_and_keeps_its_order() -> None:
    listener, port = Listener(pause_s=0.02), free_port()
    async with listening(listener, port), driving(port, [update(number, number % 5) for number in range(50)]) as settled:
        await until(lambda: len(settled) == 50)

    assert listener.most_of_a_chat == 1
    assert listener.most_at_once > 1
    for chat in range(5):
        assert [update_id for of, update_id in listener.got if of == chat] == list(range(chat, 50, 5))
    assert listener.secrets == {"hush"}


async def test_no_more_connections_than_allowed() -> None:
    listener, port = Listener(pause_s=0.05), free_port()
    async with listening(listener, port), driving(port, [update(number, number) for number in range(20)], max_connections=3) as settled:
        await until(lambda: len(settled) == 20)

    assert 1 < listener.most_at_once <= 3


@pytest.mark.parametrize("status", [503, 302])
async def test_a_failure_comes_again_at_once_and_then_later(status: int) -> None:
    listener, port = Listener(statuses=[status, status]), free_port()
    async with listening(listener, port), driving(port, [update(1, 7), update(2, 7)]) as settled:
        await until(lambda: settled == [1, 2])

    assert listener.got == [(7, 1), (7, 1), (7, 1), (7, 2)]
    assert listener.times[1] - listener.times[0] < 1.0
    assert 1.9 < listener.times[2] - listener.times[1] < 4.0


async def test_a_pause_that_was_asked_for_is_kept() -> None:
    listener, port = Listener(statuses=[503], headers={"Retry-After": "1"}), free_port()
    async with listening(listener, port), driving(port, [update(1, 7)]) as settled:
        await until(lambda: settled == [1])

    assert 0.95 < listener.times[1] - listener.times[0] < 2.0


async def test_what_is_refused_waits_for_the_listener() -> None:
    listener, port = Listener(), free_port()
    async with driving(port, [update(1, 7)]) as settled:
        await asyncio.sleep(0.2)
        assert settled == []
        async with listening(listener, port):
            await until(lambda: settled == [1])


async def test_what_was_cut_off_comes_again() -> None:
    port, seen = free_port(), 0

    async def cut_the_first(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal seen
        seen += 1
        if seen == 1 and request.transport is not None:
            request.transport.abort()
        return web.Response(status=204)

    async with listening(cut_the_first, port), driving(port, [update(1, 7)]) as settled:
        await until(lambda: settled == [1])

    assert seen == 2
