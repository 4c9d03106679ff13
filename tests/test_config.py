"""Settings: where they come from, what is refused, and what an error never shows."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot import folders
from bot.config import Settings, read_settings
from bot.errors import ConfigError
from bot.folders import cache_folder, data_folder, database_url, key_file, knowledge_folder, packaged_knowledge, read_folder_settings
from tests.conftest import ROOT

CANNOT_BE_WRONG = {"data_dir", "key_file", "listen_host", "replica_name"}
"""By what these tests write, that is."""
TOKEN = "123456:the-secret-of-the-bot"

pytestmark = pytest.mark.usefixtures("nowhere")


def dotenv(text: str) -> None:
    Path(".env").write_text(text, encoding="utf-8")


def test_nothing_needs_to_be_set() -> None:
    settings = read_settings()

    assert settings.bot_token is None
    assert settings.admin_ids == frozenset()
    assert settings.knowledge_dir is None
    assert settings.api_base_url == "https://api.telegram.org"
    assert (settings.log_level, settings.poll_timeout_s) == ("INFO", 30)


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("admin_ids", "12", {12}),
        ("admin_ids", "12,34", {12, 34}),
        ("admin_ids", " 12 ,  34, ", {12, 34}),
        ("admin_ids", "12,12", {12}),
        ("admin_ids", "", set()),
        ("admin_ids", " , ", set()),
        ("bot_token", TOKEN, SecretStr(TOKEN)),
        ("bot_token", "", None),
        ("bot_token", "  ", None),
        ("knowledge_dir", "my topic/knowledge", Path("my topic/knowledge")),
        ("knowledge_dir", "", None),
        ("cache_dir", "kept", Path("kept")),
        ("cache_dir", "", None),
        ("api_base_url", "http://localhost:8081", "http://localhost:8081"),
        ("log_level", "debug", "DEBUG"),
        ("poll_timeout_s", "0", 0),
        ("poll_timeout_s", "50", 50),
        ("log_format", "json", "json"),
        ("data_dir", "kept", Path("kept")),
        ("data_dir", " ", None),
        ("database_url", "postgresql://bot:secret@db:5432/bot", SecretStr("postgresql://bot:secret@db:5432/bot")),
        ("database_url", "postgres:///bot?host=/run/postgresql", SecretStr("postgres:///bot?host=/run/postgresql")),
        ("database_url", "sqlite:relative/bot.db", SecretStr("sqlite:relative/bot.db")),
        ("database_url", "sqlite:/var/bot.db", SecretStr("sqlite:/var/bot.db")),
        ("database_url", "memory:", SecretStr("memory:")),
        ("database_url", "", None),
        ("key_file", "kept/key", Path("kept/key")),
        ("key_file", "", None),
        ("webhook_url", "https://bot.example.org/telegram", "https://bot.example.org/telegram"),
        ("webhook_url", " https://bot.example.org ", "https://bot.example.org"),
        ("webhook_url", "https://bot.example.org:8443/t", "https://bot.example.org:8443/t"),
        ("webhook_url", "https://[2001:db8::1]:443/t", "https://[2001:db8::1]:443/t"),
        ("webhook_url", "", None),
        ("webhook_secret", "a", SecretStr("a")),
        ("webhook_secret", "aZ09_-" * 42 + "aaaa", SecretStr("aZ09_-" * 42 + "aaaa")),
        ("webhook_secret", "", None),
        ("listen_host", "0.0.0.0", "0.0.0.0"),
        ("listen_port", "1", 1),
        ("listen_port", "65535", 65535),
        ("listen_port", "", None),
        ("replica_name", "left", "left"),
        ("replica_name", " ", None),
        ("keep_misses", "true", True),
        ("retention_days", "1", 1),
    ],
)
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_a_setting_is_read(place: str, name: str, written: str, meant: object, monkeypatch: pytest.MonkeyPatch) -> None:
    if place == ".env":
        dotenv(f'{name.upper()}="{written}"\n')
    else:
        monkeypatch.setenv(name.upper(), written)

    assert getattr(read_settings(), name) == meant


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    dotenv("ADMIN_IDS=1\nPOLL_TIMEOUT_S=7\n")
    monkeypatch.setenv("ADMIN_IDS", "2")
    settings = read_settings()

    assert (settings.admin_ids, settings.poll_timeout_s) == (frozenset({2}), 7)


def test_the_file_may_hold_what_is_not_ours() -> None:
    dotenv("# a comment\nSOMETHING_ELSE=1\nBOT_TOKEN=1:x\n")

    assert read_settings().bot_token == SecretStr("1:x")


def test_the_file_can_be_left_out() -> None:
    dotenv("ADMIN_IDS=1\n")

    assert read_settings(None).admin_ids == frozenset()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("ADMIN_IDS", "12;34"),
        ("ADMIN_IDS", "anneliese"),
        ("ADMIN_IDS", "12,bertram"),
        ("ADMIN_IDS", "[12]"),
        ("LOG_LEVEL", "CHATTERING"),
        ("POLL_TIMEOUT_S", "soonish"),
        ("POLL_TIMEOUT_S", "-17"),
        ("POLL_TIMEOUT_S", "5117"),
        ("LOG_FORMAT", "xml17"),
        ("DATABASE_URL", "mysql://bot:hunter2@db/bot"),
        ("DATABASE_URL", "hunter2"),
        ("DATABASE_URL", "postgresql:bot:hunter2@db/bot"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "sqlite:///var/hunter2.db"),
        ("DATABASE_URL", "sqlite:"),
        ("DATABASE_URL", "memory:hunter2"),
        ("KEY_FILE", "/"),
        ("WEBHOOK_URL", "http://bot.hunter2.org/telegram"),
        ("WEBHOOK_URL", "bot.hunter2.org/telegram"),
        ("WEBHOOK_URL", "https:///hunter2"),
        ("WEBHOOK_URL", "https://bot.example.org/tele hunter2"),
        ("WEBHOOK_URL", "https://bot.example.org/telegram?token=hunter2"),
        ("WEBHOOK_URL", "https://bot.example.org/telegram#hunter2"),
        ("WEBHOOK_URL", "https://hunter2@bot.example.org/telegram"),
        ("WEBHOOK_URL", "https://bot.example.org:8081/hunter2"),
        ("WEBHOOK_URL", "https://bot.example.org:hunter2/telegram"),
        ("WEBHOOK_URL", "https://[hunter2/telegram"),
        ("WEBHOOK_SECRET", "hunter 2"),
        ("WEBHOOK_SECRET", "hunter:2"),
        ("WEBHOOK_SECRET", "h" * 257),
        ("LISTEN_PORT", "-17"),
        ("LISTEN_PORT", "655366"),
        ("LISTEN_PORT", "hunter2"),
        ("KEEP_MISSES", "hunter2"),
        ("RETENTION_DAYS", "-17"),
    ],
)
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_a_bad_setting_is_named_and_its_value_is_not(place: str, name: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if place == ".env":
        dotenv(f"BOT_TOKEN={TOKEN}\n{name}={written}\n")
    else:
        monkeypatch.setenv("BOT_TOKEN", TOKEN)
        monkeypatch.setenv(name, written)
    with pytest.raises(ConfigError) as caught:
        read_settings()

    told = str(caught.value)
    assert told.startswith(f"{name}: ")
    assert ".env.example" in told
    assert written in {"/", "postgresql://", "sqlite:"} or written not in told  # these the advice names too
    assert "hunter2" not in told
    assert TOKEN not in told
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "written",
    ["123456:the secret", "123456:the-secret\n", "\t123456:the-secret", "123456", ":the-secret", "123456:", "bot123456:the-secret", "1:a b"],
)
def test_a_token_that_can_be_none_is_refused_and_not_shown(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", written)
    with pytest.raises(ConfigError, match=r"^BOT_TOKEN: .*@BotFather") as caught:
        read_settings()

    assert written.strip() not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_all_bad_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("POLL_TIMEOUT_S", "long")

    with pytest.raises(ConfigError, match=r"(?s)LOG_LEVEL: .*POLL_TIMEOUT_S: "):
        read_settings()


@pytest.mark.parametrize("lent", ["1087968824", "777000", "136817688"])
def test_ids_that_telegram_lends_to_many_are_no_admins(lent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_IDS", f"12,{lent}")

    with pytest.raises(ConfigError, match=r"^ADMIN_IDS: .*\bno person\b.*/id"):
        read_settings()


def test_a_bot_api_server_of_ones_own_delivers_to_any_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_BASE_URL", "http://localhost:8081")
    monkeypatch.setenv("WEBHOOK_URL", "https://bot.example.org:9443/telegram")

    assert read_settings().webhook_url == "https://bot.example.org:9443/telegram"


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding_is_said_to_be(encoding: str) -> None:
    Path(".env").write_bytes("BOT_TOKEN=geheimnisträger\n".encode(encoding))
    with pytest.raises(ConfigError, match=r"\.env.*UTF-8") as caught:
        read_settings()

    assert "geheimnis" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "secret"), [("bot_token", TOKEN), ("database_url", "postgresql://bot:hunter2@db/bot"), ("webhook_secret", "hunter2-and-more")]
)
def test_a_secret_does_not_show(name: str, secret: str) -> None:
    dotenv(f"{name.upper()}={secret}\n")
    settings = read_settings()

    held = getattr(settings, name)
    assert held.get_secret_value() == secret
    for shown in (str(settings), repr(settings), settings.model_dump_json(), f"{held}"):
        assert secret not in shown


def test_settings_do_not_change_once_read() -> None:
    settings = read_settings()

    with pytest.raises(ValidationError):
        settings.log_level = "DEBUG"  # type: ignore[misc]


# --- what is odd about .env -------------------------------------------------------------------------------------------


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    read_settings()
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("BOT_TOKN=hunter2", ["BOT_TOKN", "BOT_TOKEN?"]),
        ("bot_tokn=hunter2", ["BOT_TOKN", "BOT_TOKEN?"]),
        ("export ADMIN_ID=12", ["ADMIN_ID", "ADMIN_IDS?"]),
        ("TELEGRAM_APIKEY=hunter2", ["TELEGRAM_APIKEY"]),
        ("123456:hunter2", [".env", "not NAME=value"]),
        ("hunter2", [".env", "not NAME=value"]),
        ("1:hunter2=", [".env", "not NAME=value"]),
    ],
)
def test_a_name_that_means_nothing_is_told_and_no_value(line: str, told: list[str], caplog: pytest.LogCaptureFixture) -> None:
    dotenv(f"LOG_LEVEL=DEBUG\n{line}\n")
    (warning,) = warned(caplog)

    assert [part for part in told if part not in warning] == []
    assert "hunter2" not in warning
    assert "LOG_LEVEL" not in warning


@pytest.mark.parametrize("line", ["", "# BOT_TOKN=1", "bot_token=", "POSTGRES_PASSWORD=1", "NAPEBOT_PORTS=8080-8089"])
def test_what_means_something_to_us_or_to_compose_is_no_concern(line: str, caplog: pytest.LogCaptureFixture) -> None:
    dotenv(f"{line}\n")

    assert warned(caplog) == []


@pytest.mark.parametrize("secret", ["BOT_TOKEN=1:x", "DATABASE_URL=memory:", "WEBHOOK_SECRET=x"])
@pytest.mark.parametrize(("mode", "concerns"), [(0o600, False), (0o640, True), (0o604, True), (0o644, True)])
def test_a_file_with_secrets_that_others_may_read_is_told_of(secret: str, mode: int, concerns: bool, caplog: pytest.LogCaptureFixture) -> None:
    dotenv(f"{secret}\n")
    Path(".env").chmod(mode)
    warnings = warned(caplog)

    assert len(warnings) == concerns
    assert all("chmod 600" in warning and "1:x" not in warning for warning in warnings)


def test_a_file_without_secrets_may_be_read_by_all(caplog: pytest.LogCaptureFixture) -> None:
    dotenv("LOG_LEVEL=DEBUG\nBOT_TOKEN=\n")
    Path(".env").chmod(0o644)

    assert warned(caplog) == []


# --- the settings that name folders ----------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["", "  ", "kept", " kept ", "~/kept", "a=b # c"])
@pytest.mark.parametrize("name", ["KNOWLEDGE_DIR", "knowledge_dir", "CACHE_DIR", "Cache_Dir"])
@pytest.mark.parametrize("in_file", ["", "CACHE_DIR=other\nKNOWLEDGE_DIR='an other'\n"], ids=["no file", "a file"])
def test_read_by_themselves_the_folders_are_those_of_all_settings(name: str, written: str, in_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, written)
    if in_file:
        dotenv(in_file)
    alone, among_all = read_folder_settings(), read_settings()

    assert (alone.knowledge_dir, alone.cache_dir) == (among_all.knowledge_dir, among_all.cache_dir)


def test_who_only_asks_for_folders_knows_of_all_other_settings() -> None:
    assert set(Settings.model_fields) - {"knowledge_dir", "cache_dir"} == folders._OTHERS


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - {"knowledge_dir", "cache_dir", *CANNOT_BE_WRONG}))
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_who_only_asks_for_folders_hears_of_bad_settings_too(place: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if place == ".env":
        dotenv(f"{name}=\\\\\n")
    else:
        monkeypatch.setenv(name, "\\\\")

    with pytest.raises(ConfigError, match=f"^{name.upper()}: "):
        read_folder_settings()


# --- the knowledge folder -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "setting", "here", "used"),
    [
        ("named", "set", True, "named"),
        ("named", "", False, "named"),
        (None, "set", True, "set"),
        (None, "set", False, "set"),
        (None, "", True, "knowledge"),
        (None, "", False, None),
    ],
    ids=["option over setting", "option", "setting over ./knowledge", "setting", "./knowledge", "packaged"],
)
def test_the_nearest_word_on_the_knowledge_folder_counts(
    named: str | None, setting: str, here: bool, used: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KNOWLEDGE_DIR", setting)
    if here:
        Path("knowledge/entries").mkdir(parents=True)
    folder = knowledge_folder(read_settings(), Path(named) if named else None)

    assert folder == (Path(used) if used else packaged_knowledge())


def test_a_folder_called_knowledge_without_entries_is_something_else() -> None:
    Path("knowledge").mkdir()

    assert knowledge_folder(read_settings()) == packaged_knowledge()


def test_in_a_checkout_the_packaged_knowledge_is_the_one_beside_the_code() -> None:
    assert packaged_knowledge().samefile(ROOT / "knowledge")


def test_in_a_wheel_the_packaged_knowledge_lies_within(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = nowhere / "bot" / "packaged_knowledge"
    inside.mkdir(parents=True)
    monkeypatch.setattr(folders, "__file__", str(nowhere / "bot" / "folders.py"))

    assert packaged_knowledge() == inside


# --- the cache folder -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "cache_home", "used"),
    [("kept", "/somewhere", "kept"), ("", "/somewhere", "/somewhere/napebot"), ("", "", "~/.cache/napebot")],
    ids=["the setting", "the user's cache folder", "where that mostly is"],
)
def test_what_was_learned_is_kept_in_the_folder_set_or_the_users_own(
    setting: str, cache_home: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CACHE_DIR", setting)
    monkeypatch.setenv("XDG_CACHE_HOME", cache_home)

    assert cache_folder(read_settings()) == Path(used).expanduser()


# --- where things are kept -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "data_home", "used"),
    [("kept", "/somewhere", "kept"), ("~/kept", "", "~/kept"), ("", "/somewhere", "/somewhere/napebot"), ("", "", "~/.local/share/napebot")],
    ids=["the setting", "the setting, at home", "the user's data folder", "where that mostly is"],
)
def test_the_database_and_the_key_are_in_the_folder_set_or_the_users_own(
    setting: str, data_home: str, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", setting)
    monkeypatch.setenv("XDG_DATA_HOME", data_home)
    settings, folder = read_settings(), Path(used).expanduser()

    assert data_folder(settings) == folder
    assert database_url(settings) == f"sqlite:{folder}/napebot.sqlite3"
    assert key_file(settings) == folder / "key"


def test_the_database_and_the_key_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", " postgresql://bot:secret@db/bot ")
    monkeypatch.setenv("KEY_FILE", "~/keys/bot")
    settings = read_settings()

    assert database_url(settings) == "postgresql://bot:secret@db/bot"
    assert key_file(settings) == Path("~/keys/bot").expanduser()


def test_a_user_without_a_home_is_asked_for_a_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", _no_home)

    with pytest.raises(ConfigError, match=r"^DATA_DIR: "):
        data_folder(read_settings(None))


def test_a_user_without_a_home_keeps_nothing_that_was_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", _no_home)

    assert cache_folder(read_settings(None)) is None


def _no_home(path: Path) -> Path:
    raise RuntimeError("Could not determine home directory.")


# --- the example file -----------------------------------------------------------------------------------------------


def example() -> str:
    return (ROOT / ".env.example").read_text(encoding="utf-8")


def test_the_example_names_each_setting_once_and_no_other() -> None:
    names = re.findall(r"^#?\s*([A-Za-z_]+)=", example(), re.MULTILINE)

    assert sorted(names) == sorted(name.upper() for name in Settings.model_fields)


def test_the_example_is_what_one_gets_without_it() -> None:
    without = read_settings()
    dotenv(example())

    assert read_settings() == without


def test_each_setting_of_the_example_has_its_line_of_explanation() -> None:
    blocks = [block for block in example().split("\n\n") if "=" in block]

    assert len(blocks) == len(Settings.model_fields)
    assert all(block.startswith("# ") for block in blocks)
