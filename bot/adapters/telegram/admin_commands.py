"""What admins may ask: /why and /status; and /claim, by which somebody becomes one. For anybody else there are no such commands."""

from __future__ import annotations

from datetime import UTC, datetime

from telegram import Update
from telegram.ext import CommandHandler, filters

from bot.adapters.telegram import admin, incoming, outbox, status
from bot.adapters.telegram.claim import Claim, like_a_code
from bot.adapters.telegram.handlers import BotApplication, BotContext
from bot.adapters.telegram.pages import Block, Style
from bot.core.model import Context, Notice, Utterance
from bot.core.respond import respond
from bot.explain import explain
from bot.service import Service


class _WithCode(filters.UpdateFilter):
    """Written by a person with their own hands in private, with the code of a claim, which is used up by it; a wrong one counts as a try."""

    def __init__(self, claim: Claim) -> None:
        super().__init__()
        self._claim = claim

    def filter(self, update: Update) -> bool:
        message = update.message
        if message is None or not admin.by_own_hand(message):
            return False
        said = incoming.after_command(message)
        return like_a_code(said) and self._claim.take(said, update.update_id)


class AdminCommands:
    """The commands, over one service."""

    def __init__(self, service: Service, admin_ids: frozenset[int]) -> None:
        self._service = service
        self._admin_ids = admin_ids

    def register(self, application: BotApplication) -> None:
        """Add them; to be done before other commands, so that what is not an admin's falls through to those."""
        by_admin = admin.ByAdmin(self._admin_ids)
        for handle in (self.why, self.status):
            application.add_handler(CommandHandler(handle.__name__, handle, by_admin))
        claim = application.bot_data.claim
        if claim is not None:
            application.add_handler(CommandHandler("claim", self.claim, _WithCode(claim)))

    async def why(self, update: Update, _context: BotContext) -> None:
        """Tell how the words behind the command are read, as if nothing had been said before; nothing is kept of them, and nothing counted."""
        if update.message is None:
            return
        words = incoming.after_command(update.message)
        if not words:
            await outbox.answer(update.message, Notice(self._service.say("why_what")))
            return
        snapshot, utterance = self._service.snapshot, Utterance(words, datetime.now(UTC))
        turn = respond(utterance, snapshot, Context())
        await outbox.show(update.message, [Block(explain(utterance, turn, snapshot), Style.CODE)])
        await outbox.answer(update.message, turn.reply, browsing=True)

    async def status(self, update: Update, context: BotContext) -> None:
        """Tell how the bot is."""
        if update.message:
            found = await status.look(context.bot, self._service, context.bot_data)
            await outbox.answer(update.message, Notice(status.told(found, self._service)))

    async def claim(self, update: Update, _context: BotContext) -> None:
        """Tell whoever had the code which line makes them an admin."""
        if update.message and update.message.from_user:
            await outbox.answer(update.message, Notice(self._service.say("claimed", id=str(update.message.from_user.id))))
