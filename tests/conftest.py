"""What several tests share: the language, and the knowledge that ships."""

import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.config import Settings
from bot.core.language import Language
from bot.core.snapshot import Snapshot
from bot.folders import SetFolders, cache_folder
from bot.knowledge.defaults import read_language
from bot.knowledge.loader import load_snapshot
from bot.redact import CARRIERS

ROOT = Path(__file__).parent.parent
OTHER_TOPIC = ROOT / "tests" / "topics" / "bicycles"

# The machines that run this are shared: an example that waits for a core is no failure.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], print_blob=True)
settings.load_profile("shared")


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with nothing in it, and no setting in the environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def process_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a bot that runs changes in its process is put back: who is told of crashes, and how the log is written."""
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    root = logging.getLogger()
    handlers, levels = root.handlers[:], {name: logging.getLogger(name).level for name in ("", *CARRIERS)}
    filters = {handler: handler.filters[:] for handler in (*handlers, logging.lastResort) if handler}
    yield
    root.handlers[:] = handlers
    for handler, before in filters.items():
        handler.filters[:] = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture(scope="session")
def english() -> Language:
    """The language the shipped knowledge is written in."""
    return read_language("en")


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    """The shipped knowledge, its embedded sentences tried; what it teaches is kept for the next time, as for the commands."""
    return load_snapshot(ROOT / "knowledge", cache=cache_folder(SetFolders()))


@pytest.fixture(scope="session")
def cycling() -> Snapshot:
    """Another topic, bicycles: a folder and no line of code, written by its author as any other would be."""
    return load_snapshot(OTHER_TOPIC)


@pytest.fixture(scope="session", params=["snapshot", "cycling"])
def any_topic(request: pytest.FixtureRequest) -> Snapshot:
    """The shipped knowledge, then the other topic: for what must hold whatever the bot is about."""
    topic: Snapshot = request.getfixturevalue(request.param)
    return topic
