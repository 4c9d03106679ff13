"""The control of `benchmarks.kills`: the same answers, carried by python-telegram-bot's own `run_polling` or `run_webhook`.

It reads the same settings. By webhook it needs the library's own server, tornado (`pip install tornado`).
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

from bot.core.model import Advice, Context, Utterance
from bot.core.respond import respond
from bot.knowledge.loader import load_snapshot

CONCURRENT_UPDATES = 32


def main() -> None:
    """Serve until told to stop."""
    snapshot = load_snapshot(Path(os.environ["KNOWLEDGE_DIR"]), cache=Path(os.environ["CACHE_DIR"]))

    async def answer(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        if update.message is None or update.message.text is None:
            return
        reply = respond(Utterance(update.message.text, datetime.now(UTC)), snapshot, Context()).reply
        await update.message.reply_text(reply.parts[0].answer if isinstance(reply, Advice) else "?")

    base_url = f"{os.environ['API_BASE_URL']}/bot"
    application = ApplicationBuilder().token(os.environ["BOT_TOKEN"]).base_url(base_url).concurrent_updates(CONCURRENT_UPDATES).build()
    application.add_handler(MessageHandler(filters.TEXT, answer))
    webhook_url = os.environ.get("WEBHOOK_URL")
    if webhook_url is None:
        application.run_polling(timeout=int(os.environ["POLL_TIMEOUT_S"]))
    else:
        path, port = urlsplit(webhook_url).path, int(os.environ["LISTEN_PORT"])
        application.run_webhook("127.0.0.1", port, url_path=path, webhook_url=webhook_url, secret_token="stock")  # noqa: S106  (of a bot that is none)


if __name__ == "__main__":
    main()
