"""What adapters call: answer a message, act on a choice, forget a person, reload the knowledge."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime

from bot.core import compose
from bot.core.act import act, gone
from bot.core.action import Action, NotThis, Vote
from bot.core.misses import SIMILAR_FROM, Missed, MissGroup, groups, redacted
from bot.core.model import CONTEXT_LIFE, Ambiguous, Answered, Context, NoMatch, Notice, Outcome, Reply, SmallTalk, Turn, Utterance, Withheld
from bot.core.public import in_public
from bot.core.respond import respond
from bot.core.search import Findings, search
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.store import Store
from bot.store.bounded import bounded
from bot.store.records import Count, Effects, Miss, PersonKey, Tally

_ASKED_KEPT = 1_000
_KNOWN_FROM = 2
"""How often a word must stand among what teaches to be no name."""


@dataclass(frozen=True, slots=True)
class Said:
    """A reply, and what is to be kept once it was delivered: whoever delivers it hands the effects to the store."""

    reply: Reply
    effects: Effects
    outcome: str
    """In a word, as it is counted and logged: `answered`, `offered`, `unknown`, `foreign`, `smalltalk`, `alarm`, or the name of the action."""
    about: tuple[str, ...] = ()
    """Ids of the entries, red flags or small talk, or the code of the language."""
    confidence: float | None = None
    """Of the best match."""
    turn: Turn | None = None
    """How a message was understood; None for an action."""


class LastAsked:
    """The last question of each person, redacted, in memory only: a press on "not what I asked" comes without it."""

    def __init__(self) -> None:
        self._words: OrderedDict[str, tuple[datetime, str, str, tuple[str, ...]]] = OrderedDict()
        """By `PersonKey.here`: when, who, what, and the entries shown for it; oldest first."""

    def remember(self, key: PersonKey, words: str | None, at: datetime, shown: tuple[str, ...]) -> None:
        """Keep *words*, in place of those before; None keeps nothing."""
        self._words.pop(key.here, None)
        if words is not None:
            self._words[key.here] = at, key.person, words, shown
        self.drop_stale(at)
        while len(self._words) > _ASKED_KEPT:
            self._words.popitem(last=False)

    def not_this(self, key: PersonKey, entry_id: str, now: datetime) -> tuple[Miss, ...]:
        """Return the last question as one that *entry_id* did not answer; once a question, and only if that was shown for it."""
        at, _, words, shown = self._words.get(key.here, (now, "", "", ()))
        if entry_id not in shown:
            return ()
        del self._words[key.here]
        return (Miss(now.date(), words, entry_id),) if now - at <= CONTEXT_LIFE else ()

    def drop_stale(self, now: datetime) -> None:
        """Let go of what was asked longer than CONTEXT_LIFE ago."""
        while self._words and now - next(iter(self._words.values()))[0] > CONTEXT_LIFE:
            self._words.popitem(last=False)

    def forget(self, key: PersonKey) -> None:
        """Let go of what this person asked, in any chat."""
        names = {name.person for name in key.names}
        for here in [here for here, (_, person, *_) in self._words.items() if person in names]:
            del self._words[here]


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
        return _said(turn, _left(key, turn.context, before), utterance.at, self._missed(utterance, turn, key, aloud=carried is None))

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
        reply, context = act(action, self.snapshot, before, now)
        name = _name_of(action)
        named = getattr(action, "entry_id", "")
        about = named if named in self.snapshot.entries_by_id else ""  # A button may be forged, and a count stays for long.
        missed = self._asked.not_this(key, about, now) if self._asked is not None and isinstance(action, NotThis) else ()
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

    async def misses(self, fewest: int = SIMILAR_FROM) -> tuple[MissGroup, ...]:
        """Return what at least *fewest* asked alike, and in vain. Raises StoreError."""
        missed = [Missed(miss.words, miss.not_this) for miss in await self._store.misses()]
        return groups(missed, self.snapshot.knowledge.language, fewest)

    async def counted(self, since: date) -> tuple[Tally, ...] | None:
        """Return what was counted from the day *since* (UTC) on; None when the store is slow or down."""
        return await bounded(self._store.tallies(since), otherwise=None)

    def privacy(self) -> Notice:
        """What is kept, and for how long."""
        asked = self.say("privacy_misses", fewest=str(SIMILAR_FROM)) if self._asked is not None else self.say("privacy_no_misses")
        kept = self.say("privacy", days=str(self._retention_days))
        contact = self.snapshot.knowledge.topic.contact
        reach = self.say("privacy_contact", contact=contact) if contact else ""
        return Notice("\n\n".join(filter(None, (asked.strip(), kept.strip(), self.say("privacy_forget").strip(), reach))))

    def start(self) -> Notice:
        """The greeting."""
        return Notice(self.say("start"), compose.themes(self.snapshot))

    def help(self) -> Notice:
        """How to use the bot."""
        contact = self.snapshot.knowledge.topic.contact
        report = self.say("report_wrong", contact=contact) if contact else ""
        return Notice("\n\n".join(filter(None, (self.say("help").strip(), report))), compose.themes(self.snapshot))

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
        return Notice(text, compose.themes(self.snapshot))

    def regions(self) -> Notice:
        """The countries whose phone numbers may be chosen."""
        return compose.regions(self.snapshot)

    def unsupported(self, kind: str) -> Notice:
        """For a message without words; *kind* says what it holds, as in the keys `unsupported_<kind>`."""
        text = "\n\n".join((self.say(f"unsupported_{kind}"), self.say("safety_line")))
        return Notice(text, compose.themes(self.snapshot))

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
        """Read the knowledge anew; whatever is wrong with it, the old one keeps serving."""
        return await self.live.reload()

    async def context(self, key: PersonKey) -> Context:
        """Return what the person behind *key* carries; an empty context for nothing, or when the store is ill."""
        return await self.stored(key) or Context()

    async def stored(self, key: PersonKey) -> Context | None:
        """Return what the person behind *key* carries; an empty context for nothing, None when the store is ill."""

        async def read() -> Context:
            return await self._store.read_context(key) or Context()

        return await bounded(read(), otherwise=None)

    def _missed(self, utterance: Utterance, turn: Turn, key: PersonKey, *, aloud: bool) -> tuple[Miss, ...]:
        """Return the question as one that had no answer; remember one that had, in case it was not what they asked."""
        if self._asked is None:
            return ()
        counts = self.snapshot.lessons.learned.word_counts
        words = redacted(utterance.text, self.snapshot.knowledge.language, lambda word: counts.get(word, 0) >= _KNOWN_FROM)
        # What is in another language nobody here could read, nor take names out of.
        no_question = isinstance(turn.outcome, SmallTalk) or (isinstance(turn.outcome, NoMatch) and turn.outcome.language)
        asked = words if turn.alert is None and not no_question else None
        if aloud:
            self._asked.remember(key, asked, utterance.at, _shown_for(turn.outcome))
        return (Miss(utterance.at.date(), asked),) if asked and isinstance(turn.outcome, NoMatch) else ()


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
    counts = tuple(Count(at.date(), outcome, each) for each in about or ("",))
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
