"""A project with a plan and its snapshots, made once: what the benchmarks without a network work on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import process, vendors
from mamigrate.cli import workspace
from mamigrate.ledger.tables import Run
from mamigrate.settings.project import Project
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import prepare
from mamigrate.stages.move import Move, silent
from mamigrate.stages.prepare import Prepared

PEOPLE = 6_000


@dataclass(frozen=True, slots=True)
class Opened:
    """The planned move, to be opened while its vendors are ``served``."""

    move: Move
    run: Run
    source: Snapshot
    target: Snapshot
    prepared: Prepared


@contextmanager
def served(work: Path, people: int = PEOPLE) -> Iterator[Path]:
    """The project's folder, while its vendors answer: what a target takes is asked of it. Raises RuntimeError when the
    plan fails.
    """
    folder = work / f"planned-{people}"
    with vendors.pair(folder, people) as pair:
        if not (folder / "planned").exists():
            done = process.run(pair.command("plan", "--json"))
            if done.code not in (0, 3):
                raise RuntimeError(
                    f"the plan ended with {done.code}: {done.complained.decode(errors='replace')[-2000:]}"
                )
            (folder / "planned").touch()
        yield folder


@contextmanager
def opened(folder: Path) -> Iterator[Opened]:
    """The project's last plan as values."""
    project = Project.open(folder)
    with workspace.ledger_of(project) as ledger:
        run = ledger.runs()[0]
        with workspace.move(project, "hubspot", "marketo", run.id, silent, ledger) as move:
            source = Snapshot.open(project.snapshots / run.source_snapshot)
            target = Snapshot.open(project.snapshots / run.target_snapshot)
            yield Opened(move, run, source, target, prepare.prepare(move, source, target))
