"""Settings: where they come from, what is refused, and what an error never shows."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot import folders
from bot.config import Settings, read_settings
from bot.errors import ConfigError
from bot.folders import cache_folder, knowledge_folder, packaged_knowledge, read_folder_settings
from tests.conftest import ROOT

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
    assert written not in told
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


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding_is_said_to_be(encoding: str) -> None:
    Path(".env").write_bytes("BOT_TOKEN=geheimnisträger\n".encode(encoding))
    with pytest.raises(ConfigError, match=r"\.env.*UTF-8") as caught:
        read_settings()

    assert "geheimnis" not in str(caught.value)


def test_the_token_does_not_show() -> None:
    dotenv(f"BOT_TOKEN={TOKEN}\n")
    settings = read_settings()

    assert settings.bot_token is not None
    assert settings.bot_token.get_secret_value() == TOKEN
    for shown in (str(settings), repr(settings), settings.model_dump_json(), f"{settings.bot_token}"):
        assert TOKEN not in shown


def test_settings_do_not_change_once_read() -> None:
    settings = read_settings()

    with pytest.raises(ValidationError):
        settings.log_level = "DEBUG"  # type: ignore[misc]


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


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - {"knowledge_dir", "cache_dir"}))
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
