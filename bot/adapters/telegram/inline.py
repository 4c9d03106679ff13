"""Inline mode: what is listed while somebody types behind the bot's name in any chat. It leaves nothing behind."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial

from telegram import InlineQueryResultsButton, Update
from telegram.ext import ExtBot, InlineQueryHandler

from bot.adapters.telegram.articles import article, in_any_form
from bot.adapters.telegram.handlers import BotApplication, BotContext
from bot.core.model import Utterance
from bot.core.search import Findings
from bot.service import Service

START_PARAMETER = "ask"
"""What the way into private carries: no entry, so that it greets."""

_PLACE = re.compile(r"[0-9]{1,5}")


class Inline:
    """Answers inline queries, over one service."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def register(self, application: BotApplication) -> None:
        """Add the handler."""
        application.add_handler(InlineQueryHandler(self.list))

    async def list(self, update: Update, context: BotContext) -> None:
        """List what fits the words, or the entries where there are none. Raises TelegramError where that comes too late, or not through."""
        query = update.inline_query
        if query is None:
            return
        # What a client sends as the place is what we gave it, or anything at all.
        start = int(query.offset) if _PLACE.fullmatch(query.offset) else 0
        found = self._service.find(Utterance(query.query, datetime.now(UTC)), start)
        await in_any_form(partial(self._answer, context.bot, query.id, found))

    async def _answer(self, bot: ExtBot[int], query_id: str, found: Findings, bare: bool) -> bool:
        results = [article(each.id, each.title, each.reply, username=bot.username, description=each.description, bare=bare) for each in found.listed]
        # In one try: who types on has asked something else by then.
        return await bot.answer_inline_query(
            query_id,
            results,
            cache_time=0,
            is_personal=True,
            next_offset=None if found.following is None else str(found.following),
            button=InlineQueryResultsButton(self._service.say("in_private"), start_parameter=START_PARAMETER),
            rate_limit_args=1,
        )
