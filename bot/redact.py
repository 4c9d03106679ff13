"""Keeps secrets and people's words out of logs and tracebacks.

A bot's token is part of every URL it calls, and of some exceptions. Libraries that carry messages also log what they carried.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping

from bot.errors import BotError

_TOKEN = re.compile(r"\d{6,}(?::|%3A)[\w-]{30,}", re.IGNORECASE)
"""Also as some libraries write it in a URL."""
TEMPLATE = "napebot_template"
"""The field of a record in which its words stay as they were without their arguments: they tell its kind."""
CARRIERS = ("telegram", "httpx", "httpcore", "aiohttp", "asyncpg", "asyncio")
"""Libraries that see messages, by the first part of their loggers' names."""

_logger = logging.getLogger(__name__)


def redact(text: str) -> str:
    """Return *text* with every bot token replaced."""
    return _TOKEN.sub("<token>", text)


def where(error: BaseException) -> str:
    """Return the kind of *error* and the innermost line of code it came from; not its message, which may quote a person."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return type(error).__name__ + place


def told(error: BaseException) -> str:
    """Return where *error* came from, line by line, and its kind; its own words only where they are ours, for others may quote a person."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    words = f": {error}" if isinstance(error, BotError) else ""
    return redact(f"{frames}{type(error).__name__}{words}")


class Redacting(logging.Filter):
    """Rewrites tokens in records. Of the carriers' records only the template and the kind of error stay: their arguments are messages."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change *record* in place; it always passes."""
        if not hasattr(record, TEMPLATE):  # Another handler's filter may have been there before.
            setattr(record, TEMPLATE, redact(str(record.msg)))
        if record.name.partition(".")[0] in CARRIERS:
            _strip(record)
        else:
            record.msg, record.args = redact(_message(record)), None
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = told(record.exc_info[1])
            record.exc_info = None
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # Of any kind, as in the library itself: arguments that do not fit their template must not end what logs them.
        return str(record.msg)


def _strip(record: logging.LogRecord) -> None:
    error = record.exc_info[1] if record.exc_info else None
    record.msg = redact(str(record.msg)) + (f" [{where(error)}]" if error else "")
    record.args = record.exc_info = record.exc_text = record.stack_info = None


def guard_logs() -> None:
    """Put the filter on every handler there is, once, and quieten the carriers to warnings."""
    for handler in _handlers():
        if not any(isinstance(present, Redacting) for present in handler.filters):
            handler.addFilter(Redacting())
    for name in CARRIERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _handlers() -> Iterator[logging.Handler]:
    for logger in (logging.getLogger(), *logging.Logger.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):  # The dictionary also holds placeholders.
            yield from logger.handlers
    if logging.lastResort:
        yield logging.lastResort


def guard_crashes() -> None:
    """Say only where and of what kind, when an exception reaches the top of the process or of a thread, or cannot be raised at all."""
    sys.excepthook = lambda _kind, error, _trace: _tell(error)
    threading.excepthook = lambda found: _tell(found.exc_value)
    sys.unraisablehook = lambda found: _tell(found.exc_value)


def _tell(error: BaseException | None) -> None:
    if error is not None and sys.stderr is not None:  # There may be none left when Python shuts down.
        sys.stderr.write(f"{told(error)}\n")


def guard_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Log what goes wrong outside any task by kind and place alone."""
    loop.set_exception_handler(_log_stray)


def _log_stray(_loop: asyncio.AbstractEventLoop, found: Mapping[str, object]) -> None:
    error = found.get("exception")
    _logger.error("stray: %s", where(error) if isinstance(error, BaseException) else redact(str(found.get("message"))))
