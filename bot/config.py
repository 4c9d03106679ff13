"""Settings, from the environment and `.env`; frozen once read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import ConfigError

NEVER_ADMINS = frozenset({1087968824, 777000, 136817688})
"""Ids Telegram lends to others: anonymous group admins, channel forwards, posts sent as a channel."""

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
"""What @BotFather gives; it becomes part of every URL."""


class Settings(BaseSettings):
    """Every setting; `.env.example` says each in a line."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    bot_token: SecretStr | None = None
    """From @BotFather. Never logged, never shown."""
    admin_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    """Telegram user ids who may send /reload, with commas between them."""
    knowledge_dir: Path | None = None
    """The knowledge folder; else `./knowledge`, else the packaged one."""
    cache_dir: Path | None = None
    """Where what was learned is kept between starts; else `napebot` in the user's cache folder."""
    api_base_url: str = "https://api.telegram.org"
    """Where the Bot API is; a local Bot API server, or a test."""
    log_level: str = "INFO"
    log_format: Literal["auto", "json", "text"] = "auto"
    """`auto`: JSON lines unless a terminal reads them."""
    poll_timeout_s: int = Field(default=30, ge=0, le=50)
    """How long one getUpdates waits for news."""
    data_dir: Path | None = None
    """Where the database and the key are; else `napebot` in the user's data folder."""
    database_url: SecretStr | None = None
    """`postgresql://...`, `sqlite:PATH`, or `memory:` for nothing on disk; else SQLite in the data folder."""
    key_file: Path | None = None
    """The key that people's ids are hashed with; replicas share it. Else `key` in the data folder, made where there is none."""
    webhook_url: str | None = None
    """The public https address of this bot; without one it polls."""
    webhook_secret: SecretStr | None = None
    """What Telegram sends along with each update, 1 to 256 of A-Z a-z 0-9 _ -; else it is derived from the token."""
    listen_host: str = "127.0.0.1"
    listen_port: int | None = Field(default=None, ge=1, le=65535)
    """Of /healthz and /metrics, and of the webhook; else 8080 with a webhook, and none without."""
    replica_name: str | None = None
    """How this process is called among its replicas; else the host's name and the process id."""
    keep_misses: bool = False
    """Keep questions asked in vain, redacted, for thirty days."""
    retention_days: int = Field(default=400, ge=1)
    """How long counts are kept."""

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("admin_ids")
    @classmethod
    def _real_people(cls, value: frozenset[int]) -> frozenset[int]:
        lent = sorted(value & NEVER_ADMINS)
        if lent:
            raise ValueError(f"{lent[0]} is no person's id: Telegram lends it to many; send the bot /id in a private chat to see your own")
        return value

    @field_validator("bot_token", "knowledge_dir", "cache_dir", "data_dir", "database_url", "key_file", "webhook_url", "webhook_secret", mode="before")
    @classmethod
    def _blank_is_none(cls, value: object) -> object:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("bot_token")
    @classmethod
    def _like_a_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError("that is no bot token: write it as @BotFather gave it, digits, a colon and letters, with no space or line break")
        return value

    @field_validator("api_base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("write an address that begins with https:// or http://")
        return value.rstrip("/")

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return value.upper()


def read_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Return the settings. Raises ConfigError naming each setting that makes no sense, without its value."""
    try:
        return Settings(_env_file=env_file)
    except UnicodeDecodeError:
        raise ConfigError(f"{env_file} is not UTF-8 text; save it as UTF-8") from None
    except ValidationError as error:
        lines = [f"{str(problem['loc'][0]).upper()}: {problem['msg'].removeprefix('Value error, ')}" for problem in error.errors(include_input=False)]
        raise ConfigError("\n".join([*lines, "Set it right in the environment or in .env; .env.example explains each setting."])) from None
