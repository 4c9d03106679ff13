"""What the tables of the replicas say of a run."""

from __future__ import annotations

from collections import Counter

from benchmarks import replica_kills, replicas
from tests.e2e.evidence import Rows, Words
from tests.e2e.ledger import Account


def test_the_table_of_reloads() -> None:
    done = [replicas.Reload(reached_s, 1.0, f"{named} of 3 replicas took it: a, b, c.") for reached_s, named in ((0.1, 3), (0.3, 2), (0.2, 3))]
    cells = replicas.cells(replicas.ARMS[0], done, 7)

    assert cells | {"arm": "told", "reloads": 3, "reached, median": "0.20 s", "worst": "0.30 s", "named all": "2/3", "cuts": 7} == cells


def test_the_table_of_kills() -> None:
    told = Account(200, 200, lost=0, silent=0, undelivered=0, repeated=7, disordered=0, other=0)
    report = replica_kills.Report(
        told, (90, 0), (10, 1), (16.2, 3.0), 500, Rows(frozenset(range(200)), 200, 0, "ok"), Words(Counter({"gave_up": 3}), 4), 5
    )
    cells = replica_kills.cells(report)
    figures = {"updates": 200, "live": "1/2", "missing": "45.0", "held": "5.5", "bound": 11, "repeated": 7, "gave_up": 3, "late calls": 5}

    assert cells | figures | {"settled": 200, "counted": 200, "worst rest": "16 s"} == cells
