"""The same bot in a terminal: replies as plain text, choices by number."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.core.action import Choice
from bot.core.content import Topic
from bot.core.model import Advice, Alarm, Context, Menu, Notice, Reply, Utterance, choices_of
from bot.core.respond import respond
from bot.store.records import PersonKey

if TYPE_CHECKING:  # it brings asyncio, which nobody needs for one question
    from bot.service import Said, Service

KEY = PersonKey("console", "console")
EDIT = ":edit"
_WIDTH = 100


async def converse(service: Service, lines: Iterable[str], write: Callable[[str], None]) -> None:
    """Answer *lines* until they end.

    A number picks the choice of that number under the last reply, `:edit WORDS` asks the last question in other words, and the commands do what they
    do on Telegram. `/why WORDS` tells why the reply to those words is what it is, as it does for an admin there.
    """
    topic: Topic = service.snapshot.knowledge.topic
    write(_wrapped(service.say("chat_welcome", name=topic.name).strip()))
    choices = _show(service.start(), write)
    for line in lines:
        said = line.strip()
        if not said:
            continue
        if said.isdecimal() and len(said) < 3 and choices:
            if 0 < int(said) <= len(choices):
                choices = _show(await _done(service, await service.act(choices[int(said) - 1].action, KEY, datetime.now(UTC))), write)
            else:
                write(service.say("chat_no_such_choice"))
        else:
            choices = _show(await _reply_to(said, service), write)
    write(service.say("chat_goodbye"))


async def _reply_to(said: str, service: Service) -> Reply:
    word, _, rest = said.partition(" ")
    if word.lower() == EDIT:
        return await _answered(rest, service) if rest.strip() else Notice(service.say("chat_edit_what"))
    if word.lower() == "/why":
        return Notice(_why(rest, service) if rest.strip() else service.say("chat_why_what"))
    if said.lower() == "/forget":
        return await service.forget(KEY)
    commands = {
        "/start": service.start,
        "/help": service.help,
        "/topics": service.topics,
        "/about": service.about,
        "/region": service.regions,
        "/privacy": service.privacy,
    }
    command = commands.get(said.lower())
    if command is not None:
        return command()
    if said.startswith("/") and not rest and len(said) > 1:
        answer = await service.alarm(Utterance(said[1:].replace("_", " "), datetime.now(UTC)), KEY)
        return Notice(service.say("unknown_command")) if answer is None else await _done(service, answer)
    return await _answered(said, service)


def _why(words: str, service: Service) -> str:
    from bot.explain import explain

    utterance = Utterance(words, datetime.now(UTC))
    return explain(utterance, respond(utterance, service.snapshot, Context()), service.snapshot)


async def _answered(words: str, service: Service) -> Reply:
    return await _done(service, await service.answer(Utterance(words, datetime.now(UTC)), KEY))


async def _done(service: Service, said: Said) -> Reply:
    await service.keep(said.effects)
    return said.reply


def _show(reply: Reply, write: Callable[[str], None]) -> tuple[Choice, ...]:
    choices = tuple(choices_of(reply))
    numbered = [f"  [{number}] {choice.label}" for number, choice in enumerate(choices, 1)]
    write("\n" + "\n\n".join(filter(None, (_wrapped(plain(reply)), "\n".join(numbered)))) + "\n")
    return choices


def plain(reply: Reply) -> str:
    """Return the words of *reply* as plain text: what a person reads, without the choices."""
    if isinstance(reply, Alarm | Notice):
        return reply.text.strip()
    if isinstance(reply, Menu):
        return reply.word or reply.text
    return "\n\n".join(filter(None, (reply.lead, *_parts(reply), reply.note.line, reply.note.emergency_line)))


def _parts(advice: Advice) -> Iterable[str]:
    for part in advice.parts:
        yield "\n\n".join(filter(None, (part.title, part.answer.strip(), part.more.strip())))


def _wrapped(text: str) -> str:
    # Addresses stay whole: a broken one cannot be opened.
    layout = textwrap.TextWrapper(_WIDTH, break_long_words=False, break_on_hyphens=False)
    lines = []
    for line in text.splitlines():
        layout.subsequent_indent = "  " if line.startswith("•") else ""
        lines.append(layout.fill(line))
    return "\n".join(lines)
