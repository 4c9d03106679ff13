"""What was asked, what came back, and what that makes: lost, repeated, out of order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tests.e2e.loopback_api import Taken
from tests.e2e.numbered import number_in


@dataclass(frozen=True)
class Asked:
    """One question; no chat asks for the same number twice."""

    update_id: int
    chat_id: int
    number: int
    at: float = 0.0
    """On the clock of `time.monotonic`."""


@dataclass(frozen=True)
class Account:
    """How it ended for all that was asked."""

    asked: int
    answered: int
    """At least once."""
    lost: int
    """Acknowledged, and never settled."""
    silent: int
    """Settled without an answer: it was given up, or covered by another."""
    undelivered: int
    """Not answered, and still kept for the bot."""
    repeated: int
    """Answers beyond the first to a question."""
    disordered: int
    """Answers to a question older than one already answered in the chat."""
    other: int
    """Messages that answer none of them, such as apologies."""


def account(asked: Sequence[Asked], taken: Iterable[Taken], waiting: Collection[int] = (), settled: Collection[int] = ()) -> Account:
    """Return the account; *waiting* holds the ids of updates that were not acknowledged, *settled* those that the bot knows as settled.

    A bot that knows of none has settled what it has answered.
    """
    answers: Counter[tuple[int, int]] = Counter()
    newest: defaultdict[int, int] = defaultdict(lambda: -1)
    place = {(one.chat_id, one.number): one.update_id for one in asked}
    disordered = other = 0
    for message in taken:
        number = number_in(message.text)
        at = place.get((message.chat_id, number)) if number is not None else None
        if number is None or at is None:
            other += 1
            continue
        answers[message.chat_id, number] += 1
        disordered += at < newest[message.chat_id]
        newest[message.chat_id] = max(newest[message.chat_id], at)
    unanswered = [one for one in asked if not answers[one.chat_id, one.number]]
    undelivered = sum(one.update_id in waiting for one in unanswered)
    silent = sum(one.update_id not in waiting and one.update_id in settled for one in unanswered)
    forgotten = sum(one.update_id not in waiting and one.update_id not in settled for one in asked) if settled else len(unanswered) - undelivered
    answered = len(asked) - len(unanswered)
    return Account(len(asked), answered, forgotten, silent, undelivered, answers.total() - answered, disordered, other)


def answered_after(asked: Sequence[Asked], taken: Iterable[Taken]) -> list[float]:
    """Return how many seconds each question that was answered waited for its first answer, shortest first."""
    first: dict[tuple[int, int | None], float] = {}
    for message in taken:
        first.setdefault((message.chat_id, number_in(message.text)), message.at)
    return sorted(first[one.chat_id, one.number] - one.at for one in asked if (one.chat_id, one.number) in first)
