"""What adapters call: answer a message, act on a choice, forget a person, reload the knowledge."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.asked import LastAsked, Vain
from bot.asked import seconds as seconds_since_1970
from bot.core import alarms, compose, pieces
from bot.core.act import act, gone
from bot.core.action import Action, Choice, Consent, NotThis, PassOn, Vote
from bot.core.language import Language
from bot.core.misses import SIMILAR_FROM, Missed, MissGroup, groups, redacted
from bot.core.model import Ambiguous, Answered, Context, NoMatch, Notice, Outcome, Reply, SmallTalk, Turn, Utterance, Withheld
from bot.core.public import in_public
from bot.core.respond import respond
from bot.core.search import Findings, search
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.store import MISS_LIFE, Store
from bot.store.bounded import bounded
from bot.store.records import ALSO, Count, Effects, Miss, PersonKey, Tally

_KNOWN_FROM = 2
"""How often a word must stand among what teaches to be no name."""
_PASSED_ON_KEPT = 8


@dataclass(frozen=True, slots=True)
class Said:
    """A reply, and what is to be kept once it was delivered: whoever delivers it hands the effects to the store."""

    reply: Reply
    effects: Effects
    outcome: str
    """In a word, as it is counted and logged: `answered`, `offered`, `unknown`, `foreign`, `smalltalk`, `alarm`, or what the action is called."""
    about: tuple[str, ...] = ()
    """Ids of the entries, red flags or small talk, or the code of the language."""
    confidence: float | None = None
    """Of the best match."""
    turn: Turn | None = None
    """How a message was understood; None for an action."""


class Service:
    """One bot, whatever the way in. Answers do not depend on the store: when it is slow or down, contexts are empty."""

    def __init__(self, live: LiveKnowledge, store: Store, *, keep_misses: bool = False, retention_days: int = 400) -> None:
        """*keep_misses*: questions asked in vain are kept, redacted. *retention_days*: how long counts are kept, which people are told."""
        self.live = live
        self._store = store
        self._retention_days = retention_days
        self._asked = LastAsked() if keep_misses else None

    @property
    def snapshot(self) -> Snapshot:
        """The knowledge that answers now."""
        return self.live.current

    async def answer(self, utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said:
        """Answer *utterance* of the person and chat behind *key*, on top of what is stored, or of *carried*.

        What is said on top of *carried* was said before, or nobody sees it: it does not become their last question.
        """
        before = carried or await self.stored(key)
        turn = respond(utterance, self.snapshot, before or Context())
        asked = self._redacted(utterance, turn)
        missed = self._missed(asked, utterance.at, turn, key, aloud=carried is None)
        said = _said(turn, _left(key, turn.context, before), utterance.at, missed)
        return replace(said, reply=self._to_pass_on(turn.reply, utterance.at)) if asked and isinstance(turn.outcome, NoMatch) else said

    async def alarm(self, utterance: Utterance, key: PersonKey, carried: Context | None = None) -> Said | None:
        """Answer *utterance* as `answer` does if it raises a red flag; else return None: what nobody sees was not said."""
        said = await self.answer(utterance, key, carried)
        return said if said.turn is not None and said.turn.alert is not None else None

    async def act(self, action: Action, key: PersonKey, now: datetime, carried: Context | None = None) -> Said:
        """Do what a choice says, for the person and chat behind *key*, on top of what is stored, or of *carried*.

        A vote is counted without a person, and once for each answer in a talk.
        """
        known = carried or await self.stored(key)
        before = known or Context()
        if isinstance(action, PassOn | Consent):
            return self._passed_on(action, key, known, now)
        reply, context = act(action, self.snapshot, before, now)
        name = _name_of(action)
        named = getattr(action, "entry_id", "")
        about = named if named in self.snapshot.entries_by_id else ""  # A button may be forged, and a count stays for long.
        missed = self._asked.not_this(key, about, now, self._language) if self._asked is not None and isinstance(action, NotThis) else ()
        again = isinstance(action, Vote) and (not about or about in before.fresh_at(now).voted)
        counts = () if again else (Count(now.date(), name, about),)
        return Said(reply, Effects(_left(key, context, known), counts, missed), name, (about,) if about else ())

    async def keep(self, effects: Effects) -> None:
        """Keep what a reply leaves behind, where no update is to be settled with it."""
        await bounded(self._store.keep(effects), otherwise=None)

    async def forget(self, key: PersonKey) -> Notice:
        """Delete all that is kept of a person, in any chat, and say so; or say that the store did not."""
        if self._asked is not None:
            self._asked.forget(key)
        deleted = await bounded(self._store.forget(key), otherwise=None) is not None
        if not deleted:
            return Notice(self.say("not_forgotten"))
        rest = self.say("forgotten_misses").strip() if self._asked is not None else ""
        return Notice("\n\n".join(filter(None, (self.say("forgotten").strip(), rest))))

    def tidy(self, now: datetime) -> None:
        """Let go of last questions past their time; to be called every few minutes."""
        if self._asked is not None:
            self._asked.drop_stale(now)

    @property
    def keeps_misses(self) -> bool:
        """Whether questions asked in vain are kept."""
        return self._asked is not None

    async def misses(self, fewest: int = SIMILAR_FROM) -> tuple[MissGroup, ...]:
        """Return what at least *fewest* asked alike, and in vain, and what anybody passed on. Raises StoreError."""
        missed = [Missed(miss.words, miss.not_this, miss.passed) for miss in await self._store.misses()]
        return await asyncio.to_thread(groups, missed, self._language, fewest)  # Of ten thousand it takes a while.

    async def counted(self, since: date) -> tuple[Tally, ...] | None:
        """Return what was counted from the day *since* (UTC) on; None when the store is slow or down."""
        return await bounded(self._store.tallies(since), otherwise=None)

    def privacy(self) -> Notice:
        """What is kept, and for how long."""
        days = str(MISS_LIFE.days)
        asked = self.say("privacy_misses", fewest=str(SIMILAR_FROM), days=days) if self._asked is not None else self.say("privacy_no_misses")
        kept = self.say("privacy", days=str(self._retention_days))
        contact = self.snapshot.knowledge.topic.contact
        reach = self.say("privacy_contact", contact=contact) if contact else ""
        return Notice("\n\n".join(filter(None, (asked.strip(), kept.strip(), self.say("privacy_forget").strip(), reach))))

    def start(self) -> Notice:
        """The greeting."""
        return Notice(self.say("start"), pieces.themes(self.snapshot))

    def help(self) -> Notice:
        """How to use the bot."""
        contact = self.snapshot.knowledge.topic.contact
        report = self.say("report_wrong", contact=contact) if contact else ""
        return Notice("\n\n".join(filter(None, (self.say("help").strip(), report))), pieces.themes(self.snapshot))

    def topics(self) -> Notice:
        """All there is to ask about."""
        return compose.topics(self.snapshot)

    def about(self) -> Notice:
        """What this is, and which knowledge it speaks from."""
        knowledge = self.snapshot.knowledge
        signed = sum(entry.reviewed is not None for entry in knowledge.entries)
        facts = self.say("about_knowledge", count=str(len(knowledge.entries)), signed=str(signed), version=knowledge.version)
        report = self.say("report_wrong", contact=knowledge.topic.contact) if knowledge.topic.contact else ""
        text = "\n\n".join(filter(None, (self.say("about_bot", name=knowledge.topic.name).strip(), facts, report)))
        return Notice(text, pieces.themes(self.snapshot))

    def regions(self) -> Notice:
        """The countries whose phone numbers may be chosen."""
        return alarms.regions(self.snapshot)

    def unsupported(self, kind: str) -> Notice:
        """For a message without words; *kind* says what it holds, as in the keys `unsupported_<kind>`."""
        text = "\n\n".join((self.say(f"unsupported_{kind}"), self.say("safety_line")))
        return Notice(text, pieces.themes(self.snapshot))

    def in_public(self, reply: Reply) -> Reply:
        """Return *reply* as it may stand where others read along."""
        return in_public(reply, self.snapshot)

    def find(self, utterance: Utterance, start: int = 0) -> Findings:
        """Return what to list for *utterance*, from its place *start* on; nothing is kept of it."""
        return search(utterance, self.snapshot, start)

    def gone(self) -> Notice:
        """For a choice that leads nowhere any more."""
        return gone(self.snapshot)

    def say(self, key: str, **values: str) -> str:
        """Return one sentence of the current knowledge."""
        return self.snapshot.knowledge.messages.say(key, 0, **values)

    async def reload(self) -> ReloadReport:
        """Read the knowledge anew, and ask nobody; whatever is wrong with it, the old one keeps serving."""
        return await self.live.reload(ask=False)

    async def context(self, key: PersonKey) -> Context:
        """Return what the person behind *key* carries; an empty context for nothing, or when the store is ill."""
        return await self.stored(key) or Context()

    async def stored(self, key: PersonKey) -> Context | None:
        """Return what the person behind *key* carries; an empty context for nothing, None when the store is ill."""

        async def read() -> Context:
            return await self._store.read_context(key) or Context()

        return await bounded(read(), otherwise=None)

    @property
    def _language(self) -> Language:
        return self.snapshot.knowledge.language

    def _redacted(self, utterance: Utterance, turn: Turn) -> str | None:
        """Return what may be kept of a question; None where that is nothing, or nothing is kept."""
        # What is in another language nobody here could read, nor take names out of.
        no_question = isinstance(turn.outcome, SmallTalk) or (isinstance(turn.outcome, NoMatch) and turn.outcome.language)
        if self._asked is None or turn.alert is not None or no_question:
            return None
        counts = self.snapshot.lessons.learned.word_counts
        return redacted(utterance.text, self._language, lambda word: counts.get(word, 0) >= _KNOWN_FROM)

    def _missed(self, asked: str | None, at: datetime, turn: Turn, key: PersonKey, *, aloud: bool) -> tuple[Miss, ...]:
        """Return the question as one that had no answer; remember one that had, in case it was not what they asked."""
        if self._asked is None:
            return ()
        if aloud:
            self._asked.remember(key, asked, at, _shown_for(turn.outcome))
        return self._asked.in_vain(key, asked, at, self._language) if asked and isinstance(turn.outcome, NoMatch) else ()

    # --- passing a question on ------------------------------------------------------------------------------------------

    def _to_pass_on(self, reply: Reply, at: datetime) -> Reply:
        """Return *reply* with a choice that has the question passed on; in public it is taken off again."""
        return replace(reply, choices=(*reply.choices, (Choice(self.say("pass_on"), PassOn(seconds_since_1970(at))),)))

    def _passed_on(self, action: PassOn | Consent, key: PersonKey, known: Context | None, now: datetime) -> Said:
        """Show what would be passed on, or pass it on. Until there is a yes the words are in memory only; *known* tells which questions had one."""
        before = (known or Context()).fresh_at(now)
        context = replace(before, at=now)
        name, counts = _name_of(action), (Count(now.date(), _name_of(action)),)
        vain = self._asked.asked(key, action.question, now) if self._asked is not None else None
        sent = action.question in before.passed_on
        if self._asked is not None and vain is not None and known is not None and isinstance(action, Consent) and action.given and not sent:
            missed = Miss(vain.at.date(), vain.words, passed=True)
            replaced = () if self._asked.counted_with(key, vain) & set(before.passed_on) else (vain.counted,)
            context = replace(context, passed_on=(*before.passed_on, action.question)[-_PASSED_ON_KEPT:])
            return Said(self._and_safety("pass_on_sent"), Effects(_left(key, context, known), counts, (missed,), replaced), name)
        return Said(self._of_passing_on(action, vain, sent=sent), Effects(_left(key, context, known), counts), name)

    def _of_passing_on(self, action: PassOn | Consent, vain: Vain | None, *, sent: bool) -> Notice:
        """Return what to say where nothing is passed on now."""
        if isinstance(action, Consent) and not action.given:
            return self._and_safety("pass_on_already" if sent else "pass_on_not_sent")
        if sent or vain is None:
            return self._and_safety("pass_on_already" if sent else "pass_on_gone")
        question = action.question
        asking = self.say("pass_on_ask", words=vain.words, days=str(MISS_LIFE.days)).strip()
        # A yes is heard only when what they carry on can be read: else nobody could tell whether there was one before.
        later = self.say("pass_on_later") if isinstance(action, Consent) else ""
        yes, no = Choice(self.say("pass_on_yes"), Consent(question, given=True)), Choice(self.say("pass_on_no"), Consent(question, given=False))
        return Notice("\n\n".join(filter(None, (later, asking))), ((yes, no),))

    def _and_safety(self, key: str) -> Notice:
        return Notice("\n\n".join((self.say(key), self.say("safety_line"))), pieces.themes(self.snapshot))


def _shown_for(outcome: Outcome) -> tuple[str, ...]:
    match outcome:
        case Answered(entry_ids, also):
            return entry_ids + also
        case Ambiguous(entry_ids) | Withheld(entry_ids):
            return entry_ids
    return ()


def _name_of(action: Action) -> str:
    if isinstance(action, Vote):
        return "helpful" if action.helpful else "unhelpful"
    return type(action).__name__.lower()


def _left(key: PersonKey, after: Context, before: Context | None) -> tuple[tuple[PersonKey, Context], ...]:
    """Return what to store: *after*, unless *before* could not be read; then only what matters more than the region or alarm it may replace."""
    worth = before is not None or after.half_met or after.alerted or after.region is not None
    return ((key, after),) if worth else ()


def _said(turn: Turn, left: tuple[tuple[PersonKey, Context], ...], at: datetime, missed: tuple[Miss, ...]) -> Said:
    outcome, about = _named(turn)
    # Once as what became of the message; its further entries under another name, or two answers to one question would look like two questions.
    counts = tuple(Count(at.date(), outcome + ALSO if place else outcome, each) for place, each in enumerate(about or ("",)))
    confidence = turn.ranking[0].confidence if turn.ranking else None
    return Said(turn.reply, Effects(left, counts, missed), outcome, about, confidence, turn)


def _named(turn: Turn) -> tuple[str, tuple[str, ...]]:
    match turn.outcome:
        case Withheld() if turn.alert is not None:
            return "alarm", turn.alert.flag_ids
        case Answered(entry_ids) | Withheld(entry_ids):
            return "answered", entry_ids
        case Ambiguous(entry_ids):
            return "offered", entry_ids
        case SmallTalk(smalltalk_id):
            return "smalltalk", (smalltalk_id,)
        case NoMatch(language) if language:
            return "foreign", (language,)
    return "unknown", ()
