"""A token never reaches a log or a traceback, and what people wrote never does through a library."""

import asyncio
import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import httpx
import pytest

from bot.errors import ConfigError
from bot.redact import Redacting, guard_crashes, guard_logs, guard_loop, redact, where
from tests.adapters.telegram.conftest import TOKEN

pytestmark = pytest.mark.usefixtures("process_as_before")

URL = f"https://api.telegram.org/bot{TOKEN}/sendMessage"


@pytest.fixture
def log() -> Iterator[tuple[logging.Handler, io.StringIO]]:
    """A handler on the root that writes to memory."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    logging.getLogger().addHandler(handler)
    yield handler, written
    logging.getLogger().removeHandler(handler)


def fail_with(error: Exception) -> Exception:
    try:
        raise error
    except type(error) as raised:
        return raised


def test_tokens_are_rewritten_in_messages_arguments_and_tracebacks(log: tuple[logging.Handler, io.StringIO]) -> None:
    guard_logs()
    logger = logging.getLogger("bot.somewhere")
    logger.warning("calling %s", URL)
    logger.warning(f"calling {URL}")
    logger.error("failed", exc_info=fail_with(ConfigError(f"no route to {URL}")))
    logger.error("failed", exc_info=fail_with(ValueError(f"no route to {URL}")))

    written = log[1].getvalue()
    assert TOKEN not in written
    assert written.count("<token>") == 3
    assert "ConfigError: no route to https://api.telegram.org/bot<token>/sendMessage" in written
    assert written.rstrip().endswith("ValueError"), "whose words those are nobody knows"


@pytest.mark.parametrize("name", ["telegram.ext.Application", "httpx", "httpcore.connection"])
def test_libraries_that_carry_messages_log_templates_only(log: tuple[logging.Handler, io.StringIO], name: str) -> None:
    guard_logs()
    logging.getLogger(name).critical("cannot read %s from %s", "my secret worry", URL, exc_info=fail_with(ValueError("my secret worry")))

    written = log[1].getvalue()
    assert "secret" not in written
    assert TOKEN not in written
    assert written.startswith("cannot read %s from %s [ValueError at ")


def test_libraries_are_quiet_below_warnings(log: tuple[logging.Handler, io.StringIO]) -> None:
    log[0].setLevel(logging.DEBUG)
    guard_logs()
    with httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as client:
        client.get(URL)

    assert log[1].getvalue() == ""


def test_the_guard_stands_once_on_each_handler(log: tuple[logging.Handler, io.StringIO]) -> None:
    guard_logs()
    guard_logs()

    assert [type(guard) for guard in log[0].filters] == [Redacting]


def test_a_record_seen_by_two_handlers_is_redacted_for_both(log: tuple[logging.Handler, io.StringIO]) -> None:
    record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "to %s", (URL,), None)
    guard = Redacting()

    assert guard.filter(record)
    assert guard.filter(record)
    assert record.getMessage() == "to https://api.telegram.org/bot<token>/sendMessage"


def _crash(error: Exception) -> None:
    sys.excepthook(type(error), error, error.__traceback__)


def _crash_in_a_thread(error: Exception) -> None:
    threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))


def _crash_while_deleting(error: Exception) -> None:
    sys.unraisablehook(SimpleNamespace(exc_type=type(error), exc_value=error, exc_traceback=None, err_msg=None, object=URL))


@pytest.mark.parametrize("crash", [_crash, _crash_in_a_thread, _crash_while_deleting])
def test_a_crash_is_written_without_the_token_and_without_anybodys_words(
    crash: Callable[[Exception], None], capsys: pytest.CaptureFixture[str]
) -> None:
    guard_crashes()
    crash(fail_with(ConfigError(URL)))
    crash(fail_with(ValueError("my secret worry")))

    written = capsys.readouterr().err
    assert TOKEN not in written
    assert "secret" not in written
    assert "ConfigError: https://api.telegram.org/bot<token>/sendMessage" in written
    assert "ValueError" in written


async def test_what_goes_wrong_outside_any_task_is_logged_by_kind_and_place(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    guard_loop(loop)
    loop.call_exception_handler({"message": "never retrieved", "exception": fail_with(ValueError("my secret worry"))})
    loop.call_exception_handler({"message": f"slow callback to {URL}"})

    assert "secret" not in caplog.text
    assert TOKEN not in caplog.text
    assert "ValueError at " in caplog.text
    assert "slow callback" in caplog.text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"bot{TOKEN}/getMe", "bot<token>/getMe"),
        (f"bot{TOKEN}/getMe".replace(":", "%3a"), "bot<token>/getMe"),
        ("12:30 and 123456:short", "12:30 and 123456:short"),
        (f"`{TOKEN}`", "`<token>`"),
    ],
    ids=["in a URL", "in a URL, escaped", "no token", "quoted"],
)
def test_only_tokens_are_rewritten(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_an_error_never_raised_has_no_place() -> None:
    assert where(ValueError("my secret worry")) == "ValueError"


def test_where_there_is_no_last_resort_there_is_none_to_guard(monkeypatch: pytest.MonkeyPatch, log: tuple[logging.Handler, io.StringIO]) -> None:
    monkeypatch.setattr(logging, "lastResort", None)
    guard_logs()

    assert [type(guard) for guard in log[0].filters] == [Redacting]


def test_a_thread_that_ends_without_an_error_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    guard_crashes()
    threading.excepthook(threading.ExceptHookArgs((SystemExit, None, None, None)))

    assert capsys.readouterr().err == ""


def test_arguments_that_do_not_fit_harm_nobody(log: tuple[logging.Handler, io.StringIO]) -> None:
    guard_logs()
    logging.getLogger("bot.somewhere").error("%d updates", "my secret worry")

    assert log[1].getvalue() == "%d updates\n"
