"""Settings, from files of secrets, the environment and `.env`, in this order; frozen once read."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.env_file import env_file_concerns
from bot.errors import ConfigError
from bot.secret_files import SECRETS, read_secret_files

NEVER_ADMINS = frozenset({1087968824, 777000, 136817688})
"""Ids Telegram lends to others: anonymous group admins, channel forwards, posts sent as a channel."""

_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
"""What @BotFather gives; it becomes part of every URL."""
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""What Telegram takes as `secret_token`."""
_TELEGRAM = "https://api.telegram.org"
_WEBHOOK_PORTS = frozenset({None, 443, 80, 88, 8443})
"""The ports that Telegram delivers to; a Bot API server of one's own knows no such bounds."""

_log = logging.getLogger(__name__)


class Settings(BaseSettings):
    """Every setting; `.env.example` says each in a line."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    bot_token: SecretStr | None = None
    """From @BotFather. Never logged, never shown."""
    bot_token_file: Path | None = None
    """A file with the token, in place of BOT_TOKEN."""
    admin_ids: Annotated[frozenset[int], NoDecode] = Field(default=frozenset(), repr=False)
    """Telegram user ids who may send /reload, with commas between them."""
    knowledge_dir: Path | None = None
    """The knowledge folder; else `./knowledge`, else the packaged one."""
    cache_dir: Path | None = None
    """Where what was learned is kept between starts; else `napebot` in the user's cache folder."""
    api_base_url: str = _TELEGRAM
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
    database_url_file: Path | None = None
    """A file with the URL, in place of DATABASE_URL; for it holds a password."""
    key_file: Path | None = None
    """The key that people's ids are hashed with; replicas share it. Else `key` in the data folder, made where there is none."""
    webhook_url: str | None = None
    """The public https address of this bot; without one it polls."""
    webhook_secret: SecretStr | None = None
    """What Telegram sends along with each update, 1 to 256 of A-Z a-z 0-9 _ -; else it is derived from the token."""
    webhook_secret_file: Path | None = None
    """A file with that secret, in place of WEBHOOK_SECRET."""
    listen_host: str = "127.0.0.1"
    listen_port: int | None = Field(default=None, ge=1, le=65535)
    """Of /healthz and /metrics, and of the webhook; else 8080 with a webhook, and none without."""
    replica_name: str | None = None
    """How this process is called among its replicas; else the host's name and the process id."""
    knowledge_by_chat: bool = False
    """Admins may send files of entries to the bot and put them live; for a bot that runs alone on one machine."""
    keep_misses: bool = False
    """Keep questions asked in vain, redacted, for thirty days."""
    retention_days: int = Field(default=400, ge=1)
    """How long counts are kept."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (looks in one folder, and after the environment)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let a file of a secret win over the variables."""
        files = InitSettingsSource(settings_cls, init_kwargs=_secret_files(env_settings, dotenv_settings))
        return init_settings, files, env_settings, dotenv_settings

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

    @field_validator(
        "bot_token", "bot_token_file", "knowledge_dir", "cache_dir", "data_dir", "database_url", "database_url_file", "key_file",
        "webhook_url", "webhook_secret", "webhook_secret_file", "listen_port", "replica_name", mode="before",
    )  # fmt: skip
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

    @field_validator("database_url")
    @classmethod
    def _names_a_store(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_a_database_url(value.get_secret_value().strip()):
            raise ValueError("write postgresql://user:password@host/database, sqlite:/path/to/file.db, or memory: (nothing is kept on disk then)")
        return value

    @field_validator("key_file")
    @classmethod
    def _is_no_folder(cls, value: Path | None) -> Path | None:
        if value is not None and value.expanduser().is_dir():
            raise ValueError("that is a folder; name the file in it, which is made where there is none")
        return value

    @field_validator("webhook_url")
    @classmethod
    def _telegram_can_reach_it(cls, value: str | None, others: ValidationInfo) -> str | None:
        return None if value is None else _checked_webhook(value.strip(), any_port=others.data.get("api_base_url") != _TELEGRAM)

    @field_validator("webhook_secret")
    @classmethod
    def _telegram_takes_it(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _WEBHOOK_SECRET.fullmatch(value.get_secret_value()):
            raise ValueError("use 1 to 256 of A-Z a-z 0-9 _ and -, for instance what `openssl rand -hex 32` prints; or leave it out")
        return value


def _secret_files(*sources: PydanticBaseSettingsSource) -> dict[str, str]:
    """Return the secrets that are there as files; which, the *sources* say, the first that says it."""
    written = [source() for source in sources]
    paths = {name: next((str(said[f"{name}_file"]).strip() for said in written if said.get(f"{name}_file")), "") for name in SECRETS}
    return read_secret_files({name: Path(path) for name, path in paths.items() if path}, os.environ)


def _is_a_database_url(url: str) -> bool:
    kind, _, rest = url.partition(":")
    if kind == "memory":
        return not rest
    if kind == "sqlite":
        return bool(rest) and not rest.startswith("//")
    return kind in {"postgres", "postgresql"} and rest.startswith("//") and len(rest) > 2


def _checked_webhook(url: str, *, any_port: bool) -> str:
    """Return *url* if Telegram can deliver to it. Raises ValueError saying what to write instead."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its words show the address
        raise ValueError("that is no address; write one like https://bot.example.org/telegram") from None
    if parts.scheme != "https":
        raise ValueError("Telegram delivers by https alone; write https://, your domain and a path, like https://bot.example.org/telegram")
    if not parts.hostname or any(sign.isspace() for sign in url):
        raise ValueError("there is no host in it; write https://, your domain and a path, like https://bot.example.org/telegram")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("leave out the user, '?' and '#' and what follows them; WEBHOOK_SECRET is what keeps strangers out")
    if not any_port and port not in _WEBHOOK_PORTS:
        raise ValueError("Telegram delivers to the ports 443, 80, 88 and 8443 alone; let a proxy listen at 443")
    return url


def read_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Return the settings, and log what is odd about *env_file*.

    Raises ConfigError naming each setting that makes no sense, without its value.
    """
    try:
        for concern in env_file_concerns(env_file, Settings.model_fields, SECRETS) if env_file else ():
            _log.warning("%s", concern)
        return Settings(_env_file=env_file)
    except UnicodeDecodeError:
        raise ConfigError(f"{env_file} is not UTF-8 text; save it as UTF-8") from None
    except ValidationError as error:
        lines = [f"{str(problem['loc'][0]).upper()}: {problem['msg'].removeprefix('Value error, ')}" for problem in error.errors(include_input=False)]
        raise ConfigError("\n".join([*lines, "Set it right in the environment or in .env; .env.example explains each setting."])) from None
