"""Updates as Telegram sends them."""

from __future__ import annotations

import time
from itertools import count
from typing import Any

Raw = dict[str, Any]

ANN: Raw = {"id": 501, "is_bot": False, "first_name": "Ann"}
BEN: Raw = {"id": 502, "is_bot": False, "first_name": "Ben"}
GROUP: Raw = {"id": -100777, "type": "supergroup", "title": "Riders"}
NOW = int(time.time())
"""Messages of these tests were written when the tests began: what is older than ten minutes is answered otherwise."""

_ids = count(1)


def private(user: Raw = ANN) -> Raw:
    return {"id": user["id"], "type": "private", "first_name": user["first_name"]}


def message(text: str | None = None, *, user: Raw = ANN, chat: Raw | None = None, **more: Any) -> Raw:
    """A message; a command at its start is marked as Telegram does. `from` is left out for a user that is empty."""
    raw: Raw = {"message_id": next(_ids), "date": NOW, "chat": chat or private(user), "from": user}
    if text is not None:
        raw["text"] = text
    if text and text.startswith("/"):
        raw["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    raw |= more
    return {key: value for key, value in raw.items() if value != {}}


def new(raw: Raw, update_id: int | None = None) -> Raw:
    return {"update_id": next(_ids) if update_id is None else update_id, "message": raw}


def edited(raw: Raw) -> Raw:
    return {"update_id": next(_ids), "edited_message": raw | {"edit_date": NOW + 60}}


def said(text: str, **more: Any) -> Raw:
    """A new message in private, or in `chat`."""
    return new(message(text, **more))


def pressed(data: str | Raw, *, user: Raw = ANN, under: Raw | None = None, **more: Any) -> Raw:
    """A press on a button of a message of the bot, in private or *under* another message; what is empty is left out."""
    bot: Raw = {"id": 4242, "is_bot": True, "first_name": "Bicycles", "username": "bicycle_bot"}
    shown = under or message("Pick one.", user=bot, chat=private(user))
    query = {"id": str(next(_ids)), "from": user, "chat_instance": "1", "data": data, "message": shown} | more
    return {"update_id": next(_ids), "callback_query": {key: value for key, value in query.items() if value != {}}}
