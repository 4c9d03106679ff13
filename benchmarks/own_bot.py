"""Our bot as `benchmarks.per_update` runs it: `napebot run`, with the library's own transport or with a clock at each step where that is asked for.

`--httpx`: requests go by the library's HTTPXRequest. `--steps FILE`: at the end FILE says in JSON how many seconds of CPU each step took in all
since the process was sent SIGUSR1, and how many updates there were; right only while one update is under way at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from telegram.ext import Application, ExtBot
from telegram.request import HTTPXRequest

from bot.adapters.telegram import app, delivery, outbox, polling
from bot.adapters.telegram.handlers import Handlers
from bot.adapters.telegram.transport import Transport
from bot.cli import main as napebot
from bot.core import respond
from bot.core.triage.engine import Triage
from bot.service import Service
from bot.store.sqlite import SqliteStore

REST = "the rest: lanes, log, event loop"
STEPS: dict[str, tuple[tuple[Any, str], ...]] = {  # Any: modules and classes alike.
    "fetch updates": ((polling, "fetch"),),
    "parse the update": ((delivery, "_parsed"),),
    "the library's handlers": ((Application, "process_update"),),
    "our handlers": ((Handlers, "words"), (Service, "answer")),
    "normalise": ((respond, "normalise"),),
    "triage": ((Triage, "listen"),),
    "match": ((respond, "_decide"),),
    "compose": ((respond, "_say"), (respond, "_alarm")),
    "render": ((outbox, "render"),),
    "store: context": ((SqliteStore, "read_context"),),
    "store: claim": ((SqliteStore, "claim"),),
    "store: settle": ((SqliteStore, "settle"),),
    "send: the library": ((ExtBot, "send_message"),),
    "send: our transport": ((Transport, "do_request"),),
}
"""Where each step begins and ends. What a step does within another counts for itself alone."""


_inside: ContextVar[list[float] | None] = ContextVar("inside", default=None)
"""Of the step that is under way: what those within it took so far."""


class Clock:
    """Adds up the CPU time of this process, all threads included, by step."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget all that was."""
        self._spent_s = dict.fromkeys(STEPS, 0.0)
        self._updates = 0
        self._began = time.process_time()

    @contextmanager
    def at(self, step: str) -> Iterator[None]:
        """Count what the block takes for *step*, but for the steps within it."""
        outer, within, entered = _inside.get(), [0.0], time.process_time()
        token = _inside.set(within)
        try:
            yield
        finally:
            _inside.reset(token)
            took = time.process_time() - entered
            if outer is not None:
                outer[0] += took
            self._spent_s[step] += took - within[0]
            self._updates += step == "parse the update"

    def told(self) -> dict[str, object]:
        """Return the figures."""
        rest = time.process_time() - self._began - sum(self._spent_s.values())
        return {"updates": self._updates, "spent_s": self._spent_s | {REST: rest}}

    def watch(self, owner: Any, name: str, step: str) -> None:
        """Put the clock round *owner*'s function *name*."""
        real: Callable[..., Any] = getattr(owner, name)

        async def waiting(*args: Any, **kwargs: Any) -> Any:
            with self.at(step):
                return await real(*args, **kwargs)

        def working(*args: Any, **kwargs: Any) -> Any:
            with self.at(step):
                return real(*args, **kwargs)

        setattr(owner, name, waiting if inspect.iscoroutinefunction(real) else working)


def main() -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.own_bot")
    parser.add_argument("--httpx", action="store_true")
    parser.add_argument("--steps", type=Path, metavar="FILE")
    parser.add_argument("--uvloop", action="store_true")
    options = parser.parse_args()
    if options.httpx:
        vars(app)["Transport"] = lambda connections=64: HTTPXRequest(connection_pool_size=connections)
    if options.uvloop:
        import uvloop  # type: ignore[import-not-found,unused-ignore]

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    clock = Clock()
    if options.steps:
        for step, places in STEPS.items():
            for owner, name in places:
                clock.watch(owner, name, step)
        signal.signal(signal.SIGUSR1, lambda *_: clock.begin_anew())
        signal.signal(signal.SIGUSR2, lambda *_: options.steps.write_text(json.dumps(clock.told())))
    return napebot(["run"])


if __name__ == "__main__":
    raise SystemExit(main())
