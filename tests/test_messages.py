"""Every sentence the code says is there to be said, and every sentence there is said."""

import ast
import re
from collections.abc import Iterator

import pytest

from bot.core.content import Messages
from bot.knowledge.defaults import read_default
from bot.knowledge.topic_schema import MessagesFile
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "bot").rglob("*.py"))


@pytest.fixture(scope="module")
def messages() -> Messages:
    defaults: MessagesFile = read_default("messages.yaml", MessagesFile)
    return defaults.to_messages()


def _calls() -> Iterator[ast.Call]:
    """Yield every call of `say`, whosever it is."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                function = node.func
                name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
                if name == "say":
                    yield node


def _keys(argument: ast.expr) -> Iterator[str]:
    """Yield what a first argument can be, as regular expressions; nothing for a variable."""
    match argument:
        case ast.Constant(value=str(key)):
            yield re.escape(key)
        case ast.IfExp(body=body, orelse=orelse):
            yield from _keys(body)
            yield from _keys(orelse)
        case ast.JoinedStr(values=values):
            yield "".join(re.escape(str(value.value)) if isinstance(value, ast.Constant) else r"\w+" for value in values)


def _spoken() -> set[str]:
    return {key for call in _calls() for key in _keys(call.args[0])}


def test_every_key_the_code_says_exists(messages: Messages) -> None:
    spoken = _spoken()
    assert len(spoken) > 20

    assert sorted(key for key in spoken if not any(re.fullmatch(key, known) for known in messages.sentences)) == []


def test_every_key_there_is_is_said(messages: Messages) -> None:
    """A key handed on in a variable stands somewhere in the code as a word of its own."""
    constants = {
        node.value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    spoken = _spoken()

    assert sorted(key for key in messages.sentences if key not in constants and not any(re.fullmatch(said, key) for said in spoken)) == []


def test_every_value_a_sentence_takes_is_given(messages: Messages) -> None:
    """And no other: `{title}` would stay as it is, or be lost."""
    wrong = []
    for call in _calls():
        given = {keyword.arg for keyword in call.keywords}
        for key in _keys(call.args[0]):
            for known, wordings in messages.sentences.items():
                if re.fullmatch(key, known):
                    wrong += [f"{known}: {given}" for text in wordings if set(re.findall(r"\{(\w+)\}", text)) != given]

    assert wrong == []
