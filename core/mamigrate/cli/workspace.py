"""Open what a command works on: the project, its lock, the ledger, both sides. Closed again in any case."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mamigrate import clock, private
from mamigrate.errors import Refused, UsageError
from mamigrate.ledger.lock import ProjectLock
from mamigrate.ledger.lock import at_work as at_work_here
from mamigrate.ledger.purges import purged
from mamigrate.ledger.store import Ledger
from mamigrate.registry import Registry
from mamigrate.settings import connections, decisions
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
            now=clock.now(),
            progress=progress,
        )
    except Refused as error:
        explain(error, project, registry)
        raise
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def explain(error: Refused, project: Project, registry: Registry) -> None:
    """Say where the secret of the connection comes from that a vendor refused. Missing scopes say enough."""
    if error.access and not error.missing:
        titles = {known: entry.title for known, entry in registry.adapters().items()}
        section = connections.resolve(project, error.connection, titles)
        error.fix = connections.credentials(section, error.connection, registry.adapter(section.adapter))


@contextmanager
def alone(folder: Path, *names: str, make: bool = False) -> Iterator[None]:
    """No other process may work on the project in ``folder`` meanwhile. Raises ProjectInUse; UsageError without a folder.

    ``names`` are the connections that are asked for: where they lead nowhere, a folder that is no project is left as it is.
    ``make``: a folder that is not there is made.
    """
    if not make:
        project = open_project(folder)
        if names and project.nowhere and not (folder / ".mamigrate").exists():
            sides(project, Registry(), *names)
    with ProjectLock(private.own(folder / ".mamigrate") / "lock"):
        yield


@contextmanager
def owned_ledger(project: Project) -> Iterator[Ledger]:
    """The ledger of a project that the caller has taken, and that nobody on another machine may use. Raises ProjectInUse.

    Raises UsageError where the project's personal data was destroyed: nothing can go on, be undone or be repeated there.
    """
    with ledger_of(project) as ledger, ledger.owned():
        _open_still(ledger)
        yield ledger


def _open_still(ledger: Ledger) -> None:
    last = purged(ledger.purges())
    if last is None:
        return
    if last.ended_at is None:
        told = f"a purge of this project began on {last.began_at:%Y-%m-%d} and did not come to its end"
        raise UsageError(told, where=last.run_id, fix="run `mamigrate purge --yes` again: it goes on")
    told = f"the personal data of this project was destroyed on {last.ended_at:%Y-%m-%d} by {last.who}: no move can go on, be applied, be undone or be repeated from here"
    raise UsageError(
        told,
        where=last.run_id,
        fix="begin another move in a new folder; who was denied is still known to `mamigrate purge --check`",
    )


@contextmanager
def a_ledger(project: Project, *, taken: bool) -> Iterator[Ledger]:
    """The ledger of a project whether it is closed or not; ``taken``: no other process may work on it meanwhile.

    Raises UsageError where nothing ever ran, ProjectInUse.
    """
    if not has_ledger(project):
        raise UsageError("nothing ever ran in this project", where=str(project.folder), fix=project.nowhere)
    with ExitStack() as stack:
        if taken:
            stack.enter_context(alone(project.folder))
        ledger = stack.enter_context(ledger_of(project))
        if taken:
            stack.enter_context(ledger.owned())
        yield ledger


def has_ledger(project: Project) -> bool:
    """Whether anything ever ran here. Makes nothing on disk."""
    section = project.file.ledger
    return bool(section.url or section.url_env) or (project.folder / ".mamigrate" / "ledger.sqlite").exists()


def at_work(project: Project, ledger: Ledger) -> str:
    """Who works on the project now; empty: nobody."""
    return at_work_here(project.folder / ".mamigrate" / "lock") or ledger.owner()


def open_project(folder: Path) -> Project:
    """Raises UsageError where there is no such folder: nothing is made in a place that was mistyped."""
    if not folder.is_dir():
        raise UsageError("there is no such folder: make it, or name another one with --project", where=str(folder))
    return Project.open(folder)
