"""A way to Telegram that ends in this process: it records every request, has it judged, and answers as the Bot API does."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from telegram.error import NetworkError
from telegram.request import BaseRequest, RequestData

from bot.adapters.telegram.transport import CutOff, NotSent, Transport
from tests.adapters.telegram.oracle import HtmlError, complaints_about_call, messages, parse_html
from tests.e2e.bot_profile import BotProfile

ME: dict[str, Any] = {"id": 4242, "is_bot": True, "first_name": "Bicycles", "username": "bicycle_bot"}
BATCH = 100
FETCH = "(file)"
"""What fetching a file is called here: it is no method of the Bot API."""


@dataclass(frozen=True)
class Call:
    """One request."""

    method: str
    parameters: Mapping[str, Any]
    uploads: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)
    """Name and content of each file that goes along, by what the parameters call it."""

    @property
    def files(self) -> list[tuple[str, bytes]]:
        """Name and content of the files it sends, in their order; one that does not go along is none."""
        media = self.parameters.get("media", [{"media": self.parameters.get("document") or self.parameters.get("photo", "")}])
        return [self.uploads[part["media"].removeprefix("attach://")] for part in (media if isinstance(media, list) else [media])]

    @property
    def caption(self) -> str:
        """The words below the photo it sends, or puts in the place of another message; no HTML is read in them."""
        return str(self.parameters.get("media", self.parameters).get("caption", ""))

    @property
    def text(self) -> str:
        """The words sent, without HTML."""
        text = str(self.parameters.get("text", ""))
        return parse_html(text).text if self.parameters.get("parse_mode") == "HTML" else text

    @property
    def posts(self) -> list[Call]:
        """What it has Telegram post, or offer to post, as if it were sent."""
        return [Call("sendMessage", message) for message in messages(self.method, self.parameters)]

    @property
    def data(self) -> list[str]:
        """What its buttons carry: data, or an address."""
        rows = self.parameters.get("reply_markup", {}).get("inline_keyboard", [])
        return [button.get("callback_data") or button.get("url") or button["copy_text"]["text"] for row in rows for button in row]


@dataclass(frozen=True)
class Refusal:
    """An answer that says no."""

    status: int
    description: str
    parameters: Mapping[str, Any] | None = None


Fault = Refusal | Exception | bytes
"""Bytes are sent as they are, as if the answer were good."""

BLOCKED = Refusal(403, "Forbidden: bot was blocked by the user")
BAD_GATEWAY = Refusal(502, "Bad Gateway")
UNAUTHORIZED = Refusal(401, "Unauthorized")
CONFLICT = Refusal(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")


def bad_request(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


def too_many(retry_after: int) -> Refusal:
    return Refusal(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})


def unreachable() -> NetworkError:
    return NotSent("ClientConnectorError")


def cut_off() -> NetworkError:
    """The request was written; whether it arrived is unknown."""
    return CutOff("ServerDisconnectedError")


class Wire(BaseRequest):
    """Give it `updates` to hand out and `faults` to answer with; read `calls` (those taken), `attempts` (all, by method)
    and `complaints` of the judges."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.attempts: Counter[str] = Counter()
        self.complaints: list[str] = []
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.faults_by_chat: dict[int, deque[Fault]] = defaultdict(deque)
        self.files: dict[str, bytes] = {}
        """What is in the files that people sent, by their `file_id`."""
        self.updates: list[dict[str, Any]] = []
        self.offsets: list[int] = []
        self.when_empty: Callable[[], None] = lambda: None
        """Called when getUpdates has nothing to give."""
        self.before: Callable[[Call], None] = lambda call: None
        """Called with each request before it is answered."""
        self.profile = BotProfile("Bicycles")
        self.webhook_info: dict[str, Any] = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
        self.last_message_id = 1000
        """Of the messages it took."""

    parse_json_payload = staticmethod(Transport.parse_json_payload)

    @property
    def read_timeout(self) -> float:
        return 1.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    def sent(self, chat_id: int | None = None) -> list[Call]:
        """The messages that Telegram took, to one chat or to all."""
        return [call for call in self.of("sendMessage") if chat_id in (None, call.parameters["chat_id"])]

    def of(self, method: str) -> list[Call]:
        """The requests of one method that were not answered with a fault."""
        return [call for call in self.calls if call.method == method]

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        call = _call(url, request_data)
        self.before(call)
        self.attempts[call.method] += 1
        if call.method != FETCH:
            self.complaints += complaints_about_call(call.method, call.parameters)
        fault = self._fault(call)
        if isinstance(fault, Exception):
            raise fault
        if isinstance(fault, bytes):
            return 200, fault
        if fault is not None:
            body = {"ok": False, "error_code": fault.status, "description": fault.description}
            return fault.status, json.dumps(body | ({"parameters": fault.parameters} if fault.parameters else {})).encode()
        self.calls.append(call)
        if call.method == FETCH:
            return 200, self.files[url.rpartition("/")[2]]
        return 200, json.dumps({"ok": True, "result": await self._result(call)}).encode()

    def _fault(self, call: Call) -> Fault | None:
        for waiting in (self.faults[call.method], self.faults_by_chat[call.parameters.get("chat_id", 0)]):
            if waiting:
                return waiting.popleft()
        try:
            for message in messages(call.method, call.parameters):
                if message.get("parse_mode") == "HTML":
                    parse_html(message["text"])
        except HtmlError as error:
            return bad_request(str(error))
        return None

    async def _result(self, call: Call) -> object:
        if call.method == "getMe":
            return ME
        if call.method == "getUpdates":
            return await self._updates(call.parameters)
        if call.method in ("sendMessage", "editMessageText", "editMessageReplyMarkup"):
            if call.method == "sendMessage":
                self.last_message_id += 1
            chat = {"id": call.parameters["chat_id"], "type": "private", "first_name": "Ann"}
            number = call.parameters.get("message_id", self.last_message_id)
            return {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": ME, "text": call.text}
        if call.method in ("sendDocument", "sendMediaGroup"):
            sent = [self._with_document(call, name) for name, _ in call.files]
            return sent if call.method == "sendMediaGroup" else sent[0]
        if call.method in ("sendPhoto", "editMessageMedia"):
            return self._with_photo(call)
        if call.method == "getFile":
            file_id = call.parameters["file_id"]
            return {"file_id": file_id, "file_unique_id": file_id} | ({"file_path": f"documents/{file_id}"} if file_id in self.files else {})
        if self.profile.answers(call.method):
            return self.profile.answer(call.method, call.parameters)
        if call.method == "getWebhookInfo":
            return self.webhook_info
        if call.method == "answerGuestQuery":
            return {"inline_message_id": f"posted-{self.attempts[call.method]}"}
        return True

    def _with_document(self, call: Call, name: str) -> dict[str, Any]:
        self.last_message_id += 1
        document = {"file_id": name, "file_unique_id": name, "file_name": name}
        chat = {"id": call.parameters["chat_id"], "type": "private", "first_name": "Ann"}
        return {"message_id": self.last_message_id, "date": 1_700_000_000, "chat": chat, "from": ME, "document": document}

    def _with_photo(self, call: Call) -> dict[str, Any]:
        if call.method == "sendPhoto":
            self.last_message_id += 1
        number = call.parameters.get("message_id", self.last_message_id)
        chat = {"id": call.parameters["chat_id"], "type": "private", "first_name": "Ann"}
        photo = [{"file_id": name, "file_unique_id": name, "width": 1080, "height": 1350} for name, _ in call.files]
        return {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": ME, "photo": photo, "caption": call.caption}

    async def _updates(self, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
        """As Telegram does: below the offset all is forgotten; the rest comes again and again until it is."""
        self.offsets.append(asked["offset"])
        self.updates = [update for update in self.updates if update["update_id"] >= asked["offset"]]
        if not self.updates and asked["timeout"]:
            self.when_empty()
            await asyncio.Event().wait()
        return self.updates[: asked["limit"]]


def _call(url: str, request_data: RequestData | None) -> Call:
    if "/file/bot" in url:
        return Call(FETCH, {})
    if request_data is None:
        return Call(url.rpartition("/")[2], {})
    parts = request_data.multipart_data.items()
    uploads = {name: (filename, content if isinstance(content, bytes) else content.read()) for name, (filename, content, _) in parts}
    return Call(url.rpartition("/")[2], dict(request_data.parameters), uploads)
