"""Two judges of what goes to Telegram that nobody here wrote: the Bot API as data, and Telegram's own parser of entities."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import tdjson

ROOT = Path(__file__).parents[3]
SPEC_FILE = ROOT.parent / "shared" / "telegram" / "bot_api_10_0.min.json"
"""The Bot API as data (PaulSonOfLars/telegram-bot-api-spec); where it is absent, only the parser judges."""
SPEC: Mapping[str, Any] | None = json.loads(SPEC_FILE.read_text(encoding="utf-8")) if SPEC_FILE.is_file() else None

_SCALARS: Mapping[str, type] = {"Integer": int, "String": str, "Boolean": bool, "Float": float}


@dataclass(frozen=True)
class Parsed:
    """HTML as Telegram understands it."""

    text: str
    entities: tuple[tuple[str, int, int], ...]
    """Kind, and offset and length in UTF-16 units."""


class HtmlError(Exception):
    """Telegram would refuse this HTML."""


def parse_html(html: str) -> Parsed:
    """Return what Telegram makes of *html*; raise HtmlError where it refuses. Offline: one synchronous call of TDLib."""
    found = _execute({"@type": "parseTextEntities", "text": html, "parse_mode": {"@type": "textParseModeHTML"}})
    if found["@type"] == "error":
        raise HtmlError(found["message"])
    entities = ((entity["type"]["@type"].removeprefix("textEntityType"), entity["offset"], entity["length"]) for entity in found["entities"])
    return Parsed(found["text"], tuple(entities))


def _execute(request: Mapping[str, Any]) -> dict[str, Any]:
    _silence()
    answer: dict[str, Any] = json.loads(tdjson.td_execute(json.dumps(request).encode()) or b"{}")
    return answer


@cache
def _silence() -> None:
    """Keep the library from writing each call to standard error."""
    tdjson.td_execute(b'{"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}')


def complaints_about_call(method: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a request."""
    if SPEC is not None:
        if method not in SPEC["methods"]:
            yield f"{method}: there is no such method"
            return
        yield from _fields(method, SPEC["methods"][method], parameters)
    if method == "answerInlineQuery":
        yield from _list(parameters)
    if method == "sendMediaGroup" and not 2 <= len(parameters["media"]) <= 10:
        yield f"sendMediaGroup: an album of {len(parameters['media'])}"
    media = parameters.get("media", [parameters])
    for part in media if isinstance(media, list) else [media]:
        if len(part.get("caption", "").encode("utf-16-le")) // 2 > 1024:
            yield f"{method}: too long a caption"
    for message in messages(method, parameters):
        if "text" in message:
            yield from _text(method, message)
        yield from _buttons(method, message)


def messages(method: str, parameters: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what a request would have shown in a chat, each with the `text`, `parse_mode` and `reply_markup` it has, as in sendMessage."""
    posted = parameters.get("results", ()) if method == "answerInlineQuery" else [parameters["result"]] if method == "answerGuestQuery" else ()
    return [_posted(result) for result in posted] if method in ("answerInlineQuery", "answerGuestQuery") else [parameters]


def _posted(result: Mapping[str, Any]) -> Mapping[str, Any]:
    content = dict(result["input_message_content"])
    return {"text": content.pop("message_text")} | content | ({"reply_markup": result["reply_markup"]} if "reply_markup" in result else {})


def _list(parameters: Mapping[str, Any]) -> Iterator[str]:
    results = parameters["results"]
    ids = [result["id"] for result in results]
    if len(results) > 50 or len(set(ids)) < len(ids) or not all(1 <= len(each.encode()) <= 64 for each in ids):
        yield f"answerInlineQuery: {len(results)} results with the ids {ids}"
    if any(not result["title"].strip() for result in results):
        yield "answerInlineQuery: a line without a title"
    if len(parameters.get("next_offset", "").encode()) > 64:
        yield "answerInlineQuery: too long an offset"
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", parameters.get("button", {}).get("start_parameter", "none")):
        yield "answerInlineQuery: no way into private"


def _buttons(method: str, message: Mapping[str, Any]) -> Iterator[str]:
    for row in message.get("reply_markup", {}).get("inline_keyboard", ()):
        for button in row:
            if "copy_text" in button:
                continue  # What it copies was looked at with the rest of the call.
            if "url" in button:
                yield from _link(method, button["url"])
            elif not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                yield f"{method}: {button} carries no 1 to 64 bytes"


def _link(method: str, url: str) -> Iterator[str]:
    """A link to a bot carries at most 64 of a few characters; where it is handed on, it is quoted."""
    parts = urlsplit(url)
    payload = dict(parse_qsl(parts.query)).get("start", "")
    if parts.scheme != "https" or not parts.netloc or not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload):
        yield f"{method}: {url} is no link"


def complaints_about_value(kind: str, value: object) -> list[str]:
    """Return what is wrong with *value* as a *kind* of the Bot API, such as Update."""
    return list(_value(kind, [kind], value)) if SPEC is not None else []


def _text(method: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    text = parameters["text"]
    if parameters.get("parse_mode") == "HTML":
        try:
            text = parse_html(text).text
        except HtmlError as error:
            yield f"{method}: {error}"
    length = len(text.encode("utf-16-le")) // 2
    if not text.strip() or length > 4096:
        yield f"{method}: a text of {length} units"


def _fields(where: str, shape: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    known = {field["name"]: field for field in shape.get("fields", ())}
    for name in given.keys() - known.keys():
        yield f"{where}: there is no {name}"
    for name, field in known.items():
        if name in given:
            yield from _value(f"{where}.{name}", field["types"], given[name])
        elif field["required"]:
            yield f"{where}: {name} is missing"


def _value(where: str, kinds: list[str], value: object) -> Iterator[str]:
    found = [list(_of_kind(where, kind, value)) for kind in kinds]
    if all(found):
        yield from min(found, key=len)


def _of_kind(where: str, kind: str, value: object) -> Iterator[str]:
    assert SPEC is not None
    if kind.startswith("Array of "):
        if isinstance(value, list):
            for member in value:
                yield from _value(where, [kind.removeprefix("Array of ")], member)
        else:
            yield f"{where}: {value!r} is no list"
    elif kind in _SCALARS:
        if not isinstance(value, _SCALARS[kind]) or isinstance(value, bool) is not (kind == "Boolean"):
            yield f"{where}: {value!r} is no {kind}"
    elif not isinstance(value, dict):
        yield f"{where}: {value!r} is no {kind}"
    elif "subtypes" in SPEC["types"][kind]:
        yield from _value(where, SPEC["types"][kind]["subtypes"], value)
    else:
        yield from _fields(where, SPEC["types"][kind], value)
