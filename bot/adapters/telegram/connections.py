"""Bounds what a stranger may cost: connections, seconds, and bytes read before the secret was seen.

aiohttp, left alone, reads a refused body to its end, waits for ever for the second half of one, and as long for a head as for the next
request of a connection that is kept. So each connection has a guard between the socket and aiohttp's protocol, which counts and keeps time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot import metrics


@dataclass(frozen=True, slots=True)
class Limits:
    """What one listening port allows."""

    connections: int = 512
    """At once. Telegram opens a hundred at most; a process may have 1,024 files open where nobody raised that."""
    request_s: float = 5.0
    """From the first byte of a request, or from the start of a connection, to the last byte of the body."""
    idle_s: float = 75.0
    """Between two requests of somebody who knows the secret: longer than the minute that proxies keep a connection."""
    stranger_bytes: int = 32 * 1024
    """Read of one request before its secret was seen: the head, and whatever of the body comes along with it."""


_CHUNK_BYTES = 16 * 1024
"""Read at once at most."""


class Door:
    """Knows the connections that are open. When there are too many, the stranger who has waited longest has to go."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._open: dict[Connection, None] = {}
        """In the order of their coming."""
        self._shut = False

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, newcomer: Connection) -> None:
        """Note *newcomer*, and make room for it; it has to go itself when nobody else can."""
        self._open[newcomer] = None
        if self._shut:
            newcomer.drop()
        elif len(self._open) > self.limits.connections:
            metrics.REFUSED_POSTS.labels("crowded").inc()
            next(connection for connection in self._open if connection.stranger).drop()

    def leave(self, connection: Connection) -> None:
        """Forget *connection*."""
        self._open.pop(connection, None)

    def shut(self) -> None:
        """Let nobody in any more, and drop whoever has no whole request in hand."""
        self._shut = True
        for connection in tuple(self._open):
            if not connection.working:
                connection.drop()


class Connection(asyncio.BufferedProtocol):
    """The guard of one connection; bytes go on to *inner*. Buffered, for only so can it be said how much is read from the socket at once."""

    def __init__(self, inner: asyncio.Protocol, door: Door) -> None:
        self._inner = inner
        self._door = door
        self._transport: asyncio.Transport
        """What is asked of one that is closed has no effect."""
        self._chunk = bytearray()
        self._left: int | None = door.limits.stranger_bytes
        """How many bytes may still be read of this request; None once its secret was seen."""
        self._deadline: asyncio.TimerHandle | None = None
        self._answered = False
        self._idle = False
        self.working = False
        """True from the end of a good request to its answer."""

    @property
    def stranger(self) -> bool:
        """True for one that has not shown the secret, neither with this request nor with the one before."""
        return self._left is not None and not self._idle

    # --- for whoever answers ---

    def admit(self) -> None:
        """The secret was right: read all of the body. The deadline stands."""
        self._left = None
        self._transport.resume_reading()

    def received(self) -> None:
        """The request is there as a whole: take as long as it takes."""
        self._stop_clock()
        self.working = True

    def answered(self) -> None:
        """Wait for the next request."""
        self._left = self._door.limits.stranger_bytes
        self._idle, self.working = True, False

    def refuse(self) -> None:
        """Expect nothing more. The deadline stands, for the answer may not be fetched."""
        self._answered = True

    def drop(self) -> None:
        """End it now, whatever is under way."""
        self._stop_clock()
        self._door.leave(self)  # At once: its place is wanted.
        self._transport.abort()

    # --- for the event loop ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, if there is room."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  (for the type checker: a server of streams makes no other)
        self._transport = transport
        self._start_clock()
        self._inner.connection_made(transport)
        self._door.enter(self)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002  (what is wished for does not count)
        """Say how much may be read at once."""
        # Never empty, as the loop demands, though reading is paused before it comes to that.
        self._chunk = bytearray(_CHUNK_BYTES if self._left is None else min(_CHUNK_BYTES, max(1, self._left)))
        return self._chunk

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what was read."""
        if self._idle:
            self._idle = False
            self._start_clock()
        if self._left is not None:
            self._left -= nbytes
        chunk, self._chunk = bytes(self._chunk[:nbytes]), bytearray()  # Not kept: many may wait.
        self._inner.data_received(chunk)
        if self._left is not None and self._left <= 0:
            self._transport.pause_reading()

    def eof_received(self) -> bool | None:
        """Hand it on."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Hand it on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Hand it on."""
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let it go."""
        self._stop_clock()
        self._door.leave(self)
        self._inner.connection_lost(exc)

    # --- the clock ---

    def _start_clock(self) -> None:
        self._deadline = asyncio.get_running_loop().call_later(self._door.limits.request_s, self._too_slow)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        if not self._answered:
            metrics.REFUSED_POSTS.labels("slow").inc()
        self.drop()
