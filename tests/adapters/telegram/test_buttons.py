"""What a button carries comes back as it went, and fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.telegram.buttons import DATA_LIMIT_BYTES, Press, decode, encode, keyboard
from bot.core.model import Action, Choice, ChooseRegion, NotHappening, NotThis, ShowEntry, ShowNumbers, Sources, Topics

IDS = st.from_regex(r"[a-z0-9-]{1,48}", fullmatch=True)
FLAGS, ALARMS = st.from_regex(r"[a-z0-9-]{1,30}", fullmatch=True), st.from_regex(r"[a-z0-9_-]{1,21}", fullmatch=True)
ACTIONS: st.SearchStrategy[Action] = st.one_of(
    st.builds(ShowEntry, IDS),
    st.builds(NotThis, IDS),
    st.builds(Sources, IDS),
    st.builds(Topics, st.just("") | IDS, st.integers(0, 9999)),
    st.builds(ChooseRegion, FLAGS, ALARMS),
    st.builds(ShowNumbers, FLAGS, ALARMS, st.from_regex(r"[a-z]{0,8}", fullmatch=True)),
    st.just(NotHappening()),
)


@given(st.builds(Press, ACTIONS, st.booleans()))
def test_every_press_survives_the_round_trip_within_64_bytes(press: Press) -> None:
    data = encode(press)

    assert decode(data) == press
    assert 1 <= len(data.encode()) <= DATA_LIMIT_BYTES


@given(st.text(max_size=70))
def test_reading_any_data_gives_a_press_that_spells_the_same_or_none(data: str) -> None:
    press = decode(data)

    assert press is None or len(data.encode()) > DATA_LIMIT_BYTES or encode(press) == data or isinstance(press.action, Topics)


@pytest.mark.parametrize(
    "data",
    [
        *("", "s:", "n:", "q:", "+s:", "t:", "t:care", "t:care:", "t:care:-1", "t:care:1_0", "t:care:٣", "t:a:99999", "x:y", "++s:a", "S:a"),
        *("c:", "c:a", "c:a:", "c::b", "c:a:b:c", "r:", "r:a", "r:a:b", "r::b:uk", "r:a::uk", "r:a:b:UK", "r:a:b:c:uk", "d", "d:x"),
    ],
)
def test_what_no_version_wrote_means_nothing(data: str) -> None:
    assert decode(data) is None


def test_the_data_is_short_and_stays_so() -> None:
    """Buttons live for ever in people's chats: their data must mean the same in every version."""
    actions = (ShowEntry("a"), NotThis("a"), Sources("a"), Topics("b", 2), Topics())

    dangerous = (ChooseRegion("a", "b_c"), ShowNumbers("a", "b_c", "uk"), ShowNumbers("a", "b_c"), NotHappening())

    assert [encode(Press(action)) for action in actions] == ["s:a", "n:a", "q:a", "t:b:2", "t::0"]
    assert [encode(Press(action)) for action in dangerous] == ["c:a:b_c", "r:a:b_c:uk", "r:a:b_c:", "d:"]
    assert encode(Press(ShowEntry("a"), below=True)) == "+s:a"


def test_a_button_that_does_not_fit_is_left_out_and_the_rest_stays() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        encode(Press(ShowEntry("é" * 40)))

    rows = ((Choice("too long", ShowEntry("é" * 40)),), (Choice("fits", ShowEntry("a")),))
    shown = keyboard(rows, below=frozenset())

    assert shown is not None
    assert [[button.text for button in row] for row in shown.inline_keyboard] == [["fits"]]
    assert keyboard(rows[:1], below=frozenset()) is None
