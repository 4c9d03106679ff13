"""The counts in words: what /stats says of them, and what stands in its picture. Pure; every sentence comes from the knowledge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Protocol

from bot.chart import Bar, Chart, Row, Series, Tile, compact
from bot.stats import EntryCounts, Outcomes, Stats, Votes

TOP = 5
_LISTED = 10
"""Entries and red flags in the text."""
_MONTHS = 12


class Say(Protocol):
    """Gives one sentence of the knowledge."""

    def __call__(self, key: str, **values: str) -> str:
        """Return the sentence of *key* with *values* in it."""


def charted(stats: Stats, name: str, say: Say) -> Chart:
    """Return what to draw of *stats*, for the topic called *name*."""
    total, votes = stats.total, stats.votes
    months = _months(say)
    return Chart(
        title=say("stats_title", name=name),
        period=_period(stats, say),
        tiles=(
            Tile(compact(total.questions), say("stats_questions")),
            Tile(_share_or_none(total.share_answered), say("stats_answered_at_once")),
            Tile(compact(total.red_flags), say("stats_red_flags")),
            Tile(_share_or_none(votes.share_helpful), say("stats_votes_helpful", count=compact(votes.all))),
        ),
        bars_title=say("stats_a_day"),
        bars_none=say("stats_none_yet"),
        series=tuple(Series(named, compact(times)) for named, times in zip(_series_names(say), _parts(total), strict=True)),
        bars=tuple(Bar(_short(day.day, months), _parts(day.outcomes)) for day in stats.days),
        rows_title=say("stats_top"),
        rows_none=say("stats_top_none"),
        rows=tuple(_row(each, say) for each in stats.entries[:TOP] if each.times),
        footer=say("stats_nobody"),
    )


def headline(stats: Stats, name: str, say: Say) -> str:
    """Return the most important numbers in a few short lines."""
    return "\n".join(_headline(stats, name, say))


def details(stats: Stats, say: Say) -> str:
    """Return what the headline leaves out: votes, entries, red flags, what was not what they asked; of each the first ten. Empty for nothing."""
    return "\n\n".join(filter(None, ("\n".join(part) for part in _details(stats, say))))


def percent(share: float) -> str:
    """Return *share*, from 0 to 1, in whole per cent; all or nothing only where it is."""
    nearest = round(100 * share)
    return f"{nearest if share in (0, 1) else min(max(nearest, 1), 99)}%"


def _parts(outcomes: Outcomes) -> tuple[int, ...]:
    return outcomes.answered, outcomes.offered, outcomes.unanswered, outcomes.red_flags


def _series_names(say: Say) -> tuple[str, ...]:
    return say("stats_answered"), say("stats_offered"), say("stats_unanswered"), say("stats_red_flag")


def _row(entry: EntryCounts, say: Say) -> Row:
    return Row(_titled(entry, say), entry.entry_id, entry.times, compact(entry.times), _helpful(entry.votes, say))


def _helpful(votes: Votes, say: Say) -> str:
    share = votes.share_helpful
    return "" if share is None else say("stats_helpful", share=percent(share), count=compact(votes.all))


def _share_or_none(share: float | None) -> str:
    return "0" if share is None else percent(share)


# --- days -------------------------------------------------------------------------------------------------------------


def _months(say: Say) -> list[str]:
    """Return the short names of the months; numbers where the knowledge does not give just twelve."""
    names = say("stats_months").split()
    return names if len(names) == _MONTHS else [str(number) for number in range(1, _MONTHS + 1)]


def _short(day: date, months: list[str]) -> str:
    return f"{day.day} {months[day.month - 1]}"


def _period(stats: Stats, say: Say) -> str:
    months, first, last = _months(say), stats.days[0].day, stats.days[-1].day
    ends = f"{_short(last, months)} {last.year}"
    if first == last:
        return say("stats_one_day", day=ends)
    begins = _short(first, months) + (f" {first.year}" if first.year != last.year else "")
    return say("stats_period", first=begins, last=ends)


# --- text -------------------------------------------------------------------------------------------------------------


def _headline(stats: Stats, name: str, say: Say) -> Iterator[str]:
    total = stats.total
    yield say("stats_title", name=name)
    yield f"{_period(stats, say)}\n"
    if total.share_answered is None:
        yield say("stats_none_yet")
        return
    answered, *others = _parts(total)
    yield say("stats_all", count=f"{total.questions:,}")
    counts = (f"{answered:,} ({percent(total.share_answered)})", *(f"{times:,}" for times in others))
    for named, count in zip(_series_names(say), counts, strict=True):
        yield say("stats_line", what=named, count=count)


def _details(stats: Stats, say: Say) -> Iterator[list[str]]:
    total, votes = stats.total, stats.votes
    beside = [say("stats_votes", helpful=f"{votes.helpful:,}", unhelpful=f"{votes.unhelpful:,}")] if votes.all else []
    beside += [say("stats_foreign_too", count=f"{total.foreign:,}")] if total.foreign else []
    beside += [say("stats_smalltalk_too", count=f"{total.smalltalk:,}")] if total.smalltalk else []
    yield beside
    yield _listed(say("stats_top"), [_line(each, say) for each in stats.entries if each.times], say)
    flags = [say("stats_line", what=flag.flag_id, count=f"{flag.times:,}") for flag in stats.red_flags]
    yield _listed(say("stats_flags"), flags, say)
    wrong = sorted((each for each in stats.entries if each.not_this), key=lambda each: (-each.not_this, each.entry_id))
    yield _listed(say("stats_not_this"), [say("stats_line", what=_titled(each, say), count=f"{each.not_this:,}") for each in wrong], say)


def _listed(title: str, lines: list[str], say: Say) -> list[str]:
    """Return the first of *lines* under *title*, and how many there are besides; nothing for none."""
    rest = len(lines) - _LISTED
    return [title, *lines[:_LISTED], *((say("reload_more", count=str(rest)),) if rest > 0 else ())] if lines else []


def _line(entry: EntryCounts, say: Say) -> str:
    line = say("stats_line", what=_titled(entry, say), count=f"{entry.times:,}")
    helpful = _helpful(entry.votes, say)
    return f"{line}, {helpful}" if helpful else line


def _titled(entry: EntryCounts, say: Say) -> str:
    return entry.title or say("stats_gone", id=entry.entry_id)
