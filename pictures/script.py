"""What is said and pressed in each picture. The replies are the bot's own."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.action import Action, ChooseRegion, More, ShowEntry, ShowNumbers, Sources


@dataclass(frozen=True, slots=True)
class Says:
    """The person writes."""

    words: str


@dataclass(frozen=True, slots=True)
class Overheard:
    """Somebody else in a group writes, and not to the bot."""

    by: str
    words: str


@dataclass(frozen=True, slots=True)
class Edits:
    """The person changes what they wrote last."""

    words: str


@dataclass(frozen=True, slots=True)
class Presses:
    """The person presses a button under the last reply that has one of this kind."""

    kind: type[Action]
    place: int = 0
    """From 0, among the buttons of that kind."""


Step = Says | Overheard | Edits | Presses


@dataclass(frozen=True, slots=True)
class Chat:
    """One talk, as it looks after its last step."""

    steps: tuple[Step, ...]
    group: str = ""
    """The name of the group it takes place in; empty for a private talk."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Phones side by side."""

    name: str
    """Of the files: `<name>-light.png`, `<name>-dark.png` and `<name>.txt`."""
    chats: tuple[Chat, ...]


PERSON = "Ann"

_LOCKED = Says("woke up with my neck locked, whats the quickest way to loosen it")
_ANSWER = Chat((_LOCKED,))
_ALARM = Chat((Says("stiff neck, fever 39 and the light hurts my eyes"),))
_NUMBERS = Chat((*_ALARM.steps, Presses(ChooseRegion), Presses(ShowNumbers)))
_PILLOW = Says("which pillow is best for a stiff neck")
_GROUP = Chat(
    (Overheard("Ben", "new pillow, and now i can't look left"), Says("@NapeBot which pillow is best for a stiff neck")),
    group="Climbing on Tuesdays",
)

PICTURES = (
    Picture("readme", (_ANSWER, _NUMBERS)),
    Picture("answer", (_ANSWER,)),
    Picture("alarm", (_ALARM, _NUMBERS)),
    Picture("offer", (Chat((Says("it hurts when i sit"), Presses(ShowEntry, 2))),)),
    Picture("more", (Chat((_LOCKED, Presses(More))), Chat((_LOCKED, Presses(More), Presses(Sources))))),
    Picture("edit", (Chat((_PILLOW,)), Chat((_PILLOW, Edits("which pill is best for a stiff neck"))))),
    Picture("group", (_GROUP,)),
    Picture("language", (Chat((Says("me duele mucho el cuello"), Says("गर्दन में दर्द है"))),)),
)
