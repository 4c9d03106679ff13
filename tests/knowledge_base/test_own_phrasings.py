"""Every phrasing of the shipped knowledge as people send it: shouted, with an emoji, its words turned round, mistyped."""

import math
import random
from collections import Counter
from collections.abc import Callable

import pytest

from benchmarks.own_phrasings import KINDS, WRONG, Draw, changed, draws
from bot.core.model import Ambiguous, Answered, NoMatch, Outcome, SmallTalk
from bot.core.snapshot import Snapshot
from bot.core.text import normalise
from tests.core.builders import make_snapshot

DRAWS = 2_000
WRONG_AT_MOST = 0.005
"""Of all draws there could be: `python -m benchmarks.own_phrasings` looks at 20,000 of them."""


def test_a_changed_phrasing_is_answered_right_offered_or_declined(snapshot: Snapshot) -> None:
    drawn = list(draws(snapshot, DRAWS))
    wrong = [(draw.said, draw.entry_id, draw.outcome) for draw in drawn if draw.kind == WRONG]
    expected = DRAWS * WRONG_AT_MOST

    assert len(drawn) == DRAWS
    assert len(wrong) <= expected + 2 * math.sqrt(expected), wrong  # so few draws are off by chance


@pytest.mark.parametrize(
    "change", [str.upper, str.title, lambda said: f"🙏 {said}", lambda said: f"{said} 😩"], ids=["caps", "title", "first", "last"]
)
def test_case_and_emoji_change_nothing(change: Callable[[str], str], snapshot: Snapshot) -> None:
    language = snapshot.knowledge.language
    asks = [ask for entry in snapshot.knowledge.entries for ask in entry.asks[::8]]
    assert asks

    for ask in asks:
        assert normalise(change(ask), language).tokens == normalise(ask, language).tokens, ask


def test_the_draws_are_the_same_each_time() -> None:
    boots = make_snapshot()

    assert list(draws(boots, 40)) == list(draws(boots, 40))


def test_every_phrasing_comes_and_is_changed() -> None:
    boots = make_snapshot()
    drawn = list(draws(boots, 500))

    assert {draw.ask for draw in drawn} == {ask for entry in boots.entries_by_id.values() for ask in entry.asks}
    assert sum(draw.said != draw.ask for draw in drawn) > 450
    assert set(Counter(draw.kind for draw in drawn)) <= set(KINDS)


@pytest.mark.parametrize("ask", ["", "7", "ice", "don't", "is it a 7", "¿qué tal?", "how do i break in new boots"])
def test_any_phrasing_can_be_changed(ask: str) -> None:
    chance = random.Random(7)  # noqa: S311

    for _ in range(100):
        assert abs(len(changed(ask, chance)) - len(ask)) <= 3


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Answered(("a",)), "right"),
        (Answered(("b", "a")), "right"),
        (Answered(("b",), ("a",)), "offered"),
        (Answered(("b",), ("c",)), "wrong"),
        (Ambiguous(("b", "a")), "offered"),
        (Ambiguous(("b", "c")), "offered others"),
        (NoMatch(), "declined"),
        (SmallTalk("hello"), "declined"),
    ],
)
def test_what_became_of_a_phrasing_is_told(outcome: Outcome, kind: str) -> None:
    assert Draw("how", "a", "HOW", outcome).kind == kind
