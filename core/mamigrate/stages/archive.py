"""The archive: every piece of history that was ever read, once, as Parquet beside the project; and searching it.

Each reading adds a folder with the rows that no earlier one had. The layout is a snapshot's, so that encryption is the same.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from mamigrate.consent.address import keys
from mamigrate.contract import NeutralRow
from mamigrate.errors import UsageError
from mamigrate.model.kinds import Kind
from mamigrate.settings.project import Project
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move

ROWS = 3_000


@dataclass(frozen=True, slots=True)
class Query:
    """``type`` is the beginning of an activity's type, ``text`` stands in any of its values, ``until`` is not included."""

    source: str = ""
    address: str = ""
    person: str = ""
    type: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50


def keep(move: Move, source: Snapshot) -> None:
    """Add what this snapshot has and the archive has not. Stopped in the middle, the next run does it again."""
    if not source.has(Kind.ACTIVITY):
        return
    _clear(move.project)
    fresh, held = _addressed(move, source), folders(move.project, move.source.name)
    if held:
        fresh = fresh.anti_join(_rows(move.engine, held).select("key"), "key")
    batches = move.engine.batches(fresh.order_by(["happened_at", "key"]), ROWS)
    first = next(batches, None)
    if first is None:
        return
    at = source.manifest.began_at
    made = Snapshot.begin(
        move.project.archive, source.id, move.source.name, move.source.adapter.name, at, move.project.cipher
    )
    made.keep_rows(Kind.ACTIVITY, _neutral(chain([first], batches)))
    made.manifest.sealed_at = at
    made.manifest.save(made.folder)


def _addressed(move: Move, source: Snapshot) -> ir.Table:
    """Activities with the address of their person where they name only the person: the archive outlives who that was."""
    rows, people = move.engine.table(source, Kind.ACTIVITY), move.engine.table(source, Kind.PERSON)
    known = people.select(person_key="key", at="email_loose")
    joined = rows.left_join(known, "person_key")
    return joined.mutate(address_loose=ibis.coalesce(joined.address_loose, joined["at"])).select(*rows.columns)


def _neutral(batches: Iterable[list[dict[str, Any]]]) -> Iterator[Sequence[NeutralRow]]:
    for batch in batches:
        yield [{**row, "values": dict(row["values"] or ())} for row in batch]


def folders(project: Project, source: str = "") -> list[Snapshot]:
    """What the archive holds, of one connection or all. What is not finished is passed over: a run may be at it."""
    found = [Snapshot.open(path, project.cipher) for path in begun(project)]
    return [one for one in found if one.sealed and source in ("", one.manifest.connection)]


def begun(project: Project) -> list[Path]:
    """Folders of the archive, finished or not. Needs no key: a report is written after everything else was."""
    return sorted(path for path in project.archive.iterdir() if (path / "manifest.json").exists())


def _clear(project: Project) -> None:
    """Remove what an earlier process left unfinished. Only for who holds the project's lock."""
    whole = {held.folder for held in folders(project)}
    for path in project.archive.iterdir():
        if path.is_dir() and path not in whole:
            shutil.rmtree(path)


def _rows(engine: Engine, held: Sequence[Snapshot]) -> ir.Table:
    return reduce(lambda one, other: one.union(other), (engine.table(one, Kind.ACTIVITY) for one in held))


def search(project: Project, query: Query, spill: Path) -> tuple[int, list[dict[str, Any]]]:
    """How many rows match, and the newest of them. Raises UsageError where nothing was archived."""
    held = folders(project, query.source)
    if not held:
        of = f" of {query.source}" if query.source else ""
        raise UsageError(f"no history{of} was read into this project yet", fix="decide about it in [history], then run")
    engine = Engine(spill)
    found = engine.keep(_matching(_rows(engine, held), query))
    number = int(engine.one(found.agg(n=ibis._.count()))["n"])
    newest = found.order_by([ibis.desc("happened_at"), "key"]).limit(query.limit)
    return number, [{**row, "values": dict(row["values"] or ())} for row in engine.rows(newest)]


def _matching(rows: ir.Table, query: Query) -> ir.Table:
    if query.address:
        rows = rows.filter(rows.address_loose == (keys(query.address).loose or ""))
    if query.person:
        rows = rows.filter(rows.person_key == query.person)
    if query.type:
        rows = rows.filter(rows.activity_type.startswith(query.type))
    if query.since:
        rows = rows.filter(rows.happened_at >= ibis.literal(query.since))
    if query.until:
        rows = rows.filter(rows.happened_at < ibis.literal(query.until))
    if query.text:
        said = rows["values"].values().join("\n").lower()
        rows = rows.filter(said.contains(query.text.lower()))
    return rows
