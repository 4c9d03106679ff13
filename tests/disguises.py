"""Ten ways in which the same message arrives on another day: what is typed on a phone, in pain, in a hurry. None may silence a red flag."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence

Disguise = Callable[[str], str]

_LONG = 7
"""Letters from which a word gets a typo: shorter ones are never repaired, because they lie too close together."""
_EMOJI = ("😩", "🙏", "😣", "🥺")
_ZALGO = ("\u0335", "\u0301", "\u0323", "\u034f")
_INVISIBLE = ("\u200b", "\u200d", "\u2060", "\ufeff")
_QUESTIONS = ("what pillow is best for a stiff neck?", "should i use ice or heat?", "how do i sleep with a sore neck?")
_BRITISH_AMERICAN = (
    ("haemorrhage", "hemorrhage"),
    ("paralysed", "paralyzed"),
    ("unrecognisable", "unrecognizable"),
    ("diarrhoea", "diarrhea"),
    ("oesophagus", "esophagus"),
    ("paracetamol", "acetaminophen"),
    ("tumour", "tumor"),
    ("anaesthetic", "anesthetic"),
    ("leukaemia", "leukemia"),
    ("colour", "color"),
    ("grey", "gray"),
    ("mum", "mom"),
    ("ageing", "aging"),
    ("behaviour", "behavior"),
    ("neighbour", "neighbor"),
    ("pyjamas", "pajamas"),
    ("tyre", "tire"),
    ("realise", "realize"),
    ("recognise", "recognize"),
    ("centre", "center"),
    ("a&e", "er"),
)


def capitals(said: str) -> str:
    """HELP."""
    return said.upper()


def typos(said: str) -> str:
    """Turn two neighbouring letters of every second long word round, away from its ends."""
    chance = random.Random(said)  # noqa: S311
    words = said.split(" ")
    for index in [number for number, word in enumerate(words) if len(word) >= _LONG and word.isalpha()][::2]:
        at = chance.randrange(2, len(words[index]) - 2)
        word = words[index]
        words[index] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def no_punctuation(said: str) -> str:
    """Leave out what parts sentences, save for what stands within a number or a word."""
    return " ".join(re.sub(r"[.,;:!?…]+(?!\d)", " ", said).split())


def emoji_between(said: str) -> str:
    """Put an emoji after every third word."""
    words = said.split()
    return " ".join(word + (f" {_EMOJI[index % len(_EMOJI)]}" if index % 3 == 2 else "") for index, word in enumerate(words))


def curly_apostrophes(said: str) -> str:
    """Write what a phone's keyboard writes."""
    return said.replace("'", "’").replace('"', "”")


def clauses_turned(said: str) -> str:
    """Say the last sentence first."""
    sentences = [part for part in re.split(r"(?<=[.!?])\s+", said) if part]
    return " ".join((*sentences[1:], sentences[0])) if len(sentences) > 1 else said


def question_before(said: str) -> str:
    """Ask something ordinary first."""
    return f"{_QUESTIONS[len(said) % len(_QUESTIONS)]} {said}"


def question_after(said: str) -> str:
    """Ask something ordinary at the end."""
    return f"{said.rstrip(' .')}. {_QUESTIONS[len(said) % len(_QUESTIONS)]}"


def politeness(said: str) -> str:
    """Excuse oneself for the trouble."""
    return f"hi there, sorry to bother you. {said.rstrip(' .')}. thank you so much for your help"


def zalgo(said: str) -> str:
    """Hang marks on letters and put what cannot be seen between them."""
    return "".join(
        letter
        + (_ZALGO[index % len(_ZALGO)] if index % 5 == 4 and letter.isalpha() else _INVISIBLE[index % len(_INVISIBLE)] if index % 7 == 6 else "")
        for index, letter in enumerate(said)
    )


def other_spelling(said: str) -> str:
    """British for American and the other way round."""
    for british, american in _BRITISH_AMERICAN:
        here, there = (british, american) if re.search(rf"\b{re.escape(british)}\b", said, re.IGNORECASE) else (american, british)
        said = re.sub(rf"\b{re.escape(here)}\b", there, said, flags=re.IGNORECASE)
    return said


DISGUISES: Mapping[str, Sequence[Disguise]] = {
    "capitals": (capitals,),
    "typos in long words": (typos,),
    "no punctuation": (no_punctuation,),
    "emoji between words": (emoji_between,),
    "curly apostrophes": (curly_apostrophes,),
    "clauses in another order": (clauses_turned,),
    "a question before or after": (question_before, question_after),
    "politeness around it": (politeness,),
    "marks and invisible signs": (zalgo,),
    "the other spelling": (other_spelling,),
}
"""Ten kinds, each by one way or two."""
