"""Open what a command works on: the project, its lock, the ledger, both sides. Closed again in any case."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mamigrate.errors import UsageError
from mamigrate.ledger.lock import ProjectLock
from mamigrate.ledger.store import Ledger
from mamigrate.registry import Registry
from mamigrate.settings import decisions
from mamigrate.settings.project import Project
from mamigrate.snapshot.engine import Engine
from mamigrate.stages.move import Move, Progress, sides


@contextmanager
def ledger_of(project: Project) -> Iterator[Ledger]:
    """The project's ledger, which may be a PostgreSQL database named by URL."""
    section = project.file.ledger
    url = section.url or _from_environment(section.url_env)
    try:
        ledger = Ledger(url) if url else Ledger.at(project.private / "ledger.sqlite")
    except UsageError as error:
        raise UsageError(error.problem, where="ledger.url" if section.url else section.url_env) from error
    try:
        yield ledger
    finally:
        ledger.close()


def _from_environment(variable: str) -> str:
    """A ledger that was asked for is never silently another one. Raises UsageError."""
    if variable and not os.environ.get(variable):
        raise UsageError(f"the environment variable {variable} is not set", where="ledger.url_env")
    return os.environ.get(variable, "")


@contextmanager
def move(project: Project, source: str, target: str, run_id: str, progress: Progress, ledger: Ledger) -> Iterator[Move]:
    """A move between two connections. The caller holds the project's lock."""
    registry = Registry(project.file.project.block)
    spill = project.spill
    try:
        ours, theirs = sides(project, registry, source, target)
        yield Move(
            project=project,
            source=ours,
            target=theirs,
            ledger=ledger,
            engine=Engine(spill),
            decisions=decisions.load(project.decisions_path),
            run_id=run_id,
            now=datetime.now(UTC),
            progress=progress,
        )
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def lock(project: Project) -> ProjectLock:
    return ProjectLock(project.private / "lock")


def open_project(folder: Path) -> Project:
    return Project.open(folder)
