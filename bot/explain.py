"""Why the bot said what it said: the words, the scores, the rule that decided."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.matching.decide import ANSWER_IF_OURS, ANSWER_IF_RIGHT, OFFER_IF_OURS, decide
from bot.core.matching.matcher import Ranking
from bot.core.model import Alert, Turn, Utterance
from bot.core.snapshot import Snapshot
from bot.core.text import NormalText, normalise
from bot.core.triage.engine import Triage

_WORDS_SHOWN = 8


def explain(utterance: Utterance, turn: Turn, snapshot: Snapshot) -> str:
    """Return, as lines to read in a terminal, how *turn* came about (for a conversation that began with it)."""
    text = normalise(utterance.text, snapshot.knowledge.language)
    ranking = decide(text, snapshot.matcher, snapshot.knowledge.language, snapshot.entries_by_id, None).ranking
    lines = [f"read as    {text.canonical}", f"tokens     {' '.join(word.meant for word in ranking.words)}"]
    repaired = [f"{word.said} -> {word.meant}" for word in ranking.words if word.said != word.meant]
    lines.append(f"repaired   {', '.join(repaired) or 'nothing'}")
    lines.append(f"triage     {_alert(turn.alert)}")
    lines.extend(_likeness(snapshot.triage, text))
    lines.extend(_matches(ranking))
    lines.append(f"decided    {type(turn.outcome).__name__} by rule: {turn.reason}")
    lines.append(f"thresholds answer: ours {ANSWER_IF_OURS:.2f} and right {ANSWER_IF_RIGHT:.2f}; offer: ours {OFFER_IF_OURS:.2f}")
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


def _matches(ranking: Ranking) -> Iterator[str]:
    for number, (match, signals) in enumerate(zip(ranking.matches, ranking.signals, strict=True), 1):
        yield (
            f"{number}. {match.confidence:.2f}    {match.entry_id}: ours {signals.ours:.2f}, right {signals.right:.2f} (score {signals.score:.2f}, "
            f"margin {signals.margin:+.2f}, no question {signals.other:.2f}, explained {signals.explained:.0%}, unknown {signals.unknown:.0%}, "
            f"subject {'named' if signals.subject else 'not named'}{', something else named' if signals.elsewhere else ''})"
        )
        words = (f"{word.meant} {word.weight:+.2f}" for word in match.earned[:_WORDS_SHOWN])
        yield f"           {', '.join(words)}"
