"""`napebot match`: messages in as JSON lines, decisions out as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from bot.core.content import Tier
from bot.core.model import Alert, Ambiguous, Answered, Context, NoMatch, SmallTalk, Turn, Utterance, Withheld
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.errors import InputError

_DIGITS = 4


def match_lines(lines: Iterable[str], snapshot: Snapshot) -> Iterator[str]:
    """Yield one JSON line for each of *lines*, in order; empty lines are passed over.

    A line has `id` and `text`, or `turns`: then each turn in order in one conversation, and what is yielded is the last one's. Raises
    InputError naming the line that is not so.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            row_id, turns = _read(line, number)
            context = Context()
            for said in turns:
                turn = respond(Utterance(said, datetime.now(UTC)), snapshot, context)
                context = turn.context
            yield json.dumps({"id": row_id, **described(turn)}, ensure_ascii=False)


def described(turn: Turn) -> dict[str, object]:
    """Return *turn* as plain data: kind, entries, offered, score, ranking, tier, flags, soft."""
    outcome = turn.outcome
    alert = turn.alert
    live = alert if alert is not None and alert.live else None
    ranking = [[match.entry_id, round(match.confidence, _DIGITS)] for match in turn.ranking]
    return {
        "kind": _kind(turn, live),
        "entries": list(outcome.entry_ids) if isinstance(outcome, Answered) else [],
        "offered": _offered(turn),
        "score": ranking[0][1] if ranking else 0.0,
        "ranking": ranking,
        "tier": live.tier.key if live else None,
        "flags": list(alert.flag_ids) if alert else [],
        "soft": alert is not None and live is None,
    }


def _kind(turn: Turn, live: Alert | None) -> str:
    if live is not None and live.tier >= Tier.URGENT_TODAY:
        return "red_flag"
    kinds = {Answered: "answer", Ambiguous: "offer", NoMatch: "none", SmallTalk: "smalltalk", Withheld: "red_flag"}
    return kinds[type(turn.outcome)]


def _offered(turn: Turn) -> list[str]:
    outcome = turn.outcome
    if isinstance(outcome, Answered):
        return list(outcome.also)
    return list(outcome.entry_ids) if isinstance(outcome, Ambiguous | Withheld) else []


def _read(line: str, number: int) -> tuple[object, list[str]]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"line {number}: not JSON ({error}); write one object a line") from None
    turns = row.get("turns") or [row.get("text")] if isinstance(row, dict) else []
    if not isinstance(turns, list) or not turns or not all(isinstance(said, str) for said in turns):
        raise InputError(f"line {number}: needs `id` and `text`, or `turns` with one text or more")
    return row.get("id"), turns
