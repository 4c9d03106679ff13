"""The bot as its own process against a loopback Bot API: what goes in comes out, and neither signal loses a message."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.adapters.telegram import bicycle
from tests.e2e.bot_process import START_S, TOKEN, BotProcess
from tests.e2e.loopback_api import RESET, LoopbackApi

FLAT = "how do i mend a flat tyre"


@pytest.fixture
def api() -> Iterator[LoopbackApi]:
    with LoopbackApi() as api:
        yield api
    assert api.complaints == []


@pytest.fixture
def start(api: LoopbackApi, tmp_path: Path, cache: Path) -> Iterator[Callable[..., BotProcess]]:
    settings = {"API_BASE_URL": api.base_url, "KNOWLEDGE_DIR": str(bicycle.write(tmp_path / "bicycle")), "POLL_TIMEOUT_S": "2"}
    settings |= {"BOT_TOKEN": TOKEN, "DATA_DIR": str(tmp_path / "data"), "CACHE_DIR": str(cache), "PYTHONWARNINGS": "error"}
    with ExitStack() as stack:
        logs = (tmp_path / f"log{number}" for number in count())
        yield lambda **more: stack.enter_context(BotProcess(settings | more, next(logs)))


def test_a_message_goes_in_and_the_right_reply_comes_out(api: LoopbackApi, start: Callable[..., BotProcess]) -> None:
    """One question, one red flag; resets and a 502 on the way change nothing."""
    api.faults["getMe"].append(502)
    api.faults["getUpdates"].extend([RESET, 502])
    process = start()
    api.say(FLAT)
    assert api.wait_for(lambda: len(api.sent()) == 1, START_S), process.log
    api.say("help, my brakes failed", user_id=502)
    assert api.wait_for(lambda: len(api.sent()) == 2), process.log

    assert api.sent()[0].startswith("Find the hole, roughen it & patch it: <sandpaper> helps.")
    assert "Steer uphill" in api.sent()[1]
    assert api.chats() == [501, 502]
    assert process.end(signal.SIGTERM) == 0
    assert api.updates == []
    assert TOKEN not in process.log
    assert "flat tyre" not in process.log


def test_killed_and_started_again_it_answers_everyone(api: LoopbackApi, start: Callable[..., BotProcess]) -> None:
    """The kill is live: at that moment half the answers of the batch are out, and half are on their way."""
    first = start()
    for person in range(1, 11):
        api.say(FLAT, user_id=person)
    assert api.wait_for(lambda: len(api.sent()) == 10 and not api.updates, START_S), first.log
    api.held_chats = set(range(16, 21))
    for person in range(20, 10, -1):
        api.say(FLAT, user_id=person)
    assert api.wait_for(lambda: (len(api.sent()), api.held) == (15, 5)), first.log
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    assert sorted(api.chats()) == list(range(1, 16))

    api.release()
    second = start()
    assert api.wait_for(lambda: set(api.chats()) == set(range(1, 21)) and not api.updates, START_S), second.log
    assert second.end(signal.SIGINT) == 0
    # Those answered before the kill and confirmed never come again; the others may.
    assert all(api.chats().count(person) == 1 for person in range(1, 11))


def test_a_second_poller_ends_the_first_with_one_clear_line(api: LoopbackApi, start: Callable[..., BotProcess], tmp_path: Path) -> None:
    """From another data folder, as on another machine; from the same one the second would not begin."""
    first = start()
    assert api.wait_for(lambda: any(method == "getUpdates" for method, _ in api.calls), START_S), first.log
    second = start(DATA_DIR=str(tmp_path / "elsewhere"))

    assert first.wait() == 2
    assert "webhook" in first.log.splitlines()[-1]
    assert "Traceback" not in first.log
    assert second.end(signal.SIGTERM) == 0


def test_a_refused_token_ends_it_with_one_clear_line(api: LoopbackApi, start: Callable[..., BotProcess]) -> None:
    api.faults["getMe"].append(401)
    process = start()

    assert process.wait() == 2
    assert "BOT_TOKEN" in process.log
    assert "Traceback" not in process.log
    assert TOKEN not in process.log
