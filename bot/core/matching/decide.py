"""From rankings to one decision: answer, offer, small talk, or "I don't know"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.content import Entry
from bot.core.language import Language
from bot.core.matching.matcher import Matcher, Ranking
from bot.core.matching.pairs import BOTH_FROM, OFFER_FROM, Pair, best_pair
from bot.core.matching.questions import worth_comparing
from bot.core.model import Ambiguous, Answered, Match, NoMatch, Outcome, SmallTalk
from bot.core.text import NormalText

_TIED = 0.01
"""Two entries whose scores differ by less are as good as equal."""
SURE_FROM = 0.8
"""From this chance of being right the answer needs no title to say what it is about."""
_OFFERED = 3
_WORTH_SHOWING = 6.0
"""How far behind the first, in score, what "not what I asked" shows next may be."""
_OFFERED_SHARE = 0.25
_FOLLOW_UP_WORDS = 12


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about a message, and why."""

    outcome: Outcome
    ranking: Ranking
    reason: str
    """The rule that decided: `sure`, `two questions`, `follow-up`, `close call`, `small talk`, `too little known`, `no words`."""
    pair: Pair | None = None
    """The likeliest two questions in it, where it was looked for two."""

    @property
    def candidates(self) -> tuple[str, ...]:
        """The ranked entries worth showing next, best first."""
        ranked = zip(self.ranking.matches, self.ranking.signals, strict=True)
        least = self.ranking.signals[0].score - _WORTH_SHOWING if self.ranking.signals else 0.0
        return tuple(match.entry_id for match, signals in ranked if signals.score >= least)


def decide(text: NormalText, matcher: Matcher, language: Language, entries: Mapping[str, Entry], last_entry: str | None) -> Decision:
    """Decide what *text* asks for. *last_entry* is what was shown before in this chat, if anything was."""
    compared = worth_comparing(text, language)
    tokens = compared.tokens
    ranking = matcher.rank(tokens)
    if not ranking.matches:
        return Decision(NoMatch(), ranking, "no words")
    if ranking.smalltalk is not None and not _ours(ranking):
        return Decision(SmallTalk(ranking.smalltalk), ranking, "small talk")
    pair = best_pair(compared, matcher, language, ranking) if _ours(ranking) else None
    chance = pair.chance if pair is not None else 0.0
    if pair is not None and chance >= BOTH_FROM:
        return Decision(Answered(pair.entry_ids), ranking, "two questions", pair)
    reason = "sure"
    if last_entry in entries and not matcher.names_subject(ranking.words) and len(tokens) <= _FOLLOW_UP_WORDS:
        again = matcher.rank(tokens, after=last_entry)
        # One word that leads nowhere else, `yes` or `lol`, does not ask for the same answer once more.
        asks = len(tokens) > 1 or again.matches[0].entry_id != last_entry
        if asks and again.signals[0].confidence > ranking.signals[0].confidence:
            ranking, reason = again, "follow-up"
    if _answers(ranking):
        first = ranking.matches[0].entry_id
        second = pair is not None and chance >= OFFER_FROM and first in pair.entry_ids
        also = tuple(entry_id for entry_id in pair.entry_ids if entry_id != first) if pair is not None and second else ()
        return Decision(Answered((first,), also), ranking, reason, pair)
    if ranking.ours >= ranking.signals[0].calibration.offer_if_ours:
        return Decision(Ambiguous(_offered(ranking.matches)), ranking, "close call", pair)
    return Decision(NoMatch(), ranking, "too little known", pair)


def _ours(ranking: Ranking) -> bool:
    return ranking.ours >= ranking.signals[0].calibration.answer_if_ours


def _answers(ranking: Ranking) -> bool:
    """True when the first entry is sure enough to answer; two entries as good as equal are a choice, however much both are ours."""
    tied = len(ranking.matches) > 1 and ranking.signals[0].margin < _TIED
    return _ours(ranking) and ranking.right >= ranking.signals[0].calibration.answer_if_right and not tied


def _offered(matches: Sequence[Match]) -> tuple[str, ...]:
    """The best two or three: the third only if it is not far behind."""
    least = matches[0].confidence * _OFFERED_SHARE
    worth = [match.entry_id for match in matches[:_OFFERED] if match.confidence >= least]
    return tuple(worth) if len(worth) > 1 else tuple(match.entry_id for match in matches[:2])
