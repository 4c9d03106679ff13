"""What a button carries: an action in 64 bytes at most, and where its outcome is to stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.core.model import Action, ChooseRegion, NotHappening, NotThis, Rows, ShowEntry, ShowNumbers, Sources, Topics

DATA_LIMIT_BYTES = 64
"""https://core.telegram.org/bots/api#inlinekeyboardbutton, `callback_data`."""

_SHAPE = re.compile(r"(?P<below>\+?)(?P<kind>[snqtcrd]):(?P<rest>.*)", re.DOTALL)
_ALARM = re.compile(r"(?P<flag>[a-z0-9-]+):(?P<alarm>[a-z0-9_-]+)")
_REGION = re.compile(r"[a-z]*")
_PAGE = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class Press:
    """A button, read back."""

    action: Action
    below: bool = False
    """True: the outcome is a new message, so that the one with the button stays readable. False: it takes its place."""


def encode(press: Press) -> str:
    """Return the data of a button, with `+` before it for below.

    `s:<entry>`, `n:<entry>`, `q:<entry>`, `t:<theme>:<page>`, `c:<flag>:<alarm>`, `r:<flag>:<alarm>:<region>` or `d:`.
    Raises ValueError where that takes more than 64 bytes of UTF-8.
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
        case Sources(entry_id):
            return f"q:{entry_id}"
        case Topics(theme, page):
            return f"t:{theme}:{page}"
        case ChooseRegion(flag_id, alarm):
            return f"c:{flag_id}:{alarm}"
        case ShowNumbers(flag_id, alarm, region):
            return f"r:{flag_id}:{alarm}:{region}"
        case NotHappening():
            return "d:"


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
        case "d" if not rest:
            return NotHappening()
        case "s" if rest:
            return ShowEntry(rest)
        case "n" if rest:
            return NotThis(rest)
        case "q" if rest:
            return Sources(rest)
        case _:
            return None


def keyboard(rows: Rows, below: frozenset[type[Action]]) -> InlineKeyboardMarkup | None:
    """Return *rows* as buttons, or None without any; the kinds of action in *below* get their outcome in a new message."""
    buttons = [[_button(choice.label, Press(choice.action, type(choice.action) in below)) for choice in row] for row in rows]
    kept = [[button for button in row if button] for row in buttons]
    kept = [row for row in kept if row]
    return InlineKeyboardMarkup(kept) if kept else None


def _button(label: str, press: Press) -> InlineKeyboardButton | None:
    try:
        return InlineKeyboardButton(label, callback_data=encode(press))
    except ValueError:
        return None  # Telegram refuses the whole message for one such button; an answer is worth more than a button.
