"""What the tests of the stores share: one PostgreSQL server for all of them, and a home for each kind of store."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.store import Store
from tests.store.homes import HOMES, Home
from tests.store.servers import PostgresServer, postgres_server


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A real PostgreSQL server, started when the first test asks for it."""
    with postgres_server() as running:
        yield running


@pytest.fixture(params=list(HOMES))
async def home(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Home]:
    """An empty home of each kind."""
    found = HOMES[request.param](tmp_path, lambda: request.getfixturevalue("server"))
    yield found
    await found.close()


@pytest.fixture(params=[name for name in HOMES if name != "memory"])
async def shared(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Home]:
    """An empty home of each kind that several processes can share."""
    found = HOMES[request.param](tmp_path, lambda: request.getfixturevalue("server"))
    yield found
    await found.close()


@pytest.fixture
async def store(home: Home) -> Store:
    """An empty store of each kind."""
    return await home.open()


@pytest.fixture
async def shared_store(shared: Home) -> Store:
    """An empty store of each kind that several processes can share."""
    return await shared.open()
