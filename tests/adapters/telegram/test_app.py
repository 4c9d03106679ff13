"""Only the kinds of update with a handler are asked for, and every sentence has its words."""

import re

import pytest
from telegram.ext import Application

from bot.adapters.telegram.app import ALLOWED_UPDATES, build_application
from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.profile import ADMIN_COMMANDS, COMMANDS, GROUP_COMMANDS
from bot.service import Service
from tests.adapters.telegram.conftest import TOKEN, Chat
from tests.adapters.telegram.oracle import ROOT, SPEC
from tests.adapters.telegram.updates import message, new


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
    keys = {f"command_{name}" for name in COMMANDS + GROUP_COMMANDS + ADMIN_COMMANDS} | set(re.findall(r'say\("(\w+)"', code))
    keys |= set(re.findall(r'\("(reload_\w+)"', code))

    assert len(keys) > 10
    assert keys <= service.snapshot.knowledge.messages.sentences.keys()


@pytest.mark.parametrize("base", ["http://127.0.0.1:8081", "http://127.0.0.1:8081/"])
def test_the_bot_api_is_where_the_setting_says(service: Service, base: str) -> None:
    application = build_application(TOKEN, service, api_base_url=base)

    assert application.bot.base_url == f"http://127.0.0.1:8081/bot{TOKEN}"
    assert application.updater is None
