"""Secrets that come as files: named by a setting, handed over by systemd, or mounted into a container.

A file stays out of `ps`, of `docker inspect`, and of what a child process or a crash report takes along; a variable does not.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from bot.errors import ConfigError

SECRETS = ("bot_token", "database_url", "webhook_secret")
"""The settings that may come as a file; `NAME_FILE` names it."""
CONTAINER_SECRETS = Path("/run/secrets")
"""Where Docker, Podman and Kubernetes lay secrets, readable by every user of the container."""
_LIMIT_BYTES = 4096
_OTHERS_READ = stat.S_IROTH


def read_secret_files(named: Mapping[str, Path], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets that are there as files, by setting.

    *named* says which file holds a secret; a secret that it leaves open is looked for under its lower-case name in the folder that systemd
    names (CREDENTIALS_DIRECTORY), then in /run/secrets. Raises ConfigError for a file that cannot be used; neither its text nor its path
    is told, for what was meant to be a path may be the secret itself.
    """
    handed_over = secret_folders(environment)
    found = {}
    for name in SECRETS:
        path = named.get(name)
        if path is not None:
            found[name] = _read(path, f"{name.upper()}_FILE", handed_over)
        else:
            lying = next((folder / name for folder in handed_over if (folder / name).is_file()), None)
            if lying is not None:
                found[name] = _read(lying, f"{name.upper()}, the file '{lying}'", handed_over)
    return found


def secret_folders(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Return where systemd or a container lays secrets; who gets there has been seen to."""
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    return (Path(credentials), CONTAINER_SECRETS) if credentials else (CONTAINER_SECRETS,)


def _read(named: Path, said: str, handed_over: tuple[Path, ...]) -> str:
    try:
        path = named.expanduser().resolve()
        # Asked before opening: to open a pipe that nobody writes to would wait for ever.
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise ConfigError(f"{said}: that is no file; name one that holds the secret and nothing else")
        if _is_for_all(path, about, handed_over):
            raise ConfigError(f"{said}: every user of this machine may read that file; take the right away first: chmod o= FILE")
        with path.open("rb") as file:
            content = file.read(_LIMIT_BYTES + 1)
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "there can be none of that name"
        raise ConfigError(f"{said}: that file cannot be read ({why})") from None
    return _secret(content, said)


def _is_for_all(path: Path, about: os.stat_result, handed_over: tuple[Path, ...]) -> bool:
    """Tell whether everybody may read *path*. In the folders of those who run us, they have seen to who gets there."""
    seen_to = any(path.is_relative_to(folder.resolve()) for folder in handed_over)
    return os.name == "posix" and not seen_to and bool(about.st_mode & _OTHERS_READ)


def _secret(content: bytes, said: str) -> str:
    """Return the one line that *content* is, without its line break."""
    try:
        line = content.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ConfigError(f"{said}: that file is not UTF-8 text") from None
    if not line.strip():
        raise ConfigError(f"{said}: that file is empty; write the secret into it, on one line")
    if len(content) > _LIMIT_BYTES or "\n" in line or "\r" in line:
        raise ConfigError(f"{said}: that file holds more than the secret; it must be its only line")
    return line
