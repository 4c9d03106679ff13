"""From start to a clean end, in one process over the wire."""

import asyncio
import os
import signal
import socket
from contextlib import nullcontext
from typing import Any

import pytest
from pydantic import SecretStr

from bot.adapters.telegram import runner
from bot.adapters.telegram.runner import Parts, run_bot, unhook
from bot.adapters.telegram.upkeep import BEAT_S, PROFILE_S, PRUNE_S, RENEW_S, TELL_S
from bot.adapters.telegram.webhook import webhook_secret_of
from bot.config import Settings
from bot.errors import ConfigError, StoreError
from bot.keyring import Keyring
from bot.replicas import Replicas
from bot.service import Said, Service
from bot.store.memory import MemoryStore
from bot.store.records import Claim, Replica, Standing
from tests.adapters.telegram.conftest import ADMIN_ID, TOKEN
from tests.adapters.telegram.posting import ask, head, post, until
from tests.adapters.telegram.updates import ANN, message, new
from tests.adapters.telegram.wire import BAD_GATEWAY, CONFLICT, UNAUTHORIZED, Call, Fault, Wire, bad_request

LIMIT_S = 10.0

pytestmark = pytest.mark.usefixtures("process_as_before")


async def sleep(seconds: float) -> None:
    """Waits for what is done every so often, and not for what is tried again."""
    await asyncio.sleep(seconds if seconds in (RENEW_S, BEAT_S, PRUNE_S, TELL_S, PROFILE_S) else 0)


@pytest.fixture
def parts(service: Service, store: MemoryStore) -> Parts:
    return Parts(service, store, Replicas(store, service.live, "one"), Keyring.for_this_process(), alone=True)


@pytest.fixture
def settings() -> Settings:
    return Settings(bot_token=SecretStr(TOKEN), admin_ids=frozenset({ADMIN_ID}), poll_timeout_s=1)


def terminate() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_answers_until_it_is_told_to_stop(settings: Settings, parts: Parts, wire: Wire, number: signal.Signals) -> None:
    wire.updates = [new(message("how do i oil the chain"), 11)]
    wire.when_empty = lambda: os.kill(os.getpid(), number)
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert [call.text[:8] for call in wire.sent()] == ["One drop"]
    assert wire.offsets[-1] == 12
    assert (await parts.store.claim(11, alone=True)).standing is Standing.SETTLED
    assert wire.profile.commands({"type": "chat", "chat_id": ADMIN_ID})


async def test_it_waits_for_telegram_at_the_start(settings: Settings, parts: Parts, wire: Wire) -> None:
    wire.faults["getMe"].extend([BAD_GATEWAY] * 2)
    wire.when_empty = terminate
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert wire.attempts["getMe"] >= 3
    assert len(wire.of("getUpdates")) == 1


async def test_it_can_be_stopped_while_telegram_is_away(settings: Settings, parts: Parts, wire: Wire) -> None:
    wire.faults["getMe"].extend([BAD_GATEWAY] * 100)

    def stop_soon(call: Call) -> None:
        if wire.attempts["getMe"] == 12:
            terminate()

    wire.before = stop_soon
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert wire.of("getUpdates") == []


@pytest.mark.parametrize(
    ("method", "fault", "line"),
    [("getMe", UNAUTHORIZED, "BOT_TOKEN"), ("getUpdates", UNAUTHORIZED, "BOT_TOKEN"), ("getUpdates", CONFLICT, "webhook")],
)
async def test_a_token_refused_or_in_use_ends_it(settings: Settings, parts: Parts, wire: Wire, method: str, fault: Fault, line: str) -> None:
    wire.faults[method].append(fault)
    with pytest.raises(ConfigError, match=line) as raised:
        await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert TOKEN not in str(raised.value)


async def test_without_a_token_it_says_what_to_set(parts: Parts, wire: Wire) -> None:
    with pytest.raises(ConfigError, match="BOT_TOKEN"):
        await run_bot(Settings(bot_token=None), parts, request=wire)

    assert wire.attempts == {}


async def test_what_is_in_flight_at_the_end_is_finished(settings: Settings, parts: Parts, wire: Wire) -> None:
    people = [ANN | {"id": 600 + number} for number in range(1, 30)]
    wire.updates = [new(message("how do i oil the chain", user=person), number) for number, person in enumerate(people, start=1)]

    def stop_at_the_first_reply(call: Call) -> None:
        if call.method == "sendMessage" and wire.attempts["sendMessage"] == 0:
            terminate()

    wire.before = stop_at_the_first_reply
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert len(wire.sent()) == 29
    assert wire.offsets[-1] == 30


async def test_what_cannot_be_finished_is_left_for_the_next_start(
    settings: Settings, parts: Parts, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_asked: object) -> None:
        terminate()
        await asyncio.Event().wait()

    monkeypatch.setattr(runner, "FINISH_LIMIT_S", 0.1)
    monkeypatch.setattr(parts.service, "answer", never)
    wire.updates = [new(message("how do i oil the chain"), 11)]
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert max(wire.offsets) == 11
    assert await parts.store.claim(11, alone=False) == Claim(Standing.OURS, 1)


async def test_the_end_does_not_wait_for_menus(settings: Settings, parts: Parts, wire: Wire) -> None:
    asked = asyncio.Event()

    async def stuck(seconds: float) -> None:
        asked.set()
        await asyncio.Event().wait()

    wire.faults["setMyCommands"].append(BAD_GATEWAY)
    running = asyncio.create_task(run_bot(settings, parts, request=wire, sleep=stuck))
    await asyncio.wait_for(asked.wait(), LIMIT_S)
    await until(lambda: bool(wire.of("getUpdates")))
    terminate()
    await asyncio.wait_for(running, LIMIT_S)

    assert wire.of("setMyCommands") == []


@pytest.mark.parametrize("refused", [False, True], ids=["told to stop", "refused"])
async def test_the_other_replicas_are_told_when_it_ends(
    settings: Settings, parts: Parts, store: MemoryStore, wire: Wire, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    real = store.report

    async def slowly(replica: Replica) -> None:
        await asyncio.sleep(0.05)
        await real(replica)

    monkeypatch.setattr(store, "report", slowly)
    wire.when_empty = terminate
    if refused:
        wire.faults["getUpdates"].append(CONFLICT)
    with pytest.raises(ConfigError) if refused else nullcontext():
        await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert [(replica.name, replica.version) for replica in await store.replicas()] == [("one", "")]


async def test_what_fails_beside_is_logged_without_its_words_and_people_are_answered(
    settings: Settings, parts: Parts, wire: Wire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_stop: asyncio.Event) -> None:
        raise ValueError("my secret worry")

    monkeypatch.setattr(parts.replicas, "follow", fail)
    wire.updates = [new(message("how do i oil the chain"), 11)]
    wire.when_empty = terminate
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=sleep), LIMIT_S)

    assert len(wire.sent()) == 1
    assert "has failed: ValueError at " in caplog.text
    assert "secret" not in caplog.text


# --- over HTTP ------------------------------------------------------------------------------------------------------


@pytest.fixture
def port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def hooked(settings: Settings, port: int, **more: object) -> Settings:
    return settings.model_copy(update={"webhook_url": "https://bot.example.org", "listen_port": port, **more})


@pytest.mark.parametrize("secret", [None, "of-our-own"])
async def test_by_webhook_it_answers_what_is_posted_until_it_is_told_to_stop(
    settings: Settings, parts: Parts, wire: Wire, port: int, secret: str | None
) -> None:
    hook = hooked(settings, port, webhook_secret=SecretStr(secret) if secret else None)
    shown = secret or webhook_secret_of(TOKEN)
    running = asyncio.create_task(run_bot(hook, parts, request=wire, sleep=sleep))
    await until(lambda: bool(wire.of("setWebhook")))
    answer = await ask(port, post(new(message("how do i oil the chain"), 11), shown))
    forged = await ask(port, post(new(message("how do i oil the chain"), 12), "wrong"))
    healthy = await ask(port, head(None, method="GET", path="/healthz"))
    terminate()
    await asyncio.wait_for(running, LIMIT_S)

    assert [answer.status, forged.status, healthy.status] == [200, 403, 200]
    assert [call.text[:8] for call in wire.sent()] == ["One drop"]
    told = wire.of("setWebhook")[0].parameters
    assert (told["url"], told["secret_token"]) == ("https://bot.example.org/telegram", shown)
    assert wire.of("getUpdates") == []
    with pytest.raises(OSError, match=r"refused|Connect"):
        await ask(port, head(None, method="GET", path="/healthz"))


async def test_while_polling_it_tells_how_it_is_where_that_is_asked_for(settings: Settings, parts: Parts, wire: Wire, port: int) -> None:
    running = asyncio.create_task(run_bot(settings.model_copy(update={"listen_port": port}), parts, request=wire, sleep=sleep))
    await until(lambda: bool(wire.of("getUpdates")))
    healthy = await ask(port, head(None, method="GET", path="/healthz"))
    counted = await ask(port, head(None, method="GET", path="/metrics"))
    posted = await ask(port, post(new(message("hello"), 11), webhook_secret_of(TOKEN)))
    terminate()
    await asyncio.wait_for(running, LIMIT_S)

    assert [healthy.status, counted.status, posted.status] == [200, 200, 404]
    assert b"napebot_open_updates" in counted.body


async def test_it_is_not_ready_while_the_store_is_ill(
    settings: Settings, parts: Parts, wire: Wire, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ill() -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(parts.store, "generation", ill)
    running = asyncio.create_task(run_bot(settings.model_copy(update={"listen_port": port}), parts, request=wire, sleep=sleep))
    await until(lambda: bool(wire.of("getUpdates")))
    sick = await ask(port, head(None, method="GET", path="/healthz"))
    alive = await ask(port, head(None, method="GET", path="/healthz/live"))
    terminate()
    await asyncio.wait_for(running, LIMIT_S)

    assert (sick.status, alive.status) == (503, 200)


async def test_no_post_is_taken_before_it_is_known_how_long_nobody_served(
    settings: Settings, parts: Parts, wire: Wire, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[bool] = []

    async def last_beat() -> None:
        try:
            await ask(port, head(None, method="GET", path="/healthz"))
        except OSError:
            refused.append(True)

    monkeypatch.setattr(parts.store, "last_beat", last_beat)
    running = asyncio.create_task(run_bot(hooked(settings, port), parts, request=wire, sleep=sleep))
    await until(lambda: bool(wire.of("setWebhook")))
    terminate()
    await asyncio.wait_for(running, LIMIT_S)

    assert refused == [True]


async def test_while_it_finishes_it_takes_no_more_posts(
    settings: Settings, parts: Parts, wire: Wire, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gate, real = asyncio.Event(), asyncio.Event(), parts.service.answer

    async def slowly(*asked: Any) -> Said:
        begun.set()
        await gate.wait()
        return await real(*asked)

    monkeypatch.setattr(parts.service, "answer", slowly)
    secret = webhook_secret_of(TOKEN)
    running = asyncio.create_task(run_bot(hooked(settings, port), parts, request=wire, sleep=sleep))
    await until(lambda: bool(wire.of("setWebhook")))
    first = asyncio.create_task(ask(port, post(new(message("how do i oil the chain"), 11), secret)))
    await asyncio.wait_for(begun.wait(), LIMIT_S)
    terminate()
    await asyncio.sleep(0.05)
    second = await ask(port, post(new(message("how do i oil the chain"), 12), secret))
    told = [(await ask(port, head(None, method="GET", path=path))).status for path in ("/healthz", "/healthz/live")]
    gate.set()
    answered = await first
    await asyncio.wait_for(running, LIMIT_S)

    assert (answered.status, second.status, second.headers["retry-after"]) == (200, 503, "1")
    assert told == [503, 200]
    assert len(wire.sent()) == 1


async def test_a_port_that_is_taken_ends_it_with_what_to_set(settings: Settings, parts: Parts, wire: Wire, port: int) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(ConfigError, match="LISTEN_PORT"):
            await asyncio.wait_for(run_bot(hooked(settings, port), parts, request=wire, sleep=sleep), LIMIT_S)

    assert wire.of("setWebhook") == []


async def test_an_address_that_telegram_refuses_ends_it(settings: Settings, parts: Parts, wire: Wire, port: int) -> None:
    wire.faults["setWebhook"].append(bad_request("bad webhook: HTTPS url must be provided"))
    with pytest.raises(ConfigError, match="WEBHOOK_URL"):
        await asyncio.wait_for(run_bot(hooked(settings, port), parts, request=wire, sleep=sleep), LIMIT_S)


async def test_the_webhook_is_taken_away_and_what_waits_stays(settings: Settings, wire: Wire) -> None:
    wire.faults["deleteWebhook"].append(BAD_GATEWAY)
    await asyncio.wait_for(unhook(settings, request=wire), LIMIT_S)

    assert [call.parameters for call in wire.of("deleteWebhook")] == [{"drop_pending_updates": False}]


async def test_without_the_right_token_no_webhook_is_taken_away(settings: Settings, wire: Wire) -> None:
    wire.faults["getMe"].append(UNAUTHORIZED)
    with pytest.raises(ConfigError, match="BOT_TOKEN"):
        await asyncio.wait_for(unhook(settings, request=wire), LIMIT_S)


async def test_without_a_token_there_is_nothing_to_take_away(wire: Wire) -> None:
    with pytest.raises(ConfigError, match="BOT_TOKEN"):
        await unhook(Settings(bot_token=None), request=wire)

    assert wire.attempts == {}


async def test_it_says_among_the_replicas_what_it_serves(settings: Settings, parts: Parts, wire: Wire) -> None:
    running = asyncio.create_task(run_bot(settings, parts, request=wire, sleep=sleep))
    await until(lambda: bool(wire.of("getUpdates")))
    served = await parts.store.replicas()
    terminate()
    await asyncio.wait_for(running, LIMIT_S)

    assert [(replica.name, replica.version) for replica in served] == [("one", parts.service.snapshot.version)]
