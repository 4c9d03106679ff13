"""How the log is written: a line of JSON for each record, or text where somebody reads along in a terminal."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, TextIO

from bot.redact import guard_logs, redact

Format = Literal["auto", "json", "text"]


def set_up(level: str, form: Format, stream: TextIO | None = None) -> None:
    """Write records from *level* on to *stream*, standard error by default, with the token and people's words kept out; once a process.

    *form* `auto` is text in a terminal, and JSON elsewhere.
    """
    out = stream or sys.stderr
    as_json = form == "json" or (form == "auto" and not out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines() if as_json else Lines())
    root = logging.getLogger()
    for before in root.handlers[:]:
        root.removeHandler(before)
    root.addHandler(handler)
    root.setLevel(level)
    guard_logs()


class JsonLines(logging.Formatter):
    """`time` (UTC), `level`, `logger`, `message`, the fields that came with it, and `error` with where it came from."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* in one line."""
        error = {"error": record.exc_text} if record.exc_text else {}
        told = {"time": _time(record), "level": record.levelname, "logger": record.name, "message": record.getMessage(), **_fields(record), **error}
        return redact(json.dumps(told, ensure_ascii=False, default=str))


class Lines(logging.Formatter):
    """The same as text: `time level logger: message name=value ...`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return *record* in one line, and where an error came from below it."""
        fields = "".join(f" {name}={_plain(value)}" for name, value in _fields(record).items())
        error = f"\n{record.exc_text}" if record.exc_text else ""
        return redact(f"{_time(record)} {record.levelname} {record.name}: {record.getMessage()}{fields}{error}")


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    """Return what was given as `extra={"fields": ...}`."""
    fields = getattr(record, "fields", None)
    return {name: value for name, value in fields.items() if value is not None} if isinstance(fields, Mapping) else {}


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
