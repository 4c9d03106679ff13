"""Menus and descriptions are what the knowledge says, and are put right when they are not."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.profile import (
    ADMIN_COMMANDS,
    COMMANDS,
    GROUP_COMMANDS,
    Profile,
)
from bot.core.snapshot import Snapshot
from bot.service import Service
from tests.adapters.telegram.conftest import ADMIN_ID
from tests.adapters.telegram.wire import Wire, bad_request, too_many

ADMINS = frozenset({ADMIN_ID, ADMIN_ID + 1})
GROUPS = {"type": "all_group_chats"}
MENUS = ["setMyCommands"] * 4
TEXTS = ["setMyDescription", "setMyShortDescription"]


def chat_of(admin_id: int) -> dict[str, object]:
    return {"type": "chat", "chat_id": admin_id}


@pytest.fixture
def profile(application: BotApplication, service: Service) -> Profile:
    return Profile(application.bot, service, ADMINS)


async def test_everybody_gets_a_menu_groups_a_shorter_and_admins_a_longer_one(profile: Profile, wire: Wire) -> None:
    await profile.keep()

    assert wire.profile.commands() == list(COMMANDS)
    assert wire.profile.commands(GROUPS) == list(GROUP_COMMANDS)
    assert [wire.profile.commands(chat_of(admin_id)) for admin_id in sorted(ADMINS)] == [list(COMMANDS + ADMIN_COMMANDS)] * 2
    assert not set(ADMIN_COMMANDS) & {*wire.profile.commands(), *wire.profile.commands(GROUPS)}


async def test_descriptions_come_from_the_knowledge(profile: Profile, service: Service, wire: Wire) -> None:
    await profile.keep()

    assert wire.profile.answer("getMyDescription", {}) == {"description": service.say("description").strip()}
    assert wire.profile.answer("getMyShortDescription", {}) == {"short_description": service.say("short_description")}


async def test_what_is_as_it_should_be_is_not_set_again(profile: Profile, wire: Wire) -> None:
    """These calls are few a day; asking is not."""
    await profile.keep()
    await profile.keep()

    assert wire.profile.sets == [*MENUS, *TEXTS]


@pytest.mark.parametrize(
    ("method", "parameters", "what"),
    [
        ("deleteMyCommands", {}, "commands (default)"),
        ("setMyCommands", {"commands": [], "scope": GROUPS}, "commands (groups)"),
        ("setMyCommands", {"commands": [{"command": "x", "description": "y"}], "scope": chat_of(ADMIN_ID)}, "commands (admin 1)"),
        ("setMyDescription", {"description": "Somebody else's"}, "description"),
        ("setMyShortDescription", {}, "short description"),
    ],
)
async def test_drift_is_found_put_right_and_told(profile: Profile, wire: Wire, method: str, parameters: dict[str, object], what: str) -> None:
    await profile.keep()
    before = profile.drift
    wire.profile.answer(method, parameters)
    await profile.keep()
    await profile.keep()

    assert [drift.what for drift in profile.drift][-1] == what
    assert profile.drift[-1].at >= before[-1].at
    assert not profile.drift[-1].problem
    assert Counter(wire.profile.sets)[method.replace("delete", "set")] >= 2


async def test_the_knowledge_may_change_what_is_said(profile: Profile, service: Service, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    await profile.keep()
    real = service.say
    monkeypatch.setattr(service, "say", lambda key, **values: "In other words" if key == "command_help" else real(key, **values))
    wire.profile.sets.clear()
    await profile.keep()

    assert wire.profile.sets == [*["setMyCommands"] * 4]


async def test_what_cannot_be_set_is_told_and_the_rest_is_set(profile: Profile, wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    """An admin who never wrote to the bot has no chat to set a menu for."""
    wire.faults["setMyCommands"].extend([bad_request("chat not found")])
    await profile.keep()

    assert [(drift.what, drift.problem) for drift in profile.drift if drift.problem] == [("commands (default)", "BadRequest")]
    assert "commands (default) could not be kept: BadRequest" in caplog.text
    assert str(ADMIN_ID) not in caplog.text
    assert wire.profile.sets == [*MENUS[1:], *TEXTS]

    await profile.keep()
    assert not [drift for drift in profile.drift if drift.problem]
    assert wire.profile.commands() == list(COMMANDS)


async def test_what_somebody_else_put_right_meanwhile_is_no_trouble_any_more(profile: Profile, wire: Wire) -> None:
    wire.faults["getMyCommands"].append(bad_request("not now"))
    await profile.keep()
    wire.profile.answer("setMyCommands", {"commands": []})
    await profile.keep()
    assert profile.drift[-1].what == "commands (default)"

    wire.faults["getMyCommands"].append(bad_request("not now"))
    await profile.keep()
    assert profile.drift[-1].problem
    await profile.keep()
    assert "commands (default)" not in [drift.what for drift in profile.drift]


async def test_a_long_pause_that_telegram_asks_for_is_not_waited_out(profile: Profile, wire: Wire) -> None:
    wire.faults["setMyDescription"].append(too_many(3_000))
    await profile.keep()

    assert [drift.problem for drift in profile.drift if drift.what == "description"] == ["RetryAfter"]


def test_what_ships_fits(snapshot: Snapshot) -> None:
    say = snapshot.knowledge.messages.say

    assert 0 < len(say("description").strip()) <= 512
    assert 0 < len(say("short_description").strip()) <= 120
    assert all(3 <= len(say(f"command_{name}")) <= 50 for name in COMMANDS + ADMIN_COMMANDS)
