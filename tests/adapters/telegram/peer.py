"""A server on a real socket that does to each request what it is told to: answers, says nothing, hangs up in the midst of it."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType


@dataclass(frozen=True)
class Request:
    """What came in."""

    connection: int
    """From 1, in the order of their coming."""
    head: str
    body: bytes

    @property
    def line(self) -> str:
        return self.head.partition("\r\n")[0]


Act = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes = b'{"ok": true, "result": true}', status: str = "200 OK", *, head: str = "") -> Act:
    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body)

    return act


def after(seconds: float, then: Act) -> Act:
    async def act(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await then(writer)

    return act


def raw(said: bytes, *, close: bool = False) -> Act:
    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        if close:
            writer.close()

    return act


async def hang(_writer: asyncio.StreamWriter) -> None:
    """Say nothing; keep the connection."""


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def trickle(writer: asyncio.StreamWriter) -> None:
    """Send a byte of the body now and then, without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await asyncio.sleep(0.02)


class Peer:
    """Use it with `async with`. It answers well when `acts` is empty; *greeting* is said to whoever connects, before anything is asked."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, greeting: bytes = b"") -> None:
        self.acts: deque[Act] = deque()
        self.requests: list[Request] = []
        self.came: asyncio.Queue[Request] = asyncio.Queue()
        """The same, for who waits for them."""
        self.closed: asyncio.Queue[int] = asyncio.Queue()
        """Connections that the other side has ended."""
        self._tls = tls
        self._greeting = greeting
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._port}"

    async def __aenter__(self) -> Peer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        await self._server.wait_closed()

    def hang_up_on_all(self) -> None:
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.append(writer)
        number = len(self._writers)
        writer.write(self._greeting)
        try:
            while True:
                request = await _read(reader, number)
                self.requests.append(request)
                self.came.put_nowait(request)
                await (self.acts.popleft() if self.acts else answer())(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            self.closed.put_nowait(number)
        except asyncio.CancelledError:
            return  # At the end of a test; streams would log it.
        finally:
            self._tasks.discard(task)


async def _read(reader: asyncio.StreamReader, connection: int) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lengths = [line.partition(":")[2] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
    return Request(connection, head, await reader.readexactly(int(lengths[0])) if lengths else b"")
