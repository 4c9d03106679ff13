"""The straight line: normalise, triage, tell the language, match, compose."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.core import alarms, compose, reminders
from bot.core.act import act
from bot.core.action import NotHappening, NotThis, ShowEntry
from bot.core.content import Tier
from bot.core.matching.decide import SURE_FROM, Decision, decide
from bot.core.model import Advice, Alert, Ambiguous, Answered, Context, NoMatch, Notice, Outcome, Reply, SmallTalk, Turn, Utterance, Withheld
from bot.core.picks import picked
from bot.core.snapshot import Snapshot
from bot.core.text import NormalText, normalise
from bot.core.triage.burst import carried_on, still_waiting

_WORDS_BEFORE = 3


def respond(utterance: Utterance, snapshot: Snapshot, context: Context) -> Turn:
    """Return what to say to *utterance*, and what to carry on.

    Pure: the same arguments give the same turn. Never raises on any text. Triage reads the whole message and speaks first; under a live
    alert of urgent_today or above the answer waits behind a button.
    """
    context = context.fresh_at(utterance.at)
    text = normalise(utterance.text, snapshot.knowledge.language)
    waiting = still_waiting(context.half_met, utterance.at)
    heard = snapshot.triage.listen(text, frozenset(half.group for half in waiting))
    context = replace(context, half_met=carried_on(waiting, heard, utterance.at))
    alert = _heard(heard.alert)
    if alert is not None and alert.live and alert.tier >= Tier.URGENT_TODAY:
        return _alarm(alert, text, snapshot, replace(context, at=utterance.at))
    if context.alerted and _says_over(text, snapshot):
        reply, after = act(NotHappening(), snapshot, context, utterance.at)
        return Turn(alert, NoMatch(), reply, after, reason="not happening now")
    chosen = picked(text, context.offered, snapshot.knowledge.language, alarmed=bool(context.alerted)) if alert is None else None
    if chosen is not None:
        return _picked(chosen, snapshot, context, utterance.at)
    code = snapshot.foreign.find(utterance.text)
    if code in snapshot.knowledge.messages.other_languages:
        return _in_other_language(code, alert, snapshot, replace(context, at=utterance.at))
    decision = _decide(text, snapshot, context)
    outcome, reply, after = _say(utterance, alert, decision, snapshot, context)
    return Turn(alert, outcome, reply, after, decision.ranking.matches, decision.reason)


def _heard(alert: Alert | None) -> Alert | None:
    """Return *alert* without what was only asked about and is no danger: a question on lasting neck pain is a question like any other."""
    hits = tuple(hit for hit in alert.hits if not hit.soft or hit.tier >= Tier.URGENT_TODAY) if alert is not None else ()
    return replace(alert, hits=hits) if alert is not None and hits else None


def _not_lowered(alert: Alert, snapshot: Snapshot, context: Context) -> Alert:
    """Return *alert* at the tier of the last alarm, if that was graver: who was told to call an ambulance is not told now that today will do."""
    before = max((tier for _, tier in reminders.alerted(snapshot, context) if tier is not Tier.CRISIS), default=alert.tier)
    if before <= alert.tier:
        return alert
    first, *others = alert.hits
    return replace(alert, hits=(replace(first, tier=before), *others))


def _decide(text: NormalText, snapshot: Snapshot, context: Context) -> Decision:
    return decide(text, snapshot.matcher, snapshot.knowledge.language, snapshot.entries_by_id, context.last_entry)


def _alarm(alert: Alert, text: NormalText, snapshot: Snapshot, context: Context) -> Turn:
    """Return the alarm. Whatever becomes of the matcher, it goes out; the answer waits behind a button only if it is sure."""
    try:
        decision = _decide(text, snapshot, context)
    except Exception:  # no fault of a convenience may cost an alarm
        decision = None
    sure: tuple[str, ...] = ()
    if decision is not None and isinstance(decision.outcome, Answered) and decision.ranking.right >= SURE_FROM:
        sure = decision.outcome.entry_ids
    spoken = _not_lowered(alert, snapshot, context)
    reply, withheld = alarms.alarm(spoken, snapshot, context, sure)
    after = compose.after_alarm(context, spoken, snapshot, withheld)
    return Turn(alert, Withheld(withheld), reply, after, decision.ranking.matches if decision is not None else (), "red flag")


def _says_over(text: NormalText, snapshot: Snapshot) -> bool:
    """Return True for the words on the button that ends a warning, typed, with a few before them: `no, it is not happening now`."""
    said = tuple(token.text for token in text.tokens)
    label = tuple(token.text for token in normalise(snapshot.knowledge.messages.say("not_happening"), snapshot.knowledge.language).tokens)
    return said[-len(label) :] == label and len(said) <= len(label) + _WORDS_BEFORE


def _picked(entry_ids: tuple[str, ...], snapshot: Snapshot, context: Context, now: datetime) -> Turn:
    """Return what comes of picking *entry_ids* in words, of those that were offered: the same as of pressing their buttons."""
    if len(entry_ids) > 1:
        known = tuple(entry_id for entry_id in entry_ids if entry_id in snapshot.entries_by_id)
        entries = [snapshot.entries_by_id[entry_id] for entry_id in known]
        if len(known) == len(entry_ids):
            after = compose.after_answer(context, entries, now, context.candidates)
            return Turn(None, Answered(known), compose.advice(known, snapshot, context), after, reason="picked")
    reply, after = act(ShowEntry(entry_ids[0]) if entry_ids else NotThis(context.offered[0]), snapshot, context, now)
    outcome = Answered(entry_ids[:1]) if isinstance(reply, Advice) else Ambiguous(after.offered) if not entry_ids and after.offered else NoMatch()
    return Turn(None, outcome, reply, after, reason="picked")


def _in_other_language(code: str, alert: Alert | None, snapshot: Snapshot, context: Context) -> Turn:
    """Return what there is to say to somebody who writes in the language *code*: that the bot does not read it, and when to call for help."""
    notice = compose.in_other_language(code, snapshot, lead=compose.lead(alert, snapshot) if alert is not None else "")
    return Turn(alert, NoMatch(code), reminders.reminded(notice, snapshot, context), context, reason=f"another language: {code}")


def _say(utterance: Utterance, alert: Alert | None, decision: Decision, snapshot: Snapshot, context: Context) -> tuple[Outcome, Reply, Context]:
    waiting = replace(context, at=utterance.at)
    outcome = decision.outcome
    if isinstance(outcome, Answered):
        lead = compose.lead(alert, snapshot) if alert is not None else ""
        entries = [snapshot.entries_by_id[entry_id] for entry_id in outcome.entry_ids]
        titled = decision.ranking.right < SURE_FROM
        advice = compose.advice(outcome.entry_ids, snapshot, context, lead=lead, titled=titled, also=outcome.also)
        return outcome, advice, compose.after_answer(context, entries, utterance.at, decision.candidates)
    outcome, notice, after = _without_answer(outcome, alert, decision, snapshot, waiting)
    return outcome, reminders.reminded(notice, snapshot, context), after


def _without_answer(
    outcome: Outcome, alert: Alert | None, decision: Decision, snapshot: Snapshot, context: Context
) -> tuple[Outcome, Notice, Context]:
    """Return what is said where no entry is sure enough: a question back, small talk, or "I don't know"."""
    lead = compose.lead(alert, snapshot) if alert is not None else ""
    offered = reminders.not_withheld(outcome.entry_ids, snapshot, context) if isinstance(outcome, Ambiguous) else ()
    if offered:
        left = tuple(candidate for candidate in decision.candidates if candidate not in offered)
        return Ambiguous(offered), compose.offer(offered, snapshot, context, lead=lead), replace(context, candidates=left, offered=offered)
    if alert is not None and not (alert.live and isinstance(outcome, SmallTalk)):
        safety = snapshot.knowledge.topic.safety_entry
        outcome = Ambiguous((safety,)) if safety and not alert.live else NoMatch()
        return outcome, compose.without_answer(lead, snapshot), context
    if isinstance(outcome, SmallTalk):
        # To somebody in crisis nobody chats: the line that says who listens is the whole reply.
        chat = Notice("") if reminders.in_crisis(snapshot, context) else compose.small_talk(outcome.smalltalk_id, snapshot, context, lead=lead)
        return outcome, chat, context
    return NoMatch(), compose.dont_know(snapshot, context, lead=lead), context
