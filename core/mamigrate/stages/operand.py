"""What a command compares: a connection that is read now, or something that was kept of one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from mamigrate.errors import UsageError
from mamigrate.ledger.store import Ledger
from mamigrate.model.kinds import Kind
from mamigrate.settings.project import Project
from mamigrate.snapshot.folder import Snapshot

PLAN = "plan:"
LAST = "@last"


@dataclass(frozen=True, slots=True)
class Operand:
    """``name`` is the connection's. ``kept`` None: it is read afresh."""

    name: str
    kept: Snapshot | None = None


def operand(project: Project, text: str) -> Operand:
    """``NAME``, ``NAME@last``, ``NAME@<snapshot>``, a snapshot's folder, or ``plan:<id>`` for what that plan had read.

    Raises UsageError where there is no such thing.
    """
    if text.startswith(PLAN):
        return _of_plan(project, text.removeprefix(PLAN))
    if is_folder(text):
        return _of(Snapshot.open(Path(text), project.cipher))
    name, at, which = text.partition("@")
    if not at:
        return Operand(name)
    found = _last(project, name) if which == "last" else _named(project, which)
    if found is None or found.manifest.connection != name:
        raise UsageError(f"there is no snapshot {which} of {name} that holds people", where=text)
    return _of(found)


def is_folder(text: str) -> bool:
    """Whether an operand is a snapshot's folder."""
    return (Path(text) / "manifest.json").is_file()


def require_last(ledger: Ledger, text: str, found: Operand) -> None:
    """Raises UsageError where ``NAME@last`` was read before something was written there: a move reads its target first.

    A snapshot that is named itself is compared as it is.
    """
    if not text.endswith(LAST) or found.kept is None:
        return
    kept = found.kept.manifest
    read = _utc(kept.landed_at or kept.began_at)
    for run in ledger.runs():
        ended = _utc(run.ended_at) if run.ended_at else None
        if run.target == found.name and (ended is None or ended > read) and ledger.wrote(run.id):
            problem = f"the last snapshot of {found.name} was taken before {run.command} {run.id} wrote there"
            fix = f"compare {found.name} itself, as it is now: mamigrate consent OLD {found.name}"
            raise UsageError(f"{problem}, so it shows nothing of that", where=text, fix=fix)


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of(kept: Snapshot) -> Operand:
    return Operand(kept.manifest.connection, kept)


def _of_plan(project: Project, id: str) -> Operand:
    path = project.plans / Path(id).name / "plan.json"
    if not path.is_file():
        raise UsageError(f"there is no plan {id}", where=PLAN + id)
    found = _named(project, orjson.loads(path.read_bytes())["inputs"]["source"][0])
    if found is None:
        raise UsageError("the snapshot that it was made from is not there any more", where=PLAN + id)
    return _of(found)


def _named(project: Project, id: str) -> Snapshot | None:
    folder = project.snapshots / Path(id).name
    return Snapshot.open(folder, project.cipher) if (folder / "manifest.json").is_file() else None


def _last(project: Project, name: str) -> Snapshot | None:
    """The newest one that was read to its end and holds people."""
    folders = sorted(project.snapshots.glob(f"{name}-*/manifest.json"), reverse=True)
    found = (Snapshot.open(path.parent, project.cipher) for path in folders)
    return next((one for one in found if one.manifest.connection == name and one.sealed and one.has(Kind.PERSON)), None)
