"""What people do with the bot about bicycles, chat by chat and turn by turn, and what is called for each turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.adapters.telegram.phone import Phone
from tests.adapters.telegram.updates import ANN, BEN, GROUP, NOW, Raw, message, new
from tests.adapters.telegram.wire import ME

Does = Callable[[Phone], Sequence[Raw]]
"""What somebody does, with the phone in their hand."""

NOTHING: tuple[str, ...] = ()
SENDS = ("sendMessage",)
EDITS = ("editMessageText",)
PRESS_SENDS = ("answerCallbackQuery", "sendMessage")
PRESS_EDITS = ("answerCallbackQuery", "editMessageText")
PRESS_TURNS = ("answerCallbackQuery", "editMessageReplyMarkup")

NAME = f"@{ME['username']}"
NAMED: Raw = {"entities": [{"type": "mention", "offset": 0, "length": len(NAME)}]}
CARA: Raw = {"id": 503, "is_bot": False, "first_name": "Cara"}
DAN: Raw = {"id": 504, "is_bot": False, "first_name": "Dan"}
EVE: Raw = {"id": 505, "is_bot": False, "first_name": "Eve"}
OTHER_BOT: Raw = {"id": 4343, "is_bot": True, "first_name": "Other", "username": "other_bot"}
CHANNEL: Raw = {"id": -1_000_000_000_777, "type": "channel", "title": "Wheels"}
ELSEWHERE: Raw = {"id": -1_000_000_000_888, "type": "supergroup", "title": "Walkers"}
"""A chat the bot is not in."""

FLAT, CHAIN, PADS, OFFERED = "how do i mend a flat tyre", "my chain squeaks", "when are brake pads worn out", "worn chain"
CRACK = "my frame is cracked"
GERMAN = "wie pflege ich meine kette am fahrrad"


@dataclass(frozen=True)
class Turn:
    """One thing that somebody does, and the methods called for it, in order."""

    name: str
    does: Does
    calls: tuple[str, ...] = SENDS


@dataclass(frozen=True)
class Talk:
    """What one person does in one chat."""

    user: Raw
    turns: tuple[Turn, ...]
    chat: Raw | None = None
    """None: with the bot alone."""


def writes(*texts: str, **more: Any) -> Does:
    return lambda phone: [phone.write(text, **more) for text in texts]


def writes_anew(text: str) -> Does:
    return lambda phone: [phone.write_anew(text)]


def presses(label: str) -> Does:
    return lambda phone: [phone.press(label)]


def sends(**content: Any) -> Does:
    return lambda phone: [phone.write(None, **content)]


def _file(**more: Any) -> Raw:
    return {"file_id": "f", "file_unique_id": "u", **more}


def _in_group(text: str, **more: Any) -> Does:
    return writes(f"{NAME} {text}", **NAMED, **more)


def _replies(phone: Phone) -> Sequence[Raw]:
    quoted = message("One drop on each link.", user=ME, chat=phone.chat, message_id=max(phone.screen))
    return [phone.write(PADS, reply_to_message=quoted)]


def _presses_what_is_gone(phone: Phone) -> Sequence[Raw]:
    return [phone.press_under(max(phone.screen), "s:unicycles"), phone.press_under(max(phone.screen), "zz")]


def _asks_from_elsewhere(phone: Phone) -> Sequence[Raw]:
    query = {"id": "list-1", "from": phone.user, "query": CHAIN, "offset": ""}
    return [_of_its_own(phone, "inline_query", query)]


def _calls_as_a_guest(phone: Phone) -> Sequence[Raw]:
    return [_of_its_own(phone, "guest_message", message(f"{NAME} {PADS}", user=phone.user, chat=ELSEWHERE, guest_query_id="guest-1", **NAMED))]


def _blocks_and_comes_back(phone: Phone) -> Sequence[Raw]:
    member = {"user": ME, "status": "member"}
    gone = {"user": ME, "status": "kicked", "until_date": 0}
    changes = [(member, gone), (gone, member)]
    told = [{"chat": phone.chat, "from": phone.user, "date": NOW, "old_chat_member": old, "new_chat_member": to} for old, to in changes]
    return [_of_its_own(phone, "my_chat_member", each) for each in told]


def _posts_in_a_channel(phone: Phone) -> Sequence[Raw]:
    return [_of_its_own(phone, "channel_post", message(FLAT, user={}, chat=CHANNEL, sender_chat=CHANNEL))]


def _of_its_own(phone: Phone, kind: str, held: Raw) -> Raw:
    """Return the update of what is no message to the chat of *phone*."""
    return {"update_id": new({})["update_id"], kind: held}


ASKS = Talk(
    ANN,
    (
        Turn("begins", writes("/start")),
        Turn("is unclear", writes(OFFERED)),
        Turn("picks from an offer", presses("Change worn brake pads"), PRESS_SENDS),
        Turn("asks", writes(FLAT)),
        Turn("mends the question", writes_anew(CHAIN), EDITS),
        Turn("mends it again", writes_anew(FLAT), EDITS),
        Turn("wants more", presses("More"), PRESS_TURNS),
        Turn("says that it helped", presses("Helpful"), PRESS_TURNS),
        Turn("wants more, and is not asked again", presses("More"), PRESS_TURNS),
        Turn("asks who says so", presses("Sources"), PRESS_EDITS),
        Turn("goes back to the answer", presses("Mend a flat tyre"), PRESS_EDITS),
        Turn("did not ask that", presses("Not what I asked"), PRESS_EDITS),
        Turn("asks in vain", writes("how tall is the eiffel tower")),
        Turn("asks two things", writes("the chain and the brake pads")),
        Turn("writes three messages at once", writes("hello", CHAIN, "thanks"), SENDS * 3),
    ),
)
"""Questions and buttons, by one person in private."""

IS_WARNED = Talk(
    BEN,
    (
        Turn("raises a red flag", writes(CRACK)),
        Turn("wants numbers", presses("Numbers for my country"), PRESS_EDITS),
        Turn("chooses a region", presses("Hills & dales"), PRESS_EDITS),
        Turn("asks after the alarm", writes(CHAIN)),
        Turn("opens the menu under it", presses("More"), PRESS_TURNS),
        Turn("closes it", presses("Back"), PRESS_TURNS),
        Turn("says it is over", presses("Not happening now"), PRESS_SENDS),
        Turn("asks again", writes(CHAIN)),
        Turn("changes the region", writes("/region")),
        Turn("chooses another", presses("Coast"), PRESS_EDITS),
        Turn("raises it again in a mended question", writes_anew("/region my brakes failed")),
        Turn("has it all forgotten", writes("/forget")),
    ),
)
"""A danger, its numbers, and what stands above the answers after it."""

BROWSES = Talk(
    CARA,
    (
        Turn("comes by a link", writes("/start flat-tyre")),
        Turn("says it in a recording", sends(voice=_file(duration=3))),
        Turn("sends a picture", sends(photo=[_file(width=9, height=9)])),
        Turn("asks under a picture", sends(photo=[_file(width=9, height=9)], caption=PADS)),
        Turn("sends a sticker", sends(sticker=_file(width=9, height=9, type="regular", is_animated=False, is_video=False))),
        Turn("writes another language", writes(GERMAN)),
        Turn("looks at the topics", writes("/topics")),
        Turn("opens one", presses("Repairs"), PRESS_EDITS),
        Turn("picks from it", presses("Oil a squeaky chain"), PRESS_EDITS),
        Turn("asks for help", writes("/help")),
        Turn("asks what this is", writes("/about")),
        Turn("asks what is kept", writes("/privacy")),
        Turn("tries a command", writes("/weather")),
        Turn("presses what is gone", _presses_what_is_gone, PRESS_EDITS + PRESS_SENDS),
    ),
)
"""Lists, commands, and what the bot cannot read."""

ELSE = Talk(
    DAN,
    (
        Turn("asks in another chat's line", _asks_from_elsewhere, ("answerInlineQuery",)),
        Turn("asks where the bot is a guest", _calls_as_a_guest, ("answerGuestQuery",)),
        Turn("blocks the bot and comes back", _blocks_and_comes_back, NOTHING),
        Turn("writes through another bot", writes(FLAT, via_bot=OTHER_BOT), NOTHING),
        Turn("posts in a channel", _posts_in_a_channel, NOTHING),
        Turn("writes after all", writes(PADS)),
    ),
)
"""What is no message to the bot."""

IN_A_GROUP = Talk(
    EVE,
    (
        Turn("talks to others", writes(FLAT), NOTHING),
        Turn("names the bot", _in_group(CHAIN)),
        Turn("mends that", writes_anew(f"{NAME} {FLAT}"), EDITS),
        Turn("replies to it", _replies),
        Turn("raises a red flag", _in_group(CRACK)),
        Turn("wants numbers", presses("Numbers for my country"), PRESS_EDITS),
        Turn("asks for help", writes(f"/help{NAME}")),
        Turn("asks another bot for help", writes("/help@other_bot"), NOTHING),
    ),
    GROUP,
)
"""Where others read along."""

TALKS = (ASKS, IS_WARNED, BROWSES, ELSE, IN_A_GROUP)

AT_ONCE = (
    Talk(ANN, (Turn("asks", writes(FLAT)), Turn("wants more", presses("More"), PRESS_TURNS), Turn("mends it", writes_anew(CHAIN), EDITS))),
    Talk(BEN, (*IS_WARNED.turns[:4], Turn("thanks", writes("thanks")))),
    Talk(CARA, (BROWSES.turns[0], BROWSES.turns[1], BROWSES.turns[6], BROWSES.turns[7], BROWSES.turns[5])),
    Talk(DAN, ELSE.turns[:3]),
    Talk(EVE, IN_A_GROUP.turns[:6], GROUP),
)
"""Short enough that all of a chat may wait at once: more than five messages of a person would have one reply."""
