"""The way to Telegram over real sockets: what fails says whether it may have been written, and never says where it went."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import ssl
import subprocess
import traceback
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import certifi
import pytest
from telegram import InputFile
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.adapters.telegram import transport as module
from bot.adapters.telegram.patience import Failure, failure_of
from bot.adapters.telegram.transport import CutOff, NoAnswer, NotSent, Transport, kind_of
from bot.errors import ConfigError
from tests.adapters.telegram.conftest import TOKEN
from tests.adapters.telegram.peer import Act, Peer, after, answer, hang, hang_up, raw, reset, trickle
from tests.e2e.bot_process import free_port

SAID = {"chat_id": 501, "text": "it’s <b>stiff</b> & sore", "reply_markup": {"inline_keyboard": [[{"text": "More", "callback_data": "m"}]]}}
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b'{"ok": true'
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"80\r\n" + b" " * 128 + b"\r\n"
LONG = 100
"""Bytes that an answer may have in these tests."""


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer() as peer:
        yield peer


@pytest.fixture
async def way() -> AsyncIterator[Transport]:
    async with Transport(read_timeout_s=5.0, longest_answer_bytes=LONG) as way:
        yield way


def url(address: str, method: str = "sendMessage", scheme: str = "http") -> str:
    return f"{scheme}://{address}/bot{TOKEN}/{method}"


def said(**parameters: object) -> RequestData:
    return RequestData([RequestParameter.from_input(name, value) for name, value in (parameters or SAID).items()])


def everything_in(error: BaseException) -> str:
    """Whatever anybody could print of *error* and of what is behind it."""
    behind = [found for found in (error.__cause__, error.__context__) if found is not None]
    here = [str(error), repr(error), repr(error.args), *traceback.format_exception(error)]
    return "\n".join(here + [everything_in(found) for found in behind])


async def failure(way: Transport, address: str, *, scheme: str = "http", short_s: float | None = None) -> TelegramError:
    """Return what a request to *address* raises, *short_s* for each of its timeouts; it must not tell where it went."""
    limits = {} if short_s is None else {f"{step}_timeout": short_s for step in ("read", "write", "connect", "pool")}
    with pytest.raises(TelegramError) as raised:
        await way.post(url(address, scheme=scheme), said(), **limits)
    told = everything_in(raised.value)
    assert TOKEN not in told
    assert "sendMessage" not in told
    assert raised.value.__context__ is None
    return raised.value


# --- what goes well -------------------------------------------------------------------------------------------------


async def test_parameters_go_as_json_and_the_result_comes_back(way: Transport, peer: Peer) -> None:
    peer.acts.append(answer(b'{"ok": true, "result": {"message_id": 7}}'))

    assert await way.post(url(peer.address), said()) == {"message_id": 7}
    [request] = peer.requests
    assert request.line == f"POST /bot{TOKEN}/sendMessage HTTP/1.1"
    assert "Content-Type: application/json" in request.head
    read = json.loads(request.body)
    # As Telegram reads it: numbers and objects in text, like those of a form.
    assert read["text"] == SAID["text"]
    assert {name: json.loads(read[name]) for name in ("chat_id", "reply_markup")} == {name: SAID[name] for name in ("chat_id", "reply_markup")}


async def test_a_request_without_parameters_has_a_body_too(way: Transport, peer: Peer) -> None:
    await way.post(url(peer.address), RequestData([]))

    assert peer.requests[0].body == b"{}"


async def test_files_go_in_parts(way: Transport, peer: Peer) -> None:
    await way.post(url(peer.address), said(chat_id=501, document=InputFile(b"%PDF of nobody", filename="leaflet.pdf")))

    [request] = peer.requests
    assert "Content-Type: multipart/form-data; boundary=" in request.head
    for part in (b'name="chat_id"', b'filename="leaflet.pdf"', b"application/pdf", b"%PDF of nobody"):
        assert part in request.body


async def test_a_file_is_fetched(way: Transport, peer: Peer) -> None:
    peer.acts.append(answer(b"\x89PNG"))

    assert await way.retrieve(url(peer.address, "a.png")) == b"\x89PNG"
    assert peer.requests[0].line.startswith("GET ")


async def test_a_connection_is_used_again_and_one_that_was_closed_is_not(way: Transport, peer: Peer) -> None:
    await way.post(url(peer.address), said())
    await way.post(url(peer.address), said())
    peer.hang_up_on_all()
    await asyncio.sleep(0.05)
    await way.post(url(peer.address), said())

    assert [request.connection for request in peer.requests] == [1, 1, 2]


async def test_an_idle_connection_is_left_after_a_while(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_ALIVE_S", 0.05)
    async with Transport() as way:
        await way.post(url(peer.address), said())
        await asyncio.sleep(0.1)
        await way.post(url(peer.address), said())

    assert [request.connection for request in peer.requests] == [1, 2]


async def test_no_more_connections_than_allowed(peer: Peer) -> None:
    peer.acts.extend([after(0.05, answer())] * 6)
    async with Transport(connections=2) as way:
        await asyncio.gather(*(way.post(url(peer.address), said()) for _ in range(6)))

    assert {request.connection for request in peer.requests} == {1, 2}


async def test_a_request_may_wait_longer_than_others(peer: Peer) -> None:
    """As getUpdates does."""
    peer.acts.append(after(0.2, answer()))
    async with Transport(read_timeout_s=0.05) as way:
        assert way.read_timeout == 0.05
        assert await way.post(url(peer.address, "getUpdates"), said(timeout=1), read_timeout=5) is True


async def test_a_request_may_wait_for_ever(way: Transport, peer: Peer) -> None:
    assert await way.post(url(peer.address), said(), read_timeout=None, write_timeout=None, connect_timeout=None, pool_timeout=None) is True


# --- what Telegram refuses ------------------------------------------------------------------------------------------


def refusal(code: int, **more: object) -> bytes:
    return json.dumps({"ok": False, "error_code": code, "description": f"no {code}", **more}).encode()


@pytest.mark.filterwarnings("ignore:.*attribute `retry_after`")
@pytest.mark.parametrize(
    ("status", "body", "raised", "failure"),
    [
        ("400 Bad Request", refusal(400), BadRequest, Failure.REFUSED),
        ("401 Unauthorized", refusal(401), InvalidToken, Failure.REFUSED),
        ("403 Forbidden", refusal(403), Forbidden, Failure.GONE),
        ("409 Conflict", refusal(409), Conflict, Failure.REFUSED),
        ("429 Too Many Requests", refusal(429, parameters={"retry_after": 3}), RetryAfter, Failure.PAUSED),
        ("502 Bad Gateway", b"<html>nginx</html>", NetworkError, Failure.AWAY),
        ("504 Gateway Timeout", b"<html>nginx</html>", NetworkError, Failure.UNKNOWN),
        ("413 Payload Too Large", b"<html>nginx</html>", BadRequest, Failure.REFUSED),
        ("405 Method Not Allowed", refusal(405), BadRequest, Failure.REFUSED),
        ("408 Request Timeout", b"", NetworkError, Failure.AWAY),
        ("302 Found", b"", NetworkError, Failure.AWAY),
        ("200 OK", b"<html>a hotel</html>", TelegramError, Failure.REFUSED),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_refused_reaches_the_library(
    way: Transport, peer: Peer, status: str, body: bytes, raised: type[TelegramError], failure: Failure
) -> None:
    peer.acts.append(answer(body, status, head="Location: http://127.0.0.1:9/elsewhere\r\n"))
    with pytest.raises(raised) as found:
        await way.post(url(peer.address), said())

    assert failure_of(found.value) is failure
    assert len(peer.requests) == 1, "a token is not carried elsewhere"


def test_an_answer_that_is_no_json_is_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    for payload in (b'{"result": "my secret worry', b"[1]", b"\xff"):
        with pytest.raises(TelegramError) as raised:
            Transport.parse_json_payload(payload)
        assert "secret" not in everything_in(raised.value) + caplog.text

    assert Transport.parse_json_payload(b'{"ok": true, "result": [1]}') == {"ok": True, "result": [1]}
    assert Transport.parse_json_payload(b"{}") == {"result": None}


# --- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "raised"),
    [
        (reset, CutOff),
        (hang_up, CutOff),
        (raw(HALF, close=True), CutOff),
        (raw(b"220 mail.example.org ESMTP\r\n\r\n", close=True), CutOff),
        (answer(b" " * (LONG + 1)), CutOff),
        (raw(CHUNKED), CutOff),
        (hang, NoAnswer),
        (raw(HALF), NoAnswer),
        (trickle, NoAnswer),
    ],
    ids=["reset", "hung up", "half a body", "no HTTP", "too long", "too long, in chunks", "no answer", "half a body, then nothing", "a trickle"],
)
async def test_what_fails_once_it_is_written_may_have_been_taken(way: Transport, peer: Peer, act: Act, raised: type[CutOff]) -> None:
    peer.acts.append(act)
    error = await failure(way, peer.address, short_s=0.1)

    assert type(error) is raised
    assert isinstance(error, TimedOut) is (raised is NoAnswer)
    assert failure_of(error) is Failure.UNKNOWN
    assert len(peer.requests) == 1, "whether to try again is not decided here"


async def test_an_answer_is_waited_for_no_longer_than_asked(way: Transport, peer: Peer) -> None:
    """Whatever else there would be time for."""
    peer.acts.append(hang)
    async with asyncio.timeout(2):
        with pytest.raises(NoAnswer):
            await way.post(url(peer.address), said(), read_timeout=0.05)


async def test_a_kept_connection_that_is_closed_at_that_moment_may_have_been_written_to(way: Transport, peer: Peer) -> None:
    await way.post(url(peer.address), said())
    peer.acts.append(hang_up)
    error = await failure(way, peer.address)

    assert type(error) is CutOff
    assert [request.connection for request in peer.requests] == [1, 1]


async def test_what_may_be_asked_twice_is(way: Transport, peer: Peer) -> None:
    peer.acts.append(hang_up)
    assert await way.retrieve(url(peer.address, "a.png"))

    assert [request.line.partition(" ")[0] for request in peer.requests] == ["GET", "GET"]


async def test_a_file_that_does_not_come_may_not_be_asked_for_again_and_again(way: Transport, peer: Peer) -> None:
    """It has no body to tell whether it was asked for at all."""
    peer.acts.append(hang)
    with pytest.raises(NoAnswer):
        await way.retrieve(url(peer.address, "a.png"), read_timeout=0.05)


async def test_a_refused_connection_was_written_nothing(way: Transport) -> None:
    error = await failure(way, f"127.0.0.1:{free_port()}")

    assert (type(error), str(error)) == (NotSent, "ClientConnectorError")
    assert failure_of(error) is Failure.AWAY


async def test_a_name_nobody_has_was_written_nothing(way: Transport) -> None:
    assert type(await failure(way, "telegram.invalid", short_s=2.0)) is NotSent


async def test_a_handshake_that_never_ends_was_written_nothing(way: Transport, peer: Peer) -> None:
    error = await failure(way, peer.address, scheme="https", short_s=0.1)

    assert (type(error), str(error)) == (NotSent, "ConnectionTimeoutError")
    assert peer.requests == []


async def test_a_handshake_that_fails_was_written_nothing(way: Transport) -> None:
    async with Peer(greeting=b"220 mail.example.org ESMTP\r\n") as mail:
        assert type(await failure(way, mail.address, scheme="https")) is NotSent


async def test_what_waits_for_a_connection_in_vain_was_written_nothing(peer: Peer) -> None:
    peer.acts.append(hang)
    async with Transport(connections=1) as way:
        first = asyncio.create_task(way.post(url(peer.address), said()))
        await asyncio.wait_for(peer.came.get(), 2)
        error = await failure(way, peer.address, short_s=0.05)
        first.cancel()

    assert type(error) is NotSent
    assert len(peer.requests) == 1


@pytest.mark.parametrize("address", ["", "127.0.0.1:999999", "[::1"], ids=["no host", "no port", "no address"])
async def test_what_cannot_even_be_tried_is_our_own_fault(way: Transport, address: str) -> None:
    error = await failure(way, address)

    assert type(error) is TelegramError
    assert failure_of(error) is Failure.REFUSED


async def test_nothing_is_logged(way: Transport, peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    peer.acts.extend([answer(), answer(refusal(400)), reset])
    for _ in range(3):
        try:
            await way.post(url(peer.address), said())
        except TelegramError:
            continue

    assert len(peer.requests) == 3
    assert TOKEN not in caplog.text
    assert "stiff" not in caplog.text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotSent("ClientConnectorCertificateError"), "NotSent: ClientConnectorCertificateError"),
        (NoAnswer("SocketTimeoutError"), "NoAnswer: SocketTimeoutError"),
        (BadRequest("chat of Ann not found"), "BadRequest"),
    ],
    ids=["not sent", "no answer", "in Telegram's words"],
)
def test_of_a_failure_its_kind_may_be_told(error: TelegramError, told: str) -> None:
    assert kind_of(error) == told


# --- the end --------------------------------------------------------------------------------------------------------


async def test_a_cancelled_request_leaves_nothing_open(way: Transport, peer: Peer) -> None:
    peer.acts.append(hang)
    task = asyncio.create_task(way.post(url(peer.address), said()))
    await asyncio.wait_for(peer.came.get(), 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await asyncio.wait_for(peer.closed.get(), 2) == 1
    await way.post(url(peer.address), said())
    assert peer.requests[-1].connection == 2


async def test_after_shutdown_nothing_is_open_and_it_can_begin_again(peer: Peer) -> None:
    way = Transport()
    await way.shutdown()
    await way.initialize()
    await way.initialize()
    await way.post(url(peer.address), said())
    await way.shutdown()
    await way.shutdown()

    assert await asyncio.wait_for(peer.closed.get(), 2) == 1
    assert type(await failure(way, peer.address)) is TelegramError
    async with way:
        await way.post(url(peer.address), said())
    assert [request.connection for request in peer.requests] == [1, 2]


async def test_shutdown_ends_what_is_under_way(peer: Peer) -> None:
    peer.acts.append(hang)
    way = Transport()
    await way.initialize()
    task = asyncio.create_task(way.post(url(peer.address), said()))
    await asyncio.wait_for(peer.came.get(), 2)
    await way.shutdown()
    with pytest.raises(CutOff):
        await asyncio.wait_for(task, 2)


# --- proxies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY", "http_proxy"])
async def test_a_proxy_of_the_environment_is_used(peer: Peer, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, f"http://ann:secret@{peer.address}")
    async with Transport() as way:
        await way.post(url("api.example.org"), said())

    assert peer.requests[0].line == f"POST http://api.example.org/bot{TOKEN}/sendMessage HTTP/1.1"
    assert "Proxy-Authorization: Basic YW5uOnNlY3JldA==" in peer.requests[0].head


async def test_a_host_that_needs_no_proxy_is_asked_itself(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    async with Transport() as way:
        assert await way.post(url(peer.address), said()) is True


@pytest.mark.parametrize(
    ("act", "kind"),
    [(answer(b"", "407 Proxy Authentication Required"), "ClientHttpProxyError"), (hang_up, "ServerDisconnectedError")],
    ids=["refuses", "hangs up"],
)
async def test_what_a_proxy_does_not_carry_was_written_nothing(peer: Peer, monkeypatch: pytest.MonkeyPatch, act: Act, kind: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{peer.address}")
    peer.acts.append(act)
    async with Transport() as way:
        error = await failure(way, "api.example.org", scheme="https")

    assert peer.requests[0].line == "CONNECT api.example.org:443 HTTP/1.1"
    assert (type(error), str(error)) == (NotSent, kind)


async def test_a_proxy_that_cannot_be_used_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://ann:secret@proxy.example.org:1080")
    with pytest.raises(ConfigError, match="HTTPS_PROXY") as raised:
        await Transport().initialize()

    assert "secret" not in everything_in(raised.value)


# --- certificates ---------------------------------------------------------------------------------------------------


@pytest.fixture
def trusted_anew() -> Iterator[None]:
    module._trusted.cache_clear()
    yield
    module._trusted.cache_clear()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, by itself, with its key."""
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("openssl is not here")
    path = tmp_path / "certificate.pem"
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    subprocess.run(
        [openssl, *made, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", path, "-out", tmp_path / "c"], check=True, capture_output=True
    )
    path.write_text(path.read_text() + (tmp_path / "c").read_text())
    return path


@pytest.fixture
async def tls_peer(certificate: Path) -> AsyncIterator[Peer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with Peer(tls=context) as peer:
        yield peer


@pytest.mark.usefixtures("trusted_anew")
async def test_whom_the_operator_trusts_is_talked_to_by_tls(
    way: Transport, tls_peer: Peer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    for _ in range(2):
        assert await way.post(url(tls_peer.address, scheme="https"), said()) is True

    assert [request.connection for request in tls_peer.requests] == [1, 1]


@pytest.mark.usefixtures("trusted_anew")
async def test_whom_nobody_trusts_is_told_nothing(way: Transport, tls_peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    error = await failure(way, tls_peer.address, scheme="https")

    assert (type(error), str(error)) == (NotSent, "ClientConnectorCertificateError")
    assert tls_peer.requests == []


@pytest.mark.usefixtures("trusted_anew")
@pytest.mark.parametrize(("named", "known"), [(None, True), ("SSL_CERT_FILE", False)], ids=["by default", "where the operator names others"])
def test_whom_browsers_trust_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str | None, known: bool) -> None:
    (tmp_path / "none.pem").write_text("")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    if named:
        monkeypatch.setenv(named, str(tmp_path / "none.pem"))

    every = ssl.create_default_context(cafile=certifi.where()).cert_store_stats()["x509_ca"]
    assert (module._trusted().cert_store_stats()["x509_ca"] >= every > 0) is known
