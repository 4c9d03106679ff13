"""From rankings to one decision: answer, offer, small talk, or "I don't know"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.content import Entry
from bot.core.language import Language
from bot.core.matching.matcher import Matcher, Ranking
from bot.core.matching.questions import parts_of, worth_comparing
from bot.core.model import Ambiguous, Answered, Match, NoMatch, Outcome, SmallTalk
from bot.core.text import NormalText, Token

ANSWER_IF_OURS, ANSWER_IF_RIGHT = 0.72, 0.52
"""An answer needs both: the message is a question of the topic, and the first entry is the one meant."""
_TIED = 0.01
"""Two entries whose scores differ by less are as good as equal."""
OFFER_IF_OURS = 0.5
"""An offer needs only the first."""
SURE_FROM = 0.8
"""From this chance of being right the answer needs no title to say what it is about."""
_PART_IF_OURS, _PART_IF_RIGHT = 0.5, 0.63
_PART_WORTH_OFFERING = 0.4
"""With at least this chance, but less than the one above, a second question is offered beside the answer to the first."""
_SECOND_SHARE = 0.5
"""A second question scores at least this share of the first in the whole message; less is a side remark."""
_OFFERED = 3
_WORTH_SHOWING = 0.1
"""The least score of what "not what I asked" shows next."""
_OFFERED_SHARE = 0.25
_FOLLOW_UP_WORDS = 12
_POINTING_WORDS = 6
_FOLLOW_UP_LEANING = 0.1
_NOT_OURS, _HALF_OURS = 0.02, 0.3
_FOREIGN_IF_UNKNOWN, _FOREIGN_IF_OTHER = 0.3, 0.4
"""Words never seen, and words that speak for small talk or for nothing of ours: with so much of either a message is no follow-up."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about a message, and why."""

    outcome: Outcome
    ranking: Ranking
    reason: str
    """The rule that decided: `sure`, `two questions`, `follow-up`, `close call`, `small talk`, `too little known`, `no words`."""

    @property
    def candidates(self) -> tuple[str, ...]:
        """The ranked entries worth showing next, best first."""
        ranked = zip(self.ranking.matches, self.ranking.signals, strict=True)
        return tuple(match.entry_id for match, signals in ranked if signals.score >= _WORTH_SHOWING)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two questions in one message."""

    entry_ids: tuple[str, str]
    """In the order they were asked."""
    right: float
    """How likely the less sure of the two is the one meant."""

    @property
    def sure(self) -> bool:
        return self.right >= _PART_IF_RIGHT


def decide(text: NormalText, matcher: Matcher, language: Language, entries: Mapping[str, Entry], last_entry: str | None) -> Decision:
    """Decide what *text* asks for. *last_entry* is what was shown before in this chat, if anything was."""
    compared = worth_comparing(text, language)
    tokens = compared.tokens
    ranking = matcher.rank(tokens)
    if not ranking.matches:
        return Decision(NoMatch(), ranking, "no words")
    if ranking.smalltalk is not None and ranking.ours < ANSWER_IF_OURS:
        return Decision(SmallTalk(ranking.smalltalk), ranking, "small talk")
    pair = _two_questions(compared, matcher, language, ranking)
    if pair is not None and pair.sure:
        return Decision(Answered(pair.entry_ids), ranking, "two questions")
    reason = "sure"
    last = entries.get(last_entry) if last_entry is not None and _asks_on(tokens, ranking, language) else None
    if last is not None and not matcher.names_subject(tokens) and len(tokens) <= _FOLLOW_UP_WORDS:
        again = _follow_up(tokens, matcher, last)
        if again.ours > ranking.ours:
            ranking, reason = again, "follow-up"
    if _answers(ranking):
        first = ranking.matches[0].entry_id
        also = tuple(entry_id for entry_id in pair.entry_ids if entry_id != first) if pair is not None and first in pair.entry_ids else ()
        return Decision(Answered((first,), also), ranking, reason)
    if ranking.ours >= OFFER_IF_OURS:
        return Decision(Ambiguous(_offered(ranking.matches)), ranking, "close call")
    if last is not None and _points_back(tokens, language) and len(tokens) <= _POINTING_WORDS:
        return Decision(Ambiguous(_beside(last, ranking.matches)), ranking, "follow-up")
    return Decision(NoMatch(), ranking, "too little known")


def _answers(ranking: Ranking) -> bool:
    """True when the first entry is sure enough to answer; two entries as good as equal are a choice, however much both are ours."""
    tied = len(ranking.matches) > 1 and ranking.signals[0].margin < _TIED
    return ranking.ours >= ANSWER_IF_OURS and ranking.right >= ANSWER_IF_RIGHT and not tied


def _asks_on(tokens: Sequence[Token], alone: Ranking, language: Language) -> bool:
    """True for words that may go on about what was just said; *alone* is what they are by themselves.

    Whatever follows an answer would borrow its subject, "lol" and "capital of peru" too. So nothing foreign may be in it, and unless it is
    half ours by itself it must point back.
    """
    signals = alone.signals[0]
    if signals.elsewhere or signals.unknown >= _FOREIGN_IF_UNKNOWN or signals.other >= _FOREIGN_IF_OTHER:
        return False
    return alone.ours >= _HALF_OURS or (alone.ours >= _NOT_OURS and _points_back(tokens, language))


def _points_back(tokens: Sequence[Token], language: Language) -> bool:
    """True for words that begin a question or refer to something said before: "how many minutes", "and at night?"."""
    words = [token.text for token in tokens]
    return words[0] in language.question_starts | language.joiners or not language.follow_up_words.isdisjoint(words)


def _beside(last: Entry, matches: Sequence[Match]) -> tuple[str, ...]:
    """Return the entry shown last with its related ones, or with the best other where it has none: one choice is none."""
    others = last.related or tuple(match.entry_id for match in matches if match.entry_id != last.id)[:1]
    return (last.id, *others[: _OFFERED - 1])


def _offered(matches: Sequence[Match]) -> tuple[str, ...]:
    """The best two or three: the third only if it is not far behind."""
    least = matches[0].confidence * _OFFERED_SHARE
    worth = [match.entry_id for match in matches[:_OFFERED] if match.confidence >= least]
    return tuple(worth) if len(worth) > 1 else tuple(match.entry_id for match in matches[:2])


def _two_questions(text: NormalText, matcher: Matcher, language: Language, whole: Ranking) -> _Pair | None:
    """Return the two questions asked at once that are the surest of all ways to cut the message, or None."""
    top = {
        match.entry_id
        for match, signals in zip(whole.matches[:3], whole.signals, strict=False)
        if signals.score >= whole.signals[0].score * _SECOND_SHARE
    }
    found = []
    for first, second in parts_of(text, language):
        one, two = matcher.rank(first), matcher.rank(second)
        if one.best is None or two.best is None or one.best == two.best or not {one.best, two.best} <= top:
            continue
        least = min(one.right, two.right)
        if min(one.ours, two.ours) >= _PART_IF_OURS and least >= _PART_WORTH_OFFERING:
            found.append(_Pair((one.best, two.best), least))
    return max(found, key=lambda pair: pair.right, default=None)


def _follow_up(tokens: Sequence[Token], matcher: Matcher, last: Entry) -> Ranking:
    """Rank *tokens* as a question that leaves out what it is about, leaning towards the entry shown last."""
    return matcher.rank(matcher.about(tokens, last), leaning=last.id, by=_FOLLOW_UP_LEANING)
