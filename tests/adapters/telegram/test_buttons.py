"""What a button carries comes back as it went, and fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import CopyTextButton

from bot.adapters.telegram.buttons import DATA_LIMIT_BYTES, Press, decode, encode, keyboard
from bot.core.action import (
    Action,
    Back,
    Choice,
    ChooseRegion,
    Consent,
    CopyNumber,
    InPrivate,
    More,
    NotHappening,
    NotThis,
    PassOn,
    Regions,
    SetRegion,
    Share,
    ShowEntry,
    ShowNumbers,
    Sources,
    Topics,
    Vote,
)

IDS = st.from_regex(r"[a-z0-9-]{1,48}", fullmatch=True)
FLAGS, ALARMS = st.from_regex(r"[a-z0-9-]{1,30}", fullmatch=True), st.from_regex(r"[a-z0-9_-]{1,21}", fullmatch=True)
ACTIONS: st.SearchStrategy[Action] = st.one_of(
    st.builds(ShowEntry, IDS),
    st.builds(NotThis, IDS),
    st.builds(Sources, IDS),
    st.builds(More, IDS),
    st.builds(Back, IDS),
    st.builds(Vote, IDS, st.booleans()),
    st.just(Regions()),
    st.builds(SetRegion, st.from_regex(r"[a-z]{0,8}", fullmatch=True)),
    st.builds(Topics, st.just("") | IDS, st.integers(0, 9999)),
    st.builds(ChooseRegion, FLAGS, ALARMS),
    st.builds(ShowNumbers, FLAGS, ALARMS, st.from_regex(r"[a-z]{0,8}", fullmatch=True)),
    st.just(NotHappening()),
    st.builds(PassOn, st.integers(0, 10**12 - 1)),
    st.builds(Consent, st.integers(0, 10**12 - 1), st.booleans()),
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
        *(
            "",
            "s:",
            "n:",
            "q:",
            "+s:",
            "t:",
            "t:care",
            "t:care:",
            "t:care:-1",
            "t:care:1_0",
            "t:care:٣",
            "t:a:99999",
            "x:y",
            "p:",
            "p:07",
            "y:-1",
            "x:1_0",
            "p:٣",
            "p:1234567890123",
            "++s:a",
            "S:a",
        ),
        *(
            "c:",
            "c:a",
            "c:a:",
            "c::b",
            "c:a:b:c",
            "r:",
            "r:a",
            "r:a:b",
            "r::b:uk",
            "r:a::uk",
            "r:a:b:UK",
            "r:a:b:c:uk",
            "d",
            "d:x",
            "m:",
            "b:",
            "h:",
            "u:",
            "l:x",
            "l",
            "g:UK",
        ),
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
    assert [encode(Press(action)) for action in (More("a"), Back("a"), Vote("a", True), Vote("a", False))] == ["m:a", "b:a", "h:a", "u:a"]
    assert [encode(Press(action)) for action in (Regions(), SetRegion("uk"), SetRegion())] == ["l:", "g:uk", "g:"]
    assert encode(Press(ShowEntry("a"), below=True)) == "+s:a"


LINKS = (
    (Choice("Pass on", Share("a", "Ice & heat")), Choice("Alone", InPrivate("a"))),
    (Choice("Alone", InPrivate()), Choice("x", InPrivate("x" * 65))),
)


def test_what_leads_elsewhere_is_a_link() -> None:
    shown = keyboard(LINKS, frozenset(), "a_bot")

    assert shown is not None
    assert [[button.url for button in row] for row in shown.inline_keyboard] == [
        ["https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fa_bot%3Fstart%3Da&text=Ice+%26+heat", "https://t.me/a_bot?start=a"],
        ["https://t.me/a_bot", "https://t.me/a_bot"],
    ]


def test_without_a_name_there_is_no_link() -> None:
    assert keyboard(LINKS, frozenset()) is None


def test_a_number_is_copied_and_stands_out_under_an_alarm() -> None:
    rows = ((Choice("Copy 116 123", CopyNumber("116123")),), (Choice("Where?", ChooseRegion("f", "a")), Choice("Read", ShowEntry("a"))))
    calm, urgent = keyboard(rows, frozenset()), keyboard(rows, frozenset(), urgent=True)

    assert calm is not None
    assert urgent is not None
    assert urgent.inline_keyboard[0][0].copy_text == CopyTextButton("116123")
    assert [button.style for row in calm.inline_keyboard for button in row] == [None, None, None]
    assert [button.style for row in urgent.inline_keyboard for button in row] == ["danger", "danger", None]


@pytest.mark.parametrize("action", [Share("a", "b"), InPrivate("a"), CopyNumber("1")])
def test_a_link_carries_no_data(action: Action) -> None:
    with pytest.raises(ValueError, match="link"):
        encode(Press(action))


def test_a_button_that_does_not_fit_is_left_out_and_the_rest_stays() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        encode(Press(ShowEntry("é" * 40)))

    rows = ((Choice("too long", ShowEntry("é" * 40)),), (Choice("fits", ShowEntry("a")),))
    shown = keyboard(rows, below=frozenset())

    assert shown is not None
    assert [[button.text for button in row] for row in shown.inline_keyboard] == [["fits"]]
    assert keyboard(rows[:1], below=frozenset()) is None
