"""Which folders to use, for the knowledge and for what was learned from it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_ENV_FILE = Path(".env")
_OTHERS = frozenset(
    {
        "bot_token", "admin_ids", "api_base_url", "log_level", "log_format", "poll_timeout_s", "data_dir", "database_url", "key_file",
        "webhook_url", "webhook_secret", "listen_host", "listen_port", "replica_name", "keep_misses", "retention_days",
    }
)  # fmt: skip


class FolderSettings(Protocol):
    """The settings that name folders."""

    @property
    def knowledge_dir(self) -> Path | None:
        """The knowledge folder."""

    @property
    def cache_dir(self) -> Path | None:
        """Where what was learned is kept."""


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


def packaged_knowledge() -> Path:
    """Return the knowledge that came with the code: in a wheel beside it, in a checkout one folder up."""
    inside = Path(__file__).parent / "packaged_knowledge"
    return inside if inside.is_dir() else Path(__file__).absolute().parent.parent / "knowledge"
