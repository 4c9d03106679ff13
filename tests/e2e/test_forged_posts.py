"""What strangers can do to a bot that runs as a process of its own: the attacks of `python -m benchmarks.forged_posts`, each with its bound."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from benchmarks.forged_posts import (
    DROP_LIMIT_S,
    HALF_OPEN,
    SECRET,
    Target,
    forged_posts,
    half_open,
    huge_post,
    huge_posts,
    in_a_crowd,
    passes,
    running,
)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with running(tmp_path_factory.mktemp("attacked")) as target:
        yield target


@pytest.fixture
def port(target: Target) -> int:
    return target.port


def test_forged_posts_are_refused_and_the_right_one_passes(target: Target, port: int) -> None:
    asyncio.run(passes(port, 1))
    statuses = asyncio.run(forged_posts(port))
    asyncio.run(passes(port, 2))

    assert len(statuses) >= 12
    assert [name for name, status in statuses.items() if not 400 <= status < 500] == []
    assert len(target.api.taken) == 2
    assert SECRET not in target.process.log


@pytest.mark.skipif(not hasattr(socket, "TCP_INFO"), reason="the system does not tell")
def test_at_most_256_kilobytes_are_read_of_a_stranger(port: int) -> None:
    taken = {name: huge_post(port, start).taken_bytes for name, start in huge_posts().items()}

    assert taken
    assert {name: count for name, count in taken.items() if not 0 < count <= 256_000} == {}


def test_half_open_connections_are_dropped_and_keep_nobody_waiting(port: int) -> None:
    opened = asyncio.run(half_open(port, 3))

    assert HALF_OPEN == 300
    assert opened.kept == 0
    assert max(opened.longest_s.values()) <= DROP_LIMIT_S
    assert opened.meanwhile_s < 2


def test_more_connections_than_are_let_in_keep_nobody_waiting(port: int) -> None:
    assert asyncio.run(in_a_crowd(port, 4)) < 2
