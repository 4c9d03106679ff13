"""The red flags with one thing dropped: every flag, rule, group and look-alike in turn, tried on the sentences that are to prove it.

All mutants are tried at once. One engine holds the flags as they ship, beside them each rule as a flag of its own, and each flag with one thing
dropped; what a mutant makes of a sentence follows from what that engine finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from bot.core.content import TIERS_BY_KEY, Tier
from bot.core.language import Language
from bot.core.text import normalise
from bot.core.triage.engine import Triage
from bot.core.triage.pattern import Phrase
from bot.core.triage.rules import RedFlag, RedFlags
from tests.core.triage.conftest import CONFUSABLES

_Thing = TypeVar("_Thing")

IDIOMS = "idioms"
"""Stands for the flag where a look-alike is every flag's."""


class Said(NamedTuple):
    """A sentence, and what is to come of it."""

    text: str
    want: str
    """A tier (that or higher, live), `soft`, `none` (nothing live from urgent_today up), `fires_on`, `silent_on` or `soft_on`."""
    flag_id: str = ""
    may_be_soft: bool = False
    most: str = ""
    """The highest tier it may come to, where a higher one is wrong too."""


class Hit(NamedTuple):
    """What a flag makes of a sentence; the greater the worse."""

    live: bool
    tier: Tier


Hits = Mapping[str, Hit]
Mutant = tuple[str, str]
"""A flag, and what it lacks."""


@dataclass(frozen=True, slots=True)
class _Lacking:
    """A flag that lacks something."""

    mutant: Mutant
    flag: RedFlag
    rule_alone: bool
    """It holds the changed rule alone; the flag's other rules say what they always said."""


def mutants(red_flags: RedFlags) -> Iterator[Mutant]:
    """Name everything that may be dropped. Flags by likeness have no rules to lose."""
    for flag in red_flags.flags:
        if not flag.by_likeness:
            yield flag.id, "the flag"
            yield from ((flag.id, _rule(number)) for number in range(len(flag.rules)) if len(flag.rules) > 1)
            yield from (lacking.mutant for lacking in _lacking(flag))
    yield from ((IDIOMS, phrase.text) for phrase in red_flags.idioms)


def killed(red_flags: RedFlags, sentences: Iterable[Said], language: Language) -> dict[Mutant, list[Said]]:
    """Return the mutants that some sentence tells from the whole, with those sentences: the whole is right about them and the mutant is wrong."""
    found: dict[Mutant, list[Said]] = defaultdict(list)
    lacking = {f"lacking {number}": each for number, each in enumerate(each for flag in red_flags.flags for each in _lacking(flag))}
    alone = {flag.id: dict(_alone(flag)) for flag in red_flags.flags}
    parts = [part for each in alone.values() for part in each.values()]
    bench = _Bench(red_flags, (*red_flags.flags, *parts, *(replace(each.flag, id=name) for name, each in lacking.items())), language)
    ids = [flag.id for flag in red_flags.flags]
    judged: list[tuple[Said, Hits]] = []
    for said in sentences:
        made = bench.hits(said.text)
        hits = {flag_id: made[flag_id] for flag_id in ids if flag_id in made}
        if not right(said, hits):
            continue
        judged.append((said, hits))
        for flag_id in hits:
            here = {name: made[part.id] for name, part in alone[flag_id].items() if part.id in made}
            for name in ("the flag", *here):
                if not right(said, _with(hits, flag_id, max((hit for other, hit in here.items() if name not in (other, "the flag")), default=None))):
                    found[flag_id, name].append(said)
        for name in made.keys() & lacking.keys():
            flag_id = lacking[name].mutant[0]
            if made[name] != hits.get(flag_id):
                hit = max(made[name], hits[flag_id]) if lacking[name].rule_alone and flag_id in hits else made[name]
                if not right(said, _with(hits, flag_id, hit)):
                    found[lacking[name].mutant].append(said)
    for phrase, said in _idioms_needed(red_flags, judged, language):
        found[IDIOMS, phrase.text].append(said)
    return found


def right(said: Said, hits: Hits) -> bool:
    """Whether *hits* are what is wanted."""
    live = {flag_id: hit.tier for flag_id, hit in hits.items() if hit.live}
    tier = max(live.values(), default=0)
    if said.want == "none":
        return tier < Tier.URGENT_TODAY
    if said.want == "silent_on":
        return said.flag_id not in live
    if said.want == "fires_on":
        return said.flag_id in live
    if said.want in {"soft", "soft_on"}:
        return bool(hits) and not live and (not said.flag_id or said.flag_id in hits)
    if said.most and tier > TIERS_BY_KEY[said.most]:
        return False
    if said.may_be_soft and hits and not live:
        return True
    return tier >= TIERS_BY_KEY[said.want] and (not said.flag_id or said.flag_id in live)


def _idioms_needed(red_flags: RedFlags, judged: Sequence[tuple[Said, Hits]], language: Language) -> Iterator[tuple[Phrase, Said]]:
    """Yield each idiom with the sentences that go wrong without it. An idiom is a look-alike of every flag, so it is dropped as one."""
    bare = _Bench(replace(red_flags, idioms=()), red_flags.flags, language)
    telling = [(said, hits, made) for said, hits in judged if not right(said, made := bare.hits(said.text))]
    held_back = {flag_id for _, hits, made in telling for flag_id in made if made[flag_id] != hits.get(flag_id)}
    flags = [flag for flag in red_flags.flags if flag.id in held_back]
    dropped = {
        f"{flag.id} {number}": (
            flag.id,
            phrase,
            replace(flag, id=f"{flag.id} {number}", looks_like=(*flag.looks_like, *_but(red_flags.idioms, number))),
        )
        for number, phrase in enumerate(red_flags.idioms)
        for flag in flags
    }
    bench = _Bench(replace(red_flags, idioms=()), [flag for _, _, flag in dropped.values()], language)
    for said, hits, _ in telling:
        without: dict[Phrase, dict[str, Hit]] = defaultdict(dict)
        for name, hit in bench.hits(said.text).items():
            flag_id, phrase, _ = dropped[name]
            without[phrase][flag_id] = hit
        yield from ((phrase, said) for phrase, changed in without.items() if not right(said, {**hits, **changed}))


class _Bench:
    """An engine that holds other flags than those that ship."""

    def __init__(self, red_flags: RedFlags, flags: Iterable[RedFlag], language: Language) -> None:
        self._triage = Triage(replace(red_flags, flags=tuple(flags)), language, CONFUSABLES)
        self._language = language

    def hits(self, text: str) -> dict[str, Hit]:
        alert = self._triage.examine(normalise(text, self._language))
        return {hit.flag_id: Hit(not hit.soft, hit.tier) for hit in alert.hits} if alert else {}


def _alone(flag: RedFlag) -> Iterator[tuple[str, RedFlag]]:
    """Yield each rule as a flag of its own, and what asks about the danger by name."""
    for number, rule in enumerate(flag.rules):
        yield _rule(number), replace(flag, id=f"{flag.id} {number}", rules=(rule,), asks_about=())
    if flag.asks_about:
        yield "asks_about", replace(flag, id=f"{flag.id} asks_about", rules=())


def _lacking(flag: RedFlag) -> Iterator[_Lacking]:
    """Yield the flag without each group of a rule, and without each look-alike."""
    for number, rule in enumerate(flag.rules):
        changed = [
            (f"the group '{group.name}'", replace(rule, all_of=_but(rule.all_of, place)))
            for place, group in enumerate(rule.all_of)
            if len(rule.all_of) > 1
        ]
        changed += [(f"none_of: {phrase.text}", replace(rule, none_of=_but(rule.none_of, place))) for place, phrase in enumerate(rule.none_of)]
        for name, other in changed:
            yield _Lacking((flag.id, f"{_rule(number)}, {name}"), replace(flag, rules=(other,), asks_about=()), rule_alone=True)
    for place, phrase in enumerate(flag.looks_like):
        yield _Lacking((flag.id, f"looks_like: {phrase.text}"), replace(flag, looks_like=_but(flag.looks_like, place)), rule_alone=False)


def _rule(number: int) -> str:
    return f"rule {number + 1}"


def _but(things: tuple[_Thing, ...], place: int) -> tuple[_Thing, ...]:
    return things[:place] + things[place + 1 :]


def _with(hits: Hits, flag_id: str, hit: Hit | None) -> Hits:
    others = {other: others for other, others in hits.items() if other != flag_id}
    return others if hit is None else {**others, flag_id: hit}
