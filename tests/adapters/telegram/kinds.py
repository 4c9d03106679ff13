"""Every kind of update and of message in the Bot API, and what the bot calls for it. docs/updates.md has the same tables in words."""

from __future__ import annotations

from collections.abc import Mapping

from tests.adapters.telegram.random_updates import ANONYMOUS_ADMIN, CHANNEL_WRITER, OTHER_BOT, TELEGRAM
from tests.adapters.telegram.random_values import Raw
from tests.adapters.telegram.updates import GROUP, NOW, message
from tests.adapters.telegram.wire import ME

FLAT = "how do i mend a flat tyre"
NAME = f"@{ME['username']}"
CHANNEL: Raw = {"id": -1_000_000_000_777, "type": "channel", "title": "Wheels"}
NAMED: Raw = {"entities": [{"type": "mention", "offset": 0, "length": len(NAME)}]}

Calls = tuple[str, ...]
SAYS: Calls = ("sendMessage",)
NONE: Calls = ()

UPDATES: Mapping[str, Calls] = {
    "message": ("sendMessage",),
    "edited_message": ("sendMessage",),
    "channel_post": NONE,
    "edited_channel_post": NONE,
    "business_connection": NONE,
    "business_message": NONE,
    "edited_business_message": NONE,
    "deleted_business_messages": NONE,
    "guest_message": ("answerGuestQuery",),
    "message_reaction": NONE,
    "message_reaction_count": NONE,
    "inline_query": ("answerInlineQuery",),
    "chosen_inline_result": NONE,
    "callback_query": ("answerCallbackQuery", "editMessageText"),
    "shipping_query": NONE,
    "pre_checkout_query": NONE,
    "purchased_paid_media": NONE,
    "poll": NONE,
    "poll_answer": NONE,
    "my_chat_member": NONE,
    "chat_member": NONE,
    "chat_join_request": NONE,
    "chat_boost": NONE,
    "removed_chat_boost": NONE,
    "managed_bot": NONE,
}
"""Kind of update -> what is called for one from a person, in private where it has a chat; a question where it has words."""

CONTENT: Mapping[str, Calls] = {
    "text": SAYS,
    "caption": SAYS,
    "animation": SAYS,
    "audio": SAYS,
    "document": SAYS,
    "live_photo": SAYS,
    "paid_media": SAYS,
    "photo": SAYS,
    "sticker": SAYS,
    "story": SAYS,
    "video": SAYS,
    "video_note": SAYS,
    "voice": SAYS,
    "checklist": SAYS,
    "contact": SAYS,
    "dice": SAYS,
    "game": SAYS,
    "poll": SAYS,
    "venue": SAYS,
    "location": SAYS,
    "invoice": SAYS,
    "giveaway": SAYS,
    "giveaway_winners": SAYS,
}
"""What a person may send or pass on -> what is called for it in private."""

SENTENCES: Mapping[str, str] = {
    "animation": "picture",
    "audio": "sound",
    "document": "file",
    "live_photo": "picture",
    "paid_media": "picture",
    "photo": "picture",
    "sticker": "sticker",
    "story": "picture",
    "video": "picture",
    "video_note": "sound",
    "voice": "sound",
    "checklist": "poll",
    "contact": "contact",
    "dice": "sticker",
    "game": "sticker",
    "poll": "poll",
    "venue": "place",
    "location": "place",
    "invoice": "thing",
    "giveaway": "thing",
    "giveaway_winners": "thing",
}
"""Those without words -> which sentence of the bot fits, as in the keys `unsupported_<name>`."""

SERVICE: tuple[str, ...] = (
    "new_chat_members",
    "left_chat_member",
    "chat_owner_left",
    "chat_owner_changed",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "users_shared",
    "chat_shared",
    "gift",
    "unique_gift",
    "gift_upgrade_sent",
    "connected_website",
    "write_access_allowed",
    "passport_data",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "direct_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "giveaway_completed",
    "managed_bot_created",
    "paid_message_price_changed",
    "poll_option_added",
    "poll_option_deleted",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "web_app_data",
)
"""What happens in a chat without anybody's saying anything: nothing is called for it."""

ABOUT: frozenset[str] = frozenset(
    (
        "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count", "sender_business_bot", "sender_tag",
        "date", "guest_query_id", "business_connection_id", "chat", "forward_origin", "is_topic_message", "is_automatic_forward", "reply_to_message",
        "external_reply", "quote", "reply_to_story", "reply_to_checklist_task_id", "reply_to_poll_option_id", "via_bot", "guest_bot_caller_user",
        "guest_bot_caller_chat", "edit_date", "has_protected_content", "is_from_offline", "is_paid_post", "media_group_id", "author_signature",
        "paid_star_count", "entities", "link_preview_options", "suggested_post_info", "effect_id", "caption_entities", "show_caption_above_media",
        "has_media_spoiler", "reply_markup",
    )
)  # fmt: skip
"""Fields that say something about a message, and are none of it."""

POST: Raw = {"type": "channel", "date": NOW, "chat": CHANNEL, "message_id": 7}
FROM_THE_BOT = message("Find the hole.", user=ME, chat=GROUP)
COMMAND: Raw = {"entities": [{"type": "bot_command", "offset": 0, "length": 5}]}

WRITERS: Mapping[str, tuple[Raw, Calls]] = {
    "a person, in private": (message(FLAT), SAYS),
    "a person who passes on what another wrote": (message(FLAT, forward_origin=POST), SAYS),
    "a person, through another bot": (message(FLAT, via_bot=OTHER_BOT), NONE),
    "another bot": (message(FLAT, user=OTHER_BOT), NONE),
    "a person in a group, to nobody": (message(FLAT, chat=GROUP), NONE),
    "a person in a group, who names the bot": (message(f"{NAME} {FLAT}", chat=GROUP, **NAMED), SAYS),
    "a person in a group, who replies to the bot": (message(FLAT, chat=GROUP, reply_to_message=FROM_THE_BOT), SAYS),
    "a person in a group, by a command": (message("/help", chat=GROUP, **COMMAND), SAYS),
    "a person in a group, by a command for another bot": (message("/help@other_bot", chat=GROUP), NONE),
    "another bot that names the bot": (message(f"{NAME} {FLAT}", user=OTHER_BOT, chat=GROUP, **NAMED), NONE),
    "an anonymous admin who names the bot": (message(f"{NAME} {FLAT}", user=ANONYMOUS_ADMIN, chat=GROUP, sender_chat=GROUP, **NAMED), NONE),
    "a channel that names the bot in a group": (message(f"{NAME} {FLAT}", user=CHANNEL_WRITER, chat=GROUP, sender_chat=CHANNEL, **NAMED), NONE),
    "a post carried from a linked channel": (
        message(f"{NAME} {FLAT}", user=TELEGRAM, chat=GROUP, sender_chat=CHANNEL, is_automatic_forward=True, forward_origin=POST, **NAMED),
        NONE,
    ),
}
"""Who wrote a message, and where -> what is called for it."""
