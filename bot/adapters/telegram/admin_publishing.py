"""What admins may do to the knowledge from their private chat: /reload, /undo, /export, and a file that they send back.

Each asks before anybody would lose an answer or a red flag. An update may be begun again after a crash: then what is live by that time is said to be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from telegram import CallbackQuery, Document, Update
from telegram.ext import CommandHandler, ExtBot, MessageHandler, filters

from bot.adapters.telegram import entry_files, outbox
from bot.adapters.telegram import publishing_reports as reports
from bot.adapters.telegram.admin import ByAdmin
from bot.adapters.telegram.admin_presses import AdminPresses
from bot.adapters.telegram.handlers import TYPING_AFTER_S, BotApplication, BotContext
from bot.authoring.telling import titles_of
from bot.core.model import Notice
from bot.knowledge.folder import FILE_LIMIT_BYTES
from bot.publishing import Publishing
from bot.replicas import ReplicatedReload
from bot.service import Service

_KIB = 1024
_Change = Callable[[], Awaitable[ReplicatedReload]]


class AdminPublishing:
    """The commands, the buttons and the files, over one service."""

    def __init__(self, service: Service, publishing: Publishing, admin_ids: frozenset[int], typing_after_s: float = TYPING_AFTER_S) -> None:
        self._service = service
        self._publishing = publishing
        self._by_admin = ByAdmin(admin_ids)
        self._typing_after_s = typing_after_s

    def register(self, application: BotApplication, presses: AdminPresses) -> None:
        """Add them; to be done before other handlers, so that what is not an admin's falls through to those."""
        for handle in (self.reload, self.undo, self.export):
            application.add_handler(CommandHandler(handle.__name__, handle, self._by_admin))
        sent_back = _SentBack(self._by_admin, self._publishing)
        application.add_handler(MessageHandler(sent_back, self.document))
        application.bot_data.orders = sent_back.filter
        presses.on(reports.RELOAD.agree, self.put_reloaded)
        presses.on(reports.UNDO, self.take_back)
        presses.on(reports.TAKE_BACK.agree, self.take_back_agreed)
        presses.on(reports.PUT.agree, self.put_sent)
        presses.on(reports.LEAVE, self.leave)

    # --- commands -------------------------------------------------------------------------------------------------------

    async def reload(self, update: Update, _context: BotContext) -> None:
        """Read the knowledge again, on all replicas; ask first where anything would be lost."""
        if update.message:
            async with outbox.typing(update.message, self._typing_after_s):
                notice = await self._outcome(self._publishing.reload, reports.RELOAD)
            await outbox.answer(update.message, notice)

    async def undo(self, update: Update, _context: BotContext) -> None:
        """List the versions that can be brought back."""
        if update.message:
            versions = await asyncio.to_thread(self._publishing.versions)
            await outbox.answer(update.message, reports.kept(self._service, versions))

    async def export(self, update: Update, _context: BotContext) -> None:
        """Send the files of entries, or say what turns that on."""
        if update.message is None:
            return
        if not self._publishing.may_write:
            await outbox.answer(update.message, Notice(self._service.say("export_off")))
            return
        files = await asyncio.to_thread(self._publishing.export)
        if files:
            await entry_files.send(update.message, files, self._service.say("export_how"))
        else:
            await outbox.answer(update.message, Notice(self._service.say("export_none")))

    # --- files ----------------------------------------------------------------------------------------------------------

    async def document(self, update: Update, context: BotContext) -> None:
        """Look at a file that was sent back: say what is wrong with it, or what it would change, and ask whether to put it live."""
        message = update.message
        if message is not None and message.document is not None:
            async with outbox.typing(message, self._typing_after_s):
                notice = await self._looked_at(context.bot, message.document)
            await outbox.answer(message, notice)

    async def _looked_at(self, bot: ExtBot[int], document: Document) -> Notice:
        say = self._service.say
        too_large = Notice(say("file_too_large", most=str(FILE_LIMIT_BYTES // _KIB)))
        if (document.file_size or 0) > FILE_LIMIT_BYTES:
            return too_large
        try:
            content = await entry_files.fetch(bot, document)
        except entry_files.Unfetched:
            return Notice(say("file_not_fetched"))
        if len(content) > FILE_LIMIT_BYTES:
            return too_large
        if not _is_text(content):
            return Notice(say("file_no_text"))
        return await self._staged(document.file_name or "", content)

    async def _staged(self, sent_as: str, content: bytes) -> Notice:
        before = self._service.snapshot
        name = entry_files.meant(sent_as, {entry.theme for entry in before.knowledge.entries})
        staged = await self._publishing.stage(name, content)
        notice = reports.looked_at(self._service, staged, name, titles_of(before))
        if name == sent_as:
            return notice
        return Notice(f"{self._service.say('file_taken_as', name=name)}\n{notice.text}", notice.choices)

    # --- presses --------------------------------------------------------------------------------------------------------

    async def put_reloaded(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        """Put the version *about* live, which a reload found and asked about; ask again where the folder holds another by now."""
        await self._put(query, about, lambda: self._publishing.reload(about), reports.RELOAD)

    async def take_back(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        """Bring the version *about* back; ask first where anything would be lost."""
        await self._changed(query, lambda: self._publishing.undo(about), reports.TAKE_BACK)

    async def take_back_agreed(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        """Bring the version *about* back, whatever is lost."""
        await self._changed(query, lambda: self._publishing.undo(about, agreed=True), reports.TAKE_BACK)

    async def put_sent(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        """Put the version *about* live, which came with a file."""
        await self._put(query, about, lambda: self._publishing.put(about), reports.PUT)

    async def leave(self, query: CallbackQuery, about: str, _context: BotContext) -> None:
        """Say which version answers; *about* is the one that the folder holds, empty where nobody put another there."""
        await outbox.answer_in_place(query, reports.left(self._service, about))

    async def _put(self, query: CallbackQuery, version: str, change: _Change, manner: reports.Manner) -> None:
        """Put *version* live, unless it is by now: the press may be another try, after the process ended in the first."""
        if version == self._service.snapshot.version:
            await outbox.answer_in_place(query, Notice(self._service.say("already_live", version=version)))
        else:
            await self._changed(query, change, manner)

    async def _changed(self, query: CallbackQuery, change: _Change, manner: reports.Manner) -> None:
        """Put what came of *change* in the place of the question."""
        async with outbox.typing_below(query, self._typing_after_s):
            notice = await self._outcome(change, manner)
        await outbox.answer_in_place(query, notice)

    async def _outcome(self, change: _Change, manner: reports.Manner) -> Notice:
        before = self._service.snapshot
        done = await change()
        return reports.outcome(self._service, done, titles_of(before, self._service.snapshot), manner)


class _SentBack(filters.UpdateFilter):
    """A file of entries from an admin's own hand, where such are taken."""

    def __init__(self, by_admin: ByAdmin, publishing: Publishing) -> None:
        super().__init__()
        self._by_admin = by_admin
        self._publishing = publishing

    def filter(self, update: Update) -> bool:
        """Return whether *update* is one."""
        message = update.message
        sent = message is not None and entry_files.looks_like_entries(message.document)
        return sent and self._by_admin.filter(update) and self._publishing.may_write


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
