"""Why the bot said what it said, for the knowledge that ships."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.core.model import Context, Utterance
from bot.core.respond import respond
from bot.core.snapshot import Snapshot
from bot.explain import explain


def test_what_a_message_is_like_is_shown_with_the_words_that_say_so(snapshot: Snapshot) -> None:
    utterance = Utterance("my tea keeps running out of the left of my mouth", datetime(2026, 3, 4, tzinfo=UTC))

    shown = explain(utterance, respond(utterance, snapshot, Context()), snapshot)

    like = re.search(r"^likeness +danger ([+-]\d\.\d\d), pressing [+-]\d\.\d\d, crisis ([+-]\d\.\d\d)", shown, re.MULTILINE)
    assert like is not None
    assert float(like[1]) > 0 > float(like[2])
    assert re.search(r"^ +.*\bmouth \+\d\.\d\d", shown, re.MULTILINE)
