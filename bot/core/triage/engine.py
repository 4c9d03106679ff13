"""Red-flag triage: reads a message before anything else does, and says which flags it raises.

It reads words; it does not assess a person. It can only ever push somebody towards care.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.core.content import Tier
from bot.core.language import Language
from bot.core.model import Alert, FlagHit
from bot.core.speller import Speller
from bot.core.text import NormalText
from bot.core.triage.assertion import Assertion, Standing
from bot.core.triage.cues import Cues
from bot.core.triage.finder import Finder, Found
from bot.core.triage.message import Message, lay_out
from bot.core.triage.readings import Reader
from bot.core.triage.rules import RedFlag, RedFlags
from bot.core.triage.spans import Span

_ONE_EDIT_FROM, _TWO_EDITS_FROM = 6, 9
"""Letters from which a word is repaired. Shorter ones lie too close together: numb and number, stiff and staff, rash and rush."""
_NOTHING: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    """One way to raise a flag, in symbols."""

    flag: int
    groups: tuple[int, ...]
    none_of: int
    looks_like: int
    same_clause: bool
    tier: Tier
    keeps_recent: bool
    past_is_soft: bool
    form: _Form
    timeless: bool = False
    """It counts however long ago something was: a disease once had."""


class _Form(Enum):
    """What a rule makes of a question and of a statement."""

    USUAL = "usual"
    """A statement is live, a question is soft."""
    ALWAYS_LIVE = "live"
    ALWAYS_SOFT = "soft"
    ONLY_ASKED = "asked"
    """A question is soft, a statement is nothing: the name of a danger."""


class Triage:
    """The red flags of a topic, ready to be tried on messages."""

    def __init__(self, rules: RedFlags, language: Language, confusables: frozenset[frozenset[str]]) -> None:
        """Build every index once. *confusables*: pairs that typo repair never turns into one another."""
        self._flags = rules.flags
        self._fillers = frozenset(language.cues.get("fillers", ()))
        self._cues = Cues(language, rules.cues)
        self._reader = Reader(language)
        self._finder = Finder(language, rules.lists)
        self._rules = [rule for number, flag in enumerate(rules.flags) for rule in self._compiled(number, flag)]
        self._finder.close()
        self._idioms = Finder(language, rules.lists)
        self._idiom = self._idioms.add(rules.idioms)
        self._idioms.close()
        self._rules_by_group = self._indexed()
        vocabulary = Counter(self._finder.vocabulary | self._idioms.vocabulary)
        self._speller = Speller(
            dict(vocabulary),
            real_words=language.real_words,
            confusables=confusables,
            one_edit_from=_ONE_EDIT_FROM,
            two_edits_from=_TWO_EDITS_FROM,
        )
        self._stem = language.stem

    def examine(self, text: NormalText) -> Alert | None:
        """Return what *text* raises, or None.

        Live hits come first, then by tier, then in the order of the file; a flag gives one hit. Never raises.
        """
        message = lay_out(text, self._fillers, self._speller.repair, self._stem)
        readings = self._reader.read(message)
        found = self._finder.find(message, readings)
        candidates = self._candidates(found)
        if not candidates:
            return None
        blanked = 0
        for _, _, mask in self._idioms.find(message, readings).get(self._idiom, ()):
            blanked |= mask
        case = _Case(message, found, Assertion(message, readings, self._cues), blanked)
        hits = tuple(self._hits(candidates, case))
        return Alert(hits) if hits else None

    # --- building ---

    def _compiled(self, number: int, flag: RedFlag) -> Iterable[_Rule]:
        looks_like = self._finder.add(flag.looks_like)
        for rule in flag.rules:
            groups = tuple(self._finder.add(group.any_of) for group in rule.all_of)
            none_of = self._finder.add(rule.none_of)
            form = _Form.ALWAYS_SOFT if rule.soft else _Form.ALWAYS_LIVE if rule.even_when_asked else _Form.USUAL
            yield _Rule(
                number,
                groups,
                none_of,
                looks_like,
                rule.same_clause,
                rule.tier or flag.tier,
                flag.counts_when_past,
                flag.soft_when_past,
                form,
                rule.even_when_past,
            )
        if flag.asks_about:
            groups = (self._finder.add(flag.asks_about),)
            nothing, form = self._finder.add(()), _Form.ONLY_ASKED
            yield _Rule(number, groups, nothing, looks_like, False, flag.tier, flag.counts_when_past, flag.soft_when_past, form)

    def _indexed(self) -> dict[int, list[_Rule]]:
        uses = Counter(group for rule in self._rules for group in rule.groups)
        index: dict[int, list[_Rule]] = defaultdict(list)
        for rule in self._rules:
            index[min(rule.groups, key=lambda group: (uses[group], group))].append(rule)
        return index

    # --- examining ---

    def _candidates(self, found: Found) -> list[_Rule]:
        """Return the rules of which every group was found, whatever its standing."""
        index = self._rules_by_group
        return [rule for symbol in found if symbol in index for rule in index[symbol] if all(group in found for group in rule.groups)]

    def _hits(self, rules: Iterable[_Rule], case: _Case) -> list[FlagHit]:
        best: dict[int, tuple[tuple[bool, Tier], FlagHit]] = {}
        for rule in rules:
            standing, words = case.standing(rule)
            soft = standing is not Standing.LIVE
            if standing < Standing.SOFT and not (standing is Standing.PAST and rule.past_is_soft):
                continue
            rank = (not soft, rule.tier)
            if rule.flag not in best or rank > best[rule.flag][0]:
                best[rule.flag] = (rank, FlagHit(self._flags[rule.flag].id, rule.tier, soft, words))
        ordered = sorted(best.items(), key=lambda item: (not item[1][0][0], -item[1][0][1], item[0]))
        return [hit for _, (_, hit) in ordered]


@dataclass(frozen=True, slots=True)
class _Case:
    """One message, what was found in it, and how its words stand."""

    message: Message
    found: Found
    assertion: Assertion
    blanked: int
    """The words of idioms, as a bit mask: they count for nothing."""

    def standing(self, rule: _Rule) -> tuple[Standing, tuple[str, ...]]:
        """Return how well *rule* is met, and the words that met it."""
        if rule.same_clause:
            clauses = sorted(set(self.message.clauses))
            standing, mask = max((self._met(rule, clause) for clause in clauses), key=lambda met: met[0])
        else:
            standing, mask = self._met(rule, None)
        if rule.form is _Form.ALWAYS_SOFT:
            standing = min(standing, Standing.SOFT)
        elif rule.form is _Form.ALWAYS_LIVE and standing is Standing.SOFT:
            standing = Standing.LIVE
        elif rule.form is _Form.ONLY_ASKED and standing is Standing.LIVE:
            standing = Standing.DENIED
        words = tuple(word for index, word in enumerate(self.message.said) if mask >> index & 1)
        return standing, words

    def _said(self, mask: int) -> bool:
        return self.assertion.judge(mask, keeps_recent=True) is not Standing.DENIED

    def _met(self, rule: _Rule, clause: int | None) -> tuple[Standing, int]:
        """Return how the worst of the groups stands, each by the best of its spans; with *clause*, in that clause alone."""
        whole, words = Standing.LIVE, 0
        void = self.blanked
        for _, _, mask in self.found.get(rule.looks_like, _NOTHING):
            void |= mask
        barred = {self.message.clauses[start] for start, _, mask in self.found.get(rule.none_of, _NOTHING) if not mask & void and self._said(mask)}
        for group in rule.groups:
            best, best_mask = Standing.DENIED, 0
            for start, _, mask in self.found[group]:
                place = self.message.clauses[start]
                if mask & void or place in barred or (clause is not None and place != clause):
                    continue
                standing = self.assertion.judge(mask, keeps_recent=rule.keeps_recent)
                if standing is Standing.PAST and rule.timeless:
                    standing = Standing.LIVE
                if standing > best:
                    best, best_mask = standing, mask
                    if best is Standing.LIVE:
                        break
            if best is Standing.DENIED:
                return Standing.DENIED, 0
            whole, words = min(whole, best), words | best_mask
        return whole, words
