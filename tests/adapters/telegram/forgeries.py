"""What is an admin's alone, as anybody but the admin could get it to the bot."""

from __future__ import annotations

from typing import Any

from tests.adapters.telegram.conftest import ADMIN_ID
from tests.adapters.telegram.updates import ANN, GROUP, Raw, edited, message, new, pressed, private

ADMIN: Raw = {"id": ADMIN_ID, "is_bot": False, "first_name": "Ada"}
ROBOT: Raw = {"id": 7, "is_bot": True, "first_name": "Robot"}
ANONYMOUS: Raw = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
TELEGRAM: Raw = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
CHANNEL_MASK: Raw = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
CHANNEL: Raw = {"id": -100888, "type": "channel", "title": "News"}


def forged(text: str | None, **held: Any) -> dict[str, Raw]:
    """A message of *text*, or one that holds something else, as anybody but the admin could get it to the bot, by what they do."""

    def said(user: Raw = ADMIN, **more: Any) -> Raw:
        return message(text, user=user, **held, **more)

    return {
        "a stranger": new(said(ANN)),
        "the admin in a group": new(said(chat=GROUP)),
        "an anonymous group admin": new(said(ANONYMOUS, chat=GROUP, sender_chat=GROUP)),
        "a linked channel": new(said(TELEGRAM, chat=GROUP, sender_chat=CHANNEL, is_automatic_forward=True)),
        "somebody as a channel": new(said(CHANNEL_MASK, chat=GROUP, sender_chat=CHANNEL)),
        "the admin forwards a stranger": new(said(forward_origin={"type": "user", "date": 1, "sender_user": ANN})),
        "the admin forwards a hidden stranger": new(said(forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "Cy"})),
        "the admin via another bot": new(said(via_bot=ROBOT)),
        "the admin edits an old message": edited(said()),
        "a business message": {"update_id": 1, "business_message": said(business_connection_id="b")},
        "a business message as a plain one": new(said(business_connection_id="b")),
        "a business bot for the admin": new(said(sender_business_bot=ROBOT)),
        "a guest message": {"update_id": 1, "guest_message": said(guest_query_id="g")},
        "a guest message as a plain one": new(said(guest_query_id="g")),
        "a channel post": {"update_id": 1, "channel_post": said(chat=CHANNEL, sender_chat=CHANNEL)},
        "a bot with the admin's id": new(said(ADMIN | {"is_bot": True})),
        "the admin in another's private chat": new(said(chat=private(ANN))),
        "a private message in a chat's name": new(said(sender_chat=CHANNEL)),
        "a private automatic forward": new(said(is_automatic_forward=True)),
        "a message from nobody": new(said({}, chat=private(ADMIN))),
        "a press": {"update_id": 1, "callback_query": {"id": "1", "from": ADMIN, "chat_instance": "1", "data": "s:a"}},
    }


def forged_presses(data: str) -> dict[str, Raw]:
    """A press on a button that carries *data*, as anybody but the admin could get it to the bot."""
    bot: Raw = {"id": 4242, "is_bot": True, "first_name": "Bicycles", "username": "bicycle_bot"}

    def under(chat: Raw) -> Raw:
        return message("Pick one.", user=bot, chat=chat)

    return {
        "a stranger": pressed(data, user=ANN),
        "a stranger in the admin's chat": pressed(data, user=ANN, under=under(private(ADMIN))),
        "the admin in a group": pressed(data, user=ADMIN, under=under(GROUP)),
        "the admin under a post": pressed(data, user=ADMIN, under=under(CHANNEL)),
        "the admin in another's private chat": pressed(data, user=ADMIN, under=under(private(ANN))),
        "the admin under what was sent from another chat": pressed(data, user=ADMIN, message={}, inline_message_id="i"),
        "a bot with the admin's id": pressed(data, user=ADMIN | {"is_bot": True}),
        "an id that is lent to others": pressed(data, user=TELEGRAM),
        "an anonymous group admin": pressed(data, user=ANONYMOUS, under=under(GROUP)),
    }
