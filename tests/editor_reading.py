"""YAML as an editor's server reads it (version 1.2, core schema): a bare 999 is a number there, and true is no text."""

from __future__ import annotations

import re
from typing import Any

import yaml

from bot.knowledge.strict_yaml import FAST_LOADER

_TAGS = {
    "null": re.compile(r"(?:~|null|Null|NULL|)$"),
    "bool": re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"),
    "float": re.compile(
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
}


def as_editors_read(raw: bytes) -> Any:
    """Return the values that *raw* holds to an editor."""
    return _value(yaml.compose(raw, Loader=FAST_LOADER))


def _value(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(each) for each in node.value]
    if not isinstance(node, yaml.ScalarNode):
        return None
    tag = next((tag for tag, form in _TAGS.items() if form.match(node.value)), "") if not node.style else ""
    return {"null": None, "bool": node.value.lower() == "true", "float": 1.5}.get(tag, node.value)
