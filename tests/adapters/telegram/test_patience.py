"""A request is tried as long as another try may help, and no longer."""

from contextlib import suppress

import pytest
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.ext import ExtBot

from bot.adapters.telegram.handlers import BotApplication
from bot.adapters.telegram.patience import Failure, failure_of, patience_of
from bot.adapters.telegram.transport import CutOff, NoAnswer, NotSent
from tests.adapters.telegram.conftest import TOKEN, Clock
from tests.adapters.telegram.wire import BAD_GATEWAY, BLOCKED, Fault, Refusal, Wire, bad_request, cut_off, too_many, unreachable


@pytest.mark.parametrize(
    ("faults", "raised", "attempts", "slept"),
    [
        ([], None, 1, []),
        ([unreachable()] * 4, None, 5, [0.5, 1, 2, 4]),
        ([unreachable()] * 9, None, 10, [0.5, 1, 2, 4, 8, 16, 30, 30, 30]),
        ([BAD_GATEWAY] * 8, None, 9, [0.5, 1, 2, 4, 8, 16, 30, 30]),
        ([unreachable()] * 3000, None, 3001, [0.5, 1, 2, 4, 8, 16] + [30] * 2994),
        ([BAD_GATEWAY] * 2, None, 3, [0.5, 1]),
        ([too_many(7)], None, 2, [7]),
        ([too_many(30)] * 5, RetryAfter, 5, [30] * 4),
        ([BAD_GATEWAY, too_many(7)] * 4, None, 9, [0.5, 7, 1, 7, 2, 7, 4, 7]),
        ([too_many(31)], RetryAfter, 1, []),
        ([cut_off()], None, 2, [0.5]),
        ([cut_off()] * 2, NetworkError, 2, [0.5]),
        ([BAD_GATEWAY, cut_off()], None, 3, [0.5, 0.5]),
        ([Refusal(504, "Gateway Timeout")] * 2, NetworkError, 2, [0.5]),
        ([BLOCKED], Forbidden, 1, []),
        ([bad_request("text must be non-empty")], BadRequest, 1, []),
    ],
    ids=[
        *("taken", "refused four times", "away for minutes", "5xx for minutes", "away for a day", "5xx", "429", "429 for ever", "429 between 5xx"),
        *("too long a pause", "maybe sent", "maybe sent twice", "maybe sent after a 5xx", "maybe sent by a server behind", "blocked", "bad request"),
    ],
)
async def test_a_request_is_tried(
    application: BotApplication, wire: Wire, clock: Clock, faults: list[Fault], raised: type[Exception] | None, attempts: int, slept: list[float]
) -> None:
    wire.faults["sendMessage"].extend(faults)
    if raised:
        with pytest.raises(raised):
            await application.bot.send_message(1, "words")
    else:
        await application.bot.send_message(1, "words")

    assert (wire.attempts["sendMessage"], clock.slept) == (attempts, slept)


async def test_a_single_try_stays_single(application: BotApplication, wire: Wire, clock: Clock) -> None:
    wire.faults["sendMessage"].append(unreachable())
    with pytest.raises(NetworkError):
        await application.bot.send_message(1, "words", rate_limit_args=1)

    assert (wire.attempts["sendMessage"], clock.slept) == (1, [])


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (NotSent("ClientConnectorDNSError"), Failure.AWAY),
        (CutOff("ServerDisconnectedError"), Failure.UNKNOWN),
        (NoAnswer("SocketTimeoutError"), Failure.UNKNOWN),
        (TimedOut(), Failure.UNKNOWN),
        (NetworkError("Bad Gateway (502)"), Failure.AWAY),
        (caused(NetworkError("Bad Gateway (502)"), TelegramError("Invalid server response")), Failure.AWAY),
        (NetworkError("Gateway Timeout (504)"), Failure.UNKNOWN),
        (caused(NetworkError("x"), ValueError("")), Failure.REFUSED),
        (ChatMigrated(-5), Failure.GONE),
        (BadRequest("Chat not found"), Failure.GONE),
        (BadRequest("Not enough rights to send text messages to the chat"), Failure.GONE),
        (BadRequest("Message is too long"), Failure.REFUSED),
        (TelegramError("Invalid server response"), Failure.REFUSED),
        (KeyError("words"), Failure.REFUSED),
    ],
    ids=lambda value: str(value),
)
def test_failures_are_told_apart(error: Exception, failure: Failure) -> None:
    assert failure_of(error) is failure


@pytest.mark.parametrize(
    ("faults", "heard"),
    [([], True), ([too_many(31)], False), ([BLOCKED], True), ([BAD_GATEWAY], False), ([unreachable()], False), ([cut_off()], False)],
    ids=["taken", "429", "blocked", "5xx", "unreachable", "maybe sent"],
)
async def test_telegram_is_heard_when_it_answers_in_its_senses(application: BotApplication, wire: Wire, faults: list[Fault], heard: bool) -> None:
    patience = patience_of(application.bot)
    patience.heard_at = 0.0
    wire.faults["sendMessage"].extend(faults)
    with suppress(TelegramError):
        await application.bot.send_message(1, "words", rate_limit_args=1)

    assert (patience.heard_at > 0) is heard


def test_a_bot_without_patience_is_not_taken_for_one_that_has_it() -> None:
    with pytest.raises(TypeError):
        patience_of(ExtBot(TOKEN))
