"""Keeps secrets and people's words out of logs and tracebacks.

A bot's token is part of every URL it calls, and of some exceptions. Libraries that carry messages also log what they carried.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType

_TOKEN = re.compile(r"\d{6,}:[\w-]{30,}")
_CARRIERS = ("telegram", "httpx", "httpcore")
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


class Redacting(logging.Filter):
    """Rewrites tokens in records. Of the carriers' records only the template and the kind of error stay: their arguments are messages."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change *record* in place; it always passes."""
        if record.name.partition(".")[0] in _CARRIERS:
            _strip(record)
        else:
            record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        return True


def _strip(record: logging.LogRecord) -> None:
    error = record.exc_info[1] if record.exc_info else None
    record.msg = redact(str(record.msg)) + (f" [{where(error)}]" if error else "")
    record.args = record.exc_info = record.exc_text = None


def guard_logs() -> None:
    """Put the filter on every handler there is, once, and quieten the carriers to warnings."""
    for handler in _handlers():
        if not any(isinstance(present, Redacting) for present in handler.filters):
            handler.addFilter(Redacting())
    for name in _CARRIERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _handlers() -> Iterator[logging.Handler]:
    for logger in (logging.getLogger(), *logging.Logger.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):  # The dictionary also holds placeholders.
            yield from logger.handlers
    if logging.lastResort:
        yield logging.lastResort


def guard_crashes() -> None:
    """Redact what is written when an exception reaches the top of the process."""
    sys.excepthook = _write_redacted


def _write_redacted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(redact("".join(traceback.format_exception(kind, error, trace))))


def guard_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Log what goes wrong outside any task by kind and place alone."""
    loop.set_exception_handler(_log_stray)


def _log_stray(_loop: asyncio.AbstractEventLoop, found: Mapping[str, object]) -> None:
    error = found.get("exception")
    _logger.error("stray: %s", where(error) if isinstance(error, BaseException) else redact(str(found.get("message"))))
