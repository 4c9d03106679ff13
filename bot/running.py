"""The commands of whoever runs the bot; errors are met in `cli`."""

from __future__ import annotations

import argparse

from bot.errors import ConfigError

_NO_BOT_YET = """BOT_TOKEN is not set, so there is no Telegram bot to run.

1. In Telegram, write to @BotFather: /newbot, and choose a name. It answers with a token.
2. Put the token in the environment, or in a file named .env here:  BOT_TOKEN=...  (see .env.example; keep it secret)
3. Start again:  make run   or   napebot run

To try the bot without a token:  make chat   or   napebot chat"""

# What only one command needs is imported there: nobody who asks for help should wait for Telegram's library.


def run(options: argparse.Namespace) -> int:
    """Serve Telegram until told to stop."""
    import asyncio

    from bot import bootstrap
    from bot.config import read_settings
    from bot.logs import set_up

    settings = read_settings()
    if settings.bot_token is None:
        raise ConfigError(_NO_BOT_YET)
    set_up(settings.log_level, settings.log_format)
    asyncio.run(bootstrap.run(settings, options.knowledge))
    return 0


def unhook(_options: argparse.Namespace) -> int:
    """Take the webhook away, so that polling can begin; what waits at Telegram stays there."""
    import asyncio

    from bot import bootstrap
    from bot.config import read_settings

    settings = read_settings()
    if settings.bot_token is None:
        raise ConfigError(_NO_BOT_YET)
    asyncio.run(bootstrap.unhook(settings))
    print("The webhook is gone; waiting messages stay at Telegram. Without WEBHOOK_URL, `napebot run` polls now.")
    return 0


def rotate(_options: argparse.Namespace) -> int:
    """Begin a new key; the current one is kept beside it until the next time."""
    from bot.config import read_settings
    from bot.folders import key_file
    from bot.keyring import rotate_key

    path = key_file(read_settings())
    rotate_key(path)
    print(f"{path}: a new key, and the last one beside it. Restart every replica; after an hour rotate once more to destroy the old one.")
    return 0


def misses(options: argparse.Namespace) -> int:
    """Print what was asked in vain, if enough people asked alike: how many, their words, and the entries that were not what they asked."""
    import asyncio

    from bot import bootstrap
    from bot.config import read_settings

    settings = read_settings()
    if not settings.keep_misses:
        raise ConfigError("KEEP_MISSES is off, so no question was kept; set KEEP_MISSES=true to keep them, redacted, for thirty days")
    groups = asyncio.run(bootstrap.misses(settings, options.knowledge))
    for group in groups:
        not_this = f"\t(not {', '.join(group.not_this)})" if group.not_this else ""
        print(f"{group.count}\t{group.words}{not_this}")
    if not groups:
        print("Nothing yet: questions are shown once five similar ones were asked.")
    return 0
