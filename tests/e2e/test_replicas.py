"""Replicas as an operator runs them: processes of their own over one PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.replica_kills import run
from tests.e2e.fleet import ADMIN, Fleet
from tests.e2e.loopback_api import LoopbackApi
from tests.store.servers import PostgresServer, postgres_server


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with postgres_server() as running:
        yield running


def test_a_reload_on_one_replica_reaches_all_and_the_reply_names_them(server: PostgresServer, tmp_path: Path, cache: Path) -> None:
    with Fleet(server, tmp_path, ("a", "b", "c"), cache) as fleet, LoopbackApi(webhook_port=fleet.ports["a"]) as api:
        fleet.start_all(api)
        fleet.edit(1)
        api.say("/reload", ADMIN)
        followed = [fleet.wait_for_line(name, "announcement followed", announcement=1, problems=0, limit_s=60) for name in ("b", "c")]
        assert api.wait_for(lambda: bool(api.taken), 60)

        assert "3 of 3 replicas took it: a, b, c." in api.taken[0].text
        assert len(followed) == 2
        assert len({line["version"] for name in ("b", "c") for line in fleet.lines(name, "announcement followed")}) == 1
        assert api.complaints == []

        (fleet.folder / "topic.yaml").write_text("nonsense: true\n")
        api.say("/reload", ADMIN)
        assert api.wait_for(lambda: len(api.taken) == 2, 60)
        assert "topic.yaml:1:1" in api.taken[1].text
        assert "replicas" not in api.taken[1].text, "what is refused here is announced to nobody"


def test_a_kill_of_one_of_two_that_get_every_update_loses_nothing(server: PostgresServer, tmp_path: Path, cache: Path) -> None:
    report = run(1, 60, 1, server, tmp_path, cache)

    assert report.live == 1
    assert (report.account.lost, report.account.silent, report.account.undelivered) == (0, 0, 0)
    assert (len(report.rows.settled), report.rows.counted) == (60, 60)
