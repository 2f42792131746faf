"""The guards of the packaging: what is declared, what is shipped, what is imported, what is pinned."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
SHELVES = ("core", "adapters", "plugins", "templates")
HEAVY = ("duckdb", "ibis", "sqlmodel", "sqlalchemy", "pyarrow", "requests", "pydantic", "flask", "faker", "jinja2")
REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.",
    "crates" + ".io",
    "ruby" + "gems.org",
    "ana" + "conda.org",
)
"""In parts, so that this file does not hold what it forbids."""


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def packages(*shelves: str) -> Iterator[Path]:
    for shelf in shelves:
        yield from (folder for folder in (ROOT / shelf).iterdir() if (folder / "__init__.py").exists())


def tracked() -> list[Path]:
    """Files that git keeps, or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def name_of(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement.strip(), maxsplit=1)[0]).lower()


def dependencies() -> list[str]:
    return [name_of(one) for one in project()["project"]["dependencies"]]


# --- what is declared ------------------------------------------------------------------------------------------------


def test_every_entry_point_names_a_package_of_this_checkout() -> None:
    declared: dict[str, str] = project()["project"]["entry-points"]["mamigrate"]
    here = {folder.name for folder in packages("adapters", "plugins")}
    assert all(name.startswith("mamigrate_") for name in here)
    assert set(declared.values()) == here
    assert {point.value for point in entry_points(group="mamigrate")} == here


def test_every_package_is_under_an_import_contract() -> None:
    declared = set(project()["tool"]["importlinter"]["root_packages"])
    assert declared == {folder.name for folder in packages(*SHELVES)}


def test_every_adapter_and_plugin_is_a_stranger_to_the_others() -> None:
    contracts = project()["tool"]["importlinter"]["contracts"]
    (top, *_) = next(one for one in contracts if one["id"] == "roots")["layers"]
    assert {name.strip() for name in top.split("|")} == {folder.name for folder in packages("adapters", "plugins")}


def test_at_most_twenty_packages_are_needed_directly() -> None:
    assert 5 < len(dependencies()) <= 20


# --- what is pinned --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_pin_every_dependency_with_hashes(file: str) -> None:
    pinned = pins(file)
    assert set(dependencies()) <= set(pinned)
    assert [name for name, hashes in pinned.items() if not hashes] == []


def test_requirements_for_development_hold_every_tool() -> None:
    tools = {name_of(one) for one in project()["dependency-groups"]["dev"]}
    assert tools <= set(pins("requirements-dev.txt"))


def test_both_files_pin_the_same_versions() -> None:
    run, dev = versions("requirements.txt"), versions("requirements-dev.txt")
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


def blocks(file: str) -> Iterator[str]:
    """One requirement with its continuation lines."""
    joined = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    yield from (line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def pins(file: str) -> dict[str, list[str]]:
    return {name_of(line): re.findall(r"--hash=sha256:[0-9a-f]{64}", line) for line in blocks(file)}


def versions(file: str) -> dict[str, str]:
    return {name_of(line): line.partition("==")[2].split()[0] for line in blocks(file)}


def test_requirements_name_no_place_to_fetch_from() -> None:
    files = [*ROOT.glob("requirements*.txt"), *ROOT.glob("requirements*.in")]
    assert [
        file.name for file in files if re.search(r"://|--index|--find-links", file.read_text(encoding="utf-8"))
    ] == []


def test_no_file_names_a_registry() -> None:
    named = [(path, host) for path, text in texts() for host in REGISTRIES if host in text]
    assert [f"{path.relative_to(ROOT)}: {host}" for path, host in named] == []


# --- what is imported --------------------------------------------------------------------------------------------------


HELP = """
import sys
from mamigrate.cli.app import run
try:
    run(["--help"])
except SystemExit as end:
    assert end.code in (0, None), end.code
print("imported:", *sorted(sys.modules))
"""


def test_help_imports_nothing_heavy() -> None:
    ran = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    imported = set(ran.stdout.rpartition("imported:")[2].split())
    assert "mamigrate.cli.app" in imported
    assert sorted(set(HEAVY) & imported) == []
    inside = [name for name in imported if re.match(r"mamigrate_\w+\.", name)]
    assert inside == []


@pytest.mark.parametrize("package", sorted(packages("adapters", "plugins")), ids=lambda folder: str(folder.name))
def test_a_plugins_first_file_imports_only_the_hooks(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text(encoding="utf-8"))
    found = {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    found |= {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert found <= {"mamigrate.hookspecs", "typing", "collections.abc"}


# --- what is shipped ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names in a wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_package_and_nothing_else(wheel: set[str]) -> None:
    shipped = {name.partition("/")[0] for name in wheel}
    assert {name for name in shipped if not name.endswith(".dist-info")} == {one.name for one in packages(*SHELVES)}


def test_the_wheel_holds_what_is_no_code(wheel: set[str]) -> None:
    kinds = (".j2", ".yaml", ".tsv", "py.typed")
    data = {path for folder in packages(*SHELVES) for path in folder.rglob("*") if path.name.endswith(kinds)}
    assert len(data) > 10
    assert {"/".join(path.relative_to(ROOT).parts[1:]) for path in data} <= wheel


def test_every_package_says_that_it_is_typed(wheel: set[str]) -> None:
    assert {f"{folder.name}/py.typed" for folder in packages(*SHELVES)} <= wheel


def test_the_wheel_holds_no_tests_and_no_documents(wheel: set[str]) -> None:
    assert [name for name in wheel if name.startswith(("tests/", "docs/")) or "__pycache__" in name] == []
