"""Why the bot said what it said: the words, the scores, the rule that decided."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.matching.decide import decide
from bot.core.matching.matcher import Matcher, Ranking
from bot.core.matching.pairs import BOTH_FROM, OFFER_FROM, Pair
from bot.core.matching.signals import Signals
from bot.core.model import Alert, Context, Turn, Utterance
from bot.core.snapshot import Snapshot
from bot.core.text import NormalText, normalise
from bot.core.triage.engine import Triage

_WORDS_SHOWN = 8
_FRESH = Context()


def explain(utterance: Utterance, turn: Turn, snapshot: Snapshot, context: Context = _FRESH) -> str:
    """Return, as lines to read in a terminal, how *turn* came about in *context*: for a conversation that began with it, an empty one."""
    language = snapshot.knowledge.language
    text = normalise(utterance.text, language)
    decision = decide(text, snapshot.matcher, language, snapshot.entries_by_id, context.fresh_at(utterance.at).last_entry)
    ranking = decision.ranking
    repaired = [f"{word.said} -> {word.meant}" for word in ranking.words if word.said != word.meant]
    lines = [
        f"read as    {text.canonical}",
        f"tokens     {' '.join(word.meant for word in ranking.words)}",
        f"repaired   {', '.join(repaired) or 'nothing'}",
        f"triage     {_alert(turn.alert)}",
    ]
    lines.extend(_likeness(snapshot.triage, text))
    lines.extend(_matches(ranking, snapshot.matcher))
    lines.append(f"pair       {_pair(decision.pair)}")
    lines.extend(_thresholds(ranking))
    lines.append(f"decided    {type(turn.outcome).__name__} by rule: {turn.reason}")
    return "\n".join(lines)


def _alert(alert: Alert | None) -> str:
    if alert is None:
        return "no red flag"
    return "; ".join(f"{hit.flag_id} ({hit.tier.key}, {'soft' if hit.soft else 'live'}): {', '.join(hit.words)}" for hit in alert.hits)


def _likeness(triage: Triage, text: NormalText) -> Iterator[str]:
    """Yield what triage finds the whole message to be like, and the words and pairs of words that say so loudest."""
    if triage.likeness is None:
        return
    features = triage.features(text)
    alike = triage.likeness.read(features)
    yield f"likeness   danger {alike.danger:+.2f}, pressing {alike.pressing:+.2f}, crisis {alike.crisis:+.2f} (about +1 is like it, -1 is not)"
    yield "           " + ", ".join(f"{name} {weight:+.2f}" for name, weight in triage.likeness.telling(features, _WORDS_SHOWN))


def _matches(ranking: Ranking, matcher: Matcher) -> Iterator[str]:
    """Yield the entries ranked, each with what was measured of it, and the words that earned its score."""
    ranked = zip(ranking.matches, ranking.signals, matcher.earned(ranking), strict=True)
    for number, (match, signals, earned) in enumerate(ranked, 1):
        yield f"{number}. {match.confidence:.2f}    {match.entry_id}: ours {signals.ours:.2f}, right {signals.right:.2f}"
        yield f"           {_measured(signals)}"
        yield f"           {', '.join(f'{word.meant} {word.weight:+.2f}' for word in earned[:_WORDS_SHOWN])}"


def _measured(signals: Signals) -> str:
    return (
        f"score {signals.score:+.2f} (its words {signals.worded:+.2f}), nearness {signals.near:+.2f}, margin {signals.margin:+.2f}, "
        f"no question {signals.other:+.2f}, topical {signals.topical:+.2f}, explained {signals.explained:.0%}, unknown {signals.unknown:.0%}, "
        f"subject {'named' if signals.subject else 'not named'}{', something else named' if signals.elsewhere else ''}"
    )


def _pair(pair: Pair | None) -> str:
    if pair is None:
        return "none"
    return f"{' + '.join(pair.entry_ids)}: {pair.chance:.2f} (both from {BOTH_FROM:.2f}, the second offered from {OFFER_FROM:.2f})"


def _thresholds(ranking: Ranking) -> Iterator[str]:
    """Yield what judged the signals, and from which chance on it speaks up."""
    if not ranking.signals:
        return
    judge = ranking.signals[0].calibration
    yield f"judged by  {judge.name}{f', after {ranking.after}' if ranking.after else ''}"
    yield f"thresholds answer: ours {judge.answer_if_ours:.2f} and right {judge.answer_if_right:.2f}; offer: ours {judge.offer_if_ours:.2f}"
