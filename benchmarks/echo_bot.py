"""What `benchmarks.per_update` compares with: python-telegram-bot's smallest echo bot, by polling.

`--at-once N` and `--our-transport` change one thing each.
"""

from __future__ import annotations

import argparse
import os

from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

from bot.adapters.telegram.transport import Transport


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text)


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.echo_bot")
    parser.add_argument("--at-once", type=int)
    parser.add_argument("--our-transport", action="store_true")
    options = parser.parse_args()
    builder = ApplicationBuilder().token(os.environ["BOT_TOKEN"]).base_url(f"{os.environ['API_BASE_URL']}/bot")
    if options.at_once:
        builder.concurrent_updates(options.at_once)
    if options.our_transport:
        builder.request(Transport()).get_updates_request(Transport(connections=1))
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


if __name__ == "__main__":
    main()
