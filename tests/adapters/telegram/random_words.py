"""What people might send: questions and dangers of a topic, commands, other scripts, and whatever else fits into a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from bot.core.snapshot import Snapshot
from tests.adapters.telegram.wire import ME

Raw = dict[str, Any]

LONGEST_UNITS = 4_096
CAPTION_UNITS = 1_024
DATA_BYTES = 64
MENTION = f"@{ME['username']}"

_COMMANDS = ("start", "help", "topics", "about", "privacy", "forget", "region", "id", "reload", "why", "status", "claim", "nonsense", "SOS", "Start")
_KINDS_OF_BUTTON = ("s", "n", "m", "b", "q", "h", "u")
_ENTITIES = (
    "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre", "url", "email", "hashtag",
    "cashtag", "phone_number", "mention", "text_link", "text_mention", "custom_emoji", "date_time",
)  # fmt: skip

FOREIGN = (
    "¿Qué hago si me duele mucho el cuello?", "J'ai mal à la nuque depuis hier", "Mein Nacken tut so weh", "Dói-me o pescoço",
    "Mi fa male il collo", "У меня болит шея и кружится голова", "У мене болить шия", "Boynum tutuldu, ne yapmalıyım?", "Boli mnie kark",
    "我的脖子很痛怎么办", "首が痛いです", "목이 아파요", "رقبتي تؤلمني كثيرا", "גב הצוואר שלי תפוס", "گردنم درد می‌کند", "मेरी गर्दन में दर्द है",
    "ঘাড়ে ব্যথা", "ปวดคอมาก", "Tôi bị đau cổ", "Leher saya sakit sekali", "Ο αυχένας μου πονάει", "კისერი მტკივა", "ችግር አለ",
    "chest pain और सांस नहीं आ रही",
)  # fmt: skip
SMALL = ("hi", "thanks", "ok", "yes", "no", "?", "...", "why", "good night", "HELP", "help me please", "are you a bot", "1", "2", "0️⃣")
SYMBOLS = (
    "😀", "👩‍👩‍👧‍👦", "🇬🇧", "👍🏽", "😭😭😭", "❤️", "🦴", "☎️", "𝖓𝖊𝖈𝖐", "ⓝⓔⓒⓚ", "ｎｅｃｋ", "n̷e̷c̷k̷", "\u200b", "\u2800", "ﷺ", "…", "—", "´",
)  # fmt: skip
CONTROL = (
    "\u0000", "\u0007", "\u001b[31m", "\u202e", "\u2066abc\u2069", "\ufeff", "\u200d", "\u00ad", "\u0085", "\u2028", "\ufffd", "\uffff",
    "\U000e0001",
)  # fmt: skip
SYNTAX = (
    "<b>bold", "</blockquote>", "&amp;&lt;", "{title}", "{0}", "%s %d", "*_`[](", "'; DROP TABLE updates;--", "../../etc/passwd", "\\u0000", "$(id)",
)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """A topic, for whoever writes about it."""

    questions: tuple[str, ...]
    dangers: tuple[str, ...]
    entries: tuple[str, ...]
    flags: tuple[str, ...]
    themes: tuple[str, ...]

    def text(self, rng: Random) -> str:
        """Return a message: 1 to 4,096 UTF-16 units, with more than blanks in it."""
        pick = rng.random()
        if pick < 0.02:
            said = self._long(rng)
        elif pick < 0.14:
            said = " ".join(self._piece(rng) for _ in range(rng.randint(2, 4)))
        elif pick < 0.28:
            said = self.command(rng)
        else:
            said = self._piece(rng)
        return cut(said, LONGEST_UNITS) if said.strip() else "."

    def command(self, rng: Random) -> str:
        """Return a command: for the bot, for another, for nobody."""
        to = rng.choice(("", "", "", MENTION, MENTION.upper(), "@other_bot"))
        after = rng.choice(("", "", " " + self._piece(rng), " " + rng.choice(self.entries), " " + odd(rng, rng.randint(1, 64))))
        return f"/{rng.choice((*_COMMANDS, 'start', *self.entries[:3]))}{to}{after}"

    def data(self, rng: Random) -> str:
        """Return what a button might carry: of ours, of ours once, of nobody; 1 to 64 bytes."""
        entry, flag = rng.choice((*self.entries, "gone-entry")), rng.choice((*self.flags, "rf-gone"))
        alarm = rng.choice(("emergency", "urgent_today", "crisis", "gone"))
        region = rng.choice(("", "hill", "sea", "uk", "us", "zz"))
        ours = rng.choice(
            (
                f"{rng.choice(_KINDS_OF_BUTTON)}:{entry}",
                f"{rng.choice(_KINDS_OF_BUTTON)}:{entry}",
                f"t:{rng.choice((*self.themes, '', 'gone'))}:{rng.choice((0, 0, 1, 99, 9999))}",
                f"c:{flag}:{alarm}",
                f"r:{flag}:{alarm}:{region}",
                rng.choice(("l:", "d:", f"g:{region}")),
            )
        )
        pick = rng.random()
        if pick < 0.65:
            data = rng.choice(("", "+")) + ours
        elif pick < 0.85:
            place = rng.randrange(len(ours))
            data = ours[:place] + odd(rng, rng.randint(0, 3)) + ours[place + rng.randint(0, 2) :]
        else:
            data = odd(rng, rng.randint(1, DATA_BYTES))
        return data.encode()[:DATA_BYTES].decode(errors="ignore") or "x"

    def query(self, rng: Random) -> str:
        """Return what stands behind the bot's name in an inline query: 0 to 256 signs."""
        return "" if rng.random() < 0.1 else rng.choice((self._piece, self.text))(rng)[:256]

    def _piece(self, rng: Random) -> str:
        pick = rng.random()
        if pick < 0.40:
            return rng.choice(self.questions)
        if pick < 0.58:
            return rng.choice(self.dangers)
        if pick < 0.78:
            return rng.choice(rng.choice((FOREIGN, FOREIGN, SMALL, SYMBOLS, CONTROL, SYNTAX)))
        if pick < 0.88:
            said = rng.choice((*self.questions, *self.dangers))
            place = rng.randrange(len(said))
            return said[:place] + rng.choice((*CONTROL, *SYMBOLS, *SYNTAX)) + said[place:]
        return odd(rng, rng.randint(1, 40))

    def _long(self, rng: Random) -> str:
        piece = rng.choice((self._piece(rng), odd(rng, 50), rng.choice(SYMBOLS), f"{rng.choice(self.dangers)}. "))
        return f"{piece} " * (LONGEST_UNITS // (len(piece) + 1) + 1)


def words_of(snapshot: Snapshot) -> Words:
    """Return the words of a knowledge base."""
    knowledge = snapshot.knowledge
    return Words(
        tuple(ask for entry in knowledge.entries for ask in (entry.title, *entry.asks)),
        tuple(said for flag in knowledge.red_flags.flags for said in flag.fires_on) or ("help",),
        tuple(entry.id for entry in knowledge.entries),
        tuple(flag.id for flag in knowledge.red_flags.flags) or ("none",),
        tuple(dict.fromkeys(entry.theme for entry in knowledge.entries)),
    )


def odd(rng: Random, length: int) -> str:
    """Return signs of any script and of none: no lone surrogates, which JSON in UTF-8 cannot carry."""
    spans = ((0x20, 0x7E), (0xA0, 0x24F), (0x300, 0x36F), (0x400, 0x4FF), (0x590, 0x6FF), (0x900, 0xDFF), (0x2000, 0x206F), (0x3040, 0x30FF),
             (0x4E00, 0x9FFF), (0xE000, 0xFFFD), (0x1F300, 0x1FAFF), (0x10000, 0x10FFFF))  # fmt: skip
    return "".join(chr(rng.randint(*rng.choice(spans))) for _ in range(length))


def units(text: str) -> int:
    """Return the length of *text* in UTF-16 units."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def cut(text: str, most: int) -> str:
    """Return *text*, or as many of its signs as fit into *most* UTF-16 units."""
    if len(text) * 2 <= most or units(text) <= most:
        return text
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore")


def entities(text: str, rng: Random, people: tuple[Raw, ...]) -> list[Raw]:
    """Return the entities of *text*: what Telegram marks by itself, the command at its start and the names of the bot, and a few by chance."""
    found = [_entity("bot_command", text, 0, len(text.split(maxsplit=1)[0]))] if text.startswith("/") and len(text) > 1 and text[1].isalnum() else []
    place = text.find(MENTION)
    if place > 0 and not (found and place < found[0]["length"]):
        found.append(_entity("mention", text, place, place + len(MENTION)))
    elif place == 0:
        found.append(_entity("mention", text, 0, len(MENTION)))
    while rng.random() < 0.15:
        start = rng.randrange(len(text))
        end = rng.randint(start + 1, len(text))
        kind = rng.choice(_ENTITIES)
        more: Mapping[str, Raw] = {"text_link": {"url": "https://example.org/"}, "text_mention": {"user": rng.choice(people)}}
        found.append(_entity(kind, text, start, end) | more.get(kind, {}))
    return found


def _entity(kind: str, text: str, start: int, end: int) -> Raw:
    return {"type": kind, "offset": units(text[:start]), "length": units(text[start:end])}
