"""The judges of the other tests find what they are there to find."""

from typing import Any

import pytest

from tests.adapters.telegram.oracle import SPEC, HtmlError, complaints_about_call, complaints_about_value, parse_html
from tests.adapters.telegram.updates import said

needs_spec = pytest.mark.skipif(
    SPEC is None, reason="the Bot API as data is not beside this checkout: requests are judged by Telegram's parser alone"
)
GOOD: dict[str, Any] = {
    "chat_id": 1,
    "text": "Hello",
    "parse_mode": "HTML",
    "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "s:a"}]]},
}


@needs_spec
def test_a_good_request_and_a_good_update_pass() -> None:
    assert list(complaints_about_call("sendMessage", GOOD)) == []
    assert complaints_about_value("Update", said("/start now")) == []


@needs_spec
@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("sendMesage", GOOD),
        ("sendMessage", GOOD | {"colour": "red"}),
        ("sendMessage", {"text": "Hello"}),
        ("sendMessage", GOOD | {"chat_id": 1.5}),
        ("sendMessage", GOOD | {"message_thread_id": True}),
        ("sendMessage", GOOD | {"reply_parameters": {"message": 1}}),
        ("setMyCommands", {"commands": {"start": "Begin"}}),
        ("setMyCommands", {"commands": [{"command": "start"}]}),
    ],
    ids=["method", "parameter", "missing", "number", "yes for a number", "inside", "no list", "inside a list"],
)
def test_what_the_bot_api_does_not_know_is_found(method: str, parameters: dict[str, Any]) -> None:
    assert list(complaints_about_call(method, parameters))


@pytest.mark.parametrize(
    "parameters",
    [
        GOOD | {"text": "<b>open"},
        GOOD | {"text": "  "},
        GOOD | {"text": "a" * 4097},
        GOOD | {"text": "😀" * 2049},
        GOOD | {"reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "é" * 33}]]}},
    ],
    ids=["open tag", "blank", "too long", "too long in UTF-16", "button"],
)
def test_what_telegram_refuses_is_found(parameters: dict[str, Any]) -> None:
    assert list(complaints_about_call("sendMessage", parameters))


def test_html_is_read_as_telegram_reads_it() -> None:
    parsed = parse_html("<b>😀</b> &lt;")

    assert (parsed.text, parsed.entities) == ("😀 <", (("Bold", 0, 2),))
    with pytest.raises(HtmlError):
        parse_html("<i>open")
