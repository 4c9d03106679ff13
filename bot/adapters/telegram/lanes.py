"""Updates of one chat wait in a lane, one behind the other; what is asked from elsewhere waits in lanes of its own."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from telegram import Update

from bot.adapters.telegram.at_hand import AtHand
from bot.adapters.telegram.endings import Ending
from bot.store.records import Claim

FLOOD = 5
"""With more messages of one person than this waiting in a chat, one reply answers them."""

Place = tuple[str, int]
"""What a lane is for, and whose it is."""


@dataclass(eq=False, slots=True)
class Item:
    """An update from its taking to its end. Printed, it shows nothing of the person."""

    update: Update = field(repr=False)
    by_webhook: bool
    """Telegram brings it again when asked to; else, by polling, it is settled here or never."""
    taken_at: float
    """On the clock of `time.monotonic`."""
    ended: asyncio.Future[Ending]
    writer: int | None = field(default=None, repr=False)
    """Who wrote it, if another message of theirs may cover it; None for commands, presses, and what is not for the bot."""
    forgets: int | None = field(default=None, repr=False)
    """Whom it has us forget; what they write behind it must not be stored before it."""
    claim: Claim | None = None
    """Won, and not made use of yet."""
    claimed: bool = False
    tries: int = 0
    """How often it was begun, by this process or one before."""
    unheard: int = 0
    """Claims that the store did not answer, but may have counted as tries."""
    pauses: int = 0
    """How often Telegram asked for a pause instead of taking the reply."""
    sent: list[str] = field(default_factory=list, repr=False)
    """The pages of its reply that Telegram took."""
    let_go: bool = False
    """To Telegram and the store it is settled already."""

    @property
    def leaves_nothing(self) -> bool:
        """True for what the store need not hear of: a list is shown while somebody types, and shown again to no harm."""
        return self.update.inline_query is not None or self.update.chosen_inline_result is not None

    @property
    def place(self) -> Place:
        """The lane: the chat; the person where there is none; 0 for the rest.

        A person's lists and guest messages do not wait for what they write to the bot: a pause there must not let them come too late. And a chat
        that the bot visits may have the number of another.
        """
        person = self.update.effective_user.id if self.update.effective_user else 0
        if self.leaves_nothing:
            return "list", person
        if self.update.guest_message is not None:
            return "guest", person
        return "chat", self.update.effective_chat.id if self.update.effective_chat else person


@dataclass(eq=False, slots=True)
class Lane:
    """One chat, or what stands for it. Printed, it shows no id."""

    place: Place = field(repr=False)
    waiting: deque[Item] = field(default_factory=deque)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while what people carry on is read and stored, and while `waiting` shrinks."""
    hand: AtHand | None = None
    """The update being handled, if any."""
    forgetting: int | None = field(default=None, repr=False)
    """Whom it has us forget."""
    resting: bool = False
    """In a pause before the next go."""
    covering: bool = False
    """Somebody is about to look for floods."""
    bounds: dict[int, int] = field(default_factory=dict, repr=False)
    """How many messages of a person may wait, where it is not FLOOD: when some had to stay, not each new one is reason to look again."""

    @property
    def chat(self) -> int:
        """The chat's number, in a lane of a chat."""
        return self.place[1]

    def updates(self) -> Iterator[Update]:
        """Yield what waits, in order."""
        return (item.update for item in self.waiting)

    def flooding(self) -> list[int]:
        """Return whose messages are too many."""
        if len(self.waiting) <= FLOOD:
            return []
        counts = Counter(item.writer for item in self._coverable() if item.writer is not None)
        return [writer for writer, count in counts.items() if count > self.bounds.get(writer, FLOOD)]

    def by(self, writer: int) -> list[Item]:
        """Return the messages of *writer* that may be covered, in order."""
        return [item for item in self._coverable() if item.writer == writer]

    def _coverable(self) -> Iterator[Item]:
        """Yield what waits up to each person's /forget: what they wrote behind it is read once that is done."""
        forgetting = {self.forgetting}
        for item in self.waiting:
            if item.forgets is not None:
                forgetting.add(item.forgets)
            if item.writer is not None and item.writer not in forgetting and not item.sent:
                yield item

    def overtaken(self) -> list[Item]:
        """Take out the inline queries behind which a later one waits, and return them: who types on looks for the last list only."""
        queries = [item for item in self.waiting if item.update.inline_query is not None]
        queries.sort(key=lambda item: item.update.update_id)
        self.drop(set(queries[:-1]))
        return queries[:-1]

    def drop(self, gone: set[Item]) -> None:
        """Take *gone* out of what waits."""
        kept = [item for item in self.waiting if item not in gone]
        self.waiting.clear()
        self.waiting.extend(kept)
