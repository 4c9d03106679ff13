"""What becomes of the rules' hits once it is known what the message is like.

What the rules raise is part of what likeness looks at, each flag as far as it has proved right. So a rule's alarm stands unless all else speaks
against it, and what no rule knows can speak as an alarm of its own. The bounds were read off the table that `benchmarks/triage_bounds.py` prints, on
messages neither side had learned from; they go with the features and the learning of `likeness`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.core.content import Tier
from bot.core.model import FlagHit
from bot.core.triage.likeness import Resemblance

ALARM_FROM = 0.0
"""The likeness to danger, in which what the rules raise counts, from which a rule's alarm speaks."""
UNRULED_FROM, UNRULED_A_WORD = 0.1, 0.3
"""From which an alarm speaks that no rule raised, and what is added to that, shared among the words: the fewer there are, the more by chance does
each tell. `fever` and `eye pain` stand in many a danger, and are none; `choking` is."""
FEW_WORDS = 10
"""Up to so many words a rule's alarm stands: what it met is most of what was said, and there is little else to speak against it."""
SOFT_FROM = -0.15
"""From which a rule's alarm that does not speak is said softly; below, it is not said."""
CRISIS_FROM, CRISIS_OVER_SOFT_FROM, CRISIS_STANDS_FROM = -0.1, 0.1, -0.3
"""The likeness to a crisis from which one speaks by itself; where a rule says softly what might be one; and from which a rule's own stands."""
CRISIS_IN_DANGER_FROM = -0.25
"""The likeness to danger without which nothing is a crisis that no rule calls one: jokes of death are like a crisis and like no danger."""
PRESSING_FROM, PRESSING_OVER_RULE_FROM = 0.1, 0.3
"""The likeness from which an alarm is an emergency: where no rule spoke, and where one spoke for less."""
NAMED_FROM, NAMED_IN = 0.25, 3
"""How much nearer, as a share, the nearest flag must be than the next for an alarm by likeness to speak with that flag's words; and in how many
words at least."""

APART, APART_IN_CRISIS = 0.5, 0.25
"""How much more a sentence must be like danger, or a crisis, than a whole message: by itself it says less of how it is meant."""

_Ids = Collection[str]


class Verdict:
    """Weighs rules and likeness for the flags of one topic."""

    def __init__(self, reach: Mapping[str, Tier], unnamed: Mapping[Tier, str]) -> None:
        """*reach*: flag -> the highest tier it can have. *unnamed*: tier -> the flag that speaks for what is like danger and nothing known."""
        self._reach, self._unnamed = reach, unnamed

    def weighed(self, hits: Sequence[FlagHit], alike: Resemblance, sure: _Ids = frozenset()) -> tuple[FlagHit, ...]:
        """Return *hits* after likeness was heard, live ones first, then by tier, else in their order.

        *sure*: flags that stand whatever this message by itself is like, for they rest on earlier ones as well.
        """
        kept = [stood for hit in hits if (stood := hit if hit.flag_id in sure else _stood(hit, alike))]
        heard = max((hit.tier for hit in kept if _alarms(hit)), default=None)
        crisis_from = CRISIS_OVER_SOFT_FROM if any(hit.soft and hit.tier is Tier.CRISIS for hit in hits) else CRISIS_FROM
        in_crisis = alike.crisis >= crisis_from and alike.danger >= CRISIS_IN_DANGER_FROM
        tier = Tier.CRISIS if in_crisis else _tier(alike, heard)
        if tier is not None and (heard is None or tier > heard):
            flag_id = self._flag(tier, alike, [hit.flag_id for hit in hits])
            if flag_id is not None:
                kept = [FlagHit(flag_id, tier, False, ()), *(hit for hit in kept if hit.flag_id != flag_id)]
        return tuple(sorted(kept, key=lambda hit: (hit.soft, -hit.tier)))

    def _flag(self, tier: Tier, alike: Resemblance, known: _Ids) -> str | None:
        """Return the flag that speaks: one that a rule named already, the nearest if it is near enough, else the one for what has no name."""
        able = [(flag_id, near) for flag_id, near in alike.kin if self._fits(flag_id, tier)]
        if tier is Tier.CRISIS:
            return able[0][0] if able else self._unnamed.get(tier)
        named = [flag_id for flag_id, _ in able[:2] if flag_id in known]
        if named:
            return named[0]
        # Of one word nobody knows what it is about: `choking` may be on a crust, or at somebody's hands.
        if alike.words >= NAMED_IN and len(able) > 1 and able[0][1] - able[1][1] >= NAMED_FROM * able[0][1]:
            return able[0][0]
        return self._unnamed.get(tier)

    def _fits(self, flag_id: str, tier: Tier) -> bool:
        reach = self._reach.get(flag_id, Tier.SELF_CARE)
        return reach >= tier and (reach is Tier.CRISIS) == (tier is Tier.CRISIS)


def foremost(whole: Resemblance, sentences: Iterable[Resemblance]) -> Resemblance:
    """Return what a message is like: the *whole* of it, or the one of its *sentences* that is far more like danger or a crisis.

    An ordinary question beside it does not make a danger less. The flags it is most like stay those of the whole.
    """
    found = whole
    for each in sentences:
        if each.danger - APART > found.danger:
            found = replace(found, danger=each.danger - APART, pressing=max(each.pressing, found.pressing))
        if each.crisis - APART_IN_CRISIS > found.crisis:
            found = replace(found, crisis=each.crisis - APART_IN_CRISIS)
    return found


def _tier(alike: Resemblance, heard: Tier | None) -> Tier | None:
    """Return the tier below a crisis that likeness speaks for, where *heard* is what the rules raise; None where it is silent."""
    if heard is not None:
        return Tier.EMERGENCY if alike.pressing >= PRESSING_OVER_RULE_FROM else None
    if alike.danger < UNRULED_FROM + UNRULED_A_WORD / max(1, alike.words):
        return None
    return Tier.EMERGENCY if alike.pressing >= PRESSING_FROM else Tier.URGENT_TODAY


def _stood(hit: FlagHit, alike: Resemblance) -> FlagHit | None:
    """Return *hit* as it stands, said softly, or None."""
    if not _alarms(hit):
        return hit
    if hit.tier is Tier.CRISIS:
        # Nobody who may be in crisis is left without a word.
        return hit if alike.crisis >= CRISIS_STANDS_FROM else replace(hit, soft=True)
    if alike.danger >= ALARM_FROM or alike.words <= FEW_WORDS:
        return hit
    return replace(hit, soft=True) if alike.danger >= SOFT_FROM else None


def _alarms(hit: FlagHit) -> bool:
    return not hit.soft and hit.tier >= Tier.URGENT_TODAY
