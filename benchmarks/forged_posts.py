"""What strangers can do to the webhook: `python -m benchmarks.forged_posts`.

The bot runs as an operator starts it, on SQLite, with a loopback Bot API. Nothing is asked of it but what anybody sees from outside: the
bytes that a stranger's post took are those its system acknowledged (TCP_INFO), so what waits unread in a buffer counts as read.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.adapters.telegram import bicycle
from tests.adapters.telegram.posting import Caller, ask, head, post
from tests.adapters.telegram.updates import Raw, private
from tests.e2e.bot_process import START_S, TOKEN, BotProcess, free_port
from tests.e2e.loopback_api import LoopbackApi

SECRET = "Right-secret_0123456789abcdefghijklmnop"  # noqa: S105  (of a bot that nobody has)
HUGE_BYTES = 95_000_000
HALF_OPEN = 300
CROWD = 900
DROP_LIMIT_S = 10.0

_BLOCK = b"x" * 65536
_ACKED_AT = 120
"""Where `tcpi_bytes_acked` is in Linux's `struct tcp_info`."""
_DRIP_S = 0.5


def update(update_id: int) -> Raw:
    """Return an update with a question of one person."""
    person = {"id": 500 + update_id, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": update_id, "date": int(time.time()), "chat": private(person), "from": person, "text": "how do i oil the chain"}
    return {"update_id": update_id, "message": message}


def _forged(secret: str) -> dict[str, bytes]:
    raw = update(1)
    return {
        "no secret": post(raw),
        "wrong": post(raw, "Wrong-secret"),
        "prefix": post(raw, secret[:-1]),
        "longer": post(raw, secret + "x"),
        "empty": post(raw, ""),
        "other case": post(raw, secret.swapcase()),
        "unicode": post(raw, secret.replace("e", "е")),
        "no UTF-8": post(raw, secret.encode() + b"\xff"),
        "two headers": post(raw, secret, secret),
        "right and wrong": post(raw, secret, "Wrong-secret"),
        "two in one": post(raw, f"{secret}, {secret}"),
        "quoted": post(raw, f'"{secret}"'),
        "in the query": post(raw, path=f"/telegram?X-Telegram-Bot-Api-Secret-Token={secret}&secret_token={secret}"),
        "in the path": post(raw, path=f"/telegram/{secret}"),
        "in the body": post(raw | {"secret_token": secret}),
        "as another header": post(raw, more={"Authorization": f"Bearer {secret}", "X-Secret-Token": secret}),
        "as a trailer": _with_trailer(raw, secret),
        "GET": post(raw, method="GET"),
        "PUT": post(raw, method="PUT"),
        "right, GET": post(raw, secret, method="GET"),
        "right, PUT": post(raw, secret, method="PUT"),
        "right, wrong path": post(raw, secret, path="/telegramm"),
        "right, a form": post(raw, secret, content_type="application/x-www-form-urlencoded"),
        "wrong, GET": post(raw, "Wrong-secret", method="GET"),
        "wrong path": post(raw, path="/"),
        "smuggled": head(4, more={"Transfer-Encoding": "chunked"}) + b"0\r\n\r\n" + post(raw, secret),
    }


def _with_trailer(raw: Raw, secret: str) -> bytes:
    body = json.dumps(raw).encode()
    start = head(None, more={"Transfer-Encoding": "chunked", "Trailer": "X-Telegram-Bot-Api-Secret-Token"})
    return start + b"%x\r\n%b\r\n0\r\nX-Telegram-Bot-Api-Secret-Token: %b\r\n\r\n" % (len(body), body, secret.encode())


async def forged_posts(port: int, secret: str = SECRET) -> dict[str, int]:
    """Send every forged post; return the statuses of the answers, by what was forged."""
    return {name: (await ask(port, request)).status for name, request in _forged(secret).items()}


async def passes(port: int, update_id: int, secret: str = SECRET) -> float:
    """Post a good update; return how many seconds it took. Raises RuntimeError if it was not answered with 200."""
    began = time.monotonic()
    answer = await ask(port, post(update(update_id), secret))
    if answer.status != 200:
        raise RuntimeError(f"the good post was answered with {answer.status}")
    return time.monotonic() - began


@dataclass(frozen=True)
class Huge:
    """What became of one huge post."""

    taken_bytes: int
    """Acknowledged by the other system, the head included."""
    status: int
    """Of the answer; 0 without one."""


def huge_post(port: int, start: bytes) -> Huge:
    """Send *start* and 95 MB behind it, as long as they are taken."""
    with socket.create_connection(("127.0.0.1", port), timeout=DROP_LIMIT_S) as connection:
        taken = sent = 0
        with suppress(OSError):
            connection.sendall(start)
            while sent < HUGE_BYTES:
                sent += connection.send(_BLOCK)
                taken = max(taken, _acked(connection))
        taken = max(taken, _acked(connection))
        said = b""
        with suppress(OSError):
            said = connection.recv(64)
        return Huge(taken, int(said.split()[1]) if said else 0)


def _acked(connection: socket.socket) -> int:
    return int(struct.unpack_from("Q", connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256), _ACKED_AT)[0])


def huge_posts() -> dict[str, bytes]:
    """Return the heads of huge posts, by what is odd about each."""
    return {
        "said length": head(HUGE_BYTES),
        "unsaid length": head(None, more={"Transfer-Encoding": "chunked"}) + b"%x\r\n" % HUGE_BYTES,
        "no end of the head": head(None)[:-2] + b"X-Long: ",
        "many headers": head(None)[:-2] + b"A: b\r\n" * 100_000,
        "a long line": b"POST /",
        "packed": head(HUGE_BYTES, more={"Content-Encoding": "gzip"}),
        "to be upgraded": head(None, method="GET", more={"Connection": "Upgrade", "Upgrade": "websocket"}),
        "to /healthz": head(HUGE_BYTES, method="GET", path="/healthz"),
    }


def _half_open(secret: str) -> dict[str, tuple[bytes, bool]]:
    """Return how half-open connections begin, and whether each goes on byte by byte, by what they are."""
    half = head(1000, secret)[:-20]
    return {
        "silent": (b"", False),
        "half a head": (half, False),
        "a head in drips": (half, True),
        "half a body, no secret": (head(1000) + b'{"upd', False),
        "half a body, right secret": (head(1000, secret) + b'{"upd', False),
        "a body in drips, right secret": (head(1000, secret) + b'{"upd', True),
    }


@dataclass(frozen=True)
class HalfOpen:
    """What became of half-open connections."""

    longest_s: dict[str, float]
    """After how many seconds the last of a kind was dropped."""
    kept: int
    """Those still open at the limit."""
    meanwhile_s: float
    """How long a good update took while they were open."""


async def half_open(port: int, update_id: int, count: int = HALF_OPEN, secret: str = SECRET) -> HalfOpen:
    """Open *count* connections at once, as many of each kind, and wait for their ends, ten seconds at most."""
    kinds = _half_open(secret)
    names = [name for name in kinds for _ in range(count // len(kinds))]
    began = time.monotonic()
    callers = [await Caller.of(port) for _ in names]
    ends = [asyncio.create_task(_dropped(caller, *kinds[name], began)) for name, caller in zip(names, callers, strict=True)]
    await asyncio.sleep(1)
    meanwhile_s = await passes(port, update_id, secret)
    took = await asyncio.gather(*ends)
    for caller in callers:
        await caller.close()
    longest = {name: max(took[place] for place, other in enumerate(names) if other == name) for name in kinds}
    return HalfOpen(longest, sum(each > DROP_LIMIT_S for each in took), meanwhile_s)


async def in_a_crowd(port: int, update_id: int, count: int = CROWD, secret: str = SECRET) -> float:
    """Open *count* silent connections, more than are let in; return how many seconds a good update takes then."""
    callers = [await Caller.of(port) for _ in range(count)]
    try:
        return await passes(port, update_id, secret)
    finally:
        for caller in callers:
            await caller.close()


async def _dropped(caller: Caller, start: bytes, drips: bool, began: float) -> float:
    dripping = asyncio.create_task(_drip(caller, start, drips))
    try:
        async with asyncio.timeout(DROP_LIMIT_S + 1):
            while await caller.reader.read(4096):
                pass
    except (OSError, TimeoutError):
        pass
    finally:
        dripping.cancel()
    return time.monotonic() - began


async def _drip(caller: Caller, start: bytes, drips: bool) -> None:
    caller.writer.write(start)
    while drips:
        await asyncio.sleep(_DRIP_S)
        caller.writer.write(b"x")


# --- the bot ---


@dataclass(frozen=True)
class Target:
    """A bot that serves by webhook."""

    port: int
    api: LoopbackApi
    process: BotProcess


@contextmanager
def running(scratch: Path) -> Iterator[Target]:
    """Run a bot about bicycles with its files in *scratch*. Raises TimeoutError when it does not start."""
    port = free_port()
    with LoopbackApi(judged=False, webhook_port=port) as api:
        settings = {
            "BOT_TOKEN": TOKEN,
            "API_BASE_URL": api.base_url,
            "KNOWLEDGE_DIR": str(bicycle.write(scratch / "bicycle")),
            "CACHE_DIR": str(scratch / "cache"),
            "DATA_DIR": str(scratch / "data"),
            "WEBHOOK_URL": "https://bot.example.org",
            "WEBHOOK_SECRET": SECRET,
            "LISTEN_PORT": str(port),
        }
        with BotProcess(settings, scratch / "log") as process:
            if not api.wait_for(lambda: api.driver is not None or not process.alive, START_S) or not process.alive:
                raise TimeoutError(f"the bot did not start:\n{process.log[-2000:]}")
            yield Target(port, api, process)


def measure(target: Target) -> None:
    """Attack the bot and print what became of it."""
    port = target.port
    asyncio.run(passes(port, 1))
    statuses = asyncio.run(forged_posts(port))
    asyncio.run(passes(port, 2))
    refused = sum(status >= 400 for status in statuses.values())
    print(
        f"forged posts: {refused} of {len(statuses)} refused; the right one passes before and after, {len(target.api.taken)} replies to 2 good posts"
    )
    print("  " + ", ".join(f"{name} {status}" for name, status in statuses.items()))
    before = target.process.rss_mb
    print(f"\n95 MB from strangers, five times each, RSS {before:.1f} MB before; most bytes that were taken:")
    for name, start in huge_posts().items():
        huge = [huge_post(port, start) for _ in range(5)]
        print(f"  {name:<22} {max(each.taken_bytes for each in huge):>7}   answered {sorted({each.status for each in huge})}")
    print(f"  RSS after: {target.process.rss_mb:.1f} MB")
    opened = asyncio.run(half_open(port, 3))
    print(f"\n{HALF_OPEN} half-open connections at once, {opened.kept} kept for {DROP_LIMIT_S:.0f} s; the last of each was dropped after:")
    for name, took_s in opened.longest_s.items():
        print(f"  {name:<30} {took_s:5.2f} s")
    crowded_s = asyncio.run(in_a_crowd(port, 4))
    print(f"  a good update meanwhile: {1000 * opened.meanwhile_s:.0f} ms; behind {CROWD} silent connections at once: {1000 * crowded_s:.0f} ms")
    print(f"  RSS after: {target.process.rss_mb:.1f} MB")


def main() -> None:
    """Start a bot and print the figures."""
    print("$ python -m benchmarks.forged_posts")
    with tempfile.TemporaryDirectory() as scratch, running(Path(scratch)) as target:
        measure(target)


if __name__ == "__main__":
    main()
