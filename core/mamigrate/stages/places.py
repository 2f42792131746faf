"""What lies in a project's folder: what a purge destroys, what it spares, and what is the user's own."""

import hashlib
import hmac
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mamigrate import private
from mamigrate.errors import DamagedSnapshot
from mamigrate.settings.project import NAME, Project
from mamigrate.snapshot import manifest
from mamigrate.stages import report_files
from mamigrate.stages.report_files import PAGES, walk

HOME, REPORTS, EVIDENCE = ".mamigrate", "reports", "evidence"
SPARED = (EVIDENCE, "lock", "ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm")
"""What a purge leaves in ``.mamigrate``. Everything else there is destroyed, whoever put it there."""
ONE_BY_ONE = ("snapshots", "plans", "sandbox")
"""Folders whose entries are told each by itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """Something to destroy. ``path`` is relative to the project.

    ``what``: snapshots, plans, sandbox, crashes, spill, others, drafts, reports (files that name people), shortened (reports
    that lose their rows), facts. ``objects`` are rows by kind, where a snapshot says so. ``elsewhere`` counts files that have
    a further name somewhere. ``digest`` is a keyed hash; empty in a preview.
    """

    what: str
    path: str
    files: int
    bytes: int
    objects: Mapping[str, int] = field(default_factory=dict)
    elsewhere: int = 0
    digest: str = ""


def to_destroy(project: Project, facts: Iterable[Path]) -> Iterator[tuple[Place, list[Path]]]:
    """Everything that a purge destroys, with its files; ``facts`` are files of facts to go too. Makes nothing on disk."""
    home = project.folder / HOME
    found = [*_private(home), *(("drafts", path, [path]) for path in _drafts(project))]
    for path in _entries(project.folder / REPORTS):
        found.append(("reports", path, report_files.naming(path)))
        found.append(
            ("shortened", path, [path / f"{name}{end}" for name in report_files.to_shorten(path) for end in PAGES])
        )
    found += [("facts", path, [path]) for path in facts]
    for what, path, files in found:
        if files or what in ONE_BY_ONE:
            yield _place(project, what, path, files), files


def destroy(project: Project, one: Place, files: Iterable[Path]) -> None:
    """Remove a place, or the files of it that name people. What is shortened is not removed here."""
    path = project.folder / one.path
    if one.what == "reports":
        for file in files:
            private.forget(file)
    elif one.what != "shortened":
        private.forget(path)


def _place(project: Project, what: str, path: Path, files: list[Path]) -> Place:
    told = [one.lstat() for one in files]
    objects = _objects(path) if what == "snapshots" else {}
    elsewhere = sum(one.st_nlink > 1 for one in told)
    relative = str(path.relative_to(project.folder))
    return Place(what, relative, len(files), sum(one.st_size for one in told), objects, elsewhere)


def _private(home: Path) -> Iterator[tuple[str, Path, list[Path]]]:
    for path in _entries(home):
        if path.name in ONE_BY_ONE and not path.is_symlink():
            yield from ((path.name, one, list(walk(one))) for one in _entries(path))
        elif path.name not in SPARED and not private.is_draft(path):
            yield (path.name if path.name in ("crashes", "spill") else "others"), path, list(walk(path))


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _objects(folder: Path) -> dict[str, int]:
    try:
        told = manifest.load(folder)
    except DamagedSnapshot:
        return {}
    return {kind.value: state.rows for kind, state in told.kinds.items() if state.rows}


def _drafts(project: Project) -> list[Path]:
    """What killed processes left of files that they were about to replace, where files stay."""
    home = project.folder / HOME
    parents = (project.folder, home, home / EVIDENCE)
    return [path for parent in parents for path in _entries(parent) if private.is_draft(path)]


# --- what stays ----------------------------------------------------------------------------------------------------------


def evidence(project: Project) -> list[Path]:
    """What a purge spares."""
    return [path for path in walk(project.folder / HOME / EVIDENCE) if not private.is_draft(path)]


def reports_left(project: Project) -> list[Path]:
    """Files of reports that name nobody."""
    every = (path for report in _entries(project.folder / REPORTS) for path in walk(report))
    gone = {path for report in _entries(project.folder / REPORTS) for path in report_files.naming(report)}
    return [path for path in every if path not in gone]


def inside(project: Project, paths: Iterable[Path]) -> list[Path]:
    """Those of ``paths`` that are files inside the project's folder. Nothing outside it is ever removed."""
    home = project.folder.resolve()
    found = sorted({path.resolve() for path in paths if path.is_file()})
    return [project.folder / path.relative_to(home) for path in found if path.is_relative_to(home)]


def outside(project: Project, paths: Iterable[Path]) -> list[Path]:
    home = project.folder.resolve()
    return sorted({path for path in paths if path.is_file() and not path.resolve().is_relative_to(home)})


def written_by_hand(project: Project) -> list[Path]:
    """The project's file, its mapping and its decisions."""
    return [path for path in (project.folder / NAME, project.mapping_path, project.decisions_path) if path.is_file()]


def others(project: Project, facts: Iterable[Path]) -> list[Path]:
    """Files in the folder that the program does not know."""
    known = {*written_by_hand(project), *facts, *_drafts(project)}
    entries = [path for path in _entries(project.folder) if path.name not in (HOME, REPORTS)]
    return [path for entry in entries for path in walk(entry) if path not in known]


def measured(files: Iterable[Path]) -> dict[str, int]:
    sizes = [path.lstat().st_size for path in files]
    return {"files": len(sizes), "bytes": sum(sizes)}


# --- known again -----------------------------------------------------------------------------------------------------------


def digest(key: bytes, path: Path, files: Iterable[Path]) -> str:
    """A keyed hash of files and of their names below ``path``, by which a copy is known again.

    Without a key, the hash of a file of a few people would tell who they are to anybody who guesses.
    """
    found = hmac.new(key, digestmod=hashlib.sha256)
    for one in sorted(files):
        name = "" if one == path else str(one.relative_to(path))
        content = os.readlink(one) if one.is_symlink() else manifest.sha256(one)
        found.update(f"{content}  {name}\n".encode(errors="surrogateescape"))
    return found.hexdigest()
