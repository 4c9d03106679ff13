"""Effects happen once: however many replicas settle the same update, and whenever a process is killed."""

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.store.homes import PostgresHome
from tests.store.servers import PostgresServer

UPDATES = 2_000
KILLS = 6


def settler(url: str, first: int, count: int, seed: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.store.settler", url, str(first), str(count), str(seed)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def begin(*settlers: "subprocess.Popen[str]") -> None:
    for each in settlers:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in settlers:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()


def test_two_replicas_that_get_every_update_settle_each_once(server: PostgresServer) -> None:
    """4,000 deliveries of 2,000 updates to eight workers in two processes."""
    url = PostgresHome(server).url
    replicas = [settler(url, 0, UPDATES, seed) for seed in (1, 2)]
    begin(*replicas)
    said = [replica.communicate(timeout=120)[0].splitlines() for replica in replicas]

    ends = [[int(number) for number in lines[-1].split()[1:]] for lines in said]
    assert [len(lines) - 1 for lines in said] == [UPDATES, UPDATES]
    assert sum(ours for ours, _ in ends) == UPDATES
    assert sum(kept for _, kept in ends) == UPDATES
    assert min(kept for _, kept in ends) > UPDATES / 100, "the two did not race"
    database = url.partition("@/")[2].partition("?")[0]
    for sql, found in (
        ("SELECT count(*) FROM napebot.updates WHERE settled", UPDATES),
        ("SELECT times FROM napebot.counts WHERE about = ''", UPDATES),
        ("SELECT sum(times) FROM napebot.counts", 2 * UPDATES),
        ("SELECT count(DISTINCT words) || '/' || count(*) FROM napebot.misses", f"{UPDATES}/{UPDATES}"),
        ("SELECT count(*) FROM napebot.people", UPDATES),
    ):
        assert server.run(database, sql) == str(found), sql


def test_what_was_settled_when_a_process_was_killed_is_settled_wholly_and_the_rest_not_at_all(tmp_path: Path) -> None:
    """kill -9 in the middle of its work, again and again; the next one begins a little before where the last one was."""
    path = tmp_path / "bot.db"
    draw = random.Random(5)  # noqa: S311  (no secret)
    told = set()
    first = 0
    for _ in range(KILLS):
        process = settler(f"sqlite:{path}", first, UPDATES, 0)
        begin(process)
        assert process.stdout is not None
        for _ in range(draw.randint(5, 120)):
            told.add(int(process.stdout.readline().split()[1]))
        assert process.poll() is None, "it was done before it was killed"
        process.kill()
        rest, _ = process.communicate()
        assert "end" not in rest
        told.update(int(line.split()[1]) for line in rest.splitlines(keepends=True) if line.endswith("\n"))
        first += 30

    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        settled = {update_id for (update_id,) in connection.execute("SELECT update_id FROM updates WHERE settled")}
        # What it told of had been committed: nothing that was settled is lost.
        assert told <= settled
        assert len(settled) >= KILLS * 5
        assert connection.execute("SELECT sum(times) FROM counts").fetchone() == (2 * len(settled),)
        assert connection.execute("SELECT times FROM counts WHERE about = ''").fetchone() == (len(settled),)
        assert {int(words.split()[1]) for (words,) in connection.execute("SELECT words FROM misses")} == settled
        assert connection.execute("SELECT count(*) FROM misses").fetchone() == connection.execute("SELECT count(*) FROM people").fetchone()
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (len(settled),)
    connection.close()
