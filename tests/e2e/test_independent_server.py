"""The same bot against a server of others: it acknowledges what it has answered, answers what comes again, and gives way to a webhook."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.e2e import numbered
from tests.e2e.bot_process import TOKEN, BotProcess
from tests.e2e.independent_server import IndependentServer
from tests.e2e.numbered import number_in


@pytest.fixture
def server() -> Iterator[IndependentServer]:
    with IndependentServer(TOKEN) as server:
        yield server


@pytest.fixture
def start(server: IndependentServer, tmp_path: Path, cache: Path) -> Iterator[Callable[..., BotProcess]]:
    settings = {"BOT_TOKEN": TOKEN, "API_BASE_URL": server.base_url, "KNOWLEDGE_DIR": str(numbered.write(tmp_path / "things"))}
    settings |= {"DATA_DIR": str(tmp_path / "data"), "CACHE_DIR": str(cache), "POLL_TIMEOUT_S": "1"}
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(BotProcess(settings | more, tmp_path / "log"))


def by_webhook(server: IndependentServer) -> dict[str, str]:
    return {"WEBHOOK_URL": "https://bot.example.org", "LISTEN_PORT": str(server.webhook_port)}


def until(condition: Callable[[], bool], bot: BotProcess, limit_s: float = 30.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, bot.log
        time.sleep(0.02)


def answers(server: IndependentServer) -> list[tuple[int, int | None]]:
    return [(chat, number_in(text)) for chat, text in server.texts]


def test_by_polling_what_is_answered_is_acknowledged(server: IndependentServer, start: Callable[..., BotProcess]) -> None:
    ids = [server.say(numbered.question(number), 501) for number in (3, 4)]
    bot = start()
    until(lambda: answers(server) == [(501, 3), (501, 4)], bot)
    until(lambda: ids[-1] + 1 in server.emulator.polls, bot)

    assert server.info["pending_update_count"] == 0
    assert bot.end(signal.SIGTERM) == 0


def test_killed_while_polling_it_answers_what_comes_again(server: IndependentServer, start: Callable[..., BotProcess]) -> None:
    first = start()
    for number in range(20):
        server.say(numbered.question(number), 501 + number % 4)
    until(lambda: len(server.texts) >= 3, first)
    first.kill()
    assert server.info["pending_update_count"] > 0
    second = start()
    until(lambda: {number for _, number in answers(server)} == set(range(20)), second)
    until(lambda: server.info["pending_update_count"] == 0, second)


def test_a_webhook_set_beside_it_ends_it(server: IndependentServer, start: Callable[..., BotProcess]) -> None:
    """Then there is no polling any more: 409, and one clear line."""
    bot = start()
    until(lambda: bool(server.emulator.polls), bot)
    hooked = httpx.post(f"{server.base_url}/bot{TOKEN}/setWebhook", data={"url": "https://elsewhere.example.org"}, trust_env=False)
    assert hooked.status_code == 200

    assert bot.wait() == 2
    assert "webhook" in bot.log.splitlines()[-1]
    assert "Traceback" not in bot.log


def test_by_webhook_it_wants_the_secret_and_settles(server: IndependentServer, start: Callable[..., BotProcess]) -> None:
    bot = start(**by_webhook(server))
    until(lambda: server.info["url"] != "", bot)
    for number in (3, 4):
        server.say(numbered.question(number), 501)

    assert answers(server) == [(501, 3), (501, 4)]
    assert server.info["pending_update_count"] == 0
    forged = httpx.post(server.info["url"], json={"update_id": 9_000_000}, headers={"X-Telegram-Bot-Api-Secret-Token": "wrong"}, trust_env=False)
    assert forged.status_code in (401, 403)


def test_killed_behind_a_webhook_it_answers_what_comes_again(server: IndependentServer, start: Callable[..., BotProcess]) -> None:
    first = start(**by_webhook(server))
    until(lambda: server.info["url"] != "", first)
    first.kill()
    server.say(numbered.question(7), 501)
    assert server.info["pending_update_count"] == 1
    second = start(**by_webhook(server))
    until(lambda: server.deliver() == 1 or server.info["pending_update_count"] == 0, second)

    assert answers(server) == [(501, 7)]
