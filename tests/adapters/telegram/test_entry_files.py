"""Files of entries over real sockets: they arrive as they are, and of what fails nothing says where it went."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from email.parser import BytesParser
from email.policy import HTTP

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Document, Message, Update
from telegram.ext import ExtBot

from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.entry_files import Unfetched, _albums, fetch, meant, send
from bot.adapters.telegram.transport import Transport
from bot.service import Service
from tests.adapters.telegram.conftest import TOKEN, Clock
from tests.adapters.telegram.peer import Act, Peer, Request, answer, hang, hang_up, raw, reset
from tests.adapters.telegram.test_transport import everything_in
from tests.adapters.telegram.updates import message, new

DOCUMENT = Document("f-1", "u-1", file_name="repairs.yaml")
CONTENT = "- id: café\n".encode()
PLACE = b'{"ok": true, "result": {"file_id": "f-1", "file_unique_id": "u-1", "file_path": "documents/file_7.yaml"}}'
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n- id: "


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "all"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    async with Peer() as peer:
        yield peer


@pytest.fixture
async def bot(peer: Peer, service: Service, clock: Clock) -> AsyncIterator[ExtBot[int]]:
    """A bot whose Bot API is the peer, with the real way to it."""
    async with Transport(read_timeout_s=0.5) as way:
        yield build_application(TOKEN, service, api_base_url=f"http://{peer.address}", request=way, sleep=clock.sleep).bot


def sent(result: object) -> bytes:
    return json.dumps({"ok": True, "result": result}).encode()


def parts(request: Request) -> dict[str, tuple[str | None, bytes]]:
    """Return what a request carries in parts: the name of its file, and the content, by the name of the part."""
    head = re.search(r"(?im)^content-type: .*$", request.head)
    assert head is not None
    parsed = BytesParser(policy=HTTP).parsebytes(head[0].strip().encode() + b"\r\n\r\n" + request.body)
    found = {}
    for part in parsed.iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found[str(part.get_param("name", header="content-disposition"))] = part.get_filename(), content
    return found


def asked(bot: ExtBot[int]) -> Message:
    update = Update.de_json(new(message("/export")), bot)
    assert update.message is not None
    return update.message


# --- sent -----------------------------------------------------------------------------------------------------------------


async def test_an_album_carries_each_file_as_it_is(bot: ExtBot[int], peer: Peer) -> None:
    files = [("repairs.yaml", CONTENT), ("bells.yaml", b"[]\n"), ("long.yaml", b"# long\n" * 50_000)]
    peer.acts.append(answer(sent([])))
    await send(asked(bot), files, "Edit it.")

    (request,) = peer.requests
    carried = parts(request)
    media = json.loads(carried["media"][1])
    assert request.line == f"POST /bot{TOKEN}/sendMediaGroup HTTP/1.1"
    assert [carried[part["media"].removeprefix("attach://")] for part in media] == files
    assert [part.get("caption") for part in media] == [None, None, "Edit it."]


async def test_a_single_file_goes_by_itself(bot: ExtBot[int], peer: Peer) -> None:
    peer.acts.append(answer(sent(message("x"))))
    await send(asked(bot), [("repairs.yaml", CONTENT)], "Edit it.")

    (request,) = peer.requests
    carried = parts(request)
    assert request.line == f"POST /bot{TOKEN}/sendDocument HTTP/1.1"
    assert carried[carried["document"][1].decode().removeprefix("attach://")] == ("repairs.yaml", CONTENT)
    assert carried["caption"][1] == b"Edit it."


@given(st.integers(0, 60))
def test_albums_hold_all_files_in_order_and_are_as_few_as_can_be(count: int) -> None:
    files = [(f"{number}.yaml", b"") for number in range(count)]
    albums = list(_albums(files))

    assert [each for album in albums for each in album] == files
    assert len(albums) == -(-count // 10)
    assert all(1 <= len(album) <= 10 for album in albums)


# --- fetched --------------------------------------------------------------------------------------------------------------


async def test_a_file_is_fetched_from_where_telegram_says(bot: ExtBot[int], peer: Peer) -> None:
    peer.acts.extend([answer(PLACE), answer(CONTENT)])

    assert await fetch(bot, DOCUMENT) == CONTENT
    assert [request.line for request in peer.requests] == [
        f"POST /bot{TOKEN}/getFile HTTP/1.1",
        f"GET /file/bot{TOKEN}/documents/file_7.yaml HTTP/1.1",
    ]


@pytest.mark.parametrize("fault", [reset, hang_up, hang, raw(HALF, close=True), answer(b"", "502 Bad Gateway")], ids=lambda act: act.__name__)
async def test_one_fault_on_the_way_is_got_over(bot: ExtBot[int], peer: Peer, fault: Act) -> None:
    peer.acts.extend([answer(PLACE), fault, answer(CONTENT)])

    assert await fetch(bot, DOCUMENT) == CONTENT


@pytest.mark.parametrize(
    "acts",
    [
        [answer(PLACE), *[reset] * 9],
        [answer(PLACE), *[hang_up] * 9],
        [answer(PLACE), *[hang] * 9],
        [answer(PLACE), *[raw(HALF, close=True)] * 9],
        [answer(PLACE), answer(b"<html>not here</html>", "404 Not Found")],
        [answer(PLACE), answer(b"<html>not here</html>", "302 Found", head="Location: http://127.0.0.1:9/\r\n"), *[hang_up] * 9],
        [answer(b'{"ok": true, "result": {"file_id": "f-1", "file_unique_id": "u-1"}}')],
        [answer(b'{"ok": false, "error_code": 400, "description": "Bad Request: file is too big"}', "400 Bad Request")],
    ],
    ids=["reset", "closed", "silent", "half", "gone", "elsewhere", "no place", "too big"],
)
async def test_what_cannot_be_fetched_says_nothing_of_where_it_was(
    bot: ExtBot[int], peer: Peer, caplog: pytest.LogCaptureFixture, acts: list[Act]
) -> None:
    """The address of a file holds the token."""
    caplog.set_level(logging.DEBUG)
    peer.acts.extend(acts)
    with pytest.raises(Unfetched) as raised:
        await fetch(bot, DOCUMENT)

    assert raised.value.__context__ is None
    assert TOKEN not in everything_in(raised.value)
    assert TOKEN not in caplog.text


# --- names ----------------------------------------------------------------------------------------------------------------


@given(st.text(), st.sampled_from([".yaml", ".yml", ".YAML", ""]))
def test_only_the_name_of_a_theme_is_ever_put_in_place_of_another(name: str, ending: str) -> None:
    assert meant(name + ending, ["relief"]) in (name + ending, "relief.yaml")
    assert meant(f"relief{ending or '.yaml'}", ["relief"]) == "relief.yaml"
