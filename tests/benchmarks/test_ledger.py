"""What is lost, repeated or out of order is told apart."""

from __future__ import annotations

import pytest

from tests.e2e.ledger import Account, Asked, account, answered_after
from tests.e2e.loopback_api import Taken

ASKED = [Asked(101, 1, 0, at=10.0), Asked(102, 2, 0, at=10.0), Asked(103, 1, 1, at=11.0)]
IN_ORDER = [(1, 0), (2, 0), (1, 1)]


def said(*answers: tuple[int, int | str]) -> list[Taken]:
    """Each `(chat, number)`, or `(chat, text)`, one a second from 12 on."""
    return [Taken(12.0 + place, chat, what if isinstance(what, str) else f"Number {what:02}.") for place, (chat, what) in enumerate(answers)]


@pytest.mark.parametrize(
    ("answers", "waiting", "expected"),
    [
        (IN_ORDER, set(), Account(3, 3, lost=0, silent=0, undelivered=0, repeated=0, disordered=0, other=0)),
        (IN_ORDER[:2], set(), Account(3, 2, lost=1, silent=0, undelivered=0, repeated=0, disordered=0, other=0)),
        (IN_ORDER[:2], {103}, Account(3, 2, lost=0, silent=0, undelivered=1, repeated=0, disordered=0, other=0)),
        (IN_ORDER[:2], {102}, Account(3, 2, lost=1, silent=0, undelivered=0, repeated=0, disordered=0, other=0)),
        ([(1, 0), *IN_ORDER], set(), Account(3, 3, lost=0, silent=0, undelivered=0, repeated=1, disordered=0, other=0)),
        ([*IN_ORDER, (1, 0)], set(), Account(3, 3, lost=0, silent=0, undelivered=0, repeated=1, disordered=1, other=0)),
        ([(1, 1), (1, 0), (2, 0)], set(), Account(3, 3, lost=0, silent=0, undelivered=0, repeated=0, disordered=1, other=0)),
        ([*IN_ORDER, (1, "Sorry, that did not work.")], set(), Account(3, 3, lost=0, silent=0, undelivered=0, repeated=0, disordered=0, other=1)),
        ([*IN_ORDER, (2, 1)], set(), Account(3, 3, lost=0, silent=0, undelivered=0, repeated=0, disordered=0, other=1)),
    ],
)
def test_account(answers: list[tuple[int, int | str]], waiting: set[int], expected: Account) -> None:
    assert account(ASKED, said(*answers), waiting) == expected


@pytest.mark.parametrize(
    ("answers", "waiting", "settled", "expected"),
    [
        (IN_ORDER, set(), {101, 102, 103}, (0, 0, 0)),
        (IN_ORDER[:2], set(), {101, 102, 103}, (0, 1, 0)),
        (IN_ORDER[:2], set(), {101, 102}, (1, 0, 0)),
        (IN_ORDER[:2], {103}, {101, 102}, (0, 0, 1)),
        (IN_ORDER, set(), {101, 102}, (1, 0, 0)),
    ],
)
def test_what_was_settled_in_silence_is_not_lost(
    answers: list[tuple[int, int | str]], waiting: set[int], settled: set[int], expected: tuple[int, int, int]
) -> None:
    told = account(ASKED, said(*answers), waiting, settled)

    assert (told.lost, told.silent, told.undelivered) == expected


def test_a_wait_ends_with_the_first_answer() -> None:
    assert answered_after(ASKED, said((2, 0), (1, 0), (1, 0))) == [2.0, 3.0]
