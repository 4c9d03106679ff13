"""What goes in and out of the loopback Bot API: updates, messages, form fields; and what the judges say of them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

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


def typed(value: str) -> object:
    """Return what a form field means: the Bot API takes numbers, lists and objects as JSON, and text as it is."""
    try:
        return json.loads(value)
    except ValueError:
        return value
