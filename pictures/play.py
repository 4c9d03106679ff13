"""Plays a script to the real service, and keeps what Telegram would show of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape

from telegram import InlineKeyboardButton
from telegram.constants import KeyboardButtonStyle

from bot.adapters.telegram.buttons import Press, decode
from bot.adapters.telegram.render import Rendered, render, stays
from bot.core.model import Menu, Reply, Utterance
from bot.service import Said, Service
from bot.store.records import PersonKey
from pictures.script import PERSON, Chat, Edits, Overheard, Presses, Says

BEGUN = datetime(2026, 3, 14, 3, 7, tzinfo=UTC)
"""When each talk begins: in the small hours, as many do."""
USERNAME = "NapeBot"

_KEY = PersonKey("picture", "picture")
_BETWEEN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Button:
    """A button as it is seen."""

    label: str
    kind: str = ""
    """`link`, `copy`, or empty."""
    danger: bool = False
    data: str = ""
    """What it carries; empty for what the bot is not told of."""
    pressed: bool = False


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message as it is seen."""

    html: str
    """In Telegram's HTML."""
    plain: str
    at: datetime
    by: str = USERNAME
    edited: bool = False
    quoted: str = ""
    """The words it points at, in a group."""
    rows: tuple[tuple[Button, ...], ...] = ()
    stays: bool = False
    """Nothing may take its place."""

    @property
    def mine(self) -> bool:
        """The words of the one who holds the phone."""
        return self.by == PERSON

    def find(self, step: Presses) -> tuple[Button, Press] | None:
        """Return the button that *step* presses, and what that means; None where there is none here."""
        read = [(button, decode(button.data)) for row in self.rows for button in row]
        found = [(button, press) for button, press in read if press is not None and type(press.action) is step.kind]
        return found[step.place] if step.place < len(found) else None


async def played(chat: Chat, service: Service) -> tuple[Bubble, ...]:
    """Return what *chat* looks like after its last step. Raises LookupError for a button that is not there."""
    talk = _Talk(service, bool(chat.group))
    for number, step in enumerate(chat.steps):
        now = BEGUN + number * _BETWEEN
        match step:
            case Says(words):
                await talk.say(words, now)
            case Overheard(by, words):
                talk.bubbles.append(_of_person(words, now, by))
            case Edits(words):
                await talk.edit(words, now)
            case Presses():
                await talk.press(step, now)
    return tuple(talk.bubbles)


class _Talk:
    def __init__(self, service: Service, group: bool) -> None:
        self._service = service
        self._group = group
        self.bubbles: list[Bubble] = []

    async def say(self, words: str, now: datetime) -> None:
        self.bubbles.append(_of_person(words, now))
        asked = words.removeprefix(f"@{USERNAME}").strip()
        self._show(await self._done(await self._service.answer(Utterance(asked, now), _KEY)), now, quoted=words if self._group else "")

    async def edit(self, words: str, now: datetime) -> None:
        place = max(place for place, bubble in enumerate(self.bubbles) if bubble.mine)
        shown = self.bubbles[place + 1]
        self.bubbles[place] = replace(_of_person(words, self.bubbles[place].at), edited=True)
        reply = await self._done(await self._service.answer(Utterance(words, now), _KEY))
        self._show(reply, now, instead_of=None if stays(reply) or shown.stays else place + 1)

    async def press(self, step: Presses, now: datetime) -> None:
        place, pressed, press = self._found(step)
        reply = await self._done(await self._service.act(press.action, _KEY, now))
        below = self.bubbles[place]
        if isinstance(reply, Menu):
            self.bubbles[place] = replace(below, rows=_rows(render(reply, staying=press.below, username=USERNAME)))
        elif press.below:
            rows = tuple(tuple(replace(button, pressed=button is pressed) for button in row) for row in below.rows)
            self.bubbles[place] = replace(below, rows=rows)
            self._show(reply, now)
        else:
            self._show(reply, below.at, browsing=True, instead_of=place)

    async def _done(self, said: Said) -> Reply:
        await self._service.keep(said.effects)
        return self._service.in_public(said.reply) if self._group else said.reply

    def _show(self, reply: Reply, at: datetime, *, browsing: bool = False, instead_of: int | None = None, quoted: str = "") -> None:
        rendered = render(reply, browsing=browsing, username=USERNAME)
        pages = [Bubble(page.html, page.plain, at, stays=stays(reply)) for page in rendered.pages]
        pages[0] = replace(pages[0], quoted=quoted)
        pages[-1] = replace(pages[-1], rows=_rows(rendered))
        if instead_of is None:
            self.bubbles += pages
        else:
            self.bubbles[instead_of : instead_of + 1] = [replace(pages[0], at=self.bubbles[instead_of].at), *pages[1:]]

    def _found(self, step: Presses) -> tuple[int, Button, Press]:
        for place in reversed(range(len(self.bubbles))):
            found = self.bubbles[place].find(step)
            if found is not None:
                return place, *found
        labels = [button.label for bubble in self.bubbles for row in bubble.rows for button in row]
        raise LookupError(f"no button does {step.kind.__name__}; there are {labels}")


def _of_person(words: str, at: datetime, by: str = PERSON) -> Bubble:
    return Bubble(escape(words), words, at, by)


def _rows(rendered: Rendered) -> tuple[tuple[Button, ...], ...]:
    if rendered.keyboard is None:
        return ()
    return tuple(tuple(map(_button, row)) for row in rendered.keyboard.inline_keyboard)


def _button(button: InlineKeyboardButton) -> Button:
    kind = "link" if button.url else "copy" if button.copy_text else ""
    data = button.callback_data if isinstance(button.callback_data, str) else ""
    return Button(button.text, kind, button.style == KeyboardButtonStyle.DANGER, data)


def words_of(bubbles: tuple[Bubble, ...]) -> str:
    """Return a talk in plain words, as who sees no pictures may read it: who speaks, what they say, and the buttons in brackets."""
    return "\n\n".join(_spoken(bubble) for bubble in bubbles) + "\n"


def _spoken(bubble: Bubble) -> str:
    speaker = f"{bubble.by}{', edited' if bubble.edited else ''}:"
    rows = [" ".join(f"[{button.label}]" for button in row) for row in bubble.rows]
    return "\n".join((speaker, bubble.plain, *rows))
