"""Menus are set from the code's own texts, and only the kinds of update with a handler are asked for."""

import re

import pytest
from telegram.error import TelegramError
from telegram.ext import Application

from bot.adapters.telegram.app import ADMIN_COMMANDS, ALLOWED_UPDATES, COMMANDS, DiscreetRequest, build_application, publish_commands
from bot.adapters.telegram.handlers import BotApplication
from bot.service import Service
from tests.adapters.telegram.conftest import TOKEN, Chat
from tests.adapters.telegram.oracle import ROOT, SPEC
from tests.adapters.telegram.updates import message, new
from tests.adapters.telegram.wire import Wire, bad_request


async def test_everybody_gets_a_menu_and_admins_a_longer_one(application: BotApplication, service: Service, wire: Wire) -> None:
    await publish_commands(application.bot, service, frozenset({900, 901}))

    calls = wire.of("setMyCommands")
    menus = [[command["command"] for command in call.parameters["commands"]] for call in calls]
    assert menus == [list(COMMANDS), list(COMMANDS + ADMIN_COMMANDS), list(COMMANDS + ADMIN_COMMANDS)]
    assert [call.parameters.get("scope", {}).get("chat_id") for call in calls] == [None, 900, 901]


async def test_a_menu_that_cannot_be_set_is_logged_without_ids(
    application: BotApplication, service: Service, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    """An admin who never wrote to the bot has no chat to set it for."""
    wire.faults_by_chat[0].append(bad_request("chat not found"))
    await publish_commands(application.bot, service, frozenset({900}))

    assert len(wire.of("setMyCommands")) == 1
    assert "BadRequest" in caplog.text
    assert "900" not in caplog.text


async def test_who_wrote_is_not_gathered(application: BotApplication, chat: Chat) -> None:
    """The library would keep every id for a persistence that is not there, without end."""
    await chat(new(message("how do i oil the chain")))

    gathered = {name: getattr(application, name) for name in Application.__slots__ if name.endswith("in_persistence")}
    assert len(gathered) >= 2
    assert not any(gathered.values())
    assert not application.user_data
    assert not application.chat_data


def test_the_kinds_asked_for_are_kinds_there_are() -> None:
    if SPEC is None:
        pytest.skip("the Bot API as data is not here")
    assert set(ALLOWED_UPDATES) <= {field["name"] for field in SPEC["types"]["Update"]["fields"]}


def test_every_sentence_the_adapter_says_has_its_words(service: Service) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "bot/adapters/telegram").glob("*.py")))
    keys = {f"command_{name}" for name in COMMANDS + ADMIN_COMMANDS} | set(re.findall(r'say\("(\w+)"', code))
    keys |= set(re.findall(r'\("(reload_\w+)"', code))

    assert len(keys) > 10
    assert keys <= service.snapshot.knowledge.messages.sentences.keys()


@pytest.mark.parametrize("base", ["http://127.0.0.1:8081", "http://127.0.0.1:8081/"])
def test_the_bot_api_is_where_the_setting_says(service: Service, base: str) -> None:
    application = build_application(TOKEN, service, api_base_url=base)

    assert application.bot.base_url == f"http://127.0.0.1:8081/bot{TOKEN}"
    assert application.updater is None


def test_an_answer_that_is_no_json_is_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    for payload in (b'{"result": "my secret worry', b"[1]", b"\xff"):
        with pytest.raises(TelegramError) as raised:
            DiscreetRequest.parse_json_payload(payload)
        assert "secret" not in str(raised.value) + caplog.text

    assert DiscreetRequest.parse_json_payload(b'{"ok": true, "result": [1]}') == {"ok": True, "result": [1]}
