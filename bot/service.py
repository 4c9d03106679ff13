"""What adapters call: answer a message, act on a choice, forget a person, reload the knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.core import compose
from bot.core.act import act, gone
from bot.core.model import Action, Ambiguous, Answered, Context, Notice, Reply, SmallTalk, Turn, Utterance, Withheld
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.store import Store
from bot.store.bounded import bounded
from bot.store.records import Count, Effects, PersonKey


@dataclass(frozen=True, slots=True)
class Said:
    """A reply, and what is to be kept once it was delivered: whoever delivers it hands the effects to the store."""

    reply: Reply
    effects: Effects
    outcome: str
    """In a word, as it is counted and logged: `answered`, `offered`, `unknown`, `smalltalk`, `alarm`, or the name of the action."""
    about: tuple[str, ...] = ()
    """Ids of the entries, red flags or small talk."""
    confidence: float | None = None
    """Of the best match."""
    turn: Turn | None = None
    """How a message was understood; None for an action."""


class Service:
    """One bot, whatever the way in. Answers do not depend on the store: when it is slow or down, contexts are empty."""

    def __init__(self, live: LiveKnowledge, store: Store) -> None:
        self.live = live
        self._store = store

    @property
    def snapshot(self) -> Snapshot:
        """The knowledge that answers now."""
        return self.live.current

    async def answer(self, utterance: Utterance, key: PersonKey) -> Said:
        """Answer *utterance* of the person and chat behind *key*."""
        return _said(respond(utterance, self.snapshot, await self._context(key)), key, utterance.at)

    async def alarm(self, utterance: Utterance, key: PersonKey) -> Said | None:
        """Answer *utterance* as `answer` does if it raises a red flag; else return None: what nobody sees was not said."""
        said = await self.answer(utterance, key)
        return said if said.turn is not None and said.turn.alert is not None else None

    async def act(self, action: Action, key: PersonKey, now: datetime) -> Said:
        """Do what a choice says, for the person and chat behind *key*."""
        reply, context = act(action, self.snapshot, await self._context(key), now)
        name = type(action).__name__.lower()
        about = getattr(action, "entry_id", "")
        return Said(reply, Effects(((key, context),), (Count(now.date(), name, about),)), name, (about,) if about else ())

    async def keep(self, effects: Effects) -> None:
        """Keep what a reply leaves behind, where no update is to be settled with it."""
        await bounded(self._store.keep(effects), otherwise=None)

    async def forget(self, key: PersonKey) -> bool:
        """Delete all that is kept of a person; return whether the store did."""
        return await bounded(self._store.forget(key), otherwise=None) is not None

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

    def gone(self) -> Notice:
        """For a choice that leads nowhere any more."""
        return gone(self.snapshot)

    def say(self, key: str, **values: str) -> str:
        """Return one sentence of the current knowledge."""
        return self.snapshot.knowledge.messages.say(key, 0, **values)

    async def reload(self) -> ReloadReport:
        """Read the knowledge anew; whatever is wrong with it, the old one keeps serving."""
        return await self.live.reload()

    async def _context(self, key: PersonKey) -> Context:
        return await bounded(self._store.read_context(key), otherwise=None) or Context()


def _said(turn: Turn, key: PersonKey, at: datetime) -> Said:
    outcome, about = _named(turn)
    counts = tuple(Count(at.date(), outcome, each) for each in about or ("",))
    confidence = turn.ranking[0].confidence if turn.ranking else None
    return Said(turn.reply, Effects(((key, turn.context),), counts), outcome, about, confidence, turn)


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
    return "unknown", ()
