"""What a user installs: the wheel holds the knowledge, and the locked requirements name no index."""

import importlib
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hatchling import build

from tests.conftest import ROOT

LONG_S = 300
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
HASHED = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)==(?P<version>[\w.!+]+)(?P<marker> ; [^-]+?)?(?: --hash=sha256:[0-9a-f]{64})+")


@pytest.fixture(scope="module")
def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """Built as pip builds it, without an environment of its own."""
    folder = tmp_path_factory.mktemp("dist")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        name = build.build_wheel(str(folder))
    with zipfile.ZipFile(folder / name) as opened:
        yield opened


def _below(folder: Path, pattern: str) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob(pattern) if path.is_file()}


def test_the_wheel_is_for_every_machine(wheel: zipfile.ZipFile, project: dict[str, dict[str, str]]) -> None:
    assert wheel.filename is not None
    assert Path(wheel.filename).name == f"napebot-{project['project']['version']}-py3-none-any.whl"


def test_the_wheel_holds_the_knowledge(wheel: zipfile.ZipFile) -> None:
    inside = {name.removeprefix("bot/packaged_knowledge/") for name in wheel.namelist() if name.startswith("bot/packaged_knowledge/")}

    assert {name for name in inside if name.endswith(".yaml")} == _below(ROOT / "knowledge", "*.yaml")
    assert "red_flags.yaml" in inside
    assert [name for name in inside if re.fullmatch(r"entries/[a-z-]+\.yaml", name)]


def test_the_wheel_holds_the_defaults_and_all_the_code(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())

    assert {f"bot/defaults/{name}" for name in _below(ROOT / "bot" / "defaults", "*.*")} <= names
    assert {f"bot/{name}" for name in _below(ROOT / "bot", "*.py")} <= names
    assert {f"bot/{name}" for name in _below(ROOT / "bot", "*.sql")} <= names


def test_the_wheel_holds_the_schemas_beside_the_knowledge_too_and_what_new_folders_begin_with(wheel: zipfile.ZipFile) -> None:
    """So that the first line of each knowledge file leads somewhere in the packaged copy as well."""
    names = set(wheel.namelist())
    schemas = _below(ROOT / "bot" / "schemas", "*.json")

    assert schemas
    for name in schemas:
        published = wheel.read(f"bot/schemas/{name}")
        assert wheel.read(f"bot/packaged_knowledge/.schemas/{name}") == published == (ROOT / "bot" / "schemas" / name).read_bytes()
    templates = _below(ROOT / "bot" / "templates", "*.*")
    assert "entries/first-steps.yaml" in templates
    assert {f"bot/templates/{name}" for name in templates} <= names


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    others = [name for name in wheel.namelist() if not re.match(r"bot/|napebot-[\d.]+\.dist-info/", name)]

    assert others == []
    assert [name for name in wheel.namelist() if "__pycache__" in name or name.endswith((".pyc", ".env"))] == []


def test_the_wheel_brings_the_command(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    found = re.search(r"^napebot = ([\w.]+):(\w+)$", wheel.read(name).decode(), re.MULTILINE)

    assert found is not None
    assert callable(getattr(importlib.import_module(found[1]), found[2]))


def test_an_installed_bot_answers_from_the_knowledge_it_brought(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Far from any checkout."""
    installed = tmp_path / "site"
    wheel.extractall(installed)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    settings = {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": os.environ["PATH"]}
    where = subprocess.run(
        [sys.executable, "-c", "import bot.folders as f; print(f.packaged_knowledge())"],
        cwd=elsewhere, env=settings, capture_output=True, encoding="utf-8", timeout=LONG_S, check=True,
    )  # fmt: skip
    asked = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "bot", "ask", "ice or heat?"],
        cwd=elsewhere, env=settings, capture_output=True, encoding="utf-8", timeout=LONG_S,
    )  # fmt: skip

    assert Path(where.stdout.strip()) == installed / "bot" / "packaged_knowledge"
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "[More]" in asked.stdout


# --- the version ----------------------------------------------------------------------------------------------------


def test_the_version_is_the_newest_of_the_changelog(project: dict[str, dict[str, str]]) -> None:
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert newest is not None
    assert newest[1] == project["project"]["version"]


# --- locked requirements --------------------------------------------------------------------------------------------


def _locked(lock: Path) -> list[str]:
    """Return the requirements of *lock*, each on one line, without comments."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.MULTILINE))
    return [re.sub(r"\s+", " ", line).strip() for line in joined.splitlines() if line.strip()]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_one_version_and_its_hashes(lock: Path) -> None:
    lines = _locked(lock)
    names = [found["name"] for line in lines if (found := HASHED.fullmatch(line))]

    assert lines
    assert [line for line in lines if not HASHED.fullmatch(line)] == []
    assert len(names) == len(lines)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_names_an_index_or_an_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")

    assert not re.search(
        r"://|^\s*-[a-z-]*(index|find-links|trusted|requirement)|\bpypi\b|\w\.(org|com|net|io)\b| @ ", text, re.MULTILINE | re.IGNORECASE
    )


def test_there_is_a_lock_for_users_with_and_without_postgresql_builders_developers_and_measurers() -> None:
    assert [lock.name for lock in LOCKS] == ["bench.txt", "build.txt", "dev.txt", "postgres.txt", "run.txt"]


def _required(names: list[object]) -> set[str]:
    return {found[0].lower() for name in names if isinstance(name, str) and (found := re.match(r"[\w.-]+?(?=[<>=~!;\[ ]|$)", name))}


def test_everything_asked_for_is_locked(project: dict[str, Any]) -> None:
    needs = {
        "bench.txt": _required(project["dependency-groups"]["bench"]) | _required(project["project"]["dependencies"]),
        "run.txt": _required(project["project"]["dependencies"]),
        "postgres.txt": _required(project["project"]["dependencies"]) | _required(project["project"]["optional-dependencies"]["postgres"]),
        "build.txt": _required(project["dependency-groups"]["build"]),
        "dev.txt": _required(project["dependency-groups"]["dev"]) | _required(project["project"]["dependencies"]),
    }

    assert set(needs) == {lock.name for lock in LOCKS}
    for lock in LOCKS:
        locked = {line.split("==")[0] for line in _locked(lock)}
        assert needs[lock.name]
        assert needs[lock.name] <= locked, lock.name
