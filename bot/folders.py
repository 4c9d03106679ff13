"""Which folders and files to use: for the knowledge, for what was learned from it, and for what is kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.errors import ConfigError

if TYPE_CHECKING:  # 17 MB that `ask` and `chat` do without
    from pydantic import SecretStr

_ENV_FILE = Path(".env")
_OTHERS = frozenset(
    {
        "bot_token", "bot_token_file", "admin_ids", "api_base_url", "log_level", "log_format", "poll_timeout_s", "data_dir", "database_url",
        "database_url_file", "key_file", "webhook_url", "webhook_secret", "webhook_secret_file", "listen_host", "listen_port", "replica_name",
        "knowledge_by_chat", "keep_misses", "retention_days",
    }
)  # fmt: skip
"""All settings but those of folders; a test keeps them in step with `Settings`."""


class FolderSettings(Protocol):
    """The settings that name folders."""

    @property
    def knowledge_dir(self) -> Path | None:
        """The knowledge folder."""

    @property
    def cache_dir(self) -> Path | None:
        """Where what was learned is kept."""


class DataSettings(Protocol):
    """The settings that say where things are kept."""

    @property
    def data_dir(self) -> Path | None:
        """Where the database and the key are."""

    @property
    def database_url(self) -> SecretStr | None:
        """The store."""

    @property
    def key_file(self) -> Path | None:
        """The key that people's ids are hashed with."""


@dataclass(frozen=True, slots=True)
class SetFolders:
    """These alone."""

    knowledge_dir: Path | None = None
    cache_dir: Path | None = None


def read_folder_settings() -> FolderSettings:
    """Return the settings that name folders. Raises ConfigError as `read_settings` does, of every setting."""
    set_by_name = {name.lower(): value for name, value in os.environ.items() if value}
    if _OTHERS & set_by_name.keys() or _ENV_FILE.expanduser().is_file():
        # Imported here: what checks the settings takes 17 MB, for nothing where none of them is set.
        from bot.config import read_settings

        return read_settings()
    return SetFolders(_path(set_by_name.get("knowledge_dir")), _path(set_by_name.get("cache_dir")))


def _path(value: str | None) -> Path | None:
    return Path(value) if value and value.strip() else None


def knowledge_folder(settings: FolderSettings, named: Path | None = None) -> Path:
    """Return the knowledge folder to use: the one *named*, else the setting's, else `./knowledge`, else the packaged one."""
    here = Path("knowledge")
    for folder in (named, settings.knowledge_dir):
        if folder is not None:
            return folder
    if (here / "entries").is_dir():
        return here
    return packaged_knowledge()


def cache_folder(settings: FolderSettings) -> Path | None:
    """Return where to keep what was learned: the setting's folder, else `napebot` in the user's cache folder; None for a user without a home.

    It may not exist yet.
    """
    if settings.cache_dir is not None:
        return settings.cache_dir
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "napebot"
    except RuntimeError:
        return None


def data_folder(settings: DataSettings) -> Path:
    """Return the folder of the database and the key: the setting's, else `napebot` in the user's data folder. It may not exist yet.

    Raises ConfigError for a user without a home.
    """
    if settings.data_dir is not None:
        return settings.data_dir.expanduser()
    try:
        return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "napebot"
    except RuntimeError:
        raise ConfigError("DATA_DIR: this user has no home folder; set it to the folder that shall hold the database and the key") from None


def database_url(settings: DataSettings) -> str:
    """Return the URL of the store: the setting's, else of SQLite in the data folder. It may hold a password: never show it."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value().strip()
    return f"sqlite:{data_folder(settings) / 'napebot.sqlite3'}"


def key_file(settings: DataSettings) -> Path:
    """Return the file of the key that people's ids are hashed with: the setting's, else `key` in the data folder. It may not exist yet."""
    return settings.key_file.expanduser() if settings.key_file is not None else data_folder(settings) / "key"


def packaged_knowledge() -> Path:
    """Return the knowledge that came with the code: in a wheel beside it, in a checkout one folder up."""
    inside = Path(__file__).parent / "packaged_knowledge"
    return inside if inside.is_dir() else Path(__file__).absolute().parent.parent / "knowledge"
