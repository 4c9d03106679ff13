"""Where the bounds of `bot/core/triage/verdict.py` come from: `python -m benchmarks.triage_bounds [KNOWLEDGE]`.

Each message of `tests/cases/first_contact.yaml` is read by a triage that has learned from everything but the messages of its round. Printed is,
by how many flags the rules raised and from which likeness on: the dangers that would be met and the harmless that would be alarmed. Rules were
never tuned on these messages; likeness has not seen them. The bounds are chosen by hand where the left column still holds nearly all and the
right one little.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from bot.core.content import TIERS_BY_KEY, Tier
from bot.core.knowledge import Knowledge
from bot.core.text import normalise
from bot.core.triage.engine import Triage
from bot.core.triage.likeness import Resemblance
from bot.core.triage.rules import Examples
from bot.core.triage.teach import teach
from bot.knowledge.loader import read_knowledge

_ROUNDS = Path(__file__).parent.parent / "tests" / "cases" / "first_contact.yaml"
_BOUNDS = (-0.5, -0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.25, 0.3, 0.4)


@dataclass(frozen=True, slots=True)
class Seen:
    """One message of a round, and what both sides make of it."""

    tier: Tier | None
    """What it needs."""
    raised: int
    """Flags of urgent_today or above that the rules raise, at most 2."""
    alike: Resemblance


def seen_blind(knowledge: Knowledge, rounds: Sequence[Sequence[dict[str, str]]]) -> Iterable[Seen]:
    """Yield every message of *rounds* as triage sees it that has not learned from its round."""
    rules = Triage(knowledge.red_flags, knowledge.language, knowledge.synonyms.confusables)
    for messages in rounds:
        own = {message["said"] for message in messages}
        rest = tuple(example for example in knowledge.examples.said if example.said not in own)
        likeness = teach(replace(knowledge, examples=Examples(said=rest)), rules)
        if likeness is None:
            raise SystemExit("the knowledge folder has no examples")
        for message in messages:
            text = normalise(message["said"], knowledge.language)
            alert = rules.examine(text)
            raised = sum(not hit.soft and hit.tier >= Tier.URGENT_TODAY for hit in alert.hits) if alert else 0
            yield Seen(TIERS_BY_KEY.get(message["tier"]), min(raised, 2), likeness.read(rules.features(text)))


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    knowledge = read_knowledge(Path(arguments[0]) if arguments else Path("knowledge"))
    by_round: dict[str, list[dict[str, str]]] = {}
    for message in yaml.load(_ROUNDS.read_text(encoding="utf-8"), yaml.BaseLoader):  # noqa: S506
        by_round.setdefault(message["round"], []).append(message)
    seen = list(seen_blind(knowledge, list(by_round.values())))
    danger = [each for each in seen if each.tier is not None and each.tier >= Tier.URGENT_TODAY]
    harmless = [each for each in seen if each.tier is None]
    for raised, title in enumerate(("no flag raised", "one flag raised", "two or more raised")):
        print(f"{title}: likeness from | dangers met | harmless alarmed")
        for bound in _BOUNDS:
            print(f"  {bound:+.2f} | {_from(danger, raised, bound)} | {_from(harmless, raised, bound)}")
    print("pressing from | emergencies above | urgent above")
    for bound in _BOUNDS:
        emergencies = [each for each in danger if each.tier is Tier.EMERGENCY]
        urgent = [each for each in danger if each.tier is Tier.URGENT_TODAY]
        print(f"  {bound:+.2f} | {_pressing(emergencies, bound)} | {_pressing(urgent, bound)}")
    print("crisis from | crises above | others above")
    for bound in _BOUNDS:
        crises = [each for each in danger if each.tier is Tier.CRISIS]
        others = [each for each in seen if each.tier is not Tier.CRISIS]
        print(f"  {bound:+.2f} | {_share(each.alike.crisis >= bound for each in crises)} | {_share(each.alike.crisis >= bound for each in others)}")


def _from(seen: Iterable[Seen], raised: int, bound: float) -> str:
    return _share(each.alike.danger >= bound for each in seen if each.raised == raised)


def _pressing(seen: Iterable[Seen], bound: float) -> str:
    return _share(each.alike.pressing >= bound for each in seen)


def _share(above: Iterable[bool]) -> str:
    counted = list(above)
    return f"{sum(counted):4} of {len(counted):4}"


if __name__ == "__main__":
    main(sys.argv[1:])
