"""What must hold for any text at all."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.language import Language
from bot.core.text import normalise
from bot.core.triage.engine import Triage

DANGERS = (
    "i want to kill myself",
    "took 22 paracetamol",
    "stiff neck and fever",
    "my face is drooping",
    "worst headache of my life",
    "i cannot feel my legs",
    "he strangled me",
    "crushing pain in my chest",
)
POLITE = ("hello", "sorry to ask", "thank you", "please", "kind regards, Ann", "lovely weather here", "hope you are well")
NOISE = ("!", "...", "😀", "🙏🏽", "  ", "\n", ",", "\u200d", " :) ", "~", "*")


@given(st.text(alphabet=st.characters(), max_size=400))
@example("\ud800")
@example("39" * 200)
@example("no " * 300)
@example("1/2/3 999999999999 00 38,5,5 190/110/4")
def test_any_text_is_examined(triage: Triage, english: Language, said: str) -> None:
    alert = triage.examine(normalise(said, english))

    assert alert is None or alert.hits


CUES = ("no", "not", "fever", "neck", "stiff", ",", ".", "and", "or", "years", "ago", "39", "is", "if", "now", "i", "my")


@given(st.lists(st.sampled_from(CUES), max_size=40))
def test_cue_words_in_any_order_are_examined(triage: Triage, english: Language, words: list[str]) -> None:
    said = normalise(" ".join(words), english)

    assert triage.examine(said) == triage.listen(said, frozenset()).alert


@pytest.mark.parametrize("danger", DANGERS)
@given(data=st.data())
def test_noise_between_words_never_silences(triage: Triage, english: Language, danger: str, data: st.DataObject) -> None:
    """Spaces, emoji, marks at the end and case; a full stop within would part the sentence."""
    words = danger.split()
    inner = st.sampled_from([" ", "  ", " 😀 ", " \u200d", " ~ ", " * "])
    said = "".join(word.upper() if data.draw(st.booleans()) else word for word in words[:1])
    for word in words[1:]:
        said += data.draw(inner) + (word.upper() if data.draw(st.booleans()) else word)
    said += data.draw(st.sampled_from(NOISE))

    alert = triage.examine(normalise(said, english))

    assert alert is not None
    assert alert.live


@pytest.mark.parametrize("danger", DANGERS)
@given(before=st.sampled_from(POLITE), after=st.sampled_from(POLITE), mark=st.sampled_from([". ", "! ", "\n"]))
def test_politeness_around_it_never_silences(triage: Triage, english: Language, danger: str, before: str, after: str, mark: str) -> None:
    alone = triage.examine(normalise(danger, english))
    among = triage.examine(normalise(before + mark + danger + mark + after, english))

    assert alone is not None
    assert among is not None
    assert (among.live, among.tier) == (True, alone.tier)


@given(st.sampled_from(DANGERS), st.sampled_from(DANGERS))
def test_a_second_danger_never_lowers_the_first(triage: Triage, english: Language, one: str, other: str) -> None:
    alone = triage.examine(normalise(one, english))
    both = triage.examine(normalise(one + ". " + other, english))

    assert alone is not None
    assert both is not None
    assert both.tier >= alone.tier


def test_the_same_message_gives_the_same_alert(triage: Triage, english: Language) -> None:
    text = normalise("stiff neck, fever, and my face is drooping", english)

    assert triage.examine(text) == triage.examine(text)
