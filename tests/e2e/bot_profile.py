"""What Telegram keeps of a bot beside its messages: commands by scope and language, name and descriptions by language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_TEXTS = {"MyName": "name", "MyDescription": "description", "MyShortDescription": "short_description"}
"""What follows `get` and `set` -> its one field."""


class BotProfile:
    """Give it requests; it keeps what was set, as it was set, and says so when it is asked."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._commands: dict[tuple[str, str], list[Json]] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self.sets: list[str] = []
        """The methods that changed something, in order."""

    def commands(self, scope: Json | None = None, language: str = "") -> list[str]:
        """Return the names of the commands that were set."""
        return [command["command"] for command in self._commands.get((_spelt(scope), language), [])]

    def answers(self, method: str) -> bool:
        """Return True for the methods that are about a profile."""
        return method in ("getMyCommands", "setMyCommands", "deleteMyCommands") or (method[:3] in ("get", "set") and method[3:] in _TEXTS)

    def answer(self, method: str, parameters: Mapping[str, Any]) -> object:
        """Return the result of one of those; *parameters* are as they mean, and not as they are spelt in a form."""
        language = parameters.get("language_code", "")
        scope = _spelt(parameters.get("scope")), language
        if method == "getMyCommands":
            return self._commands.get(scope, [])
        if method.startswith("get"):
            named = _TEXTS[method[3:]]
            return {named: self._texts.get((named, language), self._name if named == "name" else "")}
        self.sets.append(method)
        match method:
            case "setMyCommands":
                self._commands[scope] = parameters["commands"]
            case "deleteMyCommands":
                self._commands.pop(scope, None)
            case _:
                named = _TEXTS[method[3:]]
                self._texts[named, language] = parameters.get(named, "")
        return True


def _spelt(scope: Json | None) -> str:
    return json.dumps(scope or {"type": "default"}, sort_keys=True)
