"""Rules and likeness check each other: what stands, what is said softly, what is not said, and what speaks that no rule raised."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.content import Tier
from bot.core.model import FlagHit
from bot.core.triage import verdict as bounds
from bot.core.triage.likeness import Resemblance
from bot.core.triage.verdict import Verdict

REACH = {"end": Tier.CRISIS, "harm": Tier.CRISIS, "face": Tier.EMERGENCY, "fever": Tier.EMERGENCY, "ear": Tier.URGENT_TODAY, "gp": Tier.GP_SOON}
UNNAMED = {Tier.EMERGENCY: "unnamed-now", Tier.URGENT_TODAY: "unnamed-today"}
VERDICT = Verdict(REACH, UNNAMED)
QUIET = Resemblance(-1.0, -1.0, -1.0, words=bounds.FEW_WORDS + 1)
UNRULED_IN_QUIET = bounds.UNRULED_FROM + bounds.UNRULED_A_WORD / QUIET.words
BETWEEN = Resemblance(bounds.ALARM_FROM, -1.0, -1.0, words=bounds.FEW_WORDS + 1)
"""Lets every alarm stand and raises none."""


def live(flag_id: str, tier: Tier = Tier.EMERGENCY) -> FlagHit:
    return FlagHit(flag_id, tier, False, ("word",))


def outcome(hits: Sequence[FlagHit]) -> str:
    """The flags with their tiers, the soft ones in brackets."""
    return " ".join(f"({hit.flag_id} {hit.tier.key})" if hit.soft else f"{hit.flag_id} {hit.tier.key}" for hit in hits)


def weighed(hits: Sequence[FlagHit], alike: Resemblance, sure: Sequence[str] = ()) -> str:
    return outcome(VERDICT.weighed(hits, alike, frozenset(sure)))


def below(bound: float) -> float:
    return math.nextafter(bound, -math.inf)


FACE, EAR, END = live("face"), live("ear", Tier.URGENT_TODAY), live("end", Tier.CRISIS)


@pytest.mark.parametrize(
    ("hits", "alike", "want"),
    [
        pytest.param([FACE], replace(QUIET, danger=bounds.ALARM_FROM), "face emergency", id="one stands"),
        pytest.param([FACE], replace(QUIET, danger=below(bounds.ALARM_FROM)), "(face emergency)", id="one is soft below"),
        pytest.param([FACE], replace(QUIET, danger=bounds.SOFT_FROM), "(face emergency)", id="one is soft"),
        pytest.param([FACE], replace(QUIET, danger=below(bounds.SOFT_FROM)), "", id="one is not said"),
        pytest.param([FACE, EAR], replace(QUIET, danger=bounds.ALARM_FROM), "face emergency ear urgent_today", id="two stand"),
        pytest.param([FACE, EAR], replace(QUIET, danger=below(bounds.ALARM_FROM)), "(face emergency) (ear urgent_today)", id="two are soft"),
        pytest.param([FACE, EAR], replace(QUIET, danger=below(bounds.SOFT_FROM)), "", id="two are not said"),
        pytest.param([live("gp", Tier.GP_SOON)], QUIET, "gp gp_soon", id="what can wait is left alone"),
        pytest.param([replace(FACE, soft=True)], QUIET, "(face emergency)", id="what is soft is left alone"),
        pytest.param([END], replace(QUIET, crisis=bounds.CRISIS_STANDS_FROM), "end crisis", id="a crisis stands"),
        pytest.param([END], replace(QUIET, crisis=below(bounds.CRISIS_STANDS_FROM)), "(end crisis)", id="a crisis is soft at the least"),
    ],
)
def test_what_the_rules_raised_stands_or_falls_with_what_it_is_like(hits: list[FlagHit], alike: Resemblance, want: str) -> None:
    assert weighed(hits, alike) == want


@pytest.mark.parametrize(
    ("hits", "alike", "want"),
    [
        pytest.param([], replace(QUIET, danger=UNRULED_IN_QUIET), "unnamed-today urgent_today", id="like danger"),
        pytest.param([], replace(QUIET, danger=below(UNRULED_IN_QUIET)), "", id="not enough like danger"),
        pytest.param([], replace(QUIET, pressing=1.0), "", id="pressing without danger"),
        pytest.param([], replace(QUIET, danger=1.0, pressing=bounds.PRESSING_FROM), "unnamed-now emergency", id="pressing"),
        pytest.param([], replace(QUIET, danger=1.0, pressing=below(bounds.PRESSING_FROM)), "unnamed-today urgent_today", id="not pressing"),
        pytest.param([EAR], replace(BETWEEN, pressing=bounds.PRESSING_OVER_RULE_FROM), "unnamed-now emergency ear urgent_today", id="above a rule"),
        pytest.param([EAR], replace(BETWEEN, pressing=below(bounds.PRESSING_OVER_RULE_FROM)), "ear urgent_today", id="not above a rule"),
        pytest.param([FACE], replace(BETWEEN, pressing=1.0), "face emergency", id="no higher than the rule"),
        pytest.param([EAR], replace(BETWEEN, danger=1.0), "ear urgent_today", id="no higher than a lesser rule"),
        pytest.param([END], replace(BETWEEN, pressing=1.0, crisis=bounds.CRISIS_STANDS_FROM), "end crisis", id="nothing is above a crisis"),
        pytest.param([live("gp", Tier.GP_SOON)], replace(QUIET, danger=1.0), "unnamed-today urgent_today gp gp_soon", id="above what can wait"),
        pytest.param(
            [replace(FACE, soft=True)], replace(QUIET, danger=1.0, pressing=1.0), "unnamed-now emergency (face emergency)", id="above what is soft"
        ),
        pytest.param([FACE], replace(QUIET, pressing=1.0), "", id="what fell does not speak again"),
    ],
)
def test_what_no_rule_raised_speaks_for_itself(hits: list[FlagHit], alike: Resemblance, want: str) -> None:
    assert weighed(hits, alike) == want


def kin(*near: tuple[str, float]) -> Resemblance:
    return Resemblance(1.0, 1.0, -1.0, words=3, kin=near)


@pytest.mark.parametrize(
    ("hits", "alike", "want"),
    [
        pytest.param([], kin(("face", 0.5), ("fever", 0.3)), "face emergency", id="the nearest, if it is near enough"),
        pytest.param([], kin(("face", 0.4), ("fever", 0.3)), "face emergency", id="just near enough"),
        pytest.param([], kin(("face", 0.4), ("fever", 0.31)), "unnamed-now emergency", id="two that are as near"),
        pytest.param([], kin(("face", 0.4)), "unnamed-now emergency", id="one alone is no nearer than another"),
        pytest.param([], kin(), "unnamed-now emergency", id="none"),
        pytest.param([], kin(("ear", 0.9), ("face", 0.5), ("fever", 0.1)), "face emergency", id="none that cannot have the tier"),
        pytest.param([], kin(("end", 0.9), ("face", 0.5), ("fever", 0.1)), "face emergency", id="no crisis for an emergency"),
        pytest.param([], kin(("gone", 0.9), ("face", 0.5), ("fever", 0.1)), "face emergency", id="none that is no flag any more"),
        pytest.param(
            [live("fever", Tier.URGENT_TODAY)], kin(("face", 0.9), ("fever", 0.1)), "fever emergency", id="one of the nearest two that a rule named"
        ),
        pytest.param(
            [replace(live("fever"), soft=True)], kin(("face", 0.9), ("fever", 0.1)), "fever emergency", id="also where it was only asked about"
        ),
        pytest.param(
            [EAR], kin(("face", 0.9), ("ear", 0.8), ("fever", 0.1)), "face emergency ear urgent_today", id="not one that cannot have the tier"
        ),
    ],
)
def test_the_flag_that_speaks(hits: list[FlagHit], alike: Resemblance, want: str) -> None:
    assert weighed(hits, alike) == want


CRISIS = Resemblance(bounds.CRISIS_IN_DANGER_FROM, -1.0, bounds.CRISIS_FROM, kin=(("face", 0.9), ("harm", 0.3), ("end", 0.2)))


@pytest.mark.parametrize(
    ("hits", "alike", "want"),
    [
        pytest.param([], CRISIS, "harm crisis", id="the nearest crisis, however near"),
        pytest.param([], replace(CRISIS, crisis=below(bounds.CRISIS_FROM)), "", id="not enough like one"),
        pytest.param([], replace(CRISIS, danger=below(bounds.CRISIS_IN_DANGER_FROM), crisis=1.0), "", id="a joke of death, like no danger at all"),
        pytest.param([FACE], replace(CRISIS, danger=1.0), "harm crisis face emergency", id="above an emergency"),
        pytest.param([END], CRISIS, "end crisis", id="not twice"),
        pytest.param(
            [replace(END, soft=True)], replace(CRISIS, crisis=bounds.CRISIS_OVER_SOFT_FROM), "harm crisis (end crisis)", id="above a soft one"
        ),
        pytest.param(
            [replace(END, soft=True)], replace(CRISIS, crisis=below(bounds.CRISIS_OVER_SOFT_FROM)), "(end crisis)", id="not above a soft one"
        ),
        pytest.param([replace(FACE, soft=True)], CRISIS, "harm crisis (face emergency)", id="what else is soft does not hold it back"),
        pytest.param([], replace(CRISIS, kin=(("face", 0.9),)), "", id="without a flag for it nothing can be said"),
    ],
)
def test_a_crisis_speaks_by_itself(hits: list[FlagHit], alike: Resemblance, want: str) -> None:
    assert weighed(hits, alike) == want


def test_where_no_flag_is_near_a_topic_may_have_one_for_any_crisis() -> None:
    verdict = Verdict(REACH, {Tier.CRISIS: "unnamed-end"})

    assert outcome(verdict.weighed((), replace(CRISIS, kin=()))) == "unnamed-end crisis"
    assert outcome(verdict.weighed((), replace(QUIET, danger=1.0))) == "", "nor has every topic one for the rest"


@pytest.mark.parametrize(("words", "want"), [(bounds.FEW_WORDS, "face emergency"), (bounds.FEW_WORDS + 1, "")])
def test_in_few_words_a_rule_is_not_overruled(words: int, want: str) -> None:
    assert weighed([FACE], replace(QUIET, words=words)) == want


def test_what_rests_on_earlier_messages_stands_whatever_this_one_is_like() -> None:
    assert weighed([FACE, EAR], QUIET, ["face"]) == "face emergency"
    assert weighed([FACE], QUIET, ["face"]) == "face emergency"


def test_live_ones_come_first_then_by_tier_else_in_their_order() -> None:
    hits = [live("fever"), FACE, EAR, replace(END, soft=True)]

    assert weighed(hits, BETWEEN) == "fever emergency face emergency ear urgent_today (end crisis)"
    assert weighed(hits[1:], QUIET, ["ear"]) == "ear urgent_today (end crisis)"


NUMBERS = st.floats(-2, 2)
HITS = st.lists(
    st.builds(FlagHit, st.sampled_from(sorted(REACH)), st.sampled_from(sorted(Tier)), st.booleans(), st.just(())),
    max_size=5,
    unique_by=lambda hit: hit.flag_id,
)
ALIKE = st.builds(
    Resemblance,
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.integers(0, 40),
    st.lists(st.tuples(st.sampled_from(sorted(REACH)), st.floats(0, 1)), max_size=6).map(tuple),
)


@given(HITS, ALIKE)
def test_whatever_it_is_like(hits: list[FlagHit], alike: Resemblance) -> None:
    """A crisis is never passed over; each flag stands once; what was soft or can wait is neither lost nor made louder by its own rule."""
    after = VERDICT.weighed(hits, alike)
    ids = [hit.flag_id for hit in after]

    assert len(ids) == len(set(ids))
    assert {hit.flag_id for hit in hits if hit.tier is Tier.CRISIS or hit.soft or hit.tier < Tier.URGENT_TODAY} <= set(ids)
    assert list(after) == sorted(after, key=lambda hit: (hit.soft, -hit.tier))
    assert sum(hit not in hits and replace(hit, soft=False) not in hits for hit in after) <= 1


@given(HITS, ALIKE)
def test_what_is_sure_is_never_lost_nor_softened(hits: list[FlagHit], alike: Resemblance) -> None:
    after = {hit.flag_id: hit for hit in VERDICT.weighed(hits, alike, frozenset(hit.flag_id for hit in hits))}

    assert all((not after[hit.flag_id].soft, after[hit.flag_id].tier) >= (not hit.soft, hit.tier) for hit in hits)


@pytest.mark.parametrize(
    ("words", "danger", "speaks"),
    [
        (1, 0.39, False),
        (1, 0.41, True),
        (2, 0.24, False),
        (2, 0.26, True),
        (3, 0.19, False),
        (3, 0.21, True),
        (30, 0.12, True),
        (30, 0.1, False),
        (0, 0.39, False),
    ],
)
def test_the_fewer_words_the_more_must_they_be_like_danger(words: int, danger: float, speaks: bool) -> None:
    """`fever` stands in many a danger, and by itself is none; `choking` is one."""
    alike = Resemblance(danger, 1.0, -1.0, words=words)

    assert bool(VERDICT.weighed([], alike)) is speaks
    assert VERDICT.weighed([live("face")], alike), "a rule is heard whatever the length"
    assert VERDICT.weighed([], replace(alike, crisis=1.0, kin=(("end", 0.9),))), "and so is a crisis"


@pytest.mark.parametrize(("words", "flag_id"), [(1, "unnamed-now"), (2, "unnamed-now"), (3, "face")])
def test_one_or_two_words_name_no_flag(words: int, flag_id: str) -> None:
    alike = replace(kin(("face", 0.9), ("fever", 0.1)), words=words)

    assert [hit.flag_id for hit in VERDICT.weighed([], alike)] == [flag_id]
