"""The commands of whoever runs the bot; errors are met in `cli`."""

from __future__ import annotations

import argparse
import sys

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
    """Print what was asked in vain, if enough people asked alike or somebody passed it on; with --yaml, what to write into which file."""
    import asyncio

    from bot import bootstrap, inbox
    from bot.config import read_settings
    from bot.missed import as_json, as_lines, as_yaml

    settings = read_settings()
    if not settings.keep_misses:
        raise ConfigError("KEEP_MISSES is off, so no question was kept; set KEEP_MISSES=true to keep them, redacted, for thirty days")
    found = asyncio.run(bootstrap.misses(settings, options.knowledge))
    trials = asyncio.run(inbox.tried(found, _told)) if options.yaml else {}
    if options.json:
        print(as_json(found, trials if options.yaml else None))
    else:
        print("\n".join(as_yaml(found, trials) if options.yaml else as_lines(found)))
    return 0


def stats(options: argparse.Namespace) -> int:
    """Print what was counted in the last days, and draw it where a file is named; the bot may run meanwhile."""
    import asyncio
    from datetime import UTC, datetime

    from bot import bootstrap
    from bot.config import read_settings
    from bot.counted import as_json, as_lines, put_picture
    from bot.stats import DEFAULT_DAYS, period

    first, last = period(datetime.now(UTC).date(), options.days or DEFAULT_DAYS)
    found, knowledge = asyncio.run(bootstrap.stats(read_settings(), options.knowledge, first, last))
    print(as_json(found) if options.json else "\n".join(as_lines(found, knowledge.topic.name)))
    if options.picture is not None:
        put_picture(found, knowledge, options.picture, dark=options.dark)
    return 0


def _told(what: str) -> None:
    """Say on the terminal how far long work is; what is written elsewhere stays clean of it."""
    if sys.stderr is not None and sys.stderr.isatty():
        print(what, file=sys.stderr)
