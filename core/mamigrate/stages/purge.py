"""Destroy the personal data that a move staged. Killed anywhere, the same command goes on; evidence and tombstones are spared.

What is there is noted in the ledger first. Then denied addresses become tombstones, files go, reports lose their rows, the
ledger its people and its free pages; then all of it is looked for again, and what was done is told in a statement.
"""

import getpass
import os
import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from mamigrate.contract import Blocker, NeutralRow
from mamigrate.errors import LocalTrouble, ProjectInUse, UsageError
from mamigrate.findings import Findings, Severity
from mamigrate.ledger.lock import at_work
from mamigrate.ledger.store import Ledger
from mamigrate.ledger.tables import Purge
from mamigrate.model.estate import Field
from mamigrate.model.kinds import Kind
from mamigrate.reports import language
from mamigrate.settings import decisions
from mamigrate.settings.project import Project
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import earlier, places, report_files, resume, told, tombs, transfers
from mamigrate.stages.move import Progress, silent
from mamigrate.stages.places import Place

COMMAND = "purge"


@dataclass(slots=True)
class Purging:
    """A project whose people are to go. ``titles`` are installed adapters, ``blockers`` what denies on each connection;
    ``abandon``: whatever is not finished is given up. ``at_work``: another process works on the project now.
    """

    project: Project
    ledger: Ledger
    titles: Mapping[str, str]
    blockers: Mapping[str, Sequence[Blocker]]
    who: str = ""
    facts: bool = False
    abandon: bool = False
    lang: str | None = None
    progress: Progress = silent
    at_work: bool = False
    findings: Findings = field(default_factory=Findings)

    def facts_known(self) -> list[Path]:
        """Files of facts of the project, and those that runs were given."""
        inputs = [name for run in self.ledger.runs() for name in self.ledger.inputs(run.id)]
        given = [Path(name.removeprefix(resume.FACTS)) for name in inputs if name.startswith(resume.FACTS)]
        return [*self.project.facts_files(), *given]

    def to_destroy(self) -> Iterator[tuple[Place, list[Path]]]:
        going = places.inside(self.project, self.facts_known()) if self.facts else []
        return places.to_destroy(self.project, going)


@dataclass(frozen=True, slots=True)
class Found:
    """What a purge would destroy: places of the folder, and rows of the ledger by table."""

    places: Sequence[Place]
    rows: Mapping[str, int]

    @property
    def empty(self) -> bool:
        return not self.places and not self.rows


def look(purging: Purging) -> Found:
    """What is there now. Changes nothing."""
    found = Found([one for one, _ in purging.to_destroy()], purging.ledger.people_rows())
    _warn(purging, found)
    return found


def _warn(purging: Purging, found: Found) -> None:
    if elsewhere := sum(one.elsewhere for one in found.places):
        purging.findings.add("purge_linked", Severity.WARN, str(purging.project.folder), count=str(elsewhere))
    for path in places.outside(purging.project, purging.facts_known()):
        purging.findings.add("purge_facts_outside", Severity.NOTE, str(path))


def hold_up(purging: Purging) -> None:
    """Add the findings that forbid a purge: a move that did not come to a good end, and denials that cannot be read.

    Nothing holds up a purge that has begun: what it destroys is destroyed in part already.
    """
    if going(purging) is not None:
        return
    runs = purging.ledger.runs()
    for run in [] if purging.abandon else resume.ended_badly(runs):
        subject = f"{run.command} {run.id}"
        said = resume.KILLED if run.status == "running" and not purging.at_work else run.status
        purging.findings.add("purge_run_open", Severity.BLOCK, subject, what=f"{run.source} -> {run.target}", said=said)
    batches = len(purging.ledger.open_batches())
    if batches and not purging.abandon:
        purging.findings.add("purge_writes_open", Severity.BLOCK, purging.project.folder.name, count=str(batches))
    for name, reason in _left_out(purging).items():
        if not purging.abandon:
            purging.findings.add("purge_denials_unread", Severity.BLOCK, name, reason=reason)


def _left_out(purging: Purging) -> dict[str, str]:
    """What would leave no tombstones, with the reason."""
    return {**_unread(purging), **_lost(purging), **earlier.gone(purging.project, purging.ledger)}


def _unread(purging: Purging) -> dict[str, str]:
    """Snapshots whose denials leave no tombstone, with the reason."""
    return {path.name: found.problem for path, found in _snapshots(purging) if isinstance(found, LocalTrouble)}


def _lost(purging: Purging) -> dict[str, str]:
    """Files of facts that a run read and of which no copy is left, with what lets them go."""
    gone = told.lost(purging.project, purging.ledger, decisions.load(purging.project.decisions_path))
    return {name: f"the copy {id} of this file of facts is gone" for id, name in gone.items()}


def _snapshots(purging: Purging) -> Iterator[tuple[Path, Snapshot | LocalTrouble]]:
    try:
        cipher = purging.project.cipher
    except (UsageError, LocalTrouble):
        cipher = None  # what needs the key says so itself
    return tombs.snapshots(purging.project, cipher)


# --- doing it ------------------------------------------------------------------------------------------------------------


def begin(purging: Purging, found: Found) -> str:
    """Note what is there and who asked, or go on with a purge that did not come to its end. Returns its id.

    Raises ProjectInUse while a sandbox of this folder is served.
    """
    _no_sandbox(purging.project)
    begun = going(purging) or _begun(purging)
    purging.ledger.note_run(begun.run_id, status="running", exit_code=None, ended_at=None)
    noted = orjson.loads(begun.found)
    purging.facts = noted["facts"] = purging.facts or noted["facts"]
    purging.ledger.note_purge(begun.run_id, found=orjson.dumps(_more(purging, noted, found)))
    return begun.run_id


def going(purging: Purging) -> Purge | None:
    """The purge that did not come to its end."""
    return next((one for one in purging.ledger.purges() if one.ended_at is None), None)


def _begun(purging: Purging) -> Purge:
    """A new purge, with what nobody can tell afterwards."""
    run, runs = resume.new_run("", "", COMMAND), purging.ledger.runs()
    noted = {
        "places": [],
        "rows": {},
        "facts": False,
        "platforms": transfers.platforms(purging.project, purging.ledger, purging.titles),
        "abandoned": [one.id for one in resume.ended_badly(runs)],
        "writes_open": len(purging.ledger.open_batches()),
        "unread": _left_out(purging),
    }
    who, machine = purging.who or _login(), socket.gethostname()
    begun = Purge(run_id=run.id, who=who, machine=machine, began_at=run.began_at, found=orjson.dumps(noted))
    purging.ledger.begin_purge(begun, run)
    return begun


def _more(purging: Purging, noted: dict[str, Any], found: Found) -> dict[str, Any]:
    """What was noted first counts: a successor of a killed purge sees only what that one left."""
    key = tombs.key_of(purging.project, make=True)
    assert key is not None
    known = {(one["what"], one["path"]) for one in noted["places"]}
    fresh = [(one, files) for one, files in purging.to_destroy() if (one.what, one.path) not in known]
    for done, (one, files) in enumerate(fresh, 1):
        hashed = places.digest(key, purging.project.folder / one.path, files)
        noted["places"].append(asdict(one) | {"digest": hashed})
        purging.progress("note what is there", done, len(fresh))
    noted["rows"] = {**found.rows, **noted["rows"]}
    return noted


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _no_sandbox(project: Project) -> None:
    for path in sorted((project.folder / ".mamigrate" / "sandbox").glob("*.lock")):
        if holder := at_work(path):
            raise ProjectInUse(f"the sandbox {path.stem} is served", path=path, holder=f"sandbox {path.stem}: {holder}")


def carry_out(purging: Purging, run_id: str) -> None:
    """Destroy what was noted. May be called again after it was cut off anywhere. Raises LocalTrouble."""
    purge = next(one for one in purging.ledger.purges() if one.run_id == run_id)
    if not purge.marked:
        _bury(purging, run_id)
    _remove(purging)
    _shorten(purging)
    _remove(purging)  # what hung on a report that could not be shortened
    for run in resume.unfinished(purging.ledger.runs()):
        purging.ledger.abandon(run.id)
    purging.progress("empty the ledger", 0, 2)
    purging.ledger.forget_people()
    purging.progress("empty the ledger", 1, 2)
    purging.ledger.vacuum()
    purging.progress("empty the ledger", 2, 2)
    for one, _ in purging.to_destroy():
        purging.findings.add("purge_left", Severity.BLOCK, one.path, count=str(one.files))


def _bury(purging: Purging, run_id: str) -> None:
    """Tombstones first: afterwards nobody could say who was denied."""
    tombs.add(purging.project, _denied(purging), tombs.of_ledger(purging.ledger))
    purging.ledger.note_purge(run_id, marked=True)


def _denied(purging: Purging) -> Iterator[tuple[str, str]]:
    before = earlier.folders(purging.project, purging.ledger)
    yield from _of_files(purging, before)
    engine = Engine(purging.project.spill)
    read = [found for _, found in _snapshots(purging) if isinstance(found, Snapshot)]
    try:
        for done, snapshot in enumerate(read, 1):
            yield from tombs.of_snapshot(engine, snapshot, purging.project.file.consent.pending_term)
            yield from tombs.of_flags(engine, snapshot, purging.blockers.get(snapshot.manifest.connection, ()))
            yield from _of_columns(purging, engine, snapshot)
            yield from tombs.of_earlier(before, tombs.addresses(engine, snapshot))
            purging.progress("bury denied addresses", done, len(read))
        yield from tombs.of_late(purging.ledger, engine, read)
    finally:
        shutil.rmtree(purging.project.spill, ignore_errors=True)


def _of_files(purging: Purging, before: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """What files of facts deny, and what earlier tombstones say of everybody whom one names, whatever it tells of them."""
    named = set[str]()
    for row in _filed(purging):
        if loose := row["address_loose"]:
            named.add(loose)
            yield from [(loose, row["kind"])] if row["polarity"] == "-" else []
    yield from tombs.of_earlier(before, sorted(named))


def _filed(purging: Purging) -> Iterator[NeutralRow]:
    for path in purging.facts_known():
        if path.is_file():
            yield from tombs.of_file(path)
    yield from told.facts(purging.project, purging.ledger)


def _of_columns(purging: Purging, engine: Engine, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """What declared columns deny, on connections from which something was moved."""
    sources = {run.source for run in purging.ledger.runs()}
    if snapshot.manifest.connection in sources:
        there = {f.api_name for f in snapshot.estate(Kind.FIELD) if isinstance(f, Field) and f.holder is Kind.PERSON}
        for field, column in decisions.load(purging.project.decisions_path).columns().items():
            if field in there:
                yield from tombs.of_column(engine, snapshot, field, column)


def _remove(purging: Purging) -> None:
    found = list(purging.to_destroy())
    for done, (one, files) in enumerate(found, 1):
        places.destroy(purging.project, one, files)
        purging.progress("destroy", done, len(found))


def _shorten(purging: Purging) -> None:
    lang = language.choose(purging.lang, purging.project.file.project.lang, os.environ)
    for one, _ in purging.to_destroy():
        if one.what == "shortened":
            report_files.shorten(purging.project.folder / one.path, lang, tuple(purging.titles))
