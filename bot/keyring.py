"""Names people by keyed hashes, so that what is stored says nothing without the key.

A plain hash of an id is no protection: all ids there are can be tried within hours.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import ConfigError
from bot.secret_files import secret_folders
from bot.store.records import PersonKey

KEY_BYTES = 32
_MOST_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Keyring:
    """The current key, and the one before while what it named may still be kept."""

    current: bytes = field(repr=False)
    earlier: bytes | None = field(default=None, repr=False)

    @classmethod
    def for_this_process(cls) -> Keyring:
        """Return a key that nobody keeps: what it names ends with the process."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def open(cls, path: Path) -> Keyring:
        """Read the keys in *path*; where there is no such file, make one that only its owner can read.

        A line each in hexadecimal, the current key first; lines that begin with # say nothing. Raises ConfigError for a file that others can
        read, save where systemd or a container lays its secrets, or that holds no key.
        """
        with suppress(FileExistsError):
            _write_new(path, (secrets.token_bytes(KEY_BYTES),))
        return cls(*_read(path))

    def name(self, chat_id: int, user_id: int) -> PersonKey:
        """Return the name of a person in a chat: HMAC-SHA-256 of the ids."""
        earlier = _named(self.earlier, chat_id, user_id) if self.earlier else None
        return _named(self.current, chat_id, user_id, earlier)


def _named(key: bytes, chat_id: int, user_id: int, earlier: PersonKey | None = None) -> PersonKey:
    # The two are told apart by their first letter: a chat with a bot has the id of the person.
    return PersonKey(_digest(key, f"c{chat_id}:{user_id}"), _digest(key, f"u{user_id}"), earlier)


def _digest(key: bytes, said: str) -> str:
    return hmac.digest(key, said.encode(), "sha256").hex()


def rotate_key(path: Path) -> None:
    """Begin a new key in *path*; the current one becomes the earlier, and what was the earlier is gone. Raises ConfigError as `Keyring.open`."""
    current = Keyring.open(path).current
    part = Path(tempfile.mkdtemp(dir=path.parent, prefix=".key-")) / "key"
    try:
        _write_new(part, (secrets.token_bytes(KEY_BYTES), current))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
        part.parent.rmdir()


def _write_new(path: Path, keys: tuple[bytes, ...]) -> None:
    """Make *path*, whole or not at all. Raises FileExistsError where there is one already, ConfigError where none can be made."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            raise FileExistsError
        # Written aside and linked: of two processes that begin at once one wins, and neither reads half a key.
        file, aside = tempfile.mkstemp(dir=path.parent, prefix=".key-")
        try:
            with os.fdopen(file, "w", encoding="ascii") as out:
                out.write("# Names the people in the database. Keep it from others, and apart from the backups of the database.\n")
                out.writelines(f"{key.hex()}\n" for key in keys)
                out.flush()
                os.fsync(out.fileno())
            Path(path).hardlink_to(aside)
        finally:
            Path(aside).unlink()
    except FileExistsError:
        raise
    except OSError as error:
        raise ConfigError(f"KEY_FILE: cannot make {path} ({error.strerror}); set KEY_FILE or DATA_DIR to where this user may write") from None


def _read(path: Path) -> tuple[bytes, ...]:
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(file, "rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            raw = opened.read(_MOST_BYTES) if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise ConfigError(f"KEY_FILE: cannot read {path} ({error.strerror}); it must be a file of this user, and no link") from None
    if os.name == "posix" and mode & 0o077 and path.parent not in secret_folders(os.environ):
        raise ConfigError(f"KEY_FILE: others can read {path}; do: chmod 600 '{path}'")
    lines = [line.strip() for line in raw.decode("ascii", "replace").splitlines()]
    keys = tuple(_key(line) for line in lines if line and not line.startswith("#"))
    if not 1 <= len(keys) <= 2 or None in keys:
        raise ConfigError(f"KEY_FILE: {path} holds no key: one or two lines of {2 * KEY_BYTES} hexadecimal digits; move it away, and one is made")
    return tuple(key for key in keys if key is not None)


def _key(line: str) -> bytes | None:
    try:
        key = bytes.fromhex(line)
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None
