"""Whole conversations with a bot in a process of its own, through a server of others: what people see is what the handlers say, either way."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
import pytest

from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from tests.adapters.telegram import bicycle
from tests.adapters.telegram.both_ways import record, stop_the_clock
from tests.adapters.telegram.conversations import CHAIN, CRACK, FLAT, TALKS
from tests.adapters.telegram.phone import Phone
from tests.adapters.telegram.updates import ANN, BEN, Raw
from tests.adapters.telegram.wire import Call
from tests.e2e.bot_process import TOKEN, BotProcess
from tests.e2e.independent_server import IndependentServer, Taken

WAYS = ("polling", "webhook")
LIMIT_S = 30.0
VISIBLE = ("sendMessage", "editMessageText", "editMessageReplyMarkup")
"""What changes a chat."""


class Way:
    """How updates reach the bot, and the bots that were started so."""

    def __init__(self, server: IndependentServer, name: str, settings: dict[str, str], log: Path, stack: ExitStack) -> None:
        self.server = server
        self.name = name
        self._settings = settings
        if name == "webhook":
            self._settings = settings | {"WEBHOOK_URL": "https://bot.example.org", "LISTEN_PORT": str(server.webhook_port)}
        self._log = log
        self._stack = stack

    def start(self) -> BotProcess:
        """Start a bot and wait until it is there."""
        polls = len(self.server.emulator.polls)
        bot = self._stack.enter_context(BotProcess(self._settings, self._log))
        until(lambda: len(self.server.emulator.polls) > polls if self.name == "polling" else self._posts(), bot)
        return bot

    def _posts(self) -> bool:
        """True once what waits is posted: what was refused before is brought again when somebody asks for it here."""
        if not self.server.info["url"]:
            return False
        self.server.deliver()
        return bool(self.server.info["pending_update_count"] == 0)

    def acknowledged(self, last_id: int) -> bool:
        told = self.name == "webhook" or last_id + 1 in self.server.emulator.polls
        return told and self.server.info["pending_update_count"] == 0


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, tmp_path: Path, cache: Path) -> Iterator[Way]:
    """A server without complaints about what it was asked."""
    with IndependentServer(TOKEN) as server, ExitStack() as stack:
        settings = {"BOT_TOKEN": TOKEN, "API_BASE_URL": server.base_url, "KNOWLEDGE_DIR": str(bicycle.write(tmp_path / "bicycle"))}
        settings |= {"DATA_DIR": str(tmp_path / "data"), "CACHE_DIR": str(cache), "POLL_TIMEOUT_S": "1", "KEEP_MISSES": "true"}
        yield Way(server, request.param, settings, tmp_path / "log", stack)
        assert server.emulator.complaints == []


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> LiveKnowledge:
    folder = bicycle.write(tmp_path_factory.mktemp("bicycle"))
    return LiveKnowledge(folder, load_snapshot(folder, cache=cache), cache)


class Person:
    """Somebody with a phone."""

    def __init__(self, server: IndependentServer, user: Raw, chat: Raw | None = None) -> None:
        self.phone = Phone(user, chat)
        self.last_id = 0
        """Of their updates."""
        self.seen: list[Taken] = []
        """What was called for them."""
        self._server = server
        self._looked = len(server.taken)
        self._asked: set[str] = set()
        """Ids of their queries."""

    def give(self, update: Raw) -> None:
        """Let them do this."""
        self._asked |= set(map(_query_of, update.values()))
        self.last_id = self._server.give(update) or self.last_id

    def does(self, updates: Sequence[Raw], count: int, bot: BotProcess) -> list[str]:
        """Do this, and return the methods called for it once there are *count* of them."""
        before = len(self.seen)
        for update in updates:
            self.give(update)
        until(lambda: self.look() >= before + count, bot)
        return [taken.method for taken in self.seen[before:]]

    def look(self) -> int:
        """Take in what has come; return how much there is in all."""
        news = self._server.taken[self._looked :]
        self._looked += len(news)
        for taken in news:
            if self._asked & set(map(str, taken.parameters.values())):
                self.seen.append(taken)
            elif taken.parameters.get("chat_id") == self.phone.chat["id"]:
                self.seen.append(taken)
                self.phone.take(taken.method, taken.parameters, taken.message_id)
        return len(self.seen)

    @property
    def screen(self) -> list[str]:
        """The texts that are to be seen, from top to bottom."""
        return [shown.text for _, shown in sorted(self.phone.screen.items())]


def _query_of(held: object) -> str:
    return str(held.get("guest_query_id") or held.get("id", "no query")) if isinstance(held, dict) else "no query"


def until(condition: Callable[[], bool], bot: BotProcess) -> None:
    """Wait until *condition* holds; a bot that has ended brings nothing more."""
    assert wait(lambda: condition() or not bot.alive), bot.log
    assert condition(), bot.log


def wait(condition: Callable[[], bool]) -> bool:
    """Wait until *condition* holds; return whether it did in time."""
    end = time.monotonic() + LIMIT_S
    while not (held := condition()) and time.monotonic() < end:
        time.sleep(0.01)
    return held


async def test_every_talk_goes_as_the_handlers_have_it(way: Way, live: LiveKnowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts, edits in place, answered presses; then the bot owes Telegram nothing, and says no more."""
    stop_the_clock(monkeypatch)
    talks = await record(live, TALKS)
    bot = way.start()
    for talk in talks:
        person = Person(way.server, talk.talk.user, talk.talk.chat)
        for turn in talk.talk.turns:
            assert person.does(turn.does(person.phone), len(turn.calls), bot) == list(turn.calls), turn.name

        assert said(person.seen) == said(call for calls in talk.calls for call in calls)
        until(partial(way.acknowledged, person.last_id), bot)

    assert bot.end(signal.SIGTERM) == 0
    sent = [taken.method for taken in way.server.taken if taken.method in VISIBLE]
    assert len(sent) == sum(method in VISIBLE for talk in TALKS for turn in talk.turns for method in turn.calls)


def said(calls: Iterable[Taken | Call]) -> list[tuple[str, object, list[str]]]:
    """Return the method of each, its text, and what its buttons say."""
    rows = [(call, call.parameters.get("reply_markup", {}).get("inline_keyboard", [])) for call in calls]
    return [(call.method, call.parameters.get("text"), [button["text"] for row in shown for button in row]) for call, shown in rows]


def test_killed_in_the_middle_it_goes_on_where_it_was(way: Way) -> None:
    """What is pressed, mended and asked after the kill finds what was there before it."""
    ann, ben = Person(way.server, ANN), Person(way.server, BEN)
    first = way.start()
    ann.does([ann.phone.write(FLAT)], 1, first)
    ben.does([ben.phone.write(CRACK)], 1, first)
    for label in ("Numbers for my country", "Coast"):
        ben.does([ben.phone.press(label)], 2, first)
    until(partial(way.acknowledged, ben.last_id), first)
    ann.look()
    first.kill()
    ann.give(ann.phone.write_anew(CHAIN))
    ben.give(ben.phone.write(CHAIN))
    ben.give(ben.phone.write(CRACK))

    assert way.server.info["pending_update_count"] == 3
    second = way.start()
    until(lambda: way.acknowledged(ben.last_id), second)
    ann.look()
    ben.look()
    assert [taken.method for taken in ann.seen] == ["sendMessage", "editMessageText"]
    assert [text.split("\n")[0] for text in ann.screen] == ["One drop on each link, then wipe off what you see."]
    assert [text.startswith("From earlier. You wrote about a crack.") for text in ben.screen] == [False, True, False]
    assert [("444" in text, "222" in text) for text in ben.screen] == [(True, False), (False, False), (True, False)]


@pytest.mark.parametrize("way", ["polling"], indirect=True)
def test_while_another_polls_it_gives_way(way: Way) -> None:
    """409, and one clear line."""
    server = way.server

    def hold() -> None:
        end = time.monotonic() + LIMIT_S
        while not ended.is_set() and time.monotonic() < end:
            httpx.post(f"{server.base_url}/bot{TOKEN}/getUpdates", data={"timeout": "20"}, timeout=LIMIT_S, trust_env=False)

    ended = threading.Event()
    other = threading.Thread(target=hold)
    other.start()
    try:
        wait(lambda: bool(server.emulator.polls))
        bot = way.start()
        assert bot.wait() == 2
    finally:
        ended.set()
        server.say("hello", 501)  # So that the other is answered.
        other.join()

    assert "another process" in bot.log.splitlines()[-1]
    assert "Traceback" not in bot.log


@pytest.mark.parametrize("way", ["webhook"], indirect=True)
@pytest.mark.parametrize("secret", [{}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}], ids=["none", "wrong"])
def test_who_does_not_know_the_secret_is_not_heard(way: Way, secret: dict[str, str]) -> None:
    ann = Person(way.server, ANN)
    bot = way.start()
    forged = httpx.post(way.server.info["url"], json=ann.phone.write(CRACK), headers=secret, trust_env=False)
    ann.does([ann.phone.write(CHAIN)], 1, bot)

    assert forged.status_code == 403
    assert [text.split(",")[0] for text in ann.screen] == ["One drop on each link"]
