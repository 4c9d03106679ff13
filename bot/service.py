"""What adapters call: answer a message, act on a choice, reload the knowledge."""

from __future__ import annotations

from datetime import datetime

from bot.core import compose
from bot.core.act import act, gone
from bot.core.model import Action, Context, Notice, Reply, Turn, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.knowledge.live import LiveKnowledge, ReloadReport
from bot.store import Store
from bot.store.bounded import bounded


class Service:
    """One bot, whatever the way in. Answers do not depend on the store: when it is slow or down, contexts are empty."""

    def __init__(self, live: LiveKnowledge, store: Store) -> None:
        self.live = live
        self._store = store

    @property
    def snapshot(self) -> Snapshot:
        """The knowledge that answers now."""
        return self.live.current

    async def answer(self, utterance: Utterance, key: str) -> Turn:
        """Answer *utterance* of the person and chat behind *key*."""
        turn = respond(utterance, self.snapshot, await self._context(key))
        await self._keep(key, turn.context)
        return turn

    async def alarm(self, utterance: Utterance, key: str) -> Turn | None:
        """Answer *utterance* as `answer` does if it raises a red flag; else return None, and keep nothing: what nobody sees was not said."""
        turn = respond(utterance, self.snapshot, await self._context(key))
        if turn.alert is None:
            return None
        await self._keep(key, turn.context)
        return turn

    async def act(self, action: Action, key: str, now: datetime) -> Reply:
        """Do what a choice says, for the person and chat behind *key*."""
        reply, context = act(action, self.snapshot, await self._context(key), now)
        await self._keep(key, context)
        return reply

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

    async def _context(self, key: str) -> Context:
        return await bounded(self._store.read_context(key), otherwise=None) or Context()

    async def _keep(self, key: str, context: Context) -> None:
        await bounded(self._store.write_context(key, context), otherwise=None)
