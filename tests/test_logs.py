"""One line a record, in JSON or as text, without the token."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.errors import ConfigError
from bot.logs import Format, set_up

TOKEN = "123456789:AAE-planted-token_0123456789abcdefgh"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _root() -> Iterator[None]:
    """What is set up here is taken down again."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("telegram", "httpx", "httpcore", "aiohttp", "asyncpg", "asyncio")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def written(form: Format, out: io.StringIO | None = None, level: str = "INFO") -> io.StringIO:
    out = out or io.StringIO()
    set_up(level, form, out)
    return out


def fail_with(error: Exception) -> Exception:
    try:
        raise error
    except Exception as raised:
        return raised


def test_a_record_is_one_line_of_json_with_its_fields() -> None:
    out = written("json")
    logging.getLogger("bot.x").info("update\nsettled %d", 3, extra={"fields": {"ms": 3, "about": ["a"], "nothing": None}})
    record = json.loads(out.getvalue())

    assert out.getvalue().count("\n") == 1
    assert {name: record[name] for name in record if name != "time"} == {
        "level": "INFO", "logger": "bot.x", "message": "update\nsettled 3", "ms": 3, "about": ["a"],
    }  # fmt: skip
    assert datetime.fromisoformat(record["time"]).tzinfo == UTC


def test_as_text_fields_stand_behind_the_message() -> None:
    out = written("text")
    logging.getLogger("bot.x").warning("update settled", extra={"fields": {"ms": 3, "about": ["a", "b"], "nothing": None}})

    assert out.getvalue().endswith(" WARNING bot.x: update settled ms=3 about=a,b\n")


@pytest.mark.parametrize(("out", "as_json"), [(io.StringIO(), True), (Terminal(), False)], ids=["a file", "a terminal"])
def test_it_looks_who_reads(out: io.StringIO, as_json: bool) -> None:
    written("auto", out)
    logging.getLogger("bot").info("hello")

    assert out.getvalue().startswith("{") is as_json


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_token_in_messages_arguments_fields_errors_or_stacks(form: Format) -> None:
    out = written(form, level="DEBUG")
    logger = logging.getLogger("bot.x")
    logger.info(TOKEN)
    logger.info("%s", TOKEN, extra={"fields": {"url": f"bot{TOKEN}/getMe", "list": [TOKEN]}})
    logger.error("failed", exc_info=fail_with(ConfigError(TOKEN)), stack_info=True)

    assert TOKEN not in out.getvalue()
    assert out.getvalue().count("<token>") >= 4


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_error_is_told_by_place_and_kind_and_in_our_own_words_alone(form: Format) -> None:
    out = written(form)
    logger = logging.getLogger("bot.x")
    logger.error("failed", exc_info=fail_with(ValueError("my private worry")))
    logger.error("failed", exc_info=fail_with(ConfigError("KEY_FILE: set it")))

    assert "private" not in out.getvalue()
    assert "ValueError" in out.getvalue()
    assert "ConfigError: KEY_FILE: set it" in out.getvalue()
    assert "fail_with" in out.getvalue()


def test_setting_up_again_writes_each_record_once() -> None:
    first, second = written("json"), written("json")
    logging.getLogger("bot").info("hello")

    assert first.getvalue() == ""
    assert second.getvalue().count("hello") == 1


def test_below_its_level_nothing_is_written() -> None:
    out = written("json", level="WARNING")
    logging.getLogger("bot").info("hello")
    logging.getLogger("httpx").info("hello")

    assert out.getvalue() == ""


def test_fields_that_are_none_of_ours_are_let_be() -> None:
    out = written("text")
    logging.getLogger("bot").info("hello", extra={"fields": "not a mapping"})

    assert out.getvalue().endswith("hello\n")
