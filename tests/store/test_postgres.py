"""A server that stops, stalls, refuses, or is asked for what it has not: what is said then, and that it goes on by itself."""

import asyncio
import logging
import os
import signal
import time
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from bot.errors import ConfigError, StoreError
from bot.store import listening, postgres_pool
from bot.store.bounded import bounded
from bot.store.later import Backlog
from bot.store.postgres import PostgresStore
from bot.store.records import Generation, Standing, Tally
from tests.store.people import DAY, counted, person
from tests.store.servers import PostgresServer

PASSWORD = "hush-hush"


@pytest.fixture
def url(server: PostgresServer) -> str:
    return server.emptied_database()


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresStore]:
    opened = await PostgresStore.open(url, holder="one")
    yield opened
    await opened.close()


def name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def backends(server: PostgresServer, url: str, *, also: str = "true") -> list[int]:
    """The processes of the server that serve this database."""
    sql = f"SELECT pid FROM pg_stat_activity WHERE datname = '{name_of(url)}' AND application_name = 'napebot' AND {also}"  # noqa: S608
    return [int(pid) for pid in server.run("postgres", sql).split()]


def cut(server: PostgresServer, url: str, *, also: str = "true") -> None:
    """End connections to this database, as a fail-over or a firewall does."""
    for pid in backends(server, url, also=also):
        server.run("postgres", f"SELECT pg_terminate_backend({pid})")


@contextmanager
def stalled(server: PostgresServer, url: str, *, also: str = "true") -> Iterator[None]:
    """Let the connections there are now be silent, and not closed: as when a machine has gone."""
    pids = backends(server, url, also=also)
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def until_well(store: PostgresStore) -> None:
    async with asyncio.timeout(10):
        while await bounded(store.generation(), otherwise=None) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


# --- a server that goes and comes -----------------------------------------------------------------------------------


async def test_a_server_that_is_stopped_is_missed_and_found_again_and_nothing_is_lost(
    server: PostgresServer, store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("FIRST_PAUSE_S", "LONGEST_PAUSE_S"):
        monkeypatch.setattr(listening, pause, 0.05)
    backlog = Backlog(store)
    await backlog.settle((1,), counted("answered"))
    await store.news(5)
    server.stop()
    try:
        began = time.monotonic()
        with pytest.raises(StoreError, match="PostgreSQL: the server cannot be reached; see that it runs and that DATABASE_URL names it"):
            await store.claim(2, alone=False)
        assert [await backlog.settle((update_id,), counted("answered")) for update_id in (2, 3)] == [False, False]
        assert await bounded(store.read_context(person("ann")), otherwise=None) is None
        assert time.monotonic() - began < 5
        assert not await wakes(store, 0.2)
    finally:
        server.start()

    assert await backlog.flush() == 0
    assert await store.tallies(DAY) == (Tally(DAY, "answered", "", 3),)
    assert (await store.claim(2, alone=False)).standing is Standing.SETTLED
    assert await wakes(store, 10), "the listening connection rings when it is back"
    woken = asyncio.create_task(wakes(store, 5))
    await asyncio.sleep(0.05)
    await store.announce("v2")
    assert await woken


async def test_a_connection_that_was_cut_while_idle_costs_nothing(server: PostgresServer, url: str, store: PostgresStore) -> None:
    await asyncio.gather(*(store.generation() for _ in range(20)))
    cut(server, url)
    await asyncio.sleep(0.05)

    assert await asyncio.gather(*(store.generation() for _ in range(20))) == [Generation()] * 20


async def test_silence_costs_no_more_than_the_bound_and_the_pool_does_not_run_dry(server: PostgresServer, url: str, store: PostgresStore) -> None:
    await asyncio.gather(*(store.generation() for _ in range(20)))
    assert len(backends(server, url)) == postgres_pool.CONNECTIONS
    with stalled(server, url):
        began = time.monotonic()
        late = [await bounded(store.generation(), otherwise=None, limit_s=0.05) for _ in range(postgres_pool.CONNECTIONS)]
        assert late == [None] * postgres_pool.CONNECTIONS
        assert time.monotonic() - began < 2

        assert await bounded(store.announce("v1"), otherwise=None, limit_s=2) == Generation(1, "v1"), "new connections are made meanwhile"


async def test_a_settling_that_was_called_off_in_silence_is_done_wholly_or_not_at_all(server: PostgresServer, url: str, store: PostgresStore) -> None:
    backlog = Backlog(store)
    with stalled(server, url):
        assert await backlog.settle((1,), counted("answered")) is False
    await until_well(store)
    assert await backlog.flush() == 0

    assert await store.tallies(DAY) == (Tally(DAY, "answered", "", 1),)


async def test_a_connection_that_is_cut_in_the_middle_leaves_nothing_half_done(url: str, store: PostgresStore) -> None:
    pool = await postgres_pool.PostgresPool.open(url)

    async def work(connection: postgres_pool.Connection) -> None:
        await connection.execute("INSERT INTO napebot.counts VALUES (now(), 'a', '', 1)")
        await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(StoreError, match="cannot be reached"):
        await pool.transaction(work)

    assert await store.tallies(DAY) == ()
    assert await pool.fetch("SELECT 1")
    await pool.close()


async def test_a_statement_that_takes_too_long_is_given_up(server: PostgresServer, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_pool, "COMMAND_S", 0.2)
    store = await PostgresStore.open(url, holder="one")
    with stalled(server, url), pytest.raises(StoreError, match=r"cannot be reached.*TimeoutError"):
        await store.settle((1,), counted("answered"))
    await until_well(store)

    assert await store.settle((1,), counted("answered")) is True
    await store.close()


async def test_closing_does_not_wait_for_a_server_that_is_silent(server: PostgresServer, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_pool, "CONNECT_S", 0.2)
    store = await PostgresStore.open(url, holder="one")
    with stalled(server, url):
        busy = asyncio.create_task(store.generation())
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await store.close()
        assert time.monotonic() - began < 1.5
        await asyncio.wait({busy}, timeout=5)
    assert busy.done()
    assert isinstance(busy.exception(), StoreError)
    with pytest.raises(StoreError, match="PostgreSQL"):
        await store.generation()


# --- news -----------------------------------------------------------------------------------------------------------


async def wakes(store: PostgresStore, limit_s: float) -> bool:
    began = time.monotonic()
    await store.news(limit_s)
    return time.monotonic() - began < limit_s * 0.9


async def test_all_replicas_are_told_at_once(url: str) -> None:
    replicas = [await PostgresStore.open(url, holder=str(number)) for number in range(3)]
    await asyncio.gather(*(replica.news(5) for replica in replicas))
    waiting = [asyncio.create_task(wakes(replica, 5)) for replica in replicas]
    await asyncio.sleep(0.05)
    await replicas[0].announce("v1")

    assert await asyncio.gather(*waiting) == [True] * 3
    for replica in replicas:
        await replica.close()


async def test_a_store_that_never_waits_for_news_opens_no_connection_for_it(server: PostgresServer, url: str, store: PostgresStore) -> None:
    await store.generation()

    assert len(backends(server, url)) == 1


@pytest.mark.parametrize("how", [cut, stalled], ids=["cut", "silent"])
async def test_a_lost_listening_connection_comes_back(how, server: PostgresServer, url: str, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """A silent one is found out because it is tried now and then."""
    monkeypatch.setattr(listening, "CHECK_S", 0.2)
    monkeypatch.setattr(postgres_pool, "COMMAND_S", 0.2)
    listener = "query LIKE 'LISTEN%' OR query = 'SELECT 1'"
    store = await PostgresStore.open(url, holder="one")
    await store.news(5)
    await asyncio.sleep(0.05)
    broken = how(server, url, also=f"({listener})")

    if how is stalled:
        with broken:
            assert await wakes(store, 10), "it rings when it is back, for something may have been missed"
    else:
        assert await wakes(store, 10)
    waiting = asyncio.create_task(wakes(store, 5))
    await asyncio.sleep(0.05)
    await store.announce("v1")
    assert await waiting
    await store.close()


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        ("DROP DATABASE {database}", "there is no such database on the server; make it, or set DATABASE_URL right"),
        ("ALTER DATABASE {database} SET default_transaction_read_only = on", "the server only reads; name the primary one"),
        ("ALTER DATABASE {database} CONNECTION LIMIT 0", "too many connections; raise its max_connections or start fewer replicas"),
        ("REVOKE ALL ON DATABASE {database} FROM public, guest; GRANT CONNECT ON DATABASE {database} TO guest", "make it the owner of the database"),
        ("ALTER ROLE guest NOLOGIN", "the server refuses this user or password; set them right in DATABASE_URL"),
    ],
    ids=["no database", "reads only", "no room", "no rights", "no login"],
)
async def test_a_server_that_refuses_says_what_to_do(prepare: str, said: str, server: PostgresServer) -> None:
    """Asked by a user who is nobody much: whoever owns the server may do anything."""
    url = server.new_database()
    server.run("postgres", "DROP ROLE IF EXISTS guest")
    server.run("postgres", f"CREATE ROLE guest LOGIN; ALTER DATABASE {name_of(url)} OWNER TO guest")
    for sql in prepare.format(database=name_of(url)).split(";"):
        if "GRANT CONNECT" in prepare and sql.startswith("REVOKE"):
            server.run("postgres", f"ALTER DATABASE {name_of(url)} OWNER TO postgres")
        server.run("postgres", sql)
    try:
        with pytest.raises(StoreError, match=said) as caught:
            await PostgresStore.open(url.replace("postgres:hush", "guest:hush"), holder="one")
    finally:
        server.run("postgres", f"DROP DATABASE IF EXISTS {name_of(url)}")
        server.run("postgres", "DROP OWNED BY guest; DROP ROLE guest")

    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("postgresql://u:hush-hush@127.0.0.1:1/d", StoreError),
        ("postgresql://u:hush-hush@no-such-host.invalid/d", StoreError),
        ("postgresql://u:hush-hush@/d?host=/nowhere", StoreError),
        ("postgresql://u:hush-hush@127.0.0.1:1/d?sslmode=nonsense", ConfigError),
        ("postgresql://u:hush-hush/@127.0.0.1:1/d", ConfigError),
        ("postgresql://u:x#hush-hush@127.0.0.1:1/d", ConfigError),
        ("postgresql://u:p@h:hush-hush/d", ConfigError),
        ("postgresql://u:[hush-hush@h/d", ConfigError),
    ],
)
async def test_the_password_is_nowhere_to_be_seen(written: str, error: type[Exception], caplog: pytest.LogCaptureFixture) -> None:
    """Not in the words, not in what the error came of, and not in the log, however odd the URL is."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises((StoreError, ConfigError)) as caught:
        await PostgresStore.open(written, holder="one")

    assert isinstance(caught.value, error)
    assert "hush" not in "".join(traceback.format_exception(caught.value)) + caplog.text
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


async def test_what_the_server_says_of_a_row_is_not_told(store: PostgresStore, url: str, server: PostgresServer) -> None:
    """Its own words quote the row."""
    what = "-".join(("secret", "what"))  # Not in one piece: a traceback quotes the line of the call.
    server.run(name_of(url), f"ALTER TABLE napebot.counts ADD CHECK (what <> '{what}')")
    with pytest.raises(StoreError, match=r"the server refused; if it goes on, report it with this line \(CheckViolationError 23514\)") as caught:
        await store.settle((1,), counted(what))

    assert what not in "".join(traceback.format_exception(caught.value))
    assert await store.settle((1,), counted("answered")) is True


@pytest.mark.parametrize("json", ['{"answered": "many"}', '{"half_met": 3}', "[]", "null", '{"region": 7}'])
async def test_a_context_of_another_version_is_none(json: str, store: PostgresStore, url: str, server: PostgresServer) -> None:
    server.run(name_of(url), f"INSERT INTO napebot.people VALUES ('home/ann', 'ann', now(), '{json}')")  # noqa: S608

    assert await store.read_context(person("ann")) is None


async def test_two_replicas_do_not_prune_at_once(store: PostgresStore, url: str) -> None:
    other = await postgres_pool.PostgresPool.open(url)
    await store.keep(counted("answered"))

    async def pruning(connection: postgres_pool.Connection) -> None:
        await connection.execute("SELECT pg_advisory_xact_lock(1315008614)")
        await store.prune(counts_before=DAY.replace(year=2100))
        assert len(await store.tallies(DAY)) == 1

    await other.transaction(pruning)
    await store.prune(counts_before=DAY.replace(year=2100))

    assert await store.tallies(DAY) == ()
    await other.close()
