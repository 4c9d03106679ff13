"""Both servers keep what is set beside messages, and answer in the shapes of the Bot API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from tests.adapters.telegram.oracle import SPEC, complaints_about_value
from tests.adapters.telegram.test_oracle import needs_spec
from tests.e2e.bot_process import TOKEN
from tests.e2e.independent_server import IndependentServer
from tests.e2e.loopback_api import LoopbackApi

Json = dict[str, Any]

COMMANDS = [{"command": "topics", "description": "All of it"}]
ARTICLE = {"type": "article", "id": "1", "title": "A chain", "input_message_content": {"message_text": "One drop."}}
BUTTONS = {"inline_keyboard": [[{"text": "Copy 112", "copy_text": {"text": "112"}, "style": "danger"}]]}

ASKED: list[tuple[str, Json]] = [
    ("getMe", {}),
    ("getMyCommands", {}),
    ("setMyCommands", {"commands": COMMANDS}),
    ("getMyCommands", {"scope": {"type": "default"}}),
    ("deleteMyCommands", {}),
    ("getMyDescription", {}),
    ("setMyDescription", {"description": "17"}),
    ("getMyDescription", {"language_code": "de"}),
    ("getMyShortDescription", {}),
    ("setMyShortDescription", {"short_description": "Tyres and chains."}),
    ("sendMessage", {"chat_id": 501, "text": "<b>One</b> drop.", "parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}),
    ("editMessageText", {"chat_id": 501, "message_id": 1, "text": "Two drops.", "reply_markup": BUTTONS}),
    ("editMessageReplyMarkup", {"chat_id": 501, "message_id": 1}),
    ("sendChatAction", {"chat_id": 501, "action": "typing"}),
    ("answerCallbackQuery", {"callback_query_id": "17", "text": "Thank you."}),
    ("answerInlineQuery", {"inline_query_id": "18", "results": [ARTICLE], "button": {"text": "In private", "start_parameter": "ask"}}),
    ("answerGuestQuery", {"guest_query_id": "19", "result": ARTICLE}),
    ("getWebhookInfo", {}),
]
"""Methods that the bot calls, with what it gives."""


@pytest.fixture(params=["loopback", "independent"])
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    server: AbstractContextManager[Any] = LoopbackApi() if request.param == "loopback" else IndependentServer(TOKEN)
    with server as started:
        yield f"{started.base_url}/bot{TOKEN}"
        assert (started.complaints if isinstance(started, LoopbackApi) else started.emulator.complaints) == []


def ask(base_url: str, method: str, parameters: Json) -> Json:
    fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
    answer: Json = httpx.post(f"{base_url}/{method}", data=fields, trust_env=False).json()
    return answer


@needs_spec
def test_what_the_bot_calls_is_answered_in_the_shapes_of_the_bot_api(base_url: str) -> None:
    assert SPEC is not None
    for method, parameters in ASKED:
        answer = ask(base_url, method, parameters)
        shapes = SPEC["methods"][method]["returns"]

        assert answer["ok"], (method, answer)
        assert any(not complaints(shape, answer["result"]) for shape in shapes), (method, answer)


def complaints(shape: str, value: object) -> list[str]:
    if shape.startswith("Array of "):
        return [each for member in value for each in complaints(shape.removeprefix("Array of "), member)] if isinstance(value, list) else ["no list"]
    if shape == "Boolean":
        return [] if isinstance(value, bool) else ["no Boolean"]
    return complaints_about_value(shape, value) if isinstance(value, dict) else ["no object"]


def test_what_was_set_is_there_by_scope_and_language(base_url: str) -> None:
    chat = {"type": "chat", "chat_id": 900}
    ask(base_url, "setMyCommands", {"commands": COMMANDS})
    ask(base_url, "setMyCommands", {"commands": COMMANDS * 2, "scope": chat})
    ask(base_url, "setMyDescription", {"description": "Alles über Räder", "language_code": "de"})
    ask(base_url, "setMyShortDescription", {"short_description": "Tyres."})

    asked: list[tuple[str, Json]] = [
        ("getMyCommands", {}),
        ("getMyCommands", {"scope": chat}),
        ("getMyCommands", {"scope": {"type": "all_private_chats"}}),
        ("getMyDescription", {"language_code": "de"}),
        ("getMyDescription", {}),
        ("getMyShortDescription", {}),
    ]
    found = [ask(base_url, method, parameters)["result"] for method, parameters in asked]

    assert found[:3] == [COMMANDS, COMMANDS * 2, []]
    assert found[3:] == [{"description": "Alles über Räder"}, {"description": ""}, {"short_description": "Tyres."}]

    ask(base_url, "deleteMyCommands", {"scope": chat})
    assert ask(base_url, "getMyCommands", {"scope": chat})["result"] == []
