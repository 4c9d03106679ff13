"""Who may post, what is answered, and what Telegram is told."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.forged_posts import SECRET, forged_posts
from bot.adapters.telegram import webhook as module
from bot.adapters.telegram.app import ALLOWED_UPDATES
from bot.adapters.telegram.connections import Limits
from bot.adapters.telegram.delivery import Delivery, Pushback
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.web import Site, serve
from bot.adapters.telegram.webhook import BODY_BYTES, MAX_CONNECTIONS, Webhook, address_of, register_webhook, unregister_webhook, webhook_secret_of
from bot.errors import ConfigError
from bot.metrics import REGISTRY
from bot.service import Service
from bot.store.memory import MemoryStore
from tests.adapters.telegram.conftest import TOKEN, Clock
from tests.adapters.telegram.posting import JSON_TYPE, Caller, ask, chunked, head, post, until
from tests.adapters.telegram.updates import message, new
from tests.adapters.telegram.wire import BAD_GATEWAY, UNAUTHORIZED, Wire, bad_request, too_many, unreachable

UPDATE = {"update_id": 7}
LIMIT_S = 10.0


class Settler:
    """Takes what it is given; says what it is told to."""

    def __init__(self) -> None:
        self.taken: list[Mapping[str, Any]] = []
        self.says: Pushback | Exception | None = None
        self.held: asyncio.Event | None = None

    async def deliver(self, raw: Mapping[str, Any]) -> Pushback | None:
        self.taken.append(raw)
        if self.held is not None:
            await self.held.wait()
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


@pytest.fixture
def settler() -> Settler:
    return Settler()


async def ready() -> bool:
    return True


@pytest.fixture
async def site(settler: Settler) -> AsyncIterator[Site]:
    async with serve("127.0.0.1", 0, ready=ready, webhook=Webhook(SECRET, settler), limits=Limits(request_s=1.0)) as site:
        yield site


def refused(why: str) -> float:
    return REGISTRY.get_sample_value("napebot_refused_posts_total", {"why": why}) or 0.0


# --- who may post ---


async def test_a_good_post_is_settled_and_acknowledged(site: Site, settler: Settler) -> None:
    answer = await ask(site.port, post(UPDATE, SECRET))

    assert answer.status == 200
    assert settler.taken == [UPDATE]


async def test_forged_posts_are_refused_and_not_delivered(site: Site, settler: Settler, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        statuses = await forged_posts(site.port)

    assert len(statuses) >= 12
    assert {name: status for name, status in statuses.items() if status < 400} == {}
    assert settler.taken == []
    assert [record for record in caplog.records if record.name != "asyncio"] == []


@pytest.mark.parametrize("how", [{}, {"method": "GET"}, {"method": "PUT"}, {"path": "/"}, {"path": "/healthz/no"}, {"content_type": "text/plain"}])
@pytest.mark.parametrize("secrets", [(), ("Wrong-secret",)], ids=["none", "wrong"])
async def test_strangers_are_told_the_same_whatever_they_ask_for(site: Site, how: dict[str, str], secrets: tuple[str, ...]) -> None:
    answer = await ask(site.port, post(UPDATE, *secrets, **how))
    plain = await ask(site.port, post(UPDATE))

    assert answer.status == 403
    assert {**answer.headers, "date": ""} == {**plain.headers, "date": ""}
    assert answer.body == plain.body
    assert "aiohttp" not in answer.whole.decode()


async def test_the_answer_to_a_stranger_waits_for_no_body(site: Site, settler: Settler) -> None:
    before = refused("secret")
    answer = await ask(site.port, head(100))

    assert answer.status == 403
    assert refused("secret") == before + 1


@given(shown=st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0", exclude_categories=["Cc"]), max_size=300))
def test_only_the_secret_is_the_secret(shown: str) -> None:
    class Asked:
        headers = type("Headers", (), {"getall": staticmethod(lambda _name, _otherwise: [shown])})

    assert Webhook(SECRET, Settler()).knows(Asked()) is (shown == SECRET)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "status", "why"),
    [
        ({"path": "/elsewhere"}, 404, "path"),
        ({"method": "GET"}, 405, "method"),
        ({"content_type": "text/plain"}, 415, "type"),
        ({"content_type": "application/x-www-form-urlencoded"}, 415, "type"),
        ({"more": {"Content-Encoding": "gzip"}}, 415, "type"),
    ],
)
async def test_who_knows_the_secret_is_told_what_is_wrong(site: Site, settler: Settler, how: dict[str, Any], status: int, why: str) -> None:
    before = refused(why)
    answer = await ask(site.port, post(UPDATE, SECRET, **how))

    assert answer.status == status
    assert refused(why) == before + 1
    assert settler.taken == []


@pytest.mark.parametrize("content_type", [JSON_TYPE, f"{JSON_TYPE}; charset=utf-8", f"{JSON_TYPE};charset=UTF-8", "Application/JSON"])
async def test_a_proxy_may_add_the_charset(site: Site, content_type: str) -> None:
    assert (await ask(site.port, post(UPDATE, SECRET, content_type=content_type))).status == 200


def test_without_a_secret_there_is_no_webhook() -> None:
    with pytest.raises(ValueError, match="secret"):
        Webhook("", Settler())


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(Webhook(SECRET, Settler()))


# --- what is in it ---


@pytest.mark.parametrize("spare", [0, 1], ids=["just fits", "a byte too many"])
@pytest.mark.parametrize("way", ["said", "chunked"])
async def test_a_body_may_have_256_kilobytes(site: Site, settler: Settler, spare: int, way: str) -> None:
    body = json.dumps(UPDATE).encode().ljust(BODY_BYTES + spare)
    size = 60_000
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    answer = await ask(site.port, post(body, SECRET) if way == "said" else chunked(chunks, SECRET))

    assert answer.status == (413 if spare else 200)
    assert len(settler.taken) == 1 - spare


async def test_a_body_that_says_it_is_too_long_is_not_waited_for(site: Site) -> None:
    assert (await ask(site.port, head(BODY_BYTES + 1, SECRET))).status == 413


async def test_the_secret_may_come_with_the_longest_head(site: Site, settler: Settler) -> None:
    """More than is read of a stranger in all, so that reading pauses until the secret was seen."""
    body = json.dumps(UPDATE).encode().ljust(40_000)
    more = {f"X-More-{number}": "x" * 8000 for number in range(3)}
    answer = await ask(site.port, head(len(body), SECRET, more=more) + body)

    assert answer.status == 200
    assert settler.taken == [UPDATE]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"I have HIV"',
        b"{}",
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": null, "message": {"text": "I have HIV"}}',
        b'{"update_id": 7, "text": "I have HIV"',
        b'{"update_id": 7, "text": "I have \xff"}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b'{"update_id": 7, "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=["empty", "cut", "list", "null", "text", "no id", "id as text", "true", "no number", "unclosed", "no UTF-8", "long number", "deep"],
)
async def test_what_is_no_update_is_acknowledged_counted_and_not_logged(
    site: Site, settler: Settler, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    """Refused, it would come again for a day and hold up its chat."""
    unreadable = {"settlement": "unreadable"}
    before = REGISTRY.get_sample_value("napebot_updates_total", unreadable) or 0.0
    with caplog.at_level(logging.DEBUG):
        answer = await ask(site.port, post(body, SECRET))

    assert answer.status == 200
    assert settler.taken == []
    assert REGISTRY.get_sample_value("napebot_updates_total", unreadable) == before + 1
    assert [record for record in caplog.records if record.name != "asyncio"] == []


@pytest.mark.parametrize("pause_s", [0.0, 0.05], ids=["at once", "after the head"])
async def test_a_body_in_bad_chunks_is_refused_without_a_word(site: Site, settler: Settler, caplog: pytest.LogCaptureFixture, pause_s: float) -> None:
    caller = await Caller.of(site.port)
    caller.writer.write(head(None, SECRET, more={"Transfer-Encoding": "chunked"}) + b"5\r\nhello\r\n")
    await asyncio.sleep(pause_s)  # Where the head is read before what is wrong, aiohttp waits for the rest in vain, and time runs out.
    caller.writer.write(b"HIV\r\n\r\n")
    said = await asyncio.wait_for(caller.reader.read(), LIMIT_S)

    assert b"200" not in said
    assert settler.taken == []
    assert "HIV" not in caplog.text + said.decode()
    await caller.close()


@pytest.mark.parametrize(
    "start", [b"HIV \x00 no http\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/1.1\r\nHI V: 1\r\n\r\n"], ids=["words", "TLS", "header"]
)
async def test_what_is_no_http_is_refused_without_a_word(site: Site, caplog: pytest.LogCaptureFixture, start: bytes) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await ask(site.port, start + b"\r\n" * 4)

    assert answer.status == 400
    assert answer.headers["server"] == "napebot"
    assert "HI" not in caplog.text + answer.body.decode()


async def test_whoever_hangs_up_in_the_middle_is_forgotten(site: Site, settler: Settler, caplog: pytest.LogCaptureFixture) -> None:
    caller = await Caller.of(site.port)
    caller.writer.write(head(100, SECRET) + b'{"upd')
    await asyncio.sleep(0.05)
    await caller.close()
    await asyncio.sleep(0.05)

    assert (await ask(site.port, post(UPDATE, SECRET))).status == 200
    assert settler.taken == [UPDATE]
    assert caplog.text == ""


# --- what is answered ---


@pytest.mark.parametrize(("pushback", "header"), [(Pushback(30, "paused"), "30"), (Pushback(0, "elsewhere"), "1")], ids=["30 s", "no less than 1 s"])
async def test_telegram_is_asked_to_come_again_later(site: Site, settler: Settler, pushback: Pushback, header: str) -> None:
    settler.says = pushback
    before = refused(pushback.why)
    answer = await ask(site.port, post(UPDATE, SECRET))

    assert answer.status == 503
    assert answer.headers["retry-after"] == header
    assert refused(pushback.why) == before + 1


async def test_what_takes_too_long_is_asked_for_again(site: Site, settler: Settler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_LIMIT_S", 0.05)
    settler.held = asyncio.Event()
    answer = await ask(site.port, post(UPDATE, SECRET))

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


async def test_an_error_is_no_acknowledgement(site: Site, settler: Settler, caplog: pytest.LogCaptureFixture) -> None:
    settler.says = ValueError("I have HIV")
    answer = await ask(site.port, post(UPDATE, SECRET))

    assert answer.status == 500
    assert "ValueError" in caplog.text
    assert "HIV" not in caplog.text + answer.body.decode()


async def test_one_connection_serves_one_update_after_another(site: Site, settler: Settler) -> None:
    """Longer in all than one request may take; the time of each begins with its first byte."""
    caller = await Caller.of(site.port)
    for number in range(4):
        assert (await caller.ask(post({"update_id": number}, SECRET))).status == 200
        await asyncio.sleep(0.4)
    caller.writer.write(post({"update_id": 4}, SECRET)[:-3])

    assert await caller.ended()
    assert [raw["update_id"] for raw in settler.taken] == [0, 1, 2, 3]
    await caller.close()


async def test_posts_are_settled_side_by_side(site: Site, settler: Settler) -> None:
    settler.held = asyncio.Event()
    answers = [asyncio.create_task(ask(site.port, post({"update_id": number}, SECRET))) for number in range(20)]
    await until(lambda: len(settler.taken) == 20)
    settler.held.set()

    assert {answer.status for answer in await asyncio.gather(*answers)} == {200}


async def test_a_reply_is_out_before_its_update_is_acknowledged(
    application: BotApplication, service: Service, store: MemoryStore, wire: Wire
) -> None:
    delivery = Delivery(application, service, store, alone=False)
    async with serve("127.0.0.1", 0, ready=ready, webhook=Webhook(SECRET, delivery)) as site:
        answer = await ask(site.port, post(new(message("how do i oil the chain"), 11), SECRET))
        sent = [call.text[:8] for call in wire.sent()]
    await delivery.stop(LIMIT_S)

    assert answer.status == 200
    assert sent == ["One drop"]


# --- what Telegram is told ---


async def test_telegram_is_told_where_to_post_with_which_secret(application: BotApplication, wire: Wire, clock: Clock) -> None:
    await register_webhook(application.bot, "https://bicycles.example", SECRET, stop=asyncio.Event(), sleep=clock.sleep)

    (call,) = wire.of("setWebhook")
    assert call.parameters["url"] == "https://bicycles.example/telegram"
    assert call.parameters["secret_token"] == SECRET
    assert call.parameters["max_connections"] == MAX_CONNECTIONS
    assert list(call.parameters["allowed_updates"]) == list(ALLOWED_UPDATES)
    assert not call.parameters.get("drop_pending_updates")


@pytest.mark.parametrize("fault", [BAD_GATEWAY, unreachable(), too_many(1), too_many(99)], ids=["5xx", "unreachable", "429", "long 429"])
@pytest.mark.parametrize("method", ["setWebhook", "deleteWebhook"])
async def test_it_is_told_until_it_hears(application: BotApplication, wire: Wire, clock: Clock, method: str, fault: Any) -> None:
    wire.faults[method].extend([fault] * 3)
    if method == "setWebhook":
        await register_webhook(application.bot, "https://bicycles.example", SECRET, stop=asyncio.Event(), sleep=clock.sleep)
    else:
        await unregister_webhook(application.bot, sleep=clock.sleep)

    assert wire.attempts[method] == 4
    assert len(wire.of(method)) == 1


async def test_updates_that_wait_outlive_the_webhook(application: BotApplication, wire: Wire) -> None:
    await unregister_webhook(application.bot)

    (call,) = wire.of("deleteWebhook")
    assert not call.parameters.get("drop_pending_updates")


async def test_an_address_that_telegram_refuses_ends_it_with_one_line(application: BotApplication, wire: Wire, clock: Clock) -> None:
    wire.faults["setWebhook"].append(bad_request("bad webhook: Failed to resolve host"))
    with pytest.raises(ConfigError, match=r"WEBHOOK_URL.*failed to resolve host") as raised:
        await register_webhook(application.bot, "https://bicycles.example", SECRET, stop=asyncio.Event(), sleep=clock.sleep)

    assert "\n" not in str(raised.value)
    assert SECRET not in str(raised.value)


async def test_a_refused_token_ends_it_with_one_line(application: BotApplication, wire: Wire, clock: Clock) -> None:
    wire.faults["setWebhook"].append(UNAUTHORIZED)
    with pytest.raises(ConfigError, match="BOT_TOKEN") as raised:
        await register_webhook(application.bot, "https://bicycles.example", SECRET, stop=asyncio.Event(), sleep=clock.sleep)

    assert TOKEN not in str(raised.value)


async def test_nothing_is_registered_once_stopped(application: BotApplication, wire: Wire) -> None:
    stop = asyncio.Event()
    stop.set()
    await register_webhook(application.bot, "https://bicycles.example", SECRET, stop=stop)

    assert wire.of("setWebhook") == []


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://bicycles.example", "https://bicycles.example/telegram"),
        ("https://bicycles.example/", "https://bicycles.example/telegram"),
        ("https://bicycles.example:8443/bot/", "https://bicycles.example:8443/bot/telegram"),
        ("https://bicycles.example/telegram", "https://bicycles.example/telegram"),
        ("https://bicycles.example/telegram/", "https://bicycles.example/telegram"),
    ],
)
def test_the_address_ends_in_our_path(url: str, address: str) -> None:
    assert address_of(url) == address


def test_the_secret_of_a_token_is_one_that_telegram_takes_and_does_not_tell_it() -> None:
    secret = webhook_secret_of(TOKEN)

    assert secret == webhook_secret_of(TOKEN) != webhook_secret_of(TOKEN + "x")
    assert len(secret) == 64
    assert set(secret) <= set("0123456789abcdef")
