"""Names that say nothing without the key, and the file that holds it."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.keyring import KEY_BYTES, Keyring, rotate_key

IDS = st.integers(-(2**52), 2**52)
KEY = "ab" * KEY_BYTES


@given(chat=IDS, person=IDS)
def test_a_name_is_the_same_every_time_and_says_no_id(chat: int, person: int) -> None:
    ring = Keyring(b"k" * KEY_BYTES)
    name = ring.name(chat, person)

    assert name == ring.name(chat, person)
    assert len(name.here) == len(name.person) == 64
    assert name.here != name.person
    assert name.earlier is None
    assert name != Keyring(b"l" * KEY_BYTES).name(chat, person)


@given(one=st.tuples(IDS, IDS), other=st.tuples(IDS, IDS))
def test_two_people_or_chats_never_share_a_name(one: tuple[int, int], other: tuple[int, int]) -> None:
    ring = Keyring(b"k" * KEY_BYTES)

    assert (ring.name(*one).here == ring.name(*other).here) == (one == other)
    assert (ring.name(*one).person == ring.name(*other).person) == (one[1] == other[1])


def test_a_key_that_is_nobodys_is_new_each_time() -> None:
    assert Keyring.for_this_process().current != Keyring.for_this_process().current


def test_a_ring_shows_no_key() -> None:
    assert repr(Keyring(b"secret", b"secret")) == "Keyring()"


# --- the file -------------------------------------------------------------------------------------------------------


def test_a_key_is_made_where_there_is_none_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key"
    first = Keyring.open(path)

    assert Keyring.open(path) == first
    assert len(first.current) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [left.name for left in path.parent.iterdir()] == ["key"]


def test_of_two_processes_that_begin_at_once_one_key_wins(tmp_path: Path) -> None:
    script = f"from pathlib import Path; from bot.keyring import Keyring; print(Keyring.open(Path({str(tmp_path / 'key')!r})).current.hex())"
    processes = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    keys = {process.communicate(timeout=60)[0].strip() for process in processes}

    assert keys == {Keyring.open(tmp_path / "key").current.hex()}


def test_a_rotated_key_becomes_the_earlier_one_and_then_goes(tmp_path: Path) -> None:
    path = tmp_path / "key"
    first = Keyring.open(path)
    rotate_key(path)
    second = Keyring.open(path)
    rotate_key(path)
    third = Keyring.open(path)

    assert second.earlier == first.current
    assert second.current != first.current
    assert third.earlier == second.current
    assert second.name(1, 2).earlier == first.name(1, 2)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [left.name for left in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("", "holds no key"),
        ("# nothing\n", "holds no key"),
        ("abc\n", "holds no key"),
        (f"{KEY}00\n", "holds no key"),
        (f"{KEY}\n{KEY}\n{KEY}\n", "holds no key"),
        ("\N{SNOWMAN}\n", "holds no key"),
    ],
)
def test_a_file_without_a_key_is_refused(tmp_path: Path, written: str, what: str) -> None:
    path = tmp_path / "key"
    path.write_text(written, encoding="utf-8")
    path.chmod(0o600)

    with pytest.raises(ConfigError, match=what):
        Keyring.open(path)
    assert path.read_text(encoding="utf-8") == written


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_can_read_is_refused_with_the_cure(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    Keyring.open(path)
    path.chmod(mode)

    with pytest.raises(ConfigError, match="chmod 600"):
        Keyring.open(path)


def test_a_key_handed_over_by_the_container_may_be_read_by_its_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "key").chmod(0o444)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    assert Keyring.open(tmp_path / "key").current == bytes.fromhex(KEY)


def test_a_link_or_a_pipe_is_no_key_file(tmp_path: Path) -> None:
    Keyring.open(tmp_path / "key")
    (tmp_path / "link").symlink_to("key")
    os.mkfifo(tmp_path / "pipe", 0o600)

    for name in ("link", "pipe"):
        with pytest.raises(ConfigError, match="KEY_FILE"):
            Keyring.open(tmp_path / name)


def test_where_no_key_can_be_made_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="KEY_FILE or DATA_DIR"):
        Keyring.open(tmp_path / "file" / "folder" / "key")
