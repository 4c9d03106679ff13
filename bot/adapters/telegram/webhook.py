"""Updates that Telegram posts: who may post, what is answered, and how Telegram is told where to.

A post is answered once its update is settled, so that one which was never settled comes again. Whoever does not show the secret is told the
same whatever they ask for, before a byte of what they send is waited for.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Protocol

from aiohttp import web
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot import metrics
from bot.adapters.telegram.app import ALLOWED_UPDATES
from bot.adapters.telegram.connections import Connection
from bot.adapters.telegram.delivery import Pushback
from bot.adapters.telegram.patience import Sleep
from bot.adapters.telegram.polling import persistently
from bot.errors import ConfigError

PATH: Final = "/telegram"
BODY_BYTES: Final = 256_000
"""The longest body that is read; updates have a few thousand bytes."""
ANSWER_LIMIT_S: Final = 55.0
"""Telegram hangs up after a minute, and would not hear when to come again."""
MAX_CONNECTIONS: Final = 64
"""How many updates Telegram may post at once."""

_SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (its name)
_LATE: Final = Pushback(1, "late")
_STOPPING: Final = Pushback(1, "stopping")


class Settler(Protocol):
    """What settles updates."""

    async def deliver(self, raw: Mapping[str, Any]) -> Pushback | None:
        """Settle *raw* and return None, or say when Telegram is to bring it again. To cancel the call does not cancel the work."""
        ...


def answer(status: HTTPStatus, *, keep: bool = False, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return an answer that says its status and nothing more; unless *keep*, the connection ends with it."""
    response = web.Response(status=status, text=f"{status.phrase}\n", headers={"Server": "napebot", **(headers or {})})
    if not keep:
        response.force_close()
    return response


@dataclass(frozen=True, slots=True)
class Webhook:
    """Takes posts to `PATH`."""

    secret: str = field(repr=False)
    """Never empty; 1 to 256 of A-Z a-z 0-9 _ -."""
    settler: Settler

    def __post_init__(self) -> None:
        if not self.secret:
            raise ValueError("a webhook needs a secret: without one anybody could post")

    def knows(self, request: web.BaseRequest) -> bool:
        """Return whether *request* carries the secret, once and as it is; in a time that says nothing of it."""
        shown = request.headers.getall(_SECRET_HEADER, [])
        # aiohttp hands on bytes that are no UTF-8 as surrogates.
        return len(shown) == 1 and hmac.compare_digest(shown[0].encode("utf-8", "surrogateescape"), self.secret.encode())

    async def take(self, request: web.BaseRequest, connection: Connection, *, stopping: bool) -> web.Response:
        """Answer anything that is posted, or asked."""
        refusal = self._refusal(request)
        if refusal is not None:
            return refuse(connection, *refusal)
        connection.admit()
        body = await _read(request)
        if body is None:
            return refuse(connection, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size")
        connection.received()
        pushback = _STOPPING if stopping else await self._settle(body)
        connection.answered()
        if pushback is None:
            return answer(HTTPStatus.OK, keep=True)
        metrics.REFUSED_POSTS.labels(pushback.why).inc()
        return answer(HTTPStatus.SERVICE_UNAVAILABLE, keep=True, headers={"Retry-After": str(max(1, pushback.retry_after_s))})

    def _refusal(self, request: web.BaseRequest) -> tuple[HTTPStatus, str] | None:
        """Return why *request* is refused by its head, or None. The secret comes first, so that the rest is told to nobody else."""
        if not self.knows(request):
            return HTTPStatus.FORBIDDEN, "secret"
        if request.path != PATH:
            return HTTPStatus.NOT_FOUND, "path"
        if request.method != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED, "method"
        if request.content_type != "application/json" or "Content-Encoding" in request.headers:
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "type"
        if (request.content_length or 0) > BODY_BYTES:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size"
        return None

    async def _settle(self, body: bytes) -> Pushback | None:
        raw = _update_in(body)
        if raw is None:
            # Acknowledged: it would be the same the next time, and hold up its chat for a day.
            metrics.UPDATES.labels("unreadable").inc()
            return None
        try:
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await self.settler.deliver(raw)
        except TimeoutError:
            return _LATE


def refuse(connection: Connection, status: HTTPStatus, why: str) -> web.Response:
    """Count it and return the answer, after which the connection ends."""
    connection.refuse()
    metrics.REFUSED_POSTS.labels(why).inc()
    return answer(status)


async def _read(request: web.BaseRequest) -> bytes | None:
    """Return the body, or None when it is too long. Raises ConnectionError when it is cut off, RequestPayloadError when it cannot be read."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_BYTES:
            return None
    return bytes(body)


def _update_in(body: bytes) -> Mapping[str, Any] | None:
    """Return the update, or None for what is none."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return None
    # JSON has true, which Python takes for a number.
    return raw if isinstance(raw, dict) and type(raw.get("update_id")) is int else None


def webhook_secret_of(token: str) -> str:
    """Return the secret of a bot for which none was set: 64 hexadecimal digits, the same in every replica, that do not tell the token."""
    return hmac.digest(token.encode(), b"napebot webhook secret", "sha256").hex()


async def register_webhook(bot: ExtBot[int], url: str, secret: str, *, stop: asyncio.Event, sleep: Sleep = asyncio.sleep) -> None:
    """Have Telegram post updates to *url*, the public address of the bot; what waits there stays.

    It is tried until it works or *stop* is set. Raises ConfigError when Telegram rejects the token or the address.
    """
    await persistently(partial(_register, bot, address_of(url), secret), stop, sleep)


async def _register(bot: ExtBot[int], url: str, secret: str) -> None:
    try:
        await bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED_UPDATES, max_connections=MAX_CONNECTIONS, drop_pending_updates=False)
    except BadRequest as error:
        raise ConfigError(f"Telegram refuses WEBHOOK_URL or WEBHOOK_SECRET ({error.message}): set them right") from None


def address_of(url: str) -> str:
    """Return where Telegram is to post, for the public address of the bot: with `PATH` at its end, whether it was written out or not."""
    return url.rstrip("/").removesuffix(PATH) + PATH


async def unregister_webhook(bot: ExtBot[int], *, stop: asyncio.Event | None = None, sleep: Sleep = asyncio.sleep) -> None:
    """Have Telegram keep updates until they are fetched; what waits there stays. Raises ConfigError when Telegram rejects the token."""
    await persistently(partial(bot.delete_webhook, drop_pending_updates=False), stop or asyncio.Event(), sleep)
