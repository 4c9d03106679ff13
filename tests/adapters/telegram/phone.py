"""One chat as a person sees it, and what they do there: write, write anew, press a button that is on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.adapters.telegram.updates import Raw, edited, message, new, pressed, private
from tests.adapters.telegram.wire import ME


@dataclass(frozen=True)
class Button:
    """A button: what it says, and what it carries; nothing is sent for one that is a link, or copies something."""

    label: str
    data: str | None


@dataclass
class Shown:
    """A message of the bot as it stands now."""

    text: str
    """With its HTML."""
    rows: list[list[Button]]


class Phone:
    """Give it each request that was taken; it makes the updates of one person in one chat."""

    def __init__(self, user: Raw, chat: Raw | None = None) -> None:
        self.user = user
        self.chat = chat or private(user)
        self.screen: dict[int, Shown] = {}
        """By number, the newest last."""
        self._asked: Raw = {}

    @property
    def newest(self) -> Shown:
        """The message that came last."""
        return self.screen[max(self.screen)]

    def take(self, method: str, parameters: Mapping[str, Any], message_id: int) -> None:
        """Show what a request to this chat changes; *message_id* is the number of its message. Raises KeyError for an edit of what was never sent."""
        match method:
            case "sendMessage":
                self.screen[message_id] = Shown(parameters["text"], _rows(parameters))
            case "editMessageText":
                self.screen[message_id].text = parameters["text"]
                self.screen[message_id].rows = _rows(parameters)
            case "editMessageReplyMarkup":
                self.screen[message_id].rows = _rows(parameters)

    def write(self, text: str | None = None, **more: Any) -> Raw:
        """Return the update of a new message."""
        self._asked = message(text, user=self.user, chat=self.chat, **more)
        return new(self._asked)

    def write_anew(self, text: str) -> Raw:
        """Return the update of the last message with other words."""
        marked = message(text, user=self.user, chat=self.chat).get("entities") or [
            entity for entity in self._asked.get("entities", []) if entity["type"] == "mention"
        ]
        self._asked = self._asked | {"text": text, "entities": marked}
        return edited(self._asked)

    def press(self, label: str) -> Raw:
        """Return the update of a press on the newest button with this *label*. Raises LookupError where none is on the screen."""
        for number, shown in reversed(self.screen.items()):
            data = next((button.data for row in shown.rows for button in row if button.label == label and button.data), None)
            if data is not None:
                return self.press_under(number, data)
        raise LookupError(f"no button says {label!r}; there are {[button.label for row in self.newest.rows for button in row]}")

    def press_under(self, number: int, data: str) -> Raw:
        """Return the update of a press on a button with *data*, be there one or not, under the bot's message of this *number*."""
        return pressed(data, user=self.user, under=message("Pick one.", user=ME, chat=self.chat, message_id=number))


def _rows(parameters: Mapping[str, Any]) -> list[list[Button]]:
    rows = parameters.get("reply_markup", {}).get("inline_keyboard", [])
    return [[Button(button["text"], button.get("callback_data")) for button in row] for row in rows]
