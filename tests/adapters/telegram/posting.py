"""Plain sockets that post to a webhook, well or ill."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

LIMIT_S = 10.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """By names in small letters."""
    body: bytes
    whole: bytes


def head(
    length: int | None,
    *secrets: str | bytes,
    method: str = "POST",
    path: str = "/telegram",
    content_type: str = JSON_TYPE,
    more: Mapping[str, str] | None = None,
) -> bytes:
    """Return the head of a request with these secrets, one header each; with no length if that is None."""
    lines = [f"{method} {path} HTTP/1.1".encode(), b"Host: localhost", f"Content-Type: {content_type}".encode()]
    lines += [f"{SECRET_HEADER}: ".encode() + (secret.encode() if isinstance(secret, str) else secret) for secret in secrets]
    if length is not None:
        lines.append(f"Content-Length: {length}".encode())
    lines += [f"{name}: {value}".encode() for name, value in (more or {}).items()]
    return b"\r\n".join([*lines, b"", b""])


def post(body: object, *secrets: str | bytes, **how: Any) -> bytes:
    """Return a whole request; what is not bytes becomes JSON."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return head(len(sent), *secrets, **how) + sent


def chunked(chunks: list[bytes], *secrets: str) -> bytes:
    """Return a whole request of unsaid length."""
    return head(None, *secrets, more={"Transfer-Encoding": "chunked"}) + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])


class Caller:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def of(cls, port: int) -> Caller:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> Answer:
        """Send *request* and return its answer."""
        self.writer.write(request)
        return await self.answer()

    async def answer(self) -> Answer:
        async with asyncio.timeout(LIMIT_S):
            start = await self.reader.readuntil(b"\r\n\r\n")
            lines = start.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:]) if name}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(lines[0].split()[1]), headers, body, start + body)

    async def ended(self) -> bool:
        """Wait for the end of the connection; return whether nothing was said before."""
        async with asyncio.timeout(LIMIT_S):
            try:
                return await self.reader.read() == b""
            except ConnectionResetError:
                return True

    async def close(self) -> None:
        self.writer.transport.abort()
        with suppress(OSError):
            await self.writer.wait_closed()


async def ask(port: int, request: bytes) -> Answer:
    """Send *request* over a connection of its own, which the other side is to end; return the answer."""
    caller = await Caller.of(port)
    try:
        answer = await caller.ask(request)
        if answer.headers.get("connection") == "close":
            assert await caller.ended()
        return answer
    finally:
        await caller.close()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds. Raises TimeoutError when it does not come to that."""
    end = asyncio.get_running_loop().time() + LIMIT_S
    while not condition():
        if asyncio.get_running_loop().time() > end:
            raise TimeoutError
        await asyncio.sleep(0.01)
