"""A Bot API on 127.0.0.1, for a bot in another process.

getUpdates works as Telegram's does: an offset confirms all below it, the rest comes again, an empty answer waits, and of two pollers the
older is told 409. After setWebhook updates are posted instead. It serves in a thread of its own; what it knows may be read from any.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

from aiohttp import web

from tests.e2e.bot_api_shapes import ME, Json, as_read, complaints, message_of, parameters_of, update_of
from tests.e2e.bot_profile import BotProfile
from tests.e2e.weather import Fate, Verdict, Weather
from tests.e2e.webhook_driver import Hook, WebhookDriver

RESET = 0
"""A status that closes the connection without an answer."""

_LOOK_S = 0.01
_CLOSED_S = 0.1
"""How long no connection is let in, when that is a message's fate."""
_CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_HOOKED = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


@dataclass(frozen=True)
class Taken:
    """A message that Telegram took."""

    at: float
    """On the clock of `time.monotonic`."""
    chat_id: int
    text: str
    """As people read it; with its HTML where nothing is judged."""


@dataclass(frozen=True)
class _Answer:
    status: int
    result: object
    parameters: Json | None = None


class LoopbackApi:
    """Start it with `with`; all its waits are bounded. *judged* holds every request against the Bot API, which costs much."""

    def __init__(self, *, judged: bool = True, weather: Weather | None = None, webhook_port: int | None = None, max_connections: int = 40) -> None:
        self.calls: list[tuple[str, Json]] = []
        """All but those answered with a fault; kept only where they are judged."""
        self.attempts: Counter[str] = Counter()
        """All requests, by method."""
        self.complaints: list[str] = []
        self.asked = 0
        """Updates so far."""
        self.taken: list[Taken] = []
        self.faults: dict[str, deque[int]] = defaultdict(deque)
        """By method: statuses to answer with, once each, before all is well."""
        self.held_chats: set[int] = set()
        """A message to one of these hangs, as on a bad line, and is cut off in the end without being taken."""
        self.held: int = 0
        """How many messages hang."""
        self.weather = weather or Weather()
        self.profile = BotProfile(ME["first_name"])
        self.driver: WebhookDriver | None = None
        self._judged = judged
        self._webhook_port = webhook_port
        self._max_connections = max_connections
        self._waiting: dict[int, Json] = {}
        self._poller = 0
        self._ids = itertools.count(101)
        self._message_ids = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._news = asyncio.Event()
        self._released = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._working: set[asyncio.Transport | None] = set()
        """Connections with a request under way."""
        self._port = 0
        self._shut = True

    def __enter__(self) -> LoopbackApi:
        self._thread.start()
        if not self._started.wait(10):
            raise RuntimeError("the loopback Bot API did not start")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # --- from any thread ---

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def updates(self) -> list[Json]:
        """What the bot has not acknowledged yet, in its order."""
        return list(self._waiting.values())

    def say(self, text: str, user_id: int = 501) -> int:
        """Let a person write *text* in private; return the id of the update."""
        return self.say_all([(user_id, text)])[0]

    def say_all(self, messages: Iterable[tuple[int, str]]) -> list[int]:
        """Let people write at once, each `(user_id, text)`; return the ids of the updates, in order."""
        made = [update_of(next(self._ids), user_id, text) for user_id, text in messages]
        asyncio.run_coroutine_threadsafe(self._announce(made), self._loop).result(10)
        return [update["update_id"] for update in made]

    def release(self) -> None:
        """Cut off the messages that hang, and take all others from now on."""
        self.held_chats.clear()
        self._loop.call_soon_threadsafe(self._released.set)

    def wait_for(self, condition: Callable[[], bool], limit_s: float = 20) -> bool:
        """Wait until *condition* holds; return whether it did in time."""
        end = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > end:
                return condition()
            time.sleep(_LOOK_S)
        return True

    def sent(self) -> list[str]:
        """The texts that were taken, as people read them."""
        return [message.text for message in self.taken]

    def chats(self) -> list[int]:
        """The chats that were written to, one for each message."""
        return [message.chat_id for message in self.taken]

    # --- in its own thread ---

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._started.set()
        self._loop.run_forever()

    async def _open(self) -> None:
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        await self._listen()

    async def _listen(self) -> None:
        self._site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await self._site.start()
        self._shut = False
        self._port = self._runner.addresses[-1][1]

    async def _close(self) -> None:
        self._poller += 1
        self._news.set()
        self._released.set()
        if self.driver is not None:
            await self.driver.stop()
        await self._runner.cleanup()

    async def _announce(self, made: Iterable[Json]) -> None:
        for update in made:
            self.asked += 1
            self._waiting[update["update_id"]] = update
            if self.driver is not None:
                self.driver.add(update)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        transport = request.transport
        self._working.add(transport)
        try:
            answer = await self._answer(request.path.rpartition("/")[2], parameters_of(request.content_type, await request.text()))
        except ConnectionError:  # Whoever asked was killed.
            return web.Response()
        finally:
            self._working.discard(transport)
        if answer.status == RESET:
            _reset(transport)
            return web.Response()
        if answer.status == 200:
            return web.json_response({"ok": True, "result": answer.result})
        body: Json = {"ok": False, "error_code": answer.status, "description": answer.result}
        return web.json_response(body | ({"parameters": answer.parameters} if answer.parameters else {}), status=answer.status)

    async def _answer(self, method: str, parameters: Json) -> _Answer:
        self.attempts[method] += 1
        if self._judged:
            self.complaints += complaints(method, parameters)
        if self.faults[method]:
            return _Answer(self.faults[method].popleft(), "a fault that was asked for")
        if method == "getUpdates":
            return await self._updates(parameters)
        if parameters.get("chat_id") in self.held_chats:
            return await self._hung()
        if method == "sendMessage":
            return await self._send(parameters)
        return self._note(method, parameters, await self._result(method, parameters))

    async def _hung(self) -> _Answer:
        self.held += 1
        await asyncio.wait_for(self._released.wait(), 30)
        return _Answer(RESET, "")

    async def _updates(self, parameters: Json) -> _Answer:
        self._poller += 1
        mine = self._poller
        self._wake()
        if self.driver is not None:
            return _Answer(409, _HOOKED)
        for update_id in [update_id for update_id in self._waiting if update_id < parameters.get("offset", 0)]:
            del self._waiting[update_id]
        if self._judged:
            self.calls.append(("getUpdates", parameters))
        end = self._loop.time() + parameters.get("timeout", 0)
        while not self._waiting and self._poller == mine and (left_s := end - self._loop.time()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), left_s)
        if self._poller != mine:
            return _Answer(409, _CONFLICT)
        return _Answer(200, list(itertools.islice(self._waiting.values(), parameters.get("limit", 100))))

    async def _send(self, parameters: Json) -> _Answer:
        await asyncio.sleep(self.weather.latency_s)
        verdict = self.weather.verdict(parameters["chat_id"], time.monotonic())
        match verdict:
            case Verdict(Fate.RESET):
                return _Answer(RESET, "")
            case Verdict(Fate.BAD_GATEWAY):
                return _Answer(502, "Bad Gateway")
            case Verdict(Fate.TOO_MANY, pause_s):
                return _Answer(429, f"Too Many Requests: retry after {pause_s}", {"retry_after": pause_s})
        text = as_read(parameters) if self._judged else parameters["text"]
        if text is None:
            return _Answer(400, "Bad Request: can't parse entities")
        self.taken.append(Taken(time.monotonic(), parameters["chat_id"], text))
        answer = self._note("sendMessage", parameters, message_of(next(self._message_ids), parameters, text))
        if verdict.fate is Fate.REFUSED:
            await self._shut_for_a_moment()
        return _Answer(RESET, "") if verdict.fate is Fate.DONE_THEN_RESET else answer

    async def _shut_for_a_moment(self) -> None:
        """Let no connection in and keep none that is idle, so that the next requests are refused before they are written."""
        if self._shut:
            return
        self._shut = True
        await self._site.stop()
        for protocol in list(self._runner.server.connections if self._runner.server else ()):
            if protocol.transport is not None and protocol.transport not in self._working:
                protocol.transport.abort()
        self._loop.call_later(_CLOSED_S, lambda: asyncio.ensure_future(self._listen()))

    def _note(self, method: str, parameters: Json, result: object) -> _Answer:
        if self._judged:
            self.calls.append((method, parameters))
        return _Answer(200, result)

    async def _result(self, method: str, parameters: Json) -> object:
        match method:
            case "getMe":
                return ME
            case "setWebhook":
                await self._hook(parameters)
            case "deleteWebhook":
                await self._unhook()
            case "getWebhookInfo":
                url = self.driver.hook.path if self.driver else ""
                return {"url": url, "has_custom_certificate": False, "pending_update_count": len(self._waiting)}
            case "editMessageText" | "editMessageReplyMarkup":
                return message_of(parameters.get("message_id", 1), parameters, parameters.get("text", "..."))
            case "answerGuestQuery":
                return {"inline_message_id": f"posted-{self.attempts[method]}"}
            case _ if self.profile.answers(method):
                return self.profile.answer(method, parameters)
        return True

    async def _hook(self, parameters: Json) -> None:
        """Post to the port given to us: whoever ends TLS before the bot is not here."""
        if not parameters.get("url"):
            await self._unhook()
            return
        address = urlsplit(parameters["url"])
        connections = min(int(parameters.get("max_connections", 40)), self._max_connections)
        hook = Hook("127.0.0.1", self._webhook_port or address.port or 80, address.path or "/", str(parameters.get("secret_token", "")), connections)
        if self.driver is not None and self.driver.hook == hook:
            return
        await self._unhook()
        self.driver = WebhookDriver(hook, self._settled)
        for update in self._waiting.values():
            self.driver.add(update)

    async def _unhook(self) -> None:
        driver, self.driver = self.driver, None
        if driver is not None:
            await driver.stop()

    def _settled(self, update_id: int) -> None:
        self._waiting.pop(update_id, None)


def _reset(transport: asyncio.Transport | None) -> None:
    """Close with a reset, which a plain end is not."""
    if transport is None or transport.is_closing():
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
