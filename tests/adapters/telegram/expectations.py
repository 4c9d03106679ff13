"""What must come of an update, read off its JSON: who has to be answered, where, by which methods, and who is to be left alone.

It knows nothing of how the bot decides that: its parts share no code.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.adapters.telegram.conftest import ADMIN_ID
from tests.adapters.telegram.wire import ME, Call

Raw = dict[str, Any]

_IN_CHATS = frozenset(("sendMessage", "editMessageText", "sendChatAction"))
_ON_A_PRESS = _IN_CHATS | {"answerCallbackQuery", "editMessageReplyMarkup"}
_SHOWING = frozenset(("sendMessage", "editMessageText", "editMessageReplyMarkup"))


SILENT = "silent"

_SERVICE_TOO = frozenset(
    (
        "new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "migrate_to_chat_id", "migrate_from_chat_id", "pinned_message",
        "connected_website", "passport_data",
    )
)  # fmt: skip


class Duty(Enum):
    """What is owed to an update."""

    ANSWER = "answer"
    """Something is to be said."""
    MAY = "may"
    """Something may be said."""
    SILENCE = "silence"


@dataclass(frozen=True)
class Expected:
    """What may and what must be called."""

    duty: Duty
    allowed: Collection[str] = ()
    chat_id: int | None = None
    """Where alone anything is sent; None for where no chat is named."""
    to_answer: tuple[str, str, str] | None = None
    """A method that has to be called, one of its parameters, and its value."""


NOTHING = Expected(Duty.SILENCE)


def expected(raw: Raw, service: Collection[str]) -> Expected:
    """Return what must come of the update *raw*; *service* names the fields of service messages."""
    kind = next(name for name in raw if name != "update_id")
    held = raw[kind]
    match kind:
        case "message" | "edited_message":
            return _of_message(held, service, edited=kind == "edited_message")
        case "guest_message" if of_person(held):
            return Expected(Duty.ANSWER, ("answerGuestQuery",), to_answer=("answerGuestQuery", "guest_query_id", held["guest_query_id"]))
        case "inline_query":
            return Expected(Duty.ANSWER, ("answerInlineQuery",), to_answer=("answerInlineQuery", "inline_query_id", held["id"]))
        case "callback_query":
            # Where the button hangs in a chat the bot is not in, the person is told in private.
            chat = held.get("message", {}).get("chat", held["from"])
            return Expected(Duty.ANSWER, _ON_A_PRESS, chat["id"], ("answerCallbackQuery", "callback_query_id", held["id"]))
    return NOTHING


def of_person(message: Raw) -> bool:
    """Return whether a person wrote *message* in their own name and by their own hand."""
    writer = message.get("from")
    borrowed = message.keys() & {"via_bot", "sender_chat", "is_automatic_forward", "business_connection_id"}
    return writer is not None and not writer["is_bot"] and not borrowed


def _of_message(message: Raw, service: Collection[str], *, edited: bool) -> Expected:
    if not of_person(message) or message["chat"]["type"] == "channel" or message.keys() & service:
        return NOTHING
    with_words = bool(message.get("text") or message.get("caption"))
    if message["chat"]["type"] == "private":
        # A place that is shared live, a poll and a list are edited without anybody's saying anything.
        duty = Duty.MAY if edited and not with_words else Duty.ANSWER
        asked = ("getMe", "getWebhookInfo") if message["from"]["id"] == ADMIN_ID and message.get("text", "").startswith("/status") else ()
        return Expected(duty, (*_IN_CHATS, *asked), message["chat"]["id"])
    if names_the_bot(message):
        return Expected(Duty.ANSWER if with_words and not edited else Duty.MAY, _IN_CHATS, message["chat"]["id"])
    return Expected(Duty.MAY, _IN_CHATS, message["chat"]["id"]) if _bare_command(message) else NOTHING


def names_the_bot(message: Raw) -> bool:
    """Return whether *message* mentions the bot, or replies to it."""
    replied = message.get("reply_to_message", {}).get("from", {}).get("id") == ME["id"]
    return replied or any(_is_name(entity, said) for entity, said in _marked(message))


def _bare_command(message: Raw) -> bool:
    """Return whether it is a command that names no bot: in a group, for any of them."""
    return any(entity["type"] == "bot_command" and "@" not in said for entity, said in _marked(message))


def _is_name(entity: Raw, said: str) -> bool:
    name = f"@{ME['username']}".lower()
    match entity["type"]:
        case "text_mention":
            return bool(entity["user"]["id"] == ME["id"])
        case "mention":
            return said.lower() == name
        case "bot_command":
            return said.lower().endswith(name)
    return False


def _marked(message: Raw) -> Iterator[tuple[Raw, str]]:
    for text, entities in (("text", "entities"), ("caption", "caption_entities")):
        said = message.get(text, "").encode("utf-16-le")
        for entity in message.get(entities, ()):
            yield entity, said[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le", errors="replace")


def complaints(raw: Raw, calls: Sequence[Call], expected: Expected) -> Iterator[str]:
    """Yield what is wrong with *calls*, the requests that the update *raw* led to."""
    methods = [call.method for call in calls]
    for method in sorted(set(methods) - set(expected.allowed)):
        yield f"calls {method}"
    for call in calls:
        where = call.parameters.get("chat_id")
        if call.method in expected.allowed and where is not None and where != expected.chat_id:
            yield f"{call.method} goes elsewhere"
    if expected.duty is not Duty.ANSWER:
        return
    if expected.to_answer is not None:
        method, name, value = expected.to_answer
        if not any(call.method == method and call.parameters[name] == value for call in calls):
            yield f"no {method}"
    if "sendMessage" in expected.allowed and not any(_shows(call) for call in calls):
        yield SILENT


def belongs(call: Call, expected: Expected) -> bool:
    """Return whether *call* may have been made for an update of which this was *expected*."""
    if call.method not in expected.allowed:
        return False
    if expected.to_answer is not None and call.method == expected.to_answer[0]:
        return bool(call.parameters[expected.to_answer[1]] == expected.to_answer[2])
    return bool(call.parameters.get("chat_id", expected.chat_id) == expected.chat_id)


def _shows(call: Call) -> bool:
    """Return whether the person sees anything of *call*."""
    return call.method in _SHOWING or (call.method == "answerCallbackQuery" and bool(call.parameters.get("text")))


def service_fields(spec: Mapping[str, Any]) -> frozenset[str]:
    """Return the fields of a message that make it a service message: what happened in a chat, and nothing that anybody said.

    Most say so in the Bot API data; those of `_SERVICE_TOO` are as old as bots, and their words are of another time.
    """
    fields = spec["types"]["Message"]["fields"]
    return frozenset(field["name"] for field in fields if "ervice message" in field["description"]) | _SERVICE_TOO
