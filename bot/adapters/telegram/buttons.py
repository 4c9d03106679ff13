"""What a button carries: an action in 64 bytes at most, and where its outcome is to stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle

from bot.core.action import (
    Action,
    Back,
    Choice,
    ChooseRegion,
    Consent,
    CopyNumber,
    InPrivate,
    More,
    NotHappening,
    NotThis,
    Operate,
    PassOn,
    Regions,
    Rows,
    SetRegion,
    Share,
    ShowEntry,
    ShowNumbers,
    Sources,
    Topics,
    Vote,
)

DATA_LIMIT_BYTES = 64
"""https://core.telegram.org/bots/api#inlinekeyboardbutton, `callback_data`."""

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a link may carry: https://core.telegram.org/bots/features#deep-linking"""

_SHAPE = re.compile(r"(?P<below>\+?)(?P<kind>[a-z]):(?P<rest>.*)", re.DOTALL)
_OF_ENTRY: dict[str, Callable[[str], Action]] = {
    "s": ShowEntry,
    "n": NotThis,
    "m": More,
    "b": Back,
    "q": Sources,
    "h": lambda entry_id: Vote(entry_id, helpful=True),
    "u": lambda entry_id: Vote(entry_id, helpful=False),
}
_ALARM = re.compile(r"(?P<flag>[a-z0-9-]+):(?P<alarm>[a-z0-9_-]+)")
_OPERATION = re.compile(r"(?P<verb>[a-z-]+):(?P<about>[A-Za-z0-9_.:-]*)")
_REGION = re.compile(r"[a-z]*")
_PAGE = re.compile(r"[0-9]{1,4}")
_QUESTION = re.compile(r"0|[1-9][0-9]{0,11}")
_OF_QUESTION: dict[str, Callable[[int], Action]] = {
    "p": PassOn,
    "y": lambda question: Consent(question, given=True),
    "x": lambda question: Consent(question, given=False),
}


@dataclass(frozen=True, slots=True)
class Press:
    """A button, read back."""

    action: Action
    below: bool = False
    """True: the outcome is a new message, so that the one with the button stays readable. False: it takes its place."""


def encode(press: Press) -> str:
    """Return the data of a button, with `+` before it for below.

    `s:<entry>` shows, `n` is not this, `m` more, `b` back, `q` sources, `h` and `u` helpful or not; `t:<theme>:<page>`, `c:<flag>:<alarm>`,
    `r:<flag>:<alarm>:<region>`, `l:` the regions, `g:<region>`, `d:`; `p:<question>` to pass it on, `y` and `x` yes and no; and
    `o:<verb>:<about>` for whoever runs the bot. Raises ValueError for what needs no answer, and where it takes more than 64 bytes of UTF-8.
    """
    data = "+" * press.below + _spell(press.action)
    if len(data.encode()) > DATA_LIMIT_BYTES:
        raise ValueError(f"{data!r} is longer than the {DATA_LIMIT_BYTES} bytes a button carries: shorten the id")
    return data


def _spell(action: Action) -> str:
    match action:
        case ShowEntry(entry_id):
            return f"s:{entry_id}"
        case NotThis(entry_id):
            return f"n:{entry_id}"
        case More(entry_id):
            return f"m:{entry_id}"
        case Back(entry_id):
            return f"b:{entry_id}"
        case Sources(entry_id):
            return f"q:{entry_id}"
        case Vote(entry_id, helpful):
            return f"{'h' if helpful else 'u'}:{entry_id}"
        case Topics(theme, page):
            return f"t:{theme}:{page}"
        case Regions():
            return "l:"
        case SetRegion(region):
            return f"g:{region}"
        case NotHappening():
            return "d:"
        case PassOn() | Consent() | Operate():
            return _spell_request(action)
    return _spell_alarm(action)


def _spell_request(action: PassOn | Consent | Operate) -> str:
    match action:
        case PassOn(question):
            return f"p:{question}"
        case Consent(question, given):
            return f"{'y' if given else 'x'}:{question}"
    return f"o:{action.verb}:{action.about}"


def _spell_alarm(action: ChooseRegion | ShowNumbers | CopyNumber | Share | InPrivate) -> str:
    match action:
        case ChooseRegion(flag_id, alarm):
            return f"c:{flag_id}:{alarm}"
        case ShowNumbers(flag_id, alarm, region):
            return f"r:{flag_id}:{alarm}:{region}"
        case Share() | InPrivate() | CopyNumber():
            raise ValueError("a link carries no data")


def decode(data: str) -> Press | None:
    """Return what *data* means, or None where this version has no such button."""
    shape = _SHAPE.fullmatch(data)
    action = _read(shape["kind"], shape["rest"]) if shape else None
    return Press(action, below=bool(shape and shape["below"])) if action else None


def _read(kind: str, rest: str) -> Action | None:
    match kind:
        case "t":
            theme, colon, page = rest.rpartition(":")
            return Topics(theme, int(page)) if colon and _PAGE.fullmatch(page) else None
        case "c" if found := _ALARM.fullmatch(rest):
            return ChooseRegion(found["flag"], found["alarm"])
        case "r":
            alarm, _, region = rest.rpartition(":")
            found = _ALARM.fullmatch(alarm)
            return ShowNumbers(found["flag"], found["alarm"], region) if found and _REGION.fullmatch(region) else None
        case "g" if _REGION.fullmatch(rest):
            return SetRegion(rest)
        case "l" if not rest:
            return Regions()
        case "d" if not rest:
            return NotHappening()
        case "p" | "y" | "x" if _QUESTION.fullmatch(rest):
            return _OF_QUESTION[kind](int(rest))
        case "o" if found := _OPERATION.fullmatch(rest):
            return Operate(found["verb"], found["about"])
        case _:
            made = _OF_ENTRY.get(kind)
            return made(rest) if made and rest else None


def keyboard(rows: Rows, below: frozenset[type[Action]], username: str = "", *, urgent: bool = False) -> InlineKeyboardMarkup | None:
    """Return *rows* as buttons, or None without any; the kinds of action in *below* get their outcome in a new message.

    What leads into private, or passes an answer on, is a link to the bot called *username*; without that name it is left out.
    *urgent*: what leads to a number to call stands out.
    """
    style = KeyboardButtonStyle.DANGER if urgent else None
    buttons = [[_button(choice, below, username, style) for choice in row] for row in rows]
    kept = [[button for button in row if button] for row in buttons]
    kept = [row for row in kept if row]
    return InlineKeyboardMarkup(kept) if kept else None


def link(username: str, entry_id: str = "") -> str:
    """Return the address that opens the private chat with the bot, at one answer where its id fits into a link."""
    return f"https://t.me/{username}" + (f"?start={entry_id}" if PAYLOAD.fullmatch(entry_id) else "")


def _button(choice: Choice, below: frozenset[type[Action]], username: str, style: str | None) -> InlineKeyboardButton | None:
    match choice.action:
        case InPrivate(entry_id):
            return InlineKeyboardButton(choice.label, url=link(username, entry_id)) if username else None
        case Share(entry_id, title):
            address = "https://t.me/share/url?" + urlencode({"url": link(username, entry_id), "text": title})
            return InlineKeyboardButton(choice.label, url=address) if username else None
        case CopyNumber(number):
            return InlineKeyboardButton(choice.label, copy_text=CopyTextButton(number), style=style)
    try:
        data = encode(Press(choice.action, type(choice.action) in below))
        return InlineKeyboardButton(choice.label, callback_data=data, style=style if isinstance(choice.action, ChooseRegion) else None)
    except ValueError:
        return None  # Telegram refuses the whole message for one such button; an answer is worth more than a button.
