"""Counts to sum up, as a store gives them back: made up, and of any size."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from bot.core.content import Messages
from bot.figures import Say
from bot.knowledge.defaults import read_default
from bot.knowledge.topic_schema import MessagesFile
from bot.stats import Stats, summed
from bot.store.records import Tally

FIRST = date(2026, 3, 2)
LAST = date(2026, 3, 8)
TITLES = {"flat-tyre": "Mend a flat tyre", "squeaky-chain": "Oil a squeaky chain"}
KINDS = (
    "answered", "answered_also", "offered", "offered_also", "unknown", "foreign", "alarm", "alarm_also", "smalltalk", "showentry", "notthis",
    "helpful", "unhelpful", "covered", "more", "",
)  # fmt: skip
MOST_TIMES = 2**63 - 1
"""What a column of a store can hold."""

DAYS = st.integers(-2, 9).map(lambda number: FIRST + timedelta(days=number))
ABOUTS = st.sampled_from(("", "flat-tyre", "squeaky-chain", "gone", "rf-no-brakes", "a" * 48))
TALLIES = st.lists(st.builds(Tally, DAYS, st.sampled_from(KINDS), ABOUTS, st.integers(1, 9) | st.integers(1, MOST_TIMES)), max_size=25)


def say() -> Say:
    """Return what says the sentences that ship with the program."""
    file: MessagesFile = read_default("messages.yaml", MessagesFile)
    messages: Messages = file.to_messages()

    def one(key: str, **values: str) -> str:
        return messages.say(key, 0, **values)

    return one


def tally(what: str, about: str = "", times: int = 1, day: date = FIRST) -> Tally:
    return Tally(day, what, about, times)


A_WEEK = (
    tally("answered", "flat-tyre", 4),
    tally("answered_also", "squeaky-chain", 1),
    tally("answered", "squeaky-chain", 2, LAST),
    tally("answered", "gone", 1, LAST),
    tally("offered", "flat-tyre", 2),
    tally("offered_also", "squeaky-chain", 2),
    tally("unknown", times=2),
    tally("foreign", "de"),
    tally("alarm", "rf-no-brakes"),
    tally("alarm_also", "rf-cracked-frame"),
    tally("alarm", "rf-cracked-frame", 1, LAST),
    tally("smalltalk", "hello", 3),
    tally("showentry", "squeaky-chain", 2, LAST),
    tally("helpful", "flat-tyre", 3),
    tally("unhelpful", "flat-tyre"),
    tally("helpful", "squeaky-chain", 1, LAST),
    tally("notthis", "squeaky-chain", 2),
    tally("covered", times=9),
)


def a_week() -> Stats:
    return summed(A_WEEK, FIRST, LAST, TITLES)
