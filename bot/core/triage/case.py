"""One message under examination: what was found in it, and how that stands for a sign and for a rule."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from bot.core.content import Tier
from bot.core.triage.assertion import Assertion, Standing
from bot.core.triage.compiled import CompiledRule, Form, Guard, Sign
from bot.core.triage.found import Found
from bot.core.triage.message import Message
from bot.core.triage.spans import Span, union

_NOBODY: AbstractSet[str] = frozenset()
_NOWHERE: frozenset[int] = frozenset()


class Case:
    """One message, and everything that is asked of it more than once."""

    def __init__(self, message: Message, found: Found, assertion: Assertion, idiom: int) -> None:
        """*idiom*: the symbol of turns of phrase; their words count for nothing."""
        self._message, self._found, self._assertion = message, found, assertion
        self._blanked = union(found.spans(idiom))
        self._out_of_play: dict[Guard, tuple[int, frozenset[int]]] = {}
        self._unguarded: dict[tuple[int, bool, bool], tuple[Standing, int]] = {}
        self._signs: dict[Sign, tuple[Standing, int]] = {}

    def standing(self, rule: CompiledRule, carried: AbstractSet[str] = _NOBODY) -> tuple[Standing, int]:
        """Return how well *rule* is met, and the words that met it as a bit mask.

        A sign whose id is in *carried* need not be met again; one at least must be.
        """
        if rule.same_clause:
            clauses = sorted(set(self._message.clauses))
            standing, mask = max((self._met(rule, clause, _NOBODY) for clause in clauses), key=lambda met: met[0])
        else:
            standing, mask = self._met(rule, None, carried)
        if rule.form is Form.ALWAYS_SOFT:
            standing = min(standing, Standing.SOFT)
        elif rule.form is Form.ALWAYS_LIVE and standing is Standing.SOFT:
            standing = Standing.LIVE
        elif rule.form is Form.ONLY_ASKED and standing is Standing.LIVE:
            standing = Standing.DENIED
        return standing, mask

    def tier(self, rule: CompiledRule, carried: AbstractSet[str] = _NOBODY) -> Tier:
        """Return the tier of *rule* after what raises and lowers it."""
        for shift in (*rule.raises, *rule.lowers):
            if shift.sign.id in carried or self.sign(shift.sign) is Standing.LIVE:
                return shift.to
        return rule.tier

    def sign(self, sign: Sign) -> Standing:
        """Return how *sign* stands; void where it was not met."""
        return self._best(sign, None)[0]

    def affirmed(self, symbol: int) -> bool:
        """Whether *symbol* is met and not denied."""
        return any(self._said(mask) for _, _, mask in self._found.spans(symbol) if not mask & self._blanked)

    def words(self, mask: int) -> tuple[str, ...]:
        """Return the words of *mask* as they were said."""
        said = []
        while mask:
            lowest = mask & -mask
            said.append(self._message.said[lowest.bit_length() - 1])
            mask ^= lowest
        return tuple(said)

    def _said(self, mask: int) -> bool:
        return self._assertion.judge(mask, keeps_recent=True) is not Standing.DENIED

    def _met(self, rule: CompiledRule, clause: int | None, carried: AbstractSet[str]) -> tuple[Standing, int]:
        """Return how the worst of the signs stands; with *clause*, in that clause alone."""
        whole, words, anew = Standing.LIVE, 0, False
        for sign in rule.signs:
            standing, mask = self._best(sign, clause)
            if standing < Standing.LIVE and sign.id in carried:
                continue
            if standing <= Standing.DENIED:
                return standing, 0
            whole, words, anew = min(whole, standing), words | mask, True
        return (whole, words) if anew else (Standing.VOID, 0)

    def _best(self, sign: Sign, clause: int | None) -> tuple[Standing, int]:
        """Return the best standing of all the places where *sign* was met, and its words there."""
        if clause is not None:
            return self._judged(sign, clause)
        if sign not in self._signs:
            self._signs[sign] = self._judged(sign, None)
        return self._signs[sign]

    def _judged(self, sign: Sign, clause: int | None) -> tuple[Standing, int]:
        guard, clauses = sign.guard, self._message.clauses
        if clause is None and not self._guards(guard):
            # Most of the time nothing that a guard names is there; then many signs are one and the same.
            key = sign.symbol, guard.keeps_recent, guard.timeless
            if key not in self._unguarded:
                self._unguarded[key] = self._first_best(self._found.spans(sign.symbol), guard, self._blanked)
            return self._unguarded[key]
        void, barred = self._taken_out(guard)
        spans = [span for span in self._found.spans(sign.symbol) if clauses[span[0]] not in barred and clause in (None, clauses[span[0]])]
        return self._first_best(spans, guard, void)

    def _first_best(self, spans: Sequence[Span], guard: Guard, void: int) -> tuple[Standing, int]:
        best, best_mask = Standing.VOID, 0
        for _, _, mask in spans:
            if mask & void:
                continue
            standing = self._assertion.judge(mask, keeps_recent=guard.keeps_recent)
            if standing is Standing.PAST and guard.timeless:
                standing = Standing.LIVE
            if standing > best:
                best, best_mask = standing, mask
                if best is Standing.LIVE:
                    break
        return best, best_mask

    def _guards(self, guard: Guard) -> bool:
        """Whether anything that *guard* names may be there."""
        return guard.looks_like in self._found.possible or guard.none_of in self._found.possible

    def _taken_out(self, guard: Guard) -> tuple[int, frozenset[int]]:
        """Return the words and the clauses that do not count under *guard*."""
        if guard not in self._out_of_play:
            void = self._blanked | union(self._found.spans(guard.looks_like))
            met = self._found.spans(guard.none_of)
            barred = frozenset(self._message.clauses[start] for start, _, mask in met if not mask & void and self._said(mask)) if met else _NOWHERE
            self._out_of_play[guard] = void, barred
        return self._out_of_play[guard]
