"""What is shipped: the image, the compose file and the systemd unit, as far as their text says it."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from bot.config import Settings, read_settings
from bot.secret_files import SECRETS
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "napebot.service"


# --- the image -------------------------------------------------------------------------------------------------------


def read_containerfile(text: str) -> list[list[tuple[str, str]]]:
    """Return the instructions of each stage; what stands before the first FROM is a stage of its own."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    stages: list[list[tuple[str, str]]] = [[]]
    for line in filter(None, map(str.strip, joined.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, rest.strip()))
    return stages


@cache
def stages() -> list[list[tuple[str, str]]]:
    return read_containerfile((ROOT / "Containerfile").read_text(encoding="utf-8"))


def said(word: str, stage: int = -1) -> list[str]:
    return [rest for found, rest in stages()[stage] if found == word]


def test_the_image_is_built_in_two_stages_from_one_base() -> None:
    bases = [said("FROM", stage)[0].split()[0] for stage in (1, 2)]

    assert len(stages()) == 3
    assert bases == ["docker.io/library/python:${PYTHON}"] * 2
    assert re.fullmatch(r"PYTHON=3\.1[1-9]-slim-\w+", said("ARG", 0)[0])


def test_the_image_runs_as_nobody_in_particular() -> None:
    """By number, so that whoever forbids root can see that it is none."""
    assert [re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user) is not None for user in said("USER")] == [True]
    words = [word for word, _ in stages()[-1]]
    assert "RUN" not in words
    assert words.index("USER") > max(place for place, word in enumerate(words) if word == "COPY")


def test_nothing_is_fetched_but_what_is_hashed() -> None:
    runs = [" ".join(run.split()) for stage in stages() for word, run in stage if word == "RUN"]
    installs = [part for run in runs for part in run.split("&&") if re.search(r"\bpip\b.* (install|wheel) ", part)]

    assert [word for stage in stages() for word, _ in stage if word == "ADD"] == []
    assert not re.search(r"://|curl|wget|apt-get|git ", " ".join(runs))
    assert len(installs) == 4
    for install in installs:
        hashed = "--require-hashes --only-binary :all: -r requirements/" in install
        assert "--no-deps" in install
        assert hashed or "--no-index" in install
    assert {found for install in installs for found in re.findall(r"-r (\S+)", install)} == {"requirements/build.txt", "requirements/postgres.txt"}


def test_what_the_image_takes_is_let_in_and_nothing_else() -> None:
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").split("\n")
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    taken = {source for copy in said("COPY", 1) for source in copy.split()[:-1]}

    assert taken == let_in
    assert ignored[1] == "*"
    assert "**/.env*" in ignored[max(place for place, line in enumerate(ignored) if line.startswith("!")) :]
    assert all((ROOT / source).exists() for source in taken)
    assert (ROOT / ".dockerignore").read_bytes() == (ROOT / ".containerignore").read_bytes()


def test_no_secret_is_in_the_image() -> None:
    settings = dict(pair.split("=", 1) for line in said("ENV") for pair in line.split())

    assert not {name for name in settings if name.lower() in SECRETS}
    assert not [line for stage in stages() for word, line in stage if word in {"ARG", "ENV"} and re.search(r"(?i)token|secret|password", line)]
    assert {name.lower() for name in settings if not name.startswith(("PYTHON", "OPENBLAS"))} <= set(Settings.model_fields)


def test_what_must_outlive_a_container_is_on_volumes() -> None:
    settings = dict(pair.split("=", 1) for line in said("ENV") for pair in line.split())

    assert json.loads(said("VOLUME")[0]) == [settings["DATA_DIR"], settings["CACHE_DIR"]]
    assert [copy for copy in said("COPY") if copy.endswith(f" {settings['KNOWLEDGE_DIR']}")]
    assert [copy for copy in said("COPY") if copy.endswith(f" {settings['CACHE_DIR']}") and "--chown=10001:10001" in copy]


def test_the_image_starts_stops_and_tells_of_its_health() -> None:
    (check,) = said("HEALTHCHECK")
    command = json.loads(check.partition("CMD ")[2])

    assert said("STOPSIGNAL") == ["SIGTERM"]
    assert json.loads(said("ENTRYPOINT")[0]) == ["/opt/napebot/bin/napebot"]
    assert json.loads(said("CMD")[0]) == ["run"]
    assert "/healthz" in command[-1]
    assert not re.search("curl|wget", check)


class Healthy(BaseHTTPRequestHandler):
    """Answers as the bot does."""

    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz/live" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, code: int | str = "", size: int | str = "") -> None:
        """Say nothing."""


class Ill(Healthy):
    status = 503


def test_the_health_check_says_what_the_bot_says() -> None:
    """Its own words, against a bot that is well, one that is not, and none."""
    code = json.loads(said("HEALTHCHECK")[0].partition("CMD ")[2])[-1]

    def check(port: int) -> int:
        environment = os.environ | {"LISTEN_PORT": str(port)}
        return subprocess.run([sys.executable, "-ISc", code], env=environment, stderr=subprocess.DEVNULL, timeout=60).returncode

    codes = []
    for answers in (Healthy, Ill):
        with HTTPServer(("127.0.0.1", 0), answers) as server:
            thread = Thread(target=server.serve_forever)
            thread.start()
            codes.append(check(server.server_port))
            server.shutdown()
            thread.join()

    assert codes == [0, 1]
    assert check(server.server_port) != 0


# --- compose ---------------------------------------------------------------------------------------------------------

SERVICE_KEYS = {
    "build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "init", "logging", "mem_limit", "networks", "pids_limit",
    "ports", "read_only", "restart", "secrets", "security_opt", "shm_size", "stop_grace_period", "tmpfs", "ulimits", "user", "volumes",
}  # fmt: skip
"""Those of the compose specification that we use."""


@cache
def compose() -> Mapping[str, Any]:
    loaded = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def test_compose_is_written_with_its_own_words() -> None:
    services = compose()["services"]

    assert set(compose()) == {"name", "x-hardened", "services", "networks", "volumes", "secrets"}
    assert set(services) == {"bot", "postgres"}
    for service in services.values():
        assert set(service) <= SERVICE_KEYS
        assert set(service["secrets"]) <= set(compose()["secrets"])
        assert set(service["networks"]) <= set(compose()["networks"])
        named = {volume.split(":")[0] for volume in service["volumes"] if not volume.startswith(".")}
        assert named <= set(compose()["volumes"])


@pytest.mark.parametrize("name", ["bot", "postgres"])
def test_each_container_is_walled_in(name: str) -> None:
    service = compose()["services"][name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ulimits"] == {"core": 0}
    assert service["restart"] == "unless-stopped"
    assert service["mem_limit"]
    assert "/tmp" in service["tmpfs"]  # noqa: S108  (in the container)
    assert "privileged" not in service


def test_nothing_can_be_reached_from_outside_but_the_bot_and_that_from_this_machine() -> None:
    bot, postgres = compose()["services"]["bot"], compose()["services"]["postgres"]

    assert "ports" not in postgres
    assert postgres["networks"] == ["inside"]
    assert compose()["networks"]["inside"] == {"internal": True}
    assert all(port.startswith("127.0.0.1:") for port in bot["ports"])


def test_secrets_come_as_files() -> None:
    bot, postgres = compose()["services"]["bot"], compose()["services"]["postgres"]

    assert set(bot["secrets"]) <= set(SECRETS)
    assert postgres["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/database_password"
    assert all(set(secret) == {"file"} for secret in compose()["secrets"].values())
    for service in (bot, postgres):
        assert not [name for name in service["environment"] if re.search("TOKEN|SECRET|PASSWORD$|DATABASE_URL", name)]


def test_the_bot_waits_for_a_healthy_database_and_keeps_what_it_must() -> None:
    bot, postgres = compose()["services"]["bot"], compose()["services"]["postgres"]
    volumes = dict(volume.split(":", 1) for volume in bot["volumes"])

    assert bot["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert "pg_isready" in postgres["healthcheck"]["test"]
    assert volumes == {"./knowledge": "/knowledge:ro", "data": "/var/lib/napebot", "learned": "/var/cache/napebot"}
    assert {name.lower() for name in bot["environment"]} <= set(Settings.model_fields)
    assert int(bot["stop_grace_period"].removesuffix("s")) > 10


@pytest.mark.usefixtures("nowhere")
def test_what_compose_sets_when_nobody_sets_anything_makes_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in compose()["services"]["bot"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value))

    settings = read_settings()
    assert (settings.webhook_url, settings.listen_host, settings.keep_misses) == (None, "0.0.0.0", False)


def test_git_keeps_no_secret() -> None:
    """Compose reads them from ./secrets."""
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()

    assert ".env" in ignored
    assert "secrets/" in ignored


# --- systemd ---------------------------------------------------------------------------------------------------------


@cache
def unit() -> dict[str, list[str]]:
    settings: dict[str, list[str]] = {}
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            settings.setdefault(name, []).append(value)
    return settings


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("User", ["napebot"]),
        ("NoNewPrivileges", ["yes"]),
        ("CapabilityBoundingSet", [""]),
        ("AmbientCapabilities", [""]),
        ("ProtectSystem", ["strict"]),
        ("ProtectHome", ["yes"]),
        ("PrivateUsers", ["yes"]),
        ("MemoryDenyWriteExecute", ["yes"]),
        ("SystemCallFilter", ["@system-service", "~@privileged @resources"]),
        ("RestrictNamespaces", ["yes"]),
        ("UMask", ["0077"]),
        ("LimitCORE", ["0"]),
        ("MemorySwapMax", ["0"]),
        ("LoadCredential", ["bot_token:/etc/napebot/bot_token"]),
        ("Restart", ["on-failure"]),
        ("RestartPreventExitStatus", ["2"]),
        ("KillSignal", ["SIGTERM"]),
    ],
)
def test_the_unit_has_its_walls(name: str, values: list[str]) -> None:
    assert unit()[name] == values


def test_the_unit_leaves_time_to_finish_and_room_on_a_small_server() -> None:
    assert int(unit()["TimeoutStopSec"][0]) > 10
    assert int(unit()["MemoryMax"][0].removesuffix("M")) <= 448


def test_the_unit_hands_over_only_what_is_no_secret() -> None:
    names = {pair.partition("=")[0].lower() for line in unit()["Environment"] for pair in line.split() if not pair.startswith(("PYTHON", "OPENBLAS"))}

    assert names
    assert names <= set(Settings.model_fields) - set(SECRETS)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_finds_little_exposure() -> None:
    """1.5 of 10 at most; 1.1 with systemd 252."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=15", str(UNIT)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)

    found = re.search(r"Overall exposure level for napebot\.service: ([\d.]+)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= 1.5
    assert done.returncode == 0


@pytest.mark.usefixtures("nowhere")
def test_the_settings_that_come_with_the_unit_make_sense(caplog: pytest.LogCaptureFixture) -> None:
    Path(".env").write_bytes((DEPLOY / "napebot.env").read_bytes())
    Path(".env").chmod(0o644)
    settings = read_settings()

    assert (settings.data_dir, settings.cache_dir) == (Path("/var/lib/napebot"), Path("/var/cache/napebot"))
    assert settings.listen_port == 8080
    assert caplog.records == []
