"""Health and numbers for who looks after the bot; bounds for strangers; a clean end."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.forged_posts import SECRET, huge_post, huge_posts
from bot.adapters.telegram.connections import Limits
from bot.adapters.telegram.delivery import Pushback
from bot.adapters.telegram.web import serve
from bot.adapters.telegram.webhook import Webhook
from bot.errors import ConfigError
from bot.metrics import REGISTRY
from tests.adapters.telegram.posting import LIMIT_S, Caller, ask, head, post, until

UPDATE = {"update_id": 7}
QUICK = Limits(request_s=0.3, idle_s=0.3)


class Settler:
    """Settles when it is let."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.let = asyncio.Event()
        self.cancelled = False

    async def deliver(self, raw: Mapping[str, Any]) -> Pushback | None:
        self.begun.set()
        try:
            await self.let.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return None


@pytest.fixture
def settler() -> Settler:
    return Settler()


@pytest.fixture
def webhook(settler: Settler) -> Webhook:
    return Webhook(SECRET, settler)


async def ready() -> bool:
    return True


def get(path: str, method: str = "GET") -> bytes:
    return head(None, method=method, path=path)


def refused(why: str) -> float:
    return REGISTRY.get_sample_value("napebot_refused_posts_total", {"why": why}) or 0.0


# --- health and numbers ---


@pytest.mark.parametrize(
    ("path", "when_well", "when_ill"),
    [
        ("/healthz", {"live": True, "ready": True}, {"live": True, "ready": False}),
        ("/healthz/ready", {"ready": True}, {"ready": False}),
        ("/healthz/live", {"live": True}, {"live": True}),
    ],
)
@pytest.mark.parametrize("state", ["well", "not ready", "store hangs", "store fails", "stopping"])
async def test_health_is_told(path: str, when_well: object, when_ill: object, state: str) -> None:
    async def ask_store() -> bool:
        if state == "store hangs":
            await asyncio.Event().wait()
        if state == "store fails":
            raise OSError("gone")
        return state != "not ready"

    async with serve("127.0.0.1", 0, ready=ask_store) as site:
        site.stopping = state == "stopping"
        answer = await ask(site.port, get(path))

    expected = when_well if state == "well" else when_ill
    assert json.loads(answer.body) == expected
    assert answer.status == (200 if expected == when_well else 503)


@pytest.mark.parametrize("path", ["/healthz", "/healthz/live", "/healthz/ready", "/metrics"])
async def test_a_load_balancer_may_ask_for_the_head_only(path: str) -> None:
    async with serve("127.0.0.1", 0, ready=ready) as site:
        caller = await Caller.of(site.port)
        caller.writer.write(get(path, "HEAD"))
        said = await asyncio.wait_for(caller.reader.read(), LIMIT_S)
        await caller.close()

    assert said.startswith(b"HTTP/1.1 200")
    assert said.endswith(b"\r\n\r\n")


async def test_the_numbers_can_be_read() -> None:
    async with serve("127.0.0.1", 0, ready=ready) as site:
        answer = await ask(site.port, get("/metrics"))

    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert {"napebot_updates", "napebot_refused_posts", "napebot_settling_seconds"} <= {
        family.name for family in text_string_to_metric_families(answer.body.decode())
    }


@pytest.mark.parametrize("request_", [post(UPDATE, SECRET), get("/"), get("/healthz/"), get("/metrics", "POST"), get("/healthz", "DELETE")])
async def test_without_a_webhook_there_is_nothing_to_post_to(request_: bytes) -> None:
    async with serve("127.0.0.1", 0, ready=ready) as site:
        assert (await ask(site.port, request_)).status == 404


async def test_the_numbers_are_served_beside_the_webhook(webhook: Webhook) -> None:
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook) as site:
        statuses = [(await ask(site.port, get(path))).status for path in ("/healthz", "/metrics", "/")]

    assert statuses == [200, 200, 403]


async def test_nothing_that_is_asked_is_logged(webhook: Webhook, settler: Settler, caplog: pytest.LogCaptureFixture) -> None:
    settler.let.set()
    with caplog.at_level(logging.DEBUG):
        async with serve("127.0.0.1", 0, ready=ready, webhook=webhook) as site:
            await ask(site.port, get("/healthz?HIV"))
            await ask(site.port, post(UPDATE, SECRET))

    assert [record for record in caplog.records if record.name != "asyncio"] == []


@pytest.mark.parametrize("port", ["taken", 70_000], ids=["taken", "no port"])
async def test_a_port_that_cannot_be_had_is_said_in_one_line(port: object) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1] if port == "taken" else 70_000
        with pytest.raises(ConfigError, match="LISTEN_PORT") as raised:
            async with serve("127.0.0.1", number, ready=ready):
                pass

    assert "\n" not in str(raised.value)


# --- bounds ---


@pytest.mark.parametrize("start", [b"", b"POST /tele", head(100, SECRET)[:-2], head(100, SECRET) + b'{"up'], ids=["silent", "line", "head", "body"])
@pytest.mark.parametrize("drips", [False, True], ids=["still", "drips"])
async def test_who_does_not_finish_a_request_is_dropped(webhook: Webhook, start: bytes, drips: bool) -> None:
    before = refused("slow")
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook, limits=QUICK) as site:
        caller = await Caller.of(site.port)
        began = asyncio.get_running_loop().time()
        caller.writer.write(start)
        dripping = asyncio.create_task(drip(caller)) if drips and start else None
        assert await caller.ended()
        took_s = asyncio.get_running_loop().time() - began
        if dripping:
            dripping.cancel()
        await caller.close()

    assert 0.2 < took_s < 5.0
    assert refused("slow") == before + 1


async def drip(caller: Caller) -> None:
    while True:
        caller.writer.write(b"x")
        await asyncio.sleep(0.05)


async def test_who_asks_nothing_more_is_dropped(webhook: Webhook, settler: Settler) -> None:
    settler.let.set()
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook, limits=QUICK) as site:
        caller = await Caller.of(site.port)
        answer = await caller.ask(post(UPDATE, SECRET))

        assert answer.headers.get("connection") != "close"
        assert await caller.ended()
        await caller.close()


async def test_an_update_may_take_longer_than_a_request(webhook: Webhook, settler: Settler) -> None:
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook, limits=QUICK) as site:
        asking = asyncio.create_task(ask(site.port, post(UPDATE, SECRET)))
        await settler.begun.wait()
        await asyncio.sleep(2 * QUICK.request_s)
        settler.let.set()

        assert (await asking).status == 200


async def test_an_answer_that_is_not_fetched_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too much for the buffers between the two; it is dropped, and not counted as slow: the request was not."""
    asked: list[object] = []

    def much(registry: object) -> bytes:
        asked.append(registry)
        return b"x" * 50_000_000

    monkeypatch.setattr("bot.adapters.telegram.web.generate_latest", much)
    before = refused("slow")
    async with serve("127.0.0.1", 0, ready=ready, limits=QUICK) as site:
        with socket.create_connection(("127.0.0.1", site.port)) as lazy:
            lazy.sendall(get("/metrics"))
            await until(lambda: bool(asked) and site.connections == 0)

    assert refused("slow") == before


async def test_an_answer_may_be_fetched_in_many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapters.telegram.web.generate_latest", lambda _registry: b"x" * 20_000_000)
    async with serve("127.0.0.1", 0, ready=ready) as site:
        answer = await ask(site.port, get("/metrics"))

    assert len(answer.body) == 20_000_000


async def test_in_a_crowd_the_stranger_who_waits_longest_has_to_go(webhook: Webhook, settler: Settler) -> None:
    settler.let.set()
    before = refused("crowded")
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook, limits=Limits(connections=4, request_s=1.0)) as site:
        known = await Caller.of(site.port)
        await known.ask(post(UPDATE, SECRET))
        crowd = await asyncio.gather(*(Caller.of(site.port) for _ in range(8)))
        await until(lambda: refused("crowded") >= before + 5)
        assert site.connections == 4
        good = await ask(site.port, post(UPDATE, SECRET))
        again = await known.ask(post(UPDATE, SECRET))
        ended = await asyncio.gather(*(caller.ended() for caller in crowd))
        for caller in (known, *crowd):
            await caller.close()

    assert (good.status, again.status) == (200, 200)
    assert all(ended)


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="the system does not tell")
@pytest.mark.parametrize("kind", huge_posts())
async def test_strangers_are_read_little_of(webhook: Webhook, kind: str) -> None:
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook) as site:
        huge = await asyncio.to_thread(huge_post, site.port, huge_posts()[kind])

    assert 0 < huge.taken_bytes <= 256_000
    assert huge.status == (200 if kind == "to /healthz" else 400 if kind in ("no end of the head", "many headers", "a long line") else 403)


@pytest.mark.parametrize("secrets", [(), (SECRET,)], ids=["stranger", "too long"])
async def test_a_refused_post_ends_its_connection_at_once(webhook: Webhook, secrets: tuple[str, ...]) -> None:
    began = asyncio.get_running_loop().time()
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook) as site:
        await ask(site.port, head(1_000_000, *secrets))

    assert asyncio.get_running_loop().time() - began < 2


async def test_who_knows_the_secret_sends_no_more_either(webhook: Webhook) -> None:
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook) as site:
        huge = await asyncio.to_thread(huge_post, site.port, head(95_000_000, SECRET))

    assert 0 < huge.taken_bytes <= 256_000
    assert huge.status == 413


async def test_a_head_without_end_is_dropped() -> None:
    """Of short lines, none of which is wrong: only their number is."""
    async with serve("127.0.0.1", 0, ready=ready, limits=Limits(request_s=0.3, stranger_bytes=2_000)) as site:
        huge = await asyncio.to_thread(huge_post, site.port, head(None)[:-2] + b"A: b\r\n" * 100)

    assert huge.status in (0, 404)


# --- the end ---


async def test_what_is_in_flight_at_the_end_is_answered(webhook: Webhook, settler: Settler) -> None:
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook) as site:
        caller = await Caller.of(site.port)
        asking = asyncio.create_task(caller.ask(post(UPDATE, SECRET)))
        await settler.begun.wait()
        asyncio.get_running_loop().call_later(0.1, settler.let.set)
    answer = await asking

    assert answer.status == 200
    assert answer.headers["connection"] == "close"
    with pytest.raises(ConnectionRefusedError):
        await Caller.of(site.port)
    await caller.close()


async def test_the_end_does_not_wait_for_ever(webhook: Webhook, settler: Settler) -> None:
    began = asyncio.get_running_loop().time()
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook, finish_limit_s=0.1) as site:
        caller = await Caller.of(site.port)
        caller.writer.write(post(UPDATE, SECRET))
        await settler.begun.wait()

    assert asyncio.get_running_loop().time() - began < 1.5
    assert await caller.ended()
    assert settler.cancelled
    await caller.close()


async def test_at_the_end_half_a_request_is_dropped_at_once(webhook: Webhook, settler: Settler) -> None:
    settler.let.set()
    began = asyncio.get_running_loop().time()
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook) as site:
        callers = [await Caller.of(site.port) for _ in range(4)]
        await callers[0].ask(post(UPDATE, SECRET))
        callers[1].writer.write(head(100, SECRET)[:-2])
        callers[2].writer.write(head(100, SECRET) + b'{"up')
        await asyncio.sleep(0.05)

    assert asyncio.get_running_loop().time() - began < 2
    for caller in callers:
        assert await caller.ended()
        await caller.close()


async def test_who_is_let_in_at_the_last_moment_is_dropped() -> None:
    """The loop may have taken a connection that nobody has looked at yet."""
    async with serve("127.0.0.1", 0, ready=ready) as site:
        await site.finish(0.0)
        caller = await Caller.of(site.port)
        assert await caller.ended()
        await caller.close()


async def test_while_stopping_telegram_is_asked_to_come_again(webhook: Webhook, settler: Settler) -> None:
    async with serve("127.0.0.1", 0, ready=ready, webhook=webhook) as site:
        site.stopping = True
        answer = await ask(site.port, post(UPDATE, SECRET))

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert not settler.begun.is_set()
