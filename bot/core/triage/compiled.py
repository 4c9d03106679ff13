"""The rules in symbols, as the engine tries them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2b

from bot.core.content import Tier
from bot.core.triage.pattern import Phrase
from bot.core.triage.phrasebook import Phrasebook
from bot.core.triage.rules import RedFlag, Rule, Shift

_ID_BYTES = 4


class Form(Enum):
    """What a rule makes of a question and of a statement."""

    USUAL = "usual"
    """A statement is live, a question is soft."""
    ALWAYS_LIVE = "live"
    ALWAYS_SOFT = "soft"
    ONLY_ASKED = "asked"
    """A question is soft, a statement is nothing: the name of a danger."""


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """What takes words out of play, and how the rest is judged."""

    none_of: int
    looks_like: int
    keeps_recent: bool = False
    timeless: bool = False
    """What is past counts however long ago it was: a disease once had."""


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """Something to be said, as one rule takes it."""

    symbol: int
    guard: Guard
    id: str = ""
    """Under which it is carried to the next message; empty where it never is."""


@dataclass(frozen=True, slots=True)
class SignedShift:
    """Another tier, where its sign is live."""

    to: Tier
    sign: Sign


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One way to raise a flag."""

    flag: int
    """The number of its flag."""
    signs: tuple[Sign, ...]
    tier: Tier
    form: Form = Form.USUAL
    same_clause: bool = False
    past_is_soft: bool = False
    raises: tuple[SignedShift, ...] = ()
    """Highest first."""
    lowers: tuple[SignedShift, ...] = ()
    """Lowest last: unsure between two, the higher is taken."""
    alarm: str | None = None

    @property
    def highest(self) -> tuple[bool, Tier]:
        """Whether a hit of it can be live, and the highest tier it can have."""
        return self.form not in (Form.ALWAYS_SOFT, Form.ONLY_ASKED), max((self.tier, *(shift.to for shift in self.raises)))


def compiled(number: int, flag: RedFlag, book: Phrasebook) -> Iterator[CompiledRule]:
    """Give the rules of *flag*, the *number*th, with their phrases added to *book*."""
    looks_like, nothing = book.add(flag.looks_like), book.add(())
    for rule in flag.rules:
        yield _rule(number, flag, rule, looks_like, book)
    if flag.asks_about:
        sign = Sign(book.add(flag.asks_about), Guard(nothing, looks_like, flag.counts_when_past))
        yield CompiledRule(number, (sign,), flag.tier, Form.ONLY_ASKED, past_is_soft=flag.soft_when_past)


def _rule(number: int, flag: RedFlag, rule: Rule, looks_like: int, book: Phrasebook) -> CompiledRule:
    guard = Guard(book.add(rule.none_of), looks_like, flag.counts_when_past, rule.even_when_past)
    form = Form.ALWAYS_SOFT if rule.soft else Form.ALWAYS_LIVE if rule.even_when_asked else Form.USUAL
    tier = rule.tier or flag.tier
    spans_messages = len(rule.all_of) > 1 and not rule.same_clause and not rule.soft
    groups = [group.any_of for group in rule.all_of]
    signs = tuple(
        Sign(book.add(group), guard, _digest(flag.id, str(place), *groups, rule.none_of, flag.looks_like) if spans_messages else "")
        for place, group in enumerate(groups)
    )
    # What says how pressing it is may stand beside anything: what bars the groups of the rule does not bar it.
    plain = Guard(book.add(()), looks_like, flag.counts_when_past)
    raises = [_shift(shift, flag, plain, book) for shift in (*rule.raises, *flag.raises) if shift.to > tier]
    lowers = [_shift(shift, flag, plain, book) for shift in (*rule.lowers, *flag.lowers) if shift.to < tier < Tier.CRISIS]
    return CompiledRule(
        number,
        signs,
        tier,
        form,
        rule.same_clause,
        flag.soft_when_past,
        tuple(sorted(raises, key=lambda shift: -shift.to)),
        tuple(sorted(lowers, key=lambda shift: -shift.to)),
        rule.alarm,
    )


def _shift(shift: Shift, flag: RedFlag, guard: Guard, book: Phrasebook) -> SignedShift:
    return SignedShift(shift.to, Sign(book.add(shift.any_of), guard, _digest(flag.id, shift.to.key, shift.any_of)))


def _digest(*parts: str | tuple[Phrase, ...]) -> str:
    """Return a short id of what was written, the same after a reload that leaves it alone."""
    written = "\n\n".join(part if isinstance(part, str) else "\n".join(phrase.text for phrase in part) for part in parts)
    return blake2b(written.encode("utf-8", "surrogatepass"), digest_size=_ID_BYTES).hexdigest()
