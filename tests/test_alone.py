"""One process at a time."""

import builtins
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.alone import alone_in
from bot.errors import ConfigError

HOLDING = """
import sys
from pathlib import Path
from bot.alone import alone_in

with alone_in(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLDING, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_is_in_the_way(tmp_path: Path) -> None:
    with hold(tmp_path / "data"), pytest.raises(ConfigError, match="another napebot"), alone_in(tmp_path / "data", wait_s=0.2):
        pass

    with alone_in(tmp_path / "data", wait_s=0):
        assert (tmp_path / "data" / "lock").exists()


def test_one_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    with hold(tmp_path) as first:
        first.kill()
        with alone_in(tmp_path):
            assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


def test_a_successor_waits_for_its_predecessor(tmp_path: Path) -> None:
    script = HOLDING.replace("sys.stdin.read()", "import time; time.sleep(0.5)")
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with alone_in(tmp_path, wait_s=10):
            assert (tmp_path / "lock").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="DATA_DIR"), alone_in(tmp_path / "file" / "data"):
        pass


def test_where_there_is_no_such_lock_nothing_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = builtins.__import__

    def without_fcntl(name: str, *rest: Any, **more: Any) -> Any:
        if name == "fcntl":
            raise ImportError
        return really(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_fcntl)
    with alone_in(tmp_path / "data"):
        assert not (tmp_path / "data").exists()
