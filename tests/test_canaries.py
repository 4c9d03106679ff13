"""Words, names, ids and a token that are easy to find go through the whole bot; none may turn up where anything is written or kept.

The same look finds each of them where one was let out on purpose: so it can fail.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import io
import itertools
import logging
import os
import signal
import socket
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, redirect_stderr, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Counter as Metric
from prometheus_client import generate_latest
from pydantic import SecretStr
from telegram import Bot, Update
from telegram.ext import ExtBot

from bot import metrics
from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.delivery import Delivery
from bot.adapters.telegram.runner import Parts, run_bot
from bot.adapters.telegram.upkeep import RENEW_S
from bot.adapters.telegram.webhook import webhook_secret_of
from bot.config import Settings
from bot.core.model import Context, Utterance
from bot.core.snapshot import Snapshot
from bot.errors import StoreError
from bot.keyring import Keyring
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.knowledge.versions import Versions
from bot.logs import Format, set_up
from bot.publishing import Publishing
from bot.replicas import Replicas
from bot.service import Said, Service
from bot.store import Store
from bot.store.opening import open_store
from bot.store.records import Effects, Miss, PersonKey
from tests.adapters.telegram import bicycle
from tests.adapters.telegram.posting import ask, head, post, until
from tests.adapters.telegram.updates import NOW, Raw, edited, message, new, pressed, said
from tests.adapters.telegram.wire import BLOCKED, Wire, bad_request, cut_off
from tests.store.servers import PostgresServer, postgres_server

SECRET = "AAE-planted-token_0123456789abcdefgh"
TOKEN = f"123456789:{SECRET}"
WORDS = ("syphilis", "chlamydia")
ODD_WORDS = ("suicidalwish", "painkillerphobia")
"""Such as no list of words has."""
NAMES = ("quirinalia", "vexhumble", "wexcombe")
PERSON, CHAT, ADMIN = 77_003_311_991, -1_005_511_223_377, 88_114_422_993
ANN: Raw = {"id": PERSON, "is_bot": False, "first_name": "Quirinalia", "last_name": "Vexhumble", "username": "quirinalia_v"}
BOSS: Raw = {"id": ADMIN, "is_bot": False, "first_name": "Vexhumble"}
GROUP: Raw = {"id": CHAT, "type": "supergroup", "title": "Wexcombe sufferers"}
FILE: Raw = {"file_id": "f", "file_unique_id": "u", "file_name": "rides.yaml"}
UNFORESEEN = "rust"
"""Whoever writes it meets a fault of our own."""
UNREADABLE = "moss"
"""Whoever writes it meets one of the library, which quotes them."""
EVERY = 5
"""So many calls to the store go well before one does not."""
LIMIT_S = 30.0
IN_MEMORY = ("log", "stderr", "reprs", "metrics")
"""The places that are no files."""


def _shapes(number: int) -> Iterator[bytes]:
    """Yield an id as text, as databases write numbers, and as hashes that anybody can make."""
    text = str(abs(number)).encode()
    yield text
    yield number.to_bytes(8, "big", signed=True)[2:]
    yield number.to_bytes(8, "little", signed=True)
    for make in (hashlib.sha256, hashlib.sha1, hashlib.md5):
        for digest in (make(str(number).encode()), make(text)):
            yield digest.digest()
            yield digest.hexdigest().encode()


CANARIES: dict[str, tuple[bytes, ...]] = {
    "token": (SECRET.encode(),),
    "secret of the webhook": (webhook_secret_of(TOKEN).encode(),),
    "word": tuple(word.encode() for word in WORDS),
    "odd word": tuple(word.encode() for word in ODD_WORDS),
    "name": tuple(name.encode() for name in NAMES),
    "person": tuple(_shapes(PERSON)),
    "chat": tuple(_shapes(CHAT)),
    "admin": tuple(_shapes(ADMIN)),
}


def found(sinks: dict[str, bytes]) -> set[tuple[str, str]]:
    """Return which canary is in which sink, a file being `disk`; upper and lower case are the same."""
    lower = {name: (content, content.lower()) for name, content in sinks.items()}
    return {
        (name if name in IN_MEMORY else "disk", canary)
        for name, contents in lower.items()
        for canary, shapes in CANARIES.items()
        if any(shape in content for shape in shapes for content in contents)
    }


# --- the conversation -----------------------------------------------------------------------------------------------


def conversation() -> list[Raw]:
    mention = [{"type": "mention", "offset": 0, "length": len("@bicycle_bot")}]
    mine: dict[str, Any] = {"user": ANN}
    ours: dict[str, Any] = {"user": ANN, "chat": GROUP}
    raws = [
        said("/start syphilis of the chain", **mine),
        said("how do i oil the chain with my syphilis? I am Quirinalia Vexhumble", **mine),
        said("my brakes failed, and I have chlamydia", **mine),
        said("Quirinalia Vexhumble here: where can i sell my old bicycle pump, suicidalwish", **mine),
        said("where can i sell my old bicycle pump with chlamydia and painkillerphobia", **mine),
        pressed(f"+p:{NOW}", user=ANN),
        pressed(f"x:{NOW}", user=ANN),
        pressed(f"y:{NOW}", user=ANN),
        pressed(f"y:{NOW}", user=ANN),
        said("/misses chlamydia", **mine),
        said("/misses", user=BOSS),
        edited(message("how do i change brake pads since my syphilis", **mine)),
        said(f"write to quirinalia@wexcombe.example or {PERSON}, my chlamydia squeaks", **mine),
        said(f"is {TOKEN} a good token for a chain", **mine),
        said("@bicycle_bot how do i oil the chain of Wexcombe with chlamydia", entities=mention, **ours),
        said("/topics@bicycle_bot", **ours),
        said("/suicidalwish", **mine),
        said("/id", **mine),
        said("/privacy", **mine),
        said("/reload chlamydia", **mine),
        said("/reload", user=BOSS),
        said("/why my chain squeaks with syphilis and painkillerphobia", user=BOSS),
        said("/why chlamydia", **mine),
        said("/status", user=BOSS),
        said("/undo", user=BOSS),
        said("/export", user=BOSS),
        new(message(document=FILE, **mine)),
        new(message(document=FILE, caption="syphilis", user=BOSS)),
        said("/claim chla-mydi", **mine),
        new(message(photo=[{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}], caption="the chain has syphilis", **mine)),
        new(message(sticker={"file_id": "a", "file_unique_id": "b", "type": "regular", "width": 1, "height": 1, "is_animated": False,
                             "is_video": False}, **mine)),
        pressed("syphilis", user=ANN),
        pressed("", user=ANN),
        said(f"{UNFORESEEN} and chlamydia", **mine),
        {"update_id": 5_000, "message": {"message_id": 1, "date": "syphilis", "chat": {"id": PERSON, "type": "private"}, "from": ANN}},
        {"update_id": 5_002, "message": message(f"chlamydia {UNREADABLE}", **mine)},
        {"update_id": 5_001, "message": message("suicidalwish", **mine) | {"entities": "syphilis"}},
        new(message("my chain squeaks, syphilis", **mine) | {"date": NOW - 5_000}),
        *(said(f"flood of chlamydia {number}", **mine) for number in range(12)),
        said("/forget", **ours),
        said("how do i oil the chain, chlamydia", **mine),
    ]  # fmt: skip
    return [raw | {"update_id": number} for number, raw in enumerate(raws, 9_000)]


@dataclass(frozen=True)
class Way:
    """How one run is set up."""

    database: str
    form: Format
    keep_misses: bool
    by_webhook: bool = False

    def __str__(self) -> str:
        way_in = "webhook" if self.by_webhook else "polling"
        return f"{way_in}, {self.database}, {self.form} log, misses {'kept' if self.keep_misses else 'not kept'}"


@dataclass
class Run:
    """One conversation, and all the places where something of it may be left."""

    way: Way
    store: Store
    files: Callable[[], dict[str, bytes]]
    """What is on disk."""
    data: Path
    """Where the bot keeps versions."""
    log: io.StringIO = field(default_factory=io.StringIO)
    stderr: io.StringIO = field(default_factory=io.StringIO)
    reprs: list[str] = field(default_factory=list)
    metrics: bytes = b""
    kinds: set[str] = field(default_factory=set)
    """Of the objects printed."""

    def sinks(self) -> dict[str, bytes]:
        """Return all there is to look through, by name."""
        return {
            "log": self.log.getvalue().encode(),
            "stderr": self.stderr.getvalue().encode(),
            "reprs": "\n".join(self.reprs).encode(),
            "metrics": self.metrics + generate_latest(metrics.REGISTRY),
            **self.files(),
        }

    def leaks(self) -> set[tuple[str, str]]:
        """Return what is found and must not be: a word that everybody knows may be kept where misses are."""
        return found(self.sinks()) - ({("disk", "word")} if self.way.keep_misses else set())

    def print_all(self) -> None:
        """Print every part of the bot that is alive: what is no value of a message itself, and no update of the library."""
        for found in gc.get_objects():
            kind = type(found)
            if _is_a_part(kind):
                with suppress(AttributeError):  # One that is only being made cannot be printed.
                    self.reprs.append(f"{found!r} {found}")
                    self.kinds.add(kind.__name__)


_PARTS = ("bot.", "telegram.ext._application", "telegram.ext._extbot", "telegram._bot")
_VALUES = ("bot.core", "bot.knowledge", "bot.store.records", "bot.adapters.telegram.pages", "bot.adapters.telegram.render")
"""What messages and replies are made of: the words themselves, while somebody works on them."""


def _is_a_part(kind: type) -> bool:
    module = str(getattr(kind, "__module__", ""))
    return module.startswith(_PARTS) and not module.startswith(_VALUES)


async def converse(run: Run, settings: Settings, service: Service, keyring: Keyring, wire: Wire) -> None:
    """Run the whole bot over the wire, with faults on the way, until all is settled; and have it meet what nobody foresaw."""
    real = service.answer

    async def answer(utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        if UNFORESEEN in utterance.text:
            raise ValueError(f"cannot cope with {utterance.text!r} of {PERSON}")
        return await real(utterance, key, carried)

    service.answer = answer  # type: ignore[method-assign]
    url = f"https://api.telegram.org/bot{TOKEN}/sendMessage"
    wire.updates = [] if run.way.by_webhook else conversation()
    wire.files["f"] = b"- id: ride\n  answer: chlamydia, syphilis, suicidalwish\n"
    wire.faults["sendMessage"].extend([cut_off(), b"no JSON but syphilis", bad_request("can't parse entities in syphilis"), BLOCKED])
    wire.faults["getUpdates"].extend([b'["chlamydia"]', _with_words(cut_off(), f"{url} chlamydia")])
    wire.faults["setMyCommands"].append(bad_request(f"chat {ADMIN} not found"))
    wire.before = lambda call: run.print_all() if call.method == "sendMessage" and wire.attempts["sendMessage"] % 10 == 5 else None
    stray: list[asyncio.Task[None]] = []

    def at_the_end() -> None:
        if not stray:
            stray.append(asyncio.create_task(_fail(f"stray chlamydia of {PERSON}")))
            asyncio.get_running_loop().call_later(0.1, finish)

    def finish() -> None:
        _meet_what_nobody_foresaw(url)
        stray.clear()
        gc.collect()
        run.print_all()
        run.metrics += generate_latest(metrics.REGISTRY)
        os.kill(os.getpid(), signal.SIGTERM)

    async def posted() -> None:
        await until(lambda: bool(wire.of("setWebhook")))
        run.metrics += await _posted(settings.listen_port or 0)
        at_the_end()

    wire.when_empty = at_the_end
    replicas = Replicas(run.store, service.live, "one")
    publishing = Publishing(service.live, replicas, Versions(run.data / "versions"), may_write=True)
    parts = Parts(service, run.store, replicas, keyring, True, publishing=publishing)
    run.reprs += [repr(parts), repr(settings.webhook_secret)]
    posting = asyncio.create_task(posted()) if run.way.by_webhook else None
    await asyncio.wait_for(run_bot(settings, parts, request=wire, sleep=_moment), LIMIT_S)
    run.print_all()
    if posting is not None:
        await posting


async def _posted(port: int) -> bytes:
    """Post what is said, and what nobody should post; return what is told to whoever looks after the bot."""
    secret = webhook_secret_of(TOKEN)
    forged = (
        post(conversation()[1], SECRET),
        head(7, secret[:-1], path="/suicidalwish?of=Quirinalia", more={"X-Of": str(PERSON)}),
        post(b"no JSON but syphilis", secret),
        post({"update_id": "chlamydia"}, secret),
        head(7, secret, path=f"/bot{TOKEN}", content_type="text/syphilis"),
        b"syphilis of Quirinalia\r\n\r\n",
    )
    for request in forged:
        await ask(port, request)
    answers = await asyncio.gather(*(ask(port, post(raw, secret)) for raw in conversation()))
    assert {answer.status for answer in answers} == {200}
    told = [await ask(port, head(None, method="GET", path=path)) for path in ("/healthz", "/metrics")]
    return b"".join(answer.whole for answer in told)


def _make_ill(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let calls to the store fail now and then, and quote what it was told."""

    def failing(name: str, as_ours: bool) -> None:
        real, calls = getattr(store, name), itertools.count(1)

        async def call(*told: object, **how: object) -> object:
            if next(calls) % EVERY == 0:
                error = ValueError(f"cannot write syphilis of {PERSON}: {told}")
                if as_ours:
                    raise StoreError("it cannot be written") from error
                raise error
            return await real(*told, **how)

        monkeypatch.setattr(store, name, call)

    for name, as_ours in (("claim", True), ("read_context", False), ("settle", True), ("forget", False), ("beat", False)):
        failing(name, as_ours)


def _misread(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Update.de_json

    def read(raw: Raw, bot: Bot) -> Update | None:
        if UNREADABLE in str(raw):
            raise ValueError(f"cannot read {raw}")
        return real(raw, bot)

    monkeypatch.setattr(Update, "de_json", read)


def _with_words(error: Exception, words: str) -> Exception:
    error.args = (words,)
    return error


async def _moment(seconds: float) -> None:
    """Wait hardly at all; for what is done every so often a little, lest it be all that is done."""
    await asyncio.sleep(min(seconds / 100, 0.5) if seconds >= RENEW_S else 0)


async def _fail(words: str) -> None:
    raise ValueError(words)


class _Unwilling:
    def __init__(self, words: str) -> None:
        self.words = words

    def __del__(self) -> None:
        raise ValueError(self.words)


def _meet_what_nobody_foresaw(url: str) -> None:
    words = f"syphilis of Quirinalia, {PERSON}, at {url}"
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": f"cannot reach {url}", "exception": ValueError(words), "handle": words})
    loop.call_soon(_raise, words)
    thread = threading.Thread(target=_raise, args=(words,))
    thread.start()
    thread.join()
    _Unwilling(words)
    try:
        _raise(words)
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
        for name in ("bot.somewhere", "telegram.ext.Application", "httpx", "aiohttp.server", "asyncpg", "asyncio"):
            logging.getLogger(name).critical("failed", exc_info=True)
    for name in ("telegram.ext.Updater", "httpx", "httpcore.http11", "aiohttp.access", "asyncpg", "asyncio"):
        for level in (logging.DEBUG, logging.CRITICAL):
            logging.getLogger(name).log(level, "received %s from %s", words, url)
    logging.getLogger("bot.somewhere").error("no way to %s", url, extra={"fields": {"url": url}}, stack_info=True)


def _raise(words: str) -> None:
    raise ValueError(words)


# --- where it runs --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bicycles(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    folder = bicycle.write(tmp_path_factory.mktemp("bicycles"))
    return folder, load_snapshot(folder)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _on_disk(folder: Path) -> dict[str, bytes]:
    """Return what the files below *folder* hold, by name; one that goes away meanwhile is none."""
    content: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        with suppress(FileNotFoundError):
            if path.is_file():
                content[str(path)] = path.read_bytes()
    return content


def _of_postgres(server: PostgresServer) -> dict[str, bytes]:
    """Return all the server has written: tables, indexes, write-ahead log, and its own log."""
    server.run("postgres", "CHECKPOINT")
    return _on_disk(Path(server.run("postgres", "SHOW data_directory")))


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of its own, for all that it writes is looked at."""
    with postgres_server() as running:
        yield running


WAYS = (
    Way("sqlite", "json", keep_misses=False),
    Way("sqlite", "text", keep_misses=True),
    Way("postgres", "json", keep_misses=True),
    Way("sqlite", "text", keep_misses=False, by_webhook=True),
)


@pytest.fixture
async def run(
    request: pytest.FixtureRequest, tmp_path: Path, bicycles: tuple[Path, Snapshot], process_as_before: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Run]:
    """One whole conversation, over; its store is still open, so that nothing written has been tidied away."""
    way: Way = request.param
    data = tmp_path / "data"
    url, files = f"sqlite:{data / 'bot.db'}", lambda: _on_disk(data)
    if way.database == "postgres":
        server: PostgresServer = request.getfixturevalue("server")
        url, files = server.new_database(), lambda: _of_postgres(server) | _on_disk(data)
    keyring = Keyring.open(data / "key")
    store = await open_store(url, holder="one")
    run = Run(way, store, files, data)
    _make_ill(store, monkeypatch)
    _misread(monkeypatch)
    monkeypatch.setattr(sys, "stderr", run.stderr)
    set_up("DEBUG", way.form, run.log)
    settings = Settings(_env_file=None, bot_token=SecretStr(TOKEN), admin_ids=frozenset({ADMIN}), poll_timeout_s=1, keep_misses=way.keep_misses)
    if way.by_webhook:
        secret = SecretStr(webhook_secret_of(TOKEN))
        settings = settings.model_copy(update={"webhook_url": "https://bot.example.org", "webhook_secret": secret, "listen_port": _free_port()})
    run.reprs += [repr(settings), repr(settings.bot_token), repr(keyring), str(keyring)]
    wire = Wire()
    await converse(run, settings, Service(LiveKnowledge(*bicycles), store, keep_misses=way.keep_misses), keyring, wire)
    assert len(wire.sent()) > 15, "they were answered"
    yield run
    await store.close()


_EACH_WAY = pytest.mark.parametrize("run", WAYS, ids=str, indirect=True)


@_EACH_WAY
async def test_nothing_of_a_person_and_no_token_is_written_anywhere(run: Run) -> None:
    sinks = run.sinks()
    log = run.log.getvalue()

    assert all(len(sinks[name]) > 100 for name in IN_MEMORY)
    assert any(name.endswith(("bot.db-wal", "postmaster.pid")) for name in sinks), "the database is looked at while it is open"
    assert any(kind.endswith("Application") for kind in run.kinds)
    assert {"DiscreetBot", "Service", "Delivery", "Keyring", "Handlers", "Replicas", "Item", "Lane", "AtHand"} <= run.kinds
    assert ("Webhook" in run.kinds) is ("Site" in run.kinds) is run.way.by_webhook
    assert log.count("update settled") > 20
    assert log.count("cannot be read") == 3
    assert log.count("going on without it") > 5
    assert "ValueError at" in log
    assert await run.store.tallies(datetime.fromtimestamp(0, UTC).date()) != ()
    assert run.leaks() == set()


async def test_of_a_question_to_be_passed_on_no_word_is_at_rest_or_in_the_log_before_a_yes(
    tmp_path: Path, bicycles: tuple[Path, Snapshot], process_as_before: None
) -> None:
    """The same person has asked much the same before, so of this one nothing is kept by itself."""
    lost, log, wire = "where can i sell my old bicycle pump", io.StringIO(), Wire()
    set_up("DEBUG", "json", log)
    store = await open_store(f"sqlite:{tmp_path / 'bot.db'}", holder="one")
    service = Service(LiveKnowledge(*bicycles), store, keep_misses=True)
    updates: tuple[tuple[Raw, set[tuple[str, str]]], ...] = (
        (said(lost, user=ANN), set()),
        (said(f"{lost} with {WORDS[0]}", user=ANN, date=NOW + 1), set()),
        (pressed(f"+p:{NOW + 1}", user=ANN), set()),
        (pressed(f"x:{NOW + 1}", user=ANN), set()),
        (pressed(f"y:{NOW + 1}", user=ANN), {("disk", "word")}),
    )
    async with build_application(TOKEN, service, request=wire) as application:
        delivery = Delivery(application, service, store, alone=True)
        for number, (update, leaves) in enumerate(updates, 1):
            delivery.take(update | {"update_id": number})
            await delivery.wait(LIMIT_S)

            assert found({"log": log.getvalue().encode(), **_on_disk(tmp_path)}) == leaves
        await delivery.stop(0)
    shown = [call.text for call in wire.calls if "text" in call.parameters]
    await store.close()

    assert sum(WORDS[0] in text for text in shown) == 1, "it was shown to be agreed to"
    assert log.getvalue().count("update settled") == len(updates)


# --- leaks on purpose -----------------------------------------------------------------------------------------------


def _into_the_log(_run: Run, words: str) -> None:
    logging.getLogger("bot.somewhere").error("heard: %s", words)


def _past_the_log(run: Run, words: str) -> None:
    run.log.write(words)


def _into_a_crash(run: Run, words: str) -> None:
    with redirect_stderr(run.stderr):
        sys.__excepthook__(ValueError, ValueError(words), None)


def _into_a_repr(run: Run, words: str) -> None:
    run.reprs.append(repr(ExtBot(words)))


def _into_a_metric(run: Run, words: str) -> None:
    leak = Metric("leak", "What must not be.", ["who"], registry=metrics.REGISTRY)
    leak.labels(words).inc()
    run.metrics = generate_latest(metrics.REGISTRY)
    metrics.REGISTRY.unregister(leak)


LEAKS = (
    ("log", _into_the_log, [canary for canary in CANARIES if canary != "token"]),
    ("log", _past_the_log, ["token"]),
    ("stderr", _into_a_crash, list(CANARIES)),
    ("reprs", _into_a_repr, list(CANARIES)),
    ("metrics", _into_a_metric, list(CANARIES)),
)
SHAPES = {canary: sorted({shapes[0].decode(), shapes[-1].decode()}) for canary, shapes in CANARIES.items()}
"""As it is written, and of an id a hash that anybody can make."""


@_EACH_WAY
async def test_the_same_look_finds_what_is_let_out_on_purpose(run: Run) -> None:
    files, run.files = run.files, dict
    assert run.leaks() == set()
    for sink, leak, canaries in LEAKS:
        for canary, shape in ((each, shape) for each in canaries for shape in SHAPES[each]):
            reprs, numbers = run.reprs[:], run.metrics
            leak(run, f"it was {shape.upper() if 'word' in canary else shape}!")

            assert run.leaks() == {(sink, canary)}
            run.reprs, run.metrics = reprs, numbers
            for stream in (run.log, run.stderr):
                stream.seek(0)
                stream.truncate()
    run.files = files


@_EACH_WAY
@pytest.mark.parametrize("into", ["a miss", "a name"])
async def test_the_same_look_finds_what_is_let_out_into_the_database(run: Run, into: str) -> None:
    at, run.way = datetime.now(UTC), replace(run.way, keep_misses=False)
    for shape in (shape for shapes in SHAPES.values() for shape in shapes):
        leak = Effects(misses=(Miss(at.date(), shape),))
        if into == "a name":
            leak = Effects(contexts=((PersonKey(f"here {shape}", f"person {shape}"), Context(at=at)),))
        await run.store.keep(leak)

    assert run.leaks() == {("disk", canary) for canary in CANARIES}


@pytest.mark.parametrize("number", [PERSON, CHAT])
def test_an_id_is_found_as_a_database_writes_numbers(number: int, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "leak.db")) as database:
        database.execute("CREATE TABLE leak (id INTEGER)")
        database.execute("INSERT INTO leak VALUES (?)", (number,))
        database.commit()

    assert found(_on_disk(tmp_path)) == {("disk", "person" if number == PERSON else "chat")}
