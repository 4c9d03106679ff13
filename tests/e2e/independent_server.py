"""A Bot API server that nobody here wrote (lo-bot-api-emulator), mended where it models another messenger, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from lo_bot_api_emulator import LoBotApiEmulator  # type: ignore[import-untyped]

from tests.e2e.bot_process import free_port

Json = dict[str, Any]


class _Mended(LoBotApiEmulator):  # type: ignore[misc]
    """Takes what it does not know and Telegram does, gives the bot a name, and keeps the texts that were sent."""

    def __init__(self, webhook_port: int) -> None:
        super().__init__(enable_control=True, allow_insecure_loopback_webhooks=True)
        self._webhook_port = webhook_port
        self.texts: list[tuple[int, str]] = []
        self.polls: list[int] = []
        """The offset of each getUpdates."""

    def validate(self, method: str, fields: Json, uploads: Json) -> object:
        fields.pop("link_preview_options", None)
        if fields.get("url"):  # Where a proxy would end TLS, there is none.
            fields["url"] = f"http://127.0.0.1:{self._webhook_port}{urlsplit(fields['url']).path}"
        result = super().validate(method, fields, uploads)
        match method:
            case "getMe":
                return result | {"username": "bicycle_bot"}
            case "getUpdates":
                self.polls.append(int(fields.get("offset", 0)))
            case "sendMessage":
                self.texts.append((int(fields["chat_id"]), fields["text"]))
        return result


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
    def texts(self) -> list[tuple[int, str]]:
        """Chat and HTML of each message it took."""
        return list(self.emulator.texts)

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
