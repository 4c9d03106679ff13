"""A Bot API server that nobody here wrote (lo-bot-api-emulator), mended where it models another messenger, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from lo_bot_api_emulator import ApiRefusal, LoBotApiEmulator, updates  # type: ignore[import-untyped]

from tests.e2e.bot_api_shapes import ME, as_read, complaints, meant
from tests.e2e.bot_process import free_port
from tests.e2e.bot_profile import BotProfile

Json = dict[str, Any]

_UNKNOWN = ("link_preview_options", "button")
"""Parameters that it does not know and Telegram does."""
_NOT_MODIFIED = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup"

# What may be asked for, and given to it: it has heard of fewer kinds than there are.
updates.ALLOWED_UPDATE_TYPES.add("guest_message")
updates.KINDS.update(("edited_message", "guest_message", "my_chat_member", "channel_post"))


@dataclass(frozen=True)
class Taken:
    """A request that was answered well, apart from those that only ask."""

    method: str
    parameters: Json
    message_id: int
    """Of the message it sent or changed; 0 where there is none."""


class _Mended(LoBotApiEmulator):  # type: ignore[misc]
    """Takes what it does not know and Telegram does, gives the bot a name and a profile, keeps what was sent, and refuses edits as Telegram does."""

    def __init__(self, webhook_port: int) -> None:
        super().__init__(enable_control=True, allow_insecure_loopback_webhooks=True)
        self._webhook_port = webhook_port
        self._shown: dict[tuple[int, int], tuple[object, object]] = {}
        """Text and buttons by chat and number."""
        self.taken: list[Taken] = []
        self.complaints: list[str] = []
        """Of the judges of requests."""
        self.polls: list[int] = []
        """The offset of each getUpdates."""
        self.profile = BotProfile(ME["first_name"])

    def validate(self, method: str, fields: Json, uploads: Json) -> object:
        parameters = meant(fields)
        self.complaints += complaints(method, parameters)
        for name in _UNKNOWN:
            fields.pop(name, None)
        if fields.get("url") and method == "setWebhook":  # Where a proxy would end TLS, there is none.
            fields["url"] = f"http://127.0.0.1:{self._webhook_port}{urlsplit(fields['url']).path}"
        result = self._result(method, fields, uploads, parameters)
        if method == "getUpdates":
            self.polls.append(int(fields.get("offset", 0)))
        elif not method.startswith("get"):
            self.taken.append(Taken(method, parameters, result["message_id"] if isinstance(result, dict) and "message_id" in result else 0))
        return result

    def _result(self, method: str, fields: Json, uploads: Json, parameters: Json) -> object:
        if method == "answerGuestQuery":
            return {"inline_message_id": f"posted-{len(self.taken)}"}
        if method[3:] in ("MyDescription", "MyShortDescription", "MyName"):
            return self.profile.answer(method, parameters)
        result = super().validate(method, fields, uploads)
        if self.profile.answers(method):
            return self.profile.answer(method, parameters)
        if method == "getMe":
            return ME | {"supports_inline_queries": True}
        if method in ("sendMessage", "editMessageText", "editMessageReplyMarkup"):
            return self._message(method, parameters, result)
        return result

    def _message(self, method: str, parameters: Json, result: Json) -> Json:
        place = parameters["chat_id"], result["message_id"]
        if "text" in parameters and as_read(parameters) is None:
            raise ApiRefusal("Bad Request: can't parse entities")
        if method != "sendMessage" and place not in self._shown:
            raise ApiRefusal("Bad Request: message to edit not found")
        text, _ = self._shown.get(place, (None, None))
        shown = (parameters.get("text", text), parameters.get("reply_markup"))
        if self._shown.get(place) == shown:
            raise ApiRefusal(f"Bad Request: {_NOT_MODIFIED}")
        self._shown[place] = shown
        return result | {"from": ME, "text": shown[0], "chat": {"id": place[0], "type": "private" if place[0] > 0 else "supergroup"}}

    @classmethod
    def validate_markup(cls, markup: Json, *, private_chat: bool = True) -> None:
        """Look at buttons without their colours, of which it has not heard."""
        rows = markup.get("inline_keyboard", [])
        plain = [[{name: value for name, value in button.items() if name != "style"} for button in row] for row in rows]
        super().validate_markup(markup | ({"inline_keyboard": plain} if rows else {}), private_chat=private_chat)


class IndependentServer:
    """Start it with `with`."""

    def __init__(self, token: str) -> None:
        self.webhook_port = free_port()
        """Where it posts to, whatever the host of the webhook's address."""
        self.emulator = _Mended(self.webhook_port)
        self.base_url = ""
        self._token = token
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> IndependentServer:
        self._thread.start()
        self._call(self._open())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._call(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def taken(self) -> list[Taken]:
        """What it took, in order."""
        return list(self.emulator.taken)

    @property
    def texts(self) -> list[tuple[int, str]]:
        """Chat and HTML of each message it took."""
        return [(taken.parameters["chat_id"], taken.parameters["text"]) for taken in self.taken if taken.method == "sendMessage"]

    @property
    def info(self) -> Json:
        """What getWebhookInfo says."""
        found: Json = self.emulator._update_queues.info(self._token)
        return found

    def say(self, text: str, user_id: int) -> int:
        """Let a person write; return the id of the update."""
        person = {"id": user_id, "first_name": "Ann"}
        message = {"message_id": 1, "date": 1, "chat": person | {"type": "private"}, "from": person | {"is_bot": False}, "text": text}
        return int(self._call(self.emulator.enqueue_update({"message": message}, token=self._token)))

    def give(self, update: Json) -> int | None:
        """Hand on *update* as if it were made now; return the id that it got here, or None for a kind that the bot did not ask for."""
        made = {kind: _now(held) for kind, held in update.items() if kind != "update_id"}
        asked_for = self.info["allowed_updates"]
        if asked_for and not made.keys() & set(asked_for):
            return None
        return int(self._call(self.emulator.enqueue_update(made, token=self._token)))

    def deliver(self) -> int:
        """Try once to post what waits; return how much was settled."""
        return int(self._call(self.emulator.deliver_updates(token=self._token)))

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _open(self) -> None:
        self._runner = web.AppRunner(self.emulator.app(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"


def _now(held: Json) -> Json:
    now = int(time.time())
    dates = {name: now for name in ("date", "edit_date") if name in held}
    return held | dates | ({"message": _now(held["message"])} if "message" in held else {})
