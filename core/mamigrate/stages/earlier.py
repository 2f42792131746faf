"""Folders of tombstones that earlier projects left: which of those that runs of this one read are still to be had, and where."""

from pathlib import Path

from mamigrate.errors import LocalTrouble, UsageError
from mamigrate.ledger.store import Ledger
from mamigrate.settings import decisions
from mamigrate.settings.project import Project
from mamigrate.stages import told, tombs


def folders(project: Project, ledger: Ledger) -> list[Path]:
    """Those that are there: what the project names, and what runs read. A lost one was told before."""
    noted = tombs.noted(ledger)
    read = {one for one in map(Path, noted.values()) if _id(one) in noted}
    return sorted(read | {one for one in project.tombstones() if _id(one)})


def gone(project: Project, ledger: Ledger) -> dict[str, str]:
    """Those that a run read, or the project names, and that cannot be read, without a decision: why, by their names.

    A folder in which others lie now counts as gone, unless the project names those of then elsewhere.
    """
    named, forgotten = project.tombstones(), decisions.load(project.decisions_path)
    known, lost = {_id(one) for one in named}, {str(one): _trouble(one) for one in named}
    for id, name in sorted(tombs.noted(ledger).items()):
        if id in known or forgotten.choice(f"{told.DECISION}{id}") == "accept":
            continue
        lost[name] = _trouble(Path(name))
        if _id(Path(name)) not in ("", id):
            lost[f"{name} ({id})"] = f"other tombstones lie there now; sign {told.DECISION}{id} to let those of then go"
    return {name: reason for name, reason in lost.items() if reason}


def _id(folder: Path) -> str:
    """Of the tombstones that lie there; empty where they cannot be read."""
    return "" if _trouble(folder) else tombs.id_of(tombs.of_folder(folder)[0])


def _trouble(folder: Path) -> str:
    try:
        tombs.of_folder(folder)
    except (UsageError, LocalTrouble) as error:
        return error.problem
    return ""
