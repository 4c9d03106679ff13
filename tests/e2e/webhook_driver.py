"""Posts updates to a webhook as Telegram's server does (tdlib/telegram-bot-api, WebhookActor.cpp).

One update of a chat is under way at a time, the others wait behind it. What failed comes again at once, then after 2, 4, 8 ... seconds, or when
`Retry-After` says. Any 2xx ends an update. New connections are rationed: ten in half a second while all is well, else one every two seconds.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

LONGEST_PAUSE_S = 60
LONGEST_RETRY_AFTER_S = 3600
WELL_FOR_S = 10.0
"""After the last success, how long all counts as well."""
ANSWER_LIMIT_S = 60.0


@dataclass(frozen=True)
class Hook:
    """Where to, with what."""

    host: str
    port: int
    path: str
    secret: str = ""
    max_connections: int = 40


@dataclass
class _Pending:
    update_id: int
    body: bytes
    delay: int = 1
    failures: int = 0
    wakeup_at: float = 0.0


class _Ration:
    """At most *count* events in *period_s*."""

    def __init__(self, count: int, period_s: float) -> None:
        self._times: deque[float] = deque(maxlen=count)
        self._period_s = period_s

    def wait_s(self, now: float) -> float:
        full = len(self._times) == self._times.maxlen
        return max(0.0, self._times[0] + self._period_s - now) if full else 0.0

    def spend(self, now: float) -> None:
        self._times.append(now)


@dataclass
class _Connection:
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def post(self, hook: Hook, body: bytes) -> tuple[int, int]:
        """Return the status and the Retry-After of the answer. Raises OSError, ValueError or EOFError without a whole one."""
        if self.reader is None or self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(hook.host, hook.port)
        secret = f"X-Telegram-Bot-Api-Secret-Token: {hook.secret}\r\n" if hook.secret else ""
        head = f"POST {hook.path} HTTP/1.1\r\nHost: {hook.host}\r\n{secret}Content-Type: application/json\r\n"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: keep-alive\r\n\r\n".encode() + body)
        await self.writer.drain()
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:]) if name}
        await self.reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close":
            self.close()
        asked = headers.get("retry-after", "0")
        return int(lines[0].split()[1]), int(asked) if asked.isdigit() else 0

    @property
    def dead(self) -> bool:
        """True for one that was open and is so no more."""
        return self.reader is not None and (self.reader.at_eof() or self.reader.exception() is not None)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.transport.abort()
        if self.reader is not None:
            self.reader.feed_eof()


class WebhookDriver:
    """Runs within one event loop; *settled* is called with the id of each update that was answered with a 2xx."""

    def __init__(self, hook: Hook, settled: Callable[[int], None], seed: int = 1) -> None:
        self.hook = hook
        self.posts = 0
        """All that were made, failed ones included."""
        self._settled = settled
        self._lots = random.Random(seed)  # noqa: S311  (a test is to be repeatable)
        self._queues: dict[int, deque[_Pending]] = {}
        self._order = itertools.count()
        self._due: list[tuple[float, int, int]] = []
        """When, in which order, and the chat whose first update may be sent."""
        self._idle: list[_Connection] = []
        self._posts: set[asyncio.Task[None]] = set()
        self._well_ration, self._ill_ration = _Ration(10, 0.5), _Ration(1, 2.0)
        self._succeeded_at = -3600.0
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def add(self, update: Mapping[str, Any]) -> None:
        """Deliver *update* once those of its chat before it are."""
        chat = _chat_of(update)
        queue = self._queues.setdefault(chat, deque())
        queue.append(_Pending(update["update_id"], json.dumps(update).encode()))
        if len(queue) == 1:
            self._wake(chat, 0.0)

    async def stop(self) -> None:
        """Let go of everything."""
        tasks = (self._task, *self._posts)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in self._idle:
            connection.close()

    def _wake(self, chat: int, at: float) -> None:
        heapq.heappush(self._due, (at, next(self._order), chat))
        self._news.set()

    async def _run(self) -> None:
        while True:
            self._news.clear()
            pause_s = self._send(time.monotonic())
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), pause_s)

    def _send(self, now: float) -> float | None:
        """Send what can be sent now; return after how many seconds to look again, or None to wait for news."""
        while self._due and self._due[0][0] <= now:
            connection, wait_s = self._connection(now)
            if connection is None:
                return wait_s
            chat = heapq.heappop(self._due)[2]
            post = asyncio.create_task(self._post(chat, self._queues[chat][0], connection))
            self._posts.add(post)
            post.add_done_callback(self._over)
        return self._due[0][0] - now if self._due else None

    def _over(self, post: asyncio.Task[None]) -> None:
        self._posts.discard(post)
        self._news.set()

    def _connection(self, now: float) -> tuple[_Connection | None, float | None]:
        """Return a connection, or after how many seconds there may be one; None where one must come back first."""
        for connection in [connection for connection in self._idle if connection.dead]:
            connection.close()
            self._idle.remove(connection)
        if self._idle:
            return self._idle.pop(), None
        well = self._succeeded_at + WELL_FOR_S >= now
        if len(self._posts) >= (self.hook.max_connections if well else 1):
            return None, None
        ration = self._well_ration if well else self._ill_ration
        if wait_s := ration.wait_s(now):
            return None, wait_s
        ration.spend(now)
        return _Connection(), None

    async def _post(self, chat: int, pending: _Pending, connection: _Connection) -> None:
        self.posts += 1
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                status, retry_after = await connection.post(self.hook, pending.body)
        except (OSError, ValueError, EOFError, TimeoutError):
            status, retry_after = 0, 0
            connection.close()
        except asyncio.CancelledError:
            connection.close()
            raise
        if not connection.dead:
            self._idle.append(connection)
        if 200 <= status < 300:
            self._done(chat, pending)
        else:
            self._failed(chat, pending, min(retry_after, LONGEST_RETRY_AFTER_S))

    def _done(self, chat: int, pending: _Pending) -> None:
        self._succeeded_at = time.monotonic()
        queue = self._queues[chat]
        queue.popleft()
        if queue:
            self._wake(chat, queue[0].wakeup_at)
        else:
            del self._queues[chat]
        self._settled(pending.update_id)

    def _failed(self, chat: int, pending: _Pending, retry_after: int) -> None:
        pause_s = retry_after
        if retry_after == 0 and pending.failures > 0:
            pending.delay = min(self._lots.randint(LONGEST_PAUSE_S, 2 * LONGEST_PAUSE_S), 2 * pending.delay)
            pause_s = pending.delay
        pending.failures += 1
        pending.wakeup_at = time.monotonic() + pause_s
        self._wake(chat, pending.wakeup_at)


def _chat_of(update: Mapping[str, Any]) -> int:
    """Return the chat; an update without one waits for no other."""
    message = update.get("message") or update.get("edited_message") or update.get("callback_query", {}).get("message") or {}
    chat = message.get("chat", {}).get("id")
    return int(chat) if chat is not None else -int(update["update_id"])
