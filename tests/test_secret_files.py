"""Secrets that come as files: which one counts, which are refused, and that none is shown."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import secret_files
from bot.config import read_settings
from bot.errors import ConfigError
from bot.secret_files import SECRETS

FILE, SYSTEMD, CONTAINER, ENVIRONMENT, DOTENV = "1:from-a-file", "2:from-systemd", "3:from-a-container", "4:from-the-environment", "5:from-dotenv"
GOOD = {"bot_token": "1:planted-token", "database_url": "postgresql://bot:planted@db/bot", "webhook_secret": "planted-secret"}
WINDOWS = pytest.mark.skipif(os.name != "posix", reason="has no such rights")


@pytest.fixture(autouse=True)
def folders(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders for systemd's credentials and for a container's secrets, both empty."""
    for name in ("credentials", "run-secrets"):
        (nowhere / name).mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(nowhere / "credentials"))
    monkeypatch.setattr(secret_files, "CONTAINER_SECRETS", nowhere / "run-secrets")
    return nowhere


def write(path: Path, content: str | bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def value(name: str = "bot_token") -> str | None:
    held = getattr(read_settings(), name)
    return None if held is None else str(held.get_secret_value())


# --- which one counts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "counts"),
    [
        ("file systemd container environment dotenv", FILE),
        ("systemd container environment dotenv", SYSTEMD),
        ("container environment dotenv", CONTAINER),
        ("environment dotenv", ENVIRONMENT),
        ("dotenv", DOTENV),
        ("", None),
    ],
)
@pytest.mark.parametrize("named_in", ["environment", ".env"])
def test_the_nearest_place_counts(there: str, counts: str | None, named_in: str, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places, lines = there.split(), []
    if "file" in places:
        path = write(folders / "named", FILE)
        if named_in == ".env":
            lines.append(f"BOT_TOKEN_FILE={path}")
        else:
            monkeypatch.setenv("BOT_TOKEN_FILE", str(path))
    if "systemd" in places:
        write(folders / "credentials" / "bot_token", SYSTEMD)
    if "container" in places:
        write(folders / "run-secrets" / "bot_token", CONTAINER)
    if "environment" in places:
        monkeypatch.setenv("BOT_TOKEN", ENVIRONMENT)
    if "dotenv" in places:
        lines.append(f"BOT_TOKEN={DOTENV}")
    write(folders / ".env", "\n".join(lines))

    assert value() == counts


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("place", ["named", "credentials", "run-secrets"])
def test_each_secret_may_come_as_a_file(name: str, place: str, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if place == "named":
        monkeypatch.setenv(f"{name.upper()}_FILE", str(write(folders / "any name", GOOD[name])))
    else:
        write(folders / place / name, GOOD[name])

    assert value(name) == GOOD[name]
    assert [value(other) for other in SECRETS if other != name] == [None, None]
    assert "planted" not in repr(read_settings())


def test_the_environment_says_before_dotenv_which_file_it_is(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folders / ".env", f"BOT_TOKEN_FILE={write(folders / 'one', '1:one')}")
    monkeypatch.setenv("BOT_TOKEN_FILE", str(write(folders / "two", "2:two")))

    assert value() == "2:two"


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_name_names_no_file(blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN_FILE", blank)
    monkeypatch.setenv("BOT_TOKEN", ENVIRONMENT)

    assert value() == ENVIRONMENT


def test_without_systemd_a_containers_secret_is_found(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    write(folders / "run-secrets" / "bot_token", CONTAINER)

    assert value() == CONTAINER


def test_a_folder_of_that_name_is_no_secret(folders: Path) -> None:
    (folders / "run-secrets" / "bot_token").mkdir()

    assert value() is None


def test_a_file_may_be_named_from_home(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folders))
    monkeypatch.setenv("BOT_TOKEN_FILE", "~/token")
    write(folders / "token", FILE)

    assert value() == FILE


# --- how it is written -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [FILE, f"{FILE}\n", f"{FILE}\r\n", f"{FILE}\n\n", b"\xef\xbb\xbf" + FILE.encode()])
def test_the_line_break_at_the_end_is_no_part_of_it(content: str | bytes, folders: Path) -> None:
    write(folders / "run-secrets" / "bot_token", content)

    assert value() == FILE


@given(secret=st.text("abcXYZ019_-", min_size=1, max_size=256), end=st.sampled_from(["", "\n", "\r\n"]))
def test_what_is_in_the_file_is_what_is_used(secret: str, end: str, folders: Path) -> None:
    write(folders / "run-secrets" / "webhook_secret", secret + end)

    assert value("webhook_secret") == secret


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "empty"),
        ("\n", "empty"),
        ("  \n", "empty"),
        ("1:planted\n2:planted", "only line"),
        ("1:planted\r2:planted", "only line"),
        ("1:" + "planted" * 1000, "only line"),
        (b"1:planted\xff", "UTF-8"),
        ("planted", "BOT_TOKEN: that is no bot token"),
    ],
    ids=["empty", "a line break", "blanks", "two lines", "two lines of old", "endless", "other bytes", "no token"],
)
@pytest.mark.parametrize("place", ["named", "credentials", "run-secrets"])
def test_a_file_that_holds_no_secret_is_refused_unseen(
    place: str, content: str | bytes, said: str, folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if place == "named":
        monkeypatch.setenv("BOT_TOKEN_FILE", str(write(folders / "token", content)))
    else:
        write(folders / place / "bot_token", content)
    with pytest.raises(ConfigError, match=said) as caught:
        read_settings()

    assert str(caught.value).startswith("BOT_TOKEN")
    assert "planted" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("named", ["1:planted-token", "/nowhere/planted", "planted\0token", "~nobody-of-this-name/planted"])
def test_a_file_that_is_not_there_is_refused_and_not_named(named: str, folders: Path) -> None:
    """Who mistakes BOT_TOKEN_FILE for BOT_TOKEN writes the token there."""
    write(folders / ".env", f"BOT_TOKEN_FILE={named}")
    with pytest.raises(ConfigError, match=r"^BOT_TOKEN_FILE: ") as caught:
        read_settings()

    assert "planted" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes")
def test_neither_a_pipe_nor_a_folder_is_waited_for(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(folders / "pipe")
    for name in ("pipe", "credentials"):
        monkeypatch.setenv("BOT_TOKEN_FILE", str(folders / name))

        with pytest.raises(ConfigError, match="no file"):
            read_settings()


# --- who may read it -------------------------------------------------------------------------------------------------


@WINDOWS
@pytest.mark.parametrize(("mode", "refused"), [(0o400, False), (0o600, False), (0o640, False), (0o644, True), (0o604, True), (0o444, True)])
def test_a_file_that_everybody_may_read_is_refused(mode: int, refused: bool, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group is fine: root may own the file, and the bot's own group read it."""
    monkeypatch.setenv("BOT_TOKEN_FILE", str(write(folders / "token", FILE, mode)))
    if not refused:
        assert value() == FILE
        return

    with pytest.raises(ConfigError, match=r"^BOT_TOKEN_FILE: .*chmod o="):
        read_settings()


@WINDOWS
@pytest.mark.parametrize("place", ["credentials", "run-secrets"])
@pytest.mark.parametrize("named", [True, False])
def test_where_others_see_to_who_may_read_it_all_may(place: str, named: bool, folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker lays its secrets down for every user of the container."""
    path = write(folders / place / "bot_token", FILE, 0o444)
    if named:
        (folders / "link").symlink_to(folders / place)
        monkeypatch.setenv("BOT_TOKEN_FILE", str(folders / "link" / path.name))

    assert value() == FILE
