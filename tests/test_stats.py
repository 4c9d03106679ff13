"""Counts summed up: each message once, each day there, and nobody in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Utterance
from bot.core.snapshot import Snapshot
from bot.figures import charted, details, headline, percent
from bot.knowledge.live import LiveKnowledge
from bot.knowledge.loader import load_snapshot
from bot.service import Service
from bot.stats import MOST_DAYS, Day, EntryCounts, FlagCounts, Outcomes, Stats, Votes, period, summed
from bot.store.memory import MemoryStore
from bot.store.records import PersonKey, Tally
from tests.counts import FIRST, LAST, TALLIES, TITLES, a_week, say, tally
from tests.kitchen import DANGERS, write_kitchen

# --- summing up -----------------------------------------------------------------------------------------------------


def test_what_was_counted_is_summed_up() -> None:
    assert a_week() == Stats(
        (
            Day(FIRST, Outcomes(answered=4, offered=2, declined=2, foreign=1, red_flags=1, smalltalk=3)),
            *(Day(FIRST + timedelta(days=number)) for number in range(1, 6)),
            Day(LAST, Outcomes(answered=3, red_flags=1)),
        ),
        (
            EntryCounts("squeaky-chain", "Oil a squeaky chain", answered=3, shown=2, votes=Votes(1, 0), not_this=2),
            EntryCounts("flat-tyre", "Mend a flat tyre", answered=4, votes=Votes(3, 1)),
            EntryCounts("gone", "", answered=1),
        ),
        (FlagCounts("rf-cracked-frame", 2), FlagCounts("rf-no-brakes", 1)),
    )


def test_totals_are_of_questions_and_small_talk_is_none() -> None:
    stats = a_week()

    assert stats.total == Outcomes(answered=7, offered=2, declined=2, foreign=1, red_flags=2, smalltalk=3)
    assert (stats.total.questions, stats.total.unanswered, stats.total.share_answered) == (14, 3, 0.5)
    assert (stats.votes, stats.votes.share_helpful, stats.empty) == (Votes(4, 1), 0.8, False)


def test_where_nothing_was_counted_there_are_days_and_no_shares() -> None:
    stats = summed((), FIRST, FIRST, {})

    assert (stats.days, stats.empty) == ((Day(FIRST, Outcomes()),), True)
    assert (stats.total.share_answered, stats.votes.share_helpful) == (None, None)


def test_a_vote_alone_is_something() -> None:
    assert not summed([tally("helpful", "flat-tyre")], FIRST, LAST, {}).empty


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="2026-03-02 is before 2026-03-08"):
        summed((), LAST, FIRST, {})


@pytest.mark.parametrize(("days", "first"), [(1, LAST), (7, FIRST), (0, LAST), (10**6, LAST - timedelta(days=MOST_DAYS - 1))])
def test_a_period_ends_today_and_is_no_longer_than_counts_live(days: int, first: date) -> None:
    assert period(LAST, days) == (first, LAST)


@given(TALLIES)
def test_the_days_add_up_to_the_whole(tallies: list[Tally]) -> None:
    stats = summed(tallies, FIRST, LAST, TITLES)
    inside = [each for each in tallies if FIRST <= each.day <= LAST]

    assert [day.day for day in stats.days] == [FIRST + timedelta(days=number) for number in range(7)]
    assert stats.total.questions == sum(day.outcomes.questions for day in stats.days)
    assert stats.total.questions == sum(each.times for each in inside if each.what in {"answered", "offered", "unknown", "foreign", "alarm"})
    of_entries = {"answered", "answered_also", "showentry"}
    assert sum(each.times for each in stats.entries) == sum(each.times for each in inside if each.what in of_entries and each.about)
    assert stats.total.share_answered is None or 0 <= stats.total.share_answered <= 1
    assert [each.times for each in stats.entries] == sorted((each.times for each in stats.entries), reverse=True)


@given(TALLIES.flatmap(lambda tallies: st.tuples(st.just(tallies), st.permutations(tallies))))
def test_the_order_of_the_counts_does_not_matter(both: tuple[list[Tally], list[Tally]]) -> None:
    one, other = both

    assert summed(one, FIRST, LAST, TITLES) == summed(other, FIRST, LAST, TITLES)


@pytest.fixture(scope="module")
def dangers(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return load_snapshot(write_kitchen(tmp_path_factory.mktemp("dangers"), DANGERS))


async def test_a_message_is_one_question_whatever_it_is_told(dangers: Snapshot) -> None:
    """Two answers, two red flags at once: each of them is one message."""
    store, at = MemoryStore(), datetime(2026, 3, 4, 9, tzinfo=UTC)
    service = Service(LiveKnowledge(Path(), dangers), store)
    asked = {
        "how long do i boil an egg and is this egg still good": ("answered", 2),
        "i smell gas and i have a deep cut": ("alarm", 2),
        "what is the capital of france": ("unknown", 0),
        "où est la gare": ("foreign", 1),
        "hello": ("smalltalk", 1),
    }
    for number, (words, (outcome, least)) in enumerate(asked.items()):
        said = await service.answer(Utterance(words, at), PersonKey(str(number), str(number)))
        await service.keep(said.effects)
        assert (said.outcome, len(said.about) >= least) == (outcome, True), words

    stats = summed(await service.counted(FIRST) or (), FIRST, LAST, {})
    assert stats.total == Outcomes(answered=1, declined=1, foreign=1, red_flags=1, smalltalk=1)
    assert {each.entry_id for each in stats.entries} == {"boiled-eggs", "old-eggs"}
    assert {each.flag_id for each in stats.red_flags} == {"gas", "deep-cut"}


# --- in words -------------------------------------------------------------------------------------------------------


def test_the_numbers_in_words() -> None:
    assert headline(a_week(), "Bicycles", say()).splitlines() == [
        "Bicycles in numbers",
        "2 Mar to 8 Mar 2026, days in UTC",
        "",
        "Questions: 14",
        "• Answered: 7 (50%)",
        "• Offered a choice: 2",
        "• Not answered: 3",
        "• Red flag: 2",
    ]
    assert details(a_week(), say()).splitlines() == [
        "Votes: 4 helpful, 1 not",
        "In another language, among those not answered: 1",
        "Small talk beside the questions: 3",
        "",
        "Seen most",
        "• Oil a squeaky chain: 5, 100% helpful (1)",
        "• Mend a flat tyre: 4, 75% helpful (4)",
        "• gone (no longer there): 1",
        "",
        "Red flags",
        "• rf-cracked-frame: 2",
        "• rf-no-brakes: 1",
        "",
        "Not what they asked",
        "• Oil a squeaky chain: 2",
    ]


def test_of_nothing_there_is_little_to_say() -> None:
    stats = summed((), FIRST, LAST, {})

    assert headline(stats, "Bicycles", say()).splitlines()[-1] == say()("stats_none_yet")
    assert details(stats, say()) == ""


def test_a_long_list_says_how_much_it_leaves_out() -> None:
    stats = summed([tally("answered", f"entry-{number:02}", number) for number in range(1, 14)], FIRST, LAST, {})

    assert details(stats, say()).splitlines()[-2:] == ["• entry-04 (no longer there): 4", "and 3 more"]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (FIRST, FIRST, "2 Mar 2026, a day in UTC"),
        (date(2025, 12, 28), date(2026, 1, 3), "28 Dec 2025 to 3 Jan 2026, days in UTC"),
    ],
)
def test_a_period_is_told_as_briefly_as_it_can_be(first: date, last: date, words: str) -> None:
    assert headline(summed((), first, last, {}), "Bicycles", say()).splitlines()[1] == words


def test_months_that_are_not_twelve_are_numbers() -> None:
    def odd(key: str, **values: str) -> str:
        return "Spring Summer" if key == "stats_months" else say()(key, **values)

    assert charted(a_week(), "Bicycles", odd).bars[0].label == "2 3"


@pytest.mark.parametrize(("share", "words"), [(0.0, "0%"), (0.001, "1%"), (0.5, "50%"), (0.999, "99%"), (1.0, "100%")])
def test_all_or_nothing_is_said_only_where_it_is(share: float, words: str) -> None:
    assert percent(share) == words


@given(TALLIES)
def test_any_counts_can_be_told_and_nobody_is_in_them(tallies: list[Tally]) -> None:
    stats = summed(tallies, FIRST, LAST, TITLES)

    told = headline(stats, "Bicycles", say()) + details(stats, say())
    assert "{" not in told
    assert ((f"Questions: {stats.total.questions:,}\n") in told) is bool(stats.total.questions)
