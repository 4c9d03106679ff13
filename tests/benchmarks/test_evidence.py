"""What a bot left behind is read from its own files."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.evidence import NO_ROWS, Rows, Words, read_rows, read_words

MIGRATION = Path(__file__).parents[2] / "bot" / "store" / "migrations" / "sqlite" / "0001_first.sql"


@pytest.mark.parametrize(
    ("settled", "counts", "expected"),
    [
        ([], [], Rows(frozenset(), 0, 0, "ok")),
        ([1, 1, 0], [("answered", "a", 1), ("answered", "b", 1), ("unknown", "", 9)], Rows(frozenset({0, 1}), 2, 0, "ok")),
        ([1], [("answered", "a", 4), ("answered", "b", 4), ("answered", "c", 5)], Rows(frozenset({0}), 13, 1, "ok")),
    ],
)
def test_rows(settled: Sequence[int], counts: Sequence[tuple[str, str, int]], expected: Rows, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.sqlite")) as connection, connection:
        connection.executescript(MIGRATION.read_text())
        connection.executemany("INSERT INTO updates VALUES (?, 0, NULL, 1, ?)", enumerate(settled))
        connection.executemany("INSERT INTO counts VALUES ('2026-01-02', ?, ?, ?)", counts)

    assert read_rows(tmp_path / "bot.sqlite") == expected


def test_no_database_has_no_rows(tmp_path: Path) -> None:
    assert read_rows(tmp_path / "none") == NO_ROWS


def test_words(tmp_path: Path) -> None:
    log = tmp_path / "log"
    lines = [
        {"message": "update settled", "settlement": "answered", "maybe_twice": 1},
        {"message": "update settled", "settlement": "gave_up", "maybe_twice": 0},
        {"message": "update 7: gave_up, for it holds up others; its reply is still tried"},
        {"message": "update settled", "settlement": "answered", "maybe_twice": 0},
    ]
    log.write_text("not JSON\n" + "\n".join(json.dumps(line) for line in lines))

    assert read_words(log) == Words(Counter(answered=2, gave_up=2), maybe_twice=1)
