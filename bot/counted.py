"""What was counted, as `napebot stats` prints it. No person is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple
from itertools import accumulate
from pathlib import Path

from bot.core.knowledge import Knowledge
from bot.errors import InputError
from bot.figures import charted, percent
from bot.stats import EntryCounts, Outcomes, Stats

_NOTHING = "Nothing was counted. If people wrote to the bot: does this command read the same database? DATABASE_URL and DATA_DIR say which."
_BAR = 30
_SIGNS = "█▓░!"
_LEGEND = "bars: █ answered, ▓ offered, ░ declined or foreign, ! red flags"
_COLUMNS = ("questions", "answered", "offered", "declined", "foreign", "red flags", "small talk")


def as_lines(stats: Stats, name: str) -> Iterator[str]:
    """Yield the days with a small bar each, then entries and red flags, for the topic called *name*."""
    yield f"{name}, {stats.days[0].day} to {stats.days[-1].day}; days begin at midnight UTC"
    if stats.empty:
        yield _NOTHING
        return
    yield from (_LEGEND, "")
    yield from _days(stats)
    share = stats.total.share_answered
    if share is not None:
        yield ""
        yield f"{percent(share)} of the questions were answered at once. Small talk is no question."
    yield from _entries(stats)
    if stats.red_flags:
        yield from ("", "red flags")
        yield from _table([(flag.flag_id, str(flag.times)) for flag in stats.red_flags])


def as_json(stats: Stats) -> str:
    """Return the same for machines."""
    told = {
        "first": stats.days[0].day.isoformat(),
        "last": stats.days[-1].day.isoformat(),
        "total": {**_outcomes(stats.total), "share_answered": stats.total.share_answered},
        "votes": {**asdict(stats.votes), "share_helpful": stats.votes.share_helpful},
        "days": [{"day": day.day.isoformat(), **_outcomes(day.outcomes)} for day in stats.days],
        "entries": [_entry(entry) for entry in stats.entries],
        "red_flags": [{"id": flag.flag_id, "times": flag.times} for flag in stats.red_flags],
    }
    return json.dumps(told, indent=2)


def put_picture(stats: Stats, knowledge: Knowledge, file: Path, *, dark: bool) -> None:
    """Draw the same into *file*, as /stats does. Raises InputError where it cannot be written."""
    from bot.drawing import draw

    picture = draw(charted(stats, knowledge.topic.name, lambda key, **values: knowledge.messages.say(key, 0, **values)), dark=dark)
    try:
        file.write_bytes(picture)
    except OSError as error:
        raise InputError(f"cannot write '{file}' ({error.strerror}); name another file") from error


def _outcomes(outcomes: Outcomes) -> Mapping[str, int]:
    return {"questions": outcomes.questions} | asdict(outcomes)


def _entry(entry: EntryCounts) -> Mapping[str, object]:
    counts = {"answered": entry.answered, "shown": entry.shown, **asdict(entry.votes), "not_this": entry.not_this}
    return {"id": entry.entry_id, "title": entry.title or None, **counts}


def _days(stats: Stats) -> Iterator[str]:
    rows = [(str(day.day), *_counts(day.outcomes)) for day in stats.days]
    head, *lines, total = _table([("day", *_COLUMNS), *rows, ("all", *_counts(stats.total))])
    yield head
    highest = max(day.outcomes.questions for day in stats.days)
    for line, day in zip(lines, stats.days, strict=True):
        yield f"{line}  {_bar(day.outcomes, highest)}".rstrip()
    yield total


def _counts(outcomes: Outcomes) -> tuple[str, ...]:
    of = outcomes
    return tuple(f"{count:,}" for count in (of.questions, of.answered, of.offered, of.declined, of.foreign, of.red_flags, of.smalltalk))


def _bar(outcomes: Outcomes, highest: int) -> str:
    """Return a bar in signs; what there is of a kind has one at least."""
    parts = (outcomes.answered, outcomes.offered, outcomes.unanswered, outcomes.red_flags)
    ends = [round(_BAR * end / highest) for end in accumulate(parts, initial=0)] if highest else [0] * (len(parts) + 1)
    return "".join(sign * max(ends[place + 1] - ends[place], bool(parts[place])) for place, sign in enumerate(_SIGNS))


def _entries(stats: Stats) -> Iterator[str]:
    if not stats.entries:
        return
    rows = [
        (
            each.entry_id,
            *(f"{count:,}" for count in (each.answered, each.shown, *astuple(each.votes), each.not_this)),
            each.title or "(no longer there)",
        )
        for each in stats.entries
    ]
    yield ""
    for line in _table([("entry", "answered", "shown", "helpful", "not", "not this", "title"), *rows], titled=True):
        yield line.rstrip()


def _table(rows: Sequence[Sequence[str]], *, titled: bool = False) -> Iterator[str]:
    """Yield *rows* as lines: the first column to the left, numbers to the right; *titled*: the last column to the left too."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = {0, len(widths) - 1} if titled else {0}
    for row in rows:
        yield "  ".join(cell.ljust(widths[place]) if place in left else cell.rjust(widths[place]) for place, cell in enumerate(row))
