"""A reply looks on Telegram as it should: what must be seen is never folded, and an alarm is never replaced."""

import pytest
from telegram import InlineKeyboardButton

from bot.adapters.telegram.render import Rendered, render
from bot.core.action import Back, Choice, ChooseRegion, NotHappening, NotThis, ShowEntry, ShowNumbers, Sources, Topics, Vote
from bot.core.content import Tier
from bot.core.model import Advice, Alarm, Menu, Note, Notice, Part, Reply
from tests.adapters.telegram.oracle import parse_html

NOTE = Note("See somebody if it lasts.", "Get help now if it breaks.")
ROWS = tuple((Choice(type(action).__name__, action),) for action in (ShowEntry("a"), NotThis("a"), Sources("a"), Topics()))
UNDER_DANGER = tuple(
    (Choice(type(action).__name__, action),) for action in (ChooseRegion("f", "emergency"), ShowNumbers("f", "emergency"), NotHappening())
)


def data_of(reply: Reply, *, browsing: bool = False) -> list[object]:
    keyboard = render(reply, browsing=browsing).keyboard
    assert keyboard is not None
    return [button.callback_data for row in keyboard.inline_keyboard for button in row]


def test_advice_shows_lead_title_answer_folded_more_and_then_the_note_in_the_open() -> None:
    advice = Advice((Part("a", "A & B", "Do <this>.", "Then\n\nthat."),), NOTE, lead="If now: call.")
    (page,) = render(advice).pages

    assert page.html == (
        "If now: call.\n\n<b>A &amp; B</b>\nDo &lt;this&gt;.\n\n<blockquote expandable>Then\n\nthat.</blockquote>\n\n"
        "See somebody if it lasts.\n\nGet help now if it breaks."
    )
    assert parse_html(page.html).text == page.plain


def test_a_plain_answer_has_neither_title_nor_fold() -> None:
    (page,) = render(Advice((Part("a", "", "Do this."),), Note("Short note."))).pages

    assert page.html == page.plain == "Do this.\n\nShort note."


def test_two_answers_stand_under_their_titles_with_one_note() -> None:
    (page,) = render(Advice((Part("a", "A", "One."), Part("b", "B", "Two.")), NOTE)).pages

    assert page.html == f"<b>A</b>\nOne.\n\n<b>B</b>\nTwo.\n\n{NOTE.line}\n\n{NOTE.emergency_line}"


@pytest.mark.parametrize("reply", [Alarm(Tier.EMERGENCY, ("x",), "Call <now> & wait."), Notice("Call <now> & wait.")], ids=["alarm", "notice"])
def test_alarms_and_notices_say_what_stands_in_them(reply: Reply) -> None:
    (page,) = render(reply).pages

    assert page.html == "Call &lt;now&gt; &amp; wait."
    assert page.plain == "Call <now> & wait."


def test_a_long_reply_ends_with_the_whole_note_and_the_buttons() -> None:
    rendered = render(Advice((Part("a", "", "Go on. " * 2000),), NOTE, choices=ROWS))

    assert len(rendered.pages) > 3
    assert rendered.pages[-1].plain.endswith(f"{NOTE.line}\n\n{NOTE.emergency_line}")
    assert rendered.keyboard is not None


def test_nothing_pressed_under_an_alarm_takes_its_place() -> None:
    assert data_of(Alarm(Tier.CRISIS, ("x",), "Call.", ROWS), browsing=True) == ["+s:a", "+n:a", "+q:a", "+t::0"]


def test_a_region_chosen_under_an_alarm_shows_the_same_alarm_in_its_place() -> None:
    assert data_of(Alarm(Tier.EMERGENCY, ("f",), "Call.", UNDER_DANGER[:2])) == ["c:f:emergency", "r:f:emergency:"]


def test_what_ends_a_warning_leaves_the_answer_under_it() -> None:
    assert data_of(Advice((Part("a", "", "Do."),), NOTE, "If now: call.", UNDER_DANGER[2:]), browsing=True) == ["+d:"]


def test_nothing_pressed_under_a_warning_takes_its_place() -> None:
    assert data_of(Advice((Part("a", "", "Do."),), NOTE, "If now: call.", ROWS)) == ["+s:a", "+n:a", "+q:a", "+t::0"]


@pytest.mark.parametrize("reply", [Notice("Which?", ROWS), Advice((Part("a", "", "Do."),), NOTE, "", ROWS)], ids=["offer", "advice"])
def test_what_leads_on_from_an_answer_comes_below_and_what_belongs_to_it_in_its_place(reply: Reply) -> None:
    assert data_of(reply) == ["+s:a", "n:a", "q:a", "+t::0"]


def test_browsing_stays_in_one_message() -> None:
    assert data_of(Notice("Topics", ROWS), browsing=True) == ["s:a", "n:a", "q:a", "t::0"]


def test_no_choices_make_no_keyboard() -> None:
    assert render(Notice("Hello.")).keyboard is None


MORE = Menu("About: a", ((Choice("Sources", Sources("a")), Choice("Yes", Vote("a", True)), Choice("Back", Back("a"))),))


def test_a_menu_remembers_that_what_it_stands_under_stays() -> None:
    assert data_of(MORE) == ["q:a", "h:a", "b:a"]
    assert [button.callback_data for row in _rows(render(MORE, staying=True)) for button in row] == ["+q:a", "+h:a", "+b:a"]


def _rows(rendered: Rendered) -> tuple[tuple[InlineKeyboardButton, ...], ...]:
    return rendered.keyboard.inline_keyboard if rendered.keyboard else ()
