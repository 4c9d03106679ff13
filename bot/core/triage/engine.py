"""Red-flag triage: reads a message before anything else does, and says which flags it raises.

It reads words; it does not assess a person. It can only ever push somebody towards care.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from copy import copy
from dataclasses import dataclass
from functools import cache
from itertools import islice

from bot.core.content import Tier
from bot.core.language import Language
from bot.core.model import Alert, FlagHit
from bot.core.text import NormalText
from bot.core.triage.assertion import Assertion, Standing
from bot.core.triage.burst import MOST_HALF_MET, Heard
from bot.core.triage.case import Case
from bot.core.triage.compiled import CompiledRule, Sign, compiled
from bot.core.triage.cues import Cues
from bot.core.triage.features import Features
from bot.core.triage.found import Found
from bot.core.triage.likeness import Likeness
from bot.core.triage.message import Message, lay_out
from bot.core.triage.phrasebook import Phrasebook
from bot.core.triage.readings import Reader, Reading
from bot.core.triage.rules import RedFlag, RedFlags
from bot.core.triage.spelling import repairing, spellings
from bot.core.triage.verdict import Verdict, foremost

_WORTH_WAITING = Tier.URGENT_TODAY
"""Less is not put together from what was said in several messages."""
_ROOM_TO_LEARN = 8_192
"""Words remembered while a folder teaches: most of those that stand in it."""
_NONE: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A sign that is carried to the next message."""

    sign: Sign
    tier: Tier
    """What comes of it when the rest is said."""
    rank: int
    """Least dangerous first."""


class Triage:
    """The red flags of a topic, ready to be tried on messages."""

    def __init__(self, rules: RedFlags, language: Language, confusables: frozenset[frozenset[str]]) -> None:
        """Build every index once. *confusables*: pairs that typo repair never turns into one another."""
        self._flags = rules.flags
        self._fillers = frozenset(language.cues.get("fillers", ()))
        self._reader = Reader(language)
        self._stem = language.stem
        self._language, self._topic_cues = language, rules.cues
        book = Phrasebook(language, rules.lists)
        self._rules = [rule for number, flag in enumerate(rules.flags) for rule in compiled(number, flag, book)]
        self._idiom = book.add(rules.idioms)
        self._seen = book.add(rules.seen)
        self._repair = repairing(spellings(language, book.vocabulary, book.stems, book.prefixes), language, confusables)
        # After the speller: no word is repaired into one that only tells how something is meant.
        self._cues = Cues(language, rules.cues, book)
        self._finder = book.finder()
        self._numbers_by_symbol = self._by_rarest_symbol()
        self._numbers_by_id = self._by_id()
        self._waiting_by_id = self._carried_signs()
        self._waiting_by_symbol: dict[int, list[_Waiting]] = defaultdict(list)
        for waiting in self._waiting_by_id.values():
            self._waiting_by_symbol[waiting.sign.symbol].append(waiting)
        self._telling = self._numbers_by_symbol.keys() | self._waiting_by_symbol.keys()
        self._verdict = Verdict({flag.id: _reach(flag) for flag in rules.flags}, {flag.tier: flag.id for flag in rules.flags if flag.by_likeness})
        self.likeness: Likeness | None = None
        """What was learned from examples; None where the rules speak alone."""

    def taught(self, likeness: Likeness | None) -> Triage:
        """Return the same triage with what examples taught."""
        other = copy(self)
        other.likeness = likeness
        return other

    def for_learning(self) -> Triage:
        """Return the same triage, which remembers the words it looks up: authors say the same ones again and again. Not for what people write."""
        other = copy(self)
        other._repair = cache(self._repair)
        other._finder = self._finder.with_room(_ROOM_TO_LEARN)
        return other

    def features(self, text: NormalText) -> list[str]:
        """Return what likeness looks at in *text*."""
        return self.look(text)[0]

    def look(self, text: NormalText) -> tuple[list[str], tuple[FlagHit, ...]]:
        """Return what likeness looks at in *text*, and what the rules make of it, foremost first."""
        message, readings, found = self._laid_out(text)
        assertion = Assertion(message, readings, found, self._cues)
        hits, _ = self._hits(self._candidates(found, _NONE), Case(message, found, assertion, self._idiom), _NONE)
        return self._features(message, readings, assertion, text).whole(hits), hits

    def words_alone(self) -> Callable[[NormalText], list[str]]:
        """Return what gives the same without what the rules make of a text; for many of them much faster."""
        book = Phrasebook(self._language, {})
        cues = Cues(self._language, self._topic_cues, book)
        finder = book.finder().with_room(_ROOM_TO_LEARN)

        def look(text: NormalText) -> list[str]:
            message = lay_out(text, self._fillers, self._repair, self._stem)
            readings = tuple(self._reader.read(message))
            assertion = Assertion(message, readings, finder.find(message, readings), cues)
            return self._features(message, readings, assertion, text).whole()

        return look

    def examine(self, text: NormalText) -> Alert | None:
        """Return what *text* raises by itself, or None.

        Live hits come first, then by tier, then in the order of the file; a flag gives one hit. Never raises.
        """
        return self._heard(text, _NONE, waits=False).alert

    def listen(self, text: NormalText, carried: AbstractSet[str]) -> Heard:
        """Return what *text* raises together with what was said before, and what waits after it.

        *carried*: ids that earlier calls gave as `kept` or `added`; an id that is not known, after a reload, is let go. Never raises.
        """
        return self._heard(text, carried, waits=True)

    def _heard(self, text: NormalText, carried: AbstractSet[str], *, waits: bool) -> Heard:
        """Return the same, without what this message adds to what waits unless somebody asks for it: it costs a quarter of the whole."""
        message, readings, found = self._laid_out(text)
        carried = self._waiting_by_id.keys() & carried
        if self.likeness is None and self._telling.isdisjoint(found.possible):
            return Heard(None, frozenset(carried))
        assertion = Assertion(message, readings, found, self._cues)
        case = Case(message, found, assertion, self._idiom)
        carried = frozenset(each for each in carried if not self._taken_back(each, case))
        hits, joined = self._hits(self._candidates(found, carried), case, carried)
        if self.likeness is not None:
            looked_at = self._features(message, readings, assertion, text)
            alike = foremost(self.likeness.read(looked_at.whole(hits)), (self.likeness.read(each, kin=False) for each in looked_at.sentences(hits)))
            hits = self._verdict.weighed(hits, alike, joined)
        alert = Alert(hits, case.affirmed(self._seen)) if hits else None
        # What an alarm has answered does not wait for the rest any longer, nor does what could only come to less.
        answered = alert.tier if alert is not None and alert.live else Tier.SELF_CARE
        kept = frozenset(each for each in carried if self._waiting_by_id[each].tier > answered)
        return Heard(alert, kept, self._halves(found, case, answered) if waits else ())

    # --- building ---

    def _by_rarest_symbol(self) -> dict[int, list[int]]:
        """Return the numbers of the rules by the symbol that fewest other rules use."""
        uses = Counter(sign.symbol for rule in self._rules for sign in rule.signs)
        index: dict[int, list[int]] = defaultdict(list)
        for number, rule in enumerate(self._rules):
            index[min((sign.symbol for sign in rule.signs), key=lambda symbol: (uses[symbol], symbol))].append(number)
        return index

    def _by_id(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = defaultdict(list)
        for number, rule in enumerate(self._rules):
            for sign in rule.signs:
                if sign.id:
                    index[sign.id].append(number)
        return index

    def _carried_signs(self) -> dict[str, _Waiting]:
        rules = [rule for rule in self._rules if rule.highest[1] >= _WORTH_WAITING]
        signs = [(sign, rule.tier) for rule in rules for sign in rule.signs if sign.id]
        signs += [(shift.sign, shift.to) for rule in rules for shift in rule.raises if shift.to >= _WORTH_WAITING]
        # Of two of one tier the later in the file is less dangerous.
        ordered = sorted(enumerate(signs), key=lambda each: (each[1][1], -each[0]))
        return {sign.id: _Waiting(sign, tier, rank) for rank, (_, (sign, tier)) in enumerate(ordered)}

    # --- examining ---

    def _taken_back(self, carried: str, case: Case) -> bool:
        """Whether what was said before is now denied, or over."""
        return case.sign(self._waiting_by_id[carried].sign) in (Standing.DENIED, Standing.PAST)

    def _halves(self, found: Found, case: Case, answered: Tier) -> tuple[str, ...]:
        """Return the ids of what is live and can come to more than *answered*, least dangerous first; the most dangerous if there are very many."""
        here = [waiting for symbol in self._waiting_by_symbol.keys() & found.possible for waiting in self._waiting_by_symbol[symbol]]
        here = sorted((waiting for waiting in here if waiting.tier > answered), key=lambda waiting: -waiting.rank)
        live = (waiting.sign.id for waiting in here if case.sign(waiting.sign) is Standing.LIVE)
        return tuple(islice(live, MOST_HALF_MET))[::-1]

    def _candidates(self, found: Found, carried: AbstractSet[str]) -> Iterator[CompiledRule]:
        """Give the rules of which every sign was found or is carried, whatever its standing."""
        numbers = {number for symbol in found.possible & self._numbers_by_symbol.keys() for number in self._numbers_by_symbol[symbol]}
        numbers.update(number for each in carried for number in self._numbers_by_id.get(each, ()))
        met = found.possible
        for number in sorted(numbers):
            if all(sign.symbol in met or sign.id in carried for sign in self._rules[number].signs):
                yield self._rules[number]

    def _features(self, message: Message, readings: tuple[Reading, ...], assertion: Assertion, text: NormalText) -> Features:
        return Features(message, readings, assertion, self._cues.courtesies, [clause.end for clause in text.clauses])

    def _laid_out(self, text: NormalText) -> tuple[Message, tuple[Reading, ...], Found]:
        message = lay_out(text, self._fillers, self._repair, self._stem)
        readings = tuple(self._reader.read(message))
        return message, readings, self._finder.find(message, readings)

    def _hits(self, rules: Iterable[CompiledRule], case: Case, carried: AbstractSet[str]) -> tuple[tuple[FlagHit, ...], set[str]]:
        """Return the hits, and the flags among them that needed what was said before."""
        joint: set[str] = set()
        best: dict[int, tuple[tuple[bool, Tier], FlagHit]] = {}
        for rule in rules:
            if rule.flag in best and best[rule.flag][0] >= rule.highest:
                continue
            standing, mask = case.standing(rule)
            if standing is not Standing.LIVE and carried:
                joined = case.standing(rule, carried)
                # A question does not make a sign of what was said before.
                if joined[0] is Standing.LIVE:
                    standing, mask = joined
                    joint.add(self._flags[rule.flag].id)
            soft = standing is not Standing.LIVE
            if standing < Standing.SOFT and not (standing is Standing.PAST and rule.past_is_soft):
                continue
            tier = case.tier(rule, _NONE if soft else carried)
            rank = (not soft, tier)
            if rule.flag not in best or rank > best[rule.flag][0]:
                alarm = rule.alarm if tier is rule.tier else None
                best[rule.flag] = (rank, FlagHit(self._flags[rule.flag].id, tier, soft, case.words(mask), alarm))
        ordered = sorted(best.items(), key=lambda item: (not item[1][0][0], -item[1][0][1], item[0]))
        return tuple(hit for _, (_, hit) in ordered), joint


def _reach(flag: RedFlag) -> Tier:
    """Return the highest tier that *flag* can have."""
    shifts = (*flag.raises, *(shift for rule in flag.rules for shift in rule.raises))
    return max(flag.tier, *(rule.tier or flag.tier for rule in flag.rules), *(shift.to for shift in shifts), Tier.SELF_CARE)
