"""A Bot API on 127.0.0.1, for a bot in another process.

getUpdates works as Telegram's does: an offset confirms all below it, the rest comes again, an empty answer waits, and of two pollers the
older is told 409. Every request is judged as in the tests of the adapter.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl

from tests.adapters.telegram.oracle import HtmlError, complaints_about_call, parse_html

ME = {"id": 4242, "is_bot": True, "first_name": "Bicycles", "username": "bicycle_bot"}
RESET = 0
"""A fault that closes the connection without an answer."""

Json = dict[str, Any]


@dataclass
class LoopbackApi:
    """Start it with `with`; all its waits are bounded."""

    updates: list[Json] = field(default_factory=list)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    faults: dict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque))
    """By method: statuses to answer with, once each, before all is well."""
    held_chats: set[int] = field(default_factory=set)
    """A message to one of these hangs, as on a bad line, and is cut off in the end without being taken."""
    held: int = 0
    """How many messages hang."""

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._poller = 0
        self._next_id = 100
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> LoopbackApi:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def say(self, text: str, user_id: int = 501) -> int:
        """Let a person write *text* in private; return the id of the update."""
        with self._changed:
            self._next_id += 1
            person = {"id": user_id, "first_name": "Ann"}
            message = {"message_id": self._next_id, "date": int(time.time()), "text": text}
            message |= {"chat": person | {"type": "private"}, "from": person | {"is_bot": False}}
            self.updates.append({"update_id": self._next_id, "message": message})
            self._changed.notify_all()
            return self._next_id

    def release(self) -> None:
        """Cut off the messages that hang, and take all others from now on."""
        with self._changed:
            self.held_chats.clear()
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], bool], limit_s: float = 20) -> bool:
        """Wait until *condition*, looked at after every request, holds; return whether it did in time."""
        with self._changed:
            return self._changed.wait_for(condition, limit_s)

    def sent(self) -> list[str]:
        """The texts that were taken, as people read them."""
        return [parse_html(call["text"]).text if "parse_mode" in call else call["text"] for method, call in self.calls if method == "sendMessage"]

    def chats(self) -> list[int]:
        """The chats that were written to, one for each message."""
        return [call["chat_id"] for method, call in self.calls if method == "sendMessage"]

    def answer(self, method: str, parameters: Json) -> tuple[int, object]:
        """Return the status and the result or description for one request."""
        with self._changed:
            self.complaints += complaints_about_call(method, parameters)
            if self.faults[method]:
                return self.faults[method].popleft(), "a fault that was asked for"
            if method == "getUpdates":
                return self._updates(parameters)
            if parameters.get("chat_id") in self.held_chats:
                return self._hung()
            result = self._result(method, parameters)
            if result is not None:
                self.calls.append((method, parameters))
            self._changed.notify_all()
            return (200, result) if result is not None else (400, "Bad Request: can't parse entities")

    def _hung(self) -> tuple[int, object]:
        self.held += 1
        self._changed.notify_all()
        self._changed.wait_for(lambda: not self.held_chats, 30)
        return RESET, ""

    def _updates(self, parameters: Json) -> tuple[int, object]:
        self._poller += 1
        mine = self._poller
        self.updates = [update for update in self.updates if update["update_id"] >= parameters["offset"]]
        self.calls.append(("getUpdates", parameters))
        self._changed.notify_all()
        self._changed.wait_for(lambda: bool(self.updates) or self._poller != mine, parameters["timeout"])
        if self._poller != mine:
            return 409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        return 200, self.updates[: parameters["limit"]]

    def _result(self, method: str, parameters: Mapping[str, Any]) -> object:
        if method == "getMe":
            return ME
        if method not in ("sendMessage", "editMessageText"):
            return True
        try:
            text = parse_html(parameters["text"]).text if "parse_mode" in parameters else parameters["text"]
        except HtmlError:
            return None
        return {"message_id": 1, "date": 1, "chat": {"id": parameters["chat_id"], "type": "private", "first_name": "Ann"}, "from": ME, "text": text}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the tests kill who is at the other end."""


class _Handler(BaseHTTPRequestHandler):
    """One request of the bot."""

    api: LoopbackApi
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        parameters = {name: _typed(value) for name, value in parse_qsl(body, keep_blank_values=True)}
        status, result = self.api.answer(self.path.rpartition("/")[2], parameters)
        if status == RESET:
            self.close_connection = True
            return
        reply = {"ok": True, "result": result} if status == 200 else {"ok": False, "error_code": status, "description": result}
        payload = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (named by the base class)
        """Say nothing."""


def _typed(value: str) -> object:
    """Return what a form field means: the Bot API takes numbers, lists and objects as JSON, and text as it is."""
    try:
        return json.loads(value)
    except ValueError:
        return value
