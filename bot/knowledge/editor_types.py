"""What editors take for valid where the loader reads every scalar as text: words for the JSON Schemas of the knowledge files.

To an editor a bare 999 is a number, and true is no text. So text may be a number as well. A bare true or false where text belongs is underlined,
though the loader reads it as the word: else editors would offer both wherever text may stand. So is a true in quotes where a bare one belongs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

TEXT = ("string", "number")
"""The types of a scalar that is text."""
_NOT_BLANK = r"\S"
_NOTHING = "null"


def text_like(pattern: str = _NOT_BLANK, otherwise: str = "is empty; write something here", *, longest: int | None = None) -> JsonSchemaValue:
    """Return the schema of text that has a match of *pattern*, and of *longest* characters at most; *otherwise* is what an editor says of others."""
    schema: JsonSchemaValue = {"type": list(TEXT), "pattern": pattern, "patternErrorMessage": otherwise}
    return schema if longest is None else {**schema, "maxLength": longest}


def either(*schemas: Mapping[str, Any]) -> JsonSchemaValue:
    """Return the schema of what any of *schemas* takes. Each names its types, and shares no other key with another."""
    types = [name for schema in schemas for name in _types(schema)]
    return {"type": list(dict.fromkeys(types))} | {key: value for schema in schemas for key, value in schema.items() if key != "type"}


def also_nothing(schema: Mapping[str, Any]) -> JsonSchemaValue:
    """Return *schema* for what may be left empty as well."""
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    return either(schema, {"type": _NOTHING})


def _types(schema: Mapping[str, Any]) -> list[str]:
    return schema["type"] if isinstance(schema["type"], list) else [schema["type"]]


class AlsoAlone:
    """Marks a list that may be one item without the list."""

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the schema of either."""
        many = handler(core_schema)
        return either(many["items"], many)


class OrNothing:
    """Marks what may be left empty."""

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return its schema, with nothing as one more value."""
        return also_nothing(handler(core_schema))
