"""The way to Telegram: one session of aiohttp, which says of every failure whether the request may have been written.

A bot's token is in every URL, and aiohttp's errors carry URLs: none of them leaves this module, neither as a cause nor in a word of ours.
"""

from __future__ import annotations

import json
import os
import ssl
from functools import cache
from http import HTTPStatus
from typing import Any, Final
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi
from aiohttp.abc import AbstractStreamWriter
from telegram._utils.defaultvalue import DefaultValue
from telegram._utils.types import ODVInput
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.errors import ConfigError

CONNECTIONS: Final = 64
"""At once; as many as there are lanes at work."""
KEEP_ALIVE_S: Final = 15.0
"""How long an idle connection is kept: shorter than any server does, so that no request is written to one that is just being closed."""
LONGEST_ANSWER_BYTES: Final = 32 * 1024 * 1024
"""The largest file that bots may fetch has 20 MB, and a hundred updates have less."""

_POOL_S = 1.0
_CONNECT_S = 5.0
_WRITE_S = 5.0
_READ_S = 5.0
_UPLOAD_S = 20.0
"""The library's own figures: for a connection to come free, to be made, for a request to be written, for bytes to come, for files to be written."""
_NAMED = frozenset({401, 403, 404, 408, 409, 425, 429})
"""Refusals that mean more than no; of them 408 and 425 will pass."""
_PROXIED = ("http", "https", "all")


class NotSent(NetworkError):  # noqa: N818  (it says what became of the request)
    """The request did not reach Telegram: not a byte of it was written."""


class CutOff(NetworkError):  # noqa: N818
    """The request was written, in part at least, and there is no answer: nobody knows whether it was taken."""


class NoAnswer(CutOff, TimedOut):
    """The same, after all the time there was."""


def _told(status: int) -> int:
    """Return *status* as the library tells it apart: a refusal that it knows no name for would count as an outage, and be tried for ever."""
    unnamed = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _NAMED
    return HTTPStatus.BAD_REQUEST if unnamed else status


class Transport(BaseRequest):
    """Carries the library's requests. Between `initialize` and `shutdown` it holds one session, and it can be begun again."""

    def __init__(
        self,
        connections: int = CONNECTIONS,
        *,
        read_timeout_s: float = _READ_S,
        connect_timeout_s: float = _CONNECT_S,
        longest_answer_bytes: int = LONGEST_ANSWER_BYTES,
    ) -> None:
        """*connections* may be open at once; the timeouts are for requests that come without."""
        self._connections = connections
        self._read_timeout_s = read_timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._longest_answer_bytes = longest_answer_bytes
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, URL] = {}

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for bytes, where a request does not say."""
        return self._read_timeout_s

    async def initialize(self) -> None:
        """Open the session, unless it is open; connections come with requests. Raises ConfigError for a proxy that cannot be used."""
        if self._session is not None:
            return
        # Asked of the environment here: a session that is told to trust it asks a thread on each request, and looks for passwords in .netrc.
        self._proxies = _proxies()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self.USER_AGENT},
            # Short answers are not worth the inflating, and one that grows in it cannot be measured by its length.
            skip_auto_headers=("Accept-Encoding",),
            auto_decompress=False,
        )

    async def shutdown(self) -> None:
        """Close the session and all connections; what is under way fails."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the JSON object in *payload*; raise TelegramError for anything else, and log nothing of it: it may be people's messages."""
        try:
            found = json.loads(payload)
        except ValueError:
            raise TelegramError("Invalid server response") from None
        if not isinstance(found, dict):
            raise TelegramError("Invalid server response")
        # The library looks for a result in every good answer, and not where there is none.
        return {"result": None} | found

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Return status and body of the answer. Raises NotSent, CutOff, NoAnswer; and TelegramError for what cannot even be tried."""
        body = await _body_of(request_data)
        uploads = request_data is not None and request_data.contains_files
        limits = _limits(
            pool_s=_given(pool_timeout, _POOL_S),
            connect_s=_given(connect_timeout, self._connect_timeout_s),
            write_s=_given(write_timeout, _UPLOAD_S if uploads else _WRITE_S),
            read_s=_given(read_timeout, self._read_timeout_s),
        )
        try:
            return await self._exchange(method, URL(url), body, limits)
        except Exception as error:  # Of any kind: what the library makes of it would quote the URL.
            failure = _failure(error, body)
        # Not where it was caught: an error that is raised there drags along what it took the place of.
        raise failure

    async def _exchange(self, method: str, url: URL, body: _Body | None, limits: aiohttp.ClientTimeout) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("not initialised")
        request = self._session.request(
            method,
            url,
            data=body,
            timeout=limits,
            proxy=self._proxy_for(url),
            ssl=_trusted() if url.scheme == "https" else True,
            allow_redirects=False,  # The token is for nobody else.
        )
        async with request as response:
            answer = bytearray()
            async for chunk in response.content.iter_any():
                answer += chunk
                if len(answer) > self._longest_answer_bytes:
                    raise aiohttp.ClientPayloadError("too long an answer")
            return _told(response.status), bytes(answer)

    def _proxy_for(self, url: URL) -> URL | None:
        """Return the proxy on the way to *url*, unless NO_PROXY names its host."""
        if not self._proxies or proxy_bypass(url.host or ""):
            return None
        return self._proxies.get(url.scheme) or self._proxies.get("all")


def kind_of(error: TelegramError) -> str:
    """Return what may be told of *error*: of ours also what caused it, of others not their words, which are Telegram's."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, NotSent | CutOff) else kind


class _Body(aiohttp.BytesPayload):
    """The body of a request, which knows whether it has begun to be written: the head goes out with its first bytes."""

    begun = False

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        self.begun = True
        await super().write_with_length(writer, content_length)


async def _body_of(request_data: RequestData | None) -> _Body | None:
    if request_data is None:
        return None
    if not request_data.contains_files:
        return _Body(request_data.json_payload, content_type="application/json")
    form = aiohttp.FormData(request_data.json_parameters)
    for name, (filename, content, mime_type) in request_data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime_type)
    parts = form()
    return _Body(await parts.as_bytes(), headers=parts.headers)


def _given(timeout_s: ODVInput[float], default_s: float) -> float | None:
    return default_s if isinstance(timeout_s, DefaultValue) else timeout_s


def _limits(*, pool_s: float | None, connect_s: float | None, write_s: float | None, read_s: float | None) -> aiohttp.ClientTimeout:
    """Bound each step, and all of them together: a server that sends a byte now and then must not hold up a chat."""
    till_connected_s = None if pool_s is None or connect_s is None else pool_s + connect_s
    total_s = None if till_connected_s is None or write_s is None or read_s is None else till_connected_s + write_s + read_s
    return aiohttp.ClientTimeout(total=total_s, connect=till_connected_s, sock_connect=connect_s, sock_read=read_s)


def _failure(error: Exception, body: _Body | None) -> TelegramError:
    """Say what *error* means for a request with *body*, in no words but its kind."""
    kind = type(error).__name__
    # A timeout is an OSError too.
    if isinstance(error, aiohttp.InvalidURL) or not isinstance(error, aiohttp.ClientError | OSError):
        return TelegramError(f"the request could not be made: {kind}")
    if body is not None and not body.begun:
        return NotSent(kind)
    return NoAnswer(kind) if isinstance(error, TimeoutError) else CutOff(kind)


@cache
def _trusted() -> ssl.SSLContext:
    """Return whose certificates are believed: those of the system and of certifi, or those that SSL_CERT_FILE or SSL_CERT_DIR name instead."""
    context = ssl.create_default_context()
    if not {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        context.load_verify_locations(certifi.where())
    return context


def _proxies() -> dict[str, URL]:
    """Return the proxies that HTTPS_PROXY and its like name, by scheme. Raises ConfigError for one that cannot be used."""
    found = {scheme: URL(proxy) for scheme, proxy in getproxies().items() if scheme in _PROXIED}
    for scheme, proxy in found.items():
        if proxy.scheme not in ("http", "https"):
            raise ConfigError(f"{scheme.upper()}_PROXY names a proxy of the kind {proxy.scheme!r}: only http:// and https:// can be used")
    return found
