"""A rig for a whole move over the wire, and a pair of vendors in memory for tiny ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pair import PLUGIN, Install, Pair, installed
from rig import BAD, Rig


@pytest.fixture(scope="session")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rig, dict[str, Any]]]:
    """One move of the messy estate, and its report. Tests look at it."""
    rig = Rig(tmp_path_factory.mktemp("moved"))
    rig.plant("annualrevenue", BAD)
    yield rig, rig.run("--unmask")
    rig.stop()


@pytest.fixture
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    made = Rig(tmp_path_factory.mktemp("project"))
    yield made
    made.stop()


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """The vendor in memory is installed, and others can be."""
    with installed(tmp_path / "site", PLUGIN) as more:
        yield more


@pytest.fixture
def pair(tmp_path: Path, install: Install, capsys: pytest.CaptureFixture[str]) -> Iterator[Pair]:
    folder = tmp_path / "project"
    folder.mkdir()
    made = Pair(folder, capsys)
    yield made
    made.close()
