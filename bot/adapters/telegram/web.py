"""What is served over HTTP: whether the bot is well, what it has counted, and the webhook where there is one.

All of it comes from one port, `/healthz` and `/metrics` for whoever looks after the bot: a proxy that the world can reach should pass on
`/telegram` only. They say no id and no word of anybody. Requests are not logged: neither addresses nor what was asked for.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot import metrics
from bot.adapters.telegram.connections import Connection, Door, Limits
from bot.adapters.telegram.webhook import Webhook, answer, refuse
from bot.errors import ConfigError
from bot.redact import where
from bot.store.bounded import bounded

FINISH_LIMIT_S: Final = 8.0
"""For requests in flight at the end."""

_CLOSE_LIMIT_S: Final = 1.0
_SOCKET_BYTES: Final = 64 * 1024
"""What the system holds of a connection before it is read: else some megabytes of each stranger's."""
_HEALTH: Final = "/healthz"
_LIVE: Final = "/healthz/live"
_READY: Final = "/healthz/ready"
_METRICS: Final = "/metrics"

Ready = Callable[[], Awaitable[bool]]
"""Whether the knowledge is loaded and the store answers; waited for 250 ms at most."""

_logger = logging.getLogger(__name__)


class Site:
    """What is being served."""

    def __init__(self, ready: Ready, webhook: Webhook | None, limits: Limits) -> None:
        self.port = 0
        """The one that is listened on."""
        self.stopping = False
        """Set it to be reported as not ready, and to have Telegram bring updates again later; `serve` sets it at its end."""
        self._ready = ready
        self._webhook = webhook
        self._door = Door(limits)
        self._server = web.Server(self._handle)
        self._in_flight: set[asyncio.Task[object]] = set()

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._door)

    def protocol(self) -> Connection:
        """Return the protocol of a new connection."""
        loop = asyncio.get_running_loop()
        inner = _Http(
            self._server,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # None is what its own documentation says
            # A body that is compressed would be unpacked before anybody asks for the secret.
            auto_decompress=False,
            keepalive_timeout=self._door.limits.idle_s,
            # What is left of a refused body is not read.
            lingering_time=0,
            read_bufsize=self._door.limits.stranger_bytes,
        )
        inner.connection = Connection(inner, self._door)
        return inner.connection

    async def finish(self, limit_s: float) -> None:
        """Drop whoever has not sent a whole request, wait *limit_s* seconds for the others, and end every connection."""
        self.stopping = True
        self._door.shut()
        if self._in_flight:
            await asyncio.wait(self._in_flight, timeout=limit_s)
        for task in tuple(self._in_flight):
            task.cancel()
        await self._server.shutdown(_CLOSE_LIMIT_S)

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  (for the type checker: nothing else calls this)
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
        response = await self._answer(request)
        if self.stopping:
            response.force_close()
        return response

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        connection = _connection_of(request)
        if request.method in ("GET", "HEAD") and request.path in (_HEALTH, _LIVE, _READY, _METRICS):
            connection.refuse()
            return await self._tell(request.path)
        if self._webhook is None:
            return refuse(connection, HTTPStatus.NOT_FOUND, "path")
        return await self._webhook.take(request, connection, stopping=self.stopping)

    async def _tell(self, path: str) -> web.Response:
        if path == _METRICS:
            return _closing(web.Response(body=generate_latest(metrics.REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST}))
        # Whoever is told this was answered by a loop that turns.
        told = {} if path == _READY else {"live": True}
        if path != _LIVE:
            told["ready"] = not self.stopping and await bounded(self._ready(), otherwise=False)
        return _closing(web.json_response(told, status=HTTPStatus.OK if all(told.values()) else HTTPStatus.SERVICE_UNAVAILABLE))


class _Http(web.RequestHandler):
    """aiohttp's protocol, without its words: they quote what was sent and name who sent it."""

    connection: Connection

    def handle_error(self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None) -> web.Response:  # noqa: ARG002
        """Answer what is no HTTP, and what failed."""
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return refuse(self.connection, HTTPStatus.BAD_REQUEST, "malformed")
        if isinstance(exc, (ConnectionError, web.RequestPayloadError)):  # The body was cut off: nobody hears this.
            return answer(HTTPStatus.BAD_REQUEST)
        self.log_exception(exc_info=exc)
        return answer(HTTPStatus.INTERNAL_SERVER_ERROR)

    def log_exception(self, *args: object, **kw: object) -> None:  # noqa: ARG002
        """Log the kind of an error and where it was."""
        error = kw.get("exc_info")
        _logger.error("a request failed: %s", where(error) if isinstance(error, BaseException) else "nobody knows why")


def _connection_of(request: web.BaseRequest) -> Connection:
    assert isinstance(request.protocol, _Http)  # noqa: S101  (for the type checker: there are no others)
    return request.protocol.connection


def _closing(response: web.Response) -> web.Response:
    response.headers["Server"] = "napebot"
    response.force_close()
    return response


@asynccontextmanager
async def serve(
    host: str,
    port: int,
    *,
    ready: Ready,
    webhook: Webhook | None = None,
    finish_limit_s: float = FINISH_LIMIT_S,
    limits: Limits | None = None,
) -> AsyncIterator[Site]:
    """Serve on *host* and *port* within the block; port 0 takes any, and the site knows which.

    At the end no connection is taken any more, and requests in flight have *finish_limit_s* seconds. Raises ConfigError when the port cannot be had.
    """
    site = Site(ready, webhook, limits or Limits())
    loop = asyncio.get_running_loop()
    try:
        server = await loop.create_server(site.protocol, host, port, start_serving=False)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"cannot listen on {host}, port {port}: {reason}; set LISTEN_HOST and LISTEN_PORT to what is free here") from None
    try:
        for listening in server.sockets:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SOCKET_BYTES)
        site.port = server.sockets[0].getsockname()[1]
        await server.start_serving()
        yield site
    finally:
        server.close()
        await site.finish(finish_limit_s)
