"""People and what they leave behind, for tests."""

from datetime import UTC, date, datetime

from bot.core.content import Tier
from bot.core.model import Context, HalfMet
from bot.store.records import Count, Effects, PersonKey

NOON = datetime(2026, 3, 4, 12, 0, 0, 123456, tzinfo=UTC)
DAY = date(2026, 3, 4)
FULL = Context(
    at=NOON,
    last_entry="ice-or-heat",
    last_tier=Tier.GP_SOON,
    answered=7,
    candidates=("a", "b", "c"),
    offered=("b",),
    half_met=(HalfMet("1f", NOON), HalfMet("2e", NOON)),
    alerted=("meningitis",),
    alerted_at=(Tier.EMERGENCY,),
    region="uk",
)


def person(name: str, chat: str = "home", *, earlier: bool = False) -> PersonKey:
    """Return the key of a person; with *earlier*, as after the key was changed."""
    before = PersonKey(f"old {chat}/{name}", f"old {name}") if earlier else None
    return PersonKey(f"{chat}/{name}", name, before)


def before_the_change(key: PersonKey) -> PersonKey:
    """Return the earlier key by itself: what named the person before the change."""
    assert key.earlier is not None
    return key.earlier


def carries(key: PersonKey, context: Context) -> Effects:
    return Effects(contexts=((key, context),))


def counted(*what: str, about: str = "", day: date = DAY) -> Effects:
    return Effects(counts=tuple(Count(day, each, about) for each in what))
