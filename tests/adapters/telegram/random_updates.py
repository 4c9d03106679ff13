"""Random updates such as Telegram might send, of every kind in the Bot API data. The same seed and number make the same update."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from tests.adapters.telegram.expectations import service_fields
from tests.adapters.telegram.random_values import LARGEST_ID, Raw, Values
from tests.adapters.telegram.random_words import CAPTION_UNITS, MENTION, Words, cut, entities
from tests.adapters.telegram.wire import ME

ADMIN: Raw = {"id": 900, "is_bot": False, "first_name": "Ada"}
OTHER_BOT: Raw = {"id": 4343, "is_bot": True, "first_name": "Other", "username": "other_bot"}
ANONYMOUS_ADMIN: Raw = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL_WRITER: Raw = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
TELEGRAM: Raw = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
"""Carries posts of a linked channel into its group."""

_WEIGHTS: Mapping[str, float] = {"message": 30, "edited_message": 6, "callback_query": 9, "inline_query": 5, "guest_message": 4}
"""How often each kind is met; of the others each counts 1."""
_EDITED_WITHIN = 20
"""How many updates later a message may be edited."""
_PEOPLE = 500
_GROUPS = 20
_MEMBERS = 50
"""Those who write in groups: few, so that whatever is kept of people is full soon, and what grows then grows for ever."""
_MEDIA = ("animation", "audio", "document", "live_photo", "paid_media", "photo", "video", "voice")
"""What may have a caption."""
_PLAIN = (
    "sticker", "story", "video_note", "checklist", "contact", "dice", "game", "poll", "venue", "location", "invoice", "giveaway", "giveaway_winners",
)  # fmt: skip
_OF_WRITER = (
    "message_id", "message_thread_id", "from", "sender_chat", "sender_business_bot", "date", "guest_query_id", "business_connection_id", "chat",
    "forward_origin", "is_topic_message", "is_automatic_forward", "reply_to_message", "via_bot", "guest_bot_caller_user", "guest_bot_caller_chat",
    "edit_date", "media_group_id", "text", "entities", "caption", "caption_entities",
)  # fmt: skip


class RandomUpdates:
    """Makes updates. *spec* is the Bot API data; *now*, in Unix time, is when they were sent, more or less."""

    def __init__(self, spec: Mapping[str, Any], words: Words, seed: int, now: int | None = None) -> None:
        self.spec = spec
        self._words = words
        self._seed = seed
        self._now = int(time.time()) if now is None else now
        own = {"User": self._user, "Chat": self._chat, "Message": self._nested, "PhotoSize": self._photo}
        self._values = Values(spec, own, self._now)
        fields = [field for field in spec["types"]["Update"]["fields"] if not field["required"]]
        self._kinds = [field["name"] for field in fields]
        self._weights = [_WEIGHTS.get(kind, 1) for kind in self._kinds]
        self._types = {field["name"]: field["types"][0] for field in fields}
        told = {field["name"]: field["description"] for field in spec["types"]["Message"]["fields"]}
        content = (*_OF_WRITER, *_MEDIA, *_PLAIN)
        self._service = [name for name in told if name in service_fields(spec)]
        self._extras = [name for name in told if name not in content and name not in self._service]
        rng = Random(seed)  # noqa: S311  (no secret is made of it)
        self._people = (ADMIN, *(self._person(rng, number) for number in range(_PEOPLE)))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of update there are."""
        return tuple(self._kinds)

    def update(self, number: int, kind: str | None = None) -> Raw:
        """Return update *number*, of a *kind* or of any."""
        rng, picked = self._begun(number)
        return {"update_id": number + 1, kind or picked: self._content(kind or picked, rng, number)}

    def _begun(self, number: int) -> tuple[Random, str]:
        rng = Random(f"{self._seed}:{number}")  # noqa: S311
        return rng, rng.choices(self._kinds, self._weights)[0]

    def _content(self, kind: str, rng: Random, number: int) -> Raw:
        makes: Mapping[str, Callable[[Random], Raw]] = {"callback_query": self._press, "inline_query": self._query}
        if self._types[kind] == "Message":
            return self._message(kind, rng, number)
        if kind in makes:
            return makes[kind](rng)
        return self._values.fill(self._types[kind], rng)

    # --- messages -------------------------------------------------------------------------------------------------------

    def _message(self, kind: str, rng: Random, number: int) -> Raw:
        edited = kind == "edited_message" and rng.random() < 0.7
        written = (self._earlier(number) if edited else None) or self._written(kind, rng)
        extras = {name: self._values.field("Message", name, rng, 2) for name in self._extras if rng.random() < 0.02}
        raw = {"message_id": rng.randint(1, 2**31 - 1), "date": self._date(rng)} | written | extras | self._said(rng, number, written)
        if kind.startswith("edited"):
            raw["edit_date"] = raw["date"] + rng.randint(0, 3_600)
        if rng.random() < 0.12:
            raw["reply_to_message"] = self._quoted(rng, raw["chat"])
        return raw

    def _earlier(self, number: int) -> Raw | None:
        """Return what stays when a message shortly before *number* is edited; None where there is none."""
        for before in range(number - 1, max(-1, number - 1 - _EDITED_WITHIN), -1):
            if self._begun(before)[1] == "message":
                message = self.update(before)["message"]
                return {name: value for name, value in message.items() if name in _OF_WRITER[: _OF_WRITER.index("edit_date")]}
        return None

    def _written(self, kind: str, rng: Random) -> Raw:
        """Return who wrote it, where, and through what."""
        if "channel" in kind:
            chat = self._chat_of(rng, "channel")
            return {"chat": chat, "sender_chat": chat} | ({"from": rng.choice(self._people)} if rng.random() < 0.1 else {})
        if kind == "guest_message":
            chat = self._chat_of(rng, rng.choice(("group", "supergroup", "private")))
            return {"chat": chat, "from": rng.choice(self._people[:_MEMBERS]), "guest_query_id": str(rng.randint(1, 2**60))}
        written = self._in_private(rng) if "business" in kind or rng.random() < 0.6 else self._in_group(rng)
        if "business" in kind:
            return written | {"business_connection_id": f"b{rng.randint(1, 99)}"}
        return written | self._borrowed(rng)

    def _in_private(self, rng: Random) -> Raw:
        user = OTHER_BOT if rng.random() < 0.04 else rng.choice(self._people)
        written: Raw = {"from": user, "chat": {"id": user["id"], "type": "private", "first_name": user["first_name"]}}
        return written | ({"message_thread_id": rng.randint(1, 99), "is_topic_message": True} if rng.random() < 0.05 else {})

    def _in_group(self, rng: Random) -> Raw:
        chat = self._chat_of(rng, rng.choice(("group", "supergroup", "supergroup")))
        channel = self._chat_of(rng, "channel")
        post: Raw = {"type": "channel", "date": self._now, "chat": channel, "message_id": rng.randint(1, 2**31 - 1)}
        person = rng.choice(self._people[:_MEMBERS])
        written: Raw = rng.choice(
            (
                *({"from": person},) * 8,
                {"from": OTHER_BOT},
                {"from": ANONYMOUS_ADMIN, "sender_chat": chat},
                {"from": CHANNEL_WRITER, "sender_chat": channel},
                {"from": TELEGRAM, "sender_chat": channel, "is_automatic_forward": True, "forward_origin": post},
                {},
            )
        )
        topic = {"message_thread_id": rng.randint(1, 99), "is_topic_message": True} if chat["type"] == "supergroup" and rng.random() < 0.2 else {}
        return {"chat": chat} | written | topic

    def _borrowed(self, rng: Random) -> Raw:
        pick = rng.random()
        if pick < 0.04:
            return {"via_bot": rng.choice((OTHER_BOT, ME))}
        return {"forward_origin": self._values.field("Message", "forward_origin", rng)} if pick < 0.1 else {}

    def _said(self, rng: Random, number: int, written: Raw) -> Raw:
        """Return what it holds."""
        pick = rng.random()
        if pick < 0.6:
            text = self._text(rng, written)
            return {"text": text} | ({"entities": marked} if (marked := entities(text, rng, self._to_mention)) else {})
        if pick < 0.76:
            return self._with_caption(rng, number, written)
        if pick < 0.9:
            return self._field(rng.choice(_PLAIN), rng)
        return self._field(rng.choice(self._service), rng) if pick < 0.98 else {}

    def _with_caption(self, rng: Random, number: int, written: Raw) -> Raw:
        raw = self._field(rng.choice(_MEDIA), rng)
        if rng.random() < 0.5:
            raw["caption"] = caption = "" if rng.random() < 0.1 else cut(self._text(rng, written), CAPTION_UNITS)
            marked = entities(caption, rng, self._to_mention) if caption else []
            raw |= {"caption_entities": marked} if marked else {}
        return raw | ({"media_group_id": f"album {number // 40}"} if rng.random() < 0.2 else {})

    def _field(self, name: str, rng: Random) -> Raw:
        return {name: self._values.field("Message", name, rng, 1)}

    def _text(self, rng: Random, written: Raw) -> str:
        said = self._words.text(rng)
        asked = written["chat"]["type"] != "private" and rng.random() < 0.4
        return cut(rng.choice((f"{MENTION} {said}", f"hey {MENTION}", f"{said} {MENTION}")), 4_096) if asked else said

    def _quoted(self, rng: Random, chat: Raw) -> Raw:
        writer = rng.choice((ME, ME, rng.choice(self._people), OTHER_BOT))
        return {"message_id": rng.randint(1, 2**31 - 1), "date": self._now, "chat": chat, "from": writer, "text": rng.choice(("a", "b c", "😀"))}

    # --- presses and queries --------------------------------------------------------------------------------------------

    def _press(self, rng: Random) -> Raw:
        user = rng.choice(self._people)
        given: Raw = {"from": user, "game_short_name": None, "message": None, "inline_message_id": None, "data": self._words.data(rng)}
        pick = rng.random()
        if pick < 0.05:
            given |= {"game_short_name": "chess", "data": None}
        given |= {"inline_message_id": "inline-1"} if pick > 0.85 else {"message": self._under(rng, user)}
        return self._values.fill("CallbackQuery", rng, 0, given)

    def _under(self, rng: Random, user: Raw) -> Raw:
        private = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
        chat = self._chat_of(rng, "supergroup") if user in self._people[:_MEMBERS] and rng.random() < 0.8 else private
        if rng.random() < 0.1:
            return {"message_id": rng.randint(1, 2**31 - 1), "date": 0, "chat": chat}
        return {"message_id": rng.randint(1, 2**31 - 1), "date": self._now - 60, "chat": chat, "from": ME, "text": self._words.text(rng)}

    def _query(self, rng: Random) -> Raw:
        given = {"query": self._words.query(rng), "offset": rng.choice(("", "", "", "10", "50", "-1", "next")), "from": rng.choice(self._people)}
        return self._values.fill("InlineQuery", rng, 0, given)

    # --- people and chats -----------------------------------------------------------------------------------------------

    @property
    def _to_mention(self) -> tuple[Raw, ...]:
        return (ME, *self._people[:20])

    def _person(self, rng: Random, number: int) -> Raw:
        number = rng.choice((1_000 + number, 2**31 + number, LARGEST_ID - number))
        return {"id": number, "is_bot": False, "first_name": rng.choice(("Ann", "бен", "😀", "<b>", "\u202e"))}

    def _user(self, rng: Random, depth: int) -> Raw:
        return rng.choice((*self._people[:50], ME, OTHER_BOT, ANONYMOUS_ADMIN, TELEGRAM))

    def _chat(self, rng: Random, depth: int) -> Raw:
        return self._chat_of(rng, rng.choice(("private", "group", "supergroup", "channel")))

    def _chat_of(self, rng: Random, kind: str) -> Raw:
        if kind == "private":
            user = rng.choice(self._people)
            return {"id": user["id"], "type": kind, "first_name": user["first_name"]}
        number = rng.randint(1, _GROUPS)
        chat: Raw = {"id": -number if kind == "group" else -1_000_000_000_000 - number, "type": kind, "title": "Riders"}
        return chat | ({"is_forum": True} if kind == "supergroup" and number < _GROUPS / 4 else {})

    def _nested(self, rng: Random, depth: int) -> Raw:
        """Return a message within something else."""
        return {"message_id": rng.randint(1, 2**31 - 1), "date": self._now, "chat": self._chat(rng, depth), "text": "a"}

    def _photo(self, rng: Random, depth: int) -> Raw:
        return {"file_id": "f", "file_unique_id": "u", "width": rng.randint(1, 4_000), "height": rng.randint(1, 4_000)}

    def _date(self, rng: Random) -> int:
        """Return when it was written: now, or while the bot was away."""
        return self._now - (rng.randint(0, 30) if rng.random() < 0.97 else rng.randint(600, 90_000))
