"""What goes in and out of the loopback Bot API: updates, messages, parameters; and what the judges say of them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]

_QUERIES = ("callback_query_id", "inline_query_id", "guest_query_id")
WORDS = {"text", "url", "secret_token", "action", "name", "description", "short_description", "language_code", "next_offset", *_QUERIES}
"""Parameters that are strings, whatever they look like; others are JSON in a string."""

ME: Json = {"id": 4242, "is_bot": True, "first_name": "Bicycles", "username": "bicycle_bot"}


def update_of(update_id: int, user_id: int, text: str) -> Json:
    person = {"id": user_id, "first_name": "Ann"}
    message = {"message_id": update_id, "date": int(time.time()), "text": text}
    message |= {"chat": person | {"type": "private"}, "from": person | {"is_bot": False}}
    if text.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    return {"update_id": update_id, "message": message}


def message_of(message_id: int, parameters: Mapping[str, Any], text: str) -> Json:
    chat = {"id": parameters["chat_id"], "type": "private", "first_name": "Ann"}
    return {"message_id": message_id, "date": 1, "chat": chat, "from": ME, "text": text}


# The judges are imported where they judge: a load run does without them and their packages.


def complaints(method: str, parameters: Json) -> list[str]:
    from tests.adapters.telegram.oracle import complaints_about_call

    return list(complaints_about_call(method, parameters))


def as_read(parameters: Mapping[str, Any]) -> str | None:
    """Return the text as Telegram shows it, or None where it refuses the HTML."""
    from tests.adapters.telegram.oracle import HtmlError, parse_html

    try:
        return parse_html(parameters["text"]).text if "parse_mode" in parameters else str(parameters["text"])
    except HtmlError:
        return None


def parameters_of(content_type: str, body: str) -> Json:
    """Return the parameters of a request: fields of a form, or of a JSON object whose values are read as those of a form."""
    fields = json.loads(body) if content_type == "application/json" else dict(parse_qsl(body, keep_blank_values=True))
    return meant(fields)


def meant(fields: Mapping[str, Any]) -> Json:
    """Return what the fields of a request mean, in a form or in JSON: of strings, those that are words stay as they are."""
    return {name: value if name in WORDS or not isinstance(value, str) else typed(value) for name, value in fields.items()}


def typed(value: str) -> object:
    """Return what a form field means: the Bot API takes numbers, lists and objects as JSON, and text as it is."""
    try:
        return json.loads(value)
    except ValueError:
        return value
